/* SPDX-License-Identifier: BSD-3-Clause */
#include "reload.h"

#include "conf.h"
#include "say.h"
#include "thread.h"

#include <errno.h>
#include <string.h>

#include <rte_lcore.h>
#include <rte_malloc.h>

static bool
same_text(const char *a, const char *b)
{
	return strcmp(a != NULL ? a : "", b != NULL ? b : "") == 0;
}

static bool
same_port(const struct seki_spec_port *a, const struct seki_spec_port *b)
{
	return strcmp(a->name, b->name) == 0 && same_text(a->device, b->device) && a->side == b->side &&
	       a->peer == b->peer && a->mtu == b->mtu && a->rx_queues == b->rx_queues && a->rx_desc == b->rx_desc &&
	       a->tx_desc == b->tx_desc && a->promiscuous == b->promiscuous;
}

static bool
same_cores(const struct seki_spec *a, const struct seki_spec *b)
{
	if (a->main_cpu != b->main_cpu || a->n_cores != b->n_cores || a->ring_size != b->ring_size)
		return false;
	for (unsigned i = 0; i < a->n_cores; i++)
		if (a->core[i].cpu != b->core[i].cpu || a->core[i].role != b->core[i].role)
			return false;
	return true;
}

/* What was made at the start. Limits, events and what becomes of what is learned are part of the policy. */
static bool
same_detection(const struct seki_spec *a, const struct seki_spec *b)
{
	return a->detect.enable == b->detect.enable && a->detect.blocks == b->detect.blocks &&
	       a->detect.signature_pct == b->detect.signature_pct && a->detect.keep == b->detect.keep &&
	       same_text(a->detect.incidents, b->detect.incidents) &&
	       same_text(a->detect.baseline, b->detect.baseline) &&
	       (a->detect.learn == SEKI_LEARN_OFF) == (b->detect.learn == SEKI_LEARN_OFF);
}

bool
reload_is_possible(const struct seki_spec *now, const struct seki_spec *next, struct seki_err *err)
{
	unsigned n_before = err->n_total;

	if (now->n_ports != next->n_ports)
		seki_err_add(err, next->file, 0, "%u ports instead of %u: that takes a restart", next->n_ports,
			now->n_ports);
	for (unsigned i = 0; i < now->n_ports && i < next->n_ports; i++)
		if (!same_port(&now->port[i], &next->port[i]))
			seki_err_add(err, next->file, next->port[i].line,
				"port \"%s\" differs from the one that runs: that takes a restart", next->port[i].name);
	if (!same_cores(now, next))
		seki_err_add(
			err, next->file, 0, "the group cores differs from the one that runs: that takes a restart");
	if (now->eal.huge != next->eal.huge || now->eal.memory_mb != next->eal.memory_mb ||
		!same_text(now->eal.file_prefix, next->eal.file_prefix) ||
		!same_text(now->eal.extra, next->eal.extra) || !same_text(now->eal.log_level, next->eal.log_level))
		seki_err_add(err, next->file, 0, "the group eal differs from the one that runs: that takes a restart");
	if (now->state.flows != next->state.flows || now->state.sources != next->state.sources)
		seki_err_add(err, next->file, 0, "the group state differs from what runs: that takes a restart");
	if (!same_detection(now, next))
		seki_err_add(err, next->file, 0,
			"detection.enable, blocks, incidents, keep_incidents, signature_collateral or baseline differs from what runs, or learn is off in one "
			"of them: that takes a restart");
	if (now->telemetry != next->telemetry)
		seki_err_add(err, next->file, 0, "telemetry.enable differs from what runs: that takes a restart");
	return err->n_total == n_before;
}

bool
reload_fits(const struct seki_spec *next, size_t need, size_t free, size_t total, struct seki_err *err)
{
	if (next->eal.huge || need <= free)
		return true;
	seki_err_add(err, next->file, next->eal.memory_line,
		"the new zones and lists may take %zu MB while those in force keep theirs, but of the %zu MB set aside at the "
		"start %zu are free: set eal.memory_mb to %zu (or to 0, which has it "
		"computed) and restart",
		(need >> 20) + 1, total >> 20, free >> 20, ((total - free + need) >> 20) + 1);
	return false;
}

/* Asked before anything is built, as a table that half fits says nothing of why. */
static int
check_room(const struct seki_spec *next, struct seki_err *err)
{
	size_t need = seki_policy_bytes(next, err), free = 0, total = 0;

	if (err->n_total > 0)
		return -EINVAL;
	for (unsigned i = 0; i < rte_socket_count(); i++) {
		struct rte_malloc_socket_stats stats;

		if (rte_malloc_get_socket_stats(rte_socket_id_by_idx(i), &stats) != 0)
			continue;
		free += stats.heap_freesz_bytes;
		total += stats.heap_totalsz_bytes;
	}
	return reload_fits(next, need, free, total, err) ? 0 : -EINVAL;
}

static void *
reload_thread(void *arg)
{
	struct reload *reload = arg;
	/* It stays as it is while a reload is active: only reload_poll replaces it. */
	const struct seki_spec *now = &reload->box->spec;

	reload->result = seki_conf_read(now->file, &reload->spec, &reload->err);
	if (reload->result == 0 && !reload_is_possible(now, &reload->spec, &reload->err))
		reload->result = -EINVAL;
	if (reload->result == 0)
		reload->result = check_room(&reload->spec, &reload->err);
	if (reload->result == 0) {
		reload->policy = seki_policy_create(&reload->spec, reload->before, &reload->box->list_secret,
			reload->box->table_node, &reload->err);
		if (reload->policy == NULL)
			reload->result = -EINVAL;
	}
	__atomic_store_n(&reload->done, true, __ATOMIC_RELEASE);
	return NULL;
}

static void
forget(struct reload *reload)
{
	seki_policy_put(reload->policy);
	seki_policy_put(reload->before);
	reload->policy = reload->before = NULL;
	seki_spec_fini(&reload->spec);
	memset(&reload->spec, 0, sizeof(reload->spec));
	seki_err_fini(&reload->err);
	reload->active = false;
}

static void
count_failure(struct box *box)
{
	pthread_mutex_lock(&box->lock);
	box->n_reloads_failed++;
	pthread_mutex_unlock(&box->lock);
}

void
reload_request(struct reload *reload)
{
	reload->wanted = true;
}

static void
begin(struct reload *reload, struct box *box)
{
	int ret;

	memset(reload, 0, sizeof(*reload));
	seki_err_init(&reload->err);
	reload->box = box;
	reload->before = box_policy(box);
	reload->before->refs++;
	reload->active = true;
	say("reload of %s begins", box->spec.file);
	ret = seki_thread_start(&reload->thread, reload_thread, reload);
	if (ret == 0)
		return;
	say("reload: no thread: %s", strerror(ret));
	count_failure(box);
	forget(reload);
}

/* New budgets are leased before the first packet can meet them. */
static int
publish_new(struct reload *reload)
{
	struct box *box = reload->box;
	struct seki_snapshot *snapshot = seki_snapshot_create(reload->policy, box->publish.generation + 1);
	int ret;

	if (snapshot == NULL || leases_tick(box->leases, reload->policy) < 0) {
		seki_snapshot_destroy(snapshot);
		return -ENOMEM;
	}
	arms_hold(box->arms, snapshot);
	if (box->guard != NULL && guard_raise(box->guard, snapshot) < 0) {
		seki_snapshot_destroy(snapshot);
		return -ENOMEM;
	}
	pthread_mutex_lock(&box->lock);
	ret = publish_swap(&box->publish, snapshot);
	if (ret == 0) {
		struct seki_spec old = box->spec;

		box->spec = reload->spec;
		reload->spec = old;
		box->n_reloads++;
	}
	pthread_mutex_unlock(&box->lock);
	if (ret != 0)
		seki_snapshot_destroy(snapshot);
	return ret;
}

static void
finish(struct reload *reload)
{
	struct box *box = reload->box;
	int ret = reload->result;

	pthread_join(reload->thread, NULL);
	if (ret == 0) {
		ret = publish_new(reload);
		if (ret != 0)
			seki_err_add(&reload->err, NULL, 0, "the new policy cannot be published: %s", strerror(-ret));
	}
	if (ret == 0) {
		say("reload done: generation %lu, %u zones, %u lists", box->publish.generation, box->spec.n_zones,
			box->spec.n_lists);
	} else {
		seki_err_print(&reload->err, stderr);
		say("reload refused: nothing has changed");
		count_failure(box);
	}
	forget(reload);
}

void
reload_poll(struct reload *reload, struct box *box)
{
	if (reload->active && __atomic_load_n(&reload->done, __ATOMIC_ACQUIRE))
		finish(reload);
	if (reload->wanted && !reload->active && publish_old_policies(&box->publish) == 0)
		begin(reload, box);
}

void
reload_cancel(struct reload *reload)
{
	if (!reload->active)
		return;
	pthread_join(reload->thread, NULL);
	forget(reload);
}
