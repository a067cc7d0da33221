# SPDX-License-Identifier: BSD-3-Clause
"""
Traffic for scenarios: hundreds of thousands of frames from one seed, and which of them came through.

What stays the same in all frames of one direction of a conversation is built once (Way), so that a frame costs about a
microsecond. A scenario is a list of packets in order of time; each packet has a name, a tuple whose first word is its
kind, so that it can be said what was lost.
"""
import collections
import json
import os
import random
import struct
import subprocess

import craft
from craft import INSIDE_MAC, OUTSIDE_MAC, mac

FIN, SYN, RST, ACK = 0x01, 0x02, 0x04, 0x10
TCP, UDP = 6, 17
S = 1_000_000_000
MS = 1_000_000

MACS = {True: mac(INSIDE_MAC) + mac(OUTSIDE_MAC) + b"\x08\x00",  # inbound
        False: mac(OUTSIDE_MAC) + mac(INSIDE_MAC) + b"\x08\x00"}

Packet = collections.namedtuple("Packet", "time frame name")


def folded(total):
    total = (total & 0xFFFF) + (total >> 16)
    return (total & 0xFFFF) + (total >> 16)


def address(text):
    """An IPv4 address as a number."""
    a, b, c, d = map(int, text.split("."))
    return a << 24 | b << 16 | c << 8 | d


class Way:
    """
    Frames of one direction of one conversation: Ethernet and IPv4, with a right header checksum. Ends are
    (address, port).
    """

    def __init__(self, source, target, inbound, proto=TCP):
        self.ends = struct.pack("!II", source[0], target[0])
        self.ports = struct.pack("!HH", source[1], target[1])
        self.macs, self.proto = MACS[inbound], proto
        self.sum = 0x4500 + (64 << 8 | proto) + sum(struct.unpack("!HHHH", self.ends))
        self.heads = {}

    def head(self, size):
        """Everything in front of what follows the ports of a datagram of `size` bytes."""
        if size not in self.heads:
            length = 20 + size
            self.heads[size] = self.macs + struct.pack("!BBHHHBBH", 0x45, 0, length, 0, 0, 64, self.proto,
                                                       ~folded(self.sum + length) & 0xFFFF) + self.ends + self.ports
        return self.heads[size]

    def tcp(self, flags, seq, ack, payload=b""):
        return (self.head(20 + len(payload)) + struct.pack("!IIBBHHH", seq, ack & 0xFFFFFFFF, 0x50, flags, 65535, 0, 0)
                + payload)

    def udp(self, payload):
        size = 8 + len(payload)
        return self.head(size) + struct.pack("!HH", size, 0) + payload


def invented(rng):
    """An end that nobody has: some public address and a port."""
    return rng.randrange(11 << 24, 100 << 24), rng.randrange(1024, 65536)


def in_order(packets):
    """Sorted by time; packets of one time keep the order in which they were made."""
    return sorted(packets, key=lambda packet: packet.time)


def passed(packets, clean):
    """
    Of each packet whether it is in `clean`, what Seki let pass of them: an ordered part of them, each with its time and
    its bytes.
    """
    rest = iter(clean)
    following = next(rest, None)
    for packet in packets:
        same = following is not None and following[0] == packet.time and following[1] == packet.frame
        yield same
        if same:
            following = next(rest, None)
    if following is not None:
        raise RuntimeError(f"what came out at {following[0]} ns is not what went in")


def replay(binary, where, conf, packets):
    """`seki replay` of the packets; returns (whether each passed, the report)."""
    paths = {name: os.path.join(where, name) for name in ("seki.conf", "in.pcap", "clean.pcap")}
    with open(paths["seki.conf"], "w", encoding="utf-8") as out:
        out.write(conf)
    with open(paths["in.pcap"], "wb") as out:
        out.write(craft.pcap((p.time, p.frame) for p in packets))
    done = subprocess.run([str(binary), "replay", "-c", paths["seki.conf"], paths["in.pcap"], "--write",
                           paths["clean.pcap"], "--json"], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          check=False, timeout=300)
    if done.returncode != 0:
        raise RuntimeError(f"seki replay ended with {done.returncode}:\n{done.stderr}")
    with open(paths["clean.pcap"], "rb") as file:
        clean = craft.read_pcap(file.read())
    return list(passed(packets, clean)), json.loads(done.stdout)


def tally(packets, came):
    """Kind -> [packets, lost]."""
    counts = collections.defaultdict(lambda: [0, 0])
    for packet, through in zip(packets, came):
        count = counts[packet.name[0]]
        count[0] += 1
        count[1] += not through
    return counts


def share(part, whole):
    return part / whole if whole else 0.0


def print_table(head, rows):
    """Columns as wide as they need be; the first one to the left."""
    lines = [head] + [[str(cell) for cell in row] for row in rows]
    widths = [max(len(line[i]) for line in lines) for i in range(len(head))]
    for line in lines:
        print("  ".join([line[0].ljust(widths[0])] + [cell.rjust(width) for cell, width in zip(line[1:], widths[1:])]))


def conclude(wrong):
    """Says what does not hold; returns the exit code of a scenario."""
    for sentence in wrong:
        print(sentence)
    print("all is well" if not wrong else f"{len(wrong)} findings")
    return 1 if wrong else 0


def seeded(*words):
    """A generator of its own for each part of a scenario, so that a change of one changes no other."""
    return random.Random("/".join(map(str, words)))
