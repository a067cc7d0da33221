/* SPDX-License-Identifier: BSD-3-Clause */
#include "usage.h"

static const char intro[] =
	"usage: seki-gen --out FILE.pcap [--labels FILE.labels] [OPTION...]\n"
	"       seki-gen live --device VDEV [--device2 VDEV] [OPTION...]\n\n"
	"Makes the traffic of an ordinary network's edge with an attack in it, or with an event that looks like one,\n"
	"and knows for each packet whether it is part of the attack (A), legitimate (L), or neither (O: scans, what\n"
	"the inside answers to an attack). The first form writes a capture; the second sends at the trace's own pace\n"
	"and tells from what comes back what passed. Payloads of 16 bytes and more begin with a mark: \"SEKI\", the\n"
	"label, three zero bytes, and the packet's number as 64 bits in network order.\n\n"
	"Inside: 198.18.16.0/20 and 2001:db8:51::/48. A /24 and a /22 are the first ones of it; the one host is\n"
	"198.18.16.10. Everybody else is outside, at 198.18.64.0 and up, 198.19.0.0/16, 203.0.113.0/24, 192.0.2.0/24\n"
	"and the rest of 2001:db8::/32; forged sources are any unicast address.\n\n";

static void
print_words(FILE *out, const struct gen_option *row)
{
	fprintf(out, " (");
	for (int i = 0; row->words[i] != NULL; i++)
		fprintf(out, "%s%s", i == 0 ? "" : ", ", row->words[i]);
	fprintf(out, ")\n");
}

static void
print_options(FILE *out, enum gen_option_where where)
{
	for (unsigned i = 0; i < gen_n_options; i++) {
		const struct gen_option *row = &gen_option_rows[i];

		if (row->where != where)
			continue;
		fprintf(out, "  --%-11s %s", row->name, row->help);
		if (row->words != NULL)
			print_words(out, row);
		else
			fputc('\n', out);
	}
}

void
gen_usage(FILE *out)
{
	const struct gen_scenario *row;
	const char *name;

	fputs(intro, out);
	fputs("to a capture:\n", out);
	print_options(out, GEN_CAPTURE);
	fputs("live:\n", out);
	print_options(out, GEN_LIVE);
	fputs("both:\n", out);
	print_options(out, GEN_BOTH);
	fputs("scenarios:\n", out);
	for (unsigned i = 0; (row = gen_scenario_row(i)) != NULL; i++)
		fprintf(out, "  %-11s %s\n", row->name, row->help);
	fputs("vectors of reflection:", out);
	for (unsigned i = 0; (name = gen_reflector_name(i)) != NULL; i++)
		fprintf(out, "%s%s", i % 12 == 0 ? "\n  " : " ", name);
	fputc('\n', out);
}
