# SPDX-License-Identifier: BSD-3-Clause
"""A short wire day (wire_day.py has the long one): adjacencies and control frames, in calm and in a flood."""
import os

import pytest

import wire_day
from conftest import skip_without_af_xdp

SECONDS = float(os.environ.get("SEKI_WIRE_SECONDS", "30"))
FLOOD = float(os.environ.get("SEKI_WIRE_FLOOD_SECONDS", "10"))
# As fast as the kernel goes, it loses frames itself, and then a missing one proves nothing; wire_day.py goes that far.
PPS = int(os.environ.get("SEKI_WIRE_PPS", "15000"))


# AF_XDP holds 2,048 frames while Seki has no CPU: at this rate that is as long as a busy machine makes it wait.
AF_XDP_PPS = 10000


@pytest.mark.parametrize("ports", ["af_packet", "af_xdp"])
def test_wire_day(wire, seki_bin, tmp_path, ports):
    pps = min(PPS, AF_XDP_PPS) if ports == "af_xdp" else PPS
    plan = {"minutes": SECONDS / 60, "flood": FLOOD, "pps": pps, "ports": ports}
    try:
        seen = wire_day.day(wire, seki_bin, tmp_path, plan)
    except RuntimeError as error:
        skip_without_af_xdp(error)
    wrong = wire_day.verdict(seen)
    hard = [w for w in wrong if not w.startswith("unfair")]
    assert not hard, "\n".join(hard)
    assert seen["adjacencies"] == 12
    if wrong:
        pytest.skip(f"adjacencies held; {wrong[0]}")


def ip(source, number=0):
    """A UDP frame of the flow of `source`; those with one number look alike."""
    return bytes(12) + b"\x08\x00" + bytes(9) + b"\x11" + bytes(2) + source.to_bytes(4, "big") + bytes(8) + bytes([number])


A1, A2, B1 = ip(1, 1), ip(1, 2), ip(2, 1)
LACP, STP = (bytes(12) + kind + bytes(40) for kind in (b"\x88\x09", b"\x00\x26"))
VRRP = bytes(12) + b"\x08\x00" + bytes(9) + b"\x70" + bytes(20)
QINQ = bytes(12) + b"\x88\xa8" + bytes(40)
MS = 0.001

# what left, what arrived, both as (time, frame) -> (missing, extra, disordered)
DIFFERENCES = {
    "the same": ([(1, A1), (2, B1)], [(1 + MS, A1), (2 + MS, B1)], (0, 0, 0)),
    "one is lost": ([(1, A1), (2, B1)], [(2 + MS, B1)], (1, 0, 0)),
    "one is changed": ([(1, A1)], [(1 + MS, A2)], (1, 1, 0)),
    "one is doubled": ([(1, A1)], [(1 + MS, A1), (1 + 2 * MS, A1)], (0, 1, 0)),
    "one overtakes its own flow": ([(1, A1), (1.0001, A2)], [(1.01, A2), (1.02, A1)], (0, 0, 1)),
    "flows race for the wire": ([(1, A1), (1.0001, B1)], [(1.01, B1), (1.02, A1)], (0, 0, 0)),
    "crafted frames, of one sender, do not": (
        [(1, LACP), (1.0001, VRRP), (1.0002, STP)], [(1.01, STP), (1.02, VRRP), (1.03, LACP)], (0, 0, 2)),
    "one overtakes another flow": ([(1, A1), (1.01, B1)], [(1.02, B1), (1.03, A1)], (0, 0, 1)),
    "control overtakes customers": ([(1, QINQ), (1.01, B1)], [(1.02, B1), (1.03, QINQ)], (0, 0, 0)),
    "the first of two alike is lost": ([(1, A1), (1.5, B1), (2, A1)], [(1.5 + MS, B1), (2 + MS, A1)], (1, 0, 0)),
    "alike ones, the first not captured on arrival": (
        [(0.4, A1), (0.7, A1), (0.75, B1), (1.0, A1)], [(0.7 + MS, A1), (0.75 + MS, B1), (1.0 + MS, A1)], (0, 0, 0)),
    "two alike in a row": ([(1, A1), (1.0001, A1)], [(1.01, A1), (1.02, A1)], (0, 0, 0)),
    "alike ones, the first before it began": ([(0.4, A1), (1.4, A1)], [(0.5 + MS, A1), (1.4 + MS, A1)], (0, 0, 0)),
}


@pytest.mark.parametrize("name", DIFFERENCES)
def test_difference(name):
    """What the day's judgement rests on, on captures made by hand."""
    sent, arrived, expected = DIFFERENCES[name]
    n, missing, extra, disordered = wire_day.difference(sent, arrived, 0.5, 3)
    assert n == sum(1 for t, _ in sent if t >= 0.5)
    assert (sum(missing.values()), sum(extra.values()), len(disordered)) == expected


def seen_as(**changes):
    """A day on which all was well, but for `changes`."""
    control = {"sent": 9, "missing": 0, "extra": 0, "disordered": [], "capture_lost": 0}
    good = {"lost_in_calm": [], "lost": [], "kernel_lost": 0, "imissed": 0, "balance": "", "exit": 0, "flood_sent": 10,
            "flood_received": 10, "reasons": {"reflection_budget": 9}, "log_tail": ""}
    inbound = {name: changes.pop(name) for name in list(changes) if name in control}
    return {**good, "control": {"inbound": {**control, **inbound}, "outbound": control}, **changes}


VERDICTS = [
    ({}, ""),
    ({"lost": ["bfd"]}, "adjacency lost: bfd"),
    ({"lost": ["bfd"], "kernel_lost": 9}, "adjacency lost: bfd"),
    ({"lost_in_calm": ["bfd"], "kernel_lost": 9, "missing": 1}, "adjacency lost in calm"),
    ({"missing": 1}, "inbound: control frames are missing"),
    ({"missing": 1, "kernel_lost": 9}, "unfair"),
    ({"missing": 1, "imissed": 9}, "unfair"),
    ({"extra": 1, "kernel_lost": 9}, "inbound: control frames differ"),
    ({"disordered": ["00"], "kernel_lost": 9}, "inbound: control frames differ"),
    ({"disordered": ["00"], "capture_lost": 1}, "unfair"),
    ({"sent": 0}, "inbound: no control frame"),
    ({"balance": "rx is not tx"}, "rx is not tx"),
    ({"exit": -11}, "seki ended with -11"),
    ({"reasons": {"clean": 9}}, "the flood was not dropped"),
]


@pytest.mark.parametrize("changes, said", VERDICTS)
def test_verdict(changes, said):
    """What is wrong is said, and only what the kernel spoiled is excused."""
    wrong = wire_day.verdict(seen_as(**dict(changes)))
    assert wrong == [] if not said else wrong[0].startswith(said), wrong
