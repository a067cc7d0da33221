#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""
Attacks and events that only look like one, labelled, by a virtual clock: what detection and countermeasures make of them.

    tests/e2e/scenarios.py [NAME...] [--live] [--list] [--json] [--build DIR] [--keep DIR]

Each scenario is a trace of seki-gen, replayed with default limits in one zone that enforces. Of each a line: how long it took
until the attack was detected and until what passed of it was below its limit again (ms after the attack had reached
its rate), leak (attack that passed after that) and collateral (legitimate packets that were dropped, of all), by the labels; how many incidents
and rises there were, how long after the attack's end the incident closed, and the steps used. The figures are the same on each run.
With --live some of them (scenarios_live.py), in real time through `seki run`, by shared memory; these depend on the machine.

What must hold stands beside: GOALS. Exit code: 1 if something does not.
"""
import argparse
import collections
import concurrent.futures
import datetime
import json
import math
import os
import subprocess
import sys
import tempfile

import scenarios_live

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
START = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)
PHASE = 3  # ms: ticks of 100 ms begin with a trace's first packet, and so a little after the attack
FROM, CLOSE = 30, 60  # seconds of peace before; the incident closes at most so long after
CONF = """
ports: ( { name = "outside"; device = "net_null0"; side = "outside"; peer = "inside"; macs = ["02:00:00:00:0a:01"]; },
         { name = "inside"; device = "net_null1"; side = "inside"; peer = "outside"; macs = ["02:00:00:00:0b:01"]; } );
zones: ( { name = "campus"; mode = "enforce"; prefixes = ["198.18.16.0/20", "2001:db8:51::/48"]; } );
state: { flows = 200000; };
telemetry: { enable = false; };
"""

# Name, what seki-gen is told, seconds that it lasts, and what incidents may be of. `times`: the rate, in limits of the level.
Scenario = collections.namedtuple("Scenario", "name words lasts vectors leak goal")
REFLECTION, OTHER = 0.1, 1.0  # leak in percent, at most
FAST, SLOW, NONE = (250, 300), (1200, 1200), None  # detected and mitigated within ms

REFLECTORS = "qotd chargen dns tftp portmap ntp netbios snmp xdmcp cldap slp ike rip ipmi openvpn mssql ssdp ard rdp " \
             "stun wsd ike_nat sip natpmp mdns coap bittorrent afs ubiquiti tp240 memcached vxworks steam quake plex " \
             "jenkins dvr crestron netis".split()
OVER = {"host": 32, "/24": 24, "/22": 22, "/20": 20, "v6-host": 64, "v6-64": 64, "v6-48": 48}  # bits of what is attacked
BULK = {"openvpn", "ike_nat", "stun", "rdp", "steam"}
FRAGMENTED = {"dns", "cldap", "snmp", "wsd"}  # of their packets a part are later fragments


def attack(name, words, vectors, leak=OTHER, goal=FAST, lasts=20):
    return Scenario(name, words.split(), lasts, set(vectors.split()), leak, goal)


def clean(name, words, lasts=30):
    return Scenario(name, words.split(), lasts, set(), None, NONE)


SCENARIOS = [attack(f"reflect_{v}", f"--scenario reflect --vector {v} --over host --pps {30000 if v in BULK else 6000 if v in FRAGMENTED else 3000}",
                    v + " fragment", REFLECTION) for v in REFLECTORS] + [
    attack(f"reflect_{v}_1.2", f"--scenario reflect --vector {v} --over host --pps {12000 if v in BULK else 2400 if v in FRAGMENTED else 1200}",
           v + " fragment", REFLECTION, SLOW, 8) for v in REFLECTORS] + [
    attack("syn_spoofed", "--scenario tcp_syn --sources spoofed --over host --pps 6000", "tcp_syn"),
    attack("syn_real", "--scenario tcp_syn --sources real --over host --pps 6000", "tcp_syn"),
    attack("synack", "--scenario tcp_synack --over host --pps 6000", "tcp_synack"),
    attack("ack_spoofed", "--scenario tcp_ack --sources spoofed --over host --pps 15000", "tcp_ack"),
    attack("rst", "--scenario tcp_finrst --over host --pps 6000", "tcp_finrst"),
    attack("udp_spoofed", "--scenario udp --sources spoofed --over host --pps 30000", "udp"),
    attack("udp_real", "--scenario udp --sources real --machines 200 --over host --pps 30000", "udp"),
    attack("icmp", "--scenario icmp_echo --over host --pps 3000", "icmp_echo"),
    attack("gre", "--scenario gre --over host --pps 15000", "gre"),
    attack("other", "--scenario other --over host --pps 15000", "other"),
    attack("fragment", "--scenario fragment --over host --pps 3000", "fragment"),
    attack("tcp_other", "--scenario tcp_other --over host --pps 3000", "tcp_other"),
    attack("icmp_error", "--scenario icmp_error --over host --pps 3000", "icmp_error"),
    attack("icmp_other", "--scenario icmp_other --over host --pps 3000", "icmp_other"),
    attack("udp_1.2", "--scenario udp --over host --pps 12000", "udp", OTHER, SLOW),
    attack("carpet_24", "--scenario carpet --over /24 --pps 12000", "ntp dns cldap memcached fragment", REFLECTION,
           SLOW),  # four vectors, each at 1.3 times its limit
    attack("carpet_22_ntp", "--scenario reflect --vector ntp --over /22 --pps 15000", "ntp", REFLECTION),
    attack("carpet_20_ntp", "--scenario reflect --vector ntp --over /20 --pps 15000", "ntp", REFLECTION),
    attack("carpet_48_ntp", "--scenario reflect --vector ntp --over v6-48 --pps 15000", "ntp", REFLECTION),
    attack("carpet_24_udp", "--scenario udp --over /24 --pps 100000", "udp", lasts=8),
    attack("carpet_22_syn", "--scenario tcp_syn --over /22 --pps 40000", "tcp_syn"),
    attack("tcp_data", "--scenario tcp_data --sources spoofed --over host --pps 15000", "tcp_data"),
    attack("carpet_22_1.2", "--scenario reflect --vector ntp --over /22 --pps 6000", "ntp", REFLECTION, SLOW),
    attack("carpet_24_syn_1.2", "--scenario tcp_syn --over /24 --pps 7600", "tcp_syn", OTHER, SLOW),
    attack("syn_1.2", "--scenario tcp_syn --sources spoofed --over host --pps 2400", "tcp_syn", OTHER, SLOW),
    attack("ack_1.2", "--scenario tcp_ack --sources spoofed --over host --pps 6000", "tcp_ack", OTHER, SLOW),
    attack("icmp_1.2", "--scenario icmp_echo --over host --pps 1200", "icmp_echo", OTHER, SLOW),
    attack("synack_1.2", "--scenario tcp_synack --over host --pps 2400", "tcp_synack", OTHER, SLOW),
    attack("rst_1.2", "--scenario tcp_finrst --over host --pps 2400", "tcp_finrst", OTHER, SLOW),
    attack("data_1.2", "--scenario tcp_data --sources spoofed --over host --pps 6000", "tcp_data", OTHER, SLOW),
    attack("tcp_other_1.2", "--scenario tcp_other --over host --pps 1200", "tcp_other", OTHER, SLOW),
    attack("icmp_error_1.2", "--scenario icmp_error --over host --pps 1200", "icmp_error", OTHER, SLOW),
    attack("icmp_other_1.2", "--scenario icmp_other --over host --pps 1200", "icmp_other", OTHER, SLOW),
    attack("other_1.2", "--scenario other --over host --pps 6000", "other", OTHER, SLOW),
    attack("gre_1.2", "--scenario gre --over host --pps 6000", "gre", OTHER, SLOW),
    attack("fragment_1.2", "--scenario fragment --over host --pps 1200", "fragment", OTHER, SLOW),
    attack("carpet_20_1.2", "--scenario reflect --vector ntp --over /20 --pps 6000", "ntp", REFLECTION, SLOW),
    attack("carpet_48_1.2", "--scenario reflect --vector ntp --over v6-48 --pps 6000", "ntp", REFLECTION, SLOW),
    attack("v6_host_ntp", "--scenario reflect --vector ntp --over v6-host --pps 3000", "ntp", REFLECTION),
    attack("v6_host_ntp_1.2", "--scenario reflect --vector ntp --over v6-host --pps 1200", "ntp", REFLECTION, SLOW),
    attack("v6_host_syn", "--scenario tcp_syn --over v6-host --pps 6000", "tcp_syn"),
    attack("v6_host_udp_1.2", "--scenario udp --over v6-host --pps 12000", "udp", OTHER, SLOW),
    attack("v6_host_icmp", "--scenario icmp_echo --over v6-host --pps 3000", "icmp_echo"),
    attack("v6_64_ntp", "--scenario reflect --vector ntp --over v6-64 --pps 4500", "ntp", REFLECTION),
    attack("v6_64_ntp_1.2", "--scenario reflect --vector ntp --over v6-64 --pps 1800", "ntp", REFLECTION, SLOW),
    attack("carpet_48_udp", "--scenario udp --over v6-48 --pps 300000", "udp", lasts=6),
    attack("carpet_48_syn", "--scenario tcp_syn --over v6-48 --pps 60000", "tcp_syn", lasts=10),
    attack("pulse_syn", "--scenario tcp_syn --over /22 --shape pulse --pps 40000", "tcp_syn", OTHER, FAST, 42),
    attack("pulse", "--scenario reflect --vector ntp --over /22 --shape pulse --pps 15000", "ntp", REFLECTION, FAST, 42),
    attack("rotate", "--scenario reflect --vector ntp --over /22 --shape rotate --pps 15000",
           " ".join(REFLECTORS) + " udp tcp_syn tcp_ack tcp_synack tcp_finrst icmp_echo gre fragment", OTHER, FAST, 30),
    attack("ramp", "--scenario reflect --vector ntp --over /22 --shape ramp --pps 15000", "ntp", REFLECTION, NONE, 60),
    clean("none", "--scenario none"),
    clean("flash", "--scenario flash"), clean("sale", "--scenario sale"), clean("sale_big", "--scenario sale --legit-pps 20000"),
    clean("sale_huge", "--scenario sale --legit-pps 40000 --rtt 300ms", 5), clean("speedtest", "--scenario speedtest"),
    clean("backup", "--scenario backup"), clean("resolver", "--scenario resolver"), clean("cgnat", "--scenario cgnat"),
    clean("game", "--scenario game"), clean("call", "--scenario call"), clean("scanner", "--scenario scanner")]


def ms(text):
    """A time of an incident, in milliseconds since the trace began."""
    when = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    return round((when - START).total_seconds() * 1000)


def run(argv):
    done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=900)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(argv)}: {done.stderr[-2000:]}")
    return done.stdout


class Labels:
    """What became of packets, by their labels: all of them; the attack's since it was mitigated; the others' in the incident."""

    def __init__(self, verdicts, labels, incident):
        self.offered, self.dropped = collections.Counter(), collections.Counter()
        since = {"A": incident and incident["mitigated"], "L": incident and incident["began"]}
        since = {label: ms(text) if text else math.inf for label, text in since.items()}
        until = {"A": math.inf, "L": ms(incident["ended"]) if incident and incident["ended"] else math.inf}
        self.then_offered, self.then_dropped = collections.Counter(), collections.Counter()
        with open(verdicts, encoding="ascii") as rows, open(labels, encoding="ascii") as of:
            next(rows)
            for row, label in zip(rows, of.read().strip()):
                _, time, _, verdict, _ = row.split("\t", 4)
                second, nanos = time.split(".")
                at = (int(second) - START.timestamp()) * 1000 + int(nanos) // 1000000
                then = label in since and since[label] <= at <= until[label]
                self.offered[label] += 1
                self.dropped[label] += verdict == "drop"
                self.then_offered[label] += then
                self.then_dropped[label] += then and verdict == "drop"

    def leak(self):
        n = self.then_offered["A"]
        return 100 * (n - self.then_dropped["A"]) / n if n else None

    def lost(self):
        n = self.then_offered["L"]
        return 100 * self.then_dropped["L"] / n if n else None


def one(scenario, build, where):
    """The figures of a scenario: a dictionary."""
    at = os.path.join(where, scenario.name)
    until = FROM + scenario.lasts
    with open(f"{at}.conf", "w", encoding="ascii") as conf:
        conf.write(CONF)
    run([f"{build}/tools/gen/seki-gen", "--out", f"{at}.pcap", "--labels", f"{at}.labels", "--seed", "1", "--from", str(FROM),
         "--until", str(until), "--seconds", str(until + CLOSE // 2), "--legit-pps", "3000", *scenario.words])
    told = json.loads(run([f"{build}/app/seki", "replay", "-c", f"{at}.conf", f"{at}.pcap", "--json", "--verdicts",
                           f"{at}.tsv"]))
    incidents = told["incidents"]
    first = incidents[0] if incidents else None
    mitigated = ms(first["mitigated"]) if first and first["mitigated"] else None
    labels = Labels(f"{at}.tsv", f"{at}.labels", first)
    for suffix in ("pcap", "tsv", "labels"):
        os.unlink(f"{at}.{suffix}")
    with open(f"{at}.json", "w", encoding="ascii") as out:
        json.dump(told, out)
    ended = [ms(i["ended"]) for i in incidents if i["ended"]]
    return {
        "name": scenario.name,
        "incidents": len(incidents),
        "vectors": sorted({v["name"] for i in incidents for v in i["vectors"]}),
        "targets": [t["prefix"] for i in incidents for t in i["targets"]],
        "detected_ms": ms(first["detected"]) - FROM * 1000 if first else None,
        "mitigated_ms": mitigated - FROM * 1000 if mitigated is not None else None,
        "leak": labels.leak(),
        "lost_then": labels.lost(),
        "collateral": 100 * labels.dropped["L"] / labels.offered["L"],
        "lost": labels.dropped["L"], "legitimate": labels.offered["L"],
        "closed_s": (max(ended) - until * 1000) / 1000 if ended and len(ended) == len(incidents) else None,
        "steps": scenarios_live.told_steps(incidents),
        "turns": scenarios_live.turns(incidents),
        "uneven": uneven(incidents),
        "estimates": first["estimates"] if first else None,
    }


def rises(result):
    """Times that something was raised from nothing, by vector."""
    count = collections.Counter()
    idle = collections.defaultdict(lambda: True)
    for step in result["steps"]:
        vector, what = step.split(":")
        if what == "end":
            idle[vector] = True
        elif what not in ("found", "none", "guard") and idle[vector]:
            idle[vector] = False
            count[vector] += 1
    return max(count.values(), default=0)


def uneven(incidents):
    """Seconds of timelines in which more is told of than came: each packet is passed, or dropped for one reason."""
    return [row["s"] for i in incidents for row in i["timeline"]
            if row["observed_pps"] > row["passed_pps"] or
            abs(row["passed_pps"] + sum(row["dropped"].values()) - row["offered_pps"]) > 1 + len(row["dropped"])]


def misses(scenario, result):
    """What does not hold, as sentences."""
    wrong = []
    if not scenario.vectors:
        return [f"{result['incidents']} incidents"] if result["incidents"] else []
    if result["incidents"] != 1:
        wrong.append(f"{result['incidents']} incidents")
    if not result["incidents"]:
        return wrong
    others = set(result["vectors"]) - scenario.vectors
    if others:
        wrong.append(f"vectors {' '.join(sorted(others))}")
    narrowest = OVER[scenario.words[scenario.words.index("--over") + 1]]
    wrong += [f"target {target} is wider than what is attacked" for target in result["targets"]
              if int(target.split("/")[1]) < narrowest]
    for what, goal in zip(("detected_ms", "mitigated_ms"), scenario.goal or ()):
        if result[what] is None or result[what] - PHASE > goal:
            wrong.append(f"{what.replace('_ms', '')} > {goal} ms")
    if result["leak"] is None or result["leak"] > scenario.leak:
        wrong.append(f"leak > {scenario.leak} %")
    if result["closed_s"] is None or result["closed_s"] > CLOSE:
        wrong.append(f"not closed within {CLOSE} s")
    if result.get("turns"):
        wrong.append(f"raised again {result['turns']} times after it had been lowered")
    if result.get("uneven"):
        wrong.append(f"second {result['uneven'][0]} of the timeline does not add up")
    if rises(result) > 1:
        wrong.append(f"{rises(result)} rises")
    estimate = (result["estimates"] or {}).get("leak")
    if not estimate:
        wrong.append("no estimate of leak")
    if estimate and result["leak"] is not None and not estimate["low"] - 1e-4 <= result["leak"] / 100 <= estimate["high"] + 1e-4:
        wrong.append(f"leak is not within its estimate ({100 * estimate['low']:.3f} to {100 * estimate['high']:.3f} %)")
    estimate = (result["estimates"] or {}).get("collateral")
    lost = result.get("lost_then", result["collateral"])
    if estimate and lost is not None and not estimate["low"] - 1e-6 <= lost / 100 <= estimate["high"] + 1e-6:
        wrong.append(f"collateral of {lost:.4f} % is not within its estimate (to {100 * estimate['high']:.4f} %)")
    return wrong


def live_ones():
    return [scenario for scenario in SCENARIOS if scenario.name in scenarios_live.NAMES]


def shown(value, form):
    return "-" if value is None else format(value, form)


def line(result, wrong):
    steps = " ".join(result["steps"])
    return (f"{result['name']:<18} {shown(result['detected_ms'], 'd'):>7} {shown(result['mitigated_ms'], 'd'):>7} "
            f"{shown(result['leak'], '.3f'):>8} {result['collateral']:>9.4f} {result['incidents']:>4} {rises(result):>5} "
            f"{shown(result['closed_s'], '.0f'):>6}  {steps[:60]}{'...' if len(steps) > 60 else ''}"
            + "".join(f"\n{'':>18} MISSED: {sentence}" for sentence in wrong))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help="scenarios, or beginnings of their names; all of them")
    parser.add_argument("--live", action="store_true", help="through `seki run`, in real time")
    parser.add_argument("--list", action="store_true", help="say which there are")
    parser.add_argument("--json", action="store_true", help="figures as JSON")
    parser.add_argument("--build", default=os.path.join(ROOT, "build"), help="the build directory")
    parser.add_argument("--keep", metavar="DIR", help="leave reports and configurations there")
    parser.add_argument("--jobs", type=int, default=1)
    args = parser.parse_args()
    run_one, some = (scenarios_live.one, live_ones()) if args.live else (one, SCENARIOS)
    chosen = [s for s in some if not args.names or any(s.name.startswith(name) for name in args.names)]
    if args.list or not chosen:
        print("\n".join(s.name for s in some))
        return 0 if args.list else 2
    head = f"{'scenario':<18} {'detect':>7} {'mitig.':>7} {'leak %':>8} {'collat. %':>9} {'inc.':>4} {'rises':>5} {'closed':>6}  steps"
    if not args.json:
        print(head, flush=True)
    results, bad = [], 0
    with tempfile.TemporaryDirectory() as scratch, concurrent.futures.ThreadPoolExecutor(1 if args.live else args.jobs) as pool:
        for scenario, result in zip(chosen, pool.map(lambda s: run_one(s, args.build, args.keep or scratch), chosen)):
            wrong = misses(scenario, result)
            bad += bool(wrong)
            results.append(result | {"missed": wrong})
            if not args.json:
                print(line(result, wrong), flush=True)
    lost, all_legit = sum(r["lost"] for r in results), sum(r["legitimate"] for r in results)
    if args.json:
        print(json.dumps(results, indent=1))
    else:
        print(f"\n{len(results)} scenarios, {bad} miss a goal; collateral over all {100 * lost / all_legit:.4f} % "
              f"({lost:,} of {all_legit:,}; goal 0.01 %)")
    return 1 if bad or lost > all_legit / 10000 else 0


if __name__ == "__main__":
    sys.exit(main())
