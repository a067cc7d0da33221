#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""
A day in the life of a wire, compressed: routers on both sides of Seki keep their adjacencies while it enforces, and
while a flood goes on. Run by hand for the full length; the test suite runs a short one.

    tests/e2e/wire_day.py [--minutes 10] [--flood 60] [--pps N] [--ports af_xdp|af_packet] [--seki PATH]

What it does: BIRD on both sides (BGP over IPv4 and IPv6, BFD 300 ms x 3, OSPFv2, OSPFv3); fast LACP, STP, LLDP, VRRP
and QinQ frames from both sides; then a carpet of NTP reflection into the zone. What it checks: no adjacency was lost;
of the control frames that left one side, each arrived at the other, in order and unchanged.

The flood goes through veth as fast as the kernel moves it (or at --pps). Frames that the kernel loses before Seki
receives them are not Seki's doing: they are counted and reported, and if there are any, a missing control frame, or an
adjacency that went with it, proves nothing and the result says so ("unfair"). docs/ports.md has the measurements.
"""
import argparse
import collections
import json
import os
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path[:0] = [os.path.join(ROOT, "tests", "support"), HERE]

import bird  # noqa: E402
import capture  # noqa: E402
import frames  # noqa: E402
from conftest import Wire, inline_config  # noqa: E402
from seki import Seki, af_packet, balance_error, settled, standing  # noqa: E402

FLOOD_FRAMES = 65536

VRRP = 112

# Frames of different senders may leave in another order than a capture at the sender shows: it is taken before the wire.
RACE_SECONDS = 0.001
# Of frames that look alike, one that left longer ago than this is not the one that arrives, if there is a later one:
# BFD sends the same frame every 225 ms or more.
TRANSIT_SECONDS = 0.1


def devices(kind):
    """The box's two interfaces, as AF_XDP or AF_PACKET ports."""
    if kind == "af_packet":
        return af_packet(frames=32768)
    return [f"net_af_xdp{n},iface={i},force_copy=1" for n, i in enumerate(("out", "in"))]


def day_config(kind):
    """The servers' zone, with a budget that the flood goes far beyond."""
    conf = inline_config(devices(kind))
    for port in conf["ports"]:
        port["rx_desc"] = 2048  # as deep as AF_XDP goes: docs/ports.md
    conf["zones"][0]["countermeasures"] = standing(reflection={"mode": "enforce", "ntp_pps": "1 kpps"})
    return conf


def controls(namespace, side, seconds, kind):
    """
    The crafted control frames of one side. DPDK's AF_PACKET driver gives every outer tag back as 802.1Q, whatever it
    was, so an 802.1ad tag would come out changed without Seki having touched it: there, QinQ is two 802.1Q tags.
    """
    return namespace.popen(sys.executable, os.path.join(ROOT, "tests/support/frames.py"), "wire", side, seconds,
                           "8100" if kind == "af_packet" else "88a8", stdout=subprocess.DEVNULL)


def write_flood(wire, where):
    """The carpet from the client to the server's network, as a capture."""
    macs = [bytes.fromhex(side.mac("wire").replace(":", "")) for side in (wire.server, wire.client)]
    return capture.write_pcap(os.path.join(where, "flood.pcap"),
                              frames.reflection_flood(*macs, "198.51.100", FLOOD_FRAMES))


def flood(wire, path, seconds, pps):
    """Replays it for `seconds`; returns frames sent."""
    rate = [f"--pps={pps}"] if pps else ["--topspeed"]
    out = wire.client.run("nice", "-n", "-5", "tcpreplay", "-q", "-i", "wire", "-K", *rate, "--loop=0", f"--duration={round(seconds)}", path,
                          timeout=seconds + 60)
    for line in out.splitlines():
        if line.startswith("Actual:"):
            return int(line.split()[1])
    raise RuntimeError(f"tcpreplay said nothing of what it sent:\n{out}")


def is_tagged(frame):
    """QinQ: a customer's frame, as the others here are the network's own."""
    return frame[12:14] in (b"\x88\xa8", b"\x81\x00")


def ip_protocol(frame, kind):
    """The protocol of an IPv4 packet or the first next header of an IPv6 one; 0 for anything else."""
    return {b"\x08\x00": frame[23], b"\x86\xdd": frame[20]}.get(kind, 0)


def flow(frame):
    """What a frame is part of: within it, order holds to the frame. The crafted ones have one sender, so are one."""
    kind = frame[12:14]
    if is_tagged(frame):
        return b"tagged"
    if kind in (b"\x88\x09", b"\x88\xcc") or kind < b"\x06\x00" or ip_protocol(frame, kind) == VRRP:
        return b"crafted"
    if kind == b"\x08\x00":
        return kind + frame[23:24] + frame[26:38]
    if kind == b"\x86\xdd":
        return kind + frame[20:21] + frame[22:58]
    return kind + frame[:12]


def matched(sent, arrived):
    """(place, time) at which each arrived frame left, in order of arrival; of several alike, the first on its way."""
    waiting, at = collections.defaultdict(collections.deque), 0
    for arrived_at, frame in arrived:
        while at < len(sent) and sent[at][0] <= arrived_at:
            waiting[sent[at][1]].append((at, sent[at][0]))
            at += 1
        alike = waiting[frame]
        while len(alike) > 1 and alike[0][1] < arrived_at - TRANSIT_SECONDS:
            alike.popleft()
        if alike:
            yield (*alike.popleft(), frame)


def out_of_order(sent, arrived, begin, end):
    """
    Frames that overtook: one of the same flow, or any that had left more than RACE_SECONDS earlier. Control frames go
    before customers' by design, so those are two kinds, each in order by itself.
    """
    last_place, last_time, disordered = {}, {}, []
    for place, left_at, frame in matched(sent, arrived):
        one, kind = flow(frame), is_tagged(frame)
        late = place < last_place.get(one, -1) or left_at < last_time.get(kind, 0) - RACE_SECONDS
        if late and begin <= left_at <= end:
            disordered.append(frame[:80].hex())
        last_place[one] = max(place, last_place.get(one, -1))
        last_time[kind] = max(left_at, last_time.get(kind, 0))
    return disordered


def difference(sent, arrived, begin, end):
    """
    (n, missing, extra, disordered) of two captures, [(time, frame)]. Only what left, or arrived, between `begin` and
    `end` is judged; its counterpart may lie a second outside. Disordered are frames that arrived after one that had
    left later.
    """
    def within(frames_seen, first, last):
        return [f for t, f in frames_seen if first <= t <= last]
    left = within(sent, begin, end)
    missing = collections.Counter(left) - collections.Counter(within(arrived, begin, end + 1))
    extra = collections.Counter(within(arrived, begin, end)) - collections.Counter(within(sent, begin - 1, end))
    return len(left), missing, extra, out_of_order(sent, arrived, begin, end)


def sent_by(namespace):
    """(frames that this end put on the wire, frames that the wire itself refused)."""
    read = [namespace.run("cat", f"/sys/class/net/wire/statistics/{name}") for name in ("tx_packets", "tx_dropped")]
    return int(read[0]) + int(read[1])


def meter(wire, box):
    """(frames that the two ends sent, frames that Seki received): what is between them, the kernel lost."""
    return sent_by(wire.client) + sent_by(wire.server), box.stats()["rx"]


def start_taps(wire, where):
    taps = {}
    for name, a, b in (("inbound", wire.client, wire.server), ("outbound", wire.server, wire.client)):
        taps[name] = [capture.Capture(n, "wire", d, f"{where}/{name}-{d}.pcap", frames.CONTROL_FILTER)
                      for n, d in ((a, "out"), (b, "in"))]
    time.sleep(1)
    return taps


def compare(taps, begin, end):
    """What left each side against what arrived at the other."""
    result = {}
    for name, (out_tap, in_tap) in taps.items():
        (sent, lost_out), (arrived, lost_in) = out_tap.stop(), in_tap.stop()
        n, missing, extra, disordered = difference(sent, arrived, begin, end)
        result[name] = {"sent": n, "missing": sum(missing.values()), "extra": sum(extra.values()),
                        "disordered": disordered[:20], "capture_lost": lost_out + lost_in}
    return result


def hours(wire, box, routers, where, plan):
    """The day itself, on a running box: calm, flood, and what was seen."""
    calm, flood_seconds = plan["minutes"] * 60, plan["flood"]
    flood_pcap = write_flood(wire, str(where))
    before = bird.wait_until_up(routers)
    taps = start_taps(wire, where)
    begin, (sent0, rx0) = time.time(), meter(wire, box)
    senders = [controls(side, n, calm + flood_seconds, plan["ports"])
               for n, side in ((1, wire.client), (2, wire.server))]
    time.sleep(calm)
    seen = {"calm_seconds": calm, "flood_seconds": flood_seconds, "adjacencies": sum(map(len, before)),
            "lost_in_calm": bird.lost(before, [r.up() for r in routers])}
    rx1, flood_began = box.stats()["rx"], time.monotonic()
    seen["flood_sent"] = flood(wire, flood_pcap, flood_seconds, plan["pps"]) if flood_seconds else 0
    seen["flood_pps"] = round(seen["flood_sent"] / max(time.monotonic() - flood_began, 1e-3))
    for sender in senders:
        sender.wait(flood_seconds + 60)
    seen["lost"] = bird.lost(before, [r.up() for r in routers])
    end, (sent2, rx2) = time.time(), meter(wire, box)
    time.sleep(1.5)
    seen["flood_received"] = rx2 - rx1
    # The two meters are read a few milliseconds apart, on a wire that is never quite silent.
    seen["kernel_lost"] = max(0, sent2 - sent0 - (rx2 - rx0) - 5)
    seen["imissed"] = box.port_sum("imissed")
    seen["control"] = compare(taps, begin, end)
    seen["reasons"] = {n: r["packets"] for n, r in box.reasons().items() if r["packets"]}
    return seen


def day(wire, binary, where, plan):
    """Runs it; `plan` has minutes, flood (seconds), pps, ports. Returns a dict of what was seen."""
    routers = []
    with Seki(binary, day_config(plan["ports"]), where, wire.box) as box:
        try:
            routers = [bird.Bird(wire.client, "wire", 1, where), bird.Bird(wire.server, "wire", 2, where)]
            seen = hours(wire, box, routers, where, plan)
        finally:
            for router in routers:
                router.stop()
        seen["balance"] = balance_error(settled(box))
        seen["exit"], log = box.stop()
    seen["log_tail"] = log[-2000:]
    return seen


def verdict(seen):
    """Sentences about what went wrong; empty if all is well. "unfair:" marks what the kernel spoiled."""
    spoiled = seen["kernel_lost"] + seen["imissed"]
    unfair = "unfair: the kernel lost frames before Seki; " if spoiled else ""
    gone = unfair if any(c["missing"] for c in seen["control"].values()) else ""
    wrong = [f"adjacency lost in calm: {a}" for a in seen["lost_in_calm"]]
    wrong += [f"{gone}adjacency lost: {a}" for a in seen["lost"] if a not in seen["lost_in_calm"]]
    for name, c in seen["control"].items():
        if c["sent"] == 0:
            wrong.append(f"{name}: no control frame was seen at all")
        if c["missing"]:
            lost = unfair or ("unfair: the capture is not complete; " if c["capture_lost"] else "")
            wrong.append(f"{lost}{name}: control frames are missing: {c}")
        if c["extra"] or c["disordered"]:
            lost = "unfair: the capture is not complete; " if c["capture_lost"] else ""
            wrong.append(f"{lost}{name}: control frames differ: {c}")
    if seen["balance"]:
        wrong.append(seen["balance"])
    if seen["exit"] != 0:
        wrong.append(f"seki ended with {seen['exit']}: {seen['log_tail']}")
    if seen["flood_sent"] and seen["reasons"].get("reflection_budget", 0) < 0.5 * seen["flood_received"]:
        wrong.append("the flood was not dropped: it never reached Seki, or was not recognised")
    return wrong


def main():
    parser = argparse.ArgumentParser(description="adjacencies through Seki, in calm and in a flood")
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--flood", type=float, default=60, help="seconds")
    parser.add_argument("--pps", type=int, default=0, help="rate of the flood; 0: as fast as the kernel goes")
    parser.add_argument("--ports", choices=("af_packet", "af_xdp"), default="af_packet",
                        help="AF_PACKET has a deep ring, so the kernel loses nothing; AF_XDP keeps 802.1ad tags")
    parser.add_argument("--seki", default=os.environ.get("SEKI_BIN", os.path.join(ROOT, "build/app/seki")))
    given = parser.parse_args()
    plan = {"minutes": given.minutes, "flood": given.flood, "pps": given.pps, "ports": given.ports}
    with tempfile.TemporaryDirectory(prefix="seki-wire-day-") as where:
        wire = Wire(f"seki-day-{os.getpid()}")
        try:
            seen = day(wire.connect(), given.seki, where, plan)
        finally:
            wire.close()
    wrong = verdict(seen)
    seen.pop("log_tail")
    print(json.dumps(seen, indent=2))
    for sentence in wrong:
        print(sentence)
    print(f"adjacencies: {seen['adjacencies']}, lost: {len(seen['lost'])}; "
          + ("all is well" if not wrong else f"{len(wrong)} findings"))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
