/* SPDX-License-Identifier: BSD-3-Clause */
#include "frame_layer.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Noreturn void
frame_mistake(const char *what, const char *where)
{
	fprintf(stderr, "frame: %s: %s\n", what, where);
	abort();
}

static const char *
text(const struct layer *l, const char *key)
{
	for (unsigned i = 0; i < l->n_args; i++)
		if (strcmp(l->arg[i].key, key) == 0)
			return l->arg[i].value;
	return NULL;
}

static unsigned long
number(const struct layer *l, const char *key, unsigned long otherwise)
{
	const char *value = text(l, key);
	char *end;
	unsigned long n;

	if (value == NULL)
		return otherwise;
	n = strtoul(value, &end, 0);
	if (*value == '\0' || *end != '\0')
		frame_mistake("not a number", value);
	return n;
}

unsigned long
frame_lone(const struct layer *l)
{
	return number(l, "", 0);
}

static void
put8(struct frame *f, unsigned long value)
{
	if (f->n >= FRAME_MAX)
		frame_mistake("too long", "frame");
	f->b[f->n++] = (uint8_t)value;
}

static void
put16(struct frame *f, unsigned long value)
{
	put8(f, value >> 8);
	put8(f, value);
}

static void
put_at16(struct frame *f, uint32_t off, unsigned long value)
{
	f->b[off] = (uint8_t)(value >> 8);
	f->b[off + 1] = (uint8_t)value;
}

static void
put_hex(struct frame *f, const char *digits)
{
	unsigned byte;

	for (; *digits != '\0'; digits += 2) {
		if (sscanf(digits, "%2x", &byte) != 1 || digits[1] == '\0')
			frame_mistake("not hex digits", digits);
		put8(f, byte);
	}
}

static void
put_addr(struct frame *f, const struct layer *l, const char *key, const char *otherwise)
{
	const char *value = text(l, key);
	int family = strcmp(l->name, "ip4") == 0 ? AF_INET : AF_INET6;
	uint8_t addr[16];

	if (value == NULL)
		value = otherwise;
	if (inet_pton(family, value, addr) != 1)
		frame_mistake("not an address", value);
	for (unsigned i = 0; i < (family == AF_INET ? 4 : 16); i++)
		put8(f, addr[i]);
}

/* The type or protocol number of the layer that follows. */
static unsigned long
next_ethertype(const struct frame *f, unsigned i)
{
	int type = i + 1 < f->n_layers ? frame_kind(f->layer[i + 1].name)->ethertype : -1;

	return type < 0 ? 0x88b5 : (unsigned long)type; /* local experimental */
}

static unsigned long
next_proto(const struct frame *f, unsigned i)
{
	const struct layer *next = &f->layer[i + 1];
	int proto = i + 1 < f->n_layers ? frame_kind(next->name)->proto : -1;

	if (i + 1 < f->n_layers && strcmp(next->name, "proto") == 0)
		return frame_lone(next);
	return proto < 0 ? 59 : (unsigned long)proto;
}

/* Where the packet ends that the layer belongs to: at the padding, or with the frame. */
static uint32_t
packet_end(const struct frame *f)
{
	for (unsigned i = 0; i < f->n_layers; i++)
		if (strcmp(f->layer[i].name, "pad") == 0)
			return f->layer[i].off;
	return f->n;
}

static void
build_eth(struct frame *f, unsigned i)
{
	const struct layer *l = &f->layer[i];
	const char *dst = text(l, "dst");

	put_hex(f, dst == NULL ? "020000000002" : dst);
	put_hex(f, "020000000001");
	if (strcmp(l->name, "len") == 0)
		put16(f, number(l, "n", 46));
	else
		put16(f, number(l, "type", next_ethertype(f, i)));
}

static void
build_tag(struct frame *f, unsigned i)
{
	const struct layer *l = &f->layer[i];

	/* The type in front of a tag is the tag's own. */
	put_at16(f, f->n - 2, number(l, "tpid", 0x8100));
	put16(f, number(l, "vid", 1));
	put16(f, number(l, "type", next_ethertype(f, i)));
}

static void
build_llc(struct frame *f, unsigned i)
{
	const struct layer *l = &f->layer[i];

	put8(f, number(l, "dsap", 0xaa));
	put8(f, number(l, "ssap", number(l, "dsap", 0xaa)));
	put8(f, number(l, "ctrl", 3));
}

static void
build_snap(struct frame *f, unsigned i)
{
	const struct layer *l = &f->layer[i];
	unsigned long oui = number(l, "oui", 0);

	put8(f, oui >> 16);
	put16(f, oui);
	put16(f, number(l, "type", next_ethertype(f, i)));
}

static void
build_ip4(struct frame *f, unsigned i)
{
	const struct layer *l = &f->layer[i];
	const char *given = text(l, "opthex");
	unsigned long opts = given != NULL ? strlen(given) / 2 : number(l, "opts", 0);

	put8(f, number(l, "ver", 4) << 4 | number(l, "ihl", 5 + opts / 4));
	put8(f, number(l, "tos", 0));
	put16(f, 0);
	put16(f, number(l, "id", 0x1234));
	put16(f, number(l, "df", 0) << 14 | number(l, "mf", 0) << 13 | number(l, "off", 0) / 8);
	put8(f, number(l, "ttl", 64));
	put8(f, number(l, "proto", next_proto(f, i)));
	put16(f, 0);
	put_addr(f, l, "src", "192.0.2.1");
	put_addr(f, l, "dst", "198.51.100.1");
	if (given != NULL)
		put_hex(f, given);
	for (unsigned long n = 0; given == NULL && n < opts; n++)
		put8(f, 1); /* no operation */
}

static void
finish_ip4(struct frame *f, unsigned i)
{
	const struct layer *l = &f->layer[i];
	uint32_t sum = 0, hlen = (f->b[l->off] & 15u) * 4;

	put_at16(f, l->off + 2, number(l, "len", packet_end(f) - l->off));
	for (uint32_t n = 0; n < hlen && l->off + n + 1 < f->n; n += 2)
		sum += (uint32_t)(f->b[l->off + n] << 8 | f->b[l->off + n + 1]);
	sum = (sum & 0xffff) + (sum >> 16);
	sum += sum >> 16;
	put_at16(f, l->off + 10, number(l, "sum", ~sum & 0xffff));
}

static void
build_ip6(struct frame *f, unsigned i)
{
	const struct layer *l = &f->layer[i];

	put16(f, number(l, "ver", 6) << 12 | number(l, "tos", 0) << 4 | number(l, "label", 0) >> 16);
	put16(f, number(l, "label", 0));
	put16(f, 0);
	put8(f, number(l, "nh", next_proto(f, i)));
	put8(f, number(l, "hl", 64));
	put_addr(f, l, "src", "2001:db8::1");
	put_addr(f, l, "dst", "2001:db8:1::1");
}

static void
finish_ip6(struct frame *f, unsigned i)
{
	const struct layer *l = &f->layer[i];

	put_at16(f, l->off + 4, number(l, "len", packet_end(f) - l->off - 40));
}

static void
build_extension(struct frame *f, unsigned i)
{
	const struct layer *l = &f->layer[i];
	unsigned long n = number(l, "n", 0);

	put8(f, number(l, "nh", next_proto(f, i)));
	put8(f, n);
	put8(f, number(l, "type", 0));
	put8(f, number(l, "left", 0));
	for (unsigned long k = 4; k < (n + 1) * 8; k++)
		put8(f, 0); /* Pad1 */
}

static void
build_ah(struct frame *f, unsigned i)
{
	const struct layer *l = &f->layer[i];
	unsigned long n = number(l, "n", 4);

	put8(f, number(l, "nh", next_proto(f, i)));
	put8(f, n);
	for (unsigned long k = 2; k < (n + 2) * 4; k++)
		put8(f, 0);
}

static void
build_frag(struct frame *f, unsigned i)
{
	const struct layer *l = &f->layer[i];

	put8(f, number(l, "nh", next_proto(f, i)));
	put8(f, 0);
	put16(f, (number(l, "off", 0) & ~7ul) | number(l, "m", 0));
	put16(f, 0);
	put16(f, 0x1234);
}

static unsigned long
tcp_flags(const struct layer *l)
{
	static const char letters[] = "FSRPAUEC";
	const char *value = text(l, "flags");
	unsigned long flags = 0;

	if (value == NULL)
		return 0x10;
	for (; *value != '\0'; value++) {
		const char *at = strchr(letters, *value);

		if (at == NULL)
			frame_mistake("not a TCP flag", value);
		flags |= 1ul << (at - letters);
	}
	return flags;
}

static void
build_tcp(struct frame *f, unsigned i)
{
	const struct layer *l = &f->layer[i];
	const char *given = text(l, "opthex");
	unsigned long opts = given != NULL ? strlen(given) / 2 : number(l, "opts", 0);
	unsigned long ack = number(l, "ack", 0x04050607);

	put16(f, number(l, "sport", 40000));
	put16(f, number(l, "dport", 443));
	put16(f, 0x0001);
	put16(f, 0x0203);
	put16(f, ack >> 16);
	put16(f, ack);
	put8(f, number(l, "doff", 5 + opts / 4) << 4);
	put8(f, tcp_flags(l));
	put16(f, number(l, "window", 65535));
	put16(f, 0x5555);
	put16(f, 0);
	if (given != NULL)
		put_hex(f, given);
	for (unsigned long k = 0; given == NULL && k < opts; k++)
		put8(f, 1);
}

static void
build_udp(struct frame *f, unsigned i)
{
	const struct layer *l = &f->layer[i];

	put16(f, number(l, "sport", 40000));
	put16(f, number(l, "dport", 443));
	put16(f, 0);
	put16(f, 0x5555);
}

static void
finish_udp(struct frame *f, unsigned i)
{
	const struct layer *l = &f->layer[i];

	put_at16(f, l->off + 4, number(l, "len", packet_end(f) - l->off));
}

static void
build_icmp(struct frame *f, unsigned i)
{
	const struct layer *l = &f->layer[i];

	put8(f, number(l, "type", strcmp(l->name, "icmp") == 0 ? 8 : 128));
	put8(f, number(l, "code", 0));
	put16(f, 0x5555);
	put16(f, 1);
	put16(f, 2);
}

static void
build_gre(struct frame *f, unsigned i)
{
	put16(f, number(&f->layer[i], "flags", 0));
	put16(f, 0x0800);
}

static void
build_fill(struct frame *f, unsigned i)
{
	unsigned long n = frame_lone(&f->layer[i]);

	for (unsigned long k = 0; k < n; k++)
		put8(f, 0x80 + k % 64);
}

static void
build_hex(struct frame *f, unsigned i)
{
	put_hex(f, text(&f->layer[i], ""));
}

static void
build_nothing(struct frame *f, unsigned i)
{
	(void)f;
	(void)i;
}

static const struct kind kinds[] = {
	{"eth", -1, -1, build_eth, NULL},
	{"len", -1, -1, build_eth, NULL},
	{"tag", 0x8100, -1, build_tag, NULL},
	{"llc", -1, -1, build_llc, NULL},
	{"snap", -1, -1, build_snap, NULL},
	{"ip4", 0x0800, 4, build_ip4, finish_ip4},
	{"ip6", 0x86dd, 41, build_ip6, finish_ip6},
	{"hbh", -1, 0, build_extension, NULL},
	{"rt", -1, 43, build_extension, NULL},
	{"dstopt", -1, 60, build_extension, NULL},
	{"mob", -1, 135, build_extension, NULL},
	{"hip", -1, 139, build_extension, NULL},
	{"shim", -1, 140, build_extension, NULL},
	{"ah", -1, 51, build_ah, NULL},
	{"frag", -1, 44, build_frag, NULL},
	{"tcp", -1, 6, build_tcp, NULL},
	{"udp", -1, 17, build_udp, finish_udp},
	{"icmp", -1, 1, build_icmp, NULL},
	{"icmp6", -1, 58, build_icmp, NULL},
	{"gre", -1, 47, build_gre, NULL},
	{"proto", -1, -1, build_nothing, NULL},
	{"data", -1, -1, build_fill, NULL},
	{"hex", -1, -1, build_hex, NULL},
	{"pad", -1, -1, build_fill, NULL},
	{"cut", -1, -1, build_nothing, NULL},
	{"drop", -1, -1, build_nothing, NULL},
};

const struct kind *
frame_kind(const char *name)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(kinds[i].name, name) == 0)
			return &kinds[i];
	frame_mistake("no such layer", name);
}
