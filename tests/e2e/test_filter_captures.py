# SPDX-License-Identifier: BSD-3-Clause
"""Filters over all third-party captures: payload, bursts and buffers change no verdict of theirs."""
import filecmp
import os
import subprocess
import sys

import pytest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tools"))

import manifest  # noqa: E402
import replays  # noqa: E402

FOLDER = manifest.default_dir()
pytestmark = pytest.mark.skipif(not os.path.exists(os.path.join(FOLDER, "MANIFEST.tsv")),
                                reason="the third-party captures are not beside the project")

# Some of them look where payload may be, and would find it.
FILTERS = ["udp and src port 53 and greater 600", "tcp[13] & 2 != 0 and tcp[20] != 2", "ip[40:4] & 1 != 0", "ip6[60] & 1 != 0",
           "icmp[8] & 0xf0 = 0x40", "udp[4:2] > 1000", "tcp[32:4] & 1 != 0 and tcp[12] >> 4 < 8"]
SPLIT = "burst=1 segment=16"


def scrambled(seki_bin, capture, where):
    scramble = os.path.join(os.path.dirname(seki_bin), "..", "tests", "support", "scramble")
    if not os.path.exists(scramble):
        pytest.skip("the scrambler is not built beside this seki (meson option tests)")
    other = os.path.join(where, "scrambled-" + os.path.basename(capture))
    subprocess.run([scramble, capture, other], check=True, timeout=60)
    return other


def test_filters_see_headers_alone(seki_bin, tmp_path):
    filters = "filter = [" + ", ".join(f'"{text}"' for text in FILTERS) + "];"
    found = {}
    for job in manifest.jobs(FOLDER):
        text = job.text.replace('name = "protected";', f'name = "protected"; {filters}')
        assert text != job.text
        found[job.name] = [replays.Job(job.name, job.capture, text, job.info),
                           replays.Job(job.name, job.capture, text, job.info, SPLIT),
                           replays.Job(job.name, scrambled(seki_bin, job.capture, str(tmp_path)), text, job.info)]
    replays.run(seki_bin, [job for jobs in found.values() for job in jobs], str(tmp_path))

    differ = [(name, job.tuning or "scrambled") for name, jobs in found.items() for job in jobs[1:]
              if not filecmp.cmp(jobs[0].verdicts, job.verdicts, shallow=False)]
    assert not differ, f"{len(differ)}, {differ[:3]} first"
    assert len(found) > 500
    assert sum(jobs[0].report["reasons"].get("filtered", 0) for jobs in found.values()) > 1000
