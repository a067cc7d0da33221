# SPDX-License-Identifier: BSD-3-Clause
"""The timeline of an incident, in as many steps as a plot has room for.

A row of the file stands for the time up to the next one, the last for as long as the one before. Where several rows
become one step, rates are their mean by time, and what is looked at for its height (offered, hosts, step) is kept at
its highest too, so that a pulse of a second is seen in a plot of an hour.
"""
from dataclasses import dataclass

RATES = ("offered_pps", "offered_bps", "passed_pps", "passed_bps", "observed_pps", "attack_pps")


@dataclass
class Step:
    """From `start` to `end`, seconds since the incident began; `rates` by name, `dropped` by reason: means."""

    start: float
    end: float
    rates: dict
    dropped: dict
    highest_pps: float
    highest_bps: float
    hosts: int
    step: int


def lengths(rows):
    """How long each row stands for, in seconds."""
    gaps = [b["s"] - a["s"] for a, b in zip(rows, rows[1:])]
    return gaps + [gaps[-1] if gaps else 1]


def merged(rows, times):
    """Rows that follow each other as one Step."""
    total = sum(times)

    def mean(values):
        return sum(value * time for value, time in zip(values, times)) / total

    reasons = dict.fromkeys(reason for row in rows for reason in row["dropped"])
    return Step(
        start=rows[0]["s"], end=rows[0]["s"] + total,
        rates={name: mean([row[name] for row in rows]) for name in RATES},
        dropped={reason: mean([row["dropped"].get(reason, 0) for row in rows]) for reason in reasons},
        highest_pps=max(row["offered_pps"] for row in rows), highest_bps=max(row["offered_bps"] for row in rows),
        hosts=max(row["hosts"] for row in rows), step=max(row["step"] for row in rows))


def steps_of(rows, most):
    """The rows as at most `most` Steps of about equally long times; a row is never divided."""
    times = lengths(rows)
    span = rows[-1]["s"] + times[-1] - rows[0]["s"]
    groups = {}
    for i, row in enumerate(rows):
        place = i if len(rows) <= most else int((row["s"] - rows[0]["s"]) / span * most)
        groups.setdefault(place, []).append(i)
    return [merged([rows[i] for i in group], [times[i] for i in group]) for group in groups.values()]


def totals_of(rows):
    """Packets dropped by reason, by the timeline alone: what a stack is ordered by. Largest first."""
    totals = {}
    for row, time in zip(rows, lengths(rows)):
        for reason, pps in row["dropped"].items():
            totals[reason] = totals.get(reason, 0) + pps * time
    return dict(sorted(totals.items(), key=lambda item: (-item[1], item[0])))
