# SPDX-License-Identifier: BSD-3-Clause
"""Leak and collateral: the verdicts of `seki replay` joined with what each packet really was.

Labels are one character per packet: A attack, L legitimate, O other (left out of both figures).
"""
from collections import Counter

ATTACK, LEGIT, OTHER = "A", "L", "O"


class ScoreError(Exception):
    """The two files do not belong together, or one is no such file."""


def read_labels(path):
    """The labels as one string."""
    with open(path, encoding="ascii") as file:
        labels = file.read().strip()
    odd = set(labels) - {ATTACK, LEGIT, OTHER}
    if odd:
        raise ScoreError(f"{path}: labels are A, L and O, not {sorted(odd)[0]!r}")
    return labels


def read_verdicts(path):
    """(verdict, reason) of each packet, in the capture's order."""
    rows = []
    with open(path, encoding="utf-8") as file:
        header = file.readline().rstrip("\n").split("\t")
        try:
            number, verdict, reason = (header.index(name) for name in ("packet", "verdict", "reason"))
        except ValueError:
            raise ScoreError(f"{path}: not the verdicts of a replay: no columns packet, verdict and reason") from None
        for line in file:
            fields = line.rstrip("\n").split("\t")
            rows.append((fields[verdict], fields[reason]))
            if fields[number] != str(len(rows)):
                raise ScoreError(f"{path}: packet {len(rows)} is missing")
    return rows


class Score:
    """Counts by label; leak and collateral in per cent, None where there is nothing to divide by."""

    def __init__(self, labels, verdicts):
        if len(labels) != len(verdicts):
            raise ScoreError(f"{len(labels)} labels and {len(verdicts)} verdicts: not of the same capture")
        self.offered = Counter(labels)
        self.passed = Counter()
        self.reasons = {label: Counter() for label in (ATTACK, LEGIT, OTHER)}
        for label, (verdict, reason) in zip(labels, verdicts):
            if verdict == "pass":
                self.passed[label] += 1
            else:
                self.reasons[label][reason] += 1

    def dropped(self, label):
        return self.offered[label] - self.passed[label]

    @property
    def leak(self):
        return percent(self.passed[ATTACK], self.offered[ATTACK])

    @property
    def collateral(self):
        return percent(self.dropped(LEGIT), self.offered[LEGIT])

    def as_dict(self):
        names = {ATTACK: "attack", LEGIT: "legitimate", OTHER: "other"}
        out = {name: {"offered": self.offered[label], "passed": self.passed[label], "dropped": self.dropped(label),
                      "dropped_by_reason": dict(self.reasons[label])} for label, name in names.items()}
        return {**out, "leak_percent": self.leak, "collateral_percent": self.collateral}


def percent(part, whole):
    return 100.0 * part / whole if whole else None


def percent_text(value):
    """Two decimals, but never rounds something to nothing or almost all to all."""
    if value is None:
        return "-"
    if 0 < value < 0.01:
        return "<0.01 %"
    if 99.99 < value < 100:
        return ">99.99 %"
    return f"{value:.2f} %"


def table(score, style=lambda text, kind: text):
    """The outcome as aligned text. `style` may colour: kinds are head, good, bad, dim."""
    lines = [style(f"  {'':<22}{'offered':>12}{'passed':>12}{'dropped':>12}", "head")]
    for label, name, what, value in ((ATTACK, "attack", "leak", score.leak),
                                     (LEGIT, "legitimate", "collateral", score.collateral)):
        line = f"  {name:<22}{score.offered[label]:>12,}{score.passed[label]:>12,}{score.dropped(label):>12,}"
        kind = "good" if value is not None and value < (10 if label == ATTACK else 0.1) else "bad"
        lines.append(line + "   " + style(f"{what} {percent_text(value)}", kind))
    if score.offered[OTHER]:
        lines.append(f"  {'other':<22}{score.offered[OTHER]:>12,}{score.passed[OTHER]:>12,}"
                     f"{score.dropped(OTHER):>12,}")
    reasons = sum(score.reasons.values(), Counter())
    if reasons:
        lines += ["", style(f"  {'dropped because':<22}{'attack':>12}{'legitimate':>12}", "head")]
    for reason, _ in reasons.most_common():
        lines.append(f"  {reason:<22}{score.reasons[ATTACK][reason]:>12,}{score.reasons[LEGIT][reason]:>12,}")
    return "\n".join(lines)
