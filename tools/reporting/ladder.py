# SPDX-License-Identifier: BSD-3-Clause
"""The plot of the ladder: its rungs, and a numbered flag for each decision. Flags that would meet become one."""
from .incident import LADDER
from .markup import tag
from .schema import time_of
from .svg import coordinate

FLAG_HEIGHT = 17
DIGIT = 6.6  # the width of one, in the size of flags
FLAG_PAD = 9
GAP = 2


def rows_of(incident):
    """The rungs from the ground up: None, the ladder, steps that are not on it, by name; numbers beyond, as int."""
    highest = max((row["step"] for row in incident.rows), default=0)
    return [None, *LADDER, *range(len(LADDER) + 1, highest + 1)]


def word_of(row, words):
    return words.step_number(row) if isinstance(row, int) else words.step(row)


def label(numbers):
    """The numbers of decisions in one flag: 3, or 3–7, or 3…9 where some between are elsewhere."""
    if len(numbers) == 1:
        return str(numbers[0])
    between = "\u2013" if numbers[-1] - numbers[0] == len(numbers) - 1 else "\u2026"
    return f"{numbers[0]}{between}{numbers[-1]}"


def width_of(numbers):
    return max(FLAG_HEIGHT, len(label(numbers)) * DIGIT + FLAG_PAD)


def placed(frame, x, numbers):
    """A flag as near to x as it is whole in the drawing."""
    half = width_of(numbers) / 2
    return min(max(x, frame.left + half), frame.shape.width - half), numbers


def merge(frame, flags):
    """Flags of one rung as (x, numbers), joined until none is nearer to the next than GAP."""
    out = []
    for x, numbers in flags:
        out.append(placed(frame, x, numbers))
        while len(out) > 1:
            (x1, first), (x2, second) = out[-2:]
            if x2 - width_of(second) / 2 >= x1 + width_of(first) / 2 + GAP:
                break
            both = sorted(first + second)
            out[-2:] = [placed(frame, (x1 * len(first) + x2 * len(second)) / len(both), both)]
    return out


def rung_of(decision, rows):
    """Where a decision's flag stands: on the ground if nothing was raised, all was taken back, or its rung is not known."""
    if decision["action"] in ("none", "end") or decision["step"] not in rows:
        return 0
    return rows.index(decision["step"])


def flags(frame, incident, rows):
    by_rung = {}
    for number, decision in enumerate(incident.decisions, 1):
        seconds = incident.since(time_of(decision["at"]))
        if frame.start <= seconds <= frame.end:
            by_rung.setdefault(rung_of(decision, rows), []).append((frame.x(seconds), [number]))
    return [flag(x, frame.y(rung), numbers)
            for rung, found in by_rung.items() for x, numbers in merge(frame, sorted(found))]


def flag(x, y, numbers):
    width = width_of(numbers)
    box = tag("rect", class_="flag", x=coordinate(x - width / 2), y=coordinate(y - FLAG_HEIGHT / 2),
              width=coordinate(width), height=FLAG_HEIGHT, rx=FLAG_HEIGHT / 2)
    return [box, tag("text", label(numbers), class_="flag-word", x=coordinate(x), y=coordinate(y + 3.8),
                     text_anchor="middle")]
