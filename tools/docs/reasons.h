/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_DOCS_REASONS_H
#define SEKI_DOCS_REASONS_H

#include <stdio.h>

/* docs/reasons.md: every reason with its sentence, and the vectors. */
void docs_write_reasons(FILE *out);

#endif
