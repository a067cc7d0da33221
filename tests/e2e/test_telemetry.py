# SPDX-License-Identifier: BSD-3-Clause
"""The telemetry socket: what operators and their programs read, and what hostile requests do to it (nothing)."""
import json
import os
import re
import shutil
import subprocess
import threading

import pytest

import telemetry
from seki import Seki, balance_error, pair

COMMANDS = ("/seki/info", "/seki/stats", "/seki/zones", "/seki/reasons", "/seki/port_reasons", "/seki/vectors",
            "/seki/state", "/seki/top", "/seki/incidents", "/seki/posture", "/seki/samples", "/seki/baseline")
TAKE_A_NAME = ("/seki/reasons", "/seki/port_reasons", "/seki/vectors", "/seki/top", "/seki/posture", "/seki/samples",
               "/seki/baseline")
# What stands before the page where nothing is named.
BEFORE_PAGE = {**{command: "," for command in TAKE_A_NAME}, "/seki/baseline": ",,"}
# Those that are no list: what they say is tried where there is an attack to tell of.
OTHERS = ("/seki/detect", "/seki/incident", "/seki/explain", "/seki/override", "/seki/baseline_accept", "/seki/baseline_forget")
N_ZONES = 400


def many_zones():
    """More zones than one reply of 16 KiB could hold, with the longest names there are."""
    return [{"name": f"zone-{n:04}-{'x' * 20}", "mode": "enforce", "prefixes": [f"10.{n // 256}.{n % 256}.0/24"]}
            for n in range(N_ZONES)]


@pytest.fixture(scope="module")
def box(seki_bin, tmp_path_factory):
    where = tmp_path_factory.mktemp("telemetry")
    conf = {"ports": pair("net_null0,no-rx=1", "net_null1,no-rx=1"), "cores": {"main": 0, "rxtx": [os.cpu_count() - 1]},
            "zones": many_zones()}
    with Seki(seki_bin, conf, where) as process:
        yield process


def test_stock_client(box):
    """dpdk-telemetry.py, as it comes with DPDK, lists the commands and gets answers."""
    client = shutil.which("dpdk-telemetry.py")
    if not client:
        pytest.skip("dpdk-telemetry.py (package dpdk-dev) is not installed")
    asked = "\n".join(("/", *COMMANDS, *OTHERS)) + "\nquit\n"
    out = subprocess.run(["/usr/bin/python3", client, "-f", box.prefix], input=asked, capture_output=True, text=True,
                         timeout=30, check=True).stdout
    for command in (*COMMANDS, *OTHERS):
        assert f'"{command}": ' in out, f"no answer to {command}"
        assert out.count(command) >= 2, f"{command} is not in the list of commands"


def test_info(box):
    info = box.ask("/seki/info")
    assert info["version"].startswith("0.1")
    assert info["dpdk"].startswith("DPDK ")
    assert info["zones"] == N_ZONES and info["rx_cores"] == 1
    assert {port["side"] for port in info["ports"].values()} == {"outside", "inside"}


def test_stats_have_the_identity(box):
    stats = box.stats()
    for term in ("rx", "generated", "tx", "dropped", "challenged"):
        assert isinstance(stats[term], int) and isinstance(stats[term + "_bytes"], int), term
    assert not balance_error(stats)
    for way in ("inbound", "outbound"):
        assert set(stats[way]) >= {"pass_packets", "pass_bytes", "drop_packets", "drop_bytes"}
    assert [port["name"] for port in stats["ports"].values()] == ["outside", "inside"]
    for port in stats["ports"].values():
        for term in ("imissed", "rx_nombuf", "oerrors"):
            assert isinstance(port[term], int), term


LIST_OF = {"/seki/info": "ports", "/seki/stats": "ports", "/seki/zones": "zones", "/seki/reasons": "reasons",
           "/seki/port_reasons": "reasons", "/seki/vectors": "vectors", "/seki/state": "cores", "/seki/top": "rows",
           "/seki/incidents": "incidents", "/seki/posture": "postures", "/seki/samples": "samples",
           "/seki/baseline": "baselines"}


def test_reply_fits(box):
    """The library leaves out what exceeds its 16 KiB, and the reply is still JSON: so all that is promised must be there."""
    with box.connect() as connection:
        for command, key in LIST_OF.items():
            name = BEFORE_PAGE.get(command, "")
            for parameters in ("", f"{name},0", f"{name},0,1000", f"{name},0,4294967295", f"{name},1,4294967295"):
                reply = connection.raw(command + parameters)
                full = re.sub(rb":\s*\d+", b": 18446744073709551615", reply)
                assert len(full) < telemetry.REPLY_MAX, f"{command}{parameters} may give {len(full)} bytes"
                page = json.loads(reply)[command]
                assert len(page[key] or {}) == page["next"] - page["offset"], f"{command}{parameters}: entries are missing"
                assert page[key] or page["offset"] >= page["total"], f"{command}{parameters}: entries are missing"


# A page that this box cannot fill: so many entries fit one.
@pytest.mark.parametrize("command, per_page", [("/seki/state", 8)])
def test_full_page_would_fit(box, command, per_page):
    with box.connect() as connection:
        reply = json.loads(connection.raw(command))[command]
    item = re.sub(r":\s*\d+", ": 18446744073709551615", json.dumps(next(iter(reply[LIST_OF[command]].values()))))
    assert len(item) * per_page + 500 < telemetry.REPLY_MAX


def test_zones_page(box):
    """All pages together hold every zone once; the parameters are echoed."""
    with box.connect() as connection:
        first = connection.ask("/seki/zones,0,5")
        assert first["total"] >= N_ZONES and len(first["zones"]) == 5
        assert (first["offset"], first["limit"]) == (0, 5)
        zones = connection.pages("/seki/zones", "zones")
        names = sorted(zone["name"] for zone in zones.values())
        assert set(names) == {zone["name"] for zone in many_zones()} | {""}
        assert len(names) == len(set(names)) == first["total"]
        assert connection.ask(f"/seki/zones,{first['total']},5")["next"] == first["total"]


HOSTILE = ["", ",", ",,", ",-1", ",0,0", ",0,-1", ",99999999999999999999", ",0,99999999999999999999", ",a,b", ",0;rm",
           ",%s%n%x", ",1,2,3,4,5,6", "," + "9" * 900, "," + "," * 900, ",\x01\x02\xff", ",0x10", ", 1 , 2 ", ",1.5", ",+1"]


# Nothing given is the default; what follows the last parameter is nobody's.
EMPTY = {"", ",", ",,", "," + "," * 900}
PAGES = {",0,0", ",1,2,3,4,5,6"}


@pytest.mark.parametrize("command", OTHERS)
def test_hostile_words(box, command):
    """What is not understood sets nothing and is answered: with null, or with what is wrong with it."""
    with box.connect() as connection:
        for parameters in HOSTILE:
            reply = json.loads(connection.raw((command + parameters).encode("latin-1")[:1023]))[command]
            assert reply is None or command == "/seki/detect" or reply["why"], f"{command}{parameters[:40]} gave {reply}"
    assert box.ask("/seki/detect")["overrides"] == 0 and box.ask("/seki/baseline")["total"] == 0


@pytest.mark.parametrize("command", COMMANDS)
def test_hostile_parameters(box, command):
    """Each gets its answer: data, or null if it is no number, zone or port; the next honest question is answered."""
    with box.connect() as connection:
        for parameters in HOSTILE:
            reply = json.loads(connection.raw((command + parameters).encode("latin-1")[:1023]))
            answered = parameters in EMPTY or (parameters in PAGES and command not in TAKE_A_NAME)
            assert (reply[command] is not None) == answered, f"{command}{parameters[:40]} gave {str(reply)[:200]}"
    assert box.process.poll() is None
    assert box.ask("/seki/info")["zones"] == N_ZONES


def test_reasons_by_zone(box):
    everything, one = box.reasons(), box.reasons("zone-0007-" + "x" * 20)
    assert set(everything) == set(one) > {"clean", "denied", "oversize", "none"}
    with box.connect() as connection:
        assert connection.ask("/seki/reasons,no-such-zone") is None
        assert connection.ask("/seki/reasons,,3,2")["zone"] == ""


def test_reasons_by_port(box):
    everything, one = box.port_reasons(), box.port_reasons("inside")
    assert set(everything) == set(one) == set(box.reasons())
    with box.connect() as connection:
        assert connection.ask("/seki/port_reasons,no-such-port") is None
        page = connection.ask("/seki/port_reasons,outside,3,2")
        assert (page["port"], page["offset"], page["limit"], len(page["reasons"])) == ("outside", 3, 2, 2)
        assert connection.ask("/seki/port_reasons,,3,2")["port"] == ""


def test_many_clients(box):
    """
    The library parses with a plain strtok in ten threads, so a command may get another's parameters; but each answer
    is whole: it says which page it is, and holds the zones of that page.
    """
    wrong, right = [], []
    names = ["", *(zone["name"] for zone in many_zones())]

    def ask(offset):
        try:
            with box.connect() as connection:
                for _ in range(100):
                    page = connection.ask(f"/seki/zones,{offset},3")
                    if page is None:
                        continue
                    found = [zone["name"] for zone in page["zones"].values()]
                    whole = found == names[page["offset"]:page["next"]] and page["total"] == len(names)
                    (right if whole else wrong).append(page)
        except (OSError, ValueError, KeyError) as error:
            wrong.append(error)
    threads = [threading.Thread(target=ask, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not wrong
    assert len(right) > 400, "half of 800 questions, at the least"
    assert box.process.poll() is None
