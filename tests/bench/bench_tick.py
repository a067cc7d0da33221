# SPDX-License-Identifier: BSD-3-Clause
"""tick_lease: rounds of the program bench_tick, which measures both sides in turn."""
import os
import statistics
import subprocess

from interleave import result

# What comes in between two ticks, and how many times faster than a walk over everything the tick must be.
TRAFFIC = {"quiet": 3, "attack": 3, "mixed": 1}


def lease(given, say):
    program = os.path.join(given.build, "tests/bench/bench_tick")
    if not os.path.exists(program):
        raise RuntimeError(f"{program} is not built: ninja -C {given.build}")
    results = []
    for traffic, goal in TRAFFIC.items():
        say(f"tick_lease: 1,000 zones, 16 cores, {traffic}: microseconds a tick / of leasing every budget")
        done = subprocess.run(["taskset", "-c", str(os.cpu_count() - 1), program, traffic, str(given.rounds)],
                              capture_output=True, text=True, timeout=600, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"bench_tick ended with {done.returncode}: {done.stderr.strip()}")
        pairs = [tuple(map(float, line.split())) for line in done.stdout.splitlines()]
        for i, (ours, reference) in enumerate(pairs):
            say(f"  round {i + 1}: {ours} / {reference}")
        measured = (statistics.median(a for a, _ in pairs), statistics.median(b for _, b in pairs),
                    statistics.median(a / b for a, b in pairs))
        results.append(result(f"tick_lease_{traffic}", measured, "us", "every budget", goal=goal, less_is_better=True))
    return results
