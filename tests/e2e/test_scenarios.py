# SPDX-License-Identifier: BSD-3-Clause
"""Of the scenarios of scenarios.py those that between them use every ladder, every shape and every way to be no attack."""
import json
import os
import subprocess
import sys

import pytest

import craft
import scenarios
from gentrace import path_beside

HERE = os.path.dirname(os.path.abspath(__file__))
ATTACKS = ["reflect_ntp", "syn_spoofed", "syn_real", "ack_spoofed", "udp_real", "icmp", "fragment", "reflect_ntp_1.2",
           "carpet_22_ntp", "carpet_48_ntp", "pulse", "rotate", "ramp", "carpet_24", "synack", "gre", "v6_host_ntp", "v6_64_ntp"]
CLEAN = ["none", "flash", "sale", "sale_big", "sale_huge", "speedtest", "backup", "resolver", "cgnat", "game", "call", "scanner"]


@pytest.fixture(scope="module")
def results(seki_bin):
    """By name: what scenarios.py says of it."""
    build = os.path.realpath(os.path.join(os.path.dirname(seki_bin), ".."))
    if not os.path.exists(os.path.join(build, "tools", "gen", "seki-gen")):
        pytest.skip("seki-gen is not built beside this seki")
    done = subprocess.run([sys.executable, os.path.join(HERE, "scenarios.py"), "--json", "--jobs", "2", "--build", build,
                           *ATTACKS, *CLEAN], capture_output=True, text=True, check=False, timeout=600)
    assert done.stderr == ""
    return {result["name"]: result for result in json.loads(done.stdout)} | {"exit code": done.returncode}


@pytest.mark.parametrize("name", ATTACKS)
def test_attack(results, name):
    assert results[name]["missed"] == []
    assert results[name]["incidents"] == 1 and results[name]["targets"]


@pytest.mark.parametrize("name", CLEAN)
def test_no_attack(results, name):
    assert results[name]["missed"] == []
    assert (results[name]["incidents"], results[name]["lost"]) == (0, 0)


def syn_of(frame):
    """Whether a frame is IPv4 with a request for a connection, and nothing else."""
    return frame[12:14] == b"\x08\x00" and frame[23] == 6 and frame[14 + 20 + 13] == 2


def test_connection_flood_of_proven_sources(seki_bin, tmp_path):
    """
    Two machines that complete every handshake: each is proven, and has a little once that is what leaks. Of the attack the
    SYNs alone tell: the rest of a trace goes on as if they had passed.
    """
    gen = path_beside(seki_bin)
    if not os.path.exists(gen):
        pytest.skip("seki-gen is not built beside this seki")
    (tmp_path / "seki.conf").write_text(scenarios.CONF)
    subprocess.run([gen, "--out", tmp_path / "in.pcap", "--labels", tmp_path / "labels", "--from", "6", "--until", "16", "--seconds",
                    "17", "--legit-pps", "500", "--scenario", "connection", "--machines", "2", "--over", "host", "--pps", "12000"],
                   check=True, timeout=60, capture_output=True)
    done = subprocess.run([seki_bin, "replay", "-c", "seki.conf", "in.pcap", "--json", "--verdicts", "out.tsv"], cwd=tmp_path,
                          capture_output=True, text=True, check=True, timeout=120)
    incident, = json.loads(done.stdout)["incidents"]
    steps = [decision["step"] for decision in incident["decisions"] if decision["action"] == "raise"]
    assert steps == ["flood", "strict", "proven"] and incident["vectors"][0]["name"] == "tcp_syn"
    packets = craft.read_pcap((tmp_path / "in.pcap").read_bytes())
    verdicts = [row.split("\t")[3] for row in (tmp_path / "out.tsv").read_text().splitlines()[1:]]
    late = [(label, verdict) for (time, frame, _), label, verdict in zip(packets, (tmp_path / "labels").read_text(), verdicts)
            if syn_of(frame) and time >= packets[0][0] + 9 * 10**9]
    attack = [verdict for label, verdict in late if label == "A"]
    assert len(attack) > 20000 and attack.count("pass") < len(attack) / 100
    assert [verdict for label, verdict in late if label == "L"].count("drop") <= 2  # strangers of the host that is attacked


def test_collateral_over_all(results):
    assert results["exit code"] == 0
