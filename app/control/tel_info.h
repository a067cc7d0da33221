/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_TEL_INFO_H
#define SEKI_TEL_INFO_H

/* The reply to /seki/info: what runs, its ports, and where the cycles go. See telemetry.h. */

#include "box.h"

#include <rte_telemetry.h>

/* Adds to `d` what runs, and where the cycles go. Under the box's lock. */
void tel_info(const struct box *box, struct rte_tel_data *d);

/* Adds port `index` to `list`. 0 or -ENOMEM. Under the box's lock. */
int tel_info_port(const struct box *box, struct rte_tel_data *list, unsigned index);

#endif
