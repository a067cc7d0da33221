/* SPDX-License-Identifier: BSD-3-Clause */

/* docs/vectors.md, from vectors.def and ladders.def. */

#include "vectors.h"

#include "ladder.h"
#include "units.h"
#include "verdict.h"
#include "zone_limits.h"

static const char intro[] =
	"# Vectors\n"
	"\n"
	"<!-- Generated from lib/pkt/vectors.def and lib/detect/ladders.def by `seki-docs vectors`; do not edit. -->\n"
	"\n"
	"The kinds of traffic that attacks use. Each packet has exactly one, found from its headers alone. Names are an\n"
	"interface: they stand in the configuration (`zones.limits`), in incidents, in signatures and on the telemetry socket.\n"
	"\n"
	"The limits are how much of a vector strangers, packets of no known flow, may send to one host and to a zone where the\n"
	"configuration does not say otherwise. The prefixes between have limits between, in equal ratios. More is an attack;\n"
	"of `tcp_syn` only if handshakes fail to complete, or few sources ask for most of it; of vectors on the ladder `stray` only\n"
	"if it is not of connections in whose middle the inside turns out to be; of any if the zone is over its stated capacity.\n"
	"\n"
	"| vector | which packets | class | host | zone | ladder | what it is |\n|---|---|---|---|---|---|---|\n";

static const char ladders[] =
	"\n## Ladders\n"
	"\n"
	"What is done about an attack of a vector: the steps of its ladder, the mildest first. The first one that is\n"
	"raised is the mildest that can be expected to be enough by what is known of the attack, or one that a tenth of a second of\n"
	"trying tells of; the next one when more still passes than may, `proven` when that is more than the limit\n"
	"([ADR 11](adr/0011-detection.md)). `budget` of `stray` is there once `tcp_state` knows the connections (`arm_after`).\n"
	"\n"
	"| ladder | steps |\n|---|---|\n";

static const char steps[] = "\n| step | what it does |\n|---|---|\n";

static const char *const match[SEKI_N_VECTORS] = {
#define VECTOR(id, name, class, ladder, host_pps, zone_pps, match, description) match,
#include "vectors.def"
};

static const char *const ladder_name[SEKI_N_LADDERS] = {
#define LADDER(id, ...) #id,
#include "ladders.def"
};

/* Ladders have no names but their ids. */
static void
put_lower(FILE *out, const char *text)
{
	for (; *text != '\0'; text++)
		fputc(*text >= 'A' && *text <= 'Z' ? *text - 'A' + 'a' : *text, out);
}

static void
put_limit(FILE *out, uint64_t pps)
{
	char text[32];

	fprintf(out, " | %s", pps == 0 ? "none" : seki_unit_format(SEKI_UNIT_PPS, pps, text));
}

static void
put_vector(FILE *out, unsigned v, const struct seki_limits *limits)
{
	fprintf(out, "| `%s` | %s | %s", seki_vector_name(v), match[v], seki_class_name(seki_vector_class[v]));
	put_limit(out, limits->at[SEKI_LEVEL_HOST][v].pps);
	put_limit(out, limits->at[SEKI_LEVEL_ZONE][v].pps);
	fputs(" | ", out);
	put_lower(out, ladder_name[seki_ladder_of(v)]);
	fprintf(out, " | %s |\n", seki_vector_description(v));
}

/* The first vector that has it stands for all. */
static void
put_ladder(FILE *out, enum seki_ladder ladder)
{
	unsigned v = 0;
	enum seki_step step = SEKI_STEP_NONE;

	while (v < SEKI_N_VECTORS && seki_ladder_of(v) != ladder)
		v++;
	fputs("| ", out);
	put_lower(out, ladder_name[ladder]);
	fputs(" | ", out);
	while ((step = seki_step_above(v, step, UINT32_MAX)) != SEKI_STEP_NONE)
		fprintf(out, "%s%s", seki_step_name(step),
			seki_step_above(v, step, UINT32_MAX) == SEKI_STEP_NONE ? "" : ", ");
	if (seki_step_above(v, SEKI_STEP_NONE, UINT32_MAX) == SEKI_STEP_NONE)
		fputs("none", out);
	fputs(" |\n", out);
}

void
docs_write_vectors(FILE *out)
{
	struct seki_limits limits;

	seki_limits_default(&limits);
	fputs(intro, out);
	for (unsigned v = 0; v < SEKI_N_VECTORS; v++)
		put_vector(out, v, &limits);
	fputs(ladders, out);
	for (unsigned l = 0; l < SEKI_N_LADDERS; l++)
		put_ladder(out, (enum seki_ladder)l);
	fputs(steps, out);
	for (unsigned s = SEKI_STEP_NONE + 1; s < SEKI_N_STEPS; s++)
		fprintf(out, "| %s | %s |\n", seki_step_name(s), seki_step_sentence(s));
}
