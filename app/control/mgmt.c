/* SPDX-License-Identifier: BSD-3-Clause */
#include "mgmt.h"

#include "reload.h"
#include "say.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <time.h>

static sigset_t
our_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	return set;
}

void
mgmt_take_signals(void)
{
	sigset_t set = our_signals();

	pthread_sigmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
}

static bool
link_is_up(const struct port *port)
{
	struct rte_eth_link link = {0};

	/* A driver that does not know is taken as up: nothing must be cut for lack of an answer. */
	return rte_eth_link_get_nowait(port->port_id, &link) != 0 || link.link_status == RTE_ETH_LINK_UP;
}

static void
carry_out(const struct port *port, const struct port *peer, enum link_order order)
{
	int ret;

	if (order == LINK_KEEP)
		return;
	ret = order == LINK_FORCE_DOWN ? rte_eth_dev_set_link_down(port->port_id)
				       : rte_eth_dev_set_link_up(port->port_id);
	say("link of \"%s\" taken %s, as that of \"%s\" is%s%s", port->name, order == LINK_FORCE_DOWN ? "down" : "up",
		peer->name, ret == 0 ? "" : ": the driver refuses: ", ret == 0 ? "" : strerror(-ret));
}

static void
tick_links(struct box *box, uint64_t now_ns)
{
	for (unsigned i = 0; i < box->n_ports; i++) {
		const struct port *port[2] = {&box->port[i], &box->port[box->spec.port[i].peer]};
		bool up[2], changed[2];
		enum link_order order[2];

		if (box->spec.port[i].side != SEKI_SIDE_OUTSIDE)
			continue;
		up[0] = link_is_up(port[0]);
		up[1] = link_is_up(port[1]);
		link_step(&box->link[i], up, now_ns, order, changed);
		for (unsigned k = 0; k < 2; k++) {
			if (changed[k])
				say("link of \"%s\" is %s", port[k]->name, up[k] ? "up" : "down");
			carry_out(port[k], port[1 - k], order[k]);
		}
	}
}

/* Says once per port and family what the probe found; the cores themselves never log. */
static void
tick_probes(const struct box *box, uint8_t seen[SEKI_PORTS_MAX][2])
{
	for (unsigned p = 0; p < box->n_ports; p++) {
		for (unsigned f = 0; f < 2 && box->port[p].rss; f++) {
			unsigned trust = box_trust(box, p, f != 0);

			if (trust == seen[p][f] || trust == STEER_TRUST_PROBING)
				continue;
			seen[p][f] = (uint8_t)trust;
			say("port \"%s\" %s IPv%u clients to their owner cores%s", box->port[p].name,
				trust == STEER_TRUST_YES ? "hashes" : "does not hash", f == 0 ? 4 : 6,
				trust == STEER_TRUST_YES ? " (probe confirmed)" : ": steering in software");
		}
	}
}

/* A posture of the same policy. Where it cannot be published, the next tick tries again. */
static void
publish_posture(struct box *box)
{
	struct seki_snapshot *snapshot = seki_snapshot_create(box_policy(box), box->publish.generation + 1);
	int ret = -ENOMEM;

	if (snapshot != NULL) {
		arms_hold(box->arms, snapshot);
		ret = box->guard == NULL ? 0 : guard_raise(box->guard, snapshot);
	}
	if (ret == 0) {
		pthread_mutex_lock(&box->lock);
		ret = publish_swap(&box->publish, snapshot);
		pthread_mutex_unlock(&box->lock);
	}
	box->posture_waits = ret != 0;
	if (ret != 0)
		seki_snapshot_destroy(snapshot);
}

/* Attacks are looked for, and what is done about them changes. Before old policies go: it has their limits until now.
 */
static void
tick_guard(struct box *box)
{
	uint64_t began_ns, took_ns;

	if (box->guard == NULL)
		return;
	pthread_mutex_lock(&box->lock); /* telemetry reads incidents and baselines, and sets overrides */
	began_ns = clock_mono_ns(&box->clock);
	box->posture_waits |= guard_tick(box->guard, box_policy(box), box->arms, began_ns, clock_wall_ns());
	took_ns = clock_mono_ns(&box->clock) - began_ns;
	box->guard_ticks.last_ns = took_ns;
	box->guard_ticks.max_ns = took_ns > box->guard_ticks.max_ns ? took_ns : box->guard_ticks.max_ns;
	box->guard_ticks.n++;
	guard_say(box->guard, box_policy(box));
	pthread_mutex_unlock(&box->lock);
}

static void
tick(struct box *box, struct reload *reload)
{
	if (arms_tick(box->arms, box_policy(box), clock_mono_ns(&box->clock))) {
		box->posture_waits = true;
		say("tcp_state is armed in further zones: next to no segment was of an unknown connection");
	}
	tick_guard(box);
	if (leases_tick(box->leases, box_policy(box)) < 0)
		say("no memory for leases: budgets keep the shares they have");
	park_tick(box);
	for (unsigned i = 0; i < box->n_ports; i++)
		port_lost(&box->port[i]); /* before the kernel's count wraps */
	tick_links(box, clock_mono_ns(&box->clock));
	pthread_mutex_lock(&box->lock);
	publish_reclaim(&box->publish);
	pthread_mutex_unlock(&box->lock);
	reload_poll(reload, box);
	if (box->posture_waits)
		publish_posture(box);
}

void
mgmt_run(struct box *box)
{
	static const char *const names[] = {[SIGINT] = "SIGINT", [SIGTERM] = "SIGTERM"};
	uint8_t probes_seen[SEKI_PORTS_MAX][2];
	uint64_t next_ns = clock_mono_ns(&box->clock) + LEASE_TICK_NS;
	struct reload reload = {0};
	sigset_t set = our_signals();

	memset(probes_seen, STEER_TRUST_PROBING, sizeof(probes_seen));
	for (;;) {
		uint64_t now_ns = clock_mono_ns(&box->clock);
		uint64_t wait_ns = next_ns > now_ns ? next_ns - now_ns : 0;
		struct timespec wait = {0, (long)(wait_ns < LEASE_TICK_NS ? wait_ns : LEASE_TICK_NS)};
		int signal = sigtimedwait(&set, NULL, &wait);

		if (signal == SIGHUP) {
			reload_request(&reload);
		} else if (signal > 0) {
			say("%s: stopping", names[signal]);
			break;
		}
		now_ns = clock_mono_ns(&box->clock);
		if (now_ns < next_ns)
			continue;
		/* A late tick is not made up for: leases and links want the present. */
		next_ns = now_ns + LEASE_TICK_NS - (now_ns - next_ns) % LEASE_TICK_NS;
		tick(box, &reload);
		tick_probes(box, probes_seen);
	}
	reload_cancel(&reload);
}
