# SPDX-License-Identifier: BSD-3-Clause
"""Scenarios live over memif: what they are named does not depend on how fast the machine is. scenarios.py --live has the times."""
import os

import pytest

import scenarios
import scenarios_live
from gentrace import path_beside

BY_NAME = {scenario.name: scenario for scenario in scenarios.SCENARIOS}


def test_names():
    assert set(scenarios_live.NAMES) <= set(BY_NAME)


@pytest.mark.parametrize("name", ["reflect_ntp", "udp_spoofed", "carpet_48_ntp", "scanner"])
def test_live(seki_bin, tmp_path, name):
    if not os.path.exists(path_beside(seki_bin)):
        pytest.skip("seki-gen is not built beside this seki")
    build = os.path.realpath(os.path.join(os.path.dirname(seki_bin), ".."))
    scenario = BY_NAME[name]
    result = scenarios_live.one(scenario, build, tmp_path, peace=6, most=8, wait=False)
    assert result["incidents"] == bool(scenario.vectors), result
    assert set(result["vectors"]) <= scenario.vectors
    if scenario.vectors:
        assert result["mitigated_ms"] is not None and result["targets"]
        assert result["attack_dropped"] > 0.5 * result["attack"]
