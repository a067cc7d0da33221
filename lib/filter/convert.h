/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_FILTER_CONVERT_H
#define SEKI_FILTER_CONVERT_H

/*
 * From classic BPF, which libpcap writes, to the eBPF that rte_bpf runs. Internal to lib/filter.
 *
 * DPDK has a conversion of its own, rte_bpf_convert, to programs that load from mbufs. That of 22.11 gets loads by
 * index wrong (tcp[13], udp[4:2]), and what it makes would read payload. So this is ours, and packets are shown to
 * programs in another way: as a view, the packet's length and a copy of its headers in one piece of memory. A pointer
 * to it is all that a program is given, and rte_bpf verifies when it loads the program that no access can leave the
 * view.
 *
 * A program says of a view what libpcap's bpf_filter says of a packet of view.len bytes that begins with view.byte and
 * is zero from there on: a load that goes past the end of the packet ends the program with 0, and so does a division by
 * zero; a shift by 32 or more gives 0. Scratch memory begins with zeros, which bpf_filter leaves to chance.
 *
 * Each load costs a comparison with the length, the load, and for more than a byte a swap; one by index a few more.
 *
 * rte_bpf verifies by going every way through a program, and only if what it knows of registers and stack is what it knew
 * before does it stop where it has been. An expression of a few hundred bytes can have more ways than it would ever go.
 * So wherever ways meet, A, X and the length are written to the view and read again, and then nothing is known of them;
 * and scratch memory is in the view, not on the stack. That costs seven instructions at each such place.
 */

#include <stddef.h>
#include <stdint.h>

#include <pcap/pcap.h>
#include <rte_bpf.h>

/* Bytes of a packet that a view can show: a power of two. */
#define FILTER_VIEW_BYTES 512

/* Longest packet that a view can stand for. */
#define FILTER_LEN_MAX 65535

/* A packet as a program sees it. */
struct filter_view {
	uint32_t len;                        /* of the IP packet, at most FILTER_LEN_MAX */
	uint8_t byte[FILTER_VIEW_BYTES + 4]; /* its headers, then zeros; the last four are for loads that begin before */
	uint32_t a, x, memory[BPF_MEMWORDS]; /* the program's own */
};

/* Bytes that a load of classic BPF loads. */
static inline uint32_t
filter_load_bytes(uint16_t code)
{
	return BPF_SIZE(code) == BPF_W ? 4 : BPF_SIZE(code) == BPF_H ? 2 : 1;
}

struct filter_code {
	struct ebpf_insn *insn; /* heap */
	uint32_t n;
};

/*
 * Converts a program. The caller frees code->insn. -EINVAL with a sentence in `why` (size bytes) if it is no program
 * that can be converted, above all if it has a loop (`protochain`), or -ENOMEM with one. Any thread.
 */
int filter_convert(const struct bpf_program *program, struct filter_code *code, char *why, size_t size);

#endif
