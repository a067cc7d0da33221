# SPDX-License-Identifier: BSD-3-Clause
"""Seki inline between a client and a server: what people do on a network works, and works unchanged."""
import os

import pytest

import netns
from conftest import (ALL_CORES, CLIENT4, CLIENT6, DENIED4, DENIED6, Nginx, SERVER4, SERVER6, assert_balanced,
                      inline_config, sha256, skip_without_af_xdp)
from seki import Seki

FAMILY = [pytest.param(SERVER4, id="ipv4"), pytest.param(SERVER6, id="ipv6")]


def url(address, path):
    return f"http://[{address}]:8080/{path}" if ":" in address else f"http://{address}:8080/{path}"


def download(wire, address, big_file, tmp_path):
    """curl in the client, nginx in the server; the bytes must be the same."""
    where, digest = big_file
    server = Nginx(wire.server, where)
    try:
        got = tmp_path / "got"
        wire.client.run("curl", "-sS", "--fail", "-g", "--max-time", "120", "-o", got, url(address, "big"), timeout=150)
        assert os.path.getsize(got) == 100000000
        assert sha256(got) == digest
        os.unlink(got)
    finally:
        server.close()


@pytest.mark.parametrize("cores", ALL_CORES, indirect=True)
@pytest.mark.parametrize("address", FAMILY)
def test_download(wire, seki_bin, tmp_path, big_file, address, cores):
    with Seki(seki_bin, inline_config(cores=cores), tmp_path, wire.box) as box:
        download(wire, address, big_file, tmp_path)
        stats = assert_balanced(box)
        assert stats["rx"] > 70000, "100 MB are more than 70,000 packets: these did not go through Seki"
        assert box.reasons()["clean"]["packets"] > 0
        code, log = box.stop()
    assert code == 0, log


@pytest.mark.parametrize("address", FAMILY)
def test_download_in_vlan(wire, seki_bin, tmp_path, big_file, address):
    for side in (wire.client, wire.server):
        why = netns.tag_vlan(side, "wire", 100)
        if why:
            pytest.skip(why)
    conf = inline_config(domains=[{"name": "tenant", "port": "outside", "vlans": [100]}])
    conf["zones"][0]["domain"] = "tenant"
    with Seki(seki_bin, conf, tmp_path, wire.box) as box:
        download(wire, address, big_file, tmp_path)
        assert_balanced(box)
        assert box.reasons("servers")["clean"]["packets"] > 1000, "the zone is that of the VLAN's domain"
        assert box.reasons()["no_zone"]["packets"] < 100


@pytest.mark.parametrize("address", FAMILY)
def test_neighbours_are_found(wire, seki_bin, tmp_path, address):
    """ARP and ND cross the box in both directions, with everything enforced."""
    with Seki(seki_bin, inline_config(), tmp_path, wire.box) as box:
        for side, other in ((wire.client, address), (wire.server, CLIENT6 if ":" in address else CLIENT4)):
            wire.flush_neighbours()
            side.run("ping", "-c", "3", "-i", "0.2", "-W", "2", other)
            assert "REACHABLE" in side.run("ip", "neigh", "show", other)
        assert box.reasons()["control"]["packets"] >= 4
        assert_balanced(box)


def test_arping(wire, seki_bin, tmp_path):
    with Seki(seki_bin, inline_config(), tmp_path, wire.box) as box:
        assert "Received 3 response" in wire.client.run("arping", "-c", "3", "-w", "5", "-I", "wire", SERVER4)
        assert_balanced(box)
        assert box.reasons()["control"]["packets"] >= 6


@pytest.mark.parametrize("address", FAMILY)
def test_full_size_with_df(wire, seki_bin, tmp_path, address):
    """1,500 bytes with don't-fragment: an MTU lost in the box would make this hang, as it does TCP."""
    size = 1452 if ":" in address else 1472
    with Seki(seki_bin, inline_config(), tmp_path, wire.box) as box:
        out = wire.client.run("ping", "-M", "do", "-s", size, "-c", "5", "-i", "0.2", "-W", "2", address)
        assert "5 received" in out
        too_big = wire.client.run("ping", "-M", "do", "-s", size + 1, "-c", "1", "-W", "1", address, check=False)
        assert "1 received" not in too_big, "the sender itself must refuse what exceeds its MTU"
        assert_balanced(box)


def bridge(box, name, *interfaces):
    """TAP and veth meet on a bridge that learns nothing and speaks nothing."""
    box.run("ip", "link", "add", name, "type", "bridge", "stp_state", "0", "mcast_snooping", "0", "ageing_time", "0")
    for interface in interfaces:
        box.run("ip", "link", "set", interface, "master", name, "up")
    box.run("ip", "link", "set", name, "up")


@pytest.mark.parametrize("address", FAMILY)
def test_fragments_over_tap(wire, seki_bin, tmp_path, address):
    """3,000-byte pings, in fragments all the way: TAP, because AF_PACKET would put them together again."""
    devices = ["net_tap0,iface=tapout", "net_tap1,iface=tapin"]
    if not os.path.exists("/dev/net/tun"):
        pytest.skip("this kernel has no TAP")
    with Seki(seki_bin, inline_config(devices), tmp_path, wire.box) as box:
        bridge(wire.box, "br-out", "out", "tapout")
        bridge(wire.box, "br-in", "in", "tapin")
        out = wire.client.run("ping", "-s", "3000", "-c", "10", "-i", "0.2", "-W", "2", address)
        assert "10 received" in out
        zone = box.stats()
        assert zone["rx"] >= 60, "ten echoes and ten replies of three fragments each"
        assert_balanced(box)


@pytest.mark.parametrize("address", FAMILY)
def test_fragments_over_af_xdp(wire, seki_bin, tmp_path, address):
    devices = ["net_af_xdp0,iface=out,force_copy=1", "net_af_xdp1,iface=in,force_copy=1"]
    box = Seki(seki_bin, inline_config(devices), tmp_path, wire.box)
    try:
        box.start()
    except RuntimeError as error:
        skip_without_af_xdp(error)
    try:
        out = wire.client.run("ping", "-s", "3000", "-c", "10", "-i", "0.2", "-W", "2", address)
        assert "10 received" in out
        assert box.stats()["rx"] >= 60
        assert_balanced(box)
    finally:
        box.kill()


@pytest.mark.parametrize("address,denied", [pytest.param(SERVER4, DENIED4, id="ipv4"),
                                            pytest.param(SERVER6, DENIED6, id="ipv6")])
def test_denied_client(wire, seki_bin, tmp_path, address, denied):
    """A client on a denied list gets nothing, every packet of it is counted, and its neighbour notices nothing."""
    (tmp_path / "bad.txt").write_text(f"# not welcome\n{DENIED4}\n{DENIED6}\n")
    conf = inline_config(lists=[{"name": "bad", "file": str(tmp_path / "bad.txt")}])
    conf["zones"][0]["deny"] = ["bad"]
    width = "64" if ":" in denied else "24"
    wire.client.run("ip", "addr", "add", f"{denied}/{width}", "dev", "wire")
    with Seki(seki_bin, conf, tmp_path, wire.box) as box:
        client = CLIENT6 if ":" in address else CLIENT4
        wire.client.run("ping", "-I", client, "-c", "1", "-W", "2", address)
        before = box.reasons()["denied"]["packets"]
        out = wire.client.run("ping", "-I", denied, "-c", "7", "-i", "0.2", "-W", "1", address, check=False)
        assert "7 packets transmitted, 0 received" in out
        denied = box.reasons()["denied"]
        assert denied["packets"] - before == 7 and (denied["inbound_packets"], denied["outbound_packets"]) == (7, 0)
        for port, packets in (("outside", 7), ("inside", 0), ("", 7)):
            row = box.port_reasons(port)["denied"]
            assert (row["verdict"], row["inbound_packets"], row["outbound_packets"]) == ("drop", packets, 0), port
            assert row["inbound_bytes"] == denied["bytes"] * (packets > 0) and row["outbound_bytes"] == 0
        assert box.port_reasons("inside")["outbound"]["outbound_packets"] > 0
        assert box.reasons()["outbound"]["outbound_packets"] > 0
        assert "3 received" in wire.client.run("ping", "-I", client, "-c", "3", "-i", "0.2", "-W", "2", address)
        assert_balanced(box)


def test_observe_only_counts(wire, seki_bin, tmp_path):
    """The same list in observe mode: nothing is lost, and what would have been is counted apart."""
    (tmp_path / "bad.txt").write_text(f"{DENIED4}\n")
    conf = inline_config(mode="observe", lists=[{"name": "bad", "file": str(tmp_path / "bad.txt")}])
    conf["zones"][0]["deny"] = ["bad"]
    wire.client.run("ip", "addr", "add", f"{DENIED4}/24", "dev", "wire")
    with Seki(seki_bin, conf, tmp_path, wire.box) as box:
        out = wire.client.run("ping", "-I", DENIED4, "-c", "5", "-i", "0.2", "-W", "2", SERVER4)
        assert "5 received" in out
        reason = box.reasons("servers")["denied"]
        assert (reason["packets"], reason["observed_packets"]) == (0, 5)
        assert box.zones()["servers"]["inbound_observed_packets"] == 5
        stats = assert_balanced(box)
        assert stats["dropped"] == 0
