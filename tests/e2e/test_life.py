# SPDX-License-Identifier: BSD-3-Clause
"""The life of a process: reload under traffic, a bad file, a clean stop, an ordinary user."""
import contextlib
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import time

import pytest

import capture
import frames
import testpmd
from conftest import ALL_CORES, FULL, assert_balanced
from seki import Seki, pair
from test_memif import CLIENTS, MANY_CLIENTS, config as memif_config, memif

N_PREFIXES = 100000


def write_list(path, n, seed=1):
    """`n` mixed prefixes, two thirds IPv4, none of them covering what the tests send from."""
    rng = random.Random(seed)
    chosen = set()
    while len(chosen) < n:
        if len(chosen) % 3:
            length = rng.choice((16, 20, 22, 24, 24, 24, 28, 32))
            value = rng.randrange(20 << 24, 90 << 24) >> (32 - length) << (32 - length)
            chosen.add(f"{value >> 24}.{value >> 16 & 255}.{value >> 8 & 255}.{value & 255}/{length}")
        else:
            length = rng.choice((32, 40, 44, 48, 48, 48))
            value = (0x2A << 40 | rng.getrandbits(40)) >> (48 - length) << (48 - length)
            chosen.add(f"{value >> 32:x}:{value >> 16 & 0xffff:x}:{value & 0xffff:x}::/{length}")
    path.write_text("\n".join(sorted(chosen)) + "\n")
    return path


def wait_for(condition, timeout):
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.1)
    return False


def with_lists(where, path, cores):
    conf = memif_config(where, cores=cores)
    conf["lists"] = [{"name": "bad", "file": str(path)}]
    conf["zones"][0]["deny"] = ["bad"]
    return conf


@pytest.fixture
def traffic(request, seki_bin, tmp_path, cores):
    """Seki with a list (of 1,000 prefixes, or request.param) and two memif neighbours; the source is not yet sending."""
    if testpmd.missing():
        pytest.skip(testpmd.missing())
    first = write_list(tmp_path / "first.txt", getattr(request, "param", 1000))
    with Seki(seki_bin, with_lists(tmp_path, first, cores), tmp_path) as box, \
         testpmd.Testpmd(f"{box.prefix}-b", [memif("client", f"{tmp_path}/in.sock", 0)], 0,
                         ["--forward-mode=rxonly"]) as sink, \
         testpmd.Testpmd(f"{box.prefix}-a", [memif("client", f"{tmp_path}/out.sock", 0)], 0,
                         MANY_CLIENTS) as source:
        sink.wait_link()
        source.wait_link()
        sink.command("start")
        yield box, source, sink
        code, log = box.stop()
        assert code == 0, log


def generation(box):
    return box.ask("/seki/info")["policy_generation"]


@pytest.mark.parametrize("cores", ALL_CORES, indirect=True)
@pytest.mark.parametrize("traffic", [N_PREFIXES], indirect=True)
def test_reload_loses_nothing(traffic, tmp_path, cores):
    """
    100,000 mixed prefixes are swapped for 100,000 others while packets pass: all that came in is accounted for, and none
    is dropped but where a ring or a port was full, as happens with neighbours on the same CPUs.
    """
    box, source, sink = traffic
    second = write_list(tmp_path / "second.txt", N_PREFIXES, seed=2)
    source.command("start")
    time.sleep(1)
    before = generation(box)
    box.write({**box.conf, **with_lists(tmp_path, second, cores)})
    box.reload()
    assert wait_for(lambda: generation(box) > before, 90), box.log()
    time.sleep(1)
    source.command("stop")
    stats = assert_balanced(box)
    reasons = {n: r["packets"] for n, r in box.reasons().items() if r["packets"]}
    assert stats["rx"] == source.stats()["TX-packets"] > 10000
    assert sink.stats()["RX-packets"] == stats["tx"]
    lost = {n: c for n, c in reasons.items() if n not in {"clean"} | FULL}
    assert not lost, f"packets were dropped: {lost}"
    assert box.ask("/seki/info")["reloads_failed"] == 0


@pytest.mark.parametrize("cores", ALL_CORES, indirect=True)
def test_reload_takes_effect(traffic, tmp_path, cores):
    """The same swap, seen from the packets: what the new list denies no longer arrives."""
    box, source, sink = traffic
    (tmp_path / "deny.txt").write_text("\n".join(CLIENTS))
    before = generation(box)
    box.write({**box.conf, **with_lists(tmp_path, tmp_path / "deny.txt", cores)})
    box.reload()
    assert wait_for(lambda: generation(box) > before, 60), box.log()
    source.command("start")
    time.sleep(0.5)
    source.command("stop")
    stats = assert_balanced(box)
    ended = {name: row["packets"] for name, row in box.reasons().items() if row["packets"]}
    assert stats["rx"] == source.stats()["TX-packets"] > 1000
    assert set(ended) <= {"denied", "steer_full"}, ended
    assert ended["denied"] + ended.get("steer_full", 0) == stats["dropped"] == stats["rx"]
    assert ended["denied"] > stats["rx"] / 10 and sink.stats()["RX-packets"] == 0


BAD_FILES = {
    "not libconfig": "zones = ((((",
    "unknown key": "zoness = ();",
    "empty": "",
}


@pytest.mark.parametrize("what", BAD_FILES)
def test_bad_file_changes_nothing(traffic, what):
    """A reload of a bad file is refused with a sentence, and the old policy goes on."""
    box, source, sink = traffic
    before, said = generation(box), len(box.log())
    box.write(BAD_FILES[what])
    box.reload()
    assert wait_for(lambda: "reload refused: nothing has changed" in box.log()[said:], 30), box.log()
    assert re.search(rf"{re.escape(box.file)}:(\d+:)? \S", box.log()[said:]), f"no word of why:\n{box.log()[said:]}"
    time.sleep(0.5)
    assert generation(box) == before
    source.command("start")
    time.sleep(0.5)
    source.command("stop")
    stats = assert_balanced(box)
    assert stats["tx"] == sink.stats()["RX-packets"] > 1000


def replay_config(where):
    """Ports that need no right of any kind: a capture in, nothing out. To detection it would be a flood, and dropped."""
    frame = frames.udp_flows(b"\x02" * 6, b"\x04" * 6, 1000)
    path = capture.write_pcap(f"{where}/in.pcap", frame)
    return {"ports": pair(f"net_pcap0,rx_pcap={path},infinite_rx=1", "net_null0,no-rx=1"),
            "cores": {"main": 0, "rxtx": [os.cpu_count() - 1]},
            "zones": [{"name": "lab", "mode": "enforce", "prefixes": ["198.18.0.0/15"]}], "detection": {"enable": False}}


def last_words(log):
    """The tables that a run ends with: (the terms of the identity, port -> (rx, tx), reason -> (verdict, packets))."""
    found = re.search(r"accounting: rx (\d+) \+ generated (\d+) == tx (\d+) \+ dropped (\d+) \+ challenged (\d+)$", log,
                      re.MULTILINE)
    assert found, f"no identity in:\n{log}"
    in_bytes = re.search(r"in bytes: rx (\d+) \+ generated (\d+) == tx (\d+) \+ dropped (\d+) \+ challenged (\d+)$", log,
                         re.MULTILINE)
    assert in_bytes and int(in_bytes[1]) >= 60 * int(found[1]), f"no identity in bytes in:\n{log}"
    ports = re.findall(r"^(outside|inside) +(\d+) +\d+ +(\d+) +\d+", log, re.MULTILINE)
    reasons = re.findall(r"^([a-z_]+) +(pass|drop|observed) +(\d+) +\d+  \S", log, re.MULTILINE)
    return ([int(n) for n in found.groups()], {name: (int(rx), int(tx)) for name, rx, tx in ports},
            {name: (verdict, int(packets)) for name, verdict, packets in reasons})


@pytest.mark.parametrize("cores", ALL_CORES, indirect=True)
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_clean_stop(seki_bin, tmp_path, how, cores):
    """It ends soon, with code 0, and its last words are counters that add up, written under full load."""
    with Seki(seki_bin, {**replay_config(tmp_path), "cores": cores}, tmp_path) as box:
        assert wait_for(lambda: box.stats()["rx"] > 100000, 20)
        before = box.stats()
        os.kill(box.process.pid, how)
        assert box.process.wait(20) == 0, box.log()
        log = box.log()
    assert f"{signal.Signals(how).name}: stopping" in log
    (rx, generated, tx, dropped, challenged), ports, reasons = last_words(log)
    assert rx >= before["rx"] and tx >= before["tx"] > 0 and (generated, challenged) == (0, 0)
    assert ports == {"outside": (rx, 0), "inside": (0, tx)}
    assert reasons.pop("clean") == ("pass", tx)
    # "shutdown": what was still between two cores when the time to let it out was over.
    assert not set(reasons) - FULL - {"shutdown"}, reasons
    assert sum(packets for _, packets in reasons.values()) == dropped


def is_answering(box):
    """DPDK serves ten clients at a time, and tells the others nothing."""
    try:
        return box.stats()["rx"] > 0
    except (OSError, ValueError):
        return False


def test_readers_may_go(seki_bin, tmp_path):
    """Neither the end of who reads its log nor a client that does not wait for its answer ends it."""
    box = Seki(seki_bin, replay_config(tmp_path), tmp_path)
    box.process = subprocess.Popen(box.argv(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        log = b""
        while b"seki: running: " not in log:
            log += os.read(box.process.stdout.fileno(), 4096)
        box.process.stdout.close()
        box.reload()
        assert wait_for(lambda: box.ask("/seki/info")["reloads"] == 1, 30)
        for _ in range(50):
            with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as client, contextlib.suppress(OSError):
                client.connect(box.socket_path())
                client.send(b"/seki/stats")
        assert wait_for(lambda: is_answering(box), 20)
        box.process.terminate()
        assert box.process.wait(20) == 0
    finally:
        box.kill()


@pytest.mark.parametrize("where, code", [("/dev/full", 1), ("/dev/null", 0)])
def test_lost_last_words_are_noticed(seki_bin, tmp_path, where, code):
    """The final counters do not fit the disk: it says so and fails, as their reader would not know otherwise."""
    box = Seki(seki_bin, replay_config(tmp_path), tmp_path)
    with open(where, "wb") as out:
        box.process = subprocess.Popen(box.argv(), stdout=out, stderr=subprocess.PIPE, text=True)
    try:
        while "seki: running: " not in box.process.stderr.readline():
            assert box.process.poll() is None
        box.process.terminate()
        assert box.process.wait(20) == code
        assert ("the final counters are lost: " in box.process.stderr.read()) == (code != 0)
    finally:
        box.kill()


def test_second_instance_is_refused(seki_bin, tmp_path):
    """The same file prefix twice is an error with a sentence, not two processes on one memory."""
    with Seki(seki_bin, replay_config(tmp_path), tmp_path) as box:
        again = subprocess.run([box.binary, "run", "-c", box.file], capture_output=True, text=True, timeout=60,
                               check=False)
        assert again.returncode != 0
        assert again.stderr.strip()
        assert box.stats()["rx"] > 0


def test_ordinary_user(seki_bin, tmp_path_factory):
    """No root, no hugepages: virtual ports work."""
    if os.geteuid() == 0:
        if not shutil.which("setpriv"):
            pytest.skip("setpriv is not installed")
        user = "nobody"
    else:
        user = None
    where = tmp_path_factory.mktemp("user")
    binary = where / "seki"
    shutil.copy2(seki_bin, binary)
    conf = replay_config(where)
    for path in (where, *where.parents):
        if path.owner() == "root" and str(path).startswith("/tmp/"):
            os.chmod(path, 0o755 if path != where else 0o777)
    box = Seki(binary, conf, where, user=user)
    os.chmod(box.file, 0o644)
    with box:
        assert wait_for(lambda: box.stats()["rx"] > 100000, 20)
        if user:
            with open(f"/proc/{box.process.pid}/status", encoding="ascii") as status:
                uid = [line for line in status if line.startswith("Uid:")][0].split()[1]
            assert uid != "0"
        code, log = box.stop()
    assert code == 0, log


def test_bad_file_is_refused_at_start(seki_bin, tmp_path):
    (tmp_path / "bad.conf").write_text("ports = ();\nzones = (\n")
    done = subprocess.run([str(seki_bin), "run", "-c", str(tmp_path / "bad.conf")], capture_output=True, text=True,
                          timeout=30, check=False)
    assert done.returncode == 78
    assert "bad.conf:" in done.stderr
