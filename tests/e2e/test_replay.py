# SPDX-License-Identifier: BSD-3-Clause
"""`seki replay` on captures made here: what it reads and writes, directions, time, budgets."""
import struct

import pytest

import craft
from craft import INSIDE_MAC, OUTSIDE_MAC
from replay_rig import CLIENT, HOST, MS, OTHER, S, T0, config, replay  # noqa: F401, replay is a fixture


def steady(frame, count, gap_ns, start=T0):
    return [(start + i * gap_ns, frame) for i in range(count)]


def test_what_it_tells(replay):
    packets = [(T0, craft.udp4(CLIENT, HOST)), (T0 + 5, craft.tcp4(CLIENT, HOST, 0x00)),
               (T0 + 9, craft.udp4(HOST, CLIENT))]
    report, rows, clean = replay.run(craft.pcap(packets))
    assert rows == [["1", "1700000000.000000000", "inbound", "pass", "clean", "web"],
                    ["2", "1700000000.000000005", "inbound", "drop", "tcp_flags", "web"],
                    ["3", "1700000000.000000009", "outbound", "pass", "outbound", "web"]]
    assert clean == [(*packets[0], len(packets[0][1])), (*packets[2], len(packets[2][1]))]
    assert report["reasons"] == {"clean": 1, "outbound": 1, "tcp_flags": 1}
    assert report["zones"]["web"]["dropped"] == 1 and report["zones"]["web"]["reasons"]["tcp_flags"] == 1
    assert report["incidents"] == [] and report["observed"] == 0 and report["challenged"] == 0


def test_observe_passes_and_counts_apart(replay):
    report, rows, _ = replay.run(craft.pcap([(T0, craft.tcp4(CLIENT, HOST, 0x00))]), config(mode="observe"))
    assert rows[0][3:5] == ["pass", "clean"]
    assert report["observed"] == 1 and report["observed_reasons"] == {"tcp_flags": 1}
    assert report["zones"]["web"]["observed"] == 1


def test_observing_allow_holds_no_verdict_back(replay):
    replay.put("good.txt", "192.0.2.0/24\n")
    text = config(mode="observe").replace("zones: (", 'lists: ( { name = "good"; file = "good.txt"; } );\nzones: (')
    text = text.replace('    mode = "observe";', '    mode = "observe";\n    allow = ["good"];')
    report, rows, _ = replay.run(craft.pcap([(T0, craft.udp4(CLIENT, HOST))]), text)
    assert rows[0][4] == "allowed" and report["observed"] == 0 and report["observed_reasons"] == {}


def test_the_table_for_people_names_each_reason(replay):
    replay.put("seki.conf", config())
    replay.put("in.pcap", craft.pcap([(T0, craft.tcp4(CLIENT, HOST, 0x00))]))
    done = replay.raw("-c", "seki.conf", "in.pcap")
    assert done.returncode == 0
    assert "tcp_flags                     1  The TCP flags are a set that no TCP sends." in done.stdout
    assert [line.split() for line in done.stdout.splitlines() if line.startswith("  web")] == [
        ["web", "1", "0", "1", "0"]]


DIRECTIONS = [  # description, source, destination, direction, reason by addresses alone
    ("destination in a zone", CLIENT, HOST, "inbound", "clean"),
    ("source in a zone", HOST, CLIENT, "outbound", "outbound"),
    ("both in a zone", HOST, "198.51.100.8", "local", "local"),
    ("neither in a zone", CLIENT, OTHER, "transit", "transit"),
]


@pytest.mark.parametrize("src,dst,direction,reason", [row[1:] for row in DIRECTIONS], ids=[row[0] for row in DIRECTIONS])
def test_direction_by_address(replay, src, dst, direction, reason):
    _, rows, _ = replay.run(craft.pcap([(T0, craft.udp4(src, dst))]))
    assert rows[0][2:5] == [direction, "pass", reason]


STRANGER = "02:00:00:00:0c:01"
MACS = [  # description, source MAC, destination MAC, source, destination, direction, reason
    ("sender outside", OUTSIDE_MAC, STRANGER, CLIENT, OTHER, "inbound", "no_zone"),
    ("sender inside", INSIDE_MAC, STRANGER, CLIENT, OTHER, "outbound", "outbound"),
    ("receiver inside", STRANGER, INSIDE_MAC, CLIENT, OTHER, "inbound", "no_zone"),
    ("receiver outside", STRANGER, OUTSIDE_MAC, CLIENT, OTHER, "outbound", "outbound"),
    ("the sender decides", OUTSIDE_MAC, OUTSIDE_MAC, CLIENT, OTHER, "inbound", "no_zone"),
    ("strangers fall back to addresses", STRANGER, STRANGER, CLIENT, HOST, "inbound", "clean"),
    ("own source from outside", OUTSIDE_MAC, INSIDE_MAC, HOST, "198.51.100.8", "inbound", "src_own_zone"),
]


@pytest.mark.parametrize("smac,dmac,src,dst,direction,reason", [row[1:] for row in MACS], ids=[row[0] for row in MACS])
def test_direction_by_mac(replay, smac, dmac, src, dst, direction, reason):
    text = config(macs=True, countermeasures='antispoof: { mode = "enforce"; };')
    _, rows, _ = replay.run(craft.pcap([(T0, craft.udp4(src, dst, smac=smac, dmac=dmac))]), text)
    assert (rows[0][2], rows[0][4]) == (direction, reason)


def test_formats_and_stamps_agree(replay):
    packets = [(T0 + i * 1000, craft.udp4(CLIENT, HOST, payload=bytes(i))) for i in range(50)]
    wanted = replay.run(craft.pcap(packets))[1:]
    assert wanted[1] == [(*packet, len(packet[1])) for packet in packets]
    assert replay.run(craft.pcap(packets, nano=False))[1:] == wanted
    assert replay.run(craft.pcapng(packets), None, name="in.pcapng")[1:] == wanted


def test_time_never_runs_backwards(replay):
    frame = craft.udp4(CLIENT, HOST)
    _, rows, clean = replay.run(craft.pcap([(T0 + 5, frame), (T0, frame), (T0 + 7, frame)]))
    assert [row[1][-1] for row in rows] == ["5", "5", "7"]
    assert [time - T0 for time, _, _ in clean] == [5, 0, 7]  # the copy keeps the file's own stamps


def test_stamps_of_damaged_files_are_bounded(replay):
    frame = craft.udp4(CLIENT, HOST)
    data = craft.pcap([(0, frame), (0xFFFFFFFF * S, frame)])
    data = data[:28] + struct.pack("<I", 0xFFFFFFFF) + data[32:]  # nanoseconds of the first
    _, rows, _ = replay.run(data)
    assert [row[1] for row in rows] == ["0.999999999", "4294967295.000000000"]


def test_frames_cut_by_the_capture_keep_their_length(replay):
    frame = craft.udp4(CLIENT, HOST, payload=bytes(1000))
    _, rows, clean = replay.run(craft.pcap([(T0, frame[:100], len(frame))]))
    assert rows[0][3:5] == ["pass", "clean"]
    assert clean == [(T0, frame[:100], len(frame))]


def test_frames_of_many_buffers_come_out_whole(replay):
    frame = craft.udp4(CLIENT, HOST, payload=bytes(i % 251 for i in range(8900)))
    _, _, clean = replay.run(craft.pcap([(T0, frame)] * 40), config(mtu=9000))
    assert clean == [(T0, frame, len(frame))] * 40


def test_oversize_is_the_ports_mtu(replay):
    fits, over = (craft.udp4(CLIENT, HOST, payload=bytes(1472 + more)) for more in (0, 1))
    tagged = craft.udp4(CLIENT, HOST, payload=bytes(1472), vlans=(5,))
    _, rows, _ = replay.run(craft.pcap([(T0, fits), (T0, over), (T0, tagged)]))
    assert [row[4] for row in rows] == ["clean", "oversize", "clean"]


@pytest.mark.parametrize("ethertype, what", [(0x88E5, "MACsec"), (0x8847, "MPLS"), (0x8864, "PPPoE"), (0x88B5, "unknown")])
def test_what_carries_ip_may_be_longer(replay, ethertype, what):
    """By 32 bytes; what is longer, no port could send, so it is dropped in observe mode, too."""
    frames = [craft.eth(bytes(1500 + more), ethertype) for more in (32, 33)]
    _, rows, _ = replay.run(craft.pcap([(T0, frame) for frame in frames]), config(mode="observe"))
    assert [row[3] for row in rows] == ["pass", "drop"], what
    assert rows[1][4] == "oversize"


BUDGET = 'reflection: { mode = "enforce"; pps = "10 pps"; burst = "100 ms"; };'


def test_a_budget_follows_the_captures_time(replay):
    """DNS answers at 100 a second against a budget of 10: what passes is the rate times the time, and the burst."""
    frame = craft.udp4(CLIENT, HOST, sport=53, dport=40000)
    report, _, _ = replay.run(craft.pcap(steady(frame, 1000, 10 * MS)), config(countermeasures=BUDGET))
    assert 100 <= report["passed"] <= 103


def test_bursts_and_buffers_change_nothing(replay):
    frames = [craft.udp4(f"192.0.2.{i % 50 + 1}", HOST, sport=53, dport=40000, payload=bytes(i % 700))
              for i in range(3000)]
    data = craft.pcap([(T0 + i * 333_333, frame) for i, frame in enumerate(frames)])
    text = config(countermeasures='reflection: { mode = "enforce"; pps = "500 pps"; burst = "50 ms"; };')
    wanted = replay.run(data, text, "--burst", "1")[1]
    assert {row[4] for row in wanted} == {"clean", "reflection_budget"}
    for burst in ("2", "7", "31", "32"):
        assert replay.run(data, text, "--burst", burst)[1] == wanted
    assert replay.run(data, text, "--segment", "16")[1] == wanted
    assert replay.run(data, text, "--segment", "33", "--burst", "5")[1] == wanted


def test_bursts_end_at_ticks(replay):
    """With several cores a tick moves shares between them: a burst that reached over it would be judged by old ones."""
    frames = [craft.udp4(f"192.0.2.{i % 20 + 1 + 100 * (i // 900)}", HOST, sport=53, dport=40000) for i in range(1800)]
    data = craft.pcap([(T0 + i * 707_107, frame) for i, frame in enumerate(frames)])
    text = config(countermeasures='reflection: { mode = "enforce"; pps = "300 pps"; burst = "50 ms"; };')
    wanted = replay.run(data, text, "--burst", "1", "--cores", "4")[1]
    assert replay.run(data, text, "--burst", "32", "--cores", "4")[1] == wanted
    assert replay.run(data, text, "--burst", "7", "--cores", "4")[1] == wanted


def test_what_passed_is_in_the_order_of_the_capture(replay):
    """Control traffic leaves a burst first, and cores finish in any order; the file must not show it."""
    arp = craft.eth(bytes(28), 0x0806)
    frames = [arp if i % 5 == 4 else craft.udp4(f"192.0.2.{i + 1}", HOST) for i in range(64)]
    packets = [(T0 + i, frame) for i, frame in enumerate(frames)]
    for cores in ("1", "4"):
        _, rows, clean = replay.run(craft.pcap(packets), None, "--cores", cores)
        assert [row[4] for row in rows].count("control") == 12
        assert clean == [(*packet, len(packet[1])) for packet in packets]


# What is ten times the budget would be an attack, and its budget none.
NO_DETECTION = "detection: { enable = false; };\n"


def test_cores_share_a_budget_and_never_exceed_it(replay):
    """The zone's alone: sources that came while it was hardly touched would have a budget each when it is spent."""
    frames = [craft.udp4(f"192.0.2.{i % 200 + 1}", HOST, sport=53, dport=40000) for i in range(4000)]
    data = craft.pcap([(T0 + i * MS // 2, frame) for i, frame in enumerate(frames)])  # 2,000/s for 2 s
    text = config(countermeasures='reflection: { mode = "enforce"; pps = "200 pps"; burst = "100 ms"; familiar_pps = 0; };') + NO_DETECTION
    for cores in ("1", "2", "4", "8"):
        passed = replay.run(data, text, "--cores", cores)[0]["passed"]
        assert 300 <= passed <= 200 * 2 + 20 + int(cores)


def test_one_seed_one_result(replay):
    frames = [craft.udp4(f"192.0.2.{i % 200 + 1}", HOST, sport=53, dport=40000) for i in range(2000)]
    data = craft.pcap([(T0 + i * MS, frame) for i, frame in enumerate(frames)])
    text = config(countermeasures='reflection: { mode = "enforce"; pps = "100 pps"; burst = "100 ms"; };')
    first, again, other = (replay.run(data, text, "--cores", "4", "--seed", seed)[1] for seed in ("5", "5", "6"))
    assert first == again
    assert first != other  # another owner for each client, so another core's share


def test_idle_time_is_skipped_with_equal_results(replay):
    """A gap replayed tick by tick, because traffic of no zone fills it, leaves the same leases as one jumped over."""
    def burst(start):  # from client to client, so that shares move at every tick
        return [(start + i * MS, craft.udp4(f"192.0.2.{i // 50 + 1}", HOST, sport=53, dport=40000))
                for i in range(700)]

    filler = craft.udp4(CLIENT, OTHER)
    gap = [(T0 + S + i * 50 * MS, filler) for i in range(-6, 1221)]  # no tick without a packet
    text = config(countermeasures='reflection: { mode = "enforce"; pps = "100 pps"; burst = "200 ms"; };')
    both = [burst(T0), burst(T0 + 62 * S + 37 * MS)]  # not a whole number of ticks later
    wanted = replay.run(craft.pcap(both[0] + gap + both[1]), text, "--cores", "4")[1]
    wanted = [row[1:] for row in wanted if row[2] == "inbound"]
    jumped = replay.run(craft.pcap(both[0] + both[1]), text, "--cores", "4")[1]
    assert [row[1:] for row in jumped] == wanted
    assert {row[4] for row in jumped} == {"clean", "reflection_budget"}


STATE = 'tcp_state: {{ mode = "enforce"; pps = "1 pps"; burst = "1 ms"; arm_after = "{}"; }};'
ACK = 0x10


def evidence(count=100_000):
    """A connection that is known, and `count` packets of it until five seconds have passed: what it takes to be armed."""
    inside = craft.tcp4(HOST, CLIENT, ACK, sport=443, dport=50000)
    client = craft.tcp4(CLIENT, HOST, ACK, sport=50000, dport=443)
    return [(T0 + 200 * MS, inside)] + [(T0 + 300 * MS + i * 47_000, client) for i in range(count)]


def test_tcp_state_is_armed_when_it_has_shown_what_it_would_drop(replay):
    """Two strays at once are two too many: seen by the tick at 0.1 s, from which on the ten seconds count."""
    stray = craft.tcp4(CLIENT, HOST, ACK)
    ends = [(T0, stray)] * 2, [(T0 + 12 * S, stray)] * 2

    def run(after, count=100_000):
        report, rows, _ = replay.run(craft.pcap(ends[0] + evidence(count) + ends[1]),
                                     config(countermeasures=STATE.format(after)))
        return report["observed_reasons"], [row[4] for row in rows[:2] + rows[-2:]]

    assert run("10 s") == ({"tcp_stray": 1}, ["clean"] * 3 + ["tcp_stray"])
    assert run("0 s", 0) == ({}, ["clean", "tcp_stray"] * 2)
    assert run("12 s") == ({"tcp_stray": 2}, ["clean"] * 4)
    assert run("10 s", 99_999) == ({"tcp_stray": 2}, ["clean"] * 4)


@pytest.mark.parametrize("gap", [9 * S, 10 * S, 10 * S + 100 * MS, 20 * S])
def test_idle_time_arms_tcp_state_as_ticks_would(replay, gap):
    stray, filler = craft.tcp4(CLIENT, HOST, ACK), craft.udp4(CLIENT, OTHER)
    begin, end = [(T0, stray)] * 2 + evidence(), [(T0 + gap, stray)] * 2
    full = [(T0 + i, filler) for i in range(5 * S + 50 * MS, gap, 50 * MS)]
    text = config(countermeasures=STATE.format("10 s"))
    wanted = [row[1:] for row in replay.run(craft.pcap(begin + full + end), text)[1] if row[5] == "web"]
    assert [row[1:] for row in replay.run(craft.pcap(begin + end), text)[1]] == wanted
    assert wanted[-1][3] == ("tcp_stray" if gap > 10 * S else "clean")


@pytest.mark.parametrize("cores", ["1", "2", "4", "8"])
@pytest.mark.parametrize("macs", [True, False], ids=["by MAC", "by address"])
def test_a_conversation_is_one_cores(replay, macs, cores):
    """Both directions, whoever says which is which: else an owner core would never hear the inside."""
    def say(client, out, flags):
        ends = (HOST, client, 443, 40000) if out else (client, HOST, 40000, 443)
        macs = (INSIDE_MAC, OUTSIDE_MAC) if out else (OUTSIDE_MAC, INSIDE_MAC)
        return craft.tcp4(*ends[:2], flags, sport=ends[2], dport=ends[3], smac=macs[0], dmac=macs[1])

    packets = [(T0 + i * MS + k, say(f"192.0.2.{i + 1}", out, flags)) for i in range(100)
               for k, (out, flags) in enumerate([(False, 0x02), (True, ACK), (False, ACK), (False, ACK)])]
    _, rows, _ = replay.run(craft.pcap(packets), config(macs=macs, countermeasures=STATE.format("0 s")), "--cores",
                            cores)
    assert [row[2] for row in rows] == ["inbound", "outbound", "inbound", "inbound"] * 100
    assert {row[4] for row in rows} == {"clean", "outbound"}


def test_years_cost_nothing(replay):
    frame = craft.udp4(CLIENT, HOST)
    year = 365 * 86400 * S
    report, _, _ = replay.run(craft.pcap([(i * year, frame) for i in range(50)]))  # 1.5e10 ticks one by one
    assert report["packets"] == 50


def test_a_capture_without_packets_is_well(replay):
    report, rows, clean = replay.run(craft.pcap([]))
    assert (report["packets"], rows, clean) == (0, [], [])
