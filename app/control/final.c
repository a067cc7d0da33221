/* SPDX-License-Identifier: BSD-3-Clause */
#include "final.h"

#include <inttypes.h>
#include <stdlib.h>

static void
print_ports(struct box *box, const struct seki_stats *sum, FILE *out)
{
	fprintf(out, "\n%-16s %14s %16s %14s %16s %10s %10s %10s\n", "port", "rx packets", "rx bytes", "tx packets",
		"tx bytes", "imissed", "rx_nombuf", "oerrors");
	for (unsigned p = 0; p < box->n_ports; p++) {
		const struct seki_stats_port *count = &sum->port[p];
		struct rte_eth_stats eth;

		port_stats(&box->port[p], &eth);
		fprintf(out,
			"%-16s %14" PRIu64 " %16" PRIu64 " %14" PRIu64 " %16" PRIu64 " %10" PRIu64 " %10" PRIu64
			" %10" PRIu64 "\n",
			box->port[p].name, count->rx.packets, count->rx.bytes, count->tx.packets, count->tx.bytes,
			eth.imissed, eth.rx_nombuf, eth.oerrors);
	}
}

/* Sums a reason over all zones: what ended so, or what was only observed to end so. */
static struct seki_count
count_reason(const struct seki_stats *sum, unsigned reason, bool observed)
{
	struct seki_count total = {0};

	for (unsigned z = 0; z < SEKI_ZONES_MAX; z++) {
		for (unsigned d = 0; d < SEKI_N_DIRECTIONS && !observed; d++) {
			total.packets += sum->zone[z].by_reason[d][reason].packets;
			total.bytes += sum->zone[z].by_reason[d][reason].bytes;
		}
		if (observed) {
			total.packets += sum->zone[z].observed[reason].packets;
			total.bytes += sum->zone[z].observed[reason].bytes;
		}
	}
	return total;
}

static void
print_reasons(const struct seki_stats *sum, FILE *out)
{
	fprintf(out, "\n%-20s %-8s %14s %16s  %s\n", "reason", "verdict", "packets", "bytes", "why");
	for (unsigned r = 0; r < SEKI_N_REASONS; r++) {
		for (unsigned observed = 0; observed < 2; observed++) {
			struct seki_count total = count_reason(sum, r, observed != 0);

			if (total.packets == 0)
				continue;
			fprintf(out, "%-20s %-8s %14" PRIu64 " %16" PRIu64 "  %s\n", seki_reason_name(r),
				observed ? "observed" : seki_verdict_name(seki_reason_verdict(r)), total.packets,
				total.bytes, seki_reason_sentence(r));
		}
	}
}

static void
print_zones(const struct box *box, const struct seki_stats *sum, FILE *out)
{
	const struct seki_policy *policy = box_policy(box);

	fprintf(out, "\n%-32s %14s %14s %14s %14s\n", "zone", "in passed", "in dropped", "in observed", "out");
	for (unsigned z = 0; z < policy->zone_id_end || z == 0; z++) {
		const struct seki_stats_zone *zone = &sum->zone[z];
		uint64_t in[SEKI_N_VERDICTS] = {0}, observed = 0, away = 0;

		if (z != 0 && policy->zone[z].name[0] == '\0')
			continue;
		for (unsigned r = 0; r < SEKI_N_REASONS; r++) {
			in[seki_reason_verdict(r)] += zone->by_reason[SEKI_DIR_INBOUND][r].packets;
			away += zone->by_reason[SEKI_DIR_OUTBOUND][r].packets;
			observed += zone->observed[r].packets;
		}
		fprintf(out, "%-32s %14" PRIu64 " %14" PRIu64 " %14" PRIu64 " %14" PRIu64 "\n",
			z == 0 ? "(no zone)" : policy->zone[z].name, in[SEKI_VERDICT_PASS], in[SEKI_VERDICT_DROP],
			observed, away);
	}
}

static void
print_timing(const struct box *box, FILE *out)
{
	fprintf(out, "\n%-12s %14s %18s\n", "stage", "cycles", "cycles per packet");
	for (unsigned s = 0; s < PATH_N_STAGES; s++) {
		uint64_t cycles = 0, packets = 0;

		for (unsigned i = 0; i < box->n_workers; i++) {
			cycles += box->worker[i]->timing->cycles[s];
			packets += box->worker[i]->timing->packets;
		}
		fprintf(out, "%-12s %14" PRIu64 " %18.1f\n", path_stage_name(s), cycles,
			packets == 0 ? 0.0 : (double)cycles / (double)packets);
	}
}

static uint64_t
term(struct seki_count count, bool bytes)
{
	return bytes ? count.bytes : count.packets;
}

/* The identity in packets or in bytes. */
static void
print_balance(const struct seki_balance *b, bool bytes, FILE *out)
{
	uint64_t rx = term(b->rx, bytes), generated = term(b->generated, bytes), tx = term(b->tx, bytes);
	uint64_t dropped = term(b->dropped, bytes), challenged = term(b->challenged, bytes);
	bool holds = rx + generated == tx + dropped + challenged;

	fprintf(out,
		"%s rx %" PRIu64 " + generated %" PRIu64 " %s tx %" PRIu64 " + dropped %" PRIu64
		" + challenged %" PRIu64 "%s\n",
		bytes ? "  in bytes:" : "\naccounting:", rx, generated, holds ? "==" : "!=", tx, dropped, challenged,
		holds ? "" : " (this is a bug in Seki: please report it)");
}

bool
final_print(struct box *box, FILE *out)
{
	struct seki_stats *sum = aligned_alloc(64, sizeof(*sum));
	struct seki_balance b;
	bool holds;

	if (sum == NULL)
		return false;
	box_count(box, sum);
	seki_stats_balance(sum, &b);
	holds = seki_balance_holds(&b);
	print_ports(box, sum, out);
	print_reasons(sum, out);
	print_zones(box, sum, out);
	if (box->timed)
		print_timing(box, out);
	print_balance(&b, false, out);
	print_balance(&b, true, out);
	free(sum);
	return holds;
}
