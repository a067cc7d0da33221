# SPDX-License-Identifier: BSD-3-Clause
"""Golden cases: small captures whose every verdict is said beforehand (tests/golden/make.py)."""
import importlib.util
import json
import os
import subprocess

import pytest

GOLDEN = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "golden")
CASES = sorted(name for name in os.listdir(GOLDEN) if os.path.isdir(os.path.join(GOLDEN, name)) and name[0] != "_")
BUDGETED = {"service", "reflection", "fragment", "zone_limit", "zone_total", "control_budget"}


def tables():
    spec = importlib.util.spec_from_file_location("golden_make", os.path.join(GOLDEN, "make.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def read(*parts):
    with open(os.path.join(GOLDEN, *parts), "rb") as file:
        return file.read()


def test_the_files_are_those_of_the_tables():
    made = tables()
    assert sorted(made.CASES) == CASES
    for case in CASES:
        files = made.files_of(case)
        assert sorted(files) == sorted(os.listdir(os.path.join(GOLDEN, case)))
        for name, content in files.items():
            assert read(case, name) == content, f"{case}/{name}: run tests/golden/make.py"


@pytest.mark.parametrize("ways", [(), ("--burst", "1", "--segment", "16"), ("--cores", "2", "--burst", "7")],
                         ids=["plain", "split", "cores"])
@pytest.mark.parametrize("case", CASES)
def test_golden(seki_bin, tmp_path, case, ways):
    out = tmp_path / "out.tsv"
    if case in BUDGETED and "--cores" in ways:
        ways = ("--burst", "7")  # cores share such a budget by leases: which packets it lets through may differ
    done = subprocess.run([seki_bin, "replay", "-c", "seki.conf", "in.pcap", "--verdicts", str(out), *ways],
                          cwd=os.path.join(GOLDEN, case), stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          check=False, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    assert out.read_text().splitlines() == read(case, "expected.tsv").decode().splitlines()


def test_what_waits_for_an_incident_is_counted(seki_bin):
    """Of nine packets at a time two are within 10 a second; all pass, and what `enforce` would have dropped is told."""
    done = subprocess.run([seki_bin, "replay", "-c", "seki.conf", "in.pcap", "--json"], cwd=os.path.join(GOLDEN, "auto"),
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True, timeout=60)
    report = json.loads(done.stdout)
    observed = report["observed_reasons"]
    assert report["reasons"] == {"clean": 57, "tcp_flags": 1}
    assert observed.pop("source_pps") > 10  # by a window of its own
    assert observed == {"reflection_budget": 7, "fragment_budget": 7, "tcp_stray": 7}
