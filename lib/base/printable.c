/* SPDX-License-Identifier: BSD-3-Clause */
#include "printable.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define ESCAPE_LEN 4 /* \xHH */

/* Characters that a terminal does not show, or that turn others around. Unicode's general categories Cc, Cf, Zl, Zp. */
static const struct {
	uint32_t first, last;
} hidden[] = {
	{0x0000, 0x001f},
	{0x007f, 0x009f},
	{0x00ad, 0x00ad},
	{0x0600, 0x0605},
	{0x061c, 0x061c},
	{0x180e, 0x180e},
	{0x200b, 0x200f},
	{0x2028, 0x202e},
	{0x2060, 0x206f},
	{0xd800, 0xdfff}, /* no characters: UTF-16's own */
	{0xfeff, 0xfeff},
	{0xfff9, 0xfffb},
	{0xe0000, 0xe007f},
};

static bool
is_visible(uint32_t character)
{
	for (size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++)
		if (character >= hidden[i].first && character <= hidden[i].last)
			return false;
	return character <= 0x10ffff;
}

/* Bytes of the visible character that starts at `at`; 0: there is none. RFC 3629, section 3. */
static size_t
visible_bytes(const unsigned char *at)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000}; /* what takes fewer bytes must have fewer */
	size_t n = at[0] < 0x80 ? 1 : at[0] < 0xc0 ? 0 : at[0] < 0xe0 ? 2 : at[0] < 0xf0 ? 3 : at[0] < 0xf8 ? 4 : 0;
	uint32_t character = n <= 1 ? at[0] : at[0] & (0x7fu >> n);

	/* The text's final zero is no continuation, so nothing is read beyond it. */
	for (size_t i = 1; i < n; i++) {
		if ((at[i] & 0xc0) != 0x80)
			return 0;
		character = character << 6 | (at[i] & 0x3f);
	}
	return n > 0 && character >= least[n] && is_visible(character) ? n : 0;
}

/* Puts the form of what starts at `*at` into `form` and moves `*at` behind it. Returns the form's length. */
static size_t
next_form(const char **at, char form[ESCAPE_LEN + 1])
{
	size_t n = visible_bytes((const unsigned char *)*at);

	if (n > 0) {
		memcpy(form, *at, n);
		*at += n;
		return n;
	}
	snprintf(form, ESCAPE_LEN + 1, "\\x%02x", (unsigned char)**at);
	*at += 1;
	return ESCAPE_LEN;
}

size_t
seki_printable(const char *text, char *out, size_t room)
{
	char form[ESCAPE_LEN + 1];
	size_t length = 0, written = 0;

	while (*text != '\0') {
		size_t n = next_form(&text, form);

		length += n;
		if (length < room) {
			memcpy(out + written, form, n);
			written = length;
		}
	}
	if (room > 0)
		out[written] = '\0';
	return length;
}

void
seki_printable_put(const char *text, FILE *out)
{
	char form[ESCAPE_LEN + 1];

	while (*text != '\0') {
		size_t n = next_form(&text, form);

		fwrite(form, 1, n, out);
	}
}
