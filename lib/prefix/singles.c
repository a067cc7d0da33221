/* SPDX-License-Identifier: BSD-3-Clause */
#include "singles.h"

#include <errno.h>
#include <string.h>

#include <arpa/inet.h>
#include <rte_malloc.h>

/* What a key is, in the top byte of its first block. */
enum kind {
	SINGLE_4 = 1, /* one block: the address in host order */
	SINGLE_64,    /* one block: the first eight bytes as they lie in memory */
	SINGLE_128,   /* two blocks: the address is the second */
	N_KINDS,
};

struct seki_singles {
	struct seki_cuckoo table;
	struct seki_digest digest;
	void *memory; /* of the table */
	size_t n[N_KINDS];
} __attribute__((aligned(64)));

bool
seki_singles_has(const struct seki_lpm_entry *entry, size_t i, size_t n)
{
	const struct seki_prefix *p = &entry[i].prefix;

	if (p->len == (p->family == 4 ? 32 : 128))
		return true;
	if (p->family != 6 || p->len != 64)
		return false;
	for (size_t k = i + 1; k < n && seki_prefix_covers(p, &entry[k].prefix); k++)
		if (entry[k].prefix.len < 128)
			return false;
	return true;
}

size_t
seki_singles_bytes(size_t n)
{
	/* With what EAL's heap keeps beside two allocations. */
	return n == 0 ? 0 : sizeof(struct seki_singles) + seki_cuckoo_bytes(seki_cuckoo_slots_for(n)) + 4096;
}

static enum kind
kind_of(const struct seki_prefix *p)
{
	return p->family == 4 ? SINGLE_4 : p->len == 64 ? SINGLE_64 : SINGLE_128;
}

/* Builds the key of an address at `addr`, which lies as in a packet but for IPv4, which is in host order. */
static inline unsigned
key_of(struct seki_block *key, enum kind kind, const void *addr)
{
	key[0] = (struct seki_block){{0, (uint64_t)kind << 56}};
	if (kind == SINGLE_128)
		memcpy(&key[1], addr, 16);
	else
		memcpy(&key[0].q[0], addr, kind == SINGLE_4 ? 4 : 8);
	return kind == SINGLE_128 ? 2 : 1;
}

static uint64_t
digest_of(const struct seki_singles *singles, const struct seki_prefix *p)
{
	struct seki_block key[2];
	uint64_t digest;
	uint32_t addr4;
	unsigned m;

	memcpy(&addr4, p->addr, sizeof(addr4));
	addr4 = ntohl(addr4);
	m = key_of(key, kind_of(p), p->family == 4 ? (const void *)&addr4 : p->addr);
	seki_digest_burst(&singles->digest, key, m, &digest, 1);
	return digest;
}

/* Entries never die: their tick is 1, and all questions are asked at 0. */
static uint64_t
state_of(uint16_t value)
{
	return seki_cuckoo_until(value, 1);
}

static bool
fill(struct seki_singles *singles, const struct seki_lpm_entry *entry, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (!seki_cuckoo_build(&singles->table, digest_of(singles, &entry[i].prefix), state_of(entry[i].value)))
			return false;
		singles->n[kind_of(&entry[i].prefix)]++;
	}
	return true;
}

struct seki_singles *
seki_singles_create(
	const struct seki_key *secret, int socket, const struct seki_lpm_entry *entry, size_t n, struct seki_err *err)
{
	size_t bytes = seki_cuckoo_bytes(seki_cuckoo_slots_for(n));
	struct seki_singles *singles = rte_zmalloc_socket("singles", sizeof(*singles), 64, socket);
	void *memory = rte_zmalloc_socket("singles", bytes, 64, socket);
	bool full;

	if (singles == NULL || memory == NULL) {
		seki_err_add(
			err, NULL, 0, "no memory for %zu single addresses: %zu MiB are needed", n, (bytes >> 20) + 1);
		rte_free(memory);
		rte_free(singles);
		return NULL;
	}
	singles->memory = memory;
	seki_digest_init(&singles->digest, secret);
	seki_cuckoo_init(&singles->table, memory, seki_cuckoo_slots_for(n), NULL);
	full = !fill(singles, entry, n);
	if (!full)
		return singles;
	seki_err_add(err, NULL, 0, "no room for %zu single addresses in a table of %zu MiB", n, (bytes >> 20) + 1);
	seki_singles_destroy(singles);
	return NULL;
}

void
seki_singles_destroy(struct seki_singles *singles)
{
	if (singles == NULL)
		return;
	rte_free(singles->memory);
	rte_free(singles);
}

/* `key` are n keys of m blocks. */
static void
look_up(const struct seki_singles *singles, const struct seki_block *key, unsigned m, uint64_t *value, unsigned n)
{
	uint64_t digest[PKT_BURST];
	uint32_t index[PKT_BURST];
	struct seki_cuckoo_look look;

	seki_digest_burst(&singles->digest, key, m, digest, n);
	seki_cuckoo_look_burst(&singles->table, digest, n, &look);
	seki_cuckoo_find_burst(&singles->table, digest, n, 0, &look, index);
	for (unsigned i = 0; i < n; i++)
		if (index[i] != SEKI_CUCKOO_NONE)
			value[i] = (uint16_t)seki_cuckoo_slot(&singles->table, index[i])->state;
}

void
seki_singles_lookup4_burst(const struct seki_singles *singles, const uint32_t *addr, uint64_t *value, unsigned n)
{
	struct seki_block key[PKT_BURST];

	if (singles->n[SINGLE_4] == 0 || n == 0)
		return;
	for (unsigned i = 0; i < n; i++)
		key_of(&key[i], SINGLE_4, &addr[i]);
	look_up(singles, key, 1, value, n);
}

void
seki_singles_lookup6_burst(const struct seki_singles *singles, const uint8_t (*addr)[16], uint64_t *value, unsigned n)
{
	struct seki_block key[PKT_BURST * 2];

	if (n == 0)
		return;
	for (unsigned i = 0; i < n && singles->n[SINGLE_64] != 0; i++)
		key_of(&key[i], SINGLE_64, addr[i]);
	if (singles->n[SINGLE_64] != 0)
		look_up(singles, key, 1, value, n);
	for (unsigned i = 0; i < n && singles->n[SINGLE_128] != 0; i++)
		key_of(&key[i * 2], SINGLE_128, addr[i]);
	if (singles->n[SINGLE_128] != 0)
		look_up(singles, key, 2, value, n);
}
