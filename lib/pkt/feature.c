/* SPDX-License-Identifier: BSD-3-Clause */
#include "feature.h"
#include "view.h"

#include <stdio.h>

enum {
	OPTION_END = 0,
	OPTION_NOP = 1,
	OPTION_MSS = 2,
	OPTION_OTHER = 15, /* kinds that do not fit into a nibble */
	OPTIONS_MAX = 8,   /* nibbles that there are */
};

/* All ones of a field's size. */
#define MASK_OF(field) (uint32_t)(UINT64_MAX >> (64 - 8 * sizeof(((struct seki_features *)0)->field)))

const struct seki_feature_place seki_feature_places[SEKI_N_FEATURES] = {
#define FEATURE(id, field, name) \
	{offsetof(struct seki_features, field) / 4, offsetof(struct seki_features, field) % 4 * 8, MASK_OF(field)},
#include "features.def"
#undef FEATURE
};

static const char *const names[SEKI_N_FEATURES] = {
#define FEATURE(id, field, name) name,
#include "features.def"
#undef FEATURE
};

/*
 * The features being put together, as they will lie in memory. They are stored as words, since whoever reads a field
 * as part of a wider word right after it was stored alone waits for the store.
 */
struct words {
	uint64_t w[sizeof(struct seki_features) / sizeof(uint64_t)];
};

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the first field of a word is its lowest byte");
#define PUT(words, field, x) \
	((words)->w[offsetof(struct seki_features, field) / 8] |= (uint64_t)((x)&MASK_OF(field)) \
								  << (offsetof(struct seki_features, field) % 8 * 8))

/* The fixed header is readable wherever l3 says IPv4. */
static inline __attribute__((always_inline)) void
read_ip4(const uint8_t *ip, struct words *out)
{
	uint32_t frag = load_be16(ip + 6);

	PUT(out, l3, 4u);
	PUT(out, tos, ip[1]);
	PUT(out, ip_id, load_be16(ip + 4));
	PUT(out, df, frag >> 14 & 1);
	PUT(out, mf, frag >> 13 & 1);
	PUT(out, frag_off, frag << 3);
}

static inline __attribute__((always_inline)) void
read_ip6(const struct pkt *pkt, struct words *out)
{
	uint32_t word = __builtin_bswap32(load_32(pkt->data + pkt->l3_off));

	PUT(out, l3, 6u);
	PUT(out, tos, word >> 20);
	PUT(out, flow_label, (uint32_t)((word & 0xfffff) != 0));
	if (unlikely(pkt->flags & PKT_F_FRAG)) {
		const uint8_t *header = pkt_ip6_frag_header(pkt);
		uint32_t frag = header == NULL ? 0 : load_be16(header + 2);

		PUT(out, mf, frag & 1);
		PUT(out, frag_off, frag & 0xfff8);
	}
}

/* RFC 9293 3.1: kinds 0 and 1 are one byte, all others say their length. A list that does not add up ends there. */
static uint32_t
read_tcp_options(const uint8_t *option, uint32_t n, uint32_t *mss)
{
	uint32_t kinds = 0;
	unsigned n_kinds = 0;

	for (uint32_t i = 0; i < n && option[i] != OPTION_END && n_kinds < OPTIONS_MAX;) {
		uint32_t kind = option[i], size = kind == OPTION_NOP ? 1 : i + 1 < n ? option[i + 1] : 0;

		kinds |= (kind < OPTION_OTHER ? kind : OPTION_OTHER) << (4 * n_kinds++);
		if (size == 0 || (kind != OPTION_NOP && size < 2) || i + size > n)
			break;
		if (kind == OPTION_MSS && size == 4)
			*mss = load_be16(option + i + 2);
		i += size;
	}
	return kinds;
}

/* The fixed header is readable where PKT_F_TCP is set, and with it all up to payload_off. */
static inline __attribute__((always_inline)) void
read_tcp(const struct pkt *pkt, struct words *out)
{
	const uint8_t *tcp = pkt->data + pkt->l4_off;
	uint32_t options = (uint32_t)pkt->payload_off - pkt->l4_off - TCP_HLEN, mss = 0;

	PUT(out, tcp_flags, pkt->tcp_flags);
	PUT(out, tcp_ack, (uint32_t)(load_32(tcp + 8) != 0));
	PUT(out, tcp_window, load_be16(tcp + 14));
	PUT(out, tcp_options_len, options);
	if (options > 0)
		PUT(out, tcp_options, read_tcp_options(tcp + TCP_HLEN, options, &mss));
	PUT(out, tcp_mss, mss);
}

void
seki_features_read(const struct pkt *pkt, struct seki_features *out)
{
	struct words words = {{0}};

	PUT(&words, vector, pkt->vector);
	PUT(&words, l3_len, pkt->l3_len);
	PUT(&words, proto, pkt->proto);
	PUT(&words, ttl, pkt->ttl);
	PUT(&words, sport, pkt->sport);
	PUT(&words, dport, pkt->dport);
	PUT(&words, icmp_type, pkt->icmp_type);
	PUT(&words, icmp_code, pkt->icmp_code);
	if (pkt->l3 == PKT_L3_IP4)
		read_ip4(pkt->data + pkt->l3_off, &words);
	else if (pkt->l3 == PKT_L3_IP6)
		read_ip6(pkt, &words);
	if (pkt->flags & PKT_F_TCP)
		read_tcp(pkt, &words);
	memcpy(out, &words, sizeof(*out));
}

const char *
seki_feature_name(unsigned feature)
{
	return feature < SEKI_N_FEATURES ? names[feature] : "?";
}

/* The words of a list, with `between` between them. */
static void
join(char text[SEKI_FEATURE_TEXT], char between, const char *word)
{
	size_t n = strlen(text);

	snprintf(text + n, SEKI_FEATURE_TEXT - n, "%.*s%s", n > 0, &between, word);
}

static void
format_options(uint32_t kinds, char text[SEKI_FEATURE_TEXT])
{
	static const char *const words[OPTION_OTHER + 1] = {[1] = "nop",
		[2] = "mss",
		[3] = "ws",
		[4] = "sack",
		[5] = "blocks",
		[8] = "ts",
		[OPTION_OTHER] = "other"};

	for (; kinds != 0; kinds >>= 4) {
		uint32_t kind = kinds & 15;
		char number[4];

		snprintf(number, sizeof(number), "%u", kind);
		join(text, ',', words[kind] == NULL ? number : words[kind]);
	}
}

static void
format_flags(uint32_t flags, char text[SEKI_FEATURE_TEXT])
{
	static const char *const words[8] = {"fin", "syn", "rst", "psh", "ack", "urg", "ece", "cwr"};

	for (unsigned i = 0; i < 8; i++)
		if (flags & 1u << i)
			join(text, '+', words[i]);
}

char *
seki_feature_format(enum seki_feature feature, uint32_t value, char text[SEKI_FEATURE_TEXT])
{
	text[0] = '\0';
	switch (feature) {
	case SEKI_FEATURE_TCP_OPTIONS:
		format_options(value, text);
		break;
	case SEKI_FEATURE_TCP_FLAGS:
		format_flags(value, text);
		break;
	case SEKI_FEATURE_DF:
	case SEKI_FEATURE_MF:
	case SEKI_FEATURE_TCP_ACK:
	case SEKI_FEATURE_FLOW_LABEL:
		snprintf(text, SEKI_FEATURE_TEXT, value == 0 ? "no" : "yes");
		break;
	default:
		snprintf(text, SEKI_FEATURE_TEXT, "%u", value);
	}
	if (text[0] == '\0')
		snprintf(text, SEKI_FEATURE_TEXT, "none");
	return text;
}
