# SPDX-License-Identifier: BSD-3-Clause
"""Real captures through detection, as captures_detect.py judges them: it names each attack, and nothing in what is benign."""
import os
import subprocess
import sys

import pytest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(HERE)), "tools"))

import manifest  # noqa: E402

FOLDER = manifest.default_dir()


@pytest.mark.skipif(not os.path.exists(os.path.join(FOLDER, "MANIFEST.tsv")), reason="the captures are not part of the project")
def test_captures(seki_bin):
    build = os.path.realpath(os.path.join(os.path.dirname(seki_bin), ".."))
    done = subprocess.run([sys.executable, os.path.join(HERE, "captures_detect.py"), "--build", build, FOLDER], capture_output=True,
                          text=True, check=False, timeout=900)
    assert done.returncode == 0, done.stdout + done.stderr
    lines = done.stdout.splitlines()
    assert sum(line.startswith("attack ") for line in lines) > 10 and lines[-1].endswith(", 0 not as they must be")
