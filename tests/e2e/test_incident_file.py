# SPDX-License-Identifier: BSD-3-Clause
"""The incident that a replay leaves behind: as docs/incident.md says, true to the trace, and good for tools/report."""
import json
import os
import re
import subprocess
import sys

import pytest

from gentrace import path_beside

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
CONF = """
ports: ( { name = "outside"; device = "net_null0"; side = "outside"; peer = "inside"; macs = ["02:00:00:00:0a:01"]; },
         { name = "inside"; device = "net_null1"; side = "inside"; peer = "outside"; macs = ["02:00:00:00:0b:01"]; } );
zones: ( { name = "campus"; mode = "%s"; prefixes = ["198.18.16.0/20", "2001:db8:51::/48"]; } );
telemetry: { enable = false; };
"""
LISTS = {"vectors", "targets", "decisions", "timeline", "features", "signatures"}
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


def documented():
    """{key: the keys of what it holds, None where that is no object or list of them}, from the table of the page."""
    rows = {}
    with open(os.path.join(ROOT, "docs", "incident.md"), encoding="utf-8") as page:
        for line in page:
            cells = line.strip().strip("|").split(" | ")
            if len(cells) != 2 or not cells[0].strip().startswith("`"):
                continue
            inner = re.search(r"\{(.*)\}", cells[1])
            # Parentheses say what a key is; braces within are of names that the traffic gives.
            inside = re.sub(r"\([^()]*(\([^()]*\)[^()]*)*\)|\{.*?\}", "", inner[1]) if inner else ""
            for key in re.findall(r"`(\w+)`", cells[0]):
                rows[key] = set(re.findall(r"`(\w+)`", inside)) or None
    return rows


def replay(seki_bin, where, mode, *words):
    """The trace of an attack, told as an incident: (path of the file, the replay's report)."""
    gen = path_beside(seki_bin)
    if not os.path.exists(gen):
        pytest.skip("seki-gen is not built beside this seki")
    os.mkdir(where / "incidents")
    (where / "seki.conf").write_text(CONF % mode)
    subprocess.run([gen, "--out", where / "in.pcap", "--labels", where / "labels", "--seed", "3", "--from", "12", "--until", "18",
                    "--seconds", "45", "--legit-pps", "1000", *words], check=True, timeout=60, capture_output=True)
    done = subprocess.run([seki_bin, "replay", "-c", "seki.conf", "in.pcap", "--json", "--incidents", "incidents"], cwd=where,
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=120)
    assert (done.returncode, done.stderr) == (0, "")
    files = os.listdir(where / "incidents")
    assert len(files) == 1 and files[0].endswith(".json")
    return where / "incidents" / files[0], json.loads(done.stdout)


@pytest.fixture(scope="module", params=["enforce", "observe"])
def incident(seki_bin, tmp_path_factory, request):
    where = tmp_path_factory.mktemp(request.param)
    path, report = replay(seki_bin, where, request.param, "--scenario", "udp", "--over", "/24", "--pps", "60000")
    return path, json.loads(path.read_text(encoding="ascii")), report


def test_every_key_is_there_and_no_other(incident):
    _, told, _ = incident
    rows = documented()
    assert set(told) == set(rows)
    for key in LISTS:
        assert rows[key], key
        for entry in told[key]:
            assert set(entry) == rows[key], key
    for key in ("sources", "estimates", "lost"):
        assert set(told[key]) == rows[key] - ({"value", "low", "high", "method"} if key == "estimates" else set()), key
    assert all(told[key] for key in ("vectors", "targets", "decisions", "timeline"))


def test_it_is_the_incident_of_the_report(incident):
    path, told, report = incident
    assert path.name == told["id"] + ".json"
    assert report["incidents"] == [told]


def test_it_agrees_with_itself(incident):
    _, told, _ = incident
    assert told["format"] == "seki-incident/1" and told["zone"] == "campus" and told["state"] == "ended"
    times = [told[key] for key in ("began", "detected", "mitigated", "ended")]
    assert all(TIME.fullmatch(time) for time in times) and times == sorted(times)
    assert [v["name"] for v in told["vectors"]] == ["udp"]
    assert abs(sum(v["share"] for v in told["vectors"]) - 1) < 1e-3
    assert abs(sum(t["share"] for t in told["targets"]) - 1) < 1e-3
    seconds = [row["s"] for row in told["timeline"]]
    assert seconds[0] < 0 and seconds == sorted(set(seconds))
    for row in told["timeline"]:
        dropped = sum(row["dropped"].values())
        assert abs(row["offered_pps"] - row["passed_pps"] - dropped) <= len(row["dropped"]), row["s"]
        assert 0 <= row["step"] <= 5
    assert set(told["reasons"]) == set(told["drops"]) | set(told["observed"])
    raised = [d for d in told["decisions"] if d["action"] == "raise"]
    assert raised and told["decisions"][-1]["action"] == "end" and told["decisions"][-1]["step"] is None
    assert all(d["step"] and d["seen"] and d["why"] for d in raised)
    assert sum(row["attack_pps"] for row in told["timeline"]) > 0.9 * 6 * 60000


def test_what_the_mode_makes_of_it(incident):
    _, told, report = incident
    assert bool(told["drops"]) == (told["mode"] == "enforce")
    assert (report["dropped"] == 0) == (told["mode"] == "observe")
    assert sum(o["packets"] for o in told["drops" if told["drops"] else "observed"].values()) > 100000


def test_no_client_is_named(incident):
    """Of addresses there are the targets' alone, in targets and in sentences."""
    path, told, _ = incident
    named = set(re.findall(r"\d+\.\d+\.\d+\.\d+", path.read_text(encoding="ascii")))
    assert named == {t["prefix"].split("/")[0] for t in told["targets"]}


def test_a_report_is_made_of_it(incident, tmp_path):
    path, told, _ = incident
    page = tmp_path / "page.html"
    done = subprocess.run([sys.executable, os.path.join(ROOT, "tools", "report"), path, "-o", page], capture_output=True,
                          text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    text = page.read_text(encoding="utf-8")
    assert told["id"] in text and told["targets"][0]["prefix"] in text
