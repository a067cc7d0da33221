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


@pytest.mark.parametrize("ports", ["af_packet", "af_xdp"])
def test_wire_day(wire, seki_bin, tmp_path, ports):
    plan = {"minutes": SECONDS / 60, "flood": FLOOD, "pps": PPS, "ports": ports}
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
