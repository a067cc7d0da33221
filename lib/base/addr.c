/* SPDX-License-Identifier: BSD-3-Clause */
#include "addr.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

static int
parse_length(const char *text, unsigned max, uint8_t *len)
{
	unsigned value = 0;

	if (*text == '\0' || strlen(text) > 3 || (text[0] == '0' && text[1] != '\0'))
		return -EINVAL;
	for (; *text != '\0'; text++) {
		if (*text < '0' || *text > '9')
			return -EINVAL;
		value = value * 10 + (unsigned)(*text - '0');
	}
	if (value > max)
		return -EINVAL;
	*len = (uint8_t)value;
	return 0;
}

int
seki_prefix_parse(const char *text, struct seki_prefix *out)
{
	char addr[INET6_ADDRSTRLEN];
	const char *slash = strchr(text, '/');
	size_t n = slash == NULL ? strlen(text) : (size_t)(slash - text);
	struct seki_prefix given;

	*out = (struct seki_prefix){0};
	if (n == 0 || n >= sizeof(addr))
		return -EINVAL;
	memcpy(addr, text, n);
	addr[n] = '\0';

	if (inet_pton(AF_INET, addr, out->addr) == 1)
		out->family = 4;
	else if (inet_pton(AF_INET6, addr, out->addr) == 1)
		out->family = 6;
	else
		return -EINVAL;

	out->len = out->family == 4 ? 32 : 128;
	if (slash != NULL && parse_length(slash + 1, out->len, &out->len) < 0)
		return -EINVAL;

	given = *out;
	seki_addr_mask(out->addr, out->len);
	return memcmp(&given, out, sizeof(given)) == 0 ? 0 : -EDOM;
}

char *
seki_prefix_format(const struct seki_prefix *prefix, char buf[SEKI_PREFIX_STRLEN])
{
	unsigned bits = prefix->family == 4 ? 32 : 128;
	size_t n;

	if (inet_ntop(prefix->family == 4 ? AF_INET : AF_INET6, prefix->addr, buf, INET6_ADDRSTRLEN) == NULL)
		strcpy(buf, "?");
	n = strlen(buf);
	if (prefix->len != bits)
		snprintf(buf + n, SEKI_PREFIX_STRLEN - n, "/%u", prefix->len);
	return buf;
}

void
seki_addr_mask(uint8_t addr[16], uint8_t len)
{
	unsigned full = len / 8;

	if (full >= 16)
		return;
	addr[full] &= (uint8_t)(0xff00 >> (len % 8));
	memset(addr + full + 1, 0, 15 - full);
}

int
seki_prefix_compare(const struct seki_prefix *a, const struct seki_prefix *b)
{
	int order;

	if (a->family != b->family)
		return a->family < b->family ? -1 : 1;
	order = memcmp(a->addr, b->addr, sizeof(a->addr));
	if (order != 0)
		return order;
	return (a->len > b->len) - (a->len < b->len);
}

bool
seki_prefix_covers(const struct seki_prefix *outer, const struct seki_prefix *inner)
{
	uint8_t addr[16];

	if (outer->family != inner->family || outer->len > inner->len)
		return false;
	memcpy(addr, inner->addr, sizeof(addr));
	seki_addr_mask(addr, outer->len);
	return memcmp(addr, outer->addr, sizeof(addr)) == 0;
}
