/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_FINAL_H
#define SEKI_FINAL_H

/* The last word of `seki run`: what came in and what became of it. */

#include "box.h"

#include <stdio.h>

/*
 * Writes ports, reasons, zones and the accounting identity as tables. Cores have stopped, ports are still open.
 * Returns true if the identity holds.
 */
bool final_print(struct box *box, FILE *out);

#endif
