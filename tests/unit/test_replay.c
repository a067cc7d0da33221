/* SPDX-License-Identifier: BSD-3-Clause */
/* The parts of replay that its command line cannot show: an accounting that does not add up must be noticed. */
#include "direction.h"
#include "report.h"
#include "suite.h"

/* Ten packets in: seven passed, three dropped. */
static struct seki_stats *
sound_stats(void)
{
	struct seki_stats *stats = calloc(1, sizeof(*stats));

	ck_assert_ptr_nonnull(stats);
	stats->port[0].rx.packets = 10;
	stats->port[1].tx.packets = 7;
	stats->port[0].by_reason[SEKI_DIR_INBOUND][SEKI_REASON_CLEAN].packets = 7;
	stats->port[0].by_reason[SEKI_DIR_INBOUND][SEKI_REASON_LAND].packets = 3;
	return stats;
}

enum wrong {
	NOTHING,
	READ,
	RECEIVED,
	SENT,
	DROPPED,
	WRITTEN,
	ROW_PASS,
	ROW_DROP,
	ROW_CHALLENGE,
	ROW_NONE,
};

static const struct {
	const char *what;
	enum wrong wrong;
	bool holds;
} accounts[] = {
	{"all terms agree", NOTHING, true},
	{"a packet was read that no port received", READ, false},
	{"a packet was received and never ended", RECEIVED, false},
	{"a packet was sent twice", SENT, false},
	{"a drop was not counted", DROPPED, false},
	{"a packet passed and was not written", WRITTEN, false},
	{"a row says pass for a drop", ROW_PASS, false},
	{"a row says drop for a pass", ROW_DROP, false},
	{"a row says challenge", ROW_CHALLENGE, false},
	{"a packet ended without a verdict", ROW_NONE, false},
};

static void
break_account(enum wrong wrong, struct report *report, struct seki_stats *stats)
{
	report->packets += wrong == READ;
	stats->port[0].rx.packets += wrong == RECEIVED;
	report->packets += wrong == RECEIVED; /* read and received agree: the identity alone is broken */
	stats->port[1].tx.packets += wrong == SENT;
	stats->port[0].by_reason[SEKI_DIR_INBOUND][SEKI_REASON_LAND].packets -= wrong == DROPPED;
	report->written -= wrong == WRITTEN;
	report->by_verdict[SEKI_VERDICT_PASS] += wrong == ROW_PASS;
	report->by_verdict[SEKI_VERDICT_DROP] += wrong == ROW_DROP;
	report->by_verdict[SEKI_VERDICT_CHALLENGE] += wrong == ROW_CHALLENGE;
	report->by_verdict[SEKI_VERDICT_NONE] += wrong == ROW_NONE;
}

START_TEST(accounts_are_checked)
{
	struct seki_stats *stats = sound_stats();
	struct report report = {.stats = stats, .packets = 10, .written = 7};
	char text[4096] = "";
	FILE *out = fmemopen(text, sizeof(text), "w");

	report.by_verdict[SEKI_VERDICT_PASS] = 7;
	report.by_verdict[SEKI_VERDICT_DROP] = 3;
	break_account(accounts[_i].wrong, &report, stats);
	ck_assert_msg(report_check(&report, out) == accounts[_i].holds, "%s", accounts[_i].what);
	fclose(out);
	ck_assert_msg((text[0] == '\0') == accounts[_i].holds, "%s: says '%s'", accounts[_i].what, text);
	free(stats);
}
END_TEST

/* What observe mode held back is told by reason, largest first, and apart from what was dropped. */
START_TEST(observed_drops_are_named)
{
	struct seki_policy_zone zone[2] = {{.name = ""}, {.name = "web"}};
	struct seki_policy policy = {.zone = zone, .zone_id_end = 2};
	struct seki_stats *stats = sound_stats();
	struct report report = {.input = "x.pcap", .stats = stats, .policy = &policy, .packets = 10};
	char text[4096] = "";
	const char *observed, *denied, *budget;
	FILE *out = fmemopen(text, sizeof(text), "w");

	stats->zone[1].by_reason[SEKI_DIR_INBOUND][SEKI_REASON_CLEAN].packets = 10;
	stats->zone[1].observed[SEKI_REASON_DENIED].packets = 2;
	stats->zone[1].observed[SEKI_REASON_SERVICE_BUDGET].packets = 5;
	report_print(&report, out);
	fclose(out);
	observed = strstr(text, "\n  observed                        7  ");
	denied = strstr(text, "\n    denied                        2  The source is on a list that the zone denies.\n");
	budget = strstr(text, "\n    service_budget                5  ");
	ck_assert_msg(observed != NULL && denied != NULL && budget != NULL, "%s", text);
	ck_assert_msg(strstr(text, "dropped                         0") < observed, "%s", text);
	ck_assert_msg(observed < budget && budget < denied, "%s", text);
	ck_assert_ptr_nonnull(
		strstr(text, "\n  web                            10           10            0            7\n"));
	free(stats);
}
END_TEST

#define OUT "\x02\x00\x00\x00\x00\x0a"
#define IN "\x02\x00\x00\x00\x00\x0b"
#define WHO "\x02\x00\x00\x00\x00\x0c"

static const struct {
	const char *what;
	const char *frame; /* destination, source, type */
	uint32_t n;
	bool real;
	enum seki_direction dir;
	unsigned in_port;
} frames[] = {
	{"sender outside", IN OUT "\x08\x00", 14, true, SEKI_DIR_INBOUND, 1},
	{"sender inside", OUT IN "\x08\x00", 14, true, SEKI_DIR_OUTBOUND, 0},
	{"receiver inside", IN WHO "\x08\x00", 14, true, SEKI_DIR_INBOUND, 1},
	{"receiver outside", OUT WHO "\x08\x00", 14, true, SEKI_DIR_OUTBOUND, 0},
	{"strangers", WHO WHO "\x08\x00", 14, false, SEKI_DIR_TRANSIT, 1},
	{"cut off inside the Ethernet header", IN OUT "\x08", 13, false, SEKI_DIR_TRANSIT, 1},
	{"empty", "", 0, false, SEKI_DIR_TRANSIT, 1},
};

START_TEST(macs_tell_the_direction)
{
	/* The outside port is not the first, so that an index is not mistaken for a side. */
	struct seki_spec_port port[] = {
		{.side = SEKI_SIDE_INSIDE, .peer = 1, .n_macs = 1},
		{.side = SEKI_SIDE_OUTSIDE, .peer = 0, .n_macs = 1},
	};
	struct seki_spec spec = {.port = port, .n_ports = 2};
	struct direction got;

	memcpy(port[0].mac[0], IN, 6);
	memcpy(port[1].mac[0], OUT, 6);
	got = direction_of(&spec, (const uint8_t *)frames[_i].frame, frames[_i].n);
	ck_assert_msg(got.real == frames[_i].real, "%s: real %d", frames[_i].what, got.real);
	ck_assert_msg(got.dir == frames[_i].dir, "%s: direction %d", frames[_i].what, got.dir);
	ck_assert_msg(got.in_port == frames[_i].in_port, "%s: port %u", frames[_i].what, got.in_port);
}
END_TEST

int
main(void)
{
	TCase *tests = tcase_create("replay");

	tcase_add_loop_test(tests, accounts_are_checked, 0, N(accounts));
	tcase_add_test(tests, observed_drops_are_named);
	tcase_add_loop_test(tests, macs_tell_the_direction, 0, N(frames));
	return suite_run("replay", tests);
}
