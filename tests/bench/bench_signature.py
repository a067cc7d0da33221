# SPDX-License-Identifier: BSD-3-Clause
"""signature_match, signature_find: rounds of the program bench_signature."""
import os
import statistics
import subprocess

from interleave import result

LIMIT_MS = 5  # what finding may take of the management core


def rounds_of(given, mode):
    program = os.path.join(given.build, "tests/bench/bench_signature")
    if not os.path.exists(program):
        raise RuntimeError(f"{program} is not built: ninja -C {given.build}")
    done = subprocess.run(["taskset", "-c", str(os.cpu_count() - 1), program, mode, str(given.rounds)],
                          capture_output=True, text=True, timeout=600, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"bench_signature ended with {done.returncode}: {done.stderr.strip()}")
    return [tuple(map(float, line.split())) for line in done.stdout.splitlines()]


def match(given, say):
    say("signature_match: features read and three tests: nanoseconds a packet / of the filter by libpcap and rte_bpf")
    pairs = rounds_of(given, "match")
    for i, (ours, reference) in enumerate(pairs):
        say(f"  round {i + 1}: {ours} / {reference}")
    measured = (statistics.median(a for a, _ in pairs), statistics.median(b for _, b in pairs),
                statistics.median(a / b for a, b in pairs))
    return [result("signature_match", measured, "ns", "rte_bpf", less_is_better=True)]


def find(given, say):
    say(f"signature_find: the slowest of seven attacks, 512 samples against 1,024: milliseconds; limit {LIMIT_MS}")
    times = [ms for ms, in rounds_of(given, "find")]
    for i, ms in enumerate(times):
        say(f"  round {i + 1}: {ms}")
    worst = statistics.median(times)
    return [result("signature_find", (worst, LIMIT_MS, worst / LIMIT_MS), "ms", "limit", goal=1, less_is_better=True)]
