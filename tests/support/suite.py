# SPDX-License-Identifier: BSD-3-Clause
"""Runs every test there is, part by part, counts each, and ends with one line that says how it went.

A part is a function that takes the Score and adds to it; what is not there yet in a checkout (no fuzzers built, say) is
a failure of the part, never a silence. Exit code: 0 if nothing failed.
"""
import glob
import json
import os
import re
import subprocess
import sys
import time
import xml.etree.ElementTree as xml

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
FUZZ_SECONDS = int(os.environ.get("SEKI_FUZZ_SECONDS", "30"))
E2E_SECONDS = 2700  # at most: 20 minutes on two CPUs, twice that where others use them, too
LOGS = os.path.join(ROOT, "build-logs")


class Score:
    """What passed, failed and was skipped, in the order in which it ran."""

    def __init__(self):
        self.passed = 0
        self.failed = []
        self.skipped = []

    def ok(self, n=1):
        self.passed += n

    def fail(self, name, detail=""):
        self.failed.append(name)
        print(f"FAILED {name}")
        if detail:
            print("\n".join("    " + line for line in detail.rstrip().splitlines()[-60:]))

    def skip(self, name, why):
        self.skipped.append(name)
        print(f"skipped {name}: {why}")


def run(argv, timeout, env=None):
    """Runs a command in the root; returns (exit code, output). A command that takes too long has failed."""
    try:
        done = subprocess.run(argv, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=timeout, env={**os.environ, **(env or {})})
    except subprocess.TimeoutExpired as late:
        return 124, (late.stdout or b"").decode(errors="replace") + f"\nno end after {timeout} s"
    return done.returncode, done.stdout.decode(errors="replace")


def targets_of(where, suite):
    """The executables of the tests of a suite, as ninja calls them."""
    _, listed = run(["meson", "introspect", "--tests", where], 60)
    return [os.path.relpath(test["cmd"][0], where) for test in json.loads(listed)
            if any(name.split(":")[-1] == suite for name in test["suite"])]


def build(score, name, *options, env=None, suite=None):
    """Configures and builds build-<name>, or of it what the tests of `suite` need; returns its path or None."""
    where = os.path.join(ROOT, "build-" + name)
    configured = os.path.exists(os.path.join(where, "build.ninja"))
    argv = ["meson", "setup", where, "-Dwerror=true", *options] + (["--reconfigure"] if configured else [])
    code, out = run(argv, 120, env)
    if code == 0:
        code, out = run(["ninja", "-C", where] + (targets_of(where, suite) if suite else []), 900)
    if code != 0:
        score.fail(f"build {name}", out)
        return None
    score.ok()
    return where


def checks_of(text):
    """(run, bad) as libcheck counted them in a test's output; (1, 0) for a test of another kind."""
    counts = re.findall(r"Checks: (\d+), Failures: (\d+), Errors: (\d+)", text)
    if not counts:
        return 1, 0
    return sum(int(c[0]) for c in counts), sum(int(c[1]) + int(c[2]) for c in counts)


def meson_tests(score, where, label, suite=None):
    # Two at a time: some tests initialise EAL with a gigabyte.
    code, out = run(["meson", "test", "-C", where, "--no-rebuild", "--num-processes", "2", "--print-errorlogs"]
                    + (["--suite", suite] if suite else []), 900)
    log = os.path.join(where, "meson-logs", "testlog.json")
    before = score.passed + len(score.failed) + len(score.skipped)
    with open(log, encoding="utf-8") as lines:
        for test in map(json.loads, lines):
            name = f"{label} {test['name']}"
            text = test.get("stdout", "") + test.get("stderr", "")
            n, bad = checks_of(text)
            if test["result"] in ("OK", "EXPECTEDFAIL"):
                score.ok(n)
            elif test["result"] == "SKIP":
                score.skip(name, "it says so")
            else:
                score.ok(max(0, n - max(1, bad)))
                score.failed.extend([name] * (bad - 1))
                score.fail(name, text)
    if score.passed + len(score.failed) + len(score.skipped) == before:
        score.fail(f"{label}: no test ran", out)
    elif code != 0 and not any(f.startswith(label) for f in score.failed):
        score.fail(label, out)


def part_unit(score):
    where = build(score, "test", "-Dbuildtype=release")
    if where:
        meson_tests(score, where, "unit")


def part_sanitize(score):
    options = ("-Dbuildtype=debugoptimized", "-Db_ndebug=false", "-Db_lundef=false", "-Db_sanitize=address,undefined")
    where = build(score, "asan", *options)
    if where:
        meson_tests(score, where, "sanitized")
    # Tables have a way of their own for CPUs without AVX-512, which this machine's would not take.
    where = build(score, "portable", "-Dcpu=x86-64-v2", "-Dbench=false", *options, suite="two_ways")
    if where:
        meson_tests(score, where, "portable", suite="two_ways")


def seeds_of(where, name):
    """What a target starts from: the committed inputs, which libFuzzer only reads, and those that a seeder writes."""
    seeds = [s for s in [os.path.join(ROOT, "tests/fuzz/seeds", name)] if os.path.isdir(s)]
    seeder = os.path.join(where, "tests/fuzz/seed_" + name)
    if os.path.exists(seeder):
        made = os.path.join(where, "tests/fuzz/made_" + name)
        os.makedirs(made, exist_ok=True)
        code, out = run([seeder, made], 60)
        if code != 0:
            print(out)
            return []
        seeds.append(made)
    return [s for s in seeds if os.listdir(s)]


def part_fuzz(score):
    where = build(score, "fuzz", "-Dbench=false", "-Dbuildtype=debugoptimized", "-Db_lundef=false", "-Dfuzz=true",
                  "-Db_sanitize=address,undefined", env={"CC": "clang"})
    if not where:
        return
    targets = sorted(t for t in glob.glob(os.path.join(where, "tests/fuzz/fuzz_*"))
                     if os.path.isfile(t) and os.access(t, os.X_OK))
    if not targets:
        score.fail("fuzz: no target was built")
    for target in targets:
        name = os.path.basename(target)
        found = os.path.join(LOGS, name)
        os.makedirs(found, exist_ok=True)
        seeds = seeds_of(where, name.removeprefix("fuzz_"))
        if not seeds:
            score.fail(f"{name}: no seeds")
            continue
        code, out = run([target, f"-max_total_time={FUZZ_SECONDS}", "-timeout=120", "-rss_limit_mb=4096", "-verbosity=0",
                         "-print_final_stats=1", f"-artifact_prefix={found}/", found, *seeds], FUZZ_SECONDS + 120,
                        {"UBSAN_OPTIONS": "halt_on_error=1"})  # else it only says so
        runs = re.search(r"stat::number_of_executed_units: (\d+)", out)
        if code == 0 and runs and int(runs[1]) > 0:
            print(f"{name}: {runs[1]} inputs")
            score.ok()
        else:
            score.fail(name, out)


def part_docs(score):
    scripts = sorted(glob.glob(os.path.join(ROOT, "tests/docs/*.py")))
    if not scripts:
        score.fail("docs: no check is there")
    for script in scripts:
        code, out = run([sys.executable, script], 120)
        if code == 0:
            score.ok()
        else:
            score.fail(os.path.relpath(script, ROOT), out)


def part_format(score):
    # Headers line up their comments by hand, which clang-format would undo.
    _, listed = run(["git", "ls-files", "*.c"], 30)
    code, out = run(["clang-format", "--dry-run", "-Werror", *listed.split()], 120)
    if code == 0:
        score.ok()
    else:
        score.fail("format (clang-format -i the files named)", out)


def part_e2e(score):
    report = os.path.join(LOGS, "e2e.xml")
    if os.path.exists(report):
        os.unlink(report)
    binary = os.path.join(ROOT, "build-test/app/seki")
    if not os.path.exists(binary) and not build(score, "test", "-Dbuildtype=release"):
        return
    code, out = run([sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--junitxml", report, "tests/e2e"],
                    E2E_SECONDS, {"SEKI_BIN": binary})
    if not os.path.exists(report):
        score.fail("e2e", out)
        return
    for case in xml.parse(report).iter("testcase"):
        name = f"e2e {case.get('classname', '').split('.')[-1]}::{case.get('name')}"
        bad = case.find("failure") if case.find("failure") is not None else case.find("error")
        if bad is not None:
            score.fail(name, bad.text or bad.get("message", ""))
        elif case.find("skipped") is not None:
            score.skip(name, case.find("skipped").get("message", "no reason given"))
        else:
            score.ok()
    if code not in (0, 1):
        score.fail(f"e2e: pytest ended with {code}", out)


PARTS = {"unit": part_unit, "sanitize": part_sanitize, "docs": part_docs, "format": part_format, "e2e": part_e2e,
         "fuzz": part_fuzz}


def main(names):
    unknown = [n for n in names if n not in PARTS]
    if unknown:
        sys.exit(f"there is no part {unknown[0]}; parts are: {' '.join(PARTS)}")
    os.makedirs(LOGS, exist_ok=True)
    score = Score()
    for name in names or PARTS:
        start, passed, failed = time.monotonic(), score.passed, len(score.failed)
        print(f"== {name}", flush=True)
        PARTS[name](score)
        print(f"   {score.passed - passed} passed, {len(score.failed) - failed} failed, "
              f"{time.monotonic() - start:.0f} s", flush=True)
    for name in score.failed:
        print(f"failed: {name}")
    if score.skipped:
        print(f"{len(score.skipped)} skipped, each with its reason above")
    print(f"{score.passed} passed, {len(score.failed)} failed", flush=True)
    return 1 if score.failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
