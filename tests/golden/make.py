#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Writes the golden cases: <case>/in.pcap, seki.conf and expected.tsv, from the tables below.

What is expected is said here, packet by packet, by whoever wrote the case; nothing is taken from a run. A fixed bug
adds a row or a case. Run it after a change and commit what it writes; tests/e2e/test_golden.py replays the cases and
fails if the files are not those of the tables.
"""
import os
import struct
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "support"))

import craft  # noqa: E402
from craft import INSIDE_MAC, OUTSIDE_MAC, eth, icmp, ip4, ip6, tcp, tcp4, udp, udp4, udp6  # noqa: E402

T0 = 1_700_000_000_000_000_000
MS = 1_000_000

CLIENT, HOST = "192.0.2.1", "198.51.100.7"
CLIENT6, HOST6 = "2001:db8:ffff::1", "2001:db8:1::7"
SYN, ACK, FIN, RST, PSH, URG = 0x02, 0x10, 0x01, 0x04, 0x08, 0x20
MORE = 0x2000  # more fragments

CONF = """# {title}
ports: (
  {{ name = "outside"; device = "net_null0"; side = "outside"; peer = "inside"; macs = ["02:00:00:00:0a:01"]; }},
  {{ name = "inside"; device = "net_null1"; side = "inside"; peer = "outside"; macs = ["02:00:00:00:0b:01"]; }}
);
telemetry: {{ enable = false; }};
{more}zones: (
  {{
    name = "web";
    mode = "{mode}";
    prefixes = ["198.51.100.0/24", "2001:db8:1::/48"];
{zone}  }}
);
"""


def conf(title, zone="", more="", mode="enforce"):
    return CONF.format(title=title, zone="".join(f"    {line}\n" for line in zone.splitlines()), more=more, mode=mode)


def patch(frame, offset, data):
    return frame[:offset] + data + frame[offset + len(data):]


def ip4_raw(body, **fields):
    """An IPv4 packet whose header fields are overridden by (offset, bytes), its checksum made right again."""
    packet = ip4(CLIENT, HOST, fields.pop("proto", 17), body, flags_offset=fields.pop("flags_offset", 0))
    for offset, data in fields.get("fields", ()):
        packet = patch(packet, offset, data)
    size = (packet[0] & 15) * 4
    head = patch(packet[:size], 10, b"\0\0")
    if len(head) >= 20:
        packet = patch(packet, 10, struct.pack("!H", craft.checksum(head)))
    return packet


def inbound(frame, reason, verdict="drop", zone="web", gap=MS):
    return (gap, frame, "inbound", verdict, reason, zone)


def passes(frame, reason="clean", zone="web", direction="inbound"):
    return (MS, frame, direction, "pass", reason, zone)


GOOD = udp4(CLIENT, HOST)
GOOD_TCP = tcp4(CLIENT, HOST, SYN)


def v4(packet):
    return eth(packet, 0x0800)


def v6(packet):
    return eth(packet, 0x86DD)


def routing(kind, left):
    """A routing header with one address, in front of UDP."""
    return struct.pack("!BBBBI", 17, 2, kind, left, 0) + bytes.fromhex("20010db8000100000000000000000009")


def frag6(proto, offset, more):
    return struct.pack("!BBHI", proto, 0, offset | more, 1)


MALFORMED = [
    passes(GOOD),
    passes(GOOD_TCP),
    passes(udp6(CLIENT6, HOST6)),
    # Frames without readable addresses belong to no zone: a wire would carry them too.
    passes(GOOD[:13], "no_zone", "-", "transit"),  # nor MAC addresses to tell a direction by
    passes(eth(b"\x45", 0x8100), "no_zone", "-"),
    passes(v4(ip4_raw(udp(1, 2))[:19]), "no_zone", "-"),
    inbound(v4(ip4_raw(udp(1, 2), fields=[(2, struct.pack("!H", 200))])), "ip_length"),
    inbound(patch(GOOD, 24, b"\0\0"), "ip_checksum"),
    inbound(v4(ip4_raw(b"\0\1", proto=17)), "l4_truncated"),
    inbound(v4(ip4_raw(tcp(1, 2, SYN)[:10], proto=6)), "l4_truncated"),
    inbound(v4(ip4_raw(patch(tcp(1, 2, SYN), 12, b"\x40"), proto=6)), "tcp_header_length"),
    inbound(v4(ip4_raw(patch(tcp(1, 2, SYN), 12, b"\xf0"), proto=6)), "tcp_header_length"),
    inbound(tcp4(CLIENT, HOST, 0), "tcp_flags"),
    inbound(tcp4(CLIENT, HOST, SYN | FIN), "tcp_flags"),
    inbound(tcp4(CLIENT, HOST, SYN | RST), "tcp_flags"),
    inbound(tcp4(CLIENT, HOST, FIN | PSH | URG), "tcp_flags"),
    passes(tcp4(CLIENT, HOST, SYN | ACK)),
    passes(tcp4(CLIENT, HOST, FIN | ACK)),
    passes(tcp4(CLIENT, HOST, RST)),
    inbound(v4(ip4_raw(patch(udp(1, 2), 4, struct.pack("!H", 7)))), "udp_length"),
    inbound(v4(ip4_raw(patch(udp(1, 2), 4, struct.pack("!H", 99)))), "udp_length"),
    inbound(udp4(CLIENT, HOST, dport=0), "port_zero"),
    inbound(tcp4(CLIENT, HOST, SYN, dport=0), "port_zero"),
    inbound(udp4(HOST, HOST), "land"),
    inbound(udp6(HOST6, HOST6), "land"),
    # Fragments: a first one without its transport header, one that rewrites it, ones that no host could join.
    inbound(v4(ip4_raw(tcp(1, 2, SYN)[:16], proto=6, flags_offset=MORE)), "frag_tiny"),
    inbound(v4(ip4_raw(bytes(24), proto=6, flags_offset=1)), "frag_overlap"),
    inbound(v4(ip4_raw(bytes(21), flags_offset=MORE | 100)), "frag_length"),
    inbound(v4(ip4_raw(bytes(64), flags_offset=8191)), "frag_length"),
    passes(v4(ip4_raw(udp(1, 2, bytes(1472 - 0))[:1480], flags_offset=MORE))),
    passes(v4(ip4_raw(bytes(100), flags_offset=185))),
    # Source routes, and options that are none.
    inbound(v4(ip4_raw(bytes.fromhex("8307040a00000100") + udp(1, 2), fields=[(0, b"\x47")])), "source_route"),
    inbound(v4(ip4_raw(bytes.fromhex("018907040a000001") + udp(1, 2), fields=[(0, b"\x47")])), "source_route"),
    passes(v4(ip4_raw(bytes.fromhex("94040000") + udp(1, 2), fields=[(0, b"\x46")]))),  # router alert
    inbound(v6(ip6(CLIENT6, HOST6, 43, routing(0, 1) + udp(1, 2))), "source_route"),
    passes(v6(ip6(CLIENT6, HOST6, 43, routing(0, 0) + udp(1, 2)))),
    passes(v6(ip6(CLIENT6, HOST6, 43, routing(2, 1) + udp(1, 2)))),
    # IPv6 fragments: a chain that the first does not hold, and later ones that begin inside the first one's headers.
    inbound(v6(ip6(CLIENT6, HOST6, 44, frag6(60, 0, True) + struct.pack("!BB", 17, 0) + bytes(6))), "frag_tiny"),
    inbound(v6(ip6(CLIENT6, HOST6, 44, frag6(17, 8, False) + bytes(24))), "frag_overlap"),
    inbound(v6(ip6(CLIENT6, HOST6, 44, frag6(60, 80, False) + bytes(24))), "frag_overlap"),
    passes(v6(ip6(CLIENT6, HOST6, 44, frag6(17, 1232, False) + bytes(24)))),
    # IPv6: options that claim more than there is, hop-by-hop that is not first.
    inbound(v6(ip6(CLIENT6, HOST6, 60, struct.pack("!BB", 17, 9) + bytes(6) + udp(1, 2))), "ip6_chain"),
    inbound(v6(ip6(CLIENT6, HOST6, 60, struct.pack("!BB", 0, 0) + bytes(6) + struct.pack("!BB", 17, 0) + bytes(6)
                   + udp(1, 2))), "ip6_chain"),
    passes(v6(ip6(CLIENT6, HOST6, 60, struct.pack("!BB", 17, 0) + bytes(6) + udp(1, 2)))),
]


def from_source(src, reason="src_martian"):
    return inbound(udp4(src, HOST), reason)


ANTISPOOF = [
    passes(GOOD),
    passes(udp4("10.1.2.3", HOST)),  # private sources may be real behind a private network
    from_source("0.0.0.1"), from_source("127.0.0.1"), from_source("169.254.1.1"), from_source("240.0.0.1"),
    from_source("224.0.0.5", "src_multicast"), from_source("255.255.255.255", "src_multicast"),
    from_source("198.51.100.9", "src_own_zone"),
    inbound(udp6("::1", HOST6), "src_martian"),
    inbound(udp6("::ffff:192.0.2.1", HOST6), "src_martian"),
    inbound(udp6("fe80::1", HOST6), "src_martian"),
    inbound(udp6("ff02::1", HOST6), "src_multicast"),
    inbound(udp6("2001:db8:1::9", HOST6), "src_own_zone"),
    # From inside nothing is asked: outbound is forwarded unscrubbed.
    passes(udp4("127.0.0.1", CLIENT, smac=INSIDE_MAC, dmac=OUTSIDE_MAC), "outbound", "-", "outbound"),
    passes(udp4(HOST, CLIENT, smac=INSIDE_MAC, dmac=OUTSIDE_MAC), "outbound", "web", "outbound"),
]

LISTS = [
    passes(GOOD),
    inbound(udp4("203.0.113.77", HOST), "denied"),
    inbound(udp6("2001:db8:bad::1", HOST6), "denied"),
    passes(udp4("203.0.113.5", HOST), "allowed"),  # on both: allow is asked first
    passes(tcp4("203.0.113.5", HOST, ACK), "allowed"),
    inbound(tcp4("203.0.113.5", HOST, 0), "tcp_flags"),  # malformed is asked before
    passes(udp4("203.0.113.77", "192.0.2.200"), "no_zone", "-"),
]

# Budgets of 10 packets a second with 100 ms of tolerance: of packets 1 ms apart two conform, then one each 100 ms.
BUDGETS = [
    passes(tcp4(CLIENT, HOST, SYN)),
    passes(udp4(CLIENT, HOST, dport=443)),
    passes(udp4(CLIENT, HOST, dport=9999)),
    passes(udp4(CLIENT, HOST, dport=9999)),
    inbound(udp4(CLIENT, HOST, dport=9999), "service_budget"),
    inbound(tcp4(CLIENT, HOST, SYN, dport=22), "service_budget"),
    passes(tcp4(CLIENT, HOST, SYN)),  # served: the small budget is not its
    inbound(udp4(CLIENT, HOST, dport=9999), "service_budget"),
    # An error must get through whatever is served: path MTU discovery hangs on it.
    passes(v4(ip4(CLIENT, HOST, 1, icmp(3, 4, payload=ip4(HOST, CLIENT, 6, tcp(443, 40000, ACK)[:8]))))),
    inbound(udp4(CLIENT, HOST, dport=9999), "clean", "pass", gap=300 * MS),
    # A second budget of the same kind: answers from reflectors, a bucket for each.
    inbound(udp4(CLIENT, HOST, sport=123, dport=443), "clean", "pass"),  # to a served port: exempt
]

REFLECTION = [
    passes(udp4(CLIENT, HOST, sport=123)),
    passes(udp4("192.0.2.2", HOST, sport=123)),
    inbound(udp4(CLIENT, HOST, sport=123), "reflection_budget"),
    inbound(udp4("192.0.2.3", "198.51.100.200", sport=123), "reflection_budget"),  # the zone's, not the host's
    passes(udp4(CLIENT, HOST, sport=53)),  # another reflector, another budget
    passes(udp6(CLIENT6, HOST6, sport=11211)),
    passes(udp6(CLIENT6, HOST6, sport=11211)),
    inbound(udp6(CLIENT6, HOST6, sport=11211), "reflection_budget"),
    passes(udp4(CLIENT, HOST)),
    inbound(udp4(CLIENT, HOST, sport=123), "clean", "pass", gap=250 * MS),
]


def fragment(offset=185, more=0):
    return v4(ip4_raw(bytes(104), flags_offset=more | offset))


FRAGMENTS = [
    passes(fragment()),
    passes(fragment()),
    inbound(fragment(), "fragment_budget"),
    passes(GOOD),
    inbound(fragment(more=MORE), "clean", "pass", gap=300 * MS),
]

# Two limits: 10 packets a second of UDP, and 8,000 bits a second of ICMP (a packet of 98 bytes is 784 bits).
PING = v4(ip4(CLIENT, HOST, 1, icmp(8, 0, payload=bytes(56))))
ZONE_LIMIT = [
    passes(udp4(CLIENT, HOST)),
    passes(udp6(CLIENT6, HOST6)),
    inbound(udp4(CLIENT, HOST), "class_pps"),
    passes(tcp4(CLIENT, HOST, SYN)),
    passes(PING),
    passes(PING),
    inbound(PING, "class_bps"),
    inbound(udp4("192.0.2.99", "198.51.100.99"), "class_pps"),
    inbound(PING, "clean", "pass", gap=250 * MS),
]

ZONE_TOTAL = [
    passes(udp4(CLIENT, HOST)),
    passes(tcp4(CLIENT, HOST, SYN)),
    inbound(PING, "zone_pps"),
    inbound(udp6(CLIENT6, HOST6), "zone_pps"),
    passes(udp4(HOST, CLIENT, smac=INSIDE_MAC, dmac=OUTSIDE_MAC), "outbound", "web", "outbound"),
    inbound(PING, "clean", "pass", gap=300 * MS),
]

NO_FRAGMENTS = [
    inbound(fragment(), "fragment_denied"),
    inbound(v4(ip4_raw(udp(1, 2, bytes(1472))[:1480], flags_offset=MORE)), "fragment_denied"),
    passes(GOOD),
]

# Over the budgets and limits of all four that are steps of a ladder; what nobody has raised stops nothing.
AUTO = ([passes(udp4(CLIENT, HOST, sport=123))] * 9 + [passes(fragment())] * 9
        + [passes(tcp4(CLIENT, HOST, ACK))] * 9 + [passes(tcp4(CLIENT, HOST, SYN))] * 30
        + [inbound(tcp4(CLIENT, HOST, SYN | FIN), "tcp_flags")])  # what enforces does so beside them

OBSERVE = [
    passes(tcp4(CLIENT, HOST, 0)),
    passes(udp4("127.0.0.1", HOST)),
    passes(udp4("203.0.113.77", HOST)),
    passes(udp4(CLIENT, HOST, sport=123)),
    passes(udp4(CLIENT, HOST, sport=123)),
    passes(udp4(CLIENT, HOST, sport=123)),
    inbound(udp4(CLIENT, HOST, payload=bytes(1473)), "oversize"),  # not a judgement: the port cannot send it
]

PEER, PEER_IN, PEER_IN_TOO = "192.0.2.250", "198.51.100.250", "198.51.100.251"


def peers_conf(more=""):
    return f'control: {{ peers = ["{PEER}", "{PEER_IN}", "{PEER_IN_TOO}"];{more} }};\n'


def bgp(src, dst, **more):
    return tcp4(src, dst, ACK | PSH, sport=40000, dport=179, payload=bytes(19), **more)


NS = v6(ip6("fe80::1", "ff02::1:ff00:7", 58, icmp(135, 0, payload=bytes(16)), hops=255))
CONTROL = [
    passes(eth(bytes(28), 0x0806), "control", "-"),
    passes(NS, "control", "-"),
    passes(eth(bytes(46), 0x8809, dmac="01:80:c2:00:00:02"), "control", "-"),  # LACP
    passes(eth(bytes(46), 0x88CC, dmac="01:80:c2:00:00:0e"), "control", "-"),  # LLDP
    # Neighbour discovery with a fragment header is none (RFC 6980), although it says that it crossed no router.
    passes(v6(ip6("2001:db8:1::9", HOST6, 58, icmp(136, 0, payload=bytes(16)), hops=255)), "control"),
    passes(v6(ip6("2001:db8:9::9", HOST6, 44, frag6(58, 0, False) + icmp(136, 0, payload=bytes(16)), hops=255))),
    passes(bgp(PEER, PEER_IN), "control"),
    passes(bgp(CLIENT, PEER_IN), "clean"),  # a stranger's BGP is traffic like any other
    # What lies in the zone is inside, and does not come from outside; nor does anybody there speak for the other side.
    passes(bgp(PEER_IN_TOO, PEER_IN), "clean"),
    passes(bgp(PEER_IN, PEER, smac=INSIDE_MAC, dmac=OUTSIDE_MAC), "control", direction="outbound"),
    inbound(bgp(PEER_IN, PEER_IN), "land"),
    passes(eth(bytes(46), 0x8847), "unscrubbed", "-"),
    passes(eth(bytes(46), 0x88E5), "unscrubbed", "-"),  # MACsec: anybody's packets
    passes(eth(bytes(46), 0x88B5), "non_ip", "-"),
    # Tunnels: the outer headers are judged and found good, the inner ones nobody has seen.
    passes(v4(ip4(CLIENT, HOST, 4, ip4(CLIENT, HOST, 17, udp(1, 2)))), "unscrubbed"),
    passes(v4(ip4(CLIENT, HOST, 47, bytes.fromhex("00000800") + ip4(CLIENT, HOST, 17, udp(1, 2)))), "unscrubbed"),
    passes(v6(ip6(CLIENT6, HOST6, 41, ip6(CLIENT6, HOST6, 17, udp(1, 2)))), "unscrubbed"),
    passes(udp4(CLIENT, HOST, dport=4789, payload=bytes(30)), "unscrubbed"),
    passes(v4(ip4(CLIENT, HOST, 50, bytes(40)))),  # ESP: its content is hidden from everybody, so it is what it is
    passes(udp4(CLIENT, HOST, vlans=(7,))),
    passes(udp4(CLIENT, HOST, vlans=(7, 9))),
]

# Ten a second and two at once: what exceeds that is judged like any other packet, and may be found wanting.
CONTROL_BUDGET = [
    passes(bgp(PEER, PEER_IN), "control"),
    passes(bgp(PEER, PEER_IN), "control"),
    passes(bgp(PEER, PEER_IN), "clean"),
    inbound(tcp4(PEER, PEER_IN, SYN | FIN, dport=179), "tcp_flags"),
    passes(bgp(PEER_IN, PEER, smac=INSIDE_MAC, dmac=OUTSIDE_MAC), "control", direction="outbound"),  # the other way
    passes(eth(bytes(28), 0x0806), "control", "-"),  # what is on the link has no budget
    passes(NS, "control", "-"),
    (100 * MS,) + passes(bgp(PEER, PEER_IN), "control")[1:],
    passes(bgp(PEER, PEER_IN), "clean"),
]

LIST_FILES = {"good.txt": "203.0.113.5\n", "bad.txt": "# sources to drop\n203.0.113.0/24 ; a comment\n2001:db8:bad::/48\n"}

def with_options(packet):
    """The IPv4 packet with four bytes of options, so that what lies behind its header lies elsewhere."""
    head = bytes([0x46]) + packet[1:2] + struct.pack("!H", len(packet) + 4) + packet[4:10] + b"\0\0" + packet[12:20] + b"\1" * 4
    return patch(head, 10, struct.pack("!H", craft.checksum(head))) + packet[20:]


def rst(window):
    return patch(tcp(1, 443, RST), 14, struct.pack("!H", window))


FILTERS = """filter = [
  "udp and src port 53 and greater 1200",
  "tcp[tcpflags] = tcp-rst and tcp[14:2] = 0",
  "ip6[7] < 5",
  "icmp[17] = 17"
];"""

FILTER = [
    passes(GOOD),
    inbound(udp4(CLIENT, HOST, 53, payload=bytes(1172)), "filtered"),
    passes(udp4(CLIENT, HOST, 53, payload=bytes(1171))),
    passes(udp4(CLIENT, HOST, 53, payload=bytes(1171)) + bytes(9)),  # padding is no length
    passes(udp4(CLIENT, HOST, 54, payload=bytes(1172))),
    inbound(udp6(CLIENT6, HOST6, 53, payload=bytes(1152)), "filtered"),
    inbound(v4(with_options(ip4(CLIENT, HOST, 17, udp(53, 9, bytes(1168))))), "filtered"),
    inbound(v4(ip4(CLIENT, HOST, 6, rst(0))), "filtered"),
    inbound(v4(with_options(ip4(CLIENT, HOST, 6, rst(0)))), "filtered"),
    passes(v4(ip4(CLIENT, HOST, 6, rst(512)))),
    passes(v4(with_options(ip4(CLIENT, HOST, 6, rst(512))))),
    passes(tcp4(CLIENT, HOST, SYN)),
    inbound(v6(ip6(CLIENT6, HOST6, 17, udp(1, 2), hops=4)), "filtered"),
    passes(v6(ip6(CLIENT6, HOST6, 17, udp(1, 2), hops=5))),
    # What an ICMP error quotes is header; the same bytes in an echo are payload, and zero.
    inbound(v4(ip4(CLIENT, HOST, 1, icmp(3, 3, payload=ip4(HOST, CLIENT, 17, udp(9, 9))))), "filtered"),
    passes(v4(ip4(CLIENT, HOST, 1, icmp(3, 3, payload=ip4(HOST, CLIENT, 6, tcp(9, 9, ACK)))))),
    passes(v4(ip4(CLIENT, HOST, 1, icmp(8, 3, payload=ip4(HOST, CLIENT, 17, udp(9, 9)))))),
    inbound(patch(udp4(CLIENT, HOST, 53, payload=bytes(1172)), 24, b"\0\0"), "ip_checksum"),  # malformed is asked before
    passes(udp4(CLIENT, "192.0.2.200", 53, payload=bytes(1172)), "no_zone", "-"),
    (MS, udp4(HOST, CLIENT, 53, payload=bytes(1172), smac=INSIDE_MAC, dmac=OUTSIDE_MAC), "outbound", "pass", "outbound", "web"),
]
FILTER_OBSERVED = [passes(GOOD), passes(udp4(CLIENT, HOST, 53, payload=bytes(1172)))]

LISTS_CONF = 'lists: ( { name = "good"; file = "good.txt"; }, { name = "bad"; file = "bad.txt"; } );\n'
SMALL = 'pps = "10 pps"; burst = "100 ms";'
STANDS = 'mode = "enforce";'

# name: (title, packets, configuration, other files)
CASES = {
    "malformed": (MALFORMED, conf("Headers that contradict themselves, one of each kind."), {}),
    "antispoof": (ANTISPOOF, conf("Sources that cannot be, from outside.",
                                  'countermeasures: { antispoof: { mode = "enforce"; }; };'), {}),
    "lists": (LISTS, conf("Allowed and denied sources.", 'allow = ["good"];\ndeny = ["bad"];', LISTS_CONF), LIST_FILES),
    "filter": (FILTER, conf("Expressions of what is dropped.", FILTERS), {}),
    "filter_observed": (FILTER_OBSERVED, conf("An expression, of which is watched what it would drop.",
                                              'filter = "udp and src port 53 and greater 1200";', mode="observe"), {}),
    "service": (BUDGETS, conf("What a zone does not serve shares a small budget.",
                              'services = ["tcp/443", "udp/443"];\n'
                              f"countermeasures: {{ service: {{ {SMALL} }}; }};"), {}),
    "reflection": (REFLECTION, conf("A budget for each kind of reflector.",
                                    f"countermeasures: {{ reflection: {{ {STANDS} {SMALL} }}; }};"), {}),
    "fragment": (FRAGMENTS, conf("A budget for fragments.",
                                 f"countermeasures: {{ fragment: {{ {STANDS} {SMALL} }}; }};"), {}),
    "no_fragments": (NO_FRAGMENTS, conf("A zone that accepts no fragments.",
                                        f"countermeasures: {{ fragment: {{ {STANDS} deny = true; }}; }};"), {}),
    "auto": (AUTO, conf("What only an incident raises, in peace.",
                        f"countermeasures: {{ reflection: {{ {SMALL} }}; fragment: {{ {SMALL} }};\n"
                        f"  tcp_state: {{ {SMALL} arm_after = \"0 s\"; }};\n"
                        '  source_limit: { mode = "auto"; pps = "10 pps"; syn_pps = "10 pps"; }; };'), {}),
    "zone_limit": (ZONE_LIMIT, conf("Budgets for classes of traffic.",
                                    'countermeasures: { zone_limit: { udp_pps = "10 pps"; icmp_bps = "8 kbps"; '
                                    'burst = "100 ms"; }; };'), {}),
    "zone_total": (ZONE_TOTAL, conf("A budget for all of a zone.",
                                    'countermeasures: { zone_limit: { total_pps = "10 pps"; burst = "100 ms"; }; };'),
                   {}),
    "observe": (OBSERVE, conf("Observe mode drops nothing by judgement.",
                              'deny = ["bad"];\n'
                              'countermeasures: { antispoof: { mode = "enforce"; };\n'
                              f"  reflection: {{ {STANDS} {SMALL} }}; }};",
                              'lists: ( { name = "bad"; file = "bad.txt"; } );\n', "observe"),
                {"bad.txt": LIST_FILES["bad.txt"]}),
    "control": (CONTROL, conf("The wire comes first.", "",
                              peers_conf()), {}),
    "control_budget": (CONTROL_BUDGET, conf("Routed control has a limit.", "",
                                            peers_conf(' pps = "10 pps"; burst = "100 ms";')), {}),
}


def files_of(case):
    """name -> bytes of everything in a case's directory."""
    packets, text, more = CASES[case]
    now, capture, rows = T0, [], ["packet\ttime\tdirection\tverdict\treason\tzone"]
    for number, (gap, frame, direction, verdict, reason, zone) in enumerate(packets, 1):
        now += gap
        capture.append((now, frame))
        rows.append(f"{number}\t{now // 10**9}.{now % 10**9:09d}\t{direction}\t{verdict}\t{reason}\t{zone}")
    files = {"in.pcap": craft.pcap(capture), "seki.conf": text.encode(),
             "expected.tsv": ("\n".join(rows) + "\n").encode()}
    files.update({name: content.encode() for name, content in more.items()})
    return files


def main():
    for case in CASES:
        os.makedirs(os.path.join(HERE, case), exist_ok=True)
        for name, content in files_of(case).items():
            with open(os.path.join(HERE, case, name), "wb") as file:
                file.write(content)


if __name__ == "__main__":
    main()
