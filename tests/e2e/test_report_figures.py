# SPDX-License-Identifier: BSD-3-Clause
"""tools/report: numbers as people write them, and what becomes of a timeline in few steps."""
import os
import sys

import pytest

import incidents
from pages import ROOT

sys.path.insert(0, os.path.join(ROOT, "tools"))

from reporting import figures, timeline  # noqa: E402

SAMPLES = incidents.samples()

NUMBERS = [
    ("pps", 0, "0 pps", "0 pps"), ("pps", 999.6, "1 kpps", "1 kpps"), ("pps", 999.4, "999 pps", "999 pps"),
    ("pps", 3_096_000, "3.1 Mpps", "3.1 Mpps"), ("bps", 11.24e9, "11.2 Gbps", "11.2 Gbps"),
    ("bytes", 1.5e12, "1.5 TB", "1.5 TB"), ("count", 9999, "9,999", "9,999"), ("count", 41230, "41,200", "4.12万"),
    ("count", 1_240_000, "1.24 million", "124万"), ("count", 12_340_000, "12.3 million", "1,230万"),
    ("count", 1_903_221_554, "1.9 billion", "19億"), ("share", 0, "0%", "0%"), ("share", 1, "100%", "100%"),
    ("share", 0.00002, "<0.01%", "<0.01%"), ("share", 0.99999, ">99.99%", ">99.99%"), ("share", 0.0121, "1.21%", "1.21%"),
    ("share", 0.9996, "99.96%", "99.96%"), ("duration", 0, "0 s", "0秒"), ("duration", 60, "0.06 s", "0.06秒"),
    ("duration", 200, "0.2 s", "0.2秒"), ("duration", 3000, "3 s", "3秒"), ("duration", 9960, "10 s", "10秒"),
    ("duration", 59_600, "1 min", "1分"), ("duration", 200_000, "3 min 20 s", "3分20秒"),
    ("duration", 4_320_000, "1 h 12 min", "1時間12分"), ("duration", 7_200_000, "2 h", "2時間"),
    ("elapsed", -10, "\u221210 s", "\u221210秒"), ("elapsed", 0, "0", "0"), ("tick", 2_500_000, "2.5 M", "2.5 M"),
]


@pytest.mark.parametrize("method, value, english, japanese", NUMBERS)
def test_numbers_for_people(method, value, english, japanese):
    for numbers, wanted in ((figures.English(), english), (figures.Japanese(), japanese)):
        assert getattr(numbers, method)(value).replace("\u00a0", " ") == wanted


@pytest.mark.parametrize("name", ["carpet", "pulses", "hour"])
@pytest.mark.parametrize("most", [7, 60, 389, 100000])
def test_steps_keep_what_was_counted(name, most):
    """However few steps: the same packets, the same time, the same peaks, no gap."""
    rows = SAMPLES[name]["timeline"]
    steps, times = timeline.steps_of(rows, most), timeline.lengths(rows)
    assert len(steps) <= most
    assert all(a.end == pytest.approx(b.start) for a, b in zip(steps, steps[1:]))
    for key in timeline.RATES:
        wanted = sum(row[key] * time for row, time in zip(rows, times))
        assert sum(step.rates[key] * (step.end - step.start) for step in steps) == pytest.approx(wanted)
    dropped = sum(sum(step.dropped.values()) * (step.end - step.start) for step in steps)
    assert dropped == pytest.approx(sum(timeline.totals_of(rows).values()))
    assert max(step.highest_pps for step in steps) == max(row["offered_pps"] for row in rows)
