/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The tables behind the rules that give each packet its one vector. The rules, first match:
 *
 *   1. control traffic, not IP, or a transport header that is not there        NONE
 *   2. later fragments, and first ones too small for their transport header     FRAGMENT
 *   3. TCP, by flags: impossible sets OTHER; SYN; SYN-ACK; FIN or RST; ACK with and without data
 *   4. UDP, by source port: the reflectors, else UDP
 *   5. ICMP and ICMPv6, by type: echo, error, other                            (icmp.c)
 *   6. GRE; then every other protocol                                          OTHER
 */
#include "vector.h"

const uint8_t seki_vector_class[SEKI_N_VECTORS] = {
#define VECTOR(id, name, class, ...) [SEKI_VECTOR_##id] = SEKI_CLASS_##class,
#include "vectors.def"
};

/*
 * Two ports that meet in one slot make the compiler complain about an initializer that is overridden: then
 * another odd VECTOR_PORT_MUL is needed. Slot 0 is that of port 0, which must not match an empty slot.
 */
const struct vector_port pkt_vector_ports[256] = {
	[0] = {0, SEKI_VECTOR_UDP},
#define REFLECTOR(id, name, udp_port, ...) [VECTOR_PORT_SLOT(udp_port)] = {udp_port, SEKI_VECTOR_##id},
#include "vectors.def"
};

/*
 * Flag sets that no TCP sends (RFC 9293 3.5, 3.10.7): SYN opens, FIN ends and RST aborts a connection, so no two of
 * them go together; and every segment carries ACK but a SYN that opens and a RST that answers one without ACK.
 * PSH, URG and the ECN bits beside any of these are legal, if odd. A bare FIN is left alone: stacks of Apple send
 * one when a connection is closed before it is open.
 */
#define HAS(f, bits) (((f) & (bits)) == (bits))
#define UNBORN(f) (((f) & (PKT_TCP_SYN | PKT_TCP_RST | PKT_TCP_ACK)) == 0 && (f) != PKT_TCP_FIN)
#define IMPOSSIBLE(f) \
	(HAS(f, PKT_TCP_SYN | PKT_TCP_FIN) || HAS(f, PKT_TCP_SYN | PKT_TCP_RST) || \
		HAS(f, PKT_TCP_FIN | PKT_TCP_RST) || UNBORN(f))

#define KIND(f, ack) \
	(IMPOSSIBLE(f)                                ? SEKI_VECTOR_TCP_OTHER \
		: HAS(f, PKT_TCP_SYN | PKT_TCP_ACK)   ? SEKI_VECTOR_TCP_SYNACK \
		: HAS(f, PKT_TCP_SYN)                 ? SEKI_VECTOR_TCP_SYN \
		: ((f) & (PKT_TCP_FIN | PKT_TCP_RST)) ? SEKI_VECTOR_TCP_FINRST \
						      : (ack))
#define KIND4(f, ack) KIND(f, ack), KIND((f) + 1, ack), KIND((f) + 2, ack), KIND((f) + 3, ack)
#define KIND16(f, ack) KIND4(f, ack), KIND4((f) + 4, ack), KIND4((f) + 8, ack), KIND4((f) + 12, ack)
#define KIND64(ack) KIND16(0, ack), KIND16(16, ack), KIND16(32, ack), KIND16(48, ack)
const uint8_t pkt_vector_tcp[128] = {KIND64(SEKI_VECTOR_TCP_ACK), KIND64(SEKI_VECTOR_TCP_DATA)};
