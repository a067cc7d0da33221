/* SPDX-License-Identifier: BSD-3-Clause */
#include "report.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

static const char *const row_names[GEN_N_ROWS] = {"attack", "legitimate", "other"};

static uint64_t
rate(uint64_t now, uint64_t before, uint64_t time_ns)
{
	return time_ns == 0 ? 0 : (uint64_t)((unsigned __int128)(now - before) * GEN_NS_PER_S / time_ns);
}

void
gen_report_interval(FILE *out, const struct gen_tally *tally, struct gen_tally_mark *mark, uint64_t now_ns)
{
	uint64_t time_ns = now_ns - mark->at_ns;

	fprintf(out, "%4" PRIu64 " s", now_ns / GEN_NS_PER_S);
	for (int row = 0; row < GEN_ROW_OTHER; row++)
		fprintf(out, "   %s %" PRIu64 " pps, %" PRIu64 " passed", row_names[row],
			rate(tally->offered[row].packets, mark->offered[row], time_ns),
			rate(tally->passed[row].packets, mark->passed[row], time_ns));
	fprintf(out, "   %" PRIu64 " late\n", tally->late);
	fflush(out);
	mark->at_ns = now_ns;
	for (int row = 0; row < GEN_N_ROWS; row++) {
		mark->offered[row] = tally->offered[row].packets;
		mark->passed[row] = tally->passed[row].packets;
	}
}

/* Shares in hundredths of a per cent; UINT64_MAX: of nothing. */
struct shares {
	uint64_t leak, collateral;
};

static uint64_t
lost(const struct gen_tally *tally, enum gen_row row)
{
	return tally->offered[row].packets - tally->passed[row].packets;
}

static struct shares
shares_of(const struct gen_tally *tally)
{
	const struct gen_count *attack = &tally->offered[GEN_ROW_ATTACK], *legit = &tally->offered[GEN_ROW_LEGIT];

	return (struct shares){
		.leak = attack->packets == 0 ? UINT64_MAX
					     : gen_tally_share(tally->passed[GEN_ROW_ATTACK].packets, attack->packets),
		.collateral =
			legit->packets == 0 ? UINT64_MAX : gen_tally_share(lost(tally, GEN_ROW_LEGIT), legit->packets),
	};
}

static void
json_share(const char *name, uint64_t share)
{
	if (share == UINT64_MAX)
		printf("  \"%s\": null,\n", name);
	else
		printf("  \"%s\": %" PRIu64 ".%02" PRIu64 ",\n", name, share / 100, share % 100);
}

static void
json_row(const struct gen_tally *tally, enum gen_row row)
{
	const struct gen_count *offered = &tally->offered[row], *passed = &tally->passed[row];
	const struct gen_hist *latency = &tally->latency[row];

	printf("  \"%s\": {\"offered\": %" PRIu64 ", \"passed\": %" PRIu64 ", \"dropped\": %" PRIu64 ", ",
		row_names[row], offered->packets, passed->packets, lost(tally, row));
	printf("\"offered_bytes\": %" PRIu64 ", \"passed_bytes\": %" PRIu64 ", ", offered->bytes, passed->bytes);
	if (latency->n == 0)
		printf("\"latency_ns\": null},\n");
	else
		printf("\"latency_ns\": {\"min\": %" PRIu64 ", \"median\": %" PRIu64 ", \"p99\": %" PRIu64 "}},\n",
			latency->min, gen_hist_at(latency, 500), gen_hist_at(latency, 990));
}

/* Of each tenth of a second of the attack, what was offered and what passed: for who knows when something happened. */
static void
json_tenths(const struct gen_tally *tally)
{
	uint64_t began_ns = tally->start_wall_ns + tally->first_attack_ns;

	if (tally->n_tenths == 0) {
		printf("  \"attack_began\": null,\n  \"attack_tenths\": [],\n");
		return;
	}
	printf("  \"attack_began\": %" PRIu64 ".%03" PRIu64 ",\n  \"attack_tenths\": [", began_ns / GEN_NS_PER_S,
		began_ns % GEN_NS_PER_S / 1000000);
	for (size_t i = 0; i < tally->n_tenths; i++)
		printf("%s[%" PRIu32 ", %" PRIu32 "]", i == 0 ? "" : ", ", tally->tenth[i].offered,
			tally->tenth[i].passed);
	printf("],\n");
}

static void
print_json(const struct gen_options *options, const struct gen_tally *tally, bool interrupted)
{
	struct shares shares = shares_of(tally);
	uint64_t mitigated_ns = gen_tally_mitigated(tally);

	printf("{\n  \"scenario\": \"%s\",\n", options->scenario->name);
	for (int row = 0; row < GEN_N_ROWS; row++)
		json_row(tally, row);
	json_share("leak_percent", shares.leak);
	json_share("collateral_percent", shares.collateral);
	if (mitigated_ns == UINT64_MAX)
		printf("  \"time_to_mitigate_ms\": null,\n");
	else
		printf("  \"time_to_mitigate_ms\": %" PRIu64 ",\n", mitigated_ns / 1000000);
	json_tenths(tally);
	printf("  \"milliseconds\": %" PRIu64 ",\n", tally->length_ns / 1000000);
	printf("  \"late\": %" PRIu64 ",\n  \"worst_late_ms\": %" PRIu64 ",\n", tally->late,
		tally->worst_late_ns / 1000000);
	printf("  \"unsent\": %" PRIu64 ",\n  \"unknown\": %" PRIu64 ",\n  \"given_up\": %" PRIu64 ",\n", tally->unsent,
		tally->unknown, tally->given_up);
	printf("  \"interrupted\": %s\n}\n", interrupted ? "true" : "false");
}

static void
print_row(const struct gen_tally *tally, enum gen_row row, const char *what, uint64_t share)
{
	const struct gen_count *offered = &tally->offered[row], *passed = &tally->passed[row];

	if (offered->packets == 0)
		return;
	printf("  %-12s%12" PRIu64 "%12" PRIu64 "%12" PRIu64 "%16" PRIu64 "%16" PRIu64, row_names[row],
		offered->packets, passed->packets, lost(tally, row), offered->bytes, passed->bytes);
	if (what != NULL)
		printf("   %s %" PRIu64 ".%02" PRIu64 " %%", what, share / 100, share % 100);
	putchar('\n');
}

static void
print_latency(const struct gen_tally *tally, enum gen_row row)
{
	const struct gen_hist *latency = &tally->latency[row];

	if (latency->n > 0)
		printf("  latency of %-12s%8" PRIu64 " us at least,%8" PRIu64 " us median,%8" PRIu64 " us 99 %%\n",
			row_names[row], latency->min / 1000, gen_hist_at(latency, 500) / 1000,
			gen_hist_at(latency, 990) / 1000);
}

static void
print_text(const struct gen_tally *tally)
{
	struct shares shares = shares_of(tally);
	uint64_t mitigated_ns = gen_tally_mitigated(tally), n = 0;

	for (int row = 0; row < GEN_N_ROWS; row++)
		n += tally->offered[row].packets;
	printf("  %-12s%12s%12s%12s%16s%16s\n", "", "offered", "passed", "dropped", "offered bytes", "passed bytes");
	print_row(tally, GEN_ROW_ATTACK, "leak", shares.leak);
	print_row(tally, GEN_ROW_LEGIT, "collateral", shares.collateral);
	print_row(tally, GEN_ROW_OTHER, NULL, 0);
	print_latency(tally, GEN_ROW_ATTACK);
	print_latency(tally, GEN_ROW_LEGIT);
	if (mitigated_ns != UINT64_MAX)
		printf("  mitigated %" PRIu64 " ms after the attack began: from then on less than 1 %% of it passed\n",
			mitigated_ns / 1000000);
	else if (tally->offered[GEN_ROW_ATTACK].packets > 0)
		printf("  not mitigated: there was no second in which less than 1 %% of the attack passed\n");
	printf("  %" PRIu64 " pps over %" PRIu64 " ms; %" PRIu64 " late, %" PRIu64 " not taken by the port, %" PRIu64
	       " received that nobody sent\n",
		rate(n, 0, tally->length_ns), tally->length_ns / 1000000, tally->late, tally->unsent, tally->unknown);
}

/* What the figures must be read with. */
static void
warn(const struct gen_tally *tally)
{
	if (tally->late > 0)
		fprintf(stderr,
			"seki-gen: the pace was not kept: %" PRIu64
			" packets left more than 1 ms late, one of them %" PRIu64 " ms\n",
			tally->late, tally->worst_late_ns / 1000000);
	if (tally->given_up > 0)
		fprintf(stderr,
			"seki-gen: %" PRIu64
			" packets from inside did not come out within 100 ms, and answers to them may have "
			"been seen first\n",
			tally->given_up);
}

int
gen_report(const struct gen_options *options, const struct gen_tally *tally, bool interrupted)
{
	if (options->json)
		print_json(options, tally, interrupted);
	else
		print_text(tally);
	warn(tally);
	if (fflush(stdout) == 0 && !ferror(stdout))
		return 0;
	fprintf(stderr, "seki-gen: the report cannot be written: %s\n", strerror(errno));
	return 1;
}
