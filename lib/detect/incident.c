/* SPDX-License-Identifier: BSD-3-Clause */
#include "incident.h"

#include <string.h>
#include <time.h>

const char *
seki_incident_state_name(unsigned state)
{
	static const char *const names[] = {
		[SEKI_INCIDENT_OPEN] = "open",
		[SEKI_INCIDENT_COOLING] = "cooling",
		[SEKI_INCIDENT_ENDED] = "ended",
		[SEKI_INCIDENT_INTERRUPTED] = "interrupted",
	};

	return state < sizeof(names) / sizeof(names[0]) ? names[state] : "?";
}

const char *
seki_decision_action_name(unsigned action)
{
	static const char *const names[SEKI_N_DECISION_ACTIONS] = {
		[SEKI_DECISION_NONE] = "none",
		[SEKI_DECISION_RAISE] = "raise",
		[SEKI_DECISION_LOWER] = "lower",
		[SEKI_DECISION_END] = "end",
		[SEKI_DECISION_SIGNATURE] = "signature",
		[SEKI_DECISION_OVERRIDE] = "override",
		[SEKI_DECISION_GUARD] = "guard",
	};

	return action < SEKI_N_DECISION_ACTIONS ? names[action] : "?";
}

static double
share(double part, double of)
{
	return of <= 0 || part <= 0 ? 0 : part >= of ? 1 : part / of;
}

struct seki_estimate
seki_incident_leak(const struct seki_incident *incident)
{
	const struct seki_incident_sums *s = &incident->sums;

	return (struct seki_estimate){
		.known = s->attack > 0,
		.value = share(s->leaked, s->attack),
		.low = share(s->leaked_low, s->attack_high),
		.high = share(s->leaked_high, s->attack_low > 0 ? s->attack_low : s->attack),
	};
}

/* Of fewer packets a share says nothing. */
#define LEGIT_ENOUGH 100

struct seki_estimate
seki_incident_collateral(const struct seki_incident *incident)
{
	const struct seki_incident_sums *s = &incident->sums;

	return (struct seki_estimate){
		.known = s->legit >= LEGIT_ENOUGH,
		.value = share(s->lost, s->legit),
		.low = 0, /* what is usual may be nobody's: scanners' */
		.high = share(s->lost_high, s->legit),
	};
}

struct seki_decision *
seki_incident_decide(struct seki_incident *incident)
{
	if (incident->n_decisions == SEKI_INCIDENT_DECISIONS) {
		incident->decisions_lost++;
		return NULL;
	}
	return &incident->decision[incident->n_decisions++];
}

static void
join(struct seki_incident_second *a, const struct seki_incident_second *b)
{
	a->n += b->n;
	a->offered_packets += b->offered_packets;
	a->offered_bytes += b->offered_bytes;
	a->dropped_packets += b->dropped_packets;
	a->dropped_bytes += b->dropped_bytes;
	a->attack_packets += b->attack_packets;
	a->observed_packets += b->observed_packets;
	for (unsigned r = 0; r < SEKI_N_REASONS; r++)
		a->dropped[r] += b->dropped[r];
	a->hosts = a->hosts > b->hosts ? a->hosts : b->hosts;
	a->step = a->step > b->step ? a->step : b->step;
}

/* Seconds by pairs; what came before the incident began stays apart from what came after. */
static void
halve(struct seki_incident *incident)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < incident->n_seconds; i++) {
		struct seki_incident_second *s = &incident->second[i];

		if (i + 1 < incident->n_seconds && (s->s < 0) == (s[1].s < 0)) {
			join(s, s + 1);
			i++;
		}
		incident->second[kept++] = *s;
	}
	incident->n_seconds = kept;
}

struct seki_incident_second *
seki_incident_second(struct seki_incident *incident, int32_t s)
{
	struct seki_incident_second *second;

	if (incident->n_seconds == SEKI_INCIDENT_SECONDS)
		halve(incident);
	second = &incident->second[incident->n_seconds++];
	*second = (struct seki_incident_second){.s = s, .n = 1};
	return second;
}

char *
seki_wall_text(uint64_t wall_ns, char text[SEKI_WALL_TEXT])
{
	time_t seconds = (time_t)(wall_ns / 1000000000);
	struct tm tm;
	size_t n;

	gmtime_r(&seconds, &tm);
	n = strftime(text, SEKI_WALL_TEXT, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(text + n, SEKI_WALL_TEXT - n, ".%03uZ", (unsigned)(wall_ns / 1000000 % 1000));
	return text;
}
