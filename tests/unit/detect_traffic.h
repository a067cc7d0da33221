/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef DETECT_TRAFFIC_H
#define DETECT_TRAFFIC_H

/* Features of packets as tools and clients send them, one at a time, for the tests and the benchmark of lib/detect. */

#include "feature.h"
#include "hash.h"


/* Options as feature.h packs them, the first in the lowest nibble. */
#define SHAPE_LINUX 0x31842u   /* mss,sack,ts,nop,ws */
#define SHAPE_WINDOWS 0x411312u /* mss,nop,ws,nop,nop,sack */
#define SHAPE_MAC 0x4811312u   /* mss,nop,ws,nop,nop,ts,sack */

static inline uint32_t
between(struct seki_rng *rng, uint32_t min, uint32_t max)
{
	return min + (uint32_t)seki_rng_below(rng, max - min + 1);
}

static inline bool
chance(struct seki_rng *rng, unsigned percent)
{
	return seki_rng_below(rng, 100) < percent;
}

/* One of the values, the first more often than the second and so on. */
static inline uint32_t
one_of(struct seki_rng *rng, const uint32_t *value, unsigned n)
{
	unsigned i = 0;

	while (i + 1 < n && chance(rng, 50))
		i++;
	return value[i];
}
#define ONE_OF(rng, ...) \
	one_of(rng, (const uint32_t[]){__VA_ARGS__}, sizeof((const uint32_t[]){__VA_ARGS__}) / sizeof(uint32_t))

static inline struct seki_features
ip4(uint8_t vector, uint8_t proto, uint32_t len, uint32_t ttl)
{
	return (struct seki_features){
		.vector = vector, .l3 = 4, .proto = proto, .l3_len = (uint16_t)len, .ttl = (uint8_t)ttl};
}

/* What is left of an initial TTL after as many hops as the Internet has. */
static inline uint32_t
after_hops(struct seki_rng *rng, uint32_t initial)
{
	return initial - between(rng, 5, 14) - between(rng, 0, 8);
}

static inline uint16_t
ephemeral(struct seki_rng *rng)
{
	return (uint16_t)(chance(rng, 50) ? between(rng, 32768, 60999) : between(rng, 1024, 65535));
}

/* --- clients ------------------------------------------------------------------------------------------------- */

/* SYNs of Linux, Android, Windows, macOS and iOS to web servers. */
static inline struct seki_features
client_syn(struct seki_rng *rng)
{
	unsigned stack = (unsigned)seki_rng_below(rng, 100);
	struct seki_features f = ip4(SEKI_VECTOR_TCP_SYN, 6, 60, after_hops(rng, 64));
	uint32_t mss = ONE_OF(rng, 1460, 1440, 1400, 1380, 1360, 1452);

	f.tcp_options = SHAPE_LINUX;
	f.tcp_options_len = 20;
	f.tcp_window = (uint16_t)ONE_OF(rng, 65535, 64240, 29200, 42340);
	if (stack < 35) { /* Windows */
		f = ip4(SEKI_VECTOR_TCP_SYN, 6, 52, after_hops(rng, 128));
		f.tcp_options = SHAPE_WINDOWS;
		f.tcp_options_len = 12;
		f.tcp_window = (uint16_t)ONE_OF(rng, 64240, 65535, 8192);
	} else if (stack < 65) { /* Apple */
		f.l3_len = 64;
		f.tcp_options = SHAPE_MAC;
		f.tcp_options_len = 24;
		f.tcp_window = 65535;
	}
	f.ip_id = (uint16_t)(stack >= 35 && stack < 65 ? 0 : between(rng, 0, 65535));
	f.df = 1;
	f.tos = chance(rng, 5) ? 2 : 0;
	f.tcp_flags = chance(rng, 5) ? 0xc2 : 0x02;
	f.tcp_mss = (uint16_t)mss;
	f.sport = ephemeral(rng);
	f.dport = (uint16_t)ONE_OF(rng, 443, 80, 8443);
	return f;
}

/* QUIC, calls and games of clients to what the zone serves. */
static inline struct seki_features
client_udp(struct seki_rng *rng)
{
	unsigned kind = (unsigned)seki_rng_below(rng, 100);
	struct seki_features f =
		ip4(SEKI_VECTOR_UDP, 17, between(rng, 1228, 1280), after_hops(rng, chance(rng, 40) ? 128 : 64));

	f.dport = 443;
	if (kind < 40) {
		f.l3_len = (uint16_t)(chance(rng, 60) ? between(rng, 50, 120) : f.l3_len);
	} else if (kind < 65) {
		f.dport = 53;
		f.l3_len = (uint16_t)between(rng, 55, 110);
	} else if (kind < 85) {
		f.dport = 27015;
		f.l3_len = (uint16_t)between(rng, 53, 300);
	}
	f.df = chance(rng, 70);
	f.ip_id = (uint16_t)(f.df && chance(rng, 50) ? 0 : between(rng, 0, 65535));
	f.sport = ephemeral(rng);
	return f;
}

/* Answers of NTP servers to the zone's own clients: 48 bytes. */
static inline struct seki_features
server_ntp(struct seki_rng *rng)
{
	struct seki_features f = ip4(SEKI_VECTOR_NTP, 17, 76, after_hops(rng, 64));

	f.df = chance(rng, 80);
	f.tos = chance(rng, 20) ? 0xb8 : 0;
	f.sport = 123;
	f.dport = chance(rng, 60) ? 123 : ephemeral(rng);
	return f;
}

/* Answers of name servers. */
static inline struct seki_features
server_dns(struct seki_rng *rng)
{
	struct seki_features f = ip4(SEKI_VECTOR_DNS, 17, between(rng, 70, 500), after_hops(rng, chance(rng, 70) ? 64 : 255));

	if (chance(rng, 5))
		f.l3_len = (uint16_t)between(rng, 500, 1260);
	f.df = chance(rng, 50);
	f.ip_id = (uint16_t)(chance(rng, 60) ? 0 : between(rng, 0, 65535));
	f.sport = 53;
	f.dport = ephemeral(rng);
	return f;
}

/* Answers of directories outside, small ones. */
static inline struct seki_features
server_cldap(struct seki_rng *rng)
{
	struct seki_features f = ip4(SEKI_VECTOR_CLDAP, 17, between(rng, 150, 230), after_hops(rng, 128));

	f.ip_id = (uint16_t)between(rng, 0, 65535);
	f.sport = 389;
	f.dport = ephemeral(rng);
	return f;
}

/* Pings of Linux, Windows and monitoring. */
static inline struct seki_features
client_ping(struct seki_rng *rng)
{
	bool windows = chance(rng, 40);
	struct seki_features f =
		ip4(SEKI_VECTOR_ICMP_ECHO, 1, windows ? 60 : 84, after_hops(rng, windows ? 128 : 64));

	if (chance(rng, 10))
		f.l3_len = (uint16_t)ONE_OF(rng, 28, 1500, 36, 92);
	f.df = !windows;
	f.ip_id = (uint16_t)between(rng, 0, 65535);
	f.icmp_type = 8;
	return f;
}

/* Later fragments of large answers and tunnels. */
static inline struct seki_features
client_fragment(struct seki_rng *rng)
{
	struct seki_features f = ip4(SEKI_VECTOR_FRAGMENT, 17, between(rng, 40, 1300), after_hops(rng, 64));

	f.frag_off = (uint16_t)ONE_OF(rng, 1480, 1472, 1448, 2960, 1400);
	f.mf = f.frag_off == 2960 ? 0 : chance(rng, 10);
	f.ip_id = (uint16_t)between(rng, 0, 65535);
	f.proto = chance(rng, 90) ? 17 : 50;
	return f;
}

/* Tunnels that partners run over GRE. */
static inline struct seki_features
client_gre(struct seki_rng *rng)
{
	struct seki_features f = ip4(SEKI_VECTOR_GRE, 47, between(rng, 64, 1500), ONE_OF(rng, 250, 251, 248, 249));

	f.df = 1;
	f.ip_id = 0;
	f.tos = chance(rng, 10) ? 0x48 : 0;
	return f;
}

/* ACKs of clients in connections that are not known. */
static inline struct seki_features
client_ack(struct seki_rng *rng)
{
	bool timestamps = chance(rng, 60);
	struct seki_features f =
		ip4(SEKI_VECTOR_TCP_ACK, 6, timestamps ? 52 : 40, after_hops(rng, timestamps ? 64 : 128));

	f.tcp_options = timestamps ? 0x811 : 0;
	f.tcp_options_len = timestamps ? 12 : 0;
	f.tcp_window = (uint16_t)between(rng, 200, 4100);
	f.tcp_flags = 0x10;
	f.tcp_ack = 1;
	f.df = 1;
	f.ip_id = (uint16_t)between(rng, 0, 65535);
	f.sport = ephemeral(rng);
	f.dport = (uint16_t)ONE_OF(rng, 443, 80, 8443);
	return f;
}

/* --- tools --------------------------------------------------------------------------------------------------- */

/* hping3 -S: the window 512, no options, an acknowledgment number without ACK. */
static inline struct seki_features
hping_syn(struct seki_rng *rng)
{
	struct seki_features f = ip4(SEKI_VECTOR_TCP_SYN, 6, 40, after_hops(rng, 64));

	f.ip_id = (uint16_t)between(rng, 0, 65535);
	f.tcp_window = 512;
	f.tcp_flags = 0x02;
	f.tcp_ack = 1;
	f.sport = (uint16_t)between(rng, 1024, 65535);
	f.dport = 443;
	return f;
}

/* A bot's SYN that copies a Linux stack but for the window and the MSS, which are random. */
static inline struct seki_features
bot_syn(struct seki_rng *rng)
{
	struct seki_features f = client_syn(rng);

	f.l3_len = 60;
	f.ttl = (uint8_t)after_hops(rng, 64);
	f.tcp_options = SHAPE_LINUX;
	f.tcp_options_len = 20;
	f.tcp_flags = 0x02;
	f.tcp_mss = (uint16_t)(1400 + between(rng, 0, 15));
	f.tcp_window = (uint16_t)between(rng, 0, 65535);
	f.ip_id = (uint16_t)between(rng, 0, 65535);
	f.tos = 0;
	return f;
}

/* Mirai's plain UDP: 512 bytes to random ports from random ports. */
static inline struct seki_features
mirai_udp(struct seki_rng *rng)
{
	struct seki_features f = ip4(SEKI_VECTOR_UDP, 17, 540, after_hops(rng, 64));

	f.df = chance(rng, 50);
	f.ip_id = (uint16_t)between(rng, 0, 65535);
	f.sport = (uint16_t)between(rng, 1024, 65535);
	f.dport = (uint16_t)between(rng, 1, 65535);
	return f;
}

/* Lengths from 1042 to 1050 to one port that is served, from near hosts. */
static inline struct seki_features
sized_udp(struct seki_rng *rng)
{
	struct seki_features f = ip4(SEKI_VECTOR_UDP, 17, between(rng, 1042, 1050), between(rng, 240, 255));

	f.ip_id = (uint16_t)between(rng, 0, 65535);
	f.sport = (uint16_t)between(rng, 1024, 65535);
	f.dport = 443;
	return f;
}

/* Everything random that can be. */
static inline struct seki_features
random_udp(struct seki_rng *rng)
{
	struct seki_features f = ip4(SEKI_VECTOR_UDP, 17, between(rng, 28, 1500), between(rng, 30, 255));

	f.df = chance(rng, 50);
	f.tos = (uint8_t)between(rng, 0, 255);
	f.ip_id = (uint16_t)between(rng, 0, 65535);
	f.sport = (uint16_t)between(rng, 1024, 65535);
	f.dport = (uint16_t)between(rng, 1, 65535);
	return f;
}

/* The same, but at a port that is served, with lengths, marks and TTLs that clients have. */
static inline struct seki_features
hidden_udp(struct seki_rng *rng)
{
	struct seki_features f = client_udp(rng);

	f.sport = (uint16_t)between(rng, 1024, 65535);
	return f;
}

static inline struct seki_features
reflected_ntp(struct seki_rng *rng)
{
	struct seki_features f = ip4(SEKI_VECTOR_NTP, 17, chance(rng, 90) ? 468 : 36 + 72 * between(rng, 1, 5),
		after_hops(rng, chance(rng, 50) ? 64 : 255));

	f.ip_id = (uint16_t)(chance(rng, 50) ? 0 : between(rng, 0, 65535));
	f.df = chance(rng, 50);
	f.sport = 123;
	f.dport = (uint16_t)ONE_OF(rng, 80, 443);
	return f;
}

static inline struct seki_features
reflected_dns(struct seki_rng *rng)
{
	struct seki_features f = ip4(SEKI_VECTOR_DNS, 17, chance(rng, 70) ? 1500 : between(rng, 1300, 1500),
		after_hops(rng, chance(rng, 50) ? 64 : 255));

	f.mf = f.l3_len == 1500;
	f.ip_id = (uint16_t)between(rng, 0, 65535);
	f.sport = 53;
	f.dport = (uint16_t)between(rng, 1, 65535);
	return f;
}

static inline struct seki_features
reflected_cldap(struct seki_rng *rng)
{
	struct seki_features f = ip4(SEKI_VECTOR_CLDAP, 17, chance(rng, 80) ? 1500 : between(rng, 1400, 1500),
		after_hops(rng, 128));

	f.mf = f.l3_len == 1500;
	f.ip_id = (uint16_t)between(rng, 0, 65535);
	f.sport = 389;
	f.dport = (uint16_t)ONE_OF(rng, 443, 80);
	return f;
}

static inline struct seki_features
flood_ping(struct seki_rng *rng)
{
	struct seki_features f = ip4(SEKI_VECTOR_ICMP_ECHO, 1, 1028, after_hops(rng, 64));

	f.ip_id = (uint16_t)between(rng, 0, 65535);
	f.icmp_type = 8;
	return f;
}

static inline struct seki_features
flood_fragment(struct seki_rng *rng)
{
	struct seki_features f = ip4(SEKI_VECTOR_FRAGMENT, 17, 1500, after_hops(rng, 128));

	f.frag_off = (uint16_t)(1480 * between(rng, 1, 43));
	f.mf = chance(rng, 95);
	f.ip_id = (uint16_t)between(rng, 0, 65535);
	return f;
}

static inline struct seki_features
flood_gre(struct seki_rng *rng)
{
	struct seki_features f = ip4(SEKI_VECTOR_GRE, 47, 564, after_hops(rng, 64));

	f.ip_id = (uint16_t)between(rng, 0, 65535);
	return f;
}

static inline struct seki_features
flood_ack(struct seki_rng *rng)
{
	struct seki_features f = ip4(SEKI_VECTOR_TCP_ACK, 6, 40, after_hops(rng, 64));

	f.tcp_window = (uint16_t)between(rng, 0, 65535);
	f.tcp_flags = 0x10;
	f.tcp_ack = 1;
	f.ip_id = (uint16_t)between(rng, 0, 65535);
	f.sport = (uint16_t)between(rng, 1024, 65535);
	f.dport = 443;
	return f;
}

#endif
