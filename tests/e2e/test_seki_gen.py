# SPDX-License-Identifier: BSD-3-Clause
"""seki-gen: one seed, one trace; sound packets; labels and marks that agree; an attack that no host sees alone."""
import collections
import hashlib
import os
import socket
import struct
import subprocess

import pytest

import craft
from gentrace import l3_of, l4_sum, path_beside, run, wrong_checksum


@pytest.fixture(scope="module")
def gen(seki_bin):
    path = path_beside(seki_bin)
    if not os.path.exists(path):
        pytest.skip("seki-gen is not built beside this seki")
    return path


@pytest.fixture(scope="module")
def trace(gen, tmp_path_factory):
    """(time, frame, wire length) of each packet, and the labels."""
    data, labels = run(gen, tmp_path_factory.mktemp("gen"), "trace", "--seed", "7")
    return craft.read_pcap(data), labels.strip()


def test_one_seed_one_trace(gen, tmp_path):
    digests = [hashlib.sha256(repr(run(gen, tmp_path, "t", "--seed", seed)).encode()).hexdigest()
               for seed in ("7", "7", "8")]
    assert digests[0] == digests[1] != digests[2]


def test_labels_and_rates(trace):
    packets, labels = trace
    assert len(packets) == len(labels) and set(labels) == {"A", "L"}
    assert abs(labels.count("A") - 4000 * 2 * 0.7) < 10
    assert abs(labels.count("L") - 2000 * 2) < 200
    times = [time_ns for time_ns, _, _ in packets]
    assert times == sorted(times) and times[-1] - times[0] < 2 * 10**9


def test_checksums_and_lengths_are_right(trace):
    wrong = collections.Counter(wrong_checksum(frame) for _, frame, _ in trace[0])
    assert set(wrong) == {None}


def test_fragments_make_whole_datagrams(trace):
    """Reassembled, each has the length and the checksum that its UDP header says."""
    parts = collections.defaultdict(dict)
    for _, frame, _ in trace[0]:
        kind, packet = l3_of(frame)
        offset = struct.unpack("!H", packet[6:8])[0] if kind == b"\x08\x00" else 0
        if offset & 0x3FFF:
            parts[packet[12:20] + packet[4:6]][(offset & 0x1FFF) * 8] = packet[20:]
    assert len(parts) > 100
    for key, pieces in parts.items():
        whole = b"".join(pieces[at] for at in sorted(pieces))
        assert struct.unpack("!H", whole[4:6])[0] == len(whole)
        assert l4_sum(key[:8], 17, whole) == 0


def test_marks_say_what_labels_say(trace):
    packets, labels = trace
    marked = 0
    for number, ((_, frame, _), label) in enumerate(zip(packets, labels), 1):
        at = frame.find(b"SEKI")
        if at < 0:
            continue
        marked += 1
        assert frame[at + 4:at + 8] == label.encode() + bytes(3)
        assert struct.unpack("!Q", frame[at + 8:at + 16])[0] == number
    assert marked > len(packets) // 2


def tcp_packets(packets):
    for _, frame, _ in packets:
        kind, packet = l3_of(frame)
        if kind == b"\x08\x00" and packet[9] == 6:
            yield packet[12:16], packet[16:20], packet[20:]
        elif kind == b"\x86\xdd" and packet[6] == 6:
            yield packet[8:24], packet[24:40], packet[40:]


def test_connections_are_whole(trace):
    """Each begins with its handshake, and every acknowledgement is of what the other end had sent."""
    sent, states, closed = {}, {}, 0
    for src, dst, segment in tcp_packets(trace[0]):
        sport, dport, seq, ack = struct.unpack("!HHII", segment[:12])
        flags, size = segment[13], len(segment) - (segment[12] >> 4) * 4
        one, two = (src, sport, dst, dport), (dst, dport, src, sport)
        if flags & 0x12 == 0x02:
            states[one] = states[two] = "syn"
        elif flags & 0x12 == 0x12:
            assert states[one] == "syn"
            states[one] = states[two] = "open"
        else:
            assert states.get(one) == "open"
        assert one not in sent or seq == sent[one]
        if flags & 0x10:
            assert ack == sent[two]
        closed += bool(flags & 0x05)
        sent[one] = (seq + size + bool(flags & 0x03)) % 2**32
    assert len(states) > 40 and closed > 5


def test_no_host_sees_enough_for_an_alarm(trace):
    packets, labels = trace
    hosts = collections.Counter(l3_of(frame)[1][16:20] for (_, frame, _), label in zip(packets, labels) if label == "A")
    assert len(hosts) == 256 and {addr[:3] for addr in hosts} == {socket.inet_aton("198.18.16.0")[:3]}
    assert max(hosts.values()) < 3 * sum(hosts.values()) / 256
    ports = collections.Counter(struct.unpack("!H", l3_of(frame)[1][20:22])[0]
                                for (_, frame, _), label in zip(packets, labels)
                                if label == "A" and l3_of(frame)[1][7] == 0 and not l3_of(frame)[1][6] & 0x1F)
    assert set(ports) == {53, 123, 389, 11211}


def test_both_families_and_directions_are_there(trace):
    seen = collections.Counter((l3_of(frame)[0], frame[:6]) for (_, frame, _), label in zip(*trace) if label == "L")
    assert len(seen) == 4 and min(seen.values()) > 200


def test_vlan_and_no_attack(gen, tmp_path):
    data, labels = run(gen, tmp_path, "vlan", "--vlan", "77", "--scenario", "none")
    assert set(labels.strip()) == {"L"}
    assert all(frame[12:16] == b"\x81\x00\x00\x4d" for _, frame, _ in craft.read_pcap(data))


BAD = [(), ("--out", "x", "--seconds", "0"), ("--out", "x", "--legit-pps", "lots"), ("--out", "x", "--scenario", "rain"),
       ("--out", "x", "more"), ("--out", "x", "--seconds", "86400", "--legit-pps", "10 Mpps")]


@pytest.mark.parametrize("words", BAD, ids=[" ".join(words) or "nothing" for words in BAD])
def test_bad_arguments_are_refused(gen, tmp_path, words):
    done = subprocess.run([gen, *words], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 2 and done.stderr and not os.listdir(tmp_path)


def test_a_full_disk_is_noticed(gen):
    done = subprocess.run([gen, "--out", "/dev/full"], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 1 and "/dev/full cannot be written" in done.stderr


def test_labels_do_not_overwrite_the_trace(gen, tmp_path):
    done = subprocess.run([gen, "--out", "x", "--labels", "./x"], cwd=tmp_path, capture_output=True, text=True, check=False,
                          timeout=60)
    assert done.returncode == 2 and "name the same file" in done.stderr
    assert os.listdir(tmp_path) == []
