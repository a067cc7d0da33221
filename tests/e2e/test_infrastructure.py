# SPDX-License-Identifier: BSD-3-Clause
"""Routers, links and unassigned space as a zone of their own, beside that of the hosts whose prefix they are in."""
import json
import os
import subprocess

import pytest

import scenarios
from gentrace import path_beside

CAMPUS = 'zones: ( { name = "campus";'
# The first /28 is of routers and links; nobody has the last /24.
INFRASTRUCTURE = ('zones: ( { name = "infrastructure"; mode = "enforce"; prefixes = ["198.18.16.0/28", "198.18.31.0/24"];'
                  ' limits = ( { vector = "udp"; host = "100 pps"; zone = "400 pps"; } ); }, { name = "campus";')


def replay(seki_bin, where, conf, scenario):
    """The report of a replay, and each packet's (label, verdict, zone)."""
    gen = path_beside(seki_bin)
    if not os.path.exists(gen):
        pytest.skip("seki-gen is not built beside this seki")
    (where / "seki.conf").write_text(conf)
    subprocess.run([gen, "--out", where / "in.pcap", "--labels", where / "labels", "--from", "6", "--until", "10", "--seconds",
                    "12", "--legit-pps", "2000", *scenario.split()], check=True, timeout=60, capture_output=True)
    done = subprocess.run([seki_bin, "replay", "-c", "seki.conf", "in.pcap", "--json", "--verdicts", "out.tsv"], cwd=where,
                          capture_output=True, text=True, check=True, timeout=120)
    rows = [row.split("\t") for row in (where / "out.tsv").read_text().splitlines()[1:]]
    labels = (where / "labels").read_text().strip()
    return json.loads(done.stdout), [(label, row[3], row[5]) for label, row in zip(labels, rows, strict=True)]


def test_flood_of_a_router(seki_bin, tmp_path):
    """Far below what the campus is held to: the routers' own limits see it, and only their zone does anything."""
    flood = "--scenario udp --over host --pps 1500"
    report, packets = replay(seki_bin, tmp_path, scenarios.CONF.replace(CAMPUS, INFRASTRUCTURE), flood)
    incident, = report["incidents"]
    assert incident["zone"] == "infrastructure"
    assert [target["prefix"] for target in incident["targets"]] == ["198.18.16.10/32"]
    assert {zone for label, _, zone in packets if label == "A"} == {"infrastructure"}
    assert not [verdict for _, verdict, zone in packets if zone == "campus" and verdict == "drop"]
    attack = [verdict for label, verdict, _ in packets if label == "A"]
    assert attack.count("drop") > len(attack) * 0.8
    assert replay(seki_bin, tmp_path, scenarios.CONF, flood)[0]["incidents"] == []


def test_carpet_over_both(seki_bin, tmp_path):
    """A carpet over the /20 is one incident of each zone that it hits."""
    report, _ = replay(seki_bin, tmp_path, scenarios.CONF.replace(CAMPUS, INFRASTRUCTURE), "--scenario udp --over /20 --pps 200000")
    by_zone = {incident["zone"]: incident for incident in report["incidents"]}
    assert set(by_zone) == {"infrastructure", "campus"} and len(report["incidents"]) == 2
    assert all(incident["vectors"][0]["name"] == "udp" for incident in report["incidents"])
