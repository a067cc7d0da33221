# SPDX-License-Identifier: BSD-3-Clause
"""The four plots of an incident, over the same time: traffic by what became of it, the same in bits, hosts, the ladder.

Blue is what passed. Warm colours are what was dropped, the darkest for the reason that dropped most: hue says whether,
lightness says why, so that the plots can be read without seeing colours, and on a grey printer.
"""
from . import ladder, timeline
from .incident import maybe_time
from .markup import tag
from .svg import NARROW, WIDE, TEXT_PX, Frame, text_width, ticks

MOST_REASONS = 5  # what has a colour of its own; the rest is one layer
MARKS_ROOM = 72   # above the traffic plot: four rows of labels


class Plots:
    """`Plots(incident, words)` draws; each method returns a figure. The incident has a timeline."""

    def __init__(self, incident, words):
        self.incident, self.words = incident, words
        self.rows = incident.rows
        self.times = self.rows[0]["s"], self.end()
        self.reasons = list(timeline.totals_of(self.rows))
        self.steps = {shape: timeline.steps_of(self.rows, shape.steps) for shape in (WIDE, NARROW)}

    def end(self):
        """Where the plots end: with the rows, or with the incident if it ended in the row after, which was never whole."""
        last = timeline.lengths(self.rows)[-1]
        end = self.rows[-1]["s"] + last
        ended = self.incident.since(self.incident.ended) if self.incident.ended else end
        return ended if end < ended < end + last else end

    def all(self):
        return [self.traffic(), self.bits(), self.hosts(), self.ladder()]

    def longest_step(self):
        """Seconds that a step of the wide plots stands for, if it is more than a row; else None."""
        steps = self.steps[WIDE]
        return max(step.end - step.start for step in steps) if len(steps) < len(self.rows) else None

    def marks(self):
        """(seconds, word) of what the times of the incident name, if it is in the plot."""
        held = "mark.would_hold" if self.incident.observes else "mark.mitigated"
        named = [(maybe_time(self.incident["detected"]), "mark.detected"), (maybe_time(self.incident["mitigated"]), held),
                 (self.incident.over, "mark.over"), (self.incident.ended, "mark.ended")]
        found = [(self.incident.since(when), self.words(key)) for when, key in named if when]
        return sorted(mark for mark in found if self.times[0] <= mark[0] <= self.times[1])

    def layers(self):
        """
        What is stacked, from the bottom: (class, word, value of a step). Passed is in two where countermeasures only
        observed.
        """
        rest = self.reasons[MOST_REASONS:]
        out = [("passed", self.words("layer.passed"),
                lambda step: max(0, step.rates["passed_pps"] - step.rates["observed_pps"]))]
        if any(row["observed_pps"] for row in self.rows):
            out.append(("would", self.words("layer.would"), lambda step: step.rates["observed_pps"]))
        for i, reason in enumerate(self.reasons[:MOST_REASONS]):
            out.append((f"why{i}", self.words.reason(reason), lambda step, name=reason: step.dropped.get(name, 0)))
        if rest:
            out.append(("rest", self.words("layer.other"), lambda step: sum(step.dropped.get(r, 0) for r in rest)))
        return out

    def frame(self, shape, top, heights):
        return Frame(shape, self.times, top, heights)

    def rate_axis(self, frame, marks):
        return frame.y_axis([(value, self.words.numbers.tick(value)) for value in marks])

    def traffic(self):
        layers = self.layers()
        peak = max(row["offered_pps"] for row in self.rows)
        described = self.words("plot.traffic"), self.words("plot.traffic.desc", pps=self.words.numbers.pps(peak))

        def draw(shape):
            steps = self.steps[shape]
            axis = ticks(peak, 4)
            frame = self.frame(shape, axis[-1], (MARKS_ROOM, 270))
            name = self.name("traffic", shape)
            tops, total = [], [0] * len(steps)
            for _, _, value in layers:
                total = [sum(pair) for pair in zip(total, map(value, steps))]
                tops.append(total)
            areas = [tag("path", class_=f"layer {kind}", d=frame.area(steps, values),
                         fill=f"url(#{name}-hatch)" if kind == "would" else None)
                     for (kind, _, _), values in reversed(list(zip(layers, tops)))]
            line = tag("path", class_="outline", d=frame.outline(steps, [step.highest_pps for step in steps]))
            body = [self.hatch(name), self.rate_axis(frame, axis), areas, line, self.layer_words(frame, layers, tops),
                    frame.x_axis(self.words), frame.marks(self.marks(), True)]
            return frame.drawing(name, described, body)

        keys = [(kind, word) for kind, word, _ in reversed(layers)] + [("line", self.words("layer.offered"))]
        return self.figure("traffic", draw, keys)

    def layer_words(self, frame, layers, tops):
        """The name of each layer in its widest place, where there is one that has room for it."""
        steps = self.steps[frame.shape]
        below = [[0] * len(steps)] + tops[:-1]
        out = []
        for (kind, word, _), low, high in zip(layers, below, tops):
            place = room_for(frame, steps, (low, high), text_width(word) + 12)
            if place:
                out.append(tag("text", word, class_=f"layer-word on-{kind}", x=round(place[0]),
                               y=round(place[1] + TEXT_PX * 0.36), text_anchor="middle"))
        return out

    def hatch(self, name):
        lines = [tag("rect", class_="hatch-ground", width=6, height=6),
                 tag("line", class_="hatch-line", x1=0, x2=0, y1=0, y2=6)]
        return tag("defs", tag("pattern", lines, id=f"{name}-hatch", width=6, height=6,
                               patternUnits="userSpaceOnUse", patternTransform="rotate(45)"))

    def bits(self):
        peak = max(max(row["offered_bps"], row["passed_bps"]) for row in self.rows)
        described = self.words("plot.bits"), self.words("plot.bits.desc", bps=self.words.numbers.bps(peak))

        def draw(shape):
            steps = self.steps[shape]
            axis = ticks(peak, 3)
            frame = self.frame(shape, axis[-1], (15, 145))
            offered = [step.rates["offered_bps"] for step in steps]
            passed = [step.rates["passed_bps"] for step in steps]
            body = [self.rate_axis(frame, axis), tag("path", class_="layer offered", d=frame.area(steps, offered)),
                    tag("path", class_="layer passed", d=frame.area(steps, passed)),
                    tag("path", class_="outline", d=frame.outline(steps, [step.highest_bps for step in steps])),
                    frame.x_axis(self.words), frame.marks(self.marks(), False)]
            return frame.drawing(self.name("bits", shape), described, body)

        return self.figure("bits", draw, [("passed", self.words("layer.passed")),
                                          ("offered", self.words("layer.offered"))])

    def hosts(self):
        peak = max(row["hosts"] for row in self.rows)
        described = self.words("plot.hosts"), self.words("plot.hosts.desc", hosts=self.words.hosts(peak))

        def draw(shape):
            steps = self.steps[shape]
            axis = [value for value in ticks(peak, 3) if value == int(value)]
            frame = self.frame(shape, axis[-1], (15, 117))
            values = [step.hosts for step in steps]
            body = [frame.y_axis([(value, self.words.numbers.exact(int(value))) for value in axis]),
                    tag("path", class_="layer hosts", d=frame.area(steps, values)),
                    tag("path", class_="hosts-line", d=frame.outline(steps, values)),
                    frame.x_axis(self.words), frame.marks(self.marks(), False)]
            return frame.drawing(self.name("hosts", shape), described, body)

        return self.figure("hosts", draw)

    def ladder(self):
        n = len(self.incident.decisions)
        described = self.words("plot.ladder"), self.words("plot.ladder.desc", n=n)

        def draw(shape):
            steps = self.steps[shape]
            rows = ladder.rows_of(self.incident)
            frame = self.frame(shape, len(rows) - 1, (16, 16 + 25 * (len(rows) - 1)))
            values = [step.step for step in steps]
            body = [frame.y_axis([(i, ladder.word_of(row, self.words)) for i, row in enumerate(rows)]),
                    tag("path", class_="layer ladder", d=frame.area(steps, values)),
                    tag("path", class_="ladder-line", d=frame.outline(steps, values)),
                    frame.x_axis(self.words), frame.marks(self.marks(), False),
                    ladder.flags(frame, self.incident, rows)]
            return frame.drawing(self.name("ladder", shape), described, body)

        return self.figure("ladder", draw)

    def name(self, plot, shape):
        return f"{plot}-{shape.name}-{self.words.lang}"

    def figure(self, plot, draw, keys=()):
        """A title, the keys of colours as (class, word), and the drawing in both shapes."""
        legend = [tag("li", tag("span", class_=f"key {kind}"), word) for kind, word in keys]
        return tag("figure",
                   tag("figcaption", tag("strong", self.words(f"plot.{plot}")),
                       tag("span", self.words(f"plot.{plot}.unit"), class_="unit")),
                   tag("ul", legend, class_="keys") if legend else None, draw(WIDE), draw(NARROW))


def room_for(frame, steps, values, width):
    """
    (x, y) of the middle of the tallest place in a layer that holds a line of text of this width, or None. `values` are
    the lower and the upper edge of the layer in each step.
    """
    low, high = values
    best = None
    end = 0
    for start, first in enumerate(steps):
        while end < len(steps) and frame.x(steps[end].end) - frame.x(first.start) < width:
            end += 1
        if end == len(steps):
            break
        floor, ceiling = frame.y(max(low[start:end + 1])), frame.y(min(high[start:end + 1]))
        if floor - ceiling >= TEXT_PX + 5 and (best is None or floor - ceiling > best[0]):
            middle = (frame.x(first.start) + frame.x(steps[end].end)) / 2
            best = floor - ceiling, middle, (floor + ceiling) / 2
    return best and best[1:]
