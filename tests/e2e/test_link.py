# SPDX-License-Identifier: BSD-3-Clause
"""Link state of one side, passed on to the other where the port can, and said where it cannot."""
import contextlib
import os
import time

import pytest

import netns
from conftest import inline_config, skip_without_af_xdp
from seki import Seki, af_packet

TAPS = ["net_tap0,iface=tapout", "net_tap1,iface=tapin"]
SIDES = [pytest.param("tapout", "tapin", id="outside"), pytest.param("tapin", "tapout", id="inside")]
PORT = {"tapout": "outside", "tapin": "inside"}


@pytest.fixture
def box_netns():
    """The box alone: these tests need no neighbours."""
    why = netns.missing()
    if why:
        pytest.skip(why)
    if not os.path.exists("/dev/net/tun"):
        pytest.skip("this kernel has no TAP")
    made = netns.Netns(f"seki-{os.getpid()}-{time.monotonic_ns() % 1000000}-link", quiet=True)
    yield made
    made.close()


def is_up(namespace, interface):
    """What the kernel, and a router that looks at it, sees: up by order, and with a carrier."""
    flags = namespace.run("ip", "-o", "link", "show", "dev", interface).split("<")[1].split(">")[0].split(",")
    return "UP" in flags and "LOWER_UP" in flags


def becomes(condition, seconds=5.0):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.05)
    return False


def stays(condition, seconds=1.0):
    return not becomes(lambda: not condition(), seconds)


def links(box):
    return {port["name"]: port["link"] for port in box.ask("/seki/info")["ports"].values()}


def order(namespace, interface, way):
    namespace.run("ip", "link", "set", "dev", interface, way)


@pytest.mark.parametrize("cut,peer", SIDES)
def test_down_is_passed_on(box_netns, seki_bin, tmp_path, cut, peer):
    """One side fails: the other goes down, stays down as long, and comes back with it; twice, and Seki says so."""
    with Seki(seki_bin, inline_config(TAPS), tmp_path, box_netns) as box:
        assert {port["sets_link"] for port in box.ask("/seki/info")["ports"].values()} == {"yes"}
        assert "cannot set its link down" not in box.log()
        assert is_up(box_netns, cut) and is_up(box_netns, peer)
        for turn in (1, 2):
            order(box_netns, cut, "down")
            assert becomes(lambda: not is_up(box_netns, peer)), box.log()
            assert stays(lambda: not is_up(box_netns, peer) and not is_up(box_netns, cut)), box.log()
            assert set(links(box).values()) == {"down"}
            order(box_netns, cut, "up")
            assert becomes(lambda: is_up(box_netns, peer)), box.log()
            assert stays(lambda: is_up(box_netns, peer) and is_up(box_netns, cut)), box.log()
            assert set(links(box).values()) == {"up"}
            log = box.log()
            for sentence in (f'link of "{PORT[cut]}" is down', f'link of "{PORT[cut]}" is up',
                             f'link of "{PORT[peer]}" taken down, as that of "{PORT[cut]}" is',
                             f'link of "{PORT[peer]}" taken up, as that of "{PORT[cut]}" is'):
                assert log.count(sentence) == turn, f"{sentence}, {turn} times, in:\n{log}"
        assert f'link of "{PORT[cut]}" taken' not in log, "what Seki forced down must not come back at it"
        code, log = box.stop()
    assert code == 0, log


AF_XDP = [f"net_af_xdp{n},iface={i},force_copy=1" for n, i in enumerate(("out", "in"))]


@pytest.mark.parametrize("devices", [pytest.param(af_packet(), id="af_packet"), pytest.param(AF_XDP, id="af_xdp")])
def test_cannot_is_said(wire, seki_bin, tmp_path, devices):
    """These drivers neither set a link nor see it fail: that is said of each port, and the other side stays up."""
    box = Seki(seki_bin, inline_config(devices), tmp_path, wire.box)
    try:
        box.start()
    except RuntimeError as error:
        skip_without_af_xdp(error)
    with contextlib.closing(box):
        for name in ("outside", "inside"):
            assert f'port "{name}" cannot set its link down: a failure of the other side does not show here' in box.log()
            assert f'port "{name}" does not see its own link fail: that will not show on the other side' in box.log()
        assert {port["sets_link"] for port in box.ask("/seki/info")["ports"].values()} == {"no"}
        order(wire.client, "wire", "down")
        assert becomes(lambda: not is_up(wire.box, "out"))
        assert stays(lambda: is_up(wire.box, "in"))
        assert "taken" not in box.log() and "is down" not in box.log()


def test_one_that_cannot_beside_one_that_can(wire, seki_bin, tmp_path):
    """What cannot be set is said of that port alone; the other still follows nothing, since no failure is seen."""
    with Seki(seki_bin, inline_config([af_packet()[0], TAPS[1]]), tmp_path, wire.box) as box:
        said = [line for line in box.log().splitlines() if "cannot set its link" in line or "own link fail" in line]
        assert len(said) == 2 and all('port "outside"' in line for line in said), said
        order(wire.box, "tapin", "down")
        assert becomes(lambda: 'link of "inside" is down' in box.log())
        assert stays(lambda: is_up(wire.box, "out"))
        order(wire.box, "tapin", "up")
        assert becomes(lambda: 'link of "inside" is up' in box.log())
        assert "taken" not in box.log()
