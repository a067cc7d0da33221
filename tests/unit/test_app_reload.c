/* SPDX-License-Identifier: BSD-3-Clause */
/* What a reload may change, and what takes a restart. */
#include "app_spec.h"
#include "reload.h"
#include "suite.h"

static void
change_nothing(struct seki_spec *spec)
{
	spec->n_zones = 7;
}

static void
change_cpu(struct seki_spec *spec)
{
	spec->core[1].cpu = 9;
}

static void
change_role(struct seki_spec *spec)
{
	spec->core[0].role = SEKI_ROLE_RX;
}

static void
change_ring(struct seki_spec *spec)
{
	spec->ring_size *= 2;
}

static void
change_memory(struct seki_spec *spec)
{
	spec->eal.memory_mb = 1;
}

static void
change_ports(struct seki_spec *spec)
{
	spec->n_ports = 1;
}

static void
change_mtu(struct seki_spec *spec)
{
	spec->port[1].mtu = 9000;
}

static void
change_device(struct seki_spec *spec)
{
	spec->port[0].device = "net_null7";
}

static void
change_telemetry(struct seki_spec *spec)
{
	spec->telemetry = !spec->telemetry;
}

static void
change_flows(struct seki_spec *spec)
{
	spec->state.flows++;
}

static void
change_sources(struct seki_spec *spec)
{
	spec->state.sources++;
}

static void
change_addresses(struct seki_spec *spec)
{
	spec->names_sources = !spec->names_sources;
}

static void
change_blocks(struct seki_spec *spec)
{
	spec->detect.blocks += 64;
}

static void
change_enable(struct seki_spec *spec)
{
	spec->detect.enable = !spec->detect.enable;
}

static char learned[] = "/var/lib/seki/learned";

static void
change_keep(struct seki_spec *spec)
{
	spec->detect.keep = 7;
}

static void
change_signatures(struct seki_spec *spec)
{
	spec->detect.signature_pct++;
}

static void
change_incidents(struct seki_spec *spec)
{
	spec->detect.incidents = learned;
}

static void
change_baseline(struct seki_spec *spec)
{
	spec->detect.baseline = learned;
}

/* The small specification learns nothing. */
static void
change_learn(struct seki_spec *spec)
{
	spec->detect.learn = SEKI_LEARN_SUGGEST;
}

static const struct reload_row {
	const char *what;
	void (*change)(struct seki_spec *spec);
	bool possible;
} reload_rows[] = {
	{"zones may change", change_nothing, true},
	{"a CPU", change_cpu, false},
	{"a role", change_role, false},
	{"the rings", change_ring, false},
	{"memory", change_memory, false},
	{"number of ports", change_ports, false},
	{"an MTU", change_mtu, false},
	{"a device", change_device, false},
	{"telemetry", change_telemetry, false},
	{"flows", change_flows, false},
	{"sources", change_sources, false},
	{"whether addresses are told", change_addresses, true},
	{"blocks", change_blocks, false},
	{"whether attacks are looked for", change_enable, false},
	{"the directory of incidents", change_incidents, false},
	{"incidents kept", change_keep, false},
	{"what signatures may hold of clean traffic", change_signatures, false},
	{"the file of what is learned", change_baseline, false},
	{"whether anything is learned", change_learn, false},
};

START_TEST(reload_rule)
{
	const struct reload_row *row = &reload_rows[_i];
	struct seki_spec now = small_spec(2, SEKI_ROLE_RXTX), next = now;
	struct seki_spec_port other[2];
	struct seki_err err;

	memcpy(other, two_ports, sizeof(other));
	next.port = other;
	seki_err_init(&err);
	row->change(&next);
	ck_assert_msg(reload_is_possible(&now, &next, &err) == row->possible, "%s", row->what);
	ck_assert_msg((err.n_total == 0) == row->possible, "%s: %u sentences", row->what, err.n_total);
	seki_err_fini(&err);
}
END_TEST

/* What becomes of what is learned is the policy's. */
START_TEST(reload_may_apply_what_is_learned)
{
	struct seki_spec now = small_spec(2, SEKI_ROLE_RXTX), next = now;
	struct seki_err err;

	now.detect.learn = SEKI_LEARN_SUGGEST;
	next.detect.learn = SEKI_LEARN_APPLY;
	seki_err_init(&err);
	ck_assert(reload_is_possible(&now, &next, &err));
	check_silent(&err);
}
END_TEST

/* What is free decides, to the byte; huge pages can bring more. */
START_TEST(reload_needs_room)
{
	static const size_t mb = 1 << 20;
	struct seki_spec next = small_spec(1, SEKI_ROLE_RXTX);
	struct seki_err err;

	next.eal.memory_line = 7;
	seki_err_init(&err);
	ck_assert(reload_fits(&next, 50 * mb, 50 * mb, 200 * mb, &err));
	ck_assert_uint_eq(err.n_total, 0);
	ck_assert(!reload_fits(&next, 50 * mb, 50 * mb - 1, 200 * mb, &err));
	check_said(&err, 1, 7, "may take 51 MB while those in force keep theirs, but of the 200 MB set aside");
	seki_err_init(&err);
	ck_assert(!reload_fits(&next, 90 * mb, 40 * mb, 200 * mb, &err));
	check_said(&err, 1, 7, "set eal.memory_mb to 251 ");
	next.eal.huge = true;
	ck_assert(reload_fits(&next, 90 * mb, 40 * mb, 200 * mb, &err));
}
END_TEST

int
main(void)
{
	TCase *tests = tcase_create("app_reload");

	tcase_add_loop_test(tests, reload_rule, 0, N(reload_rows));
	tcase_add_test(tests, reload_may_apply_what_is_learned);
	tcase_add_test(tests, reload_needs_room);
	return suite_run("app_reload", tests);
}
