# SPDX-License-Identifier: BSD-3-Clause
"""tools/sekictl: what it prints of a Seki that is flooded, what it does to it, and what it says where there is none."""
import json
import os
import subprocess

import pytest

import flooded

SEKICTL = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tools", "sekictl")
COMMANDS = ("now", "stats", "zones", "attacks", "report", "samples", "explain", "override", "baseline", "top")


def run(*words, **more):
    return subprocess.run([SEKICTL, *map(str, words)], capture_output=True, text=True, check=False, timeout=60, **more)


@pytest.fixture(scope="module")
def box(seki_bin, tmp_path_factory):
    where = tmp_path_factory.mktemp("sekictl")
    (where / "incidents").mkdir()
    conf = flooded.config(where, incidents=str(where / "incidents"))
    with flooded.Flooded(seki_bin, {**conf, "telemetry": {"addresses": True}}, where) as process:
        yield process


@pytest.fixture
def ctl(box):
    """Runs it on the box; returns what it printed."""
    def call(*words):
        done = run("--prefix", box.prefix, *words)
        assert done.returncode == 0 and done.stderr == "", done.stderr
        return done.stdout
    return call


def test_now(box, ctl):
    out = ctl("now")
    row = box.posture()
    assert "1 attack going on." in out and row["incident"] in out
    assert f"web  udp: mitigating for " in out and f"step {row['step']} (detector's) for {row['targets'][0]}" in out
    data = json.loads(ctl("now", "--json"))
    assert data["postures"][0]["vector"] == "udp" and data["detect"]["enabled"] == "yes"


@pytest.mark.parametrize("words, texts", [
    (["stats"], ["rx ", "dropped", "outside", "imissed"]), (["zones"], ["(no zone)", "web", "lab", "observe"]),
    (["attacks"], ["udp", " 198.51.100.", "open"]), (["samples", "web", "-n", "3"], ["dropped", "flood", "> 443"]),
    (["samples", "lab"], ["Nothing was dropped or held back of late."]), (["top", "sources"], ["sources", flooded.SOURCES])])
def test_tables(ctl, words, texts):
    out = ctl(*words)
    for text in texts:
        assert text in out
    assert json.loads(ctl(*words, "--json")) is not None and json.loads(ctl("--json", *words)) is not None


def test_numbers_are_whole(box, ctl):
    """Lists of more than a page are asked for to their end, and no more is printed than was wanted."""
    flooded.until(lambda: len(box.rows("/seki/samples", "samples", "web")) > 30)
    assert len(json.loads(ctl("samples", "--json", "-n", "0"))) > 30
    assert len(json.loads(ctl("samples", "--json", "-n", "3"))) == 3


def test_explain(ctl):
    number = json.loads(ctl("samples", "web", "-n", "1", "--json"))[0]["number"]
    assert 'a packet came to zone "web"' in ctl("explain", number)
    out = ctl("explain", "udp", "192.0.2.9", 40000, flooded.HOST, 443)
    assert "The zone serves this" in out and "flood is raised" in out
    data = json.loads(ctl("explain", "udp", "192.0.2.9", 40000, "198.18.0.1", 443, "--domain", "default", "--json"))
    assert data["zone"] == "lab" and data["sentences"]["s00"].startswith("IP protocol 17 from 192.0.2.9, port 40000, to")


def test_report(box, ctl, tmp_path):
    name = box.posture()["incident"]
    out = tmp_path / "page.html"
    assert ctl("report", name, "-o", out) == f"{out}\n"
    assert out.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    again = subprocess.run([SEKICTL, "--prefix", box.prefix, "report", "last", "--lang", "ja"], cwd=tmp_path, capture_output=True,
                           text=True, check=True, timeout=60)
    assert again.stdout == f"{name}.html\n" and (tmp_path / f"{name}.html").stat().st_size > 1000
    assert json.loads(ctl("report", name, "--json"))["format"] == "seki-incident/1"


def test_override(box, ctl):
    assert ctl("override", "lab", "ntp", "strict", "2m") == \
        'ntp of zone lab is set to "strict" for 2 min. The zone only observes, so nothing is dropped by it.\n'
    row = flooded.until(lambda: box.posture("lab", "ntp"))
    assert row["step"] == "strict" and 100000 < row["override_left_ms"] <= 120000
    assert "step strict (operator's, for another " in ctl("now")
    assert json.loads(ctl("override", "lab", "ntp", "auto", "--json"))["done"] == "yes"
    flooded.until(lambda: not box.posture("lab", "ntp"))
    assert ctl("override", "lab", "ntp", "auto") == "ntp of zone lab is the detector's. (it was the detector's already)\n"


@pytest.mark.parametrize("words, why", [
    (["override", "nobody", "udp", "flood", "9"], "override: there is no such zone"),
    (["override", "x" * 99, "udp", "flood", "9"], "override: there is no such zone"),
    (["override", "web", "ntp", "flood", "9"], "override: the vector's ladder does not have this step"),
    (["override", "web", "udp", "flood"], "override: for how long?"), (["override", "a,b", "udp", "auto"], "comma"),
    (["explain", "1", "2"], "say the number of a sample"), (["explain", "99999999"], "no such sample"),
    (["explain", "00099999999"], "no such sample"), (["explain", "udp", "8.8.8.8", "1", "8.8.8", "1"], "destination is no address"),
    (["explain", "udp", "8.8.8.8,1", "1", "8.8.8.8", "1"], "no word of it has a comma"),
    (["report", "nobody"], "there is no incident"), (["report", "last", "-o", "/nonexistent/x"], "No such file"),
    (["samples", "nobody"], "refused")])
def test_refused(box, words, why):
    done = run("--prefix", box.prefix, *words)
    assert done.returncode == 1 and done.stdout == ""
    assert done.stderr.startswith("sekictl: ") and done.stderr.count("\n") == 1 and why in done.stderr


@pytest.mark.parametrize("words", [[], ["sleep"], ["override", "web", "udp", "higher", "9"], ["now", "x"], ["top", "all"],
                                   ["override", "web", "udp", "flood", "25h"], ["override", "web", "udp", "flood", "0"],
                                   ["--socket", "a", "--prefix", "b", "now"]])
def test_wrong_usage(words):
    done = run(*words)
    assert done.returncode == 2 and done.stderr.startswith("usage: sekictl")


@pytest.mark.parametrize("words", [[], *([name] for name in COMMANDS)])
def test_help(words):
    done = run(*words, "--help")
    assert done.returncode == 0 and done.stdout.startswith("usage: sekictl") and "--json" in done.stdout


def test_nobody_there(tmp_path):
    done = run("--prefix", "seki-nobody", "now")
    assert done.returncode == 1 and done.stderr.startswith('sekictl: no Seki answers with the prefix "seki-nobody"')
    assert "is `seki run` running" in done.stderr
    done = run("--socket", tmp_path / "socket", "now")
    assert done.returncode == 1 and "is not there: is `seki run` running" in done.stderr
    (tmp_path / "file").write_text("")
    done = run("--socket", tmp_path / "file", "now")
    assert done.returncode == 1 and "nobody answers there" in done.stderr


def test_reader_goes_away(box):
    done = subprocess.run(f"{SEKICTL} --prefix {box.prefix} zones --json | head -c 1", shell=True, capture_output=True,
                          text=True, check=False, timeout=60)
    assert done.stderr == ""
