# SPDX-License-Identifier: BSD-3-Clause
"""What the two say while it runs: seki-gen's line of each second, Seki's decisions, its incident file."""
import collections
import glob
import json
import re

# Rates of one second, by label.
Second = collections.namedtuple("Second", "at attack attack_passed legitimate legitimate_passed late")

SECOND = re.compile(r" *(\d+) s   attack (\d+) pps, (\d+) passed   legitimate (\d+) pps, (\d+) passed   (\d+) late$")
DECISION = re.compile(r"seki: incident ([^ :]+): (.*)$")


def second_of(line):
    """None: it is another line."""
    found = SECOND.match(line)
    return Second(*map(int, found.groups())) if found else None


def decision_of(line):
    """(id of the incident, what was decided), or None."""
    found = DECISION.match(line)
    return found.groups() if found else None


def incidents_in(where):
    """All incident files (docs/incident.md), the oldest first. Seki replaces them as a whole, so each can be read."""
    found = []
    for path in glob.glob(f"{where}/*.json"):
        with open(path, encoding="utf-8") as file:
            text = file.read()
        if '"seki-incident/' in text:
            found.append(json.loads(text))
    return sorted(found, key=lambda incident: incident["began"])


def is_over(incident):
    return incident["state"] not in ("open", "cooling")


def steps_now(incident):
    """{step: [vectors]}: what is raised, as its decisions say."""
    now = {}
    for decision in incident["decisions"]:
        if decision["action"] in ("raise", "lower", "end"):
            now[decision["vector"]] = decision["step"]
    return by_step((vector, [step]) for vector, step in now.items() if step)


def steps_taken(incident):
    """{step: [vectors]}: what was raised at any time."""
    return by_step((vector["name"], vector["steps"]) for vector in incident["vectors"])


def by_step(pairs):
    """The step that is highest comes last: as decisions climb, so do they here."""
    order = ("source", "budget", "signature", "flood", "strict", "proven")
    steps = {}
    for vector, names in pairs:
        for name in names:
            steps.setdefault(name, []).append(vector)
    return dict(sorted(steps.items(), key=lambda item: order.index(item[0]) if item[0] in order else len(order)))
