/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_DOCS_VECTORS_H
#define SEKI_DOCS_VECTORS_H

#include <stdio.h>

/* docs/vectors.md: every vector with its default limits, and the ladders. */
void docs_write_vectors(FILE *out);

#endif
