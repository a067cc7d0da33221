# SPDX-License-Identifier: BSD-3-Clause
"""seki-gen as tests drive it, and its frames taken apart."""
import collections
import os
import socket
import struct
import subprocess

import craft

INSIDE4, INSIDE6 = "198.18.16.0/20", "2001:db8:51::/48"

# What a test wants to know of a frame. `ports`, `flags`, `seq`, `ack`, `data`, `options`: where it has such.
Frame = collections.namedtuple("Frame", "time label inbound family src dst proto ttl ident more offset size ports flags "
                                        "window seq ack data options l4")


def path_beside(seki_bin):
    """The seki-gen that was built with this seki."""
    build = os.path.realpath(os.path.join(os.path.dirname(seki_bin), ".."))
    return os.path.join(build, "tools", "gen", "seki-gen")


def run(gen, where, name, *words):
    """Runs it with small numbers unless the words say otherwise; returns (capture, labels)."""
    capture, labels = str(where / (name + ".pcap")), str(where / (name + ".labels"))
    done = subprocess.run([gen, "--out", capture, "--labels", labels, "--seconds", "2", "--legit-pps", "2000",
                           "--attack-pps", "4000", *words], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    with open(capture, "rb") as file, open(labels, encoding="ascii") as text:
        return file.read(), text.read()


def l3_of(frame):
    """(EtherType, IP packet)"""
    at = 12
    while frame[at:at + 2] == b"\x81\x00":
        at += 4
    return frame[at:at + 2], frame[at + 2:]


def l4_sum(source_and_destination, proto, segment):
    return craft.checksum(source_and_destination + struct.pack("!IHBB", len(segment), 0, 0, proto) + segment)


def wrong_checksum(frame):
    """Which checksum or length of a frame is wrong, or None. Fragments have none of their own above IP."""
    kind, packet = l3_of(frame)
    if kind == b"\x86\xdd":
        proto, segment = packet[6], packet[40:]
        if struct.unpack("!H", packet[4:6])[0] != len(segment):
            return "v6 length"
        return "v6" if proto in (6, 17, 58) and l4_sum(packet[8:40], proto, segment) else None
    assert kind == b"\x08\x00"
    if struct.unpack("!H", packet[2:4])[0] != len(packet):
        return "length"
    if craft.checksum(packet[:20]):
        return "ip"
    if struct.unpack("!H", packet[6:8])[0] & 0x3FFF:
        return None
    segment = packet[20:]
    if packet[9] == 47:
        return "inner" if craft.checksum(segment[4:24]) or len(segment) != 4 + int.from_bytes(segment[6:8], "big") else None
    if packet[9] == 1:
        return "icmp" if craft.checksum(segment) else None
    return "v4" if packet[9] in (6, 17) and l4_sum(packet[12:20], packet[9], segment) else None


def dissect(time, frame, label):
    kind, packet = l3_of(frame)
    more, offset, ident = False, 0, 0
    if kind == b"\x08\x00":
        family, head, proto, ttl = 4, 20, packet[9], packet[8]
        src, dst = (socket.inet_ntoa(packet[at:at + 4]) for at in (12, 16))
        ident, fragment = struct.unpack("!HH", packet[4:8])
        more, offset = bool(fragment & 0x2000), fragment & 0x1FFF
    else:
        family, head, proto, ttl = 6, 40, packet[6], packet[7]
        src, dst = (socket.inet_ntop(socket.AF_INET6, packet[at:at + 16]) for at in (8, 24))
        if proto == 44:
            proto, fragment = packet[40], struct.unpack("!H", packet[42:44])[0]
            head, more, offset = 48, bool(fragment & 1), fragment >> 3
    l4 = packet[head:]
    ports = struct.unpack("!HH", l4[:4]) if proto in (6, 17) and not offset else None
    flags = window = seq = ack = data = options = None
    if proto == 6 and not offset:
        seq, ack = struct.unpack("!II", l4[4:12])
        head, flags, window = (l4[12] >> 4) * 4, l4[13], struct.unpack("!H", l4[14:16])[0]
        data, options = l4[head:], l4[20:head]
    return Frame(time, label, frame[6:12] == craft.mac(craft.OUTSIDE_MAC), family, src, dst, proto, ttl, ident, more,
                 offset, len(packet), ports, flags, window, seq, ack, data, options, l4)


def frames(capture, labels):
    """Every packet of a capture, as a Frame; its time in seconds from 2026 on."""
    packets, labels = craft.read_pcap(capture), labels.strip()
    assert len(packets) == len(labels)
    return [dissect((time - 1767225600 * 10**9) / 1e9, frame, label) for (time, frame, _), label in zip(packets, labels)]
