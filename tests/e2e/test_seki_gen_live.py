# SPDX-License-Identifier: BSD-3-Clause
"""seki-gen live: what is sent comes out, is known for what it is, and is told; through Seki, and through DPDK's own ports."""
import glob
import json
import os
import re
import signal
import subprocess
import time

import pytest

import craft
import gentrace
import seki as seki_support
from conftest import assert_balanced
from seki import Seki

MEMIF = "role={role},id=0,socket={where}/{side}.sock,socket-abstract=no"
SCENARIOS = ["carpet", "tcp_syn", "tcp_synack", "tcp_ack", "tcp_data", "connection", "gre", "other", "fragment", "resolver",
             "scanner"]


@pytest.fixture(scope="module")
def gen(seki_bin):
    path = gentrace.path_beside(seki_bin)
    if not os.path.exists(path):
        pytest.skip("seki-gen is not built beside this seki")
    return path


def left_behind():
    return sorted(glob.glob("/tmp/seki-gen.*") + glob.glob("/var/run/dpdk/seki-gen-*"))


def words_of(gen, *words):
    first = ["nice", "-n", str(seki_support.NICE)] if os.geteuid() == 0 else []
    return [*first, gen, "live", *map(str, words)]


def live(gen, *words, code=0, timeout=60):
    """Runs it to its end with --json; returns the report."""
    before = left_behind()
    done = subprocess.run(words_of(gen, "--json", *words), capture_output=True, text=True, check=False, timeout=timeout)
    assert done.returncode == code, done.stderr
    assert set(left_behind()) <= set(before)
    return json.loads(done.stdout) if code == 0 else done.stderr


def memif(role, where, side, n):
    return f"net_memif{n}," + MEMIF.format(role=role, where=where, side=side)


def devices(where):
    return ("--device", memif("client", where, "out", 0), "--device2", memif("client", where, "in", 1))


def config(where, countermeasures):
    """Nothing but what the countermeasures say is dropped."""
    zone = {"name": "network", "mode": "enforce", "prefixes": [gentrace.INSIDE4, gentrace.INSIDE6],
            "countermeasures": countermeasures}
    return {"ports": seki_support.pair(memif("server", where, "out", 0), memif("server", where, "in", 1)),
            "cores": {"main": 0, "rxtx": [os.cpu_count() - 1]}, "zones": [zone], "detection": {"enable": False}}


NO_REFLECTION = {"reflection": {"mode": "enforce", "pps": "1 pps", "dns_pps": "1 pps", "ntp_pps": "1 pps",
                                "burst": "100 ms"},
                 "fragment": {"mode": "enforce", "pps": "1 pps", "burst": "100 ms"}}
ROWS = ("attack", "legitimate", "other")


def test_what_seki_drops_is_told_by_label(seki_bin, gen, tmp_path):
    """Everything that was offered is in Seki's counters, and what has passed is what Seki says it has sent."""
    with Seki(seki_bin, config(tmp_path, NO_REFLECTION), tmp_path) as box:
        report = live(gen, *devices(tmp_path), "--seconds", 4, "--legit-pps", 3000, "--attack-pps", "20 kpps")
        stats, reasons = assert_balanced(box), box.reasons()
    assert stats["rx"] == sum(report[row]["offered"] for row in ROWS)
    assert stats["tx"] == sum(report[row]["passed"] for row in ROWS)
    assert stats["rx_bytes"] == sum(report[row]["offered_bytes"] for row in ROWS)
    assert stats["tx_bytes"] == sum(report[row]["passed_bytes"] for row in ROWS)
    assert abs(report["attack"]["offered"] - 56000) < 10 and report["unsent"] == report["unknown"] == 0
    full = reasons.get("tx_full", {"packets": 0})["packets"]
    assert reasons["reflection_budget"]["packets"] + reasons["fragment_budget"]["packets"] + full \
        == sum(report[row]["dropped"] for row in ROWS)
    assert 0 < report["leak_percent"] < 1
    assert report["legitimate"]["dropped"] <= full
    for row in ("attack", "legitimate"):
        latency = report[row]["latency_ns"]
        assert 0 < latency["min"] <= latency["median"] <= latency["p99"] < 2 * 10**9


def test_time_to_mitigate(seki_bin, gen, tmp_path):
    """From the attack's beginning to a reload that denies every bot."""
    (tmp_path / "bots.txt").write_text("198.19.0.0/16\n")
    conf = config(tmp_path, {})
    denied = {**conf, "lists": [{"name": "bots", "file": str(tmp_path / "bots.txt")}],
              "zones": [{**conf["zones"][0], "deny": ["bots"], "countermeasures": {"deny": {"mode": "enforce"}}}]}
    with Seki(seki_bin, conf, tmp_path) as box:
        with subprocess.Popen(words_of(gen, *devices(tmp_path), "--json", "--interval", "--seconds", 7, "--scenario", "udp",
                                       "--sources", "real", "--from", 0, "--until", 7, "--attack-pps", "2 kpps"),
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
            running.stderr.readline()  # one second is over
            box.write({**denied, "eal": box.conf["eal"]})
            box.reload()
            text, _ = running.communicate(timeout=60)
    report = json.loads(text)
    assert 800 <= report["time_to_mitigate_ms"] <= 4000
    assert 8 < report["leak_percent"] < 60
    offered, passed = map(sum, zip(*report["attack_tenths"]))
    assert (offered, passed) == (report["attack"]["offered"], report["attack"]["passed"])
    assert passed > 0 == sum(tenth[1] for tenth in report["attack_tenths"][-20:])
    assert 5 < time.time() - report["attack_began"] < 60
    assert report["legitimate"]["dropped"] < 0.01 * report["legitimate"]["offered"]  # where a queue was full


def test_answers_follow_what_they_answer(seki_bin, gen, tmp_path):
    """Over two ports in one order: Seki sees every handshake of people, of bots, and every question before its answer."""
    with Seki(seki_bin, config(tmp_path, {}), tmp_path) as box:
        report = live(gen, *devices(tmp_path), "--scenario", "connection", "--seconds", 3, "--legit-pps", 3000,
                      "--attack-pps", "5 kpps")
        with box.connect() as connection:
            state = connection.ask("/seki/state")
    assert report["time_to_mitigate_ms"] is None and report["leak_percent"] > 99
    made = json.dumps(state)
    verified = max(int(n) for n in re.findall(r'"sources_verified": (\d+)', made))
    assert verified > 1500  # of 3000 bots, and people


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_packet_is_known_again(gen, name):
    """Through DPDK's loop, also those that have no room for a mark, and the smallest fragments."""
    report = live(gen, "--device", "net_ring0", "--scenario", name, "--seconds", 1, "--legit-pps", 2000, "--attack-pps",
                  "5 kpps", "--over", "usual" if name != "tcp_ack" else "v6-48")
    for row in ROWS:
        assert report[row]["offered"] == report[row]["passed"]
        assert report[row]["offered_bytes"] == report[row]["passed_bytes"]
    assert report["unknown"] == report["unsent"] == 0
    assert report["attack"]["offered"] + report["other"]["offered"] > 20


def test_what_is_sent_is_what_a_capture_has(gen, tmp_path):
    """One scenario, one seed: the same frames in the same order at the same pace."""
    words = ("--seconds", "2", "--legit-pps", "500", "--attack-pps", "500", "--vlan", "77", "--seed", "9")
    live(gen, "--device", f"net_pcap0,tx_pcap={tmp_path}/out.pcap", *words)
    capture, _ = gentrace.run(gen, tmp_path, "t", *words)
    expected = [(time, frame) for time, frame, _ in craft.read_pcap(capture)
                if frame[6:12] == craft.mac(craft.OUTSIDE_MAC)]
    with open(tmp_path / "out.pcap", "rb") as file:
        sent = [(time, frame) for time, frame, _ in craft.read_pcap(file.read())]
    assert [frame for _, frame in sent] == [frame for _, frame in expected]
    took, due = sent[-1][0] - sent[0][0], expected[-1][0] - expected[0][0]
    assert abs(took - due) < 0.5 * 10**9


def test_rates_while_it_runs(gen):
    done = subprocess.run(words_of(gen, "--device", "net_ring0", "--seconds", 4, "--from", 0, "--until", 4, "--interval"),
                          capture_output=True, text=True, check=True, timeout=60)
    lines = re.findall(r"^ *(\d+) s   attack (\d+) pps, (\d+) passed   legitimate (\d+) pps, (\d+) passed", done.stdout, re.M)
    assert [int(line[0]) for line in lines[:3]] == [1, 2, 3]
    assert all(abs(int(line[1]) - 12000) < 3000 and abs(int(line[2]) - 12000) < 3000 for line in lines)
    assert re.search(r"attack +4800. +4800. +0 .* leak 100.00 %", done.stdout)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_it_reports_and_leaves_nothing(gen, number):
    before = left_behind()
    with subprocess.Popen(words_of(gen, "--device", "net_ring0", "--seconds", 60, "--json", "--interval"),
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        running.stderr.readline()  # it sends
        began = time.monotonic()
        running.send_signal(number)
        text, _ = running.communicate(timeout=20)
    assert running.returncode == 0 and time.monotonic() - began < 10
    report = json.loads(text)
    assert report["interrupted"] is True and report["milliseconds"] < 30000
    assert report["legitimate"]["offered"] > 100
    assert set(left_behind()) <= set(before)


def test_without_another_end_it_gives_up(gen, tmp_path):
    began = time.monotonic()
    said = live(gen, *devices(tmp_path), "--wait", "300 ms", code=1)
    assert "is the other end there?" in said and time.monotonic() - began < 20


@pytest.mark.parametrize("device", ["net_nothing0", "net_pcap0,rx_pcap=/nowhere/x.pcap"])
def test_a_port_that_is_none(gen, device):
    assert "seki-gen: " in live(gen, "--device", device, "--seconds", 1, code=1)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_an_ordinary_user_may(gen):
    before = left_behind()
    done = subprocess.run(["setpriv", "--reuid", "nobody", "--regid", "nogroup", "--clear-groups", "--no-new-privs", gen,
                           "live", "--device", "net_ring0", "--seconds", "1", "--json"], capture_output=True, text=True,
                          check=False, timeout=60, env={"PATH": os.environ["PATH"], "HOME": "/nonexistent"})
    if done.returncode == 126:
        pytest.skip("nobody may not enter the build directory")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["attack"]["passed"] > 1000
    assert set(left_behind()) <= set(before)


@pytest.mark.parametrize("words", [(), ("--device", "net_ring0", "--out", "x"), ("--device", "net_ring0", "--wait", "long")],
                         ids=" ".join)
def test_what_cannot_be_is_refused(gen, tmp_path, words):
    done = subprocess.run([gen, "live", *words], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 2 and done.stderr and not os.listdir(tmp_path)
