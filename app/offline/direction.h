/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_DIRECTION_H
#define SEKI_DIRECTION_H

/*
 * Which port would a captured frame have come in by? A capture does not say; the routers' MACs do.
 *
 * The configuration names the MACs of the routers on each port's side (ports.macs). A frame sent by one of them
 * came in by that port; a frame sent to one of them leaves by that port, so it came in by the port's peer. Where
 * both are known the sender decides: it is the one who put the frame on the wire. Frames of no known MAC count
 * as received on the first outside port, and their direction is guessed from addresses by classify.
 */

#include "spec.h"

struct direction {
	uint16_t in_port; /* index into the port table */
	enum seki_direction dir;
	bool real; /* a MAC said so: PKT_F_REAL_DIR; else `dir` is for classify to guess */
};

/* Port that a frame of unknown MACs counts as received on: the first outside port, or 0. */
uint16_t direction_default_port(const struct seki_spec *spec);

/* `frame` has `n` readable bytes. Bounded by ports x MACs comparisons; any thread. */
struct direction direction_of(const struct seki_spec *spec, const uint8_t *frame, uint32_t n);

#endif
