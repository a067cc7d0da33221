# SPDX-License-Identifier: BSD-3-Clause
"""testpmd -> memif -> Seki -> memif -> testpmd: every packet is accounted for at all three."""
import os
import time

import pytest

import testpmd
from conftest import ALL_CORES, FULL, assert_balanced
from seki import Seki, pair

SOURCE, TARGET = "9.9.9.9", "198.18.0.2"


@pytest.fixture(autouse=True)
def need_testpmd():
    if testpmd.missing():
        pytest.skip(testpmd.missing())


# One shared buffer holds any frame of these tests: with frames in several buffers, DPDK 22.11's memif itself, testpmd
# to testpmd, counts more packets in than out when its ring fills up. In Seki, too, a frame is then in one piece: no virtual
# driver announces that it scatters and carries jumbo frames, so frames in several mbufs are the unit tests' matter.
BUFFER = 12288


def memif(role, socket, n, bsize=BUFFER):
    """One end of a shared-memory port."""
    return f"net_memif{n},role={role},id=0,bsize={bsize},socket={socket},socket-abstract=no"


def config(where, mtu=1500, countermeasures=None, cores=None, **port):
    """Seki serves both sockets, so that the neighbours may come and go."""
    zone = {"name": "target", "mode": "enforce", "prefixes": [f"{TARGET}/32"]}
    if countermeasures:
        zone["countermeasures"] = countermeasures
    return {
        "ports": pair(memif("server", f"{where}/out.sock", 0), memif("server", f"{where}/in.sock", 1), mtu=mtu, **port),
        "cores": cores or {"main": 0, "rxtx": [os.cpu_count() - 1]},
        "zones": [zone],
    }


def through(seki_bin, where, conf, options, seconds=2.0, sink_options=()):
    """
    Sends for a while; returns (sent, Seki's stats and reasons, received). Seki goes first at the end: when a neighbour
    goes, DPDK 22.11's memif unmaps the shared memory under the core that polls it (a crash in librte_net_memif).
    """
    with Seki(seki_bin, conf, where) as box:
        with testpmd.Testpmd(f"{box.prefix}-b", [memif("client", f"{where}/in.sock", 0)], 0,
                             ["--forward-mode=rxonly", *sink_options]) as sink, \
             testpmd.Testpmd(f"{box.prefix}-a", [memif("client", f"{where}/out.sock", 0)], 0,
                             options) as source:
            sink.wait_link()
            source.wait_link()
            sink.command("start")
            source.command("start")
            time.sleep(seconds)
            source.command("stop")
            stats = assert_balanced(box)
            reasons = box.reasons()
            time.sleep(0.5)
            sent, received = source.stats(), sink.stats()
            code, log = box.stop()
    assert code == 0, log
    return sent, stats, reasons, received


# testpmd then sends from 256 addresses, which differ from the target in the third byte, and by its lcore in the last.
CLIENTS = [f"198.18.{n}.3" for n in range(256)]
MANY_CLIENTS = ["--forward-mode=txonly", "--txonly-multi-flow", f"--tx-ip={SOURCE},{TARGET}", "--tx-udp=40000,443",
                "--txpkts=64"]


def assert_counts_agree(sent, stats, reasons, received):
    """What the source sent Seki received; what Seki sent the sink received; the rest found something full."""
    assert stats["rx"] == sent["TX-packets"] > 10000
    assert stats["tx"] == received["RX-packets"] > 1000
    assert reasons["clean"]["packets"] == received["RX-packets"]
    full = sum(reasons[name]["packets"] for name in FULL)
    assert (stats["dropped"], stats["generated"], stats["challenged"]) == (full, 0, 0)
    assert stats["rx"] == stats["tx"] + full


@pytest.mark.parametrize("cores", ALL_CORES, indirect=True)
def test_counts_agree(seki_bin, tmp_path, cores):
    """However the work is divided, every packet has one end, also where the rings between cores are small and full."""
    conf = config(tmp_path, cores={**cores, "ring_size": 64})
    assert_counts_agree(*through(seki_bin, tmp_path, conf, MANY_CLIENTS))


@pytest.mark.parametrize("cores", [p for p in ALL_CORES if p.id == "rxtx-rxtx"], indirect=True)
def test_two_queues(seki_bin, tmp_path, cores):
    """Neighbours that have two queues each way, as the configuration says: one for each core."""
    two = ["--rxq=2", "--txq=2"]
    conf = config(tmp_path, cores=cores, rx_queues=2)
    assert_counts_agree(*through(seki_bin, tmp_path, conf, [*MANY_CLIENTS, *two], sink_options=two))


def test_drops_are_named(seki_bin, tmp_path):
    """NTP replies over the zone's budget: what is missing at the sink is what Seki says it dropped, to the packet."""
    limit = {"reflection": {"mode": "enforce", "ntp_pps": "5 kpps"}}
    options = ["--forward-mode=txonly", f"--tx-ip={SOURCE},{TARGET}", "--tx-udp=123,40000", "--txpkts=468"]
    sent, stats, reasons, received = through(seki_bin, tmp_path, config(tmp_path, countermeasures=limit), options)
    assert stats["rx"] == sent["TX-packets"] > 50000
    assert stats["tx"] == received["RX-packets"]
    dropped = {n: r["packets"] for n, r in reasons.items() if n not in ("clean", "outbound", "control", "non_ip")}
    assert sum(dropped.values()) == sent["TX-packets"] - received["RX-packets"]
    assert dropped["reflection_budget"] > 0.5 * sent["TX-packets"]
    # The budget is a rate: what passed in two seconds is about two seconds of it, never a multiple.
    assert received["RX-packets"] < 40000


def test_flows(seki_bin, tmp_path):
    """flowgen: many flows; addresses are its own, in no zone, and pass as such."""
    options = ["--forward-mode=flowgen", "--flowgen-flows=4096", "--txpkts=128"]
    sent, stats, reasons, received = through(seki_bin, tmp_path, config(tmp_path), options)
    assert stats["rx"] == sent["TX-packets"] > 10000
    assert stats["tx"] == received["RX-packets"]
    assert reasons["no_zone"]["packets"] == received["RX-packets"]


@pytest.mark.parametrize("segments", ["8900", "700,700", "64,1000,2000,1000,64"])
def test_jumbo_and_segments(seki_bin, tmp_path, segments):
    """Frames larger than a buffer, and frames that the source sends in pieces, arrive whole: same count, same bytes."""
    size = sum(map(int, segments.split(",")))
    options = ["--mbuf-size=10240", "--forward-mode=txonly", f"--tx-ip={SOURCE},{TARGET}", "--tx-udp=40000,443",
               f"--txpkts={segments}"]
    sent, stats, reasons, received = through(seki_bin, tmp_path, config(tmp_path, mtu=9000), options, 1.0)
    assert stats["rx"] == sent["TX-packets"] > 100
    assert stats["tx"] == received["RX-packets"]
    assert received["RX-bytes"] == received["RX-packets"] * size
    assert reasons["clean"]["packets"] == received["RX-packets"]


def test_oversize_is_named(seki_bin, tmp_path):
    options = ["--forward-mode=txonly", f"--tx-ip={SOURCE},{TARGET}", "--tx-udp=40000,443", "--txpkts=1600"]
    sent, stats, reasons, received = through(seki_bin, tmp_path, config(tmp_path), options, 1.0)
    assert received["RX-packets"] == 0
    assert reasons["oversize"]["packets"] == stats["rx"] == sent["TX-packets"] > 100
