/* SPDX-License-Identifier: BSD-3-Clause */
/* EAL's interrupt thread, beside ports that need it parked, runs only while no packet core is in a port. */
#include "suite.h"

#include "../support/eal.h" /* not app/box/eal.h */
#include "box.h"
#include "park.h"

#include <unistd.h>

#include <rte_alarm.h>

/* Long enough for the interrupt thread to come, if it could. */
#define WAIT_US 5000

/* A core that is in a port most of the time, and its box. */
static struct box box;
static struct worker core;
static struct seki_spec_port port_line;
static pthread_t core_thread;
static unsigned in_port, hold;

/* What the interrupt thread did: how often it ran, and how often a core was in a port meanwhile. */
static unsigned n_ran, n_met;

static unsigned
get(const unsigned *word)
{
	return __atomic_load_n(word, __ATOMIC_SEQ_CST);
}

static void
put(unsigned *word, unsigned value)
{
	__atomic_store_n(word, value, __ATOMIC_SEQ_CST);
}

static void *
run_core(void *arg)
{
	unsigned phase;

	(void)arg;
	do {
		phase = get(&box.phase);
		put(&in_port, phase == WORKER_RUN);
		do
			rte_delay_us_block(100);
		while (get(&hold) != 0);
		put(&in_port, 0);
		put(&core.phase_seen, phase);
	} while (phase != WORKER_STOP);
	return NULL;
}

/* Stands for a driver that unmaps memory: looks for a core in a port, for longer than one is ever out of it. */
static void
driver_work(void *arg)
{
	bool met = false;

	(void)arg;
	for (unsigned i = 0; i < 40; i++, rte_delay_us_block(10))
		met |= get(&in_port) != 0;
	__atomic_fetch_add(&n_met, met, __ATOMIC_SEQ_CST);
	__atomic_fetch_add(&n_ran, 1, __ATOMIC_SEQ_CST);
}

static void
start(char *device)
{
	struct seki_err err;

	memset(&box, 0, sizeof(box));
	memset(&core, 0, sizeof(core));
	n_ran = n_met = hold = 0;
	clock_init(&box.clock);
	box.spec.n_ports = 1;
	port_line.device = device;
	box.spec.port = &port_line;
	box.worker[0] = &core;
	box.n_workers = 1;
	seki_err_init(&err);
	ck_assert_int_eq(park_start(&box, &err), 0);
	check_silent(&err);
	ck_assert_int_eq(pthread_create(&core_thread, NULL, run_core, NULL), 0);
}

static void
stop(void)
{
	put(&box.phase, WORKER_STOP);
	pthread_join(core_thread, NULL);
	park_stop(&box);
	park_stop(&box);
	rte_eal_alarm_cancel(driver_work, NULL);
}

/* Ticks until the interrupt thread has run `n` times, or too many. */
static void
tick_until(unsigned n)
{
	for (unsigned i = 0; i < 1000 && get(&n_ran) < n; i++) {
		park_tick(&box);
		usleep(1000);
	}
	ck_assert_uint_eq(get(&n_ran), n);
}

START_TEST(interrupts_run_only_in_a_pause)
{
	start("net_memif0,role=server");
	for (unsigned i = 0; i < 20; i++) {
		ck_assert_int_eq(rte_eal_alarm_set(1, driver_work, NULL), 0);
		usleep(WAIT_US);
		ck_assert_uint_eq(get(&n_ran), i);
		tick_until(i + 1);
		usleep(WAIT_US);
		ck_assert_uint_eq(get(&box.phase), WORKER_RUN);
		ck_assert_uint_eq(get(&core.phase_seen), WORKER_RUN);
	}
	ck_assert_uint_eq(get(&n_met), 0);
	stop();
}
END_TEST

/* A core that is stuck in a port keeps the interrupt thread parked, and nothing else from going on. */
START_TEST(a_core_that_does_not_come_round_is_waited_for)
{
	start("net_memif0,role=client");
	put(&hold, 1);
	while (get(&in_port) == 0)
		usleep(10);
	ck_assert_int_eq(rte_eal_alarm_set(1, driver_work, NULL), 0);
	for (unsigned i = 0; i < 25; i++)
		park_tick(&box);
	ck_assert_uint_eq(get(&n_ran), 0);
	ck_assert_uint_eq(get(&box.phase), WORKER_RUN);
	put(&hold, 0);
	tick_until(1);
	ck_assert_uint_eq(get(&n_met), 0);
	stop();
}
END_TEST

/* Other ports leave EAL's thread alone; and this shows that the driver above does meet a core where it may. */
START_TEST(without_memif_nothing_is_parked)
{
	start("net_af_packet0,iface=eth0");
	/* A core that has lost its CPU outside the port is not met: so several times, if need be. */
	for (unsigned i = 0; i < 100 && get(&n_met) == 0; i++) {
		ck_assert_int_eq(rte_eal_alarm_set(1, driver_work, NULL), 0);
		usleep(WAIT_US);
	}
	ck_assert_uint_gt(get(&n_met), 0);
	stop();
}
END_TEST

START_TEST(a_stopped_park_leaves_the_thread_free)
{
	start("net_memif0,role=server");
	stop();
	ck_assert_int_eq(rte_eal_alarm_set(1, driver_work, NULL), 0);
	for (unsigned i = 0; i < 400 && get(&n_ran) == 0; i++)
		usleep(WAIT_US);
	ck_assert_uint_eq(get(&n_ran), 1);
}
END_TEST

int
main(void)
{
	TCase *tests = tcase_create("park");

	alarm(120); /* what fails here may wait for ever */
	test_eal_start(32);
	/* EAL's interrupt thread does not live on in a child. */
	setenv("CK_FORK", "no", 1);
	tcase_set_timeout(tests, 60);
	tcase_add_test(tests, interrupts_run_only_in_a_pause);
	tcase_add_test(tests, a_core_that_does_not_come_round_is_waited_for);
	tcase_add_test(tests, without_memif_nothing_is_parked);
	tcase_add_test(tests, a_stopped_park_leaves_the_thread_free);
	return suite_run("app_park", tests);
}
