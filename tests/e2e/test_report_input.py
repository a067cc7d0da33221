# SPDX-License-Identifier: BSD-3-Clause
"""tools/report: what is refused and how, and where pages go."""
import copy
import json
import os
import random
import subprocess
import sys
import xml.etree.ElementTree as xml

import pytest

import incidents
from pages import ROOT, Page, report

sys.path.insert(0, os.path.join(ROOT, "tools"))

from reporting import page, schema  # noqa: E402

SAMPLES = incidents.samples()


def changed(path, value):
    """The SYN flood with one value replaced, or taken away if the value is KeyError."""
    out = copy.deepcopy(SAMPLES["syn-observe"])
    inner = out
    for step in path[:-1]:
        inner = inner[step]
    if value is KeyError:
        del inner[path[-1]]
    else:
        inner[path[-1]] = value
    return json.dumps(out).encode()


BAD = [
    ("no JSON", b"{", "not JSON"),
    ("no UTF-8", b'{"format": "\xff"}', "not JSON"),
    ("nothing", b"", "not JSON"),
    ("deep", b"[" * 100000, "nested too deeply"),
    ("a list", b"[]", "the file: must be an object"),
    ("not a number", changed(["hosts_peak"], 1).replace(b'"hosts_peak": 1', b'"hosts_peak": NaN'), "NaN is not JSON"),
    ("another format", changed(["format"], "seki-incident/2"), 'this tool reads "seki-incident/1"'),
    ("no format", changed(["format"], KeyError), "format: is null"),
    ("a missing key", changed(["zone"], KeyError), "zone: is missing"),
    ("a missing inner key", changed(["vectors", 0, "share"], KeyError), "vectors[0].share: is missing"),
    ("a wrong type", changed(["zone"], 7), "zone: must be a string"),
    ("a list for an object", changed(["drops"], []), "drops: must be an object"),
    ("true for a number", changed(["hosts_peak"], True), "hosts_peak: must be a whole number"),
    ("a wrong word", changed(["mode"], "maybe"), 'mode: must be one of "enforce", "observe"'),
    ("a list for a word", changed(["mode"], []), 'mode: must be one of "enforce", "observe"'),
    ("no such time", changed(["began"], "2025-02-30T00:00:00Z"), "began: must be a time"),
    ("another zone of time", changed(["began"], "2025-02-03T00:00:00+09:00"), "began: must be a time"),
    ("an end before the beginning", changed(["ended"], "2025-01-01T00:00:00Z"), "ended: must not be before began"),
    ("a share beyond one", changed(["vectors", 0, "share"], 1.01), "vectors[0].share: must be from 0 to 1"),
    ("a number beyond all", changed(["vectors", 0, "peak_pps"], 10 ** 400), "vectors[0].peak_pps: must be from 0"),
    ("a negative rate", changed(["timeline", 3, "offered_pps"], -1), "timeline[3].offered_pps: must be from 0"),
    ("time that stands", changed(["timeline", 3, "s"], -8), "timeline[3].s: must be later"),
    ("a reason without sentence", changed(["reasons", "zone_pps"], KeyError), "reasons: has no sentence for zone_pps"),
    ("a name for a terminal", changed(["drops", "\x1b[2J"], 1), "drops.\\x1b[2J: must be an object"),
]


@pytest.mark.parametrize("data, wanted", [row[1:] for row in BAD], ids=[row[0] for row in BAD])
def test_bad_input(tmp_path, data, wanted):
    """A sentence on stderr that says where, exit code 1, and the page that was there is as it was."""
    out = tmp_path / "out.html"
    out.write_text("old")
    done = report(data, "-o", str(out))
    assert done.returncode == 1 and done.stdout == b""
    said = done.stderr.decode()
    assert said.startswith("tools/report: -: ") and wanted in said and "Traceback" not in said and "\x1b" not in said
    assert out.read_text() == "old" and os.listdir(tmp_path) == ["out.html"]


def places(value, path=()):
    """Every (path, value) in an incident that is no object and no list."""
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
        if isinstance(inner, (dict, list)):
            yield from places(inner, (*path, key))
        else:
            yield (*path, key), inner


@pytest.mark.parametrize("name", ["pulses", "syn-observe"])
def test_odd_values_make_a_page_or_a_mistake(name):
    """Whatever stands in one or two places: a page that is well-formed, or BadIncident, and nothing else."""
    dice, made = random.Random(9), 0
    base = {**SAMPLES[name], "timeline": SAMPLES[name]["timeline"][18:26]}
    odd = [0, 1, 1e-9, 5e-324, 0.5, 2 ** 64 - 1, 1.8e19, -1, None, True, "", "x", [], {}, "2999-12-31T23:59:59.999Z"]
    found = list(places(base))
    for _ in range(300):
        incident = copy.deepcopy(base)
        for path, _ in dice.sample(found, dice.choice((1, 1, 2))):
            inner = incident
            for step in path[:-1]:
                inner = inner[step]
            inner[path[-1]] = dice.choice(odd)
        try:
            text = page.html_of(schema.read(json.dumps(incident).encode()), "both")
            xml.fromstring(text.removeprefix("<!DOCTYPE html>"))
            made += 1
        except schema.BadIncident as error:
            assert str(error)
    assert made > 40


def test_many_mistakes_are_named_at_once():
    bare = report(b'{"format": "seki-incident/1"}').stderr.decode().splitlines()
    assert len(bare) == 21 and bare[-1].endswith("more") and all(line.startswith("tools/report: -: ") for line in bare)


def test_files(tmp_path):
    """Beside the incident by default; never over it; what cannot be read or written is said."""
    path = tmp_path / "one.json"
    path.write_text(json.dumps(SAMPLES["bare"]))
    tool = os.path.join(ROOT, "tools/report")

    def run(*args):
        return subprocess.run([tool, *args], capture_output=True, text=True, check=False, timeout=60)

    done = run(str(path))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert Page((tmp_path / "one.html").read_text(encoding="utf-8")).elements
    assert (tmp_path / "one.html").stat().st_mode & 0o600 == 0o600
    same = run(str(path), "-o", str(path))
    assert same.returncode == 1 and "is the incident itself" in same.stderr and json.loads(path.read_text())
    assert run(str(tmp_path / "none.json")).returncode == 1
    lost = run(str(path), "-o", str(tmp_path / "no" / "out.html"))
    assert lost.returncode == 1 and lost.stderr.startswith("tools/report: ") and "Traceback" not in lost.stderr
    assert sorted(os.listdir(tmp_path)) == ["one.html", "one.json"]
    assert run(str(path), "--lang", "fr").returncode == 2 and run().returncode == 2
