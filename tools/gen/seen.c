/* SPDX-License-Identifier: BSD-3-Clause */
#include "seen.h"

#include "trace.h"

#include <stdlib.h>
#include <string.h>

#define WAYS 4u
#define LINES (1u << 18)

#define ETH_HLEN 14u
#define VLAN_HLEN 4u
#define IP_HLEN 20u /* the smaller one */

void
gen_seen_init(struct gen_seen *seen, uint64_t key)
{
	seen->entry = gen_zalloc((size_t)WAYS * LINES, sizeof(*seen->entry));
	seen->key = key;
}

void
gen_seen_fini(struct gen_seen *seen)
{
	free(seen->entry);
}

/* Where the IP packet begins; 0: there is none. */
static uint32_t
l3_offset(const uint8_t *frame, uint32_t len)
{
	uint32_t at = ETH_HLEN;
	unsigned type;

	if (len < ETH_HLEN + VLAN_HLEN)
		return 0;
	type = (unsigned)frame[12] << 8 | frame[13];
	if (type == 0x8100) {
		type = (unsigned)frame[16] << 8 | frame[17];
		at += VLAN_HLEN;
	}
	return (type == 0x0800 || type == 0x86dd) && len >= at + IP_HLEN ? at : 0;
}

/* Multiplies two words to 128 bits and folds them. */
static uint64_t
fold(uint64_t a, uint64_t b)
{
	unsigned __int128 m = (unsigned __int128)a * b;

	return (uint64_t)m ^ (uint64_t)(m >> 64);
}

uint64_t
gen_seen_digest(const struct gen_seen *seen, const uint8_t *frame, uint32_t len)
{
	uint32_t at = l3_offset(frame, len), n = len - at;
	uint64_t word[GEN_SEEN_BYTES / 8] = {0}, h;
	uint8_t *head = (uint8_t *)word;

	if (at == 0)
		return 0;
	memcpy(head, frame + at, n < GEN_SEEN_BYTES ? n : GEN_SEEN_BYTES);
	if (head[0] >> 4 == 4)
		head[8] = head[10] = head[11] = 0; /* TTL, checksum */
	else
		head[7] = 0; /* hop limit */
	h = seen->key ^ n;
	for (size_t i = 0; i < GEN_SEEN_BYTES / 8; i += 2)
		h = fold(word[i] ^ h ^ UINT64_C(0xa0761d6478bd642f), word[i + 1] ^ UINT64_C(0xe7037ed1a0b428db)) + i;
	h = gen_mix(h);
	return h != 0 ? h : 1;
}

static struct gen_seen_entry *
line_of(struct gen_seen *seen, uint64_t digest)
{
	return &seen->entry[(size_t)WAYS * (digest % LINES)];
}

void
gen_seen_put(struct gen_seen *seen, uint64_t digest, uint64_t time_ns, char label)
{
	struct gen_seen_entry *line = line_of(seen, digest), *oldest = line;

	/* An empty place is older than any. */
	for (unsigned i = 1; i < WAYS; i++)
		if (line[i].stamp < oldest->stamp)
			oldest = &line[i];
	*oldest = (struct gen_seen_entry){digest, time_ns << 8 | (uint8_t)label};
}

bool
gen_seen_take(struct gen_seen *seen, uint64_t digest, uint64_t *time_ns, char *label)
{
	struct gen_seen_entry *line = line_of(seen, digest), *found = NULL;

	for (unsigned i = 0; i < WAYS; i++)
		if (line[i].digest == digest && (found == NULL || line[i].stamp < found->stamp))
			found = &line[i];
	if (found == NULL)
		return false;
	*time_ns = found->stamp >> 8;
	*label = (char)(found->stamp & 0xff);
	*found = (struct gen_seen_entry){0, 0};
	return true;
}
