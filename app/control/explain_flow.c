/* SPDX-License-Identifier: BSD-3-Clause */

/* What would become of a packet: one is made, and judged by the pipeline. */
#include "explain.h"

#include "explain_judge.h"
#include "posture.h"
#include "special.h"

#include <endian.h>
#include <errno.h>
#include <string.h>

#include <netinet/in.h>

static uint16_t
zone_of(const struct seki_policy *policy, unsigned domain, const struct seki_prefix *addr)
{
	uint64_t value = 0;
	uint32_t v4;

	if (policy->zone_lpm[domain] == NULL)
		return SEKI_ZONE_NONE;
	memcpy(&v4, addr->addr, sizeof(v4));
	v4 = be32toh(v4);
	if (addr->family == 4)
		seki_lpm_lookup4_burst(policy->zone_lpm[domain], &v4, &value, 1);
	else
		seki_lpm_lookup6_burst(policy->zone_lpm[domain], &addr->addr, &value, 1);
	return (uint16_t)value;
}

/* A port that faces outside, and a VLAN, which lead into the domain. */
static bool
way_into(const struct explain_world *world, unsigned domain, struct place *place)
{
	const struct seki_policy *policy = world->snap->policy;

	for (unsigned p = 0; p < world->spec->n_ports; p++)
		for (unsigned v = 0; policy->outside[p] && v < 4096; v++)
			if (policy->vlan_domain[p][v] == domain) {
				place->port = p;
				place->vlan = (uint16_t)v;
				return true;
			}
	return false;
}

/* The domain that was asked for, or the one that has a zone for it. False, and it says why: there is no place for it.
 */
static bool
find_place(const struct explain_world *world, const struct explain_flow *flow, struct place *place,
	struct explanation *out)
{
	const struct seki_policy *policy = world->snap->policy;
	unsigned found = 0;

	for (unsigned d = 0; d < policy->n_domains; d++) {
		uint16_t zone = zone_of(policy, d, &flow->dst);

		if (zone == SEKI_ZONE_NONE ||
			(flow->domain[0] != '\0' && strcmp(flow->domain, policy->domain_name[d]) != 0))
			continue;
		place->domain = (uint16_t)d;
		place->zone = zone;
		if (found++ > 0)
			break;
	}
	if (found == 0) {
		out->verdict = SEKI_VERDICT_PASS;
		out->reason = SEKI_REASON_NO_ZONE;
	}
	if (found > 1)
		explain_say(out, "More than one domain has a zone for this destination: say which one is meant.");
	else if (found == 0)
		explain_say(out, "No zone%s%s holds the destination: such a packet passes, and is not judged.",
			flow->domain[0] != '\0' ? " of domain " : "", flow->domain);
	else if (!way_into(world, place->domain, place))
		explain_say(out, "No port that faces outside leads into domain \"%s\".",
			policy->domain_name[place->domain]);
	else
		return true;
	return false;
}

static void
say_end(const struct explain_world *world, const struct pkt *p, const char *when, struct explanation *out)
{
	unsigned reason = p->verdict == SEKI_VERDICT_DROP ? p->reason : p->observed;
	unsigned cm = explain_cm(reason);
	const char *name = cm < CM_N ? cm_ops[cm]->name : "the box itself";

	if (reason == SEKI_REASON_NONE)
		explain_say(out, "%s it would pass, \"%s\": %s", when, seki_reason_name(p->reason),
			seki_reason_sentence(p->reason));
	else if (p->verdict == SEKI_VERDICT_DROP)
		explain_say(out, "%s it would be dropped by %s, \"%s\": %s", when, name, seki_reason_name(reason),
			seki_reason_sentence(reason));
	else
		explain_say(out, "%s it would pass, but be counted as what %s would drop, \"%s\": %s", when, name,
			seki_reason_name(reason),
			world->snap->posture[p->zone].observes
				? "the zone only observes (zones.mode)."
				: "that countermeasure only observes, or is not raised for it.");
	explain_cause(world, p->zone, p->vector, reason, out);
}

static bool
same_end(const struct pkt *a, const struct pkt *b)
{
	return a->verdict == b->verdict && a->reason == b->reason && a->observed == b->observed;
}

static void
say_ration(const struct seki_raised *raised, const struct pkt *p, struct explanation *out)
{
	uint16_t ration = raised->ration[p->vector];

	if (ration == 0 || ration == SEKI_RATION_ALL)
		return;
	explain_say(out, "Of strangers no more than %u packets pass of a core in a tenth of a second%s.", ration,
		raised->strict[p->vector] != 0 ? ", while the attack pauses" : "");
}

/* What is raised for this very packet. */
static void
say_raised(const struct explain_world *world, const struct pkt *p, struct explanation *out)
{
	const struct seki_raised *raised = world->snap->raised[p->zone];
	char text[SEKI_SIGNATURE_TEXT];

	if (raised == NULL || !seki_raised_holds(raised, p)) {
		explain_say(out, "Nothing is raised for packets of this vector to this destination.");
		return;
	}
	for (unsigned cm = 0; cm < CM_N; cm++)
		if (raised->cm[p->vector] >> cm & 1)
			explain_say(out, "%s is raised for packets of this vector to this destination%s.",
				cm_ops[cm]->name,
				raised->strict[p->vector] >> cm & 1 ? ", strictly: its budget is nothing" : "");
	if ((raised->cm[p->vector] >> CM_FLOOD & ~raised->strict[p->vector] >> CM_FLOOD & 1) != 0)
		explain_say(out, "Of strangers' packets it now lets %u in a hundred pass.",
			(raised->pass_q16[p->vector] * 100u + UINT16_MAX / 2) / UINT16_MAX);
	if (raised->proven >> p->vector & 1)
		explain_say(out, raised->cm[p->vector] >> CM_REFLECTION & 1
					 ? "Familiar sources attack, too: all of them share what the limit allows."
					 : "A source that has proven its address may send a little of it, by "
					   "countermeasures.flood.proven_pps.");
	say_ration(raised, p, out);
	for (unsigned i = 0; i < raised->n_signatures && (raised->cm[p->vector] >> CM_SIGNATURE & 1) != 0; i++)
		if (raised->signature[i].vector == p->vector)
			explain_say(out, "A packet that fits this is dropped, whoever sends it: %.200s.",
				seki_signature_text(&raised->signature[i], text));
}

static void
say_levels(const struct explain_world *world, const struct explain_flow *flow, const struct place *place,
	unsigned vector, struct explanation *out)
{
	struct seki_level_rate level[SEKI_N_LEVELS];

	if (world->detect == NULL)
		return;
	explain_levels(level, seki_detect_levels(world->detect, place->zone, &flow->dst, vector, level),
		flow->dst.family == 4 ? "the host" : "the host and those of its /64 that are counted with it", out);
}

static void
say_kind(struct judge *j, const struct explain_world *world, const struct explain_flow *flow, const struct place *place,
	const char *kind, struct explanation *out)
{
	const struct pkt with_room = *judge_packet(j, world, place, false), *without;

	explain_say(out, "%s is of vector %s: %s", kind, seki_vector_name(with_room.vector),
		seki_vector_description(with_room.vector));
	if ((with_room.flags & PKT_F_CONTROL) != 0) {
		explain_say(
			out, "It is control traffic of the network itself, between configured peers: it goes first.");
	} else {
		explain_posture(world, place->zone, with_room.vector, out);
		say_levels(world, flow, place, with_room.vector, out);
		say_raised(world, &with_room, out);
	}
	say_end(world, &with_room, "From a stranger", out);
	without = judge_packet(j, world, place, true);
	if (!same_end(&with_room, without))
		say_end(world, without, "When the budget or the share that it draws on is spent,", out);
}

/* What the lists say of the source, and what the zone makes of each. */
static void
say_source(const struct explain_world *world, const struct explain_flow *flow, const struct place *place,
	struct explanation *out)
{
	static const char *const ranges[SEKI_N_SPECIALS] = {
		[SEKI_SPECIAL_MULTICAST] = "multicast or broadcast",
		[SEKI_SPECIAL_MARTIAN] = "never on a link",
		[SEKI_SPECIAL_LINK_LOCAL] = "of one link only",
		[SEKI_SPECIAL_PRIVATE] = "private",
		[SEKI_SPECIAL_DOCUMENTATION] = "for documentation and benchmarks",
	};
	const struct seki_policy *policy = world->snap->policy;
	const struct cm_zone *zone = &policy->cm[place->zone];
	unsigned special = seki_special_find(flow->src.family, flow->src.addr), n = 0;
	uint64_t set = 0, lists;
	uint32_t v4;

	if (zone_of(policy, place->domain, &flow->src) != SEKI_ZONE_NONE)
		explain_say(out, "The source is an address of a protected zone: from outside it can only be forged.");
	if (special != SEKI_SPECIAL_NONE)
		explain_say(out, "Addresses like the source are %s.", ranges[special]);
	memcpy(&v4, flow->src.addr, sizeof(v4));
	v4 = be32toh(v4);
	if (flow->src.family == 4 && (policy->sets.lpm != NULL || policy->sets.singles != NULL))
		seki_sets_lookup4_burst(&policy->sets, &v4, &set, 1);
	else if (policy->sets.lpm != NULL || policy->sets.singles != NULL)
		seki_sets_lookup6_burst(&policy->sets, &flow->src.addr, &set, 1);
	lists = set == 0 ? 0 : policy->sets.mask[set];
	for (unsigned i = 0; i < world->spec->n_lists; i++) {
		if ((lists >> i & 1) == 0)
			continue;
		explain_say(out, "The source is on the list \"%s\", which the zone%s%s%s%s.", world->spec->list[i].name,
			zone->allow_lists >> i & 1 ? " allows" : "", zone->deny_lists >> i & 1 ? " denies" : "",
			zone->shared_lists >> i & 1 ? " takes for shared addresses" : "",
			(zone->allow_lists | zone->deny_lists | zone->shared_lists) >> i & 1 ? ""
											     : " makes nothing of");
		n++;
	}
	if (n == 0)
		explain_say(out, "The source is on no list.");
}

static void
say_flow(const struct explain_world *world, const struct explain_flow *flow, const struct place *place,
	struct explanation *out)
{
	const struct seki_policy *policy = world->snap->policy;
	char src[SEKI_PREFIX_STRLEN], dst[SEKI_PREFIX_STRLEN];

	explain_say(out,
		"IP protocol %u from %s, port %u, to %s, port %u: for zone \"%s\" of domain \"%s\", whose mode is \"%s\".",
		flow->proto, seki_prefix_format(&flow->src, src), flow->sport, seki_prefix_format(&flow->dst, dst),
		flow->dport, policy->zone[place->zone].name, policy->domain_name[place->domain],
		cm_mode_name(policy->zone[place->zone].mode));
	say_source(world, flow, place, out);
}

static void
say_served(const struct explain_world *world, const struct pkt *p, struct explanation *out)
{
	const struct cm_served *served = world->snap->policy->cm[p->zone].served;

	if (served->any)
		explain_say(out, "The zone names no services, so this is served.");
	else if (cm_is_served(served, p))
		explain_say(out, "The zone serves this: zones.services names it.");
	else
		explain_say(out, "The zone does not serve this: zones.services does not name it.");
}

/* What a program wants to know: of the first packet. */
static void
summarize(const struct pkt *p, struct explanation *out)
{
	out->zone = p->zone;
	out->vector = p->vector;
	out->verdict = p->verdict;
	out->reason = p->reason;
	out->observed = p->observed;
}

int
explain_flow(const struct explain_world *world, const struct explain_flow *flow, struct explanation *out)
{
	bool tcp = flow->proto == IPPROTO_TCP;
	struct place place = {0};
	const struct pkt *first;
	struct judge *j;

	memset(out, 0, sizeof(*out));
	if (!find_place(world, flow, &place, out))
		return 0;
	j = judge_open();
	if (j == NULL)
		return -ENOMEM;
	say_flow(world, flow, &place, out);
	judge_frame(j, flow, &place, PKT_TCP_SYN);
	first = judge_packet(j, world, &place, false);
	summarize(first, out);
	say_served(world, first, out);
	say_kind(j, world, flow, &place, tcp ? "A request for the connection (SYN)" : "The packet", out);
	if (tcp) {
		judge_frame(j, flow, &place, PKT_TCP_ACK | PKT_TCP_PSH);
		say_kind(j, world, flow, &place, "A segment with data, of no known connection,", out);
	}
	explain_say(out,
		"Of flows, proofs and rates of sources nothing is said here: only the packet cores know them. What is of a known "
		"flow is no stranger's.");
	judge_close(j);
	return 0;
}
