# SPDX-License-Identifier: BSD-3-Clause
"""
Established TCP connections over a wire, without a kernel's TCP: paced segments, each with a number, and their answers,
so that it is known of each whether it arrived. Run as a program, one at each end of the wire.

    python3 talk.py server INTERFACE FILE            answers until it is told to end (SIGTERM)
    python3 talk.py client INTERFACE FILE SECONDS PPS CONNECTIONS TARGET...

The client opens CONNECTIONS to each TARGET (an address of each zone), says "up", and sends PPS segments a second over
all of them in turn. Segment n belongs to target n % len(TARGET). Both write the numbers that arrived into FILE and say
how many they sent (the server: received) and how many the socket had no room for.
"""
import array
import select
import signal
import socket
import struct
import sys
import time

from traffic import ACK, SYN, Way, address

MARK = b"seki"
SERVER_PORT = 443
IPV4 = 0x0800
SOL_PACKET, PACKET_STATISTICS = 263, 6
SO_RCVBUFFORCE = 33
ROOM = 64 << 20
QUIET_SECONDS = 1.0  # what is still on its way at the end


class Wire:
    """A raw socket on one interface, IPv4 only."""

    def __init__(self, interface):
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(IPV4))
        self.socket.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, ROOM)
        self.socket.bind((interface, IPV4))
        self.send = self.socket.send

    def receive(self, timeout):
        """TCP frames that are there, or come within `timeout` seconds."""
        if not select.select([self.socket], [], [], timeout)[0]:
            return
        while True:
            try:
                frame = self.socket.recv(2048, socket.MSG_DONTWAIT)
            except BlockingIOError:
                return
            if len(frame) >= 54 and frame[23] == 6:
                yield frame

    def dropped(self):
        return struct.unpack("II", self.socket.getsockopt(SOL_PACKET, PACKET_STATISTICS, 8))[1]


def number_of(frame):
    """The number of a segment, or None if it has none."""
    return struct.unpack_from("!I", frame, 58)[0] if frame[54:58] == MARK else None


def answer_to(frame):
    """The same from the other end; the header checksum does not mind. A SYN is acknowledged."""
    seq, ack = struct.unpack_from("!II", frame, 38)
    flags = SYN | ACK if frame[47] & SYN else ACK
    return (frame[6:12] + frame[:6] + frame[12:26] + frame[30:34] + frame[26:30] + frame[36:38] + frame[34:36]
            + struct.pack("!II", ack or seq, seq + 1) + frame[46:47] + bytes([flags]) + frame[48:])


def write_numbers(path, numbers):
    with open(path, "wb") as out:
        array.array("I", numbers).tofile(out)


def read_numbers(path):
    numbers = array.array("I")
    with open(path, "rb") as file:
        numbers.frombytes(file.read())
    return numbers


def serve(wire, path):
    going, heard = [True], []
    signal.signal(signal.SIGTERM, lambda *_: going.clear())
    print("up", flush=True)
    while going:
        for frame in wire.receive(0.1):
            number = number_of(frame)
            if number is not None:
                heard.append(number)
            if number is not None or frame[47] & SYN:
                wire.send(answer_to(frame))
    write_numbers(path, heard)
    print(len(heard), wire.dropped(), flush=True)


def ways_to(targets, connections):
    """Connection c to target t is at c * len(targets) + t."""
    return [Way((address("11.1.0.0") + n, 20000 + n % 20000), (address(targets[n % len(targets)]), SERVER_PORT), True)
            for n in range(connections * len(targets))]


def open_all(wire, ways, seconds=10):
    """Handshakes, repeated where nothing comes back."""
    waiting = {way.ends[:4]: way for way in ways}
    end = time.monotonic() + seconds
    while waiting:
        if time.monotonic() > end:
            raise RuntimeError(f"{len(waiting)} connections do not open")
        for way in list(waiting.values()):
            wire.send(way.tcp(SYN, 1000, 0))
            for frame in wire.receive(0):
                acknowledge(wire, waiting, frame)
        for frame in wire.receive(0.5):
            acknowledge(wire, waiting, frame)


def acknowledge(wire, waiting, frame):
    way = waiting.get(frame[30:34])
    if way is not None and frame[47] == SYN | ACK:
        wire.send(way.tcp(ACK, 1001, struct.unpack_from("!I", frame, 38)[0] + 1))
        del waiting[frame[30:34]]


def talk(wire, path, seconds, pps, ways):
    heard, sent, begin = [], 0, time.monotonic()
    end = begin + seconds
    while (now := time.monotonic()) < end + QUIET_SECONDS:
        due = int((min(now, end) - begin) * pps)
        while sent < due:
            wire.send(ways[sent % len(ways)].tcp(ACK, 1001, 1001, MARK + struct.pack("!I", sent)))
            sent += 1
        heard += (number for number in map(number_of, wire.receive(0.0005)) if number is not None)
    write_numbers(path, heard)
    print(sent, wire.dropped(), flush=True)


def main(role, interface, path, *more):
    wire = Wire(interface)
    if role == "server":
        serve(wire, path)
        return
    seconds, pps, connections, *targets = more
    ways = ways_to(targets, int(connections))
    open_all(wire, ways)
    print("up", flush=True)
    talk(wire, path, float(seconds), int(pps), ways)


if __name__ == "__main__":
    main(*sys.argv[1:])
