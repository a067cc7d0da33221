/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_FILTER_NAMES_H
#define SEKI_FILTER_NAMES_H

/*
 * Names of hosts in an expression. Internal to lib/filter.
 *
 * libpcap asks the resolver for them while it compiles. A reload would then wait for name servers, in the middle of an
 * attack perhaps on just those, and what is dropped would be up to whoever answers. So they are found before, by the words
 * of pcap-filter(7): what is no such word and does not follow one that takes names of ports or protocols (which are in
 * files of the machine) is meant as a host or a network.
 */

#include <stdbool.h>
#include <stddef.h>

/* True if libpcap would look up a name; it goes to `name` (size bytes, cut if it is longer). Any thread. */
bool filter_has_name(const char *expression, char *name, size_t size);

#endif
