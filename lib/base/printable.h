/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_PRINTABLE_H
#define SEKI_PRINTABLE_H

/*
 * Text that somebody else chose, such as a file's name, made fit for a terminal and for a log of lines.
 *
 * A terminal acts on control bytes: they move the cursor, set the title, forge a line that Seki never wrote. So
 * whatever is neither printable ASCII nor well-formed UTF-8 of a visible character is shown as \xHH, byte by byte:
 * C0 and C1 controls, DEL, newlines and tabs too, stray and overlong bytes, and those characters that only turn
 * the direction of the text around them or take no room. A backslash stays as it is: the result is to be read, not
 * to be turned back.
 */

#include <stddef.h>
#include <stdio.h>

/*
 * Writes the printable form of `text` to `out`, at most `room` bytes with the final zero, and never half of a
 * character. Returns the length of the whole form, as snprintf does. `room` 0: `out` may be NULL. Any thread.
 */
size_t seki_printable(const char *text, char *out, size_t room);

/* Writes the printable form of `text` to a stream. */
void seki_printable_put(const char *text, FILE *out);

#endif
