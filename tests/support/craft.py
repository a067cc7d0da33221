# SPDX-License-Identifier: BSD-3-Clause
"""Frames and captures made by hand, for replay: every byte is what the test says, nothing is filled in behind it."""
import socket
import struct

OUTSIDE_MAC = "02:00:00:00:0a:01"
INSIDE_MAC = "02:00:00:00:0b:01"
ETHERNET = 1


def checksum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def mac(text):
    return bytes.fromhex(text.replace(":", ""))


def eth(payload, ethertype, smac=OUTSIDE_MAC, dmac=INSIDE_MAC, vlans=()):
    tags = b"".join(struct.pack("!HH", 0x8100, vlan) for vlan in vlans)
    return mac(dmac) + mac(smac) + tags + struct.pack("!H", ethertype) + payload


def ip4(src, dst, proto, payload, ttl=64, flags_offset=0, ident=1):
    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), ident, flags_offset, ttl, proto, 0,
                       socket.inet_aton(src), socket.inet_aton(dst))
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + payload


def ip6(src, dst, proto, payload, hops=64):
    return (struct.pack("!IHBB", 6 << 28, len(payload), proto, hops) + socket.inet_pton(socket.AF_INET6, src)
            + socket.inet_pton(socket.AF_INET6, dst) + payload)


def udp(sport, dport, payload=b"data"):
    return struct.pack("!HHHH", sport, dport, 8 + len(payload), 0) + payload


def tcp(sport, dport, flags, payload=b""):
    return struct.pack("!HHIIBBHHH", sport, dport, 1000, 2000 if flags & 0x10 else 0, 5 << 4, flags, 8192, 0,
                       0) + payload


def icmp(kind, code, rest=bytes(4), payload=b""):
    body = struct.pack("!BBH", kind, code, 0) + rest + payload
    return body[:2] + struct.pack("!H", checksum(body)) + body[4:]


def udp4(src, dst, sport=40000, dport=443, payload=b"data", **more):
    """A whole frame of UDP over IPv4."""
    return eth(ip4(src, dst, 17, udp(sport, dport, payload)), 0x0800, **more)


def udp6(src, dst, sport=40000, dport=443, payload=b"data", **more):
    return eth(ip6(src, dst, 17, udp(sport, dport, payload)), 0x86DD, **more)


def tcp4(src, dst, flags, sport=40000, dport=443, payload=b"", **more):
    return eth(ip4(src, dst, 6, tcp(sport, dport, flags, payload)), 0x0800, **more)


def pcap(packets, link=ETHERNET, nano=True):
    """A capture of (time in ns, frame) or (time in ns, frame, length on the wire)."""
    out = [struct.pack("<IHHiIII", 0xA1B23C4D if nano else 0xA1B2C3D4, 2, 4, 0, 0, 262144, link)]
    for time_ns, frame, *wire in packets:
        second, fraction = divmod(time_ns, 10**9)
        out.append(struct.pack("<IIII", second, fraction if nano else fraction // 1000, len(frame),
                               wire[0] if wire else len(frame)) + frame)
    return b"".join(out)


def block(kind, body):
    size = 12 + len(body)
    return struct.pack("<II", kind, size) + body + struct.pack("<I", size)


def pcapng(packets):
    """The same as pcapng: one section, one Ethernet interface with nanoseconds, enhanced packet blocks."""
    out = block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1))
    out += block(1, struct.pack("<HHI", ETHERNET, 0, 262144) + struct.pack("<HHB3x", 9, 1, 9) + struct.pack("<HH", 0, 0))
    for time_ns, frame, *wire in packets:
        out += block(6, struct.pack("<IIIII", 0, time_ns >> 32, time_ns & 0xFFFFFFFF, len(frame),
                                    wire[0] if wire else len(frame)) + frame + bytes(-len(frame) % 4))
    return out


def read_pcap(data):
    """(time in ns, frame, length on the wire) of each packet of a little-endian capture."""
    scale = 1 if data[:4] == struct.pack("<I", 0xA1B23C4D) else 1000
    at, found = 24, []
    while at + 16 <= len(data):
        second, fraction, kept, wire = struct.unpack_from("<IIII", data, at)
        found.append((second * 10**9 + fraction * scale, data[at + 16:at + 16 + kept], wire))
        at += 16 + kept
    return found
