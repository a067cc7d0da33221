# SPDX-License-Identifier: BSD-3-Clause
"""
detect_on: what detection costs the packet path, bench_path with and without it in turn. detect_tick: what a tick takes where
65,536 hosts of a zone are all busy, bench_detect, against the time that it may take; and the memory.
"""
import os
import statistics
import subprocess

from interleave import result

# Of the speed without it, at least.
ON_GOAL = 0.85
TICK_US, HOSTS = 5000.0, 65536
TICKS = (("2", "two vectors", "2"), ("8", "eight vectors", "8"), ("wide6", "two vectors, each in an IPv6 /64 of its own", "2", "6"))
TRAFFIC = {"established4": "segments of 65,536 IPv4 connections",
           "established6": "the same, IPv6",
           "flood4": "packets of strangers to 65,536 IPv4 hosts",
           "flood6": "the same, to IPv6 hosts, 16 in a /64",
           "floodwide6": "the same, to 65,536 /64, all of a /48"}


def lines(given, *words):
    """The numbers of each line that a program prints, on a CPU of its own."""
    program = os.path.join(given.build, "tests/bench", words[0])
    if not os.path.exists(program):
        raise RuntimeError(f"{program} is not built: ninja -C {given.build}")
    done = subprocess.run(["taskset", "-c", str(os.cpu_count() - 1), program, *words[1:]], capture_output=True, text=True,
                          timeout=900, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{words[0]} ended with {done.returncode}: {done.stderr.strip()}")
    return [tuple(map(float, line.split())) for line in done.stdout.splitlines()]


def on(given, say):
    results = []
    for traffic, about in TRAFFIC.items():
        say(f"detect_on: {about}: ns a packet with detection / without")
        # The first round finds memory that nobody has touched yet.
        rounds = [(a - g, b - g) for a, b, g in lines(given, "bench_path", traffic, "65536", str(given.rounds + 1), "-d")[1:]]
        for i, (ours, without) in enumerate(rounds):
            say(f"  round {i + 1}: {ours:.2f} / {without:.2f}")
        measured = (statistics.median(a for a, _ in rounds), statistics.median(b for _, b in rounds),
                    statistics.median(a / b for a, b in rounds))
        results.append(result(f"detect_on_{traffic}", measured, "ns", "without detection", goal=ON_GOAL, less_is_better=True))
    return results


def tick(given, say):
    results = []
    for name, about, *words in TICKS:
        say(f"detect_tick: {HOSTS} hosts, {about}: all of them attacked: microseconds a tick, and to copy the cells; MiB")
        rounds = lines(given, "bench_detect", str(HOSTS), str(given.rounds + 1), *words)[1:]
        for i, (ours, copy, memory) in enumerate(rounds):
            say(f"  round {i + 1}: {ours} / {copy}; {memory} MiB")
        value = statistics.median(a for a, _, _ in rounds)
        row = result(f"detect_tick_{name}", (value, TICK_US, value / TICK_US), "us", "what it may take", goal=1,
                     less_is_better=True)
        results.append({**row, "memory_mib": max(memory for _, _, memory in rounds)})
    return results
