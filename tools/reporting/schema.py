# SPDX-License-Identifier: BSD-3-Clause
"""What an incident file must be (docs/incident.md), and all that is wrong with one that is not.

A specification is a dict (an object with at least these keys), a List, Map or Maybe of one, or a function that
returns what is wrong with a value, or None. Keys that it does not know are left alone.
"""
import datetime
import json
import math
import re

FORMAT = "seki-incident/1"
MOST_MISTAKES = 20
MOST = 2 ** 64
ACTIONS = ("raise", "lower", "none", "end", "signature", "override", "guard")
MOST_STEPS = 16  # more than any ladder has
TIME = re.compile(r"2\d{3}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z")


# What older files do not have.
ADDED = {"unheld_ms": 0, "decisions_lost": 0}


class BadIncident(Exception):
    """The file is no incident; the text says where and why, a line for each mistake."""


class Of:
    """Something of a specification."""

    def __init__(self, spec):
        self.spec = spec


class List(Of):
    """A list of any length."""


class Map(Of):
    """An object whose keys are names."""


class Maybe(Of):
    """Null, or that."""


def text(value):
    return None if isinstance(value, str) else "must be a string"


def word(value):
    return None if isinstance(value, str) and value.strip() else "must be a string that is not empty"


def one_of(*names):
    wanted = ", ".join(f'"{name}"' for name in names)
    return lambda value: None if isinstance(value, str) and value in names else f"must be one of {wanted}"


def number(low, high):
    def check(value):
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            return "must be a number"
        if not low <= value <= high or not math.isfinite(value):
            return f"must be from {low} to {high}"
        return None
    return check


def whole(high):
    def check(value):
        if isinstance(value, bool) or not isinstance(value, int):
            return "must be a whole number"
        return None if 0 <= value <= high else f"must be from 0 to {high}"
    return check


def time_of(value):
    """The moment that a string of RFC 3339 in UTC names; ValueError if none."""
    if not TIME.fullmatch(value):
        raise ValueError(value)
    return datetime.datetime.fromisoformat(value[:-1] + "+00:00")


def moment(value):
    wanted = 'must be a time such as "2025-06-12T03:15:02.000Z"'
    try:
        return None if isinstance(value, str) and time_of(value) else wanted
    except ValueError:
        return wanted


rate = number(0, MOST)
integer = whole(MOST - 1)
share = number(0, 1)
second = number(-3600, 1e8)
ESTIMATE = Maybe({"value": share, "low": share, "high": share, "method": text})
TALLY = {"packets": integer, "bytes": integer}

INCIDENT = {
    "format": one_of(FORMAT), "id": word, "zone": word, "domain": text,
    "mode": one_of("enforce", "observe"), "state": one_of("open", "cooling", "ended", "interrupted"),
    "began": moment, "detected": Maybe(moment), "mitigated": Maybe(moment), "ended": Maybe(moment),
    "time_to_detect_ms": Maybe(rate), "time_to_mitigate_ms": Maybe(rate), "unheld_ms": integer,
    "vectors": List({
        "name": word, "description": text, "limit_pps": rate, "limit_bps": rate,
        "limit_from": one_of("default", "configured", "learned", "event", "companion"), "peak_pps": rate, "peak_bps": rate,
        "share": share, "began": moment, "ended": Maybe(moment), "steps": List(word)}),
    "targets": List({"prefix": word, "hosts": integer, "share": share, "vectors": List(word)}),
    "hosts_peak": integer,
    "decisions_lost": integer,
    "decisions": List({
        "at": moment, "vector": word, "action": one_of(*ACTIONS),
        "step": Maybe(word), "before": Maybe(word), "seen": text, "rate_pps": rate, "limit_pps": rate,
        "passed_pps": rate, "why": text, "tried": List(word)}),
    "timeline": List({
        "s": second, "offered_pps": rate, "offered_bps": rate, "passed_pps": rate, "passed_bps": rate,
        "attack_pps": rate, "dropped": Map(rate), "observed_pps": rate, "hosts": integer, "step": whole(MOST_STEPS)}),
    "drops": Map(TALLY), "observed": Map(TALLY), "reasons": Map(word),
    "estimates": {"leak": ESTIMATE, "collateral": ESTIMATE},
    "features": List({"feature": word, "value": text, "share": share}),
    "signatures": List({
        "expression": word, "state": one_of("shadow", "enforced", "expired"), "attack_share": share,
        "clean_hits": integer, "clean_samples": integer, "from": moment, "until": Maybe(moment)}),
    "sources": {"seen": integer, "samples": integer, "top1_share": share, "top10_share": share,
                "families": Map(share)},
    "lost": Maybe(TALLY),
}


def mistakes(spec, value, where=""):
    """Yields a sentence for each place where the value is not what the specification says."""
    if isinstance(spec, Maybe):
        if value is not None:
            yield from mistakes(spec.spec, value, where)
    elif isinstance(spec, List):
        if not isinstance(value, list):
            yield f"{where}: must be a list"
            return
        for i, item in enumerate(value):
            yield from mistakes(spec.spec, item, f"{where}[{i}]")
    elif isinstance(spec, (Map, dict)):
        yield from mistakes_in_object(spec, value, where)
    elif (wrong := spec(value)) is not None:
        yield f"{where}: {wrong}"


def mistakes_in_object(spec, value, where):
    if not isinstance(value, dict):
        yield f"{where or 'the file'}: must be an object"
        return
    keys = spec if isinstance(spec, dict) else dict.fromkeys(value, spec.spec)
    for key, inner in keys.items():
        path = f"{where}.{key}" if where else key
        if key in value:
            yield from mistakes(inner, value[key], path)
        else:
            yield f"{path}: is missing"


def mistakes_between(incident):
    """What no single value shows: times that do not ascend, reasons without a sentence."""
    if incident["ended"] and time_of(incident["ended"]) < time_of(incident["began"]):
        yield "ended: must not be before began"
    if incident["mitigated"] and time_of(incident["mitigated"]) < time_of(incident["began"]):
        yield "mitigated: must not be before began"
    for name, found in incident["estimates"].items():
        if found and not found["low"] <= found["value"] <= found["high"]:
            yield f"estimates.{name}: must be from low to high"
    seconds = [row["s"] for row in incident["timeline"]]
    for i, (a, b) in enumerate(zip(seconds, seconds[1:])):
        if b <= a:
            yield f"timeline[{i + 1}].s: must be later than the one before"
    named = [*incident["drops"], *incident["observed"], *(r for row in incident["timeline"] for r in row["dropped"])]
    for reason in dict.fromkeys(named):
        if reason not in incident["reasons"]:
            yield f"reasons: has no sentence for {reason}"


def printable(line):
    """A line in which nothing acts on a terminal, not too long for one."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in line)[:300]


def no_constant(name):
    raise ValueError(f"{name} is not JSON")


def read(data):
    """The incident in the bytes of a file; raises BadIncident."""
    try:
        incident = json.loads(data.decode("utf-8"), parse_constant=no_constant)
    except RecursionError:
        raise BadIncident("not JSON: nested too deeply") from None
    except ValueError as error:
        raise BadIncident(f"not JSON: {error}") from None
    if isinstance(incident, dict) and incident.get("format") != FORMAT:
        found = json.dumps(incident.get("format"))
        raise BadIncident(f'format: is {printable(found[:60])}; this tool reads "{FORMAT}"')
    if isinstance(incident, dict):
        incident = {**ADDED, **incident}
    found = list(mistakes(INCIDENT, incident)) or list(mistakes_between(incident))
    if found:
        more = [f"... and {len(found) - MOST_MISTAKES} more"] if len(found) > MOST_MISTAKES else []
        raise BadIncident("\n".join([printable(line) for line in found[:MOST_MISTAKES]] + more))
    return incident
