# SPDX-License-Identifier: BSD-3-Clause
"""The wire comes first: a flood costs no control frame, however the work is divided between cores."""
import os
import subprocess
import sys

import pytest

import frames
import wire_day
from conftest import ALL_CORES, FULL, ROOT, assert_balanced, receivers
from seki import Seki, standing

# Each round of each side takes 20 ms; together 1,100 frames a second.
SECONDS = 6
FLOOD_PPS, FLOOD_SECONDS = 15000, 4


def quiet(side, other):
    """Neither end asks for the other's address, nor answers what it is not meant to understand."""
    side.sysctl({"net.ipv6.conf.wire.disable_ipv6": 1})
    for address in ("10.77.0.1", "10.77.0.2"):
        if address not in side.run("ip", "-4", "addr", "show", "dev", "wire"):
            side.run("ip", "neigh", "replace", address, "lladdr", other.mac("wire"), "dev", "wire", "nud", "permanent")


def send(side, number):
    return side.popen(sys.executable, os.path.join(ROOT, "tests/support/frames.py"), "wire", number, SECONDS, "dense",
                      stdout=subprocess.PIPE, text=True)


def config(cores):
    """Half of the flood is over the budget and the other half more than small rings hold: control has its own."""
    conf = {**wire_day.day_config("af_packet"), "cores": {**cores, "ring_size": 64}}
    conf["zones"][0]["countermeasures"] = standing(reflection={"mode": "enforce", "ntp_pps": f"{FLOOD_PPS // 2} pps"})
    return conf


@pytest.mark.parametrize("cores", ALL_CORES, indirect=True)
def test_control_through_a_flood(wire, seki_bin, tmp_path, cores):
    """
    ARP, LACP, STP, LLDP, VRRP, BGP and BFD between peers, and OSPF, from both sides: what left one side is what
    arrived at the other, frame by frame and in order, while clients from everywhere flood and are dropped.
    """
    for side, other in ((wire.client, wire.server), (wire.server, wire.client)):
        quiet(side, other)
    pcap = wire_day.write_flood(wire, str(tmp_path))
    with Seki(seki_bin, config(cores), tmp_path, wire.box, options=("-t",)) as box:
        taps = wire_day.start_taps(wire, tmp_path)
        sent0, rx0 = wire_day.meter(wire, box)
        senders = [send(wire.client, 1), send(wire.server, 2)]
        flooded = wire_day.flood(wire, pcap, FLOOD_SECONDS, FLOOD_PPS)
        n_sent = [int(sender.communicate(timeout=60)[0]) for sender in senders]
        stats = assert_balanced(box)
        sent1, rx1 = wire_day.meter(wire, box)
        reasons = {name: row["packets"] for name, row in box.reasons().items() if row["packets"]}
        steered = box.steered()
        seen = {name: [tap.stop() for tap in pair] for name, pair in taps.items()}
        code, log = box.stop()
    assert code == 0, log
    if sent1 - sent0 > rx1 - rx0:
        pytest.skip(f"the kernel lost {sent1 - sent0 - rx1 + rx0} frames on the way to Seki")
    for number, name in enumerate(("inbound", "outbound")):
        (left, lost_out), (arrived, lost_in) = seen[name]
        assert (lost_out, lost_in) == (0, 0), "tcpdump itself lost frames"
        assert len(left) == n_sent[number] == SECONDS * frames.ROUNDS_PER_SECOND * 11
        assert [frame for _, frame in arrived] == [frame for _, frame in left]
    assert reasons["control"] == sum(n_sent)
    # How much is over the budget depends on how long a busy machine takes to receive it.
    assert flooded > FLOOD_PPS * FLOOD_SECONDS / 4 and reasons["reflection_budget"] > 0
    assert not set(reasons) - FULL - {"control", "reflection_budget", "clean"}, reasons
    assert stats["rx"] == flooded + sum(n_sent)
    # The flood's sources are everywhere, so of two cores each owns about half of them.
    wanted = (0, 0) if receivers(cores) == 1 else (0.4 * flooded, 0.6 * flooded)
    assert wanted[0] <= steered + reasons.get("steer_full", 0) <= wanted[1]
