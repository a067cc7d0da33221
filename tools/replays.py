# SPDX-License-Identifier: BSD-3-Clause
"""Many captures through `seki replay --list`: few processes, since starting DPDK costs more than most captures do."""
import json
import os
import subprocess
from concurrent.futures import ThreadPoolExecutor

PORTS = """ports: (
  {{ name = "outside"; device = "net_null0"; side = "outside"; peer = "inside"; mtu = {mtu}; {macs} }},
  {{ name = "inside"; device = "net_null1"; side = "inside"; peer = "outside"; mtu = {mtu}; }}
);
telemetry: {{ enable = false; }};
"""

# Modes apart from the zone's settings, so that those may be of the same countermeasures.
STANDING = """countermeasures: {
  reflection: { mode = "enforce"; }; fragment: { mode = "enforce"; };
  tcp_state: { mode = "enforce"; }; source_limit: { mode = "enforce"; };
};
"""

ZONE = """zones: (
  {{
    name = "protected";
    mode = "enforce";
    prefixes = [{prefixes}];
    {services}
    countermeasures: {{ {countermeasures} }};
  }}
);
"""


def config(prefixes, mtu=1500, outside_macs=(), countermeasures='antispoof: { mode = "enforce"; };', services=()):
    """
    One enforcing zone over `prefixes`, in which countermeasures have their defaults, but stand and wait for no incident;
    frames from `outside_macs` are inbound.
    """
    macs = "macs = [" + ", ".join(f'"{mac}"' for mac in outside_macs) + "];" if outside_macs else ""
    return PORTS.format(mtu=mtu, macs=macs) + STANDING + ZONE.format(
        prefixes=", ".join(f'"{p}"' for p in prefixes), countermeasures=countermeasures,
        services="services = [" + ", ".join(f'"{s}"' for s in services) + "];" if services else "")


class Job:
    """One capture with its configuration, and after run() what came of it."""

    def __init__(self, name, capture, text, info=None, tuning=""):
        self.name = name
        self.capture = str(capture)
        self.text = text
        self.info = info or {}
        self.tuning = tuning  # "burst=7 cores=2"
        self.conf = self.verdicts = self.clean = self.json = None
        self.report = None  # the JSON, None if there is none: it crashed or could not be read

    def rows(self):
        """(number, time, direction, verdict, reason, zone) of each packet, as text."""
        with open(self.verdicts, encoding="utf-8") as file:
            next(file)
            return [line.rstrip("\n").split("\t") for line in file]


class Failure(Exception):
    """A process of seki ended badly; the text says which captures it had in hand."""


def write_jobs(jobs, where, clean):
    """Gives every job its files; neighbours with one configuration share it, and so its compilation."""
    last = None
    for number, job in enumerate(jobs):
        stem = os.path.join(where, f"{number:04d}")
        job.verdicts, job.json, job.report = stem + ".tsv", stem + ".json", None
        job.clean = stem + ".pcap" if clean else None
        job.conf = last.conf if last and last.text == job.text else stem + ".conf"
        last = job
        if os.path.exists(job.json):
            os.unlink(job.json)
        with open(job.conf, "w", encoding="utf-8") as file:
            file.write(job.text)


def deal(jobs, n):
    """`n` lists of about equal length; jobs that share a configuration stay together."""
    hands = [[] for _ in range(n)]
    turn = -1
    for number, job in enumerate(jobs):
        if number == 0 or job.conf != jobs[number - 1].conf:
            turn += 1
        hands[turn % n].append(job)
    return [hand for hand in hands if hand]


def run_list(seki, jobs, path, options):
    """One process over `jobs`. Returns a sentence if it failed, else None."""
    with open(path, "w", encoding="utf-8") as file:
        for job in jobs:
            fields = (job.conf, job.capture, job.verdicts, job.json, job.clean or "-", job.tuning)
            file.write("\t".join(fields if job.tuning else fields[:-1]) + "\n")
    done = subprocess.run([seki, "replay", "--list", path, *options], stdin=subprocess.DEVNULL,
                          stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, errors="replace", check=False)
    for job in jobs:
        if os.path.exists(job.json):
            with open(job.json, encoding="utf-8") as file:
                text = file.read()
            job.report = json.loads(text) if text.endswith("}\n") else None
    if done.returncode == 0:
        return None
    missing = next((job.name for job in jobs if job.report is None), "none")
    return f"seki replay ended with {done.returncode}; first capture without a report: {missing}\n{done.stderr[-4000:]}"


def run(seki, jobs, where, options=(), clean=False, processes=None):
    """Replays all jobs, in as many processes as there are CPUs. Raises Failure if one of them fails."""
    os.makedirs(where, exist_ok=True)
    write_jobs(jobs, where, clean)
    chunks = deal(jobs, processes or os.cpu_count() or 1)
    with ThreadPoolExecutor(len(chunks) or 1) as pool:
        failures = [text for text in pool.map(
            lambda at: run_list(seki, at[1], os.path.join(where, f"list-{at[0]}.txt"), list(options)),
            enumerate(chunks)) if text]
    if failures:
        raise Failure("\n".join(failures))
    return jobs
