# SPDX-License-Identifier: BSD-3-Clause
"""tools/demo: an attack is seen, held and told of; and whatever ends the demo, nothing of it stays behind."""
import json
import os
import re
import shutil
import signal
import sys
import time

import pytest

import demo
from gentrace import path_beside

sys.path.insert(0, os.path.join(demo.ROOT, "tools"))

from showing import stage, told  # noqa: E402

CONF = os.path.join(demo.ROOT, "conf", "demo.conf")


@pytest.fixture(autouse=True)
def need_gen(seki_bin):
    if not os.path.exists(path_beside(seki_bin)):
        pytest.skip("seki-gen is not built beside this seki")


def row(text, name):
    """What stands behind a name in the outcome."""
    found = re.search(rf"^  {name}  +(.*)$", text, re.M)
    assert found, f"no {name!r} in: {text}"
    return found[1]


def counts(text, name):
    offered, passed, dropped = (int(n.replace(",", "")) for n in row(text, name).split())
    assert offered == passed + dropped
    return offered, dropped


def percent(text, name):
    return float(re.match(r"[<>]?([\d.]+) %", row(text, name))[1])


def test_an_attack_is_seen_held_and_told(seki_bin):
    """All of it, as a user without any rights where the tests run as root. What was there before is kept."""
    user = demo.NOBODY if demo.can_be_nobody(seki_bin) else ()
    with demo.Demo(seki_bin, user=user) as run:
        assert run.finish() == 0, run.text
        text, out = run.text, f"{run.where}/demo"
        assert "\033" not in text
        attack, dropped = counts(text, "attack")
        assert attack == 600000 and dropped > 0.3 * attack and percent(text, "leak") < 70
        legitimate, lost = counts(text, "legitimate")
        assert legitimate > 100000 and lost < 0.1 * legitimate and percent(text, "collateral") < 10
        assert re.search(r"raise \w+: .* of ntp to 198\.18\.16\.0/2\d", text)
        assert re.search(r"-campus-1, ended after \d+ s$", row(text, "incident"))
        assert re.search(r"^  step \w+ +.*\bntp\b", text, re.M)
        assert text.count("carpet bombing: attack") == 6
        assert f"{out} before is in {out}.previous" in text
        with open(f"{out}.previous/demo.conf", encoding="ascii") as file:
            assert file.read() == "mine"
        assert_kept(out, text)
        assert run.left() == []


def assert_kept(out, text):
    """What the demo keeps is all there, and agrees with what it printed."""
    incident, = (name for name in os.listdir(out) if name.endswith("-campus-1.json"))
    assert sorted(os.listdir(out)) == sorted([incident, "counters.txt", "demo.conf", "report.html", "seki-gen.json",
                                              "seki.log"])
    with open(f"{out}/{incident}", encoding="utf-8") as file:
        told_by_seki = json.load(file)
    assert told_by_seki["state"] == "ended" and told_by_seki["mode"] == "enforce"
    assert row(text, "incident").startswith(told_by_seki["id"])
    with open(f"{out}/seki-gen.json", encoding="utf-8") as file:
        counted = json.load(file)
    assert counts(text, "attack") == (counted["attack"]["offered"], counted["attack"]["dropped"])
    with open(f"{out}/report.html", encoding="utf-8") as file:
        report = file.read()
    assert told_by_seki["id"] in report and 'lang="en"' in report and 'lang="ja"' in report
    with open(f"{out}/counters.txt", encoding="utf-8") as file:
        assert "accounting: rx" in file.read()
    with open(f"{out}/demo.conf", encoding="utf-8") as kept, open(CONF, encoding="utf-8") as ours:
        assert kept.read() == ours.read()


@pytest.mark.parametrize("when", ["packages", "build ", "live", "0:01", "raise "])
def test_interrupted_it_leaves_nothing(seki_bin, when):
    with demo.Demo(seki_bin) as run:
        assert run.read(when, 60), run.text
        assert run.interrupt() == 130, run.text
        assert "Traceback" not in run.text
        assert run.is_as_before()


@pytest.mark.parametrize("number, code", [(signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_ended_it_leaves_nothing(seki_bin, number, code):
    with demo.Demo(seki_bin) as run:
        assert run.read("0:01", 60), run.text
        os.kill(run.process.pid, number)
        assert run.finish(30) == code, run.text
        assert run.is_as_before()


def test_killed_its_children_end(seki_bin):
    """What lies on disk nobody can remove then."""
    with demo.Demo(seki_bin) as run:
        assert run.read("0:01", 60), run.text
        place = run.place()
        pids = [pid for pid, where in demo.children().items() if where == place]
        assert len(pids) == 2
        run.process.kill()
        run.finish(30)
        for _ in range(100):
            alive = [pid for pid, where in demo.children().items() if where == place]
            if not alive:
                break
            time.sleep(0.1)
        for path in (place, f"/var/run/dpdk/{os.path.basename(place)}", *(f"/var/run/dpdk/seki-gen-{pid}" for pid in pids)):
            shutil.rmtree(path, ignore_errors=True)
        assert alive == [] and run.is_as_before()


def test_on_a_terminal_there_is_a_panel(seki_bin):
    with demo.Demo(seki_bin, terminal=True) as run:
        assert run.read("raise ", 60), run.text
        assert re.search(r"\033\[\d+A\r\033\[J", run.text) and "legitimate" in run.text
        lines = [re.sub(r"\033\[\d*[A-Za-z]", "", line).rstrip("\r") for line in run.text.split("\n")]
        assert max(map(len, lines)) <= 80
        assert run.interrupt() == 130 and run.is_as_before()


def test_without_colour_lines_are_plain(seki_bin):
    with demo.Demo(seki_bin, terminal=True, env={"NO_COLOR": "1"}) as run:
        assert run.read("0:02", 60), run.text
        assert "\033" not in run.text
        assert run.interrupt() == 130 and run.is_as_before()


def test_seki_that_dies_is_told(seki_bin):
    with demo.Demo(seki_bin) as run:
        assert run.read("0:01", 60), run.text
        os.kill(run.seki(), signal.SIGKILL)
        assert run.finish(30) == 1
        assert "tools/demo: seki ended with -9" in run.text
        assert run.is_as_before()


def test_a_bad_configuration_is_told(seki_bin, tmp_path):
    with open(CONF, encoding="utf-8") as file:
        good = file.read()
    (tmp_path / "bad.conf").write_text(good.replace("prefixes", "prefuxes"))
    (tmp_path / "other.conf").write_text(good.replace("seki-demo", "mine"))
    for name, words in (("bad.conf", 'there is no key "prefuxes"'), ("other.conf", 'nothing like "seki-demo" is in it'),
                        ("none.conf", "No such file")):
        with demo.Demo(seki_bin, "--conf", str(tmp_path / name)) as run:
            assert run.finish() == 1 and words in run.text
            assert run.is_as_before()


def test_a_failing_step_says_so(seki_bin):
    run = demo.Demo(seki_bin)
    with open(f"{run.where}/build.ninja", "a", encoding="ascii") as file:
        file.write("no ninja can read this\n")
    with run:
        assert run.finish() != 0 and "this failed" in run.text and run.is_as_before()


def test_the_configuration_gets_names_and_cpus():
    with open(CONF, encoding="utf-8") as file:
        text = stage.fitted(file.read(), "seki-demo.x", 6, 7)
    assert text.count("/tmp/seki-demo.x/") == 2 and 'file_prefix = "seki-demo.x"' in text
    assert re.search(r"^  main = 6; ", text, re.M) and re.search(r"^  rxtx = \[7\];", text, re.M)


def test_the_posture_is_what_the_decisions_leave():
    decisions = [("ntp", "raise", "budget"), ("dns", "raise", "budget"), ("udp", "raise", "flood"), ("ntp", "raise", "strict"),
                 ("udp", "signature", "flood"), ("udp", "lower", "signature"), ("dns", "end", None)]
    incident = {"decisions": [{"vector": v, "action": a, "step": s} for v, a, s in decisions]}
    assert list(told.steps_now(incident).items()) == [("signature", ["udp"]), ("strict", ["ntp"])]
