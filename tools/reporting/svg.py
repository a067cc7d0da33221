# SPDX-License-Identifier: BSD-3-Clause
"""What every plot is drawn with: a frame over time, nice ticks, stepped outlines, text whose width is known roughly.

Each plot is drawn in two shapes, one for paper and screens, one for telephones: text in a drawing that is only scaled
down cannot be read. CSS shows the one that fits.
"""
import math
import unicodedata
from dataclasses import dataclass

from .markup import tag

SECONDS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400)
TEXT_PX = 13  # the size that style.css gives to text in plots


@dataclass(frozen=True)
class Shape:
    """A size: the drawing's own pixels, its margins, how many steps and ticks it has room for."""

    name: str
    width: int
    left: int
    right: int
    steps: int
    x_ticks: int


WIDE = Shape("wide", 860, 78, 10, 389, 11)
NARROW = Shape("narrow", 360, 78, 8, 140, 4)


def text_width(text):
    """About how wide a text is: letters of Chinese and Japanese are squares, others a bit more than half of one."""
    return sum(TEXT_PX if unicodedata.east_asian_width(c) in "WFA" else 0.58 * TEXT_PX for c in text)


def nice_step(top, n):
    """The distance of about n ticks from 0 to top: 1, 2 or 5 times a power of ten."""
    rough = top / n
    power = 10 ** math.floor(math.log10(rough))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough * 0.999)


def ticks(top, n):
    """Ticks from 0 to the first that is not below `top`."""
    if top <= 0:
        return [0, 1]
    step = nice_step(top, n)
    return [i * step for i in range(math.ceil(top / step - 1e-9) + 1)]


def time_ticks(start, end, step):
    """Moments of a clock between start and end, in seconds from the beginning."""
    return [i * step for i in range(math.ceil(start / step), math.floor(end / step) + 1)]


def coordinate(value):
    return f"{value:.1f}".removesuffix(".0")


class Frame:
    """Where a plot is in its drawing: seconds to x, values from 0 to `top` to y."""

    def __init__(self, shape, times, values, heights):
        self.shape = shape
        self.start, self.end = times
        self.top_value = values
        self.top, self.bottom = heights
        self.height = self.bottom + 26
        self.left, self.right = shape.left, shape.width - shape.right

    def x(self, seconds):
        return self.left + (seconds - self.start) / max(self.end - self.start, 1e-9) * (self.right - self.left)

    def y(self, value):
        return self.bottom - min(value / self.top_value, 1) * (self.bottom - self.top)

    def outline(self, steps, values):
        """Path data of a line that keeps each value from its step's start to its end."""
        out, last = [], None
        for step, value in zip(steps, values):
            y = coordinate(self.y(value))
            if last is None:
                out.append(f"M{coordinate(self.x(step.start))} {y}")
            elif y != last:
                out.append(f"H{coordinate(self.x(step.start))}V{y}")
            last = y
        return "".join(out) + f"H{coordinate(self.x(steps[-1].end))}"

    def area(self, steps, values):
        """The outline, and what is under it down to zero."""
        base = coordinate(self.bottom)
        return f"{self.outline(steps, values)}V{base}H{coordinate(self.x(steps[0].start))}Z"

    def y_axis(self, marks):
        """A line and a word for each (value, word)."""
        lines = [tag("line", class_="grid" if value else "base", x1=self.left, x2=self.right,
                     y1=coordinate(self.y(value)), y2=coordinate(self.y(value))) for value, _ in marks]
        words = [tag("text", word, class_="tick", x=self.left - 8, y=coordinate(self.y(value) + 4), text_anchor="end")
                 for value, word in marks]
        return [lines, words]

    def moments(self, words):
        """The moments that x_axis names: as near to each other as their words allow."""
        days = math.ceil((self.end - self.start) / 86400)
        for step in (*SECONDS, days * 86400):
            if (self.end - self.start) / step <= self.shape.x_ticks:
                found = time_ticks(self.start, self.end, step)
                widest = max((text_width(words.numbers.elapsed(moment)) for moment in found), default=0)
                if len(found) <= self.shape.x_ticks and widest + 1.5 * TEXT_PX <= self.x(step) - self.x(0):
                    return found
        return []

    def x_axis(self, words):
        """Marks of the time since the beginning; the last word gives way if it can only stand on the one before."""
        out, used = [], 0
        for moment in self.moments(words):
            x, word = self.x(moment), words.numbers.elapsed(moment)
            half = text_width(word) / 2
            middle = min(max(x, self.left + half), self.right - half)
            out.append(tag("line", class_="notch", x1=coordinate(x), x2=coordinate(x), y1=self.bottom,
                           y2=self.bottom + 5))
            if middle - half >= used:
                out.append(tag("text", word, class_="tick", x=coordinate(middle), y=self.bottom + 20,
                               text_anchor="middle"))
                used = middle + half + TEXT_PX / 2
        return out

    def marks(self, marks, labelled):
        """
        Upright lines at (seconds, word), earliest first. Labels, if wanted, each have a row of their own above the plot,
        the earliest on top, so that neither lines nor labels meet.
        """
        out = []
        for row, (seconds, word) in enumerate(marks):
            x, y = self.x(seconds), 16 + 16 * row
            fits = x + 5 + text_width(word) <= self.shape.width
            out.append(tag("line", class_="mark", x1=coordinate(x), x2=coordinate(x),
                           y1=y - 11 if labelled else self.top, y2=self.bottom))
            if labelled:
                out.append(tag("text", word, class_="mark-word", x=coordinate(x + 5 if fits else x - 5), y=y,
                               text_anchor="start" if fits else "end"))
        return out

    def drawing(self, name, described, children):
        """The svg element. `name` is unique in the page; `described` is (title, sentence)."""
        title, sentence = described
        return tag("svg", tag("title", title, id=f"{name}-t"), tag("desc", sentence, id=f"{name}-d"), children,
                   xmlns="http://www.w3.org/2000/svg", class_=f"plot {self.shape.name}", role="img",
                   viewBox=f"0 0 {self.shape.width} {self.height}", aria_labelledby=f"{name}-t {name}-d")
