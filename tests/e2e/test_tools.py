# SPDX-License-Identifier: BSD-3-Clause
"""The tools' own words: who asks how to use one gets an answer, and nothing is done yet."""
import os
import subprocess

import pytest

TOOLS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tools")


@pytest.mark.parametrize("tool", ["demo", "test"])
@pytest.mark.parametrize("words, code", [(["--help"], 0), (["-h"], 0), (["--no-install", "--help"], 0), (["--fast"], 2)])
def test_usage(tool, words, code):
    """Without a PATH to anything that could install, build or test."""
    done = subprocess.run([os.path.join(TOOLS, tool), *words], env={"PATH": "/nowhere"}, capture_output=True, text=True,
                          check=False, timeout=20)
    assert done.returncode == code
    said, silent = (done.stdout, done.stderr) if code == 0 else (done.stderr, done.stdout)
    assert said.startswith(f"usage: tools/{tool} [--no-install]") and silent == ""
