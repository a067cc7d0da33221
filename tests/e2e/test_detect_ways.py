# SPDX-License-Identifier: BSD-3-Clause
"""Detection decides the same however packets come in bursts, and whichever cores they are divided among."""
import json
import os
import subprocess

import pytest

import craft
from gentrace import path_beside
from test_incident_file import CONF

# Each uses another ladder; the second one ends with signatures, which are found in samples.
TRACES = {
    "reflect": "--scenario reflect --vector ntp --over /24 --pps 12000",
    "udp": "--scenario udp --over host --pps 30000",
    "syn": "--scenario tcp_syn --over host --pps 6000",
    "udp6": "--scenario udp --over v6-host --pps 30000",  # hosts of a /64, told apart since it comes to much
}


@pytest.fixture(scope="module")
def trace(seki_bin, tmp_path_factory):
    """Makes a trace once; `coarse`: its times are whole milliseconds, so that many packets have the same."""
    gen = path_beside(seki_bin)
    if not os.path.exists(gen):
        pytest.skip("seki-gen is not built beside this seki")
    made = {}

    def make(name, coarse=False):
        where = made.get((name, coarse))
        if where is None:
            where = made[name, coarse] = tmp_path_factory.mktemp(name)
            (where / "seki.conf").write_text(CONF % "enforce")
            subprocess.run([gen, "--out", where / "in.pcap", "--labels", where / "labels", "--seed", "5", "--from", "6",
                            "--until", "10", "--seconds", "12", "--legit-pps", "2000", *TRACES[name].split()], check=True,
                           timeout=60, capture_output=True)
            if coarse:
                packets = craft.read_pcap((where / "in.pcap").read_bytes())
                (where / "in.pcap").write_bytes(craft.pcap([(time // 10**6 * 10**6, frame) for time, frame, _ in packets]))
        return where
    return make


def replay(seki_bin, where, *ways):
    """(the rows of verdicts, the report)"""
    rows = where / "out.tsv"
    done = subprocess.run([seki_bin, "replay", "-c", "seki.conf", "in.pcap", "--json", "--verdicts", rows, *ways], cwd=where,
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=120)
    assert (done.returncode, done.stderr) == (0, "")
    return rows.read_text(), json.loads(done.stdout)


@pytest.mark.parametrize("coarse", [False, True], ids=["fine", "coarse"])
@pytest.mark.parametrize("name", TRACES)
def test_bursts(seki_bin, trace, name, coarse):
    where = trace(name, coarse)
    rows, report = replay(seki_bin, where, "--burst", "1")
    assert len(report["incidents"]) == 1 and "\tdrop\t" in rows
    for burst in ("7", "32"):
        other_rows, other = replay(seki_bin, where, "--burst", burst)
        assert other["incidents"] == report["incidents"], f"bursts of {burst}"
        assert other_rows == rows, f"bursts of {burst}"


@pytest.mark.parametrize("name", TRACES)
def test_cores(seki_bin, trace, name):
    """Budgets are divided, and samples are of each core; what is attacked, by what, and when that was seen is not."""
    where = trace(name)
    first = None
    for cores in ("1", "2", "4"):
        _, report = replay(seki_bin, where, "--cores", cores)
        told = [(i["began"], i["detected"], [v["name"] for v in i["vectors"]], [t["prefix"] for t in i["targets"]],
                 i["hosts_peak"]) for i in report["incidents"]]
        assert len(told) == 1
        first = first or told
        assert told == first, f"{cores} cores"
