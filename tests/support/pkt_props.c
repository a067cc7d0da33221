/* SPDX-License-Identifier: BSD-3-Clause */
#include "pkt_props.h"

#include "feature.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WIRE_FLAGS (PKT_F_CSUM_OK | PKT_F_CSUM_BAD | PKT_F_REAL_DIR)

static char message[256];
static uint8_t scratch[1][PKT_HEADERS_MAX];

/* A block whose end is that of the piece put into it. */
struct block {
	uint8_t *base;
	uint32_t size;
};

static const uint8_t *
put(struct block *block, const uint8_t *from, uint32_t n)
{
	uint8_t *at;

	if (n > block->size || block->base == NULL) {
		free(block->base);
		block->size = n > 2048 ? n : 2048;
		block->base = malloc(block->size);
		if (block->base == NULL)
			abort();
	}
	at = block->base + block->size - n;
	if (n > 0)
		memcpy(at, from, n);
	return at;
}

/* A frame whose fields all hold rubbish, as those of the burst before do. */
static struct pkt
fresh(const uint8_t *data, uint32_t linear, uint32_t len, uint16_t flags)
{
	struct pkt pkt;

	memset(&pkt, 0xa5, sizeof(pkt));
	pkt.data = data;
	pkt.linear = (uint16_t)(linear < 65535 ? linear : 65535);
	pkt.len = len;
	pkt.flags = (uint16_t)(flags | ~WIRE_FLAGS);
	pkt.segs = NULL;
	return pkt;
}

/* Equal but for what depends on how the frame lay in memory. */
static bool
same(const struct pkt *a, const struct pkt *b)
{
	struct pkt x = *a, y = *b;

	x.data = y.data = NULL;
	x.segs = y.segs = NULL;
	x.linear = y.linear = 0;
	x.flags &= (uint16_t)~PKT_F_HEADERS_SPLIT;
	y.flags &= (uint16_t)~PKT_F_HEADERS_SPLIT;
	return memcmp(&x, &y, sizeof(x)) == 0;
}

/* What stands in their headers is equal, too. */
static bool
same_features(const struct pkt *a, const struct pkt *b)
{
	struct seki_features x, y;

	memset(&x, 0x5a, sizeof(x));
	seki_features_read(a, &x);
	seki_features_read(b, &y);
	return memcmp(&x, &y, sizeof(x)) == 0;
}

static const char *
fail(const char *what, uint32_t at)
{
	snprintf(message, sizeof(message), "%s (at byte %u)", what, at);
	return message;
}

static const char *
check_sane(const struct pkt *pkt)
{
	bool sound = pkt->defect == SEKI_REASON_NONE && pkt->l3 != PKT_L3_NONE;

	if (pkt->defect >= SEKI_N_REASONS || seki_reason_verdict(pkt->defect) == SEKI_VERDICT_CHALLENGE)
		return fail("defect is no reason", 0);
	if (pkt->vector >= SEKI_N_VECTORS || pkt->encap > PKT_ENCAP_OPAQUE || pkt->l3 > PKT_L3_IP6 || pkt->n_vlan > 2)
		return fail("an enum is out of range", 0);
	if (pkt->payload_off > pkt->len || pkt->payload_off > PKT_HEADERS_MAX || pkt->l3_off > pkt->payload_off)
		return fail("payload_off is out of the frame", pkt->payload_off);
	if (pkt->l3 != PKT_L3_NONE && pkt->l4_off != 0 && (uint32_t)pkt->l4_off + pkt->l4_len > pkt->len)
		return fail("the transport part goes beyond the frame", pkt->l4_off);
	if (sound && (pkt->l4_off < pkt->l3_off + 20 || pkt->payload_off < pkt->l4_off))
		return fail("offsets are out of order", pkt->l4_off);
	if (sound && !(pkt->flags & PKT_F_CONTROL) && pkt->vector == SEKI_VECTOR_NONE)
		return fail("a sound packet has no vector", 0);
	if ((pkt->flags & PKT_F_CONTROL) && pkt->vector != SEKI_VECTOR_NONE)
		return fail("control traffic has a vector", 0);
	if (pkt->inner_l3_off > pkt->payload_off || pkt->inner_l4_off > pkt->payload_off)
		return fail("a quoted header is payload", pkt->inner_l4_off);
	return NULL;
}

static const char *
check_payload(const uint8_t *frame, const struct pkt *want, uint16_t flags)
{
	static const uint8_t patterns[] = {0x00, 0x45, 0xff};
	uint8_t *copy = malloc(want->len + 1);
	bool good = copy != NULL;

	for (size_t i = 0; good && i < sizeof(patterns); i++) {
		struct pkt pkt = fresh(copy, want->len, want->len, flags);

		memcpy(copy, frame, want->payload_off);
		memset(copy + want->payload_off, patterns[i], want->len - want->payload_off);
		pkt_parse_burst(&pkt, 1, scratch);
		good = same(&pkt, want) && same_features(&pkt, want);
	}
	free(copy);
	return good ? NULL : fail("another payload changes the result", want->payload_off);
}

static const char *
check_blind(const uint8_t *frame, const struct pkt *want, uint16_t flags)
{
	static struct block block;
	struct pkt pkt = fresh(put(&block, frame, want->payload_off), want->payload_off, want->len, flags);

	pkt_parse_burst(&pkt, 1, scratch);
	return same(&pkt, want) && same_features(&pkt, want)
		       ? NULL
		       : fail("headers alone give another result", want->payload_off);
}

/* What a split frame came to, beside the fields: the gathered headers. */
static const char *
check_gathered(const uint8_t *frame, const struct pkt *pkt, const struct pkt *want, uint32_t at)
{
	if (!same(pkt, want))
		return fail("the split frame gives another result", at);
	if (((pkt->flags & PKT_F_HEADERS_SPLIT) != 0) != (at < want->payload_off))
		return fail("the flag does not say whether headers were gathered", at);
	if ((pkt->flags & PKT_F_HEADERS_SPLIT) && pkt->linear != want->payload_off)
		return fail("more than headers was gathered", at);
	if (memcmp(pkt->data, frame, want->payload_off) != 0)
		return fail("gathered headers are not those of the frame", at);
	if (!same_features(pkt, want))
		return fail("the split frame gives other features", at);
	return NULL;
}

/* Cuts at `at`; the second piece holds the other headers and `extra` bytes of payload, the third all else. */
static const char *
check_cut(const uint8_t *frame, const struct pkt *want, uint16_t flags, uint32_t at, uint32_t extra)
{
	static struct block first, second;
	uint32_t headers = want->payload_off;
	/* Whoever reads the payload reads from here, and dies of it. */
	const struct pkt_seg payload = {.data = (const uint8_t *)16, .len = want->len - headers - extra};
	struct pkt_seg rest = {.len = headers + extra - at, .next = &payload};
	struct pkt pkt = fresh(put(&first, frame, at), at, want->len, flags);

	rest.data = put(&second, frame + at, rest.len);
	pkt.segs = &rest;
	pkt_parse_burst(&pkt, 1, scratch);
	return check_gathered(frame, &pkt, want, at);
}

static const char *
check_split(const uint8_t *frame, const struct pkt *want, uint16_t flags)
{
	uint32_t payload = want->len - want->payload_off, extra = payload < 64 ? payload : 64;

	for (uint32_t at = 0; at <= want->payload_off; at++) {
		const char *wrong = check_cut(frame, want, flags, at, at % 3 == 0 ? extra : 0);

		if (wrong != NULL)
			return wrong;
	}
	return NULL;
}

static const char *
check_bytewise(const uint8_t *frame, const struct pkt *want, uint16_t flags)
{
	static struct pkt_seg seg[PKT_HEADERS_MAX + 1];
	uint32_t headers = want->payload_off;
	struct pkt pkt = fresh(frame, 0, want->len, flags);

	for (uint32_t i = 0; i < headers; i++)
		seg[i] = (struct pkt_seg){.data = frame + i, .len = 1, .next = &seg[i + 1]};
	seg[headers] = (struct pkt_seg){.data = (const uint8_t *)16, .len = want->len - headers};
	pkt.segs = seg;
	pkt_parse_burst(&pkt, 1, scratch);
	return check_gathered(frame, &pkt, want, 0);
}

const char *
pkt_props_check(const uint8_t *frame, uint32_t n, uint16_t flags, struct pkt *pkt)
{
	static struct block block;
	const char *wrong;

	*pkt = fresh(put(&block, frame, n), n, n, flags);
	pkt_parse_burst(pkt, 1, scratch);
	wrong = check_sane(pkt);
	if (wrong == NULL)
		wrong = check_payload(frame, pkt, flags);
	if (wrong == NULL)
		wrong = check_blind(frame, pkt, flags);
	if (wrong == NULL)
		wrong = check_split(frame, pkt, flags);
	if (wrong == NULL)
		wrong = check_bytewise(frame, pkt, flags);
	return wrong;
}
