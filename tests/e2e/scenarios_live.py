# SPDX-License-Identifier: BSD-3-Clause
"""
Scenarios live: `seki run` and seki-gen as two processes with shared memory (memif) between them, in real time. The same
figures as scenarios.py has of replays, by seki-gen's own count of labels; those depend on the machine.
"""
import collections
import glob
import json
import os
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path[:0] = [os.path.join(ROOT, "tests", "support"), os.path.join(ROOT, "tools")]

import gentrace  # noqa: E402
import seki as seki_support  # noqa: E402
from showing import outcome  # noqa: E402

NAMES = ("reflect_ntp", "syn_spoofed", "udp_spoofed", "icmp", "fragment", "reflect_ntp_1.2", "carpet_22_ntp", "carpet_48_ntp", "rotate",
         "none", "flash", "resolver", "scanner")
FROM, MOST = 30, 20  # seconds of peace before, in which what is usual is learned; and of the scenario at most
CLOSES = 40         # seconds within which its incident ends
MEMIF = "net_memif{n},role={role},id=0,socket={where}/{side}.sock,socket-abstract=no"


def device(role, where, n):
    return MEMIF.format(role=role, where=where, side=("out", "in")[n], n=n)


def config(where, prefixes):
    zone = {"name": "campus", "mode": "enforce", "prefixes": prefixes}
    return {"ports": seki_support.pair(device("server", where, 0), device("server", where, 1)),
            "cores": {"main": 0, "rxtx": [os.cpu_count() - 1]}, "zones": [zone], "state": {"flows": 200000},
            "detection": {"incidents": os.path.join(where, "incidents")}}


def generate(build, where, scenario, peace, most):
    """seki-gen's report."""
    until = peace + min(scenario.lasts, most)
    words = [f"{build}/tools/gen/seki-gen", "live", "--json", "--device", device("client", where, 0), "--device2",
             device("client", where, 1), "--seed", "1", "--from", peace, "--until", until, "--seconds", until + 1, "--legit-pps",
             3000, *scenario.words]
    done = subprocess.run(list(map(str, words)), capture_output=True, text=True, check=False, timeout=120)
    if done.returncode != 0:
        raise RuntimeError(f"seki-gen: {done.stderr[-2000:]}")
    return json.loads(done.stdout)


def incidents_in(where):
    found = []
    for path in sorted(glob.glob(f"{where}/incidents/*.json")):
        with open(path, encoding="utf-8") as file:
            found.append(json.load(file))
    return found


def wait_until_over(where):
    end = time.monotonic() + CLOSES
    while time.monotonic() < end and any(i["state"] in ("open", "cooling") for i in incidents_in(where)):
        time.sleep(0.5)


def after(text, began):
    """Seconds from `began` to a time of an incident; None: there is none of them."""
    return None if text is None or began is None else outcome.instant(text).timestamp() - began


def to_ms(seconds):
    return None if seconds is None else round(1000 * seconds)


def told_steps(incidents):
    """What was decided, as "vector:step"; what was found, and whatever has no step, by its own name."""
    return [f"{d['vector']}:{'found' if d['action'] == 'signature' else d['step'] or d['action']}" for i in incidents for d in i["decisions"]]


def turns(incidents):
    """How often a vector was raised again after it had been lowered, most of any: each time is one rise too many."""
    count, fell = collections.Counter(), set()
    for decision in (d for i in incidents for d in i["decisions"]):
        if decision["action"] in ("lower", "end"):
            fell.add(decision["vector"])
        elif decision["action"] == "raise" and decision["vector"] in fell:
            count[decision["vector"]] += 1
            fell.discard(decision["vector"])
    return max(count.values(), default=0)


def one(scenario, build, where, peace=FROM, most=MOST, wait=True):
    """The figures of a scenario: a dictionary, as scenarios.one has it. `wait`: until its incident is over."""
    where = os.path.join(os.path.realpath(where), scenario.name)
    os.makedirs(os.path.join(where, "incidents"), exist_ok=True)
    with seki_support.Seki(f"{build}/app/seki", config(where, [gentrace.INSIDE4, gentrace.INSIDE6]), where):
        gen = generate(build, where, scenario, peace, most)
        if wait:
            wait_until_over(where)
        time.sleep(1.5)  # a file is a second old at most
        incidents = incidents_in(where)
    first = incidents[0] if incidents else None
    began = gen["attack_began"]
    ended = [after(i["ended"], began) for i in incidents if i["ended"]]
    length = len(gen["attack_tenths"]) / 10
    return {
        "name": scenario.name,
        "incidents": len(incidents),
        "vectors": sorted({v["name"] for i in incidents for v in i["vectors"]}),
        "targets": [t["prefix"] for i in incidents for t in i["targets"]],
        "detected_ms": to_ms(after(first["detected"], began)) if first else None,
        "mitigated_ms": to_ms(after(first["mitigated"], began)) if first else None,
        "leak": outcome.leak_since(gen, first) if first else None,
        "collateral": 100 * gen["legitimate"]["dropped"] / gen["legitimate"]["offered"],
        "lost": gen["legitimate"]["dropped"], "legitimate": gen["legitimate"]["offered"],
        "attack_dropped": gen["attack"]["dropped"], "attack": gen["attack"]["offered"],
        "closed_s": max(ended) - length if ended and len(ended) == len(incidents) else None,
        "steps": told_steps(incidents),
        "turns": turns(incidents),
        "estimates": None if first is None else first["estimates"],
        "late": gen["late"], "worst_late_ms": gen["worst_late_ms"],
    }
