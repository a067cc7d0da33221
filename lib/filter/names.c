/* SPDX-License-Identifier: BSD-3-Clause */
#include "names.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* Behind these, and behind `and`, `or` and `not` after them, names are not of hosts. */
static const char takes_names[] = " port portrange proto protochain type subtype dir direction ifname on reason action "
				  "rset ruleset ";

/* These change nothing about that. */
static const char joins[] = " and or not ";

/* All other words. Constants of ICMP and TCP are told by their beginning. */
static const char keywords[] =
	" src dst host net mask gateway ra ta addr1 addr2 addr3 addr4 address1 address2 address3 address4 less greater len "
	"length byte broadcast multicast inbound outbound ifindex vlan mpls pppoed pppoes geneve ether link ppp slip fddi tr "
	"wlan arp rarp ip ip6 sctp tcp udp icmp icmp6 igmp igrp pim vrrp carp ah esp radio atalk aarp decnet lat sca moprc "
	"mopdl iso esis es-is isis is-is clnp l1 l2 iih lsp snp csnp psnp stp ipx netbeui llc lane metac bcc sc ilmic oam "
	"oamf4 oamf4sc oamf4ec oam4 oam4sc oam4ec connectmsg metaconnect vpi vci fisu lssu lsu msu hfisu hlssu hmsu sio "
	"opc dpc sls hsio hopc hdpc hsls rnr rulenum srnr subrulenum tcpflags icmptype icmpcode icmp6type icmp6code ";

static bool
is_among(const char *words, const char *word, size_t n)
{
	for (const char *at = words; (at = strstr(at, " ")) != NULL && at[1] != '\0'; at++)
		if (strncmp(at + 1, word, n) == 0 && at[1 + n] == ' ')
			return true;
	return false;
}

static bool
begins_with(const char *word, size_t n, const char *prefix)
{
	return n > strlen(prefix) && strncmp(word, prefix, strlen(prefix)) == 0;
}

static bool
is_keyword(const char *word, size_t n)
{
	return is_among(keywords, word, n) || begins_with(word, n, "tcp-") || begins_with(word, n, "icmp-") ||
	       begins_with(word, n, "icmp6-");
}

/* Numbers, ranges of them, addresses. */
static bool
is_number(const char *word, size_t n)
{
	bool hex = begins_with(word, n, "0x") || begins_with(word, n, "0X");

	return hex || memchr(word, ':', n) != NULL || strspn(word, "0123456789.-") >= n;
}

bool
filter_has_name(const char *expression, char *name, size_t size)
{
	bool taken = false; /* names are of ports or protocols */

	for (const char *at = expression; *at != '\0';) {
		bool escaped = at > expression && at[-1] == '\\';
		size_t n = 0;

		while (isalnum((unsigned char)at[n]) || (at[n] != '\0' && strchr("._:", at[n]) != NULL) ||
			(at[n] == '-' && n > 0 && isalnum((unsigned char)at[n + 1])))
			n++;
		if (n == 0) {
			at++;
			continue;
		}
		if (!escaped && is_among(takes_names, at, n)) {
			taken = true;
		} else if (!escaped && is_keyword(at, n)) {
			taken = false;
		} else if (!is_number(at, n) && !taken && (escaped || !is_among(joins, at, n))) {
			snprintf(name, size, "%.*s", (int)n, at);
			return true;
		}
		at += n;
	}
	return false;
}
