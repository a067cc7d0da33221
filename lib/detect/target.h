/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_DETECT_TARGET_H
#define SEKI_DETECT_TARGET_H

/*
 * Who is attacked: a few prefixes that hold what is over its limits, and little else. Internal to lib/detect.
 */

#include <stdbool.h>
#include <stdint.h>

/* Targets of one zone at a time: so many prefixes a packet is compared with at most, and only in an attack. */
#define SEKI_TARGETS_MAX 16

/* A prefix of inside addresses; IPv6 up to /64, since longer ones are not counted. */
struct seki_target {
	uint64_t net; /* IPv4: the address in the upper 32 bits; IPv6: the upper half */
	uint8_t family;
	uint8_t len;
};

static inline uint64_t
seki_target_mask(unsigned len)
{
	return len == 0 ? 0 : UINT64_MAX << (64 - len);
}

static inline bool
seki_target_holds(struct seki_target outer, struct seki_target inner)
{
	return outer.family == inner.family && outer.len <= inner.len &&
	       ((outer.net ^ inner.net) & seki_target_mask(outer.len)) == 0;
}

/* One of them holds the other. */
static inline bool
seki_targets_overlap(struct seki_target a, struct seki_target b)
{
	return seki_target_holds(a, b) || seki_target_holds(b, a);
}

/* A list in the making. */
struct target_item {
	struct seki_target prefix;
	uint64_t covered; /* addresses (IPv6: /64s) in it that are targets */
};

/*
 * Puts neighbours together where half of what they have in common is target, and, while there are more than `max`,
 * whatever lies closest; `max` 2 or more. What comes out holds all that went in; sorted. Returns how many are left.
 * `item` is sorted in place.
 */
unsigned target_merge(struct target_item *item, unsigned n, unsigned max);

/* Addresses of an IPv4 prefix, /64s of an IPv6 one; of ::/0 one less than there are. */
static inline uint64_t
seki_target_space(struct seki_target prefix)
{
	unsigned bits = prefix.family == 4 ? 32 : 64;

	return bits - prefix.len == 64 ? UINT64_MAX : UINT64_C(1) << (bits - prefix.len);
}

/* An item that is all target. */
static inline struct target_item
target_item_of(struct seki_target prefix)
{
	return (struct target_item){prefix, seki_target_space(prefix)};
}

/* "198.51.100.0/22". Returns `text`. */
#define SEKI_TARGET_TEXT 64
char *seki_target_text(struct seki_target target, char text[SEKI_TARGET_TEXT]);

#endif
