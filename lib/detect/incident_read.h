/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_INCIDENT_READ_H
#define SEKI_INCIDENT_READ_H

/*
 * What a list says of an incident: of one that is here, or out of the file of an earlier run (docs/incident.md).
 *
 * A file may have been cut, or have been put there by anybody, so nothing in it is believed that the format does not
 * allow: values of the right types and of bounded length, no key twice, not nested deeper than ours are.
 */

#include "incident.h"

struct seki_summary {
	char id[SEKI_INCIDENT_ID_MAX];
	char zone[32], domain[32];
	bool observes;
	enum seki_incident_state state;
	char began[SEKI_WALL_TEXT];
	char detected[SEKI_WALL_TEXT], mitigated[SEKI_WALL_TEXT], ended[SEKI_WALL_TEXT]; /* "": not yet */
	uint64_t vectors; /* a bit each; those that this Seki does not know are left out */
	unsigned n_targets;
	struct seki_target target[SEKI_TARGETS_MAX];
	uint64_t hosts_peak;
	size_t state_at, state_len; /* of a text: where the name of the state is */
};

/* Bytes within which all of it is, however large the rest of a file. */
#define SEKI_SUMMARY_WITHIN 65536

/* Of an incident that is here. */
void seki_summary_of(const struct seki_incident *incident, struct seki_summary *out);

/*
 * Of a file: `whole` its whole text, which must then be an object to its end; else its first bytes. False: it is no
 * incident. Reads each byte once; any thread.
 */
bool seki_summary_read(const char *text, size_t n, bool whole, struct seki_summary *out);

/*
 * Whether this can be an incident's id, which goes into the names of files: no byte of it but letters, digits, '-', '_' and
 * '.', and its time and number where they belong. `number` (NULL: not wanted) is that at its end.
 */
bool seki_incident_is_id(const char *text, size_t n, uint64_t *number);

#endif
