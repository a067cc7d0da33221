# SPDX-License-Identifier: BSD-3-Clause
"""A `seki run` under a flood that goes on as long as it runs: UDP from thousands of sources to one host of a zone."""
import os
import time

import capture
import frames
from seki import Seki, pair

HOST = "198.51.100.7"
# What may be named as attacked: on a busy machine the flood can be seen first in the block around the host.
TARGETS = (f"{HOST}/32", "198.51.100.0/28")
INSIDE, OUTSIDE = b"\x04" * 6, b"\x02" * 6
SOURCES = "203.0."


def flood():
    """No reflector has one of these ports."""
    for n in range(4000):
        client = f"{SOURCES}{n // 250}.{1 + n % 250}"
        yield frames.ethernet(INSIDE, OUTSIDE, 0x0800, frames.ipv4(client, HOST, 17, frames.udp(20000 + n, 443, b"x" * 60)))


def config(where, **detection):
    """A zone that is flooded, and one that is quiet and only observes."""
    path = os.path.join(str(where), "flood.pcap")
    if not os.path.exists(path):
        capture.write_pcap(path, flood())
    return {"ports": pair(f"net_pcap0,rx_pcap={path},infinite_rx=1", "net_null0,no-rx=1"),
            "cores": {"main": 0, "rxtx": [os.cpu_count() - 1]}, "detection": detection,
            "zones": [{"name": "web", "mode": "enforce", "prefixes": ["198.51.100.0/24"], "services": ["udp/443"]},
                      {"name": "lab", "mode": "observe", "prefixes": ["198.18.0.0/16", "2001:db8::/48"]}]}


def until(wanted, seconds=20.0):
    """What `wanted` returns once it is true, asked ten times a second; raises when it never is."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = wanted()
        if found:
            return found
        time.sleep(0.1)
    raise AssertionError(f"not within {seconds} s: {wanted}")


class Flooded(Seki):
    """Started, and its detector has seen the flood, taken what steps it takes, and written it down."""

    def __enter__(self):
        self.start()
        until(self.is_held)
        return self

    def rows(self, command, key, first=None):
        with self.connect() as connection:
            return list(connection.pages(command, key, first).values())

    def posture(self, zone="web", vector="udp"):
        """The row of a vector, or None."""
        found = [row for row in self.rows("/seki/posture", "postures", zone) if row["vector"] == vector]
        return found[0] if found else None

    def is_held(self):
        row = self.posture()
        found = self.rows("/seki/incidents", "incidents")
        return row and row["state"] == "mitigating" and row["passed_pps"] < row["limit_pps"] and found[0]["mitigated"] \
            and self.ask(f"/seki/incident,{found[0]['id']}")["file"]
