# SPDX-License-Identifier: BSD-3-Clause
"""What all benchmarks share: A and B measured in turn, medians, and results in one shape."""
import os
import statistics
import subprocess
import tempfile


def interleave(a, b, rounds, say):
    """Calls a() and b() in turn, order swapped each round; returns (median a, median b, median of a/b)."""
    pairs = []
    for i in range(rounds):
        order = ((0, a), (1, b)) if i % 2 == 0 else ((1, b), (0, a))
        got = {}
        for which, measure in order:
            got[which] = measure()
        pairs.append((got[0], got[1]))
        say(f"  round {i + 1}: {got[0]:.4g} / {got[1]:.4g} = {got[0] / got[1]:.3f}")
    return (statistics.median(p[0] for p in pairs), statistics.median(p[1] for p in pairs),
            statistics.median(p[0] / p[1] for p in pairs))


def result(name, measured, unit, reference, goal=None, less_is_better=False):
    """One entry of the report. `measured` is what interleave() returned; the ratio is of speeds, so more is better."""
    value, reference_value, ratio = measured
    if less_is_better:
        ratio = 1 / ratio
    return {"name": name, "value": value, "unit": unit, "reference": reference, "reference_value": reference_value,
            "ratio": ratio, "goal": goal, "holds": None if goal is None else ratio >= goal}


class HugePages:
    """
    `megabytes` in 2 MB pages for as long as it is open, or nothing where the machine does not give them (then both
    sides of a comparison go without). `directory` is "" or a hugetlbfs mount.
    """

    KNOB = "/proc/sys/vm/nr_hugepages"

    def __init__(self, megabytes):
        self.pages = megabytes // 2
        self.before = 0
        self.directory = ""

    def __enter__(self):
        try:
            self.before = self.count()
            self.set(self.before + self.pages)
            where = tempfile.mkdtemp(prefix="seki-huge-")
            if self.count() >= self.before + self.pages and \
                    subprocess.run(["mount", "-t", "hugetlbfs", "none", where], stderr=subprocess.DEVNULL,
                                   check=False).returncode == 0:
                self.directory = where
                return self
            os.rmdir(where)
            self.set(self.before)
        except OSError:
            pass
        return self

    def __exit__(self, *_):
        if self.directory:
            subprocess.run(["umount", self.directory], check=False)
            os.rmdir(self.directory)
            self.set(self.before)

    def count(self):
        with open(self.KNOB, encoding="ascii") as knob:
            return int(knob.read())

    def set(self, pages):
        with open(self.KNOB, "w", encoding="ascii") as knob:
            knob.write(str(pages))
