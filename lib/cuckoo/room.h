/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_CUCKOO_ROOM_H
#define SEKI_CUCKOO_ROOM_H

/* Internal to lib/cuckoo: finding a slot for a newcomer, and keeping the books of slots. */

#include "cuckoo.h"

/*
 * A slot where the newcomer may be written (room_take): free, or made free by a move or an eviction. Its entry may still
 * stand there. SEKI_CUCKOO_NONE: refused.
 */
uint32_t room_find(struct seki_cuckoo *t, uint64_t digest, uint64_t state, uint16_t now);

/* Asks for the line that room_find will probably choose. */
void room_ask(const struct seki_cuckoo *t, uint64_t digest);

/* Writes an entry over whatever is in the slot. */
void room_take(struct seki_cuckoo *t, uint32_t index, uint64_t digest, uint64_t state);

/* Empties a slot that holds an entry. */
void room_clear(struct seki_cuckoo *t, uint32_t index);

#endif
