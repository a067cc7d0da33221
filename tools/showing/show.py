# SPDX-License-Identifier: BSD-3-Clause
"""The show: peace, a carpet bombing, peace; then what came of it and where it is kept."""
import argparse
import collections
import json
import os
import sys
import textwrap
import time

from showing import outcome, told
from showing.keep import keep
from showing.screen import Screen, clock
from showing.stage import Stage, StageError
from showing.watch import Stopped, Watch

LEGIT_PPS, ATTACK_PPS = 5000, 100000

# Seconds of the traffic. After the attack it lasts as long as an incident takes to close: Seki guards for 10 s more, or
# for twice the longest pause of a vector: fragments come with the first vectors and with the last.
Plan = collections.namedtuple("Plan", "attack_from attack_until end")
FULL, QUICK = Plan(30, 60, 86), Plan(3, 9, 34)

CLOSE_S = 45  # beyond the traffic's end: as long as it guards at most

TRY_NEXT = """
{bold}What to try next{off}
  less {out}/seki.log
  tools/demo --conf {out}/demo.conf
      after you have changed it: with "observe" for "enforce" everything passes
  {build}/app/seki replay -c {out}/demo.conf YOUR.pcap --incidents {out}
      your own capture through the same detection: put your networks into "prefixes" first
  {build}/app/seki check conf/seki.conf
      the configuration to start your own from; README.md says how to put Seki before a router
"""


class Show:
    """One run: two processes, a screen, and what is remembered between lines."""

    def __init__(self, stage, screen, plan):
        self.stage, self.screen, self.plan = stage, screen, plan
        self.began = None  # the clock at the traffic's beginning, as far as its lines tell
        self.first_decision = None
        self.known = set()

    def phase(self, at):
        if at <= self.plan.attack_from:
            return "peace"
        return "carpet bombing" if at <= self.plan.attack_until else "peace again"

    def posture(self):
        """(state, steps that are raised) of the newest incident, as its file says."""
        incidents = told.incidents_in(self.stage.dir)
        if not incidents:
            return "", {}
        return incidents[-1]["state"], told.steps_now(incidents[-1])

    def on_second(self, second):
        now = time.monotonic()
        self.began = self.began or now - second.at
        self.screen.second(second, self.phase(second.at), *self.posture())

    def on_decision(self, incident, text):
        now = time.monotonic()
        at = now - (self.began or now)
        self.first_decision = self.first_decision or at
        if incident not in self.known:
            self.known.add(incident)
            self.screen.decision(at, f"incident {incident}")
        self.screen.decision(at, text)

    def take(self, told_now):
        """A line of either. True: seki-gen has ended."""
        name, line = told_now
        if line is None:
            return True
        second = told.second_of(line) if name == "seki-gen" else None
        decision = told.decision_of(line) if name == "seki" else None
        if second:
            self.on_second(second)
        elif decision:
            self.on_decision(*decision)
        return False

    def run(self, conf):
        stage, plan = self.stage, self.plan
        stage.start_seki(conf)
        self.introduce()
        stage.start_gen(["--scenario", "carpet", "--over", "/22", "--shape", "rotate", "--legit-pps", LEGIT_PPS,
                         "--attack-pps", ATTACK_PPS, "--seconds", plan.end,
                         "--from", plan.attack_from, "--until", plan.attack_until])
        while not self.take(stage.next(60) or self.fail_silent()):
            pass
        limit = time.monotonic() + CLOSE_S
        while not all(map(told.is_over, told.incidents_in(stage.dir))) and time.monotonic() < limit:
            line = stage.next(0.2)
            if line:
                self.take(line)
        stage.stop_seki()
        self.screen.close()

    def introduce(self):
        stage, plan, head = self.stage, self.plan, self.screen.style("live     ", "bold")
        times = f"{clock(plan.attack_from)} to {clock(plan.attack_until)}"
        self.screen.say(f"  {head} seki on CPU {stage.packets}, seki-gen on CPU {stage.gen}, shared memory between them\n"
                        f"            {LEGIT_PPS:,} ordinary packets a second for {plan.end} s; from {times}\n"
                        f"            {ATTACK_PPS:,} of an attack, {ATTACK_PPS // 1024} for each host\n")

    @staticmethod
    def fail_silent():
        raise StageError("neither seki nor seki-gen has said anything for a minute")

    def detected_ms(self):
        """From the attack's first packet to Seki's first decision, by this process's clock."""
        if self.first_decision is None:
            return None
        return max(0, 1000 * (self.first_decision - self.plan.attack_from))


def tell(show, gen, incidents):
    screen = show.screen
    main = max(incidents, key=lambda incident: sum(v["share"] * v["peak_pps"] for v in incident["vectors"]))
    screen.say()
    screen.say("\n".join(outcome.table(gen, main, show.detected_ms(), screen.style, screen.width())))
    if len(incidents) > 1:
        screen.say(f"\n  There were {len(incidents)} incidents; this is the largest one.")
    note = "Seki knows no labels: what it says is an estimate. Leak is of what came after it had mitigated the attack."
    if main["mode"] == "observe":
        note = "Seki only observed: nothing was dropped, and what it says is what enforcing would have made of it."
    screen.say(f"\n  {screen.style(note, 'dim')}")
    late = outcome.busy(gen)
    if late:
        lines = textwrap.wrap(late, min(100, screen.width()) - 2)
        screen.say("\n".join(f"  {screen.style(line, 'yellow')}" for line in lines))


def tell_places(screen, build, kept):
    out, previous, reports = kept
    bold, off = ("\033[1m", "\033[0m") if screen.rich else ("", "")
    screen.say(f"\n{bold}The after-action report, in English and Japanese{off}")
    for report in reports:
        screen.say(f"  {out}/{report}")
    screen.say(f"\n{bold}Where the rest is{off}, all in {out}/\n"
               "  <incident>.json  what the report is made of (docs/incident.md)\n"
               "  seki.log         what Seki said\n"
               "  counters.txt     every packet accounted for, and a sentence for every reason\n"
               "  seki-gen.json    what was offered and what passed, by label\n"
               f"  demo.conf        the configuration; the next demo keeps it in {out}.previous")
    if previous:
        screen.say(f"\n  What was in {out} before is in {previous}, with what you changed there.")
    screen.say(TRY_NEXT.format(bold=bold, off=off, out=out, build=build).rstrip("\n"))


def perform(args, watch):
    plan = QUICK if args.quick else FULL
    with open(args.conf, encoding="utf-8") as file:
        conf = file.read()
    screen = Screen((ATTACK_PPS * 1.1, LEGIT_PPS * 1.5))
    with Stage(args.build, watch) as stage:
        show = Show(stage, screen, plan)
        try:
            show.run(conf)
        finally:
            screen.close()
        with open(stage.path("seki-gen.json"), encoding="utf-8") as file:
            gen = json.load(file)
        incidents = told.incidents_in(stage.dir)
        if not incidents:
            raise StageError("Seki saw no attack: there is no incident")
        tell(show, gen, incidents)
        tell_places(screen, args.build, keep(args.build, stage, conf, incidents))


def main(argv):
    parser = argparse.ArgumentParser(prog="tools/demo")
    parser.add_argument("--build", required=True)
    parser.add_argument("--conf", default="conf/demo.conf")
    parser.add_argument("--quick", action="store_true")
    args = parser.parse_args(argv)
    watch = Watch()
    try:
        perform(args, watch)
    except Stopped as stopped:
        print()
        return stopped.exit_code
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or the flush at exit fails again
        return 128 + 13
    except (StageError, OSError) as error:
        print(f"\ntools/demo: {error}", file=sys.stderr)
        return 1
    return 0
