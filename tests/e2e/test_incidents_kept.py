# SPDX-License-Identifier: BSD-3-Clause
"""Incidents on disk outlive the Seki that wrote them, whatever ended it, and whatever else lies in their directory."""
import json
import os
import subprocess
import sys

import pytest

import flooded

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tools"))

from reporting import schema  # noqa: E402

JUNK = {"notes.txt": b"not ours", "20261104T181300Z-web-77.json": b"{\"format\": \"seki-incident/1\", \"id\": \"x",
        "20261104T181300Z-web-78.json": b"\0" * 5000, ".hidden": b"", "x.json": b"{}",
        "20261104T181300Z-web-79.json": b"[" * 100000}


def read(directory, name):
    with open(directory / f"{name}.json", "rb") as file:
        return schema.read(file.read())


@pytest.fixture
def directory(tmp_path):
    (tmp_path / "incidents").mkdir()
    return tmp_path / "incidents"


def seki(seki_bin, where, directory, **more):
    return flooded.Flooded(seki_bin, flooded.config(where, incidents=str(directory), **more), where)


def test_crash(seki_bin, tmp_path, directory):
    """After SIGKILL the incident is interrupted, and is still told of; the next one has another number."""
    for name, data in JUNK.items():
        (directory / name).write_bytes(data)
    with seki(seki_bin, tmp_path, directory) as box:
        first = box.rows("/seki/incidents", "incidents")[0]["id"]
        box.kill()
    assert json.loads((directory / f"{first}.json").read_text())["state"] == "open"
    with seki(seki_bin, tmp_path, directory) as box:
        rows = {row["id"]: row for row in box.rows("/seki/incidents", "incidents")}
        second = next(iter(rows))
        assert set(rows) == {first, second} and second != first
        assert rows[first]["state"] == "interrupted" and rows[first]["vectors"] == ["udp"]
        assert rows[first]["targets"][0] in flooded.TARGETS and rows[second]["state"] == "open"
        assert int(second.rsplit("-", 1)[1]) > int(first.rsplit("-", 1)[1]) > 79
        one = box.ask(f"/seki/incident,{first}")
        assert one["here"] == "no" and "".join(one["file"]) == str(directory / f"{first}.json")
        assert box.ask(f"/seki/incident,{first},decisions")["total"] == 0
        assert read(directory, first)["state"] == "interrupted"
        assert "1 that an earlier run has left open" in box.log()
    for name, data in JUNK.items():
        assert (directory / name).read_bytes() == data, name


def test_stop(seki_bin, tmp_path, directory):
    with seki(seki_bin, tmp_path, directory) as box:
        name = box.rows("/seki/incidents", "incidents")[0]["id"]
        code, _ = box.stop()
        assert code == 0
    assert read(directory, name)["state"] == "interrupted"


def test_so_many(seki_bin, tmp_path, directory):
    """Those that earlier runs have left, and beyond the number the oldest go."""
    names = []
    for _ in range(3):
        with seki(seki_bin, tmp_path, directory, keep_incidents=1) as box:
            names.append(box.rows("/seki/incidents", "incidents")[0]["id"])
            box.stop()
    left = sorted(os.listdir(directory))
    assert left == sorted(f"{name}.json" for name in names[-2:])


def test_not_two(seki_bin, tmp_path, directory):
    """Two appliances in one directory would take each other's incidents for interrupted ones."""
    with seki(seki_bin, tmp_path, directory) as box:
        other = seki(seki_bin, tmp_path, directory)
        done = subprocess.run(other.argv(), capture_output=True, text=True, check=False, timeout=60)
        assert done.returncode == 1 and "the directory for incidents is another Seki's" in done.stderr
        assert box.rows("/seki/incidents", "incidents")[0]["state"] == "open"
