/* SPDX-License-Identifier: BSD-3-Clause */
#include "tel_subject.h"

#include "tel_params.h"

#include <string.h>

int
tel_find_zone(const struct box *box, const char *name)
{
	const struct seki_policy *policy = box_policy(box);

	for (unsigned z = 1; z < policy->zone_id_end && name[0] != '\0'; z++)
		if (strcmp(policy->zone[z].name, name) == 0)
			return (int)z;
	return -1;
}

int
tel_find_vector(const char *name)
{
	for (unsigned v = SEKI_VECTOR_NONE + 1; v < SEKI_N_VECTORS; v++)
		if (strcmp(seki_vector_name(v), name) == 0)
			return (int)v;
	return -1;
}

const char *
tel_subject(const struct box *box, const char **params, struct tel_subject *subject)
{
	params_word(params, subject->zone, sizeof(subject->zone));
	params_word(params, subject->vector, sizeof(subject->vector));
	subject->zone_id = tel_find_zone(box, subject->zone);
	subject->vector_id = tel_find_vector(subject->vector);
	if (subject->zone_id < 0)
		return "there is no such zone";
	return subject->vector_id < 0 ? "there is no such vector" : NULL;
}
