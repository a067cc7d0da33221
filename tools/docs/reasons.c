/* SPDX-License-Identifier: BSD-3-Clause */

/* docs/reasons.md, from reasons.def and vectors.def. */

#include "reasons.h"

#include "verdict.h"

static const char intro[] = "# Reasons\n"
			    "\n"
			    "<!-- Generated from lib/pkt/reasons.def by `seki-docs reasons`; do not edit. -->\n"
			    "\n"
			    "Every packet ends with exactly one verdict and one of these reasons. The names are an "
			    "interface: they stand on\n"
			    "the telemetry socket, in `seki replay` and in reports, and do not change.\n";

static const char observed[] =
	"\nWhat a countermeasure would have done that observes, or that no incident has raised, is counted under the same\n"
	"names, apart from what was done: `observed`, one reason for each packet. It is that of the first one with something\n"
	"to say; or, in a zone that observes, of the one that would have dropped the packet if the zone enforced.\n";

static const char vectors[] =
	"\n## Vectors\n"
	"\n"
	"The kind of traffic that a packet is, found from its headers alone; each packet has exactly one. Budgets are\n"
	"set for the classes that group them.\n"
	"\n"
	"| vector | class | UDP source port | what it is |\n|---|---|---|---|\n";

static void
put_reasons(FILE *out, const char *title, enum seki_verdict verdict)
{
	fprintf(out, "\n## %s\n\n| reason | what it means |\n|---|---|\n", title);
	for (unsigned r = SEKI_REASON_NONE + 1; r < SEKI_N_REASONS; r++)
		if (seki_reason_verdict(r) == verdict)
			fprintf(out, "| `%s` | %s |\n", seki_reason_name(r), seki_reason_sentence(r));
}

void
docs_write_reasons(FILE *out)
{
	fputs(intro, out);
	put_reasons(out, "Passed", SEKI_VERDICT_PASS);
	put_reasons(out, "Dropped", SEKI_VERDICT_DROP);
	fputs(observed, out);
	fputs(vectors, out);
	for (unsigned v = 0; v < SEKI_N_VECTORS; v++) {
		fprintf(out, "| `%s` | %s | ", seki_vector_name(v), seki_class_name(seki_vector_class[v]));
		if (seki_vector_port(v) != 0)
			fprintf(out, "%u", seki_vector_port(v));
		fprintf(out, " | %s |\n", seki_vector_description(v));
	}
}
