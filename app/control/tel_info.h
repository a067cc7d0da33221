/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_TEL_INFO_H
#define SEKI_TEL_INFO_H

/* The reply to /seki/info: what runs, its ports, and where the cycles go. See telemetry.h. */

#include "box.h"

#include <rte_telemetry.h>

/* Fills `d`. 0, -EINVAL for parameters that cannot be, -ENOMEM. Under the box's lock. */
int tel_info(const struct box *box, const char *params, struct rte_tel_data *d);

#endif
