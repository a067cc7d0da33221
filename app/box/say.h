/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_SAY_H
#define SEKI_SAY_H

/* One line for the operator on stderr, "seki: ...". Control threads; never the packet path. */
void say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
