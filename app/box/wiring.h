/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_WIRING_H
#define SEKI_WIRING_H

/*
 * Which core polls which queue, and which ring leads where.
 *
 * RX: queue q of a port belongs to RX core q where the port has one for each; a port with fewer queues deals them out
 * from its own index on, so that two one-queue ports do not meet on one core. TX: each transmitting core has a queue of
 * its own on every port, as far as queues go round; whoever has none on a port sends over rings to one who has.
 */

struct box;
struct seki_err;

/* Makes box->worker: memory near each core, way out, steering. 0 or -errno with a sentence. Ports are configured. */
int wire_workers(struct box *box, struct seki_err *err);

/* Tells steering which ports hash, once they have started. Before cores run. */
void wire_probes(struct box *box);

/* No packet is in any ring between cores. Any thread. */
bool wire_is_empty(const struct box *box);

/* Frees workers and rings; what the rings still hold must have been discarded. */
void unwire_workers(struct box *box);

#endif
