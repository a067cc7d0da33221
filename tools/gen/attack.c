/* SPDX-License-Identifier: BSD-3-Clause */
#include "attack_make.h"

#include "stack.h"
#include "talk.h"

#include <stdlib.h>

#define SLICE_NS GEN_MS

#define PULSE_ON_NS (2 * GEN_NS_PER_S)
#define PULSE_NS (10 * GEN_NS_PER_S)
#define RAMP_NS (60 * GEN_NS_PER_S)
#define ROTATE_NS (3 * GEN_NS_PER_S)

static uint64_t
scale(uint64_t pps, uint64_t time_ns)
{
	return (uint64_t)((unsigned __int128)pps * time_ns / GEN_NS_PER_S);
}

/* Packets due in the first `t` nanoseconds of the attack. */
static uint64_t
due_until(const struct gen_attack_spec *spec, uint64_t t)
{
	uint64_t rest = t % PULSE_NS;

	switch (spec->shape) {
	case GEN_PULSE:
		return scale(spec->pps, t / PULSE_NS * PULSE_ON_NS + (rest < PULSE_ON_NS ? rest : PULSE_ON_NS));
	case GEN_RAMP:
		if (t < RAMP_NS)
			return (uint64_t)((unsigned __int128)scale(spec->pps, t) * t / (2 * RAMP_NS));
		return scale(spec->pps, t - RAMP_NS / 2);
	default:
		return scale(spec->pps, t);
	}
}

struct gen_attack *
gen_attack_create(const struct gen_attack_spec *spec)
{
	struct gen_attack *attack = gen_zalloc(1, sizeof(*attack));

	attack->spec = *spec;
	attack->slice_ns = spec->from_ns;
	seki_rng_init(&attack->rng, spec->seed ^ UINT64_C(0xa77ac4));
	/* The first slice is begun: its slots are those of [from, from + SLICE_NS). */
	attack->n_slots = (unsigned)due_until(spec, SLICE_NS);
	return attack;
}

void
gen_attack_destroy(struct gen_attack *attack)
{
	if (attack == NULL)
		return;
	free(attack->bot);
	free(attack->heap);
	free(attack);
}

unsigned
attack_machine(struct gen_attack *attack)
{
	return (unsigned)attack_between(attack, 0, attack->spec.n_machines - 1);
}

struct gen_addr
attack_host(const struct gen_attack *attack, unsigned i)
{
	switch (attack->spec.over) {
	case GEN_OVER_24:
		return gen_inside(4, i % 256);
	case GEN_OVER_22:
		return gen_inside(4, i % 1024);
	case GEN_OVER_20:
		return gen_inside(4, i % GEN_INSIDE_HOSTS);
	case GEN_OVER_V6_64:
		return gen_inside(6, i % 256);
	case GEN_OVER_V6_48:
		return gen_inside_spread(i % GEN_INSIDE_HOSTS);
	default:
		return gen_inside(attack_family(attack), GEN_HOST_WEB);
	}
}

/* An odd stride: neighbours are not hit one after another. */
static unsigned
next_host(struct gen_attack *attack)
{
	return attack->turn++ * 2579u;
}

void
attack_aim_from(struct gen_attack *attack, struct gen_item *item, uint8_t proto, uint8_t ttl, unsigned machine)
{
	unsigned family = attack_family(attack);

	item->flow = (struct gen_flow){
		.client = gen_machine(family, machine),
		.server = attack_host(attack, next_host(attack)),
		.family = (uint8_t)family,
		.proto = proto,
		.client_outside = true,
		.ttl = gen_stack_ttl(ttl, machine),
		.stack = GEN_LINUX,
		.label = GEN_ATTACK,
	};
	item->packet.ident = (uint16_t)seki_rng_next(&attack->rng);
}

unsigned
attack_aim(struct gen_attack *attack, struct gen_item *item, uint8_t proto, uint8_t ttl)
{
	unsigned machine = attack_machine(attack);

	attack_aim_from(attack, item, proto, ttl, machine);
	if (!attack->spec.real)
		item->flow.client = gen_forged(&attack->rng, attack_family(attack));
	return machine;
}

void
attack_promise(struct gen_attack *attack, const struct gen_item *item)
{
	size_t at;

	attack->heap = gen_grow(attack->heap, attack->n_heap, &attack->heap_room, sizeof(*attack->heap));
	for (at = attack->n_heap++; at > 0; at = (at - 1) / 2) {
		if (attack->heap[(at - 1) / 2].packet.time_ns <= item->packet.time_ns)
			break;
		attack->heap[at] = attack->heap[(at - 1) / 2];
	}
	attack->heap[at] = *item;
}

static void
keep_promise(struct gen_attack *attack, struct gen_item *item)
{
	struct gen_item *heap = attack->heap, *last;
	size_t at = 0, child;

	*item = heap[0];
	last = &heap[--attack->n_heap];
	for (; (child = 2 * at + 1) < attack->n_heap; at = child) {
		if (child + 1 < attack->n_heap && heap[child + 1].packet.time_ns < heap[child].packet.time_ns)
			child++;
		if (last->packet.time_ns <= heap[child].packet.time_ns)
			break;
		heap[at] = heap[child];
	}
	heap[at] = *last;
}

static bool
next_slot(struct gen_attack *attack, uint64_t *time_ns)
{
	const struct gen_attack_spec *spec = &attack->spec;

	while (attack->slot == attack->n_slots) {
		uint64_t t = attack->slice_ns - spec->from_ns + SLICE_NS;

		attack->slice_ns += SLICE_NS;
		if (attack->slice_ns >= spec->until_ns)
			return false;
		attack->slot = 0;
		attack->n_slots = (unsigned)(due_until(spec, t + SLICE_NS) - due_until(spec, t));
	}
	*time_ns = attack->slice_ns +
		   (attack->slot * SLICE_NS + attack_between(attack, 0, SLICE_NS - 1)) / attack->n_slots;
	attack->slot++;
	return *time_ns < spec->until_ns;
}

static gen_maker *
maker_at(const struct gen_attack_spec *spec, uint64_t time_ns)
{
	return spec->maker[spec->shape == GEN_ROTATE ? (time_ns - spec->from_ns) / ROTATE_NS % spec->n_makers : 0];
}

static bool
make_next(struct gen_attack *attack)
{
	struct gen_item *item = &attack->next;
	uint64_t time_ns;

	while (next_slot(attack, &time_ns)) {
		unsigned cost;

		if (attack->owed > 0) {
			attack->owed--;
			continue;
		}
		*item = (struct gen_item){.packet = {.time_ns = time_ns}};
		cost = maker_at(&attack->spec, time_ns)(attack, item);
		if (cost > 0) {
			attack->owed += cost - 1;
			return true;
		}
	}
	return false;
}

bool
gen_attack_next(struct gen_attack *attack, struct gen_item *item)
{
	if (!attack->have)
		attack->have = make_next(attack);
	if (attack->n_heap > 0 && (!attack->have || attack->heap[0].packet.time_ns <= attack->next.packet.time_ns)) {
		keep_promise(attack, item);
	} else if (attack->have) {
		*item = attack->next;
		attack->have = false;
	} else {
		return false;
	}
	return item->packet.time_ns < attack->spec.end_ns;
}
