# SPDX-License-Identifier: BSD-3-Clause
"""
scrub_64k, scrub_1m, scrub_v6_64k: `seki run` with everything that keeps state enforced, on so many live connections,
against testpmd macswap on the same ports, the same captures and the same CPU.

The connections are TCP, of a client each, and were there before Seki: what the inside sends, one segment each, is played
once, and makes them known; then segments of 60 bytes (IPv6: 74) from outside go round and round, one a connection.
"""
import socket
import struct
import tempfile

import capture
import frames
from bench_forward import measure, ready
from interleave import result

OUTSIDE_MAC, INSIDE_MAC = b"\x02" * 6, b"\x04" * 6
ACK = struct.pack("!HHIIBBHHH", 0, 0, 1, 1, 0x50, 0x10, 65535, 0, 0)[4:]

# Kept from every source that is not heavy, and no list holds them: every packet is looked up all the same.
COUNTERMEASURES = {
    "antispoof": {"mode": "enforce"},
    "tcp_state": {"mode": "enforce", "arm_after": "0 s"},
    "source_limit": {"mode": "enforce", "pps": "50 kpps", "bps": "1 Gbps", "block": "1 min"},
    "reflection": {"mode": "enforce"},
    "fragment": {"mode": "enforce"},
    "zone_limit": {"total_pps": "500 Mpps", "total_bps": "900 Gbps"},
}


def client4(n):
    return struct.pack("!I", (11 << 24) + n)


def client6(n):
    return struct.pack("!IIII", 0x2A000000 + (n >> 16), n << 16, 0, 1)


def segment4(src, dst, sport, dport):
    head = struct.pack("!BBHHHBBH", 0x45, 0, 40, 0, 0, 64, 6, 0) + src + dst
    return head[:10] + struct.pack("!H", frames.checksum(head)) + head[12:] + struct.pack("!HH", sport, dport) + ACK


def segment6(src, dst, sport, dport):
    return struct.pack("!IHBB", 6 << 28, 20, 6, 64) + src + dst + struct.pack("!HH", sport, dport) + ACK


def segments(n, inbound, ip6):
    """One segment of each of n connections, each of a client and to a server of its own."""
    client, segment = (client6, segment6) if ip6 else (client4, segment4)
    macs = INSIDE_MAC + OUTSIDE_MAC if inbound else OUTSIDE_MAC + INSIDE_MAC
    macs += b"\x86\xdd" if ip6 else b"\x08\x00"
    for i in range(n):
        server = socket.inet_pton(socket.AF_INET6, f"2001:db8::{i % 65536:x}") if ip6 else \
            struct.pack("!I", (198 << 24) + (18 << 16) + i % 65536)
        ends = (client(i), server, 40000 + i % 1000, 443) if inbound else (server, client(i), 443, 40000 + i % 1000)
        yield (macs + segment(*ends)).ljust(60, b"\0")


def write_lists(where):
    """Prefixes and single addresses that no client is of, in the clients' own blocks."""
    with open(f"{where}/list.txt", "w", encoding="ascii") as out:
        out.writelines(f"101.{n // 256}.{n % 256}.0/24\n" for n in range(1000))
        out.writelines(f"{91 + n // 65536}.{n // 256 % 256}.{n % 256}.9\n" for n in range(100000))


def scrub(name, n, ip6, goal, given, say):
    binary = ready(given)
    with tempfile.TemporaryDirectory(prefix="seki-bench-") as where:
        inbound = capture.write_pcap(f"{where}/inbound.pcap", segments(n, True, ip6))
        outbound = capture.write_pcap(f"{where}/outbound.pcap", segments(n, False, ip6))
        write_lists(where)
        ports = f"net_pcap0,rx_pcap={inbound},infinite_rx=1", f"net_pcap1,rx_pcap={outbound}"
        conf = {
            "state": {"flows": max(2 * n, 1 << 18), "sources": max(2 * n, 1 << 18)},
            "lists": [{"name": "bad", "file": f"{where}/list.txt"}],
            "zones": [{"name": "lab", "mode": "enforce", "prefixes": ["198.18.0.0/15", "2001:db8::/32"],
                       "services": ["udp/443", "tcp/443", "icmp"], "deny": ["bad"], "countermeasures": COUNTERMEASURES}],
        }
        say(f"{name}: {n} connections")
        measured = measure(given, say, binary, where, ports, conf, n, {"clean"})
    return [result(name, measured, "Mpps", "testpmd macswap", goal=goal)]


def scrub_64k(given, say):
    return scrub("scrub_64k", 1 << 16, False, 0.5, given, say)


def scrub_1m(given, say):
    return scrub("scrub_1m", 1 << 20, False, 0.4, given, say)


def scrub_v6_64k(given, say):
    return scrub("scrub_v6_64k", 1 << 16, True, 0.45, given, say)
