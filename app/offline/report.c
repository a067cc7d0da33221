/* SPDX-License-Identifier: BSD-3-Clause */
#include "report.h"

#include "json.h"
#include "printable.h"

#include <inttypes.h>
#include <string.h>

#define NS_PER_S UINT64_C(1000000000)

/* Totals of one zone, or of all. */
struct tally {
	uint64_t packets;
	uint64_t by_verdict[SEKI_N_VERDICTS];
	uint64_t by_reason[SEKI_N_REASONS];
	uint64_t observed;
	uint64_t observed_by_reason[SEKI_N_REASONS];
};

static void
tally_add(struct tally *tally, const struct seki_stats_zone *zone)
{
	for (unsigned r = 0; r < SEKI_N_REASONS; r++) {
		uint64_t n = 0;

		for (unsigned d = 0; d < SEKI_N_DIRECTIONS; d++)
			n += zone->by_reason[d][r].packets;
		tally->packets += n;
		tally->by_reason[r] += n;
		tally->by_verdict[seki_reason_verdict(r)] += n;
		tally->observed += zone->observed[r].packets;
		tally->observed_by_reason[r] += zone->observed[r].packets;
	}
}

/* Zones that the policy does not have were not written, and are not read: they would cost their memory. */
static struct tally
tally_all(const struct report *report)
{
	struct tally tally = {0};

	for (unsigned z = 0; z == SEKI_ZONE_NONE || z < report->policy->zone_id_end; z++)
		tally_add(&tally, &report->stats->zone[z]);
	return tally;
}

void
report_row_header(FILE *out)
{
	fprintf(out, "packet\ttime\tdirection\tverdict\treason\tzone\n");
}

void
report_row(FILE *out, const struct seki_policy *policy, const struct report_row *row)
{
	fprintf(out, "%" PRIu64 "\t%" PRIu64 ".%09u\t%s\t%s\t%s\t%s\n", row->number, row->time_ns / NS_PER_S,
		(unsigned)(row->time_ns % NS_PER_S), seki_direction_name(row->direction),
		seki_verdict_name(row->verdict), seki_reason_name(row->reason),
		row->zone == SEKI_ZONE_NONE ? "-" : policy->zone[row->zone].name);
}

void
report_count(struct report *report, const struct report_row *row)
{
	report->by_verdict[row->verdict]++;
	report->cut_by_reason[row->reason] += row->cut;
}

bool
report_check(const struct report *report, FILE *out)
{
	const uint64_t *rows = report->by_verdict;
	struct seki_balance sum;

	seki_stats_balance(report->stats, &sum);
	const struct {
		const char *left, *right;
		uint64_t a, b;
	} terms[] = {
		{"packets read", "packets received", report->packets, sum.rx.packets},
		{"received + generated", "passed + dropped + challenged", sum.rx.packets + sum.generated.packets,
			sum.tx.packets + sum.dropped.packets + sum.challenged.packets},
		{"bytes received + generated", "passed + dropped + challenged", sum.rx.bytes + sum.generated.bytes,
			sum.tx.bytes + sum.dropped.bytes + sum.challenged.bytes},
		{"passed", "packets written", sum.tx.packets, report->written},
		{"passed", "rows that say pass", sum.tx.packets, rows[SEKI_VERDICT_PASS]},
		{"dropped", "rows that say drop", sum.dropped.packets, rows[SEKI_VERDICT_DROP]},
		{"challenged", "rows that say challenge", sum.challenged.packets, rows[SEKI_VERDICT_CHALLENGE]},
		{"rows without a verdict", "none", rows[SEKI_VERDICT_NONE], 0},
	};
	bool holds = true;

	for (size_t i = 0; i < sizeof(terms) / sizeof(terms[0]); i++) {
		if (terms[i].a == terms[i].b)
			continue;
		holds = false;
		fprintf(out,
			"seki: the accounting does not add up, which is a bug in Seki: %s %" PRIu64 ", %s %" PRIu64
			"\n",
			terms[i].left, terms[i].a, terms[i].right, terms[i].b);
	}
	return holds;
}

/* The rows of one verdict, largest first: each pass prints the largest not yet printed. */
static void
print_reasons(const uint64_t *by_reason, enum seki_verdict verdict, FILE *out)
{
	bool done[SEKI_N_REASONS] = {0};

	for (;;) {
		unsigned best = SEKI_N_REASONS;

		for (unsigned r = 0; r < SEKI_N_REASONS; r++)
			if (!done[r] && by_reason[r] > 0 && seki_reason_verdict(r) == verdict &&
				(best == SEKI_N_REASONS || by_reason[r] > by_reason[best]))
				best = r;
		if (best == SEKI_N_REASONS)
			return;
		done[best] = true;
		fprintf(out, "    %-18s %12" PRIu64 "  %s\n", seki_reason_name(best), by_reason[best],
			seki_reason_sentence(best));
	}
}

static void
print_zones(const struct report *report, FILE *out)
{
	fprintf(out, "\n  %-20s %12s %12s %12s %12s\n", "zone", "packets", "passed", "dropped", "observed");
	for (unsigned z = 1; z < report->policy->zone_id_end; z++) {
		struct tally zone = {0};

		if (report->policy->zone[z].name[0] == '\0')
			continue;
		tally_add(&zone, &report->stats->zone[z]);
		fprintf(out, "  %-20s %12" PRIu64 " %12" PRIu64 " %12" PRIu64 " %12" PRIu64 "\n",
			report->policy->zone[z].name, zone.packets, zone.by_verdict[SEKI_VERDICT_PASS],
			zone.by_verdict[SEKI_VERDICT_DROP], zone.observed);
	}
}

static uint64_t
cut_frames(const struct report *report)
{
	uint64_t n = 0;

	for (unsigned r = 0; r < SEKI_N_REASONS; r++)
		n += report->cut_by_reason[r];
	return n;
}

/* What is odd about the capture itself, lest the packets or Seki be blamed for it. */
static void
print_oddities(const struct report *report, FILE *out)
{
	const struct stamps_oddity *back = &report->stamps.back, *gap = &report->stamps.gap;
	uint64_t n_cut = cut_frames(report);

	if (n_cut > 0) {
		fprintf(out,
			"  %-20s %12" PRIu64 "  cut short by the capture: a header that it cut off counts as missing\n",
			"cut frames", n_cut);
		print_reasons(report->cut_by_reason, SEKI_VERDICT_DROP, out);
	}
	if (back->n > 0)
		fprintf(out,
			"  %-20s %12" PRIu64 "  stamped before an earlier packet, by up to %" PRIu64
			".%09u s (packet %" PRIu64 "):\n%37sjudged at that packet's time\n",
			"time clamped", back->n, back->largest_ns / NS_PER_S, (unsigned)(back->largest_ns % NS_PER_S),
			back->packet, "");
	if (gap->n > 0)
		fprintf(out,
			"  %-20s %12" PRIu64 "  of more than a day before a packet, the longest %" PRIu64
			" days (packet %" PRIu64 ")\n",
			"time gaps", gap->n, gap->largest_ns / STAMPS_GAP_NS, gap->packet);
	if (n_cut + back->n + gap->n > 0)
		putc('\n', out);
}

void
report_print(const struct report *report, FILE *out)
{
	struct tally all = tally_all(report);
	uint64_t ns = report->last_ns - report->first_ns;

	seki_printable_put(report->input, out);
	fprintf(out, ": %" PRIu64 " packets in %" PRIu64 ".%03u s%s\n\n", report->packets, ns / NS_PER_S,
		(unsigned)(ns % NS_PER_S / 1000000), report->complete ? "" : ", until it was damaged");
	print_oddities(report, out);
	fprintf(out, "  %-20s %12" PRIu64 "\n", "passed", all.by_verdict[SEKI_VERDICT_PASS]);
	print_reasons(all.by_reason, SEKI_VERDICT_PASS, out);
	fprintf(out, "  %-20s %12" PRIu64 "\n", "dropped", all.by_verdict[SEKI_VERDICT_DROP]);
	print_reasons(all.by_reason, SEKI_VERDICT_DROP, out);
	if (all.observed > 0) {
		/* Not "passed": one that enforces, or a full ring, may have dropped it all the same. */
		fprintf(out,
			"  %-20s %12" PRIu64
			"  what countermeasures that observe, or wait for an incident, would have dropped\n",
			"observed", all.observed);
		print_reasons(all.observed_by_reason, SEKI_VERDICT_DROP, out);
	}
	print_zones(report, out);
}

static void
put_reasons(struct seki_json *j, const char *name, const uint64_t *by_reason)
{
	seki_json_key(j, name);
	seki_json_open(j, '{');
	for (unsigned r = 0; r < SEKI_N_REASONS; r++)
		if (by_reason[r] != 0)
			seki_json_count(j, seki_reason_name(r), by_reason[r]);
	seki_json_close(j, '}');
}

static void
put_tally(struct seki_json *j, const struct tally *tally)
{
	seki_json_count(j, "packets", tally->packets);
	seki_json_count(j, "passed", tally->by_verdict[SEKI_VERDICT_PASS]);
	seki_json_count(j, "dropped", tally->by_verdict[SEKI_VERDICT_DROP]);
	seki_json_count(j, "challenged", tally->by_verdict[SEKI_VERDICT_CHALLENGE]);
	seki_json_count(j, "observed", tally->observed);
	put_reasons(j, "reasons", tally->by_reason);
	put_reasons(j, "observed_reasons", tally->observed_by_reason);
}

static void
put_zones(struct seki_json *j, const struct report *report)
{
	seki_json_key(j, "zones");
	seki_json_open(j, '{');
	for (unsigned z = 1; z < report->policy->zone_id_end; z++) {
		struct tally zone = {0};

		if (report->policy->zone[z].name[0] == '\0')
			continue;
		tally_add(&zone, &report->stats->zone[z]);
		seki_json_key(j, report->policy->zone[z].name);
		seki_json_open(j, '{');
		put_tally(j, &zone);
		seki_json_close(j, '}');
	}
	seki_json_close(j, '}');
}

static void
put_oddity(struct seki_json *j, const char *name, const struct stamps_oddity *oddity)
{
	seki_json_key(j, name);
	seki_json_open(j, '{');
	seki_json_count(j, "packets", oddity->n);
	seki_json_count(j, "largest_ns", oddity->largest_ns);
	seki_json_count(j, "packet", oddity->packet);
	seki_json_close(j, '}');
}

static void
put_oddities(struct seki_json *j, const struct report *report)
{
	seki_json_count(j, "cut_frames", cut_frames(report));
	put_reasons(j, "cut_reasons", report->cut_by_reason);
	put_oddity(j, "time_clamped", &report->stamps.back);
	put_oddity(j, "time_gaps", &report->stamps.gap);
}

static void
put_incidents(struct seki_json *j, const struct seki_detect *detect)
{
	const struct seki_incident *incident;

	seki_json_key(j, "incidents");
	seki_json_open(j, '[');
	for (unsigned i = 0; detect != NULL && (incident = seki_detect_incident(detect, i)) != NULL; i++) {
		seki_json_item(j);
		seki_incident_json(incident, j->out);
	}
	seki_json_close(j, ']');
}

void
report_json(const struct report *report, FILE *out)
{
	struct seki_json json = {.out = out, .first = true}, *j = &json;
	struct tally all = tally_all(report);
	uint64_t ns = report->last_ns - report->first_ns;

	seki_json_open(j, '{');
	put_tally(j, &all);
	put_zones(j, report);
	put_oddities(j, report);
	put_incidents(j, report->detect);
	seki_json_bool(j, "complete", report->complete);
	seki_json_count(j, "seed", report->seed);
	seki_json_key(j, "duration_s");
	fprintf(out, "%" PRIu64 ".%09u", ns / NS_PER_S, (unsigned)(ns % NS_PER_S));
	seki_json_close(j, '}');
	putc('\n', out);
}
