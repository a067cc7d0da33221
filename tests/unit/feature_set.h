/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FEATURE_SET_H
#define FEATURE_SET_H

/* Writes a feature by its number, for tests that go through all of them. */
#include "feature.h"

static inline void
feature_set(struct seki_features *features, enum seki_feature feature, uint32_t value)
{
	struct seki_feature_place place = seki_feature_places[feature];
	char *at = (char *)features + sizeof(uint32_t) * place.word;
	uint32_t word;

	memcpy(&word, at, sizeof(word));
	word = (word & ~(place.mask << place.shift)) | (value & place.mask) << place.shift;
	memcpy(at, &word, sizeof(word));
}

#endif
