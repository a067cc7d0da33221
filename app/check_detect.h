/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_CHECK_DETECT_H
#define SEKI_CHECK_DETECT_H

/* What `seki check` says of detection, to standard output. */

#include "spec.h"

/* The limits of a zone that differ from the defaults, equal ones together, and its capacity. */
void check_print_limits(const struct seki_spec_zone *zone);

/* What detection will do. */
void check_print_detection(const struct seki_spec *spec);

#endif
