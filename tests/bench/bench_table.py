# SPDX-License-Identifier: BSD-3-Clause
"""
table_*, digest_*, rate_update, sketch_update: rounds of the programs bench_table and bench_rate, which measure both
sides in turn. A reference that can be used in several ways is taken in its best, which is found over all rounds.
"""
import os
import statistics
import subprocess

from interleave import HugePages, result

ROUNDS_LEAST = 11
HUGE_MB = 6400


def run(given, say, program, *argv):
    """(rounds as lists of numbers, notes) that the program prints."""
    path = os.path.join(given.build, "tests/bench", program)
    if not os.path.exists(path):
        raise RuntimeError(f"{path} is not built: ninja -C {given.build}")
    done = subprocess.run(["taskset", "-c", str(os.cpu_count() - 1), path, *argv],
                          capture_output=True, text=True, timeout=3000, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{program} ended with {done.returncode}: {done.stderr.strip()}")
    rounds, notes = [], {}
    for line in done.stdout.splitlines():
        words = line.split()
        if words[0].isalpha():
            notes[words[0]] = float(words[1])
        else:
            rounds.append([float(word) for word in words])
            say(f"  round {len(rounds)}: {' '.join(words)}")
    return rounds, notes


def against_best(rounds):
    """As interleave() has it: ours, the best of the references, their ratio; medians over rounds."""
    medians = [statistics.median(column) for column in zip(*rounds)]
    best = min(range(1, len(medians)), key=lambda i: medians[i])
    return medians[0], medians[best], statistics.median(r[0] / r[best] for r in rounds)


def rounds_of(given):
    return str(max(given.rounds, ROUNDS_LEAST))


def table(given, say, mode, size):
    with HugePages(HUGE_MB) as huge:
        pages = "huge pages" if huge.directory else "no huge pages"
        say(f"bench_table {mode} {size}, {pages}: nanoseconds / of each way to use the reference")
        return run(given, say, "bench_table", mode, size, rounds_of(given), *([huge.directory] if huge.directory else []))


def look(name, mode, size, goal):
    """A benchmark of lookups among so many slots."""
    def measure(given, say):
        rounds, _ = table(given, say, mode, size)
        return [result(name, against_best(rounds), "ns", "rte_hash", goal=goal, less_is_better=True)]
    return measure


def churn(percent):
    def measure(given, say):
        rounds, notes = table(given, say, "churn", percent)
        say(f"  refused {notes['refused']:.0f}, by rte_hash {notes['refusedtheirs']:.0f}; evicted {notes['evicted']:.0f}")
        return [result(f"table_churn_{percent}", against_best(rounds), "ns", "rte_hash", goal=3, less_is_better=True)]
    return measure


# An insertion at 90 % load takes no longer than this, in nanoseconds, but for one in a thousand.
ADD_NS = 2000


def add_p999(given, say):
    rounds, _ = table(given, say, "add", "90")
    ours, theirs, ratio = against_best(rounds)
    return [result("table_add_p999", (ours, ADD_NS, ours / ADD_NS), "ns", "the limit", goal=1, less_is_better=True),
            result("table_add_p999_rte", (ours, theirs, ratio), "ns", "rte_hash", less_is_better=True)]


def flood(given, say):
    rounds, notes = table(given, say, "flood", "64k")
    say(f"  refused {notes['refused']:.0f} of 65536 colliding keys; rte_hash refused {notes['refusedtheirs']:.0f}")
    measured = against_best(rounds)
    entry = result("table_flood", measured, "ns", "random keys", goal=1 / 1.1, less_is_better=True)
    entry["holds"] = entry["holds"] and notes["refused"] == 0
    return [entry]


def memory(given, say):
    _, notes = table(given, say, "memory", "4m")
    used, load = notes["bytes"], notes["load"]
    return [result("table_bytes", (used, 20, used / 20), "bytes a flow", "the limit", goal=1, less_is_better=True),
            result("table_load", (load, 95, load / 95), "%", "the least", goal=1)]


def digest(name, blocks):
    def measure(given, say):
        rounds, _ = table(given, say, "digest", blocks)
        return [result(name, against_best(rounds), "ns", "CRC32 or jhash", less_is_better=True)]
    return measure


def estimator(name, mode, reference):
    def measure(given, say):
        say(f"{name}: nanoseconds an update / of each way to use the reference")
        rounds, _ = run(given, say, "bench_rate", mode, rounds_of(given))
        return [result(name, against_best(rounds), "ns", reference, less_is_better=True)]
    return measure


BENCHMARKS = {
    "table_hit_32k": (look("table_hit_32k", "hit", "32k", 1.5), "lookups that hit, 32,768 slots, against rte_hash"),
    "table_hit_1m": (look("table_hit_1m", "hit", "1m", 2.5), "the same, 1,048,576 slots"),
    "table_hit_8m": (look("table_hit_8m", "hit", "8m", 2.5), "the same, 8,388,608 slots"),
    "table_miss_1m": (look("table_miss_1m", "miss", "1m", 2), "lookups that miss"),
    "table_miss_8m": (look("table_miss_8m", "miss", "8m", 2), "the same"),
    "table_half_1m": (look("table_half_1m", "half", "1m", None), "lookups of which half hit"),
    "table_churn_85": (churn("85"), "32 expire and 32 come, at 85 % load, against rte_hash's delete and add"),
    "table_churn_90": (churn("90"), "the same at 90 %"),
    "table_add_p999": (add_p999, "99.9th percentile of one insertion at 90 % load, against 2 us"),
    "table_flood": (flood, "65,536 keys that collide under CRC32 against random ones"),
    "table_memory": (memory, "bytes a flow at 85 % load, and the load that building reaches"),
    "digest_v4": (digest("digest_v4", "1"), "keyed digest of an IPv4 flow key against CRC32 and jhash"),
    "digest_v6": (digest("digest_v6", "3"), "the same of an IPv6 flow key"),
    "rate_update": (estimator("rate_update", "rate", "rte_meter"), "one sliding window of 65,536 against rte_meter"),
    "sketch_update": (estimator("sketch_update", "sketch", "rte_member sketch"),
                      "a new source counted in the sketch against rte_member's"),
}
