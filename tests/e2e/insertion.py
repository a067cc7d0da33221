#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""
Insertion: Seki starts in the middle of a flood, in front of connections that are older than it. Prints what they lost.

    tests/e2e/insertion.py [--connections 10000] [--idle 500] [--seconds 20] [--pps 20000] [--only NAME] [--seki PATH]

`seki replay`, everything enforced. A flood of spoofed SYNs, ACKs and RSTs, a third each, from invented sources to the
ports that the old connections use, goes on when the capture begins. So do the old connections, but the idle ones, which
say nothing for two hours and then go on, one half by a segment of the client, the other by one of the server. There are
several ways to that:

    goes on      the flood comes back every ten minutes, for a second, and is there when the idle ones speak
    over         it ends, and all is calm when the idle ones speak
    seen         it ends, but is there again when the idle ones speak; they have said something once before their pause
    unseen       the same, but they have not: nobody can know them
    armed        as `goes on`, but tcp_state enforces from the first packet (arm_after = "0 s")

The first four are judged: of the old connections' packets no more than one of 100,000 is lost, and no connection is
reset. Of the last only the resets are judged; its loss is what a budget costs those that it cannot know.

Both ends behave as TCP does: what is not answered is sent again, after 1, 2, 4, ... seconds (RFC 6298), and nothing is
answered that has not arrived. A capture cannot do that by itself, so it is replayed, and made again with what was lost,
until it says what happened. Seki sends no RST; a connection counts as reset if one of its ends gives up: if nothing of
a segment arrived in 100 seconds (RFC 9293 3.8.3, R2), or by the end of the capture.

Exit code: 1 if something that is judged does not hold.
"""
import argparse
import collections
import os
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(ROOT, "tests", "support"))

from craft import INSIDE_MAC, OUTSIDE_MAC  # noqa: E402
from seki import config_text, pair, standing  # noqa: E402
from traffic import (ACK, MS, RST, S, SYN, Packet, Way, address, conclude, in_order, invented,  # noqa: E402
                     print_table, replay, seeded, share)

T0 = 1_700_000_000 * S
SEED = 3
LOSS = 1e-5
PAUSE = 7200
R2 = 100 * S
ROUND_TRIP = 20 * MS
AFTER = 150  # seconds from the end of the last flood to that of the capture: whoever does not give up is through
ROUNDS = 20
SERVERS = [(address("198.51.100.10") + n, port) for n in range(8) for port in (443, 25)]

# Whether the flood returns every ten minutes, and after two hours; whether the idle ones speak before their pause;
# arm_after; whether loss is judged.
Plan = collections.namedtuple("Plan", "pulses again seen arm_after judged")
PLANS = {
    "goes on": Plan(True, True, False, None, True),
    "over": Plan(False, False, False, None, True),
    "seen": Plan(False, True, True, None, True),
    "unseen": Plan(False, True, False, None, True),
    "armed": Plan(True, True, False, "0 s", False),
}


class Connection:
    """An old one: its two directions, and when which end begins an exchange."""

    def __init__(self, number, idle, plan, seconds):
        rng = seeded(SEED, "connection", number)
        client, server = invented(rng), SERVERS[number % len(SERVERS)]
        self.ways = {"client": Way(client, server, True), "server": Way(server, client, False)}
        self.kind = "active" if not idle else "idle, client first" if number % 2 else "idle, server first"
        early = [(rng.uniform(0, seconds), rng.choice(("client", "server"))) for _ in range(6)]
        between = [(rng.uniform(seconds, PAUSE), rng.choice(("client", "server")))]
        first = "client" if number % 2 else "server"
        late = [(PAUSE + rng.uniform(0.1, 0.7) * seconds, first)] + [
            (PAUSE + rng.uniform(0.7, 1) * seconds, rng.choice(("client", "server"))) for _ in range(2)]
        self.number = number
        self.exchanges = sorted(early[:plan.seen] if idle else early + between) + late

    def packets(self, lost):
        """
        All that both ends send, if what `lost` names gets lost; and the longest that one of them waited, None if it
        gave up. An exchange is a question, its answer and an acknowledgement.
        """
        sent, free, longest = [], 0, 0
        for k, (seconds, opener) in enumerate(self.exchanges):
            other = "server" if opener == "client" else "client"
            begin = time = max(T0 + int(seconds * S), free)
            for step, side in enumerate((opener, other)):
                time, begin = self.until_it_arrives(sent, lost, (k, step, side), time), time
                if time is None:
                    return sent, None
                longest = max(longest, time - begin)
                time += ROUND_TRIP
            sent.append(self.segment(time, opener, (k, 2, opener), 0, b""))
            free = time + ROUND_TRIP
        return sent, longest

    def until_it_arrives(self, sent, lost, which, time):
        """Sends a segment until one of its copies is not lost; returns when that one was sent."""
        first, wait = time, S
        for copy in range(20):
            packet = self.segment(time, which[2], which, copy, b"something")
            sent.append(packet)
            if packet.name not in lost:
                return time
            time, wait = time + wait, 2 * wait
            if time - first > R2:
                return None
        return None

    def segment(self, time, side, which, copy, payload):
        at = which[0] * 3 + which[1] + 1
        return Packet(time, self.ways[side].tcp(ACK, 1000 + at, 1000 + at, payload),
                      (self.kind, self.number, *which, copy))


def flood(begin, seconds, pps):
    """Spoofed SYNs, ACKs and RSTs in turn, each with what the server would say to it."""
    rng = seeded(SEED, "flood", begin)
    for n in range(int(seconds * pps)):
        client, server = invented(rng), SERVERS[rng.randrange(len(SERVERS))]
        time, seq = T0 + int(begin * S) + n * S // pps + rng.randrange(S // pps), rng.randrange(1 << 32)
        flags = (SYN, ACK, RST)[n % 3]
        spoofed = Packet(time, Way(client, server, True).tcp(flags, seq, 0 if flags == SYN else seq),
                         ("flood", begin, n))
        answer = None
        if flags != RST:
            back = Way(server, client, False).tcp(SYN | ACK if flags == SYN else RST, seq, seq + 1)
            answer = Packet(time + MS, back, ("answer", begin, n))
        yield spoofed, answer


def floods(plan, seconds, pps):
    """(spoofed packet, the server's answer or None) of all floods, in order of time."""
    yield from flood(0, seconds, pps)
    if plan.pulses:
        for begin in range(600, PAUSE, 600):
            yield from flood(begin, 1, 4000)
    if plan.again:
        yield from flood(PAUSE, seconds, pps)


def config(plan):
    tcp_state = {"mode": "enforce", **({"arm_after": plan.arm_after} if plan.arm_after else {})}
    ports = pair("net_null0", "net_null1")
    for port, mac in zip(ports, (OUTSIDE_MAC, INSIDE_MAC)):
        port["macs"] = [mac]
    return config_text({
        "ports": ports, "telemetry": {"enable": False},
        "zones": [{"name": "servers", "mode": "enforce", "prefixes": ["198.51.100.0/24"],
                   "services": ["tcp/443", "tcp/25"],
                   "countermeasures": standing(antispoof={"mode": "enforce"}, tcp_state=tcp_state)}]})


def speak(connections, lost):
    """All packets of the old connections, and how long each waited at most (None: it gave up)."""
    packets, waits = [], []
    for connection in connections:
        sent, longest = connection.packets(lost)
        packets += sent
        waits.append(longest)
    return packets, waits


class Seen:
    """What became of one plan."""

    def __init__(self, packets, came, waits, report):
        self.old, self.lost = collections.Counter(), collections.Counter()
        for packet, through in zip(packets, came):
            self.old[packet.name[0]] += 1
            self.lost[packet.name[0]] += not through
        self.flood = self.old.pop("flood"), self.lost.pop("flood", 0)
        self.old.pop("answer")
        self.lost.pop("answer", None)
        self.resets = sum(wait is None for wait in waits)
        self.longest = max((wait for wait in waits if wait is not None), default=0) / S
        self.would = report["observed_reasons"].get("tcp_stray", 0)
        self.reasons = report["reasons"]

    def loss(self):
        return share(sum(self.lost.values()), sum(self.old.values()))


def last_word(given):
    """A packet after everything, so that the clock goes on until whoever does not give up is through."""
    way = Way((address("11.0.0.1"), 1024), SERVERS[0], True)
    return Packet(T0 + int((PAUSE + given.seconds + AFTER) * S), way.tcp(SYN, 0, 0), ("flood", 0, -1))


def look(binary, where, plan, given):
    """Replays one plan until the capture is what happens."""
    connections = [Connection(n, n < given.idle, plan, given.seconds) for n in range(given.connections)]
    spoofed = list(floods(plan, given.seconds, given.pps))
    lost, through = set(), None
    for _ in range(ROUNDS):
        old, waits = speak(connections, lost)
        answers = [answer for n, (_, answer) in enumerate(spoofed) if answer and (through is None or through[n])]
        packets = in_order([packet for packet, _ in spoofed] + answers + old + [last_word(given)])
        came, report = replay(binary, where, config(plan), packets)
        now_lost = {p.name for p, ok in zip(packets, came) if not ok and p.name[0] != "flood"}
        through = [ok for p, ok in zip(packets, came) if p.name[0] == "flood"]
        if now_lost == lost:
            return Seen(packets, came, waits, report)
        lost = now_lost
    raise RuntimeError(f"after {ROUNDS} replays the capture is still not what happens")


def verdict(name, seen):
    """Sentences about what does not hold."""
    wrong = []
    if seen.resets:
        wrong.append(f"{name}: {seen.resets} connections were reset")
    if PLANS[name].judged and seen.loss() > LOSS:
        wrong.append(f"{name}: {sum(seen.lost.values())} of {sum(seen.old.values())} packets of old connections lost")
    if seen.would + seen.flood[1] < 0.2 * seen.flood[0]:
        wrong.append(f"{name}: the flood was hardly found to be one, so nothing was tried")
    return wrong


def options():
    parser = argparse.ArgumentParser(description="old connections, as Seki is put in front of them in a flood")
    parser.add_argument("--connections", type=int, default=10000)
    parser.add_argument("--idle", type=int, default=500, help="of them, for two hours")
    parser.add_argument("--seconds", type=float, default=20, help="of each of the two floods")
    parser.add_argument("--pps", type=int, default=20000, help="of the flood")
    parser.add_argument("--only", choices=PLANS, help="one way only")
    parser.add_argument("--seki", default=os.environ.get("SEKI_BIN", os.path.join(ROOT, "build/app/seki")))
    return parser


def main():
    given, wrong, rows = options().parse_args(), [], []
    for name, plan in PLANS.items():
        if given.only not in (None, name):
            continue
        with tempfile.TemporaryDirectory(prefix="seki-insertion-") as where:
            seen = look(given.seki, where, plan, given)
        for kind in sorted(seen.old):
            rows.append((f"{name}: {kind}", seen.old[kind], seen.lost[kind],
                         f"{share(seen.lost[kind], seen.old[kind]):.1e}", "", "", ""))
        rows.append((f"{name}: all", sum(seen.old.values()), sum(seen.lost.values()), f"{seen.loss():.1e}",
                     "1.0e-05" if plan.judged else "", seen.resets, f"{seen.longest:.0f} s"))
        rows.append((f"{name}: flood", *seen.flood, f"{share(seen.flood[1], seen.flood[0]):.1e}", "", "", ""))
        wrong += verdict(name, seen)
    print_table(("", "packets", "lost", "share", "goal", "resets", "longest wait"), rows)
    return conclude(wrong)


if __name__ == "__main__":
    sys.exit(main())
