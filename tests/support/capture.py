# SPDX-License-Identifier: BSD-3-Clause
"""Captures: what tcpdump saw on an interface, and captures made from raw frames."""
import os
import signal
import struct
import subprocess
import time

MAGIC = 0xA1B2C3D4


def write_pcap(path, frames, gap_us=1):
    """Writes frames (bytes) as an Ethernet capture."""
    with open(path, "wb") as out:
        out.write(struct.pack("<IHHiIII", MAGIC, 2, 4, 0, 0, 65535, 1))
        for i, frame in enumerate(frames):
            out.write(struct.pack("<IIII", i * gap_us // 1000000, i * gap_us % 1000000, len(frame), len(frame)))
            out.write(frame)
    return path


def read_pcap(path):
    """[(time in seconds, frame)] of a little-endian capture, in order."""
    frames = []
    with open(path, "rb") as file:
        data = file.read()
    at = 24
    while at + 16 <= len(data):
        seconds, micros, kept = struct.unpack_from("<III", data, at)
        frames.append((seconds + micros / 1e6, data[at + 16:at + 16 + kept]))
        at += 16 + kept
    return frames


class Capture:
    """tcpdump on one interface, one direction ("in", "out")."""

    def __init__(self, namespace, interface, direction, path, expression):
        self.path = str(path)
        self.log = open(self.path + ".log", "wb")
        # Without immediate mode the kernel keeps what came last for up to a second, and ending tcpdump loses it.
        self.process = namespace.popen("tcpdump", "-i", interface, "-Q", direction, "-s", "0", "-B", "65536", "-U", "-n",
                                       "--immediate-mode", "-Z", "root", "-w", self.path, expression,
                                       stdout=subprocess.DEVNULL, stderr=self.log)
        end = time.monotonic() + 10
        while time.monotonic() < end and not os.path.exists(self.path):
            time.sleep(0.05)
        time.sleep(0.3)

    def wait_until_still(self, still=0.5, at_most=10):
        """Until nothing more has been written for a while: a busy machine may not have let tcpdump run."""
        end, size, since = time.monotonic() + at_most, -1, time.monotonic()
        while time.monotonic() < min(end, since + still):
            now = os.path.getsize(self.path)
            if now != size:
                size, since = now, time.monotonic()
            time.sleep(0.05)

    def stop(self):
        """Ends it and returns (frames, how many the kernel dropped before tcpdump saw them)."""
        self.wait_until_still()
        self.process.send_signal(signal.SIGINT)
        self.process.wait(20)
        self.log.close()
        lost = 0
        with open(self.path + ".log", encoding="utf-8", errors="replace") as text:
            for line in text:
                if "dropped by kernel" in line:
                    lost = int(line.split()[0])
        return read_pcap(self.path), lost
