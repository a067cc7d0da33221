#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""
A minute of spoofed SYNs as fast as they go, beside connections that stand. Prints what was evicted, lost and used.

    tests/e2e/flood_minute.py [--seconds 60] [--pps 2000] [--connections 500] [--seki PATH]

`seki run`, everything enforced, on one core with two pairs of ports. By the first (AF_PACKET) two ends in namespaces of
their own hold connections to two zones and send numbered segments, which are answered. By the second (net_pcap,
infinite_rx) a flood comes in: SYNs from invented sources to one of the zones, and from inside the SYN-ACK to each of
them, which is what makes entries in the table. They are four times as many as the table has room for, so each is long
evicted when it comes round again. The connections are opened in peace: until a reload takes that away, the second pair
is a domain without zones.

What must hold: of entries of established connections (`open`, `verified`) none is evicted; memory does not grow after
the first second; no numbered segment is lost, in neither zone and neither direction, but for what found a ring full
(counted, and so is what the kernel lost before Seki had it). tcp_state grants what it does not know one packet a
second: a connection that was forgotten would be seen to lose packets.

Exit code: 1 if something does not hold.
"""
import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path[:0] = [os.path.join(ROOT, "tests", "support"), HERE]

import capture  # noqa: E402
import netns  # noqa: E402
import talk  # noqa: E402
from conftest import FULL, Wire  # noqa: E402
from seki import Seki, af_packet, pair, standing  # noqa: E402
from traffic import ACK, SYN, Way, address, conclude, invented, print_table, seeded  # noqa: E402

SEED = 3
FLOWS = 32768  # that the table holds
SPOOFED = 4 * FLOWS
ZONES = {"flooded": ("198.18.0.0/16", "198.18.0.1"), "beside": ("198.19.0.0/16", "198.19.0.1")}
EVICTED = ("evicted_weak", "evicted_half", "evicted_open", "evicted_verified")
PASSED = {"clean", "outbound", "no_zone", "control", "non_ip"}
WARM_SECONDS = 1
MEMORY_KB = 1024  # that the process may grow by; the flood would need a thousand times that if it were kept


def flood_frames(inbound):
    """The SYNs from outside, or the server's answers to them."""
    rng = seeded(SEED, "flood")
    server = address(ZONES["flooded"][1]), talk.SERVER_PORT
    for _ in range(SPOOFED):
        client, seq = invented(rng), rng.randrange(1 << 32)
        yield Way(client, server, True).tcp(SYN, seq, 0) if inbound else \
            Way(server, client, False).tcp(SYN | ACK, seq ^ 0x5A5A5A5A, seq + 1)


def config(where):
    """Two pairs on one core; the second one in a domain of its own."""
    paths = [capture.write_pcap(f"{where}/flood-{side}.pcap", flood_frames(side == "out"))
             for side in ("out", "in")]
    replays = [f"net_pcap{n},rx_pcap={path},infinite_rx=1" for n, path in enumerate(paths)]
    ports = pair(*af_packet(frames=32768)) + pair(*replays)
    for port in ports[2:]:
        port["name"], port["peer"] = "flood-" + port["name"], "flood-" + port["peer"]
    enforced = standing(antispoof={"mode": "enforce"}, source_limit={"mode": "enforce", "block": "1 min"},
                        tcp_state={"mode": "enforce", "arm_after": "0 s", "pps": "1 pps", "burst": "1 ms"})
    # Without huge pages every packet buffer takes a whole page: the replays keep 2 x SPOOFED of them.
    return {"eal": {"memory_mb": 512 + 2 * SPOOFED * 4096 // (1 << 20)}, "ports": ports, "state": {"flows": FLOWS},
            "cores": {"main": 0, "rxtx": [os.cpu_count() - 1]},
            "domains": [{"name": "elsewhere", "port": "flood-outside"}],
            "zones": [{"name": name, "mode": "enforce", "prefixes": [prefix], "services": [f"tcp/{talk.SERVER_PORT}"],
                       "countermeasures": enforced} for name, (prefix, _) in ZONES.items()]}


def begin_flood(box):
    """The second pair joins the domain of the zones."""
    box.write({key: value for key, value in box.conf.items() if key != "domains"})
    box.reload()
    end = time.monotonic() + 30
    while box.ask("/seki/info")["reloads"] == 0:
        if time.monotonic() > end:
            raise RuntimeError(f"no reload:\n{box.log()}")
        time.sleep(0.05)


def resident_kb(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as lines:
        return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))


def offered(row):
    """Packets that came to a zone from outside."""
    return row["inbound_pass_packets"] + row["inbound_drop_packets"]


def sample(box):
    state = box.ask("/seki/state")["cores"]["core0"]
    return {"time": time.monotonic(), "rss_kb": resident_kb(box.process.pid), "rx": box.stats()["rx"],
            "zone_rx": {name: offered(row) for name, row in box.zones().items() if name in ZONES},
            **{name: state[name] for name in ("verified", "closed", "not_tracked")}, **state["flows"]}


class Ends:
    """The two programs that talk."""

    def __init__(self, wire, where, seconds, pps, connections):
        self.where, script = where, f"{ROOT}/tests/support/talk.py"
        targets = [target for _, target in ZONES.values()]
        self.server = wire.server.popen(sys.executable, script, "server", "wire", f"{where}/server",
                                        stdout=subprocess.PIPE, text=True)
        self.said(self.server)
        self.client = wire.client.popen(sys.executable, script, "client", "wire", f"{where}/client", seconds, pps,
                                        connections, *targets, stdout=subprocess.PIPE, text=True)
        self.said(self.client)

    @staticmethod
    def said(end):
        line = end.stdout.readline()
        if not line:
            raise RuntimeError(f"an end of the wire ended with {end.wait(10)}")
        return line.split()

    def result(self):
        """What each zone lost each way, and what the ends' own sockets had no room for."""
        sent, client_dropped = map(int, self.said(self.client))
        self.server.send_signal(signal.SIGTERM)
        server_dropped = int(self.said(self.server)[1])
        arrived, answered = (set(talk.read_numbers(f"{self.where}/{end}")) for end in ("server", "client"))
        zones = {}
        for t, name in enumerate(ZONES):
            there = set(range(t, sent, len(ZONES)))
            back = there & arrived
            zones[name] = {"sent": len(there), "lost_in": len(there - arrived), "answers": len(back),
                           "lost_out": len(back - answered)}
        return zones, client_dropped + server_dropped

    def close(self):
        for end in (self.server, self.client):
            end.kill()
            end.wait()
            end.stdout.close()


def ended(box):
    """Reason -> packets, of what came in by the first pair."""
    found = {}
    for port in ("outside", "inside"):
        for reason, row in box.port_reasons(port).items():
            found[reason] = found.get(reason, 0) + sum(n for name, n in row.items() if name.endswith("packets"))
    return {reason: n for reason, n in found.items() if n}


def watch(box, seconds):
    """Samples while the flood lasts."""
    end, samples = time.monotonic() + seconds, []
    while time.monotonic() < end:
        samples.append(sample(box))
        time.sleep(0.5)
    return samples


def minute(wire, binary, where, plan):
    """Runs it; `plan` has seconds, pps, connections. Returns what was seen."""
    with Seki(binary, config(where), where, wire.box) as box:
        ends = Ends(wire, where, plan["seconds"] + 2, plan["pps"], plan["connections"])
        try:
            time.sleep(0.5)
            peace = sample(box)
            begin_flood(box)
            samples = watch(box, plan["seconds"])
            zones, socket_lost = ends.result()
        finally:
            ends.close()
        stats = box.stats()
        seen = {"zones": zones, "peace": peace, "samples": samples, "last": sample(box), "ended": ended(box),
                "kernel_lost": socket_lost + sum(port["imissed"] for port in stats["ports"].values())}
        seen["exit"], seen["log"] = box.stop()
    return seen


def growth_kb(seen):
    """How much more memory than after the first second was ever in use."""
    warm = [s for s in seen["samples"] if s["time"] >= seen["samples"][0]["time"] + WARM_SECONDS]
    return max(s["rss_kb"] for s in warm) - warm[0]["rss_kb"]


def excused(seen):
    """What found a ring full, or the kernel lost."""
    return seen["kernel_lost"] + sum(n for reason, n in seen["ended"].items() if reason in FULL)


def verdict(seen, plan):
    """Sentences about what does not hold."""
    wrong, last = [], seen["last"]
    lost = {(name, way): zone[way] for name, zone in seen["zones"].items() for way in ("lost_in", "lost_out")}
    if sum(lost.values()) > excused(seen):
        wrong.append(f"segments lost: {lost}, and only {excused(seen)} of them where a ring was full or by the kernel")
    dropped = {reason: n for reason, n in seen["ended"].items() if reason not in FULL | PASSED}
    if dropped:
        wrong.append(f"packets of the connections' ports ended as {dropped}")
    for kind in ("evicted_open", "evicted_verified"):
        if last[kind]:
            wrong.append(f"{last[kind]} entries were {kind}")
    if seen["peace"]["verified"] != len(ZONES) * plan["connections"] or last["closed"]:
        wrong.append(f"of the connections {seen['peace']['verified']} were verified before the flood, "
                     f"{last['verified']} at its end; {last['closed']} closed")
    if growth_kb(seen) > MEMORY_KB:
        wrong.append(f"memory grew by {growth_kb(seen)} kB")
    if last["evicted_half"] < last["slots"]:
        wrong.append(f"only {last['evicted_half']} entries of the flood were evicted: it was none")
    if min(zone["answers"] for zone in seen["zones"].values()) < plan["pps"] * plan["seconds"] / 4:
        wrong.append("the connections hardly spoke")
    if seen["exit"] != 0:
        wrong.append(f"seki ended with {seen['exit']}: {seen['log'][-2000:]}")
    return wrong


def tell(seen):
    first, last, final = seen["samples"][0], seen["samples"][-1], seen["last"]
    print_table(("second", "VmRSS kB", "table used", "of slots", "inserted", *EVICTED, "not tracked"),
                [(f"{s['time'] - first['time']:.1f}", s["rss_kb"], s["used"], s["slots"], s["inserted"],
                  *(s[kind] for kind in EVICTED), s["not_tracked"])
                 for s in seen["samples"][::max(1, len(seen["samples"]) // 12)] + [final]])
    print()
    print_table(("zone", "segments in", "lost", "answers out", "lost"),
                [(name, z["sent"], z["lost_in"], z["answers"], z["lost_out"]) for name, z in seen["zones"].items()])
    span = last["time"] - first["time"]
    rates = {name: (last["zone_rx"][name] - first["zone_rx"][name]) / span for name in ZONES}
    print(f"\npackets a second: {(last['rx'] - first['rx']) / span / 1e6:.2f} M in all; "
          + ", ".join(f"{rate / 1e6:.3f} M of zone {name}" for name, rate in rates.items()))
    print(f"memory: grew by {growth_kb(seen)} kB after the first second")
    print(f"ring full, or lost by the kernel: {excused(seen)}; ended on the connections' ports: {seen['ended']}")


def main():
    parser = argparse.ArgumentParser(description="spoofed SYNs as fast as they go, beside established connections")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--pps", type=int, default=2000, help="segments a second, which are answered")
    parser.add_argument("--connections", type=int, default=500, help="to each zone")
    parser.add_argument("--seki", default=os.environ.get("SEKI_BIN", os.path.join(ROOT, "build/app/seki")))
    given = parser.parse_args()
    if netns.missing():
        sys.exit(netns.missing())
    plan = {"seconds": given.seconds, "pps": given.pps, "connections": given.connections}
    with tempfile.TemporaryDirectory(prefix="seki-flood-minute-") as where:
        wire = Wire(f"seki-minute-{os.getpid()}")
        try:
            seen = minute(wire.connect(), given.seki, where, plan)
        finally:
            wire.close()
    tell(seen)
    wrong = verdict(seen, plan)
    return conclude(wrong)


if __name__ == "__main__":
    sys.exit(main())
