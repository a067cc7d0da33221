/* SPDX-License-Identifier: BSD-3-Clause */
#include "park.h"

#include "box.h"
#include "device.h"
#include "pause.h"
#include "say.h"
#include "sockets.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include <rte_alarm.h>

/* Longest that cores may take to stand aside; a core that has lost its CPU takes that long. */
#define PAUSE_NS UINT64_C(20000000)

/* Longest that management waits for the thread to be back, at a time. */
#define BACK_NS 100000000L

/* Times the thread is let run in one pause, as long as there is something to do: a greeting takes several. */
#define LAPS 8

/* Ticks after which it is let run whether or not a socket is ready: there may be other interrupts. */
#define QUIET_TICKS 10

/* In EAL's interrupt thread. It is never let go without an alarm that brings it back. */
static void
stay(void *arg)
{
	struct park *park = arg;

	pthread_mutex_lock(&park->lock);
	do {
		park->go = false;
		park->parked = true;
		pthread_cond_broadcast(&park->changed);
		while (!park->go && !park->leave)
			pthread_cond_wait(&park->changed, &park->lock);
	} while (!park->leave && rte_eal_alarm_set(PARK_LAP_US, stay, park) != 0);
	park->parked = false;
	pthread_mutex_unlock(&park->lock);
}

/* True if the thread is parked, within BACK_NS. */
static bool
wait_back(struct park *park)
{
	struct timespec until;
	bool back;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_nsec += BACK_NS;
	until.tv_sec += until.tv_nsec / 1000000000L;
	until.tv_nsec %= 1000000000L;
	pthread_mutex_lock(&park->lock);
	while ((park->go || !park->parked) && pthread_cond_timedwait(&park->changed, &park->lock, &until) == 0)
		;
	back = !park->go && park->parked;
	pthread_mutex_unlock(&park->lock);
	return back;
}

static void
let_run(struct park *park)
{
	pthread_mutex_lock(&park->lock);
	park->go = true;
	pthread_cond_broadcast(&park->changed);
	pthread_mutex_unlock(&park->lock);
}

/*
 * A control socket of memif may have something to say. Telemetry's are of the same kind: being wrong costs a short
 * pause, and is no danger, as the thread runs in a pause alone.
 */
static bool
pending(void)
{
	struct pollfd poll_fd[SOCKETS_MAX];
	struct sockets sockets;

	sockets_find(&sockets, AF_UNIX, SOCK_SEQPACKET);
	for (unsigned i = 0; i < sockets.n; i++)
		poll_fd[i] = (struct pollfd){.fd = sockets.fd[i], .events = POLLIN};
	return poll(poll_fd, sockets.n, 0) > 0;
}

static bool
needed(const struct box *box)
{
	for (unsigned i = 0; i < box->spec.n_ports; i++)
		if (device_is_memif(box->spec.port[i].device))
			return true;
	return false;
}

int
park_start(struct box *box, struct seki_err *err)
{
	struct park *park = &box->park;
	int ret;

	if (!needed(box))
		return 0;
	pthread_mutex_init(&park->lock, NULL);
	pthread_cond_init(&park->changed, NULL);
	ret = rte_eal_alarm_set(PARK_LAP_US, stay, park);
	if (ret != 0) {
		seki_err_add(err, NULL, 0, "DPDK sets no alarm, without which memif is not safe: %s", strerror(-ret));
		return ret;
	}
	park->used = true;
	if (!wait_back(park)) {
		park_stop(box);
		return seki_err_add(err, NULL, 0, "DPDK's interrupt thread does not answer, so memif is not safe");
	}
	return 0;
}

/* Until the thread has nothing more to do. Should it not come back, the cores stay aside: to run would be a crash. */
static bool
run_laps(struct park *park)
{
	unsigned lap = 0;

	do {
		let_run(park);
		if (!wait_back(park))
			return false;
	} while (++lap < LAPS && pending());
	return true;
}

void
park_tick(struct box *box)
{
	struct park *park = &box->park;

	if (!park->used)
		return;
	if (park->open) {
		park->open = !wait_back(park);
		if (!park->open) {
			say("DPDK's interrupt thread is back: packet cores go on");
			box_resume(box);
		}
		return;
	}
	if (++park->quiet < QUIET_TICKS && !pending())
		return;
	if (!box_pause(box, PAUSE_NS))
		return;
	park->quiet = 0;
	park->open = !run_laps(park);
	if (park->open)
		say("DPDK's interrupt thread is busy with a shared-memory port: packet cores wait for it");
	else
		box_resume(box);
}

void
park_stop(struct box *box)
{
	struct park *park = &box->park;

	if (!park->used)
		return;
	pthread_mutex_lock(&park->lock);
	park->leave = true;
	pthread_cond_broadcast(&park->changed);
	pthread_mutex_unlock(&park->lock);
	rte_eal_alarm_cancel(stay, park);
	pthread_cond_destroy(&park->changed);
	pthread_mutex_destroy(&park->lock);
	*park = (struct park){0};
}
