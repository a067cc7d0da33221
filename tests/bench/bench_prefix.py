# SPDX-License-Identifier: BSD-3-Clause
"""prefix_load and lpm_lookup: rounds of the program bench_prefix, which measures both sides in turn."""
import os
import statistics
import subprocess

from interleave import result


def rounds_of(given, mode, say):
    """(medians as interleave() has them, the words of the other lines)."""
    program = os.path.join(given.build, "tests/bench/bench_prefix")
    if not os.path.exists(program):
        raise RuntimeError(f"{program} is not built: ninja -C {given.build}")
    done = subprocess.run(["taskset", "-c", str(os.cpu_count() - 1), program, mode, str(given.rounds)],
                          capture_output=True, text=True, timeout=600, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"bench_prefix ended with {done.returncode}: {done.stderr.strip()}")
    pairs, notes = [], {}
    for line in done.stdout.splitlines():
        first, second = line.split()
        if first.isalpha():
            notes[first] = int(second)
        else:
            pairs.append((float(first), float(second)))
            say(f"  round {len(pairs)}: {first} / {second}")
    return (statistics.median(a for a, _ in pairs), statistics.median(b for _, b in pairs),
            statistics.median(a / b for a, b in pairs)), notes


def load(given, say):
    say("prefix_load: 100,000 mixed prefixes to a compiled list table, seconds / rte_fib and rte_fib6 filled alone")
    measured, notes = rounds_of(given, "load", say)
    say(f"  the table takes {notes['bytes'] / 1e6:.0f} MB")
    return [result("prefix_load", measured, "s", "rte_fib + rte_fib6", goal=0.25, less_is_better=True)]


def lookup(given, say):
    say("lpm_lookup: one IPv4 lookup in bursts of 32 among 67,000 prefixes, nanoseconds / rte_lpm_lookup_bulk")
    measured, _ = rounds_of(given, "lookup", say)
    return [result("lpm_lookup", measured, "ns", "rte_lpm", goal=0.8, less_is_better=True)]
