# SPDX-License-Identifier: BSD-3-Clause
"""Who sends most, by name: told where the policy lets it, and nowhere and nothing where it does not."""
import os
import re
import time

import pytest

import capture
import frames
import telemetry
from seki import Seki, pair

INSIDE, OUTSIDE = b"\x04" * 6, b"\x02" * 6
HEAVY = {"203.0.113.1": 40, "203.0.113.2": 20, "2001:db8:f::": 10}  # of a hundred packets
SERVER, SERVER6 = "198.51.100.7", "2001:db8::7"


def frame(client, sport):
    """60 bytes of UDP from the client, or 66 of IPv6 from somewhere in its /64."""
    if ":" in client:
        packet = frames.ipv6(f"{client}{sport:x}", SERVER6, 17, frames.udp(sport, 443, b""))
        return frames.ethernet(INSIDE, OUTSIDE, 0x86DD, packet)
    return frames.ethernet(INSIDE, OUTSIDE, 0x0800, frames.ipv4(client, SERVER, 17, frames.udp(sport, 443, b"")))


def traffic():
    """A hundred parts: the heavy ones, each half in one flow and half in many; the rest from as many sources as packets."""
    for part in range(100):
        for n in range(100):
            light = n
            for client, share in HEAVY.items():
                if 0 <= light < share:
                    yield frame(client, 1000 if light % 2 else 2000 + part * 50 + light)
                light -= share
            if light >= 0:
                yield frame(f"203.0.{part}.{130 + n}", 1000)


def config(path, addresses):
    return {"ports": pair(f"net_pcap0,rx_pcap={path},infinite_rx=1", "net_null0,no-rx=1"),
            "cores": {"main": 0, "rxtx": [os.cpu_count() - 1]},
            "telemetry": {"addresses": addresses},
            "zones": [{"name": "web", "mode": "observe", "prefixes": ["198.51.100.0/24", "2001:db8::/48"]}]}


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return capture.write_pcap(str(tmp_path_factory.mktemp("top") / "traffic.pcap"), traffic())


def rows(box, which):
    reply = box.ask(f"/seki/top,{which}")
    return reply["addresses"], list(reply["rows"].values()) if reply["rows"] else []


def reload(box, conf):
    done = box.ask("/seki/info")["reloads"]
    box.write({**box.conf, **conf})
    box.reload()
    for _ in range(100):
        if box.ask("/seki/info")["reloads"] > done:
            return
        time.sleep(0.1)
    raise RuntimeError(f"no reload:\n{box.log()}")


def test_heaviest_are_named(seki_bin, path, tmp_path):
    with Seki(seki_bin, config(path, True), tmp_path) as box:
        time.sleep(3)
        rate = box.stats()["tx"]
        time.sleep(1)
        rate = box.stats()["tx"] - rate
        said, sources = rows(box, "sources")
        assert said == "yes"
        assert [row["client"] for row in sources[:3]] == ["203.0.113.1", "203.0.113.2", "2001:db8:f::/64"]
        for row, share in zip(sources, HEAVY.values()):
            assert row["zone"] == "web" and row["list"] == "sources"
            assert 0.5 < row["pps"] / (rate * share / 100) < 2 or row["pps"] > 400000  # counts saturate
            assert row["bps"] > row["pps"] * 60 * 8 * 0.9
        _, flows = rows(box, "flows")
        best = flows[0]
        assert (best["client"], best["client_port"], best["inside"], best["inside_port"], best["protocol"]) == \
            ("203.0.113.1", 1000, SERVER, 443, 17)
        with box.connect() as connection:
            both = connection.pages("/seki/top", "rows", first="").values()
            full = re.sub(rb":\s*\d+", b": 18446744073709551615", connection.raw("/seki/top,flows"))
            assert len(full) < telemetry.REPLY_MAX
        assert {row["list"] for row in both} == {"sources", "flows"}
        # The operator changes his mind: nothing is told any more, and what was written down is gone.
        reload(box, config(path, False))
        assert rows(box, "") == ("no", [])
        reload(box, config(path, True))
        time.sleep(3)
        assert rows(box, "sources")[1][0]["client"] == "203.0.113.1"


def test_nobody_is_named_by_default(seki_bin, path, tmp_path):
    conf = config(path, False)
    del conf["telemetry"]
    with Seki(seki_bin, conf, tmp_path) as box:
        time.sleep(2)
        assert rows(box, "") == ("no", [])
        state = box.ask("/seki/state")["cores"]["core0"]
        assert state["nominated"] > 0  # they are counted all the same, by digest
        for command in ("/seki/info", "/seki/stats", "/seki/zones", "/seki/reasons", "/seki/state"):
            with box.connect() as connection:
                assert b"203.0." not in connection.raw(command)
