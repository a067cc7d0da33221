# SPDX-License-Identifier: BSD-3-Clause
"""Which decisions an incident asks of people: (key, values) pairs for the words, the most urgent first.

Each follows from something in the file. Where nothing does, the list is empty, and the page says that too.
"""
from .incident import LAST_RESORT

MUCH_LEAK = 0.1  # of the attack, by the upper end of the estimate


def asks_of(incident, words):
    found = [interrupted(incident), unraised(incident, words), upstream(incident), enforce(incident, words), tell(incident, words),
             no_basis(incident), leak(incident, words), strict(incident, words), defaults(incident, words),
             override(incident), shadow(incident)]
    return [ask for ask in found if ask]


def interrupted(incident):
    return ("ask.interrupted", {}) if incident["state"] == "interrupted" else None


def unraised(incident, words):
    names = list(dict.fromkeys(decision["vector"] for decision in incident.unraised if incident.lets_through(decision)))
    return ("ask.unraised", {"zone": incident.zone, "vectors": words.vectors(names, 3)}) if names else None


def upstream(incident):
    known = incident["state"] != "interrupted"
    return ("ask.upstream", {}) if known and not incident.observes and not incident.held else None


def enforce(incident, words):
    if not incident.observes:
        return None
    packets, size = incident.tally("observed")
    return "ask.enforce", {"zone": incident.zone, "packets": words.numbers.count(packets),
                           "bytes": words.numbers.bytes(size)}


def tell(incident, words):
    lost = incident["lost"]
    if incident.observes or not lost or not lost["packets"]:
        return None
    return "ask.tell", {"packets": words.numbers.count(lost["packets"])}


def no_basis(incident):
    known = incident.observes or incident["estimates"]["collateral"] or incident["lost"]
    if known or incident.going_on or not incident.tally("drops")[0]:
        return None
    return "ask.no_basis", {"zone": incident.zone}


def leak(incident, words):
    estimate = incident["estimates"]["leak"]
    if incident.observes or not incident.held or not estimate or estimate["high"] <= MUCH_LEAK:
        return None
    return "ask.leak", {"zone": incident.zone, "share": words.numbers.share(estimate["high"])}


def strict(incident, words):
    names = incident.vectors_with(lambda vector: set(LAST_RESORT) & set(vector["steps"]))
    return ("ask.strict", {"vectors": words.vectors(names, 3)}) if names and not incident.observes else None


def defaults(incident, words):
    names = incident.vectors_with(lambda vector: vector["limit_from"] == "default")
    return ("ask.defaults", {"zone": incident.zone, "vectors": words.vectors(names, 3)}) if names else None


def override(incident):
    n = sum(decision["action"] == "override" for decision in incident.decisions)
    return ("ask.override", {"n": n}) if n else None


def shadow(incident):
    n = sum(signature["state"] == "shadow" for signature in incident["signatures"])
    return ("ask.shadow", {"n": n}) if n and not incident.observes else None
