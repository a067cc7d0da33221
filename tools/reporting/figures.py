# SPDX-License-Identifier: BSD-3-Clause
"""Numbers and times as people write them, in each language. Three digits say enough; tables have exact counts.

Both classes have the same methods. English times are UTC; Japanese ones are Japan's (UTC+9, which never changes).
"""
import datetime
import math

NEVER_LESS = 0.0001  # shares: below a hundredth of a per cent only "less than" is said
JAPAN = datetime.timezone(datetime.timedelta(hours=9), "JST")
MINUS = "\u2212"


def digits(value):
    """Three significant digits at most, no idle zeros: 3.1, 48.2, 920."""
    if value == 0:
        return "0"
    places = max(0, 2 - math.floor(math.log10(abs(value))))
    if round(value, places) >= 10 ** (3 - places):  # 9.999 is 10, not 10.00
        places = max(0, places - 1)
    written = f"{value:,.{places}f}"
    return written.rstrip("0").rstrip(".") if places else written


def scaled(value, units, unit):
    """The value in the largest unit of 1000^n that leaves at least one before the point."""
    for prefix in units[:-1]:
        if round(value, 2 - math.floor(math.log10(value)) if value else 0) < 1000:
            return f"{digits(value) if prefix or value < 10 else f'{value:.0f}'}\u00a0{prefix}{unit}"
        value /= 1000
    return f"{digits(value)}\u00a0{units[-1]}{unit}"


class Figures:
    """What both languages share."""

    def pps(self, value):
        return scaled(value, ["", "k", "M", "G", "T"], "pps")

    def bps(self, value):
        return scaled(value, ["", "k", "M", "G", "T", "P"], "bps")

    def bytes(self, value):
        return scaled(value, ["", "k", "M", "G", "T", "P", "E"], "B")

    def tick(self, value):
        """A rate on an axis that says its unit elsewhere."""
        return scaled(value, ["", "k", "M", "G", "T", "P"], "").rstrip("\u00a0") if value else "0"

    def exact(self, value):
        return f"{value:,}"

    def share(self, value):
        """0 to 1 as a percentage that never makes nothing of something, nor all of almost all."""
        if 0 < value < NEVER_LESS:
            return "<0.01%"
        if 1 - NEVER_LESS < value < 1:
            return ">99.99%"
        if value > 0.99:
            return f"{value * 100:.2f}".rstrip("0").rstrip(".") + "%"
        return digits(round(value * 100, 2)) + "%"

    def limit(self, pps, bps):
        """A limit of packets, of bits, of both; None if of neither."""
        both = [self.pps(pps)] * (pps > 0) + [self.bps(bps)] * (bps > 0)
        return " / ".join(both) or None

    def stamp(self, when):
        """A time of day in a table."""
        return f"{when.astimezone(self.zone):%H:%M:%S}"

    def parts(self, ms):
        """(hours, minutes, seconds as text) of a duration; tenths only below ten seconds."""
        seconds = ms / 1000
        if seconds < 9.95:
            return 0, 0, f"{seconds:.{1 if seconds >= 0.095 else 2}f}".removesuffix(".0").removesuffix(".00")
        whole = int(seconds + 0.5)
        return whole // 3600, whole // 60 % 60, str(whole % 60)


class English(Figures):
    """3.1 Mpps, 1.24 million, 3 min 20 s, 12 June 2025, 03:15:02 UTC."""

    zone = datetime.timezone.utc
    zone_name = "UTC"

    def count(self, value):
        for unit, name in ((10 ** 12, "trillion"), (10 ** 9, "billion"), (10 ** 6, "million")):
            if value >= unit:
                return f"{digits(value / unit)}\u00a0{name}"
        return f"{value:,}" if value < 10000 else f"{round(value, 3 - len(str(int(value)))):,.0f}"

    def duration(self, ms):
        hours, minutes, seconds = self.parts(ms)
        if hours:
            return f"{hours:,}\u00a0h {minutes}\u00a0min" if minutes else f"{hours:,}\u00a0h"
        if minutes:
            return f"{minutes}\u00a0min {seconds}\u00a0s" if seconds != "0" else f"{minutes}\u00a0min"
        return f"{seconds}\u00a0s"

    def elapsed(self, seconds):
        sign = MINUS if seconds < 0 else ""
        return sign + self.duration(abs(seconds) * 1000) if seconds else "0"

    def day(self, when):
        local = when.astimezone(self.zone)
        return f"{local.day}\u00a0{local:%B}\u00a0{local.year}"

    def clock(self, when):
        return self.stamp(when)

    def span(self, low, high):
        return f"{low} to {high}"

    def listed(self, words):
        words = list(words)
        return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " and " + words[-1]


class Japanese(Figures):
    """3.1 Mpps, 124万, 3分20秒, 2025年6月12日, 12時15分02秒."""

    zone = JAPAN
    zone_name = "日本時間"

    def count(self, value):
        for unit, name in ((10 ** 12, "兆"), (10 ** 8, "億"), (10 ** 4, "万")):
            if value >= unit:
                head = value / unit
                return f"{digits(head) if head < 1000 else f'{round(head, -1):,.0f}'}{name}"
        return f"{value:,}"

    def duration(self, ms):
        hours, minutes, seconds = self.parts(ms)
        if hours:
            return f"{hours:,}時間{minutes}分" if minutes else f"{hours:,}時間"
        if minutes:
            return f"{minutes}分{seconds}秒" if seconds != "0" else f"{minutes}分"
        return f"{seconds}秒"

    def elapsed(self, seconds):
        sign = MINUS if seconds < 0 else ""
        return sign + self.duration(abs(seconds) * 1000) if seconds else "0"

    def day(self, when):
        local = when.astimezone(self.zone)
        return f"{local.year}年{local.month}月{local.day}日"

    def clock(self, when):
        local = when.astimezone(self.zone)
        return f"{local.hour}時{local.minute:02}分{local.second:02}秒"

    def span(self, low, high):
        return f"{low}～{high}"

    def listed(self, words):
        return "、".join(words)
