# SPDX-License-Identifier: BSD-3-Clause
"""Each scenario of seki-gen: sound packets of the kind that its name says, labels and rates right, one seed one trace."""
import collections
import ipaddress
import os
import re

import pytest

import craft
from gentrace import INSIDE4, INSIDE6, frames, path_beside, run, wrong_checksum

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
INSIDE = [ipaddress.ip_network(INSIDE4), ipaddress.ip_network(INSIDE6)]
HOST = "198.18.16.10"
FIN, SYN, RST, PSH, ACK, URG = 1, 2, 4, 8, 16, 32


@pytest.fixture(scope="module")
def gen(seki_bin):
    path = path_beside(seki_bin)
    if not os.path.exists(path):
        pytest.skip("seki-gen is not built beside this seki")
    return path


def made(gen, where, *words):
    return frames(*run(gen, where, "t", *words))


def reflectors():
    with open(f"{ROOT}/lib/pkt/vectors.def", encoding="ascii") as table:
        return {name: int(port) for name, port in re.findall(r'^REFLECTOR\(\w+, "(\w+)", (\d+),', table.read(), re.M)}


def is_tcp(flags, data=False):
    return lambda p: p.proto == 6 and p.flags == flags and bool(p.data) == data


# What every packet of the attack is; `answered`: the inside answers, labelled O.
ATTACKS = {
    "carpet": lambda p: p.proto == 17 and (p.offset or p.ports[0] in (53, 123, 389, 11211)),
    "reflect": lambda p: p.proto == 17 and p.ports[0] == 123 and len(p.l4) == 448,
    "tcp_syn": lambda p: is_tcp(SYN)(p) and p.window == 512 and not p.options and p.ttl == 53,
    "tcp_synack": lambda p: is_tcp(SYN | ACK)(p) and p.ports[0] in (80, 443, 22, 25, 53, 179, 8080),
    "tcp_ack": is_tcp(ACK),
    "tcp_finrst": lambda p: p.proto == 6 and p.flags in (RST, RST | ACK, FIN | ACK) and not p.data,
    "tcp_other": lambda p: p.proto == 6 and p.flags in (0, PSH, URG, PSH | URG) and not p.data,
    "tcp_data": lambda p: p.proto == 6 and (bool(p.data) == bool(p.flags & PSH)),
    "connection": lambda p: p.proto == 6 and p.flags in (SYN, ACK, PSH | ACK),
    "udp": lambda p: p.proto == 17 and len(p.l4) in (520, 1032) and p.ports[0] not in reflectors().values(),
    "icmp_echo": lambda p: p.proto == 1 and p.l4[:2] == b"\x08\0" and len(p.l4) in (64, 1408),
    "icmp_error": lambda p: p.proto == 1 and p.l4[:2] == b"\x03\x03" and len(p.l4) == 8 + 28,
    "icmp_other": lambda p: p.proto == 1 and p.l4[0] in (13, 15, 17),
    "gre": lambda p: p.proto == 47 and len(p.l4) == 4 + 28 + 512,
    "other": lambda p: p.proto in (50, 132, 253, *range(150, 253)),
    "fragment": lambda p: p.proto == 17 and p.offset and len(p.l4) in (512, 1440),
}
ANSWERED = {"tcp_data", "connection"}
CLEAN = ["none", "flash", "sale", "speedtest", "backup", "resolver", "cgnat", "game", "call", "scanner"]


def assert_sound(capture):
    wrong = collections.Counter(wrong_checksum(frame) for _, frame, _ in craft.read_pcap(capture))
    assert set(wrong) == {None}


@pytest.mark.parametrize("name", ATTACKS)
def test_attack(gen, tmp_path, name):
    words = ("--scenario", name, "--seconds", "4", "--legit-pps", "500", "--from", "1", "--until", "2500 ms")
    capture, labels = run(gen, tmp_path, "t", *words)
    assert_sound(capture)
    assert (capture, labels) == run(gen, tmp_path, "again", *words)
    packets = frames(capture, labels)
    attack = [p for p in packets if p.label == "A"]
    assert abs(len(attack) - 6000) <= 4
    assert all(p.inbound and ATTACKS[name](p) for p in attack)
    assert min(p.time for p in attack) >= 1
    assert max(p.time for p in attack) < (2.7 if name == "connection" else 2.5)
    others = [p for p in packets if p.label == "O"]
    assert bool(others) == (name in ANSWERED) and not any(p.inbound for p in others)
    # An even rate: no 100 ms has more than its share, but for handshakes that begin together.
    if name != "connection":
        tenths = collections.Counter(int(p.time * 10) for p in attack)
        assert all(abs(n - 400) <= 4 for n in tenths.values())


@pytest.mark.parametrize("name", CLEAN)
def test_clean(gen, tmp_path, name):
    words = ("--scenario", name, "--seconds", "4", "--legit-pps", "500", "--pps", "1000", "--from", "1", "--until", "3")
    capture, labels = run(gen, tmp_path, "t", *words)
    assert_sound(capture)
    assert (capture, labels) == run(gen, tmp_path, "again", *words)
    assert set(labels.strip()) == {"L"} | ({"O"} if name in ("resolver", "scanner") else set())
    event = len(labels) - 2000
    expected = {"none": (-100, 250), "flash": (500, 3000), "sale": (15000, 32000)}.get(name, (1400, 2700))
    assert expected[0] <= event <= expected[1]


@pytest.mark.parametrize("name", [*ATTACKS, *CLEAN])
def test_who_is_inside_is_inside(gen, tmp_path, name):
    for p in made(gen, tmp_path, "--scenario", name, "--legit-pps", "400", "--attack-pps", "400"):
        there, away = (p.dst, p.src) if p.inbound else (p.src, p.dst)
        network = INSIDE[p.family == 6]
        assert ipaddress.ip_address(there) in network and ipaddress.ip_address(away) not in network


def test_people_are_the_same_whatever_the_attack(gen, tmp_path):
    def people(name):
        return [(p.time, p.src, p.dst, p.size, p.flags, p.seq) for p in made(gen, tmp_path, "--scenario", name)
                if p.label == "L"]

    assert people("none") == people("tcp_syn") == people("carpet")


def test_every_vector_of_reflection(gen, tmp_path):
    ports = reflectors()
    assert len(ports) > 30
    sizes = {}
    for name, port in ports.items():
        attack = [p for p in made(gen, tmp_path, "--scenario", "reflect", "--vector", name, "--legit-pps", "0",
                                  "--attack-pps", "500") if p.label == "A"]
        assert len(attack) == 700
        assert all(p.proto == 17 and (p.offset or p.ports[0] == port) for p in attack)
        sizes[name] = {len(p.l4) - 8 for p in attack if not p.offset}
        assert len({p.ttl for p in attack}) > 20
        assert any(p.more for p in attack) == (name in ("dns", "cldap", "snmp", "wsd"))
    assert sizes["ntp"] == {440} and sizes["memcached"] == {1400} and min(sizes["cldap"]) >= 1300
    assert min(map(min, sizes.values())) >= 8


def test_real_sources_keep_their_addresses(gen, tmp_path):
    words = ("--machines", "50", "--legit-pps", "0")
    for name in ("tcp_syn", "udp", "reflect", "connection"):
        attack = [p for p in made(gen, tmp_path, "--scenario", name, "--sources", "real", *words) if p.label == "A"]
        ttls = collections.defaultdict(set)
        for p in attack:
            ttls[p.src].add(p.ttl)
        assert len(ttls) == 50 and all(len(ttl) == 1 for ttl in ttls.values())
    for name in ("tcp_syn", "udp", "reflect"):
        attack = [p for p in made(gen, tmp_path, "--scenario", name, "--sources", "spoofed", *words) if p.label == "A"]
        assert len({p.src for p in attack}) > 0.99 * len(attack)
        assert len({p.src.split(".")[0] for p in attack}) > 200
        assert not any(ipaddress.ip_address(p.src).is_multicast or p.src.startswith("127.") for p in attack)


@pytest.mark.parametrize("name", ["tcp_data", "connection"])
def test_bots_complete_handshakes(gen, tmp_path, name):
    """Every segment of a bot but SYNs is of a connection that the inside has accepted, and acknowledges what was sent."""
    state, opened = {}, 0
    for p in made(gen, tmp_path, "--scenario", name, "--legit-pps", "0", "--machines", "200"):
        if p.label == "A":
            key = (p.src, p.ports[0], p.dst)
            if p.flags == SYN:
                state[key] = ["syn", p.seq + 1, None]
                continue
            opened += state[key][0] == "accepted"
            assert state[key][0] in ("accepted", "open") and p.ack == state[key][2]
            assert p.seq == state[key][1] % 2**32
            state[key][0] = "open"
            state[key][1] += len(p.data)
        else:
            key = (p.dst, p.ports[1], p.src)
            if p.flags == SYN | ACK:
                state[key] = ["accepted", state[key][1], (p.seq + 1) % 2**32]
            assert p.ack in ((state[key][1] - d) % 2**32 for d in range(0, 1500 * 8))
    assert opened > 150


@pytest.mark.parametrize("over, n", [("/24", 256), ("/22", 1024), ("/20", 4096)])
def test_carpets_hit_each_host_as_often(gen, tmp_path, over, n):
    attack = [p for p in made(gen, tmp_path, "--scenario", "udp", "--over", over, "--attack-pps", "20000", "--legit-pps",
                              "0")]
    hosts = collections.Counter(p.dst for p in attack)
    network = ipaddress.ip_network(f"198.18.16.0{over}")
    assert len(hosts) == n and all(ipaddress.ip_address(host) in network for host in hosts)
    assert max(hosts.values()) - min(hosts.values()) <= 1


def test_a_carpet_over_ipv6(gen, tmp_path):
    for name in ATTACKS:
        capture, labels = run(gen, tmp_path, "t", "--scenario", name, "--over", "v6-48", "--attack-pps", "6000",
                              "--legit-pps", "0")
        assert_sound(capture)
        attack = [p for p in frames(capture, labels) if p.label == "A"]
        assert all(p.family == 6 and p.size <= 1500 for p in attack)
        nets = {ipaddress.ip_address(p.dst).exploded[:19] for p in attack}
        assert len(nets) > (1000 if name == "tcp_data" else 2500), name
        assert len({net[:17] for net in nets}) == 16


def test_one_host_by_default(gen, tmp_path):
    assert {p.dst for p in made(gen, tmp_path, "--scenario", "tcp_syn") if p.label == "A"} == {HOST}


def per_second(gen, where, shape, seconds):
    attack = made(gen, where, "--scenario", "tcp_syn", "--shape", shape, "--seconds", str(seconds), "--from", "0", "--until",
                  str(seconds), "--attack-pps", "600", "--legit-pps", "0")
    return attack, collections.Counter(int(p.time) for p in attack)


def test_pulses(gen, tmp_path):
    _, seconds = per_second(gen, tmp_path, "pulse", 24)
    assert dict(seconds) == {second: 600 for second in (0, 1, 10, 11, 20, 21)}


def test_ramp(gen, tmp_path):
    _, seconds = per_second(gen, tmp_path, "ramp", 70)
    for second in range(60):
        assert abs(seconds[second] - 10 * second - 5) <= 2
    assert all(abs(seconds[second] - 600) <= 2 for second in range(61, 70))


def test_rotation(gen, tmp_path):
    attack, _ = per_second(gen, tmp_path, "rotate", 30)
    kinds = collections.defaultdict(set)
    for p in attack:
        kinds[int(p.time) // 3].add("fragment" if p.offset else (p.proto, p.flags))
    assert kinds[0] == {(6, SYN)} and len(kinds) == 10
    assert all(kinds[i] != kinds[i + 1] for i in range(9))


def test_mimics_look_like_people(gen, tmp_path):
    packets = made(gen, tmp_path, "--scenario", "tcp_syn", "--mimic")

    def looks(label):
        return {(p.window, len(p.options), bytes(p.options[:4]), p.ttl) for p in packets
                if p.flags == SYN and p.label == label and p.inbound and p.family == 4}

    assert {look[:3] for look in looks("A")} == {look[:3] for look in looks("L")}
    assert {look[3] for look in looks("L")} <= {look[3] for look in looks("A")}


def web_begun(packets):
    return collections.Counter(int(p.time) for p in packets if p.flags == SYN and p.inbound and p.ports[1] == 443)


def test_flash_grows_to_twenty_times(gen, tmp_path):
    begun = web_begun(made(gen, tmp_path, "--scenario", "flash", "--seconds", "20", "--legit-pps", "600", "--from", "5",
                           "--until", "19"))
    before = sum(begun[second] for second in range(1, 5)) / 4 / 0.6  # six of ten are to port 443
    after = sum(begun[second] for second in range(15, 19)) / 4 - 0.6 * before
    assert 14 < after / before < 25
    assert all(begun[second + 3] > begun[second] for second in range(5, 13, 3))


def test_sale_steps_to_fifty_times(gen, tmp_path):
    begun = web_begun(made(gen, tmp_path, "--scenario", "sale", "--seconds", "6", "--legit-pps", "2 kpps", "--from", "4",
                           "--until", "6"))
    before = sum(begun[second] for second in range(0, 4)) / 4 / 0.6
    assert 35 < begun[4] / before < 65 and 35 < begun[5] / before < 65


@pytest.mark.parametrize("name", ["flash", "sale", "speedtest", "backup", "cgnat"])
def test_connections_of_clean_events_are_whole(gen, tmp_path, name):
    """Each begins with its handshake, no number is skipped, and nobody acknowledges what was not sent."""
    sent, state = {}, {}
    for p in made(gen, tmp_path, "--scenario", name, "--legit-pps", "300"):
        if p.proto != 6:
            continue
        one, two = (p.src, p.ports[0], p.dst, p.ports[1]), (p.dst, p.ports[1], p.src, p.ports[0])
        if p.flags == SYN:
            state[one] = state[two] = "syn"
        elif p.flags == SYN | ACK:
            assert state[one] == "syn"
            state[one] = state[two] = "open"
        else:
            assert state.get(one) == "open"
        assert p.flags & SYN or p.seq == sent[one] or not p.data
        if p.flags & ACK:
            assert (sent[two] - p.ack) % 2**32 < 2**24
        sent[one] = max(sent.get(one, 0), p.seq + len(p.data) + bool(p.flags & (SYN | FIN))) if not p.flags & SYN else p.seq + 1
    assert len(state) >= 10


def test_backup_is_one_connection(gen, tmp_path):
    packets = [p for p in made(gen, tmp_path, "--scenario", "backup", "--legit-pps", "0") if p.proto == 6]
    assert len({frozenset(((p.src, p.ports[0]), (p.dst, p.ports[1]))) for p in packets}) == 1
    assert sum(p.inbound for p in packets) > 1.9 * sum(not p.inbound for p in packets)


def test_people_behind_few_addresses(gen, tmp_path):
    packets = made(gen, tmp_path, "--scenario", "cgnat", "--legit-pps", "0", "--seconds", "10")
    clients = collections.defaultdict(set)
    for p in packets:
        if p.inbound:
            clients[p.src].add(p.ports[0])
    assert len(clients) == 8 and min(map(len, clients.values())) > 30


def test_a_resolver_gets_late_and_unasked_answers(gen, tmp_path):
    asked, late, unasked, whole = {}, 0, 0, 0
    for p in made(gen, tmp_path, "--scenario", "resolver", "--seconds", "12", "--legit-pps", "0"):
        if p.offset or not p.ports:
            continue
        if not p.inbound:
            asked[p.src, p.ports[0], p.dst] = p.time
        elif (p.dst, p.ports[1], p.src) in asked:
            assert p.label == "L"
            late += p.time - asked[p.dst, p.ports[1], p.src] > 1.5
            whole += 1
        else:
            assert p.label == "O"
            unasked += 1
    assert late > 50 and unasked > 50 and whole > 5000


def test_players_and_callers_talk_both_ways(gen, tmp_path):
    for name, begins_inside in (("game", False), ("call", True)):
        ways = collections.defaultdict(list)
        for p in made(gen, tmp_path, "--scenario", name, "--legit-pps", "0", "--seconds", "4"):
            ends = ((p.dst, p.ports[1]), (p.src, p.ports[0])) if p.inbound else ((p.src, p.ports[0]), (p.dst, p.ports[1]))
            ways[ends].append(p.inbound)
        assert len(ways) >= 26 and all(inbound[0] == (not begins_inside) for inbound in ways.values())
        assert all(len(set(inbound)) == 2 for inbound in ways.values())
        assert name == "game" or sum(len(inbound) == 2 for inbound in ways.values()) == len(ways) / 2  # STUN


def test_scanners_try_everything(gen, tmp_path):
    probes = [p for p in made(gen, tmp_path, "--scenario", "scanner", "--legit-pps", "0") if p.inbound]
    assert all(p.label == "O" for p in probes)
    assert len({p.dst for p in probes}) > 0.4 * len(probes) and {p.proto for p in probes} == {1, 6, 17}
    assert len({p.ports[1] for p in probes if p.ports}) > 500


BAD = [("--scenario", "reflect", "--vector", "gopher"), ("--sources", "mine"), ("--over", "/16"), ("--shape", "round"),
       ("--from", "5"), ("--from", "1", "--until", "1"), ("--until", "11"), ("--from", "1 week"), ("--machines", "0"),
       ("--device", "net_null0"), ("--scenario", "sale", "--seconds", "86400", "--legit-pps", "1 kpps")]


@pytest.mark.parametrize("words", BAD, ids=" ".join)
def test_what_cannot_be_is_refused(gen, tmp_path, words):
    with pytest.raises(AssertionError) as refused:
        run(gen, tmp_path, "t", *words)
    assert "seki-gen: " in str(refused.value) and not os.listdir(tmp_path)
