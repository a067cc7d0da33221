#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""What `seki` says to those who ask it and to those who mistype: test_command_line.py SEKI."""
import re
import subprocess
import sys

SEKI = sys.argv[1]
OK, USAGE = 0, 2

# (arguments, exit code, what standard output holds, what standard error holds; None: nothing)
CASES = (
    (["--help"], OK, r"usage: seki COMMAND.*seki run -c FILE \[-t\].*seki help \[COMMAND\]", None),
    (["-h"], OK, "usage: seki COMMAND", None),
    (["help"], OK, "usage: seki COMMAND", None),
    (["help", "run"], OK, r"usage: seki run -c FILE \[-t\]\n", None),
    (["help", "replay"], OK, r"usage: seki replay .*--segment", None),
    (["help", "fly"], USAGE, None, "there is no command 'fly'"),
    (["--version"], OK, r"seki \d+\.\d+\.\d+, DPDK .*built for ", None),
    (["version"], OK, r"seki \d+\.\d+\.\d+, DPDK .*built for ", None),
    (["version", "--help"], OK, "usage: seki version\n", None),
    (["version", "more"], USAGE, None, "usage: seki version"),
    (["run", "--help"], OK, r"usage: seki run -c FILE \[-t\]\n", None),
    (["run", "-h"], OK, "usage: seki run", None),
    (["run"], USAGE, None, "usage: seki run"),
    (["run", "-c", "a", "-c", "b"], USAGE, None, "usage: seki run"),
    (["run", "--fast"], USAGE, None, "usage: seki run"),
    (["check", "--help"], OK, "usage: seki check FILE\n", None),
    (["check"], USAGE, None, "usage: seki check FILE"),
    (["check", "a", "b"], USAGE, None, "usage: seki check FILE"),
    (["replay", "--help"], OK, "usage: seki replay .*--segment", None),
    (["replay", "-h"], OK, "usage: seki replay .*--segment", None),
    (["replay"], USAGE, None, "usage: seki replay"),
    (["fly"], USAGE, None, "there is no command 'fly'.*usage: seki COMMAND"),
    (["fly", "--help"], USAGE, None, "there is no command 'fly'"),
    ([], USAGE, None, "usage: seki COMMAND"),
)


def holds(text, pattern):
    return text == "" if pattern is None else re.search(pattern, text, re.S) is not None


failed = 0
for arguments, code, out, err in CASES:
    done = subprocess.run([SEKI, *arguments], capture_output=True, text=True, timeout=60)
    if done.returncode != code or not holds(done.stdout, out) or not holds(done.stderr, err):
        failed += 1
        print(f"FAILED seki {' '.join(arguments)}: exit {done.returncode}, {done.stdout!r}, {done.stderr!r}")
print(f"{len(CASES) - failed} of {len(CASES)} command lines as expected")
sys.exit(failed != 0)
