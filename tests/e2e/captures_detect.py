#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""
Real captures through detection: every attack must open an incident that names its vector, no benign capture may open one.

    tests/e2e/captures_detect.py [--build DIR] [FOLDER]

Each is replayed with one zone around what it protects, that enforces. For an attack the limits are in proportion: a host may
have a tenth of what the capture holds in its busiest second; where it is a flood of requests in known connections, so may the zone as a
whole. Benign captures have the default limits. The captures are not part of the project; without them there is nothing to do. Exit code: 1 if something is not as it must be.
"""
import argparse
import collections
import os
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path[:0] = [os.path.join(ROOT, "tools"), os.path.join(ROOT, "tests", "support")]

import manifest  # noqa: E402
import replays  # noqa: E402

# By the manifest's family: vectors of which one must be named.
NAMED = {
    "fragment-flood": {"fragment"},
    "icmp-flood": {"icmp_error"},
    "ip-protocol-scan": {"other"},
    "ipv6-exthdr-flood": {"other", "icmp_echo"},
    "scan": {"tcp_syn"},
    "tcp-ack-out-of-state": {"tcp_ack"},
    "tcp-flag-anomaly-scan": {"tcp_finrst", "tcp_other"},
    "tcp-reflection": {"tcp_synack"},
    "tcp-syn-flood": {"tcp_syn"},
    "udp-flood": {"udp"},
    "udp-reflection-dns": {"dns"},
    "udp-reflection-snmp": {"snmp"},
    "udp-reflection-ssdp": {"ssdp"},
    "udp-scan": {"udp"},
    # What is refused of floods in complete connections is requests for more of them.
    "http-flood": {"tcp_syn"},
    "slow-http": {"tcp_syn"},
}
# Packets of known connections, which no limit of strangers holds: the zone states what it can take.
KNOWN = {"http-flood"}
PART = 10  # of its busiest second a host may have


def busiest_second(job):
    """Inbound packets in the busiest second of a replay."""
    seconds = collections.Counter(row[1].split(".")[0] for row in job.rows() if row[2] == "inbound")
    return max(seconds.values(), default=0)


def with_limits(job):
    """The same capture, where a host may have a part of its busiest second."""
    limit = max(1, busiest_second(job) // PART)
    limits = f'detection: {{ limits = ( {{ vector = "all"; host = "{limit} pps"; zone = "{limit} pps"; }} ); }};\n'
    text = job.text
    if job.info["family"] in KNOWN:
        text = text.replace('name = "protected";', f'name = "protected"; capacity_pps = "{limit} pps";')
    return replays.Job(job.name, job.capture, limits + text, job.info)


def named(job):
    return sorted({vector["name"] for incident in job.report["incidents"] for vector in incident["vectors"]})


def verdict(job):
    """What is wrong with it; empty: nothing."""
    vectors, family = named(job), job.info["family"]
    if job.info["kind"] == "benign":
        return f"an incident of {' '.join(vectors)}" if vectors else ""
    wanted = NAMED[family]
    return "" if wanted & set(vectors) else f"wanted {' or '.join(sorted(wanted))}, got {' '.join(vectors) or 'no incident'}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default=os.path.join(ROOT, "build"))
    parser.add_argument("folder", nargs="?", default=manifest.default_dir(), help="where MANIFEST.tsv is")
    args = parser.parse_args()
    if not os.path.exists(os.path.join(args.folder, "MANIFEST.tsv")):
        print(f"captures_detect: there are no captures in {args.folder}")
        return 0
    seki, bad = os.path.join(args.build, "app", "seki"), 0
    jobs = manifest.jobs(args.folder, ("attack", "benign"))
    for job in jobs:
        job.text = job.text.replace(replays.STANDING, "")
    with tempfile.TemporaryDirectory() as where:
        replays.run(seki, jobs, where)
        attacks = [with_limits(job) for job in jobs if job.info["kind"] == "attack"]
        benign = [job for job in jobs if job.info["kind"] == "benign"]
        replays.run(seki, attacks, os.path.join(where))
    for job in attacks + benign:
        wrong = verdict(job)
        bad += bool(wrong)
        if wrong or job.info["kind"] == "attack":
            first = job.report["incidents"][0] if job.report["incidents"] else None
            print(f"{job.info['kind']:<7} {job.info['family']:<22} {job.name[:52]:<52} "
                  f"{' '.join(named(job)) or '-':<24} {first['time_to_detect_ms'] if first else '-'!s:>5} ms"
                  f"{'  WRONG: ' + wrong if wrong else ''}")
    print(f"{len(attacks)} attacks, {len(benign)} benign captures, {bad} not as they must be")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
