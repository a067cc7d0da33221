# SPDX-License-Identifier: BSD-3-Clause
"""Of the scenarios of scenarios.py those that between them use every ladder, every shape and every way to be no attack."""
import json
import os
import subprocess
import sys

import pytest

HERE = os.path.dirname(os.path.abspath(__file__))
ATTACKS = ["reflect_ntp", "syn_spoofed", "syn_real", "ack_spoofed", "udp_real", "icmp", "fragment", "ntp_1.2",
           "carpet_22_ntp", "carpet_48_ntp", "pulse", "rotate"]
CLEAN = ["none", "flash", "sale", "speedtest", "backup", "resolver", "cgnat", "game", "call", "scanner"]


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


def test_collateral_over_all(results):
    assert results["exit code"] == 0
