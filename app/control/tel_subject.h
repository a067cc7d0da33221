/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_TEL_SUBJECT_H
#define SEKI_TEL_SUBJECT_H

/* What a command is about: a zone and a vector, by their names. */

#include "box.h"

/* Bytes of a vector's name, with the zero; a longer one is none. */
#define TEL_VECTOR_MAX 32

/* Zone id of a name in the policy in force, or -1. */
int tel_find_zone(const struct box *box, const char *name);

/* Number of the vector of that name, or -1. What is of no vector ("none") is none. */
int tel_find_vector(const char *name);

/* As it was said, and what it is; -1 where there is none. */
struct tel_subject {
	char zone[SEKI_NAME_MAX], vector[TEL_VECTOR_MAX];
	int zone_id, vector_id;
};

/* Takes a zone and a vector from the parameters; both must be there. NULL, or what is wrong with them. */
const char *tel_subject(const struct box *box, const char **params, struct tel_subject *subject);

#endif
