/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_FILTER_REACH_H
#define SEKI_FILTER_REACH_H

/*
 * Does a program reach for payload? Internal to lib/filter.
 *
 * When filters run, all that is no header is zero, so none can see payload. But an expression that waits for payload
 * would then wait for ever, and whoever wrote it would not know. So a program is gone through once, with what can be
 * known of a packet at each instruction: whether it is IPv4 or IPv6, which protocols it may be of, and what A and X are
 * made of, as far as that is where a header begins or ends. A load is refused if of all packets that may get there none
 * has headers up to its end. `udp[8]` is; `tcp[20]` is not, for there may be options, nor `icmp[8]`, for errors quote a
 * header.
 *
 * What is known is never wrong, but may be little: that a program is not refused does not say that it finds what it
 * looks for. It costs no time when packets come.
 */

#include <stddef.h>

#include <pcap/pcap.h>

/*
 * 0, or -EINVAL with a sentence in `why` (size bytes), or -ENOMEM with one. The program's jumps go forward and inside
 * it: filter_convert has taken it. Any thread.
 */
int filter_reach(const struct bpf_program *program, char *why, size_t size);

#endif
