# SPDX-License-Identifier: BSD-3-Clause
"""What was learned as an operator sees it, accepts it and has it forgotten: tools/sekictl on a Seki with a file of five weeks."""
import contextlib
import json
import os
import subprocess

import pytest

import baselines
import flooded
import seki as support
import telemetry

SEKICTL = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tools", "sekictl")
# The limit that follows from 20,000 packets a second is twice that; the ceiling is ten floors of 1,000.
USUAL, FLOOR, CEILING, ASKED = 20000, 1000, 10000, 40000
LEARNED = {"udp": ("1.00k/-", "20.0k/20.0k/0/0")}


def config(**detection):
    limits = [{"vector": "udp", "zone": FLOOR, "host": FLOOR}, {"vector": "ntp", "zone": FLOOR, "host": FLOOR}]
    zones = [{"name": "web", "mode": "enforce", "prefixes": ["198.51.100.0/24"], "limits": limits},
             {"name": "lab", "mode": "observe", "prefixes": ["198.18.0.0/16"]},
             {"name": "dark", "mode": "off", "prefixes": ["192.0.2.0/24"]}]
    return {"ports": support.pair("net_null0,no-rx=1", "net_null1,no-rx=1"), "cores": {"main": 0, "rxtx": [os.cpu_count() - 1]},
            "detection": detection, "zones": zones}


@contextlib.contextmanager
def learned(seki_bin, where, **detection):
    """One whose file says so; when it has ended, `box.file_text` is what it has written."""
    path = where / "learned"
    path.write_text(baselines.text("web", LEARNED, 5), encoding="utf-8")
    with support.Seki(seki_bin, config(baseline=str(path), **detection), where) as box:
        flooded.until(lambda: row_of(box))  # zones are watched from the first tick on
        yield box
        assert box.stop()[0] == 0
    box.file_text = path.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def applies(seki_bin, tmp_path_factory):
    """One that no test changes."""
    with learned(seki_bin, tmp_path_factory.mktemp("applies"), learn="apply") as box:
        yield box


def run(box, *words):
    return subprocess.run([SEKICTL, "--prefix", box.prefix, "baseline", *map(str, words)], capture_output=True, text=True,
                          check=False, timeout=60)


def ctl(box, *words):
    done = run(box, *words)
    assert done.returncode == 0 and done.stderr == "", done.stderr
    return done.stdout


def row_of(box, zone="web", vector="udp"):
    """What is told of a vector, or None."""
    rows = json.loads(ctl(box, "--json", zone, vector))["baselines"]
    assert len(rows) <= 1
    return rows[0] if rows else None


def about(rate, expected):
    """To the 3 % that rates are kept to."""
    return abs(rate - expected) <= expected * 0.04


def test_what_was_learned_is_told(applies):
    row = row_of(applies)
    assert about(row["usual_pps"], USUAL) and about(row["peak_pps"], USUAL) and row["suggested_pps"] == CEILING
    assert (row["weeks"], row["hours"], row["confidence"], row["may_apply"]) == (5, 15, "medium", "yes")
    assert row["why"].startswith("it is held at its ceiling")
    assert (row["applied"], row["limit_pps"], row["limit_from"]) == ("yes", CEILING, "learned")
    assert (row["accepted_pps"], row["accepted_bps"], row["held_pps"]) == (0, 0, 0)
    head, line = ctl(applies).splitlines()
    assert head.split()[:4] == ["zone", "vector", "limit", "now"]
    for text in ("web", "udp", "10.0 kpps", "learned", "medium", "yes", "it is held at its ceiling"):
        assert text in line
    assert ctl(applies) == ctl(applies, "web") == ctl(applies, "web", "udp")


def test_silence_is_told(applies):
    assert ctl(applies, "web", "ntp") == "Nothing was learned yet of ntp in zone web but that it is silent.\n"
    assert ctl(applies, "lab") == "Nothing was learned yet in zone lab but that it is silent.\n"
    assert json.loads(ctl(applies, "lab", "--json"))["baselines"] == []


@pytest.mark.parametrize("words, why", [
    (["nobody"], "there is no such zone"), (["nobody", "udp"], "there is no such zone"), (["web", "nothing"], "there is no such vector"),
    (["web", "none"], "there is no such vector"), (["a,b"], "comma"),
    (["accept", "nobody", "udp", 1], "there is no such zone"), (["accept", "x" * 99, "udp", 1], "there is no such zone"),
    (["accept", "web", "nothing", 1], "there is no such vector"), (["accept", "web", "none", 1], "there is no such vector"),
    (["accept", "dark", "udp", 1], "the zone is not watched: its mode is off"),
    (["accept", "web", "udp", 1, 1], "the zone has no limit of the vector in this unit"),
    (["accept", "web,udp", "udp", 1], "comma"),
    (["forget", "nobody", "udp"], "there is no such zone"), (["forget", "web", "nothing"], "there is no such vector"),
    (["forget", "dark", "udp"], "the zone is not watched: its mode is off"), (["forget", "web", "udp,forget"], "comma")])
def test_refused(applies, words, why):
    done = run(applies, *words)
    assert done.returncode == 1 and done.stdout == ""
    assert done.stderr.startswith("sekictl: baseline: ") and done.stderr.count("\n") == 1 and why in done.stderr
    assert "an operator" not in applies.log()


@pytest.mark.parametrize("words", [["web", "udp", "5"], ["accept"], ["accept", "web", "udp"], ["accept", "web", "udp", "1", "2", "3"],
                                   ["accept", "web", "udp", "-1"], ["accept", "web", "udp", "many"], ["accept", "web", "udp", "1.5"],
                                   ["accept", "web", "udp", "18T"], ["accept", "web", "udp", "5", "1x"], ["forget", "web"],
                                   ["forget", "web", "udp", "ntp"]])
def test_wrong_usage(applies, words):
    done = run(applies, *words)
    assert done.returncode == 2 and done.stderr.startswith("usage: sekictl baseline") and "an operator" not in applies.log()


@pytest.mark.parametrize("command, why", [
    ("accept,web,udp,accept", "how many packets a second"), ("accept,web,udp,accept,,5", "how many packets a second"),
    ("accept,web,udp,accept,-5", "how many packets a second"), ("accept,web,udp,accept,17592186044416", "how many packets a second"),
    ("accept,web,udp,accept,5,0x5", "how many bits a second"), ("accept,web,udp,5", 'the word "accept" or "forget"'),
    ("accept,web,udp,forget", 'the word "accept" or "forget"'), ("forget,web,udp", 'the word "accept" or "forget"'),
    ("forget,web,udp,0,12", 'the word "accept" or "forget"'), ("forget,web,udp,accept,5", 'the word "accept" or "forget"')])
def test_parameters_of_others_change_nothing(applies, command, why):
    """The library may give a command another client's parameters; programs may make mistakes that sekictl does not."""
    reply = applies.ask(f"/seki/baseline_{command}")
    assert reply["done"] == "no" and why in "".join(reply["why"]) and "an operator" not in applies.log()


def test_pages_fit(applies):
    """As many rows as a page may have, with the largest numbers and the longest texts, are no more than a reply holds."""
    reply = applies.ask("/seki/baseline")
    row = {**next(iter(reply["baselines"].values())), "zone": "x" * 31, "vector": "x" * 31, "why": ["x" * 127]}
    row = {key: 2**64 - 1 if isinstance(value, int) else value for key, value in row.items()}
    assert len(json.dumps(row)) * reply["limit"] + 500 < telemetry.REPLY_MAX


def test_accept_and_forget(seki_bin, tmp_path):
    """Both move the limit at once, are told of, are in the log and, at the end, in the file."""
    with learned(seki_bin, tmp_path, learn="apply") as box:
        assert row_of(box)["limit_pps"] == CEILING
        assert ctl(box, "accept", "web", "udp", "30k") == "Up to 30.0 kpps of udp of zone web are accepted.\n"
        row = flooded.until(lambda: row_of(box)["limit_pps"] != CEILING and row_of(box), 5)
        assert about(row["limit_pps"], ASKED) and row["limit_pps"] == row["suggested_pps"] and row["accepted_pps"] == 30000
        assert row["why"] == "it is the work of a few weeks" and row["limit_from"] == "learned"
        # No more than was learned; and what is not there yet can be vouched for.
        assert ctl(box, "accept", "web", "udp", "0") == "Of udp of zone web no more is accepted than is learned.\n"
        flooded.until(lambda: row_of(box)["limit_pps"] == CEILING, 5)
        data = json.loads(ctl(box, "accept", "web", "ntp", "1.5k", "--json"))
        assert (data["done"], data["pps"], data["bps"]) == ("yes", 1500, 0)
        assert row_of(box, "web", "ntp")["accepted_pps"] == 1500
        assert ctl(box, "forget", "web", "udp") == "What was learned of udp of zone web is forgotten.\n"
        row = flooded.until(lambda: row_of(box)["limit_pps"] == FLOOR and row_of(box), 5)
        assert (row["limit_from"], row["applied"], row["may_apply"], row["weeks"]) == ("configured", "no", "no", 0)
        assert (row["confidence"], row["why"]) == ("none", "this hour was never learned")
        assert "not yet" in ctl(box, "web", "udp")
        log = box.log()
    assert 'baseline: an operator accepts 30000 pps and 0 bps of udp of zone "web"\n' in log
    assert 'baseline: an operator accepts 0 pps and 0 bps of udp of zone "web"\n' in log
    assert 'baseline: an operator has what was learned of udp of zone "web" forgotten\n' in log
    # Of the one it is known that it was silent, of the other nothing.
    assert "\nvector ntp idle 0 accepted 1500/0 held never 0/0\nmon 00 -/- 0/0/0/0 " in box.file_text
    assert box.file_text.count("\nmon 00 ") == 1 and "\nvector udp idle 0 accepted 0/0 held never 0/0\n" in box.file_text


def test_suggestions_move_nothing(seki_bin, tmp_path):
    with learned(seki_bin, tmp_path) as box:
        row = row_of(box)
        assert (row["suggested_pps"], row["may_apply"], row["applied"]) == (CEILING, "yes", "no")
        assert (row["limit_pps"], row["limit_from"]) == (FLOOR, "configured")
        assert "may be" in ctl(box) and ctl(box).endswith('Limits are not moved by it: detection.learn is "suggest".\n')
        said = ctl(box, "accept", "web", "udp", "30000")
        assert said.endswith('(limits stay those of the configuration: detection.learn is "suggest")\n')
        assert about(row_of(box)["suggested_pps"], ASKED) and row_of(box)["limit_pps"] == FLOOR
    assert "vector udp idle 0 accepted 30000/0 held" in box.file_text and "\nmon 00 1.00k/- 19.9k/19.9k/0/0 " in box.file_text


@pytest.mark.parametrize("detection, key, value", [({"learn": "off"}, "detection.learn", '"off"'),
                                                   ({"enable": False}, "detection.enable", "false")])
def test_nothing_is_learned(seki_bin, tmp_path, detection, key, value):
    with support.Seki(seki_bin, config(**detection), tmp_path) as box:
        assert ctl(box) == f"Nothing is learned: {key} is {value}.\n"
        for words in (["accept", "web", "udp", "5"], ["forget", "web", "udp"]):
            done = run(box, *words)
            assert (done.returncode, done.stdout, done.stderr) == (1, "", f"sekictl: baseline: nothing is learned: {key} is {value}\n")
