# SPDX-License-Identifier: BSD-3-Clause
"""
Frames by hand: the control protocols of a wire, and floods. Run as a program, sends the control frames of one side and
prints how many.

    python3 frames.py INTERFACE SIDE SECONDS TPID     SIDE is 1 or 2, TPID that of QinQ's outer tag in hex
    python3 frames.py INTERFACE SIDE SECONDS dense    every protocol fifty times a second, each frame one of a kind
"""
import random
import socket
import struct
import sys
import time

LACP_MAC = bytes.fromhex("0180c2000002")
STP_MAC = bytes.fromhex("0180c2000000")
LLDP_MAC = bytes.fromhex("0180c200000e")
VRRP_MAC = bytes.fromhex("01005e000012")
VRRP6_MAC = bytes.fromhex("333300000012")


def checksum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def ipv4(src, dst, proto, payload, ttl=64, ident=0, flags_offset=0):
    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), ident, flags_offset, ttl, proto, 0,
                       socket.inet_aton(src), socket.inet_aton(dst))
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + payload


def ipv6(src, dst, proto, payload, hops=64):
    return struct.pack("!IHBB", 6 << 28, len(payload), proto, hops) + \
        socket.inet_pton(socket.AF_INET6, src) + socket.inet_pton(socket.AF_INET6, dst) + payload


def udp(sport, dport, payload):
    """No checksum: Seki may not look at it, and IPv4 allows it to be absent."""
    return struct.pack("!HHHH", sport, dport, 8 + len(payload), 0) + payload


def ethernet(dst, src, ethertype, payload, tags=()):
    shim = b"".join(struct.pack("!HH", tpid, vid) for tpid, vid in tags)
    return (dst + src + shim + struct.pack("!H", ethertype) + payload).ljust(60, b"\0")


def lacp(mac, side):
    """A LACPDU with the short timeout set: three of these lost at one a second, and the bundle is gone."""
    def info(kind, system):
        return struct.pack("!BBH6sHHHB3x", kind, 20, 0x8000, system, 1, 0x8000, 1, 0x3F)
    other = mac[:5] + bytes([mac[5] ^ 1])
    body = b"\x01\x01" + info(1, mac) + info(2, other) + struct.pack("!BBH12x", 3, 16, side) + b"\0\0" + b"\0" * 50
    return ethernet(LACP_MAC, mac, 0x8809, body)


def stp(mac, side):
    """A configuration BPDU, in LLC as 802.1D has it: a length where others have an EtherType."""
    bridge = struct.pack("!H6s", 0x8000 + side, mac)
    bpdu = struct.pack("!HBBB", 0, 0, 0, 0) + bridge + struct.pack("!I", 4) + bridge + \
        struct.pack("!HHHHH", 0x8001, 0, 20 << 8, 2 << 8, 15 << 8)
    llc = b"\x42\x42\x03" + bpdu
    return (STP_MAC + mac + struct.pack("!H", len(llc)) + llc).ljust(60, b"\0")


def lldp(mac, side):
    def tlv(kind, value):
        return struct.pack("!H", kind << 9 | len(value)) + value
    body = tlv(1, b"\x04" + mac) + tlv(2, b"\x05port" + str(side).encode()) + tlv(3, struct.pack("!H", 120)) + tlv(0, b"")
    return ethernet(LLDP_MAC, mac, 0x88CC, body)


def vrrp(side):
    """VRRPv2 and VRRPv3 as the master of router 1 sends them; the source MAC is the virtual router's."""
    mac = bytes.fromhex("00005e000101")
    v2 = struct.pack("!BBBBBBH4s8x", 0x21, 1, 200, 1, 0, 1, 0, socket.inet_aton("10.77.0.254"))
    v2 = v2[:6] + struct.pack("!H", checksum(v2)) + v2[8:]
    frame2 = ethernet(VRRP_MAC, mac, 0x0800, ipv4(f"10.77.0.{side}", "224.0.0.18", 112, v2, ttl=255))
    source = f"fe80::77:{side}"
    v3 = struct.pack("!BBBBHH16s", 0x31, 1, 200, 1, 100, 0, socket.inet_pton(socket.AF_INET6, "fe80::77:254"))
    pseudo = socket.inet_pton(socket.AF_INET6, source) + socket.inet_pton(socket.AF_INET6, "ff02::12") + \
        struct.pack("!I3xB", len(v3), 112)
    v3 = v3[:6] + struct.pack("!H", checksum(pseudo + v3)) + v3[8:]
    frame3 = ethernet(VRRP6_MAC, bytes.fromhex("00005e000201"), 0x86DD, ipv6(source, "ff02::12", 112, v3, hops=255))
    return [frame2, frame3]


def qinq(mac, side, number, outer=0x88A8):
    """A customer's frame in a service tag; counts, so that each is one of a kind."""
    inner = ipv4(f"10.66.0.{side}", f"10.66.0.{3 - side}", 17, udp(4000, 4000, struct.pack("!I", number)), ident=number & 0xFFFF)
    return ethernet(b"\xff" * 6, mac, 0x0800, inner, tags=((outer, 300), (0x8100, 30 + side)))


def control_schedule(mac, side, seconds, outer):
    """(time, frame) of one side, in order: fast LACP and VRRP each second, STP every two, LLDP every five, QinQ often."""
    due = []
    for tenth in range(int(seconds * 10)):
        at = tenth / 10
        if tenth % 10 == 0:
            due += [(at, lacp(mac, side))] + [(at, f) for f in vrrp(side)]
        if tenth % 20 == 5:
            due.append((at, stp(mac, side)))
        if tenth % 50 == 7:
            due.append((at, lldp(mac, side)))
        if tenth % 2 == 0:
            due.append((at, qinq(mac, side, tenth, outer)))
    return due


ELSEWHERE_MAC = bytes.fromhex("020000007700")
ROUNDS_PER_SECOND = 50


def arp(mac, side, number):
    """Who has an address that nobody has: each number asks for another."""
    asked = socket.inet_aton(f"10.77.{1 + number // 250 % 250}.{1 + number % 250}")
    body = struct.pack("!HHBBH", 1, 0x0800, 6, 4, 1) + mac + socket.inet_aton(f"10.77.0.{side}") + bytes(6) + asked
    return ethernet(b"\xff" * 6, mac, 0x0806, body)


def bgp(side, number):
    """A KEEPALIVE in a TCP segment, to the listener of side 1."""
    ports = (179, 33179) if side == 1 else (33179, 179)
    return struct.pack("!HHIIBBHHH", *ports, number * 19, 1, 5 << 4, 0x18, 8192, 0, 0) + \
        b"\xff" * 16 + struct.pack("!HB", 19, 4)


def bfd(side, number):
    """A control packet of a session that is up, single hop; the number is its discriminator."""
    return udp(49152 + side, 3784, struct.pack("!BBBBIIIII", 0x20, 0xC0, 3, 24, number, 1, 300000, 300000, 0))


def ospf_hello(side, number):
    hello = struct.pack("!4sHBBIII", socket.inet_aton("255.255.255.0"), 1, 2, 1, 4, 0, number)
    head = struct.pack("!BBH4s4sHH8x", 2, 1, 24 + len(hello), socket.inet_aton(f"10.77.0.{side}"), bytes(4), 0, 0)
    return head[:12] + struct.pack("!H", checksum(head + hello)) + head[14:] + hello


def control_round(mac, side, number):
    """
    One frame of each control protocol. Those to a router carry a destination MAC that no kernel answers to; what has
    no number of its own gets one behind its end, where Ethernet pads.
    """
    other = 3 - side
    peers4, peers6 = (f"10.77.0.{side}", f"10.77.0.{other}"), (f"2001:db8:77::{side}", f"2001:db8:77::{other}")
    plain = [lacp(mac, side), stp(mac, side), lldp(mac, side), *vrrp(side)]
    return [frame + struct.pack("!I", number) for frame in plain] + [
        arp(mac, side, number),
        ethernet(ELSEWHERE_MAC, mac, 0x0800, ipv4(*peers4, 6, bgp(side, number))),
        ethernet(ELSEWHERE_MAC, mac, 0x86DD, ipv6(*peers6, 6, bgp(side, number))),
        ethernet(ELSEWHERE_MAC, mac, 0x0800, ipv4(*peers4, 17, bfd(side, number), ttl=255)),
        ethernet(ELSEWHERE_MAC, mac, 0x86DD, ipv6(*peers6, 17, bfd(side, number), hops=255)),
        ethernet(bytes.fromhex("01005e000005"), mac, 0x0800, ipv4(peers4[0], "224.0.0.5", 89, ospf_hello(side, number),
                                                                  ttl=1)),
    ]


def dense_schedule(mac, side, seconds):
    """(time, frame) of all rounds of one side."""
    for number in range(int(seconds * ROUNDS_PER_SECOND)):
        for frame in control_round(mac, side, number):
            yield number / ROUNDS_PER_SECOND, frame


# What the control frames are, for a capture; IPv4 and IPv6 control is that of bird and of VRRP.
CONTROL_FILTER = ("ether proto 0x8809 or ether proto 0x88cc or stp or arp "
                  "or ip proto 112 or ip proto 89 or ip6 proto 112 or ip6 proto 89 "
                  "or tcp port 179 or udp port 3784 or udp port 4784 or icmp6 or vlan")


def reflection_flood(dst_mac, src_mac, network, n, seed=1):
    """
    A carpet of NTP reflection: `n` frames, each from another source, over the 256 addresses of `network`
    ("198.51.100"), with the 440-byte payload of a monlist reply.
    """
    rng = random.Random(seed)
    body = udp(123, 40000, b"\x97\x00\x03\x2a" + b"\0" * 436)
    for i in range(n):
        source = f"{rng.randrange(11, 100)}.{rng.randrange(256)}.{rng.randrange(256)}.{rng.randrange(1, 255)}"
        yield ethernet(dst_mac, src_mac, 0x0800, ipv4(source, f"{network}.{i % 256}", 17, body, ident=i & 0xFFFF))


def udp_flows(dst_mac, src_mac, n, size=64, seed=1):
    """`n` UDP flows, one frame of `size` bytes (with FCS) each: the field's usual yardstick."""
    rng = random.Random(seed)
    payload = b"\0" * (size - 4 - 14 - 28)
    for i in range(n):
        source = f"{rng.randrange(11, 100)}.{rng.randrange(256)}.{rng.randrange(256)}.{rng.randrange(1, 255)}"
        body = udp(rng.randrange(10240, 65000), 443, payload)
        yield ethernet(dst_mac, src_mac, 0x0800, ipv4(source, f"198.18.{i >> 8 & 255}.{i & 255}", 17, body))


def send_controls(interface, side, seconds, outer):
    wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    wire.bind((interface, 0))
    with open(f"/sys/class/net/{interface}/address", encoding="ascii") as address:
        mac = bytes.fromhex(address.read().strip().replace(":", ""))
    start = time.monotonic()
    sent = 0
    for at, frame in dense_schedule(mac, side, seconds) if outer == "dense" else \
            control_schedule(mac, side, seconds, int(outer, 16)):
        wait = start + at - time.monotonic()
        if wait > 0:
            time.sleep(wait)
        wire.send(frame)
        sent += 1
    print(sent)


if __name__ == "__main__":
    send_controls(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), sys.argv[4])
