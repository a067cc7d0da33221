# SPDX-License-Identifier: BSD-3-Clause
"""
The display: lines that scroll, and on a terminal a small panel below them that is drawn anew each second. Where there is
no terminal, or NO_COLOR is set, a line a second stands for the panel.
"""
import os
import shutil
import sys
import textwrap

STYLES = {"bold": "\033[1m", "dim": "\033[2m", "red": "\033[31m", "green": "\033[32m", "yellow": "\033[33m"}
BAR = 32


def clock(seconds):
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"


class Screen:
    """Standard output. `scale`: the highest rates of attack and legitimate packets to be drawn."""

    def __init__(self, scale):
        self.scale = scale
        self.rich = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
        self.full, self.empty = ("█", "░") if "utf" in (sys.stdout.encoding or "").lower() else ("#", "-")
        self.drawn = 0
        self.panel = []

    def style(self, text, *names):
        return "".join(STYLES[name] for name in names) + text + "\033[0m" if self.rich else text

    def width(self):
        return max(50, shutil.get_terminal_size().columns)

    def say(self, text=""):
        """Lines that stay, above the panel."""
        self.erase()
        print(text)
        self.draw()
        sys.stdout.flush()

    def decision(self, at, text):
        """What Seki has decided, as it said it, at so many seconds of the traffic."""
        head = f"  {clock(at)}.{int(at * 10) % 10}  "
        if not self.rich:
            self.say(head + text)
            return
        lines = textwrap.wrap(text, self.width() - len(head) - 1)
        kind = ("yellow",) if text.startswith("raise") else ()
        action, colon, rest = lines[0].partition(":")
        self.say("\n".join([head + self.style(action + colon, "bold", *kind) + rest,
                            *(" " * len(head) + self.style(line, "dim") for line in lines[1:])]))

    def second(self, second, phase, state, steps):
        """
        The rates of a second. `phase`: what the attacker does; `state`: of the incident, or an empty text; `steps`: what is
        raised for which vectors.
        """
        if not self.rich:
            raised = [f"{step}: {' '.join(names)}" for step, names in steps.items()]
            posture = "; ".join([f"incident {state}", *raised]) if state else ""
            rates = (f"attack {second.attack} pps, {second.attack_passed} passed; "
                     f"legitimate {second.legitimate} pps, {second.legitimate_passed} passed")
            self.say(f"  {clock(second.at)}    {phase}: {rates}" + (f"; {posture}" if posture else ""))
            return
        rule = "─" if self.full == "█" else "-"
        self.panel = [
            self.style("  " + rule * (self.width() - 4), "dim"),
            f"  {clock(second.at):<10}  {self.style(phase, 'bold')}",
            self.row("attack", second.attack, second.attack_passed, self.scale[0], "red", "dim"),
            self.row("legitimate", second.legitimate, second.legitimate_passed, self.scale[1], "green", "red"),
            f"  {'incident':<10}  {state or 'none'}",
        ]
        for step, names in steps.items():
            for i, line in enumerate(textwrap.wrap(" ".join(names), self.width() - 15)):
                self.panel.append(f"  {self.style(f'{step:<10}' if i == 0 else ' ' * 10, 'yellow')}  {line}")
        self.erase()
        self.draw()
        sys.stdout.flush()

    def row(self, name, offered, passed, scale, of_passed, of_dropped):
        room = max(4, min(BAR, self.width() - 47))
        bar = min(room, round(offered * room / scale))
        through = min(bar, round(passed * room / scale))
        return (f"  {name:<10}  {self.style(self.full * through, of_passed)}"
                f"{self.style(self.empty * (bar - through), of_dropped)}{' ' * (room - bar)}"
                f" {offered:>8,} pps {passed:>8,} passed")

    def erase(self):
        if self.drawn:
            print(f"\033[{self.drawn}A\r\033[J", end="")
            self.drawn = 0

    def draw(self):
        for line in self.panel:
            print(line)
        self.drawn = len(self.panel)

    def close(self):
        """The panel goes; what was said stays."""
        self.erase()
        self.panel = []
        sys.stdout.flush()
