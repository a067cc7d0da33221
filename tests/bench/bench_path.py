# SPDX-License-Identifier: BSD-3-Clause
"""
cold_lines: how many cache lines a packet touches that the caches do not hold, counted by cachegrind (not measured: the
machine may be busy) on the packet path without ports, bench_path. A run of twice as many packets less one of so many
leaves what packets cost, without the start.

The caches are those of a server core: 48 KB of L1 and 2 MB of L2, so "cold" is what comes from L3 or memory.
"""
import os
import re
import subprocess

N_FLOWS = 1 << 18
N_PACKETS = 320000
CACHES = ("--cache-sim=yes", "--D1=49152,12,64", "--LL=2097152,16,64", "--cachegrind-out-file=/dev/null")
# What valgrind can run has no AVX-512.
CPU = "x86-64-v3"
TRAFFIC = {"established4": "a segment of one of 262,144 IPv4 connections",
           "established6": "the same, IPv6",
           "flood4": "a packet of a source that is new, beside them",
           "flood6": "the same, IPv6"}


def built(root):
    """bench_path for valgrind."""
    where = os.path.join(root, "build-cold")
    for argv in ([] if os.path.exists(f"{where}/build.ninja") else [["meson", "setup", where, f"-Dcpu={CPU}"]]) + \
            [["ninja", "-C", where, "tests/bench/bench_path"]]:
        done = subprocess.run(argv, cwd=root, capture_output=True, text=True, timeout=900, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"{' '.join(argv)}: {done.stdout[-500:]}{done.stderr[-500:]}")
    return f"{where}/tests/bench/bench_path"


def misses(program, traffic, packets):
    """(of L1, of L2): lines read or written that they did not hold."""
    done = subprocess.run(["valgrind", "--tool=cachegrind", *CACHES, program, "cold", traffic, str(N_FLOWS), str(packets)],
                          capture_output=True, text=True, timeout=1800, check=False)
    found = [re.search(rf"{cache} +misses: +([\d,]+)", done.stderr) for cache in ("D1", "LLd")]
    if done.returncode != 0 or None in found:
        raise RuntimeError(f"cachegrind: {done.stderr[-500:]}")
    return [int(match[1].replace(",", "")) for match in found]


def cold_lines(given, say):
    program = built(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
    results = []
    for traffic, about in TRAFFIC.items():
        once, twice = misses(program, traffic, N_PACKETS), misses(program, traffic, 2 * N_PACKETS)
        l1, l2 = ((b - a) / N_PACKETS for a, b in zip(once, twice))
        say(f"cold_lines: {about}: {l2:.2f} cold lines, {l1:.2f} that L1 does not hold")
        results.append({"name": f"cold_{traffic}", "value": l2, "unit": "lines", "reference": "not in L1",
                        "reference_value": l1, "ratio": l1 / l2 if l2 > 0 else 0, "goal": None, "holds": None})
    return results
