/* SPDX-License-Identifier: BSD-3-Clause */

/* Which countermeasure drops for a reason, and which key of the configuration decides that it does. */
#include "explain.h"

#include "posture.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

static const struct cause {
	uint8_t cm;        /* CM_N: none */
	const char *param; /* of it; NULL: nothing but its mode */
	const char *key;   /* of something else; NULL: nothing */
} causes[SEKI_N_REASONS] = {
	[SEKI_REASON_L2_TRUNCATED] = {CM_MALFORMED, NULL, NULL},
	[SEKI_REASON_IP_VERSION] = {CM_MALFORMED, NULL, NULL},
	[SEKI_REASON_IP_HEADER_LENGTH] = {CM_MALFORMED, NULL, NULL},
	[SEKI_REASON_IP_LENGTH] = {CM_MALFORMED, NULL, NULL},
	[SEKI_REASON_IP_CHECKSUM] = {CM_MALFORMED, "checksum", NULL},
	[SEKI_REASON_IP6_CHAIN] = {CM_MALFORMED, NULL, NULL},
	[SEKI_REASON_L4_TRUNCATED] = {CM_MALFORMED, NULL, NULL},
	[SEKI_REASON_TCP_HEADER_LENGTH] = {CM_MALFORMED, NULL, NULL},
	[SEKI_REASON_TCP_FLAGS] = {CM_MALFORMED, "tcp_flags", NULL},
	[SEKI_REASON_UDP_LENGTH] = {CM_MALFORMED, NULL, NULL},
	[SEKI_REASON_PORT_ZERO] = {CM_MALFORMED, "port_zero", NULL},
	[SEKI_REASON_LAND] = {CM_MALFORMED, "land", NULL},
	[SEKI_REASON_FRAG_TINY] = {CM_MALFORMED, "fragments", NULL},
	[SEKI_REASON_FRAG_OVERLAP] = {CM_MALFORMED, "fragments", NULL},
	[SEKI_REASON_FRAG_LENGTH] = {CM_MALFORMED, "fragments", NULL},
	[SEKI_REASON_SOURCE_ROUTE] = {CM_MALFORMED, "source_route", NULL},
	[SEKI_REASON_SRC_MARTIAN] = {CM_ANTISPOOF, "martian", NULL},
	[SEKI_REASON_SRC_MULTICAST] = {CM_ANTISPOOF, "multicast", NULL},
	[SEKI_REASON_SRC_OWN_ZONE] = {CM_ANTISPOOF, "own_zone", NULL},
	[SEKI_REASON_DENIED] = {CM_DENY, NULL, "zones.deny, and the lists that it names"},
	[SEKI_REASON_FILTERED] = {CM_FILTER, NULL, "zones.filter"},
	[SEKI_REASON_SERVICE_BUDGET] = {CM_SERVICE, "pps", "zones.services"},
	[SEKI_REASON_ICMP_ERROR_BUDGET] = {CM_SERVICE, "error_pps", NULL},
	[SEKI_REASON_REFLECTION_BUDGET] = {CM_REFLECTION, "pps", NULL},
	[SEKI_REASON_FRAGMENT_DENIED] = {CM_FRAGMENT, "deny", NULL},
	[SEKI_REASON_FRAGMENT_BUDGET] = {CM_FRAGMENT, "pps", NULL},
	[SEKI_REASON_TCP_STRAY] = {CM_TCP_STATE, "pps", NULL},
	[SEKI_REASON_SIGNATURE] = {CM_SIGNATURE, NULL, NULL},
	[SEKI_REASON_FLOOD] = {CM_FLOOD, "proven_pps", "the vector's limit, zones.limits or detection.limits,"},
	[SEKI_REASON_SOURCE_PPS] = {CM_SOURCE_LIMIT, "pps", NULL},
	[SEKI_REASON_SOURCE_BPS] = {CM_SOURCE_LIMIT, "bps", NULL},
	[SEKI_REASON_SOURCE_SYN] = {CM_SOURCE_LIMIT, "syn_pps", NULL},
	[SEKI_REASON_SOURCE_FLOWS] = {CM_SOURCE_LIMIT, "flows_pps", NULL},
	[SEKI_REASON_SOURCE_PORTS] = {CM_SOURCE_LIMIT, "ports_pps", "zones.shared"},
	[SEKI_REASON_SOURCE_BLOCKED] = {CM_SOURCE_LIMIT, "block", NULL},
	[SEKI_REASON_ZONE_PPS] = {CM_ZONE_LIMIT, "total_pps", NULL},
	[SEKI_REASON_ZONE_BPS] = {CM_ZONE_LIMIT, "total_bps", NULL},
	[SEKI_REASON_CLASS_PPS] = {CM_ZONE_LIMIT, "_pps", NULL}, /* of its class */
	[SEKI_REASON_CLASS_BPS] = {CM_ZONE_LIMIT, "_bps", NULL},
	[SEKI_REASON_OVERSIZE] = {CM_N, NULL, "ports.mtu"},
	[SEKI_REASON_STEER_FULL] = {CM_N, NULL, "cores.ring_size"},
	[SEKI_REASON_RING_FULL] = {CM_N, NULL, "cores.ring_size"},
	[SEKI_REASON_TX_FULL] = {CM_N, NULL, "ports.tx_desc"},
	[SEKI_REASON_SHUTDOWN] = {CM_N, NULL, NULL},
};

const char explain_guard[] =
	"An attack on the zone changes its vector: this one is held, to the targets, to what would make it part of the attack.";

void
explain_say(struct explanation *out, const char *fmt, ...)
{
	va_list args;

	if (out->n == EXPLAIN_SENTENCES) {
		snprintf(out->sentence[out->n - 1], EXPLAIN_TEXT, "There is more to say than there is room for.");
		return;
	}
	va_start(args, fmt);
	vsnprintf(out->sentence[out->n++], EXPLAIN_TEXT, fmt, args);
	va_end(args);
}

unsigned
explain_cm(unsigned reason)
{
	return seki_reason_verdict(reason) == SEKI_VERDICT_DROP ? causes[reason].cm : CM_N;
}

static const struct seki_spec_zone *
spec_zone(const struct explain_world *world, uint16_t zone)
{
	const struct seki_policy_zone *z = &world->snap->policy->zone[zone];

	return zone == SEKI_ZONE_NONE || z->name[0] == '\0' ? NULL : &world->spec->zone[z->spec];
}

static int
find_param(const struct cm_ops *ops, const char *name)
{
	for (unsigned i = 0; i < ops->n_params; i++)
		if (strcmp(ops->params[i].name, name) == 0)
			return (int)i;
	return -1;
}

/* The parameter that decides: that of the vector or of its class, where there is one. */
static int
param_of(const struct seki_spec_zone *zone, unsigned vector, unsigned reason)
{
	const struct cause *cause = &causes[reason];
	const struct cm_ops *ops = cm_ops[cause->cm];
	char name[64];
	int own = -1;

	if (cause->param == NULL)
		return -1;
	if (reason == SEKI_REASON_REFLECTION_BUDGET) {
		snprintf(name, sizeof(name), "%s_pps", seki_vector_name(vector));
		own = find_param(ops, name);
		if (own >= 0 && zone->cm_param[cause->cm][own] == 0)
			own = -1;
	} else if (cause->param[0] == '_') {
		snprintf(name, sizeof(name), "%s%s", seki_class_name(seki_vector_class[vector]), cause->param);
		own = find_param(ops, name);
	}
	return own >= 0 ? own : find_param(ops, cause->param);
}

void
explain_cause(
	const struct explain_world *world, uint16_t zone, unsigned vector, unsigned reason, struct explanation *out)
{
	const struct seki_spec_zone *z = spec_zone(world, zone);
	const struct cause *cause = &causes[reason];
	const struct cm_ops *ops = cause->cm < CM_N ? cm_ops[cause->cm] : NULL;
	char value[32];
	int param;

	if (seki_reason_verdict(reason) != SEKI_VERDICT_DROP)
		return;
	if (cause->key != NULL)
		explain_say(out, "What decides it is %s in the configuration.", cause->key);
	if (ops == NULL || z == NULL)
		return;
	param = param_of(z, vector, reason);
	if (param >= 0)
		explain_say(out, "countermeasures.%s.%s is %s for the zone: %s", ops->name, ops->params[param].name,
			seki_unit_format(ops->params[param].unit, z->cm_param[cause->cm][param], value),
			ops->params[param].help);
	explain_say(out, "countermeasures.%s.mode is \"%s\" for the zone%s.", ops->name,
		cm_mode_name(z->cm_mode[cause->cm]),
		z->cm_mode[cause->cm] == CM_MODE_AUTO ? ": it objects where an incident, or an operator, raises it"
						      : "");
}

void
explain_posture(const struct explain_world *world, uint16_t zone, unsigned vector, struct explanation *out)
{
	struct seki_vector_posture p;
	const struct seki_incident *in;
	char text[EXPLAIN_RATE_TEXT];

	if (world->detect == NULL || !seki_detect_posture(world->detect, zone, vector, &p)) {
		explain_say(out, "Attacks are not looked for in this zone.");
		return;
	}
	explain_say(out,
		"In the last tenth of a second strangers sent %" PRIu64
		" packets a second of it to the zone, and %" PRIu64 " passed.",
		p.offered_pps, p.passed_pps);
	if (p.state >= TRACK_ALERT)
		explain_say(out, "The limit that it went over, where it did, is %s (%s).", explain_rate(p.limit, text),
			seki_limit_from_name(p.limit_from));
	in = p.state >= TRACK_MITIGATING ? seki_detect_incident_in(world->detect, zone) : NULL;
	explain_say(out, "The detector's state for that vector is \"%s\"%s%s; the step in force is \"%s\": %s.",
		seki_track_state_name(p.state), in != NULL ? ", in incident " : "", in != NULL ? in->id : "",
		seki_step_name(p.step), seki_step_sentence(p.step));
	if (p.state == TRACK_COOLING)
		explain_say(
			out, "It is not over its limit now: attacks come back, so what is raised stays for a while.");
	if (p.guarded)
		explain_say(out, "%s", explain_guard);
	if (p.overridden)
		explain_say(out,
			"An operator has set that step, for another %" PRIu64 " s; the detector's own is \"%s\".",
			p.until_ns > world->now_ns ? (p.until_ns - world->now_ns) / 1000000000 : 0,
			seki_step_name(p.own_step));
}
