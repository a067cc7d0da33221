# SPDX-License-Identifier: BSD-3-Clause
"""What follows from an incident file: how long, how much, how it ended. No words here, and nothing that is guessed."""
import datetime

from . import timeline
from .schema import time_of

LADDER = ("source", "budget", "signature", "flood", "strict")  # mildest first; timeline[].step counts from 1
LAST_RESORT = LADDER[-1]


def maybe_time(text):
    return None if text is None else time_of(text)


class Incident:
    """A file that schema.read has found good; `data` is the file."""

    def __init__(self, data):
        self.data = data
        self.zone = data["zone"]
        self.began = time_of(data["began"])
        self.ended = maybe_time(data["ended"])
        self.rows = data["timeline"]
        self.vectors = sorted(data["vectors"], key=lambda v: -v["share"])
        self.targets = sorted(data["targets"], key=lambda t: -t["share"])

    def __getitem__(self, key):
        return self.data[key]

    @property
    def observes(self):
        return self.data["mode"] == "observe"

    @property
    def held(self):
        """Whether what passes was brought below the limits; nothing is held where nothing is dropped."""
        return self.data["mitigated"] is not None and not self.observes

    @property
    def going_on(self):
        return self.data["state"] == "open"

    @property
    def last(self):
        """When the record stops: the end, or what the timeline has reached; None if it has no timeline."""
        if self.ended:
            return self.ended
        if not self.rows:
            return None
        seconds = self.rows[-1]["s"] + timeline.lengths(self.rows)[-1]
        return self.began + datetime.timedelta(seconds=max(0, seconds))

    @property
    def duration_ms(self):
        return None if self.last is None else self.since(self.last) * 1000

    def since(self, when):
        """Seconds from the beginning."""
        return (when - self.began).total_seconds()

    def outcome(self):
        """One word for how it stands, which headlines are chosen by."""
        if self.observes:
            return {"open": "observing"}.get(self.data["state"], "observed")
        if self.data["state"] == "interrupted":
            return "interrupted"
        if self.going_on:
            return "open_held" if self.held else "open"
        return "held" if self.held else "unheld"

    def peak(self, unit):
        """The most offered to the zone ("pps" or "bps"); of one vector where there is no timeline; None if of none."""
        rates = [row[f"offered_{unit}"] for row in self.rows] or [v[f"peak_{unit}"] for v in self.vectors]
        return max(rates, default=None)

    def tally(self, name):
        """(packets, bytes) of "drops" or "observed", of all reasons."""
        rows = self.data[name].values()
        return sum(row["packets"] for row in rows), sum(row["bytes"] for row in rows)

    def vectors_with(self, wanted):
        """Names of the vectors that `wanted` holds for, the largest first."""
        return [vector["name"] for vector in self.vectors if wanted(vector)]
