# SPDX-License-Identifier: BSD-3-Clause
"""What follows from an incident file: how long, how much, how it ended. No words here, and nothing that is guessed."""
import datetime

from . import timeline
from .schema import time_of

LADDER = ("source", "budget", "signature", "flood", "strict", "proven")  # mildest first; timeline[].step counts from 1
LAST_RESORT = LADDER[-2:]
UNHELD = 0.1  # of the attack's time: if it was not held for longer it is said not to have been
LITTLE = 0.01  # of what was offered: what passes of it is next to nothing
# Older files have the action "end" where nothing was raised; only the sentence tells.
ONCE_END = {"what is in force already stops it", "no step of its ladder may be raised in this zone"}


def maybe_time(text):
    return None if text is None else time_of(text)


def renamed(decision):
    """The decision with the action that Seki would write now."""
    return {**decision, "action": "none"} if decision["action"] == "end" and decision["why"] in ONCE_END else decision


class Incident:
    """A file that schema.read has found good; `data` is the file."""

    def __init__(self, data):
        self.data = data
        self.zone = data["zone"]
        self.began = time_of(data["began"])
        self.ended = maybe_time(data["ended"])
        self.rows = data["timeline"]
        self.decisions = [renamed(decision) for decision in data["decisions"]]
        self.vectors = sorted(data["vectors"], key=lambda v: -v["share"])
        self.targets = sorted(data["targets"], key=lambda t: -t["share"])

    def __getitem__(self, key):
        return self.data[key]

    @property
    def observes(self):
        return self.data["mode"] == "observe"

    @property
    def held(self):
        """
        Whether what passes was brought below the limits, and stayed there but for a little of the attack's time; nothing is
        held where nothing is dropped.
        """
        stayed = self.data["unheld_ms"] <= UNHELD * (self.attack_ms or 0)
        return self.data["mitigated"] is not None and not self.observes and stayed

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
    def over(self):
        """
        When the attack was last over a limit: the latest end of its vectors. They have none while Seki is on guard, nor
        if it stopped then: it is the end of the timeline's last second with hosts under attack. None if the
        attack goes on, if the record breaks off in it, or if the file has neither.
        """
        if self.going_on:
            return None
        ends = [maybe_time(vector["ended"]) for vector in self.vectors]
        if not ends or None in ends:
            ends = self.last_hit()
        return min(max(self.began, *ends), self.last or max(ends)) if ends else None

    def last_hit(self):
        """A list of when hosts were last under attack by the timeline; empty if not, or still in the last row of a broken one."""
        hit = [row["s"] + time for row, time in zip(self.rows, timeline.lengths(self.rows)) if row["hosts"]]
        broken = self.data["state"] == "interrupted" and self.rows and self.rows[-1]["hosts"]
        return [self.began + datetime.timedelta(seconds=hit[-1])] if hit and not broken else []

    @property
    def attack_ms(self):
        """How long the attack lasted; so far, or until the record breaks off, if it is not over; None if not recorded."""
        until = self.over or (self.last if self.data["state"] in ("open", "interrupted") else None)
        return None if until is None else self.since(until) * 1000

    @property
    def guard_ms(self):
        """How long Seki stayed on guard after that, so far if it does; None if it did not, or if it is not recorded."""
        spent = (self.last - self.over).total_seconds() * 1000 if self.over and self.last else 0
        return spent or None

    @property
    def unraised(self):
        """Decisions by which nothing was raised, though something was over its limit."""
        return [decision for decision in self.decisions if decision["action"] == "none"]

    @property
    def raised_nothing(self):
        """Whether no decision of the incident raised anything, and at least one says so."""
        return bool(self.unraised) and all(decision["step"] is None for decision in self.decisions)

    @staticmethod
    def lets_through(decision):
        """More passed than the limit allows; a limit of bits alone cannot be told from, so all but LITTLE is more."""
        return decision["passed_pps"] > max(decision["limit_pps"], LITTLE * decision["rate_pps"])

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
