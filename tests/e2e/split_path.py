#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""
Split paths: answers of resolvers, clocks, VPN gateways and SIP proxies reach a zone whose questions go another way,
while the same source ports are used for reflection from elsewhere. Prints what was lost of each.

    tests/e2e/split_path.py [--peace 60] [--flood 20] [--pps 20000] [--reflectors 2000] [--services] [--seki PATH]

The zone is inbound-only and everything is enforced. First there is peace, in which Seki learns who sends such answers;
then the flood, from --reflectors of each kind at --pps per kind, to the same addresses and ports. Of the answers no
more than one of a thousand may be lost, of each protocol; of the flood no more may pass than the budgets say. Those are
the defaults, but that of IKE through NAT (50 kpps, as it is bulk traffic too), which the flood would not exceed: it is
10 kpps.

Beside those, two kinds of answers are counted and not judged: those of name servers that were not heard before (a
resolver that recurses itself asks thousands), and a tunnel of more packets than one familiar source may send
(familiar_pps). --services: the zone names what it serves, so that answers come to ports that it does not serve.
Exit code: 1 if something that is judged does not hold.
"""
import argparse
import os
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(ROOT, "tests", "support"))

from seki import config_text, pair, standing  # noqa: E402
from traffic import (S, Packet, UDP, Way, address, conclude, in_order, invented, print_table, replay,  # noqa: E402
                     seeded, share, tally)

T0 = 1_700_000_000 * S
SEED = 3
LOSS = 0.001  # of each protocol that is judged
ZONE = address("198.51.100.0")

# kind: (source port, peers, answers a second of each peer, bytes of payload, the port that they go to or None)
ANSWERS = {
    "dns": (53, 4, 50, 120, None),
    "ntp": (123, 40, 2, 48, 123),
    "ike": (500, 100, 1, 300, 500),
    "ike_nat": (4500, 20, 50, 120, 4500),
    "sip": (5060, 10, 20, 450, 5060),
}
# Counted, not judged: the peers of the first are new with every answer.
BESIDE = {
    "dns, new servers": (53, 0, 20, 120, None),
    "ike_nat, 1 kpps": (4500, 1, 1000, 120, 4500),
}
BUDGET_PPS = {"dns": 1000, "ntp": 1000, "ike": 1000, "ike_nat": 10000, "sip": 1000}
FLOOD_BYTES = {"dns": 400, "ntp": 440, "ike": 200, "ike_nat": 200, "sip": 400}


def answers_of(kind, row, seconds):
    """Answers of some peers, each at its own pace, to some hosts of the zone."""
    sport, peers, pps, size, dport = row
    rng, at = seeded(SEED, kind), []
    known = [rng.randrange(11 << 24, 100 << 24) for _ in range(peers)]
    for peer in known or [None]:
        time = rng.random() / pps
        while time < seconds:
            at.append((time, peer))
            time += rng.uniform(0.5, 1.5) / pps
    for time, peer in at:
        source = peer or rng.randrange(11 << 24, 100 << 24)
        target = ZONE + rng.randrange(1, 31), dport or rng.randrange(1024, 65536)
        yield Packet(T0 + int(time * S), Way((source, sport), target, True, UDP).udp(bytes(size)), (kind,))


def flood_of(kind, begin, seconds, pps, n_reflectors):
    """From reflectors that answer honestly what an attacker has asked in the zone's name."""
    rng, (sport, _, _, _, dport) = seeded(SEED, "flood", kind), ANSWERS[kind]
    reflectors = [invented(rng)[0] for _ in range(n_reflectors)]
    for n in range(int(seconds * pps)):
        target = ZONE + rng.randrange(1, 255), dport or rng.randrange(1024, 65536)
        time = T0 + begin * S + n * S // pps + rng.randrange(S // pps)
        yield Packet(time, Way((rng.choice(reflectors), sport), target, True, UDP).udp(bytes(FLOOD_BYTES[kind])),
                     ("flood " + kind,))


def scenario(peace, flood, pps, reflectors):
    packets = []
    for kind, row in {**ANSWERS, **BESIDE}.items():
        packets += answers_of(kind, row, peace + flood)
    for kind in ANSWERS:
        packets += flood_of(kind, peace, flood, pps, reflectors)
    return in_order(packets)


def config(services=False):
    zone = {"name": "office", "mode": "enforce", "direction": "inbound-only", "prefixes": ["198.51.100.0/24"],
            "countermeasures": standing(antispoof={"mode": "enforce"}, tcp_state={"mode": "enforce", "arm_after": "0 s"},
                                        reflection={"mode": "enforce", "ike_nat_pps": BUDGET_PPS["ike_nat"]})}
    if services:
        zone["services"] = ["tcp/443", "udp/443", "icmp"]
    return config_text({"ports": pair("net_null0", "net_null1"), "telemetry": {"enable": False}, "zones": [zone]})


def look(binary, where, peace=60, flood=20, pps=20000, reflectors=2000, services=False):
    """Runs it; kind -> [packets, lost] in peace, the same in the flood, and the report."""
    packets = scenario(peace, flood, pps, reflectors)
    came, report = replay(binary, where, config(services), packets)
    begin = next(i for i, packet in enumerate(packets) if packet.time >= T0 + peace * S)
    return tally(packets[:begin], came[:begin]), tally(packets[begin:], came[begin:]), report


def verdict(calm, flood, seconds):
    """Sentences about what does not hold."""
    wrong = [f"{kind}: {lost} of {n} lost in peace" for kind, (n, lost) in calm.items() if lost]
    wrong += [f"{kind}: {flood[kind][1]} of {flood[kind][0]} answers lost in the flood" for kind in ANSWERS
              if share(flood[kind][1], flood[kind][0]) > LOSS]
    wrong += [f"{kind}: no answer came" for kind in ANSWERS if not flood[kind][0]]
    for kind, pps in BUDGET_PPS.items():
        n, lost = flood["flood " + kind]
        if n - lost > pps * (seconds + 1):  # a second's worth at once
            wrong.append(f"flood {kind}: {n - lost} of {n} passed, in {seconds} s at {pps} pps")
        if n < 1.2 * pps * (seconds + 1):
            wrong.append(f"flood {kind}: {n} packets are none")
    return wrong


def main():
    parser = argparse.ArgumentParser(description="answers that come alone, while their ports are used for reflection")
    parser.add_argument("--peace", type=int, default=60, help="seconds")
    parser.add_argument("--flood", type=int, default=20, help="seconds")
    parser.add_argument("--pps", type=int, default=20000, help="of the flood, for each kind")
    parser.add_argument("--reflectors", type=int, default=2000, help="of each kind")
    parser.add_argument("--services", action="store_true", help="the zone names what it serves")
    parser.add_argument("--seki", default=os.environ.get("SEKI_BIN", os.path.join(ROOT, "build/app/seki")))
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="seki-split-path-") as where:
        calm, flood, report = look(given.seki, where, given.peace, given.flood, given.pps, given.reflectors,
                                   given.services)
    rows = [(kind, *calm.get(kind, (0, 0)), *flood[kind], f"{100 * share(flood[kind][1], flood[kind][0]):.3f} %",
             "<= 0.1 %" if kind in ANSWERS else "") for kind in [*ANSWERS, *BESIDE, *("flood " + k for k in ANSWERS)]]
    print_table(("", "in peace", "lost", "in the flood", "lost", "lost", "goal"), rows)
    print("reasons:", ", ".join(f"{name} {n}" for name, n in sorted(report["reasons"].items())))
    wrong = verdict(calm, flood, given.flood)
    return conclude(wrong)


if __name__ == "__main__":
    sys.exit(main())
