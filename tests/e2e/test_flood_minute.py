# SPDX-License-Identifier: BSD-3-Clause
"""Established connections beside a flood of SYNs that no table could hold (flood_minute.py, shorter)."""
import copy
import os

import pytest

import flood_minute
import netns
from conftest import Wire

PLAN = {"seconds": 4, "pps": 1000, "connections": 500}


@pytest.fixture(scope="module")
def seen(seki_bin, tmp_path_factory):
    if netns.missing():
        pytest.skip(netns.missing())
    wire = Wire(f"seki-minute-{os.getpid()}")
    try:
        return flood_minute.minute(wire.connect(), seki_bin, str(tmp_path_factory.mktemp("minute")), PLAN)
    finally:
        wire.close()


def test_established_flows_live_through_it(seen):
    assert flood_minute.verdict(seen, PLAN) == []


def lose(seen):
    seen["zones"]["beside"]["lost_out"] += 1 + flood_minute.excused(seen)


def drop(seen):
    seen["ended"]["tcp_stray"] = 1


def evict(seen):
    seen["last"]["evicted_open"] = 1


def grow(seen):
    seen["samples"][-1]["rss_kb"] += 10 * flood_minute.MEMORY_KB


def fall_short(seen):
    seen["last"]["evicted_half"] = 1


@pytest.mark.parametrize("harm", [lose, drop, evict, grow, fall_short])
def test_it_can_fail(seen, harm):
    harmed = copy.deepcopy(seen)
    harm(harmed)
    assert len(flood_minute.verdict(harmed, PLAN)) == 1
