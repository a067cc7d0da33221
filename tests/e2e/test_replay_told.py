# SPDX-License-Identifier: BSD-3-Clause
"""What `seki replay` says about the capture itself: stamps that leap, frames cut short; and names that bite."""
import json
import subprocess

import pytest

import craft
from replay_rig import CLIENT, HOST, MS, S, T0, config, replay  # noqa: F401, replay is a fixture

FRAME = craft.udp4(CLIENT, HOST)
DAY = 86400 * S
YEAR = 365 * DAY
NONE = {"packets": 0, "largest_ns": 0, "packet": 0}


def tell(replay, packets, *words):
    """Replays; returns (the JSON, the table for people, what standard error has)."""
    replay.put("seki.conf", config())
    replay.put("in.pcap", craft.pcap(packets))
    told = replay.raw("-c", "seki.conf", "in.pcap", *words)
    report = replay.raw("-c", "seki.conf", "in.pcap", "--json", *words)
    assert (told.returncode, report.returncode) == (0, 0)
    assert told.stderr == report.stderr
    return json.loads(report.stdout), told.stdout, told.stderr


def line_of(table, name):
    """The words of the line of a table that starts with `name`, and of the next one, which may go on with it."""
    lines = table.splitlines()
    at = next((i for i, line in enumerate(lines) if line.startswith(f"  {name} ")), None)
    return "" if at is None else " ".join(" ".join(lines[at:at + 2]).split())


def test_nothing_odd_is_not_talked_about(replay):
    report, table, stderr = tell(replay, [(T0 + i * S, FRAME) for i in range(5)] + [(T0 + 4 * S, FRAME)])
    assert (report["cut_frames"], report["cut_reasons"]) == (0, {})
    assert (report["time_clamped"], report["time_gaps"]) == (NONE, NONE)
    assert (line_of(table, "cut frames"), line_of(table, "time"), stderr) == ("", "", "")


def test_a_stamp_far_ahead_is_told(replay):
    """One damaged stamp stops the clock for all packets after it."""
    packets = [(T0 + i * MS, FRAME) for i in range(20)]
    packets[6] = (T0 + 6 * MS + YEAR, FRAME)
    report, table, stderr = tell(replay, packets)
    assert report["time_clamped"] == {"packets": 13, "largest_ns": YEAR - MS, "packet": 8}
    assert report["time_gaps"] == {"packets": 1, "largest_ns": YEAR + MS, "packet": 7}
    assert stderr == ("in.pcap: warning: packet 8 is stamped 31535999.999 s before packet 7, which leaps ahead by "
                      "31536000.001 s; the clock of a replay never runs backwards: it stood still for the 13 packets with "
                      "a stamp earlier than one before them, and budgets got nothing back meanwhile\n")
    assert line_of(table, "time clamped") .startswith(
        "time clamped 13 stamped before an earlier packet, by up to 31535999.999000000 s (packet 8): judged at")
    assert line_of(table, "time gaps").startswith(
        "time gaps 1 of more than a day before a packet, the longest 365 days (packet 7)")


def test_a_first_stamp_far_ahead_is_told(replay):
    report, _, stderr = tell(replay, [(T0 + YEAR, FRAME), (T0, FRAME), (T0 + 5, FRAME)])
    assert report["time_clamped"] == {"packets": 2, "largest_ns": YEAR, "packet": 2}
    assert report["time_gaps"] == NONE  # nothing came before it
    assert "packet 2 is stamped 31536000.000 s before packet 1; the clock" in stderr


def test_the_largest_step_names_its_own_leap(replay):
    """Of two leaps the one that packets were furthest behind, not the last one."""
    _, _, stderr = tell(replay, [(T0, FRAME), (T0 + 90 * S, FRAME), (T0, FRAME), (T0 + 95 * S, FRAME), (T0 + 92 * S, FRAME)])
    assert "packet 3 is stamped 90.000 s before packet 2, which leaps ahead by 90.000 s" in stderr
    assert "for the 2 packets" in stderr


STEPS = [("a second is counted, not warned of", S, False), ("more than a second is", S + 1, True)]


@pytest.mark.parametrize("step,warned", [row[1:] for row in STEPS], ids=[row[0] for row in STEPS])
def test_small_steps_back_are_only_counted(replay, step, warned):
    report, _, stderr = tell(replay, [(T0, FRAME), (T0 + step, FRAME), (T0, FRAME), (T0 + step, FRAME)])
    assert report["time_clamped"] == {"packets": 1, "largest_ns": step, "packet": 3}
    assert ("warning" in stderr) == warned


def test_a_gap_is_more_than_a_day(replay):
    stamps = [T0, T0 + DAY, T0 + 2 * DAY + 1, T0 + 5 * DAY, T0 + 6 * DAY]
    report, table, stderr = tell(replay, [(stamp, FRAME) for stamp in stamps])
    assert report["time_gaps"] == {"packets": 2, "largest_ns": 3 * DAY - 1, "packet": 4}
    assert (report["time_clamped"], stderr) == (NONE, "")
    assert "the longest 2 days (packet 4)" in line_of(table, "time gaps")


def test_stamps_are_told_of_each_capture_of_a_list(replay):
    """The second does not inherit the first one's clock."""
    replay.put("seki.conf", config())
    replay.put("a.pcap", craft.pcap([(T0 + YEAR, FRAME), (T0, FRAME)]))
    replay.put("b.pcap", craft.pcap([(T0, FRAME)]))
    replay.put("list", "seki.conf\ta.pcap\t-\ta.json\t-\nseki.conf\tb.pcap\t-\tb.json\t-\n")
    done = replay.raw("--list", "list")
    assert done.returncode == 0
    assert [line.split(":")[0] for line in done.stderr.splitlines()] == ["a.pcap"]
    with open(replay.path("b.json"), encoding="utf-8") as file:
        assert json.load(file)["time_clamped"] == NONE


CUTS = [  # description, bytes kept of a UDP packet of 142, how it ends, dropped
    ("in the payload", 100, "clean", False),
    ("in the UDP header", 40, "l4_truncated", True),
    ("in the IPv4 header", 30, "no_zone", False),  # no address to be of a zone, so none to enforce anything
]


@pytest.mark.parametrize("kept,reason,dropped", [row[1:] for row in CUTS], ids=[row[0] for row in CUTS])
@pytest.mark.parametrize("words", [(), ("--cores", "4", "--burst", "3", "--segment", "16")], ids=["plain", "spread"])
def test_frames_cut_by_the_capture_are_counted(replay, kept, reason, dropped, words):
    """Of ten packets four are cut, from four clients, so that several cores have one."""
    packets = [(T0 + i, craft.udp4(f"192.0.2.{i + 1}", HOST, payload=bytes(100))) for i in range(10)]
    packets = [(time, frame[:kept] if i % 3 == 0 else frame, len(frame)) for i, (time, frame) in enumerate(packets)]
    report, table, stderr = tell(replay, packets, *words)
    assert (report["cut_frames"], report["cut_reasons"]) == (4, {reason: 4})
    assert (report["packets"], report["dropped"]) == (10, 4 * dropped)
    assert line_of(table, "cut frames").startswith(
        "cut frames 4 cut short by the capture: a header that it cut off counts as missing")
    assert ("counts as missing\n    l4_truncated                  4  " in table) == dropped
    assert stderr == ""


def test_a_packet_that_is_short_itself_is_not_cut(replay):
    """The same header, missing from the packet and not from the capture."""
    report, _, _ = tell(replay, [(T0, craft.eth(craft.ip4(CLIENT, HOST, 17, b"\x9c\x40\x01"), 0x0800))])
    assert report["reasons"] == {"l4_truncated": 1}
    assert (report["cut_frames"], report["cut_reasons"]) == (0, {})


BITE, SHOWN = "\x1b]0;root\x07\n\x9b1m.conf", "\\x1b]0;root\\x07\\x0a\\xc2\\x9b1m.conf"
MISSING = [  # words of a command that names a file or an option that is not there
    ("check", BITE), ("run", "-c", BITE), ("replay", "-c", BITE, "in.pcap"), ("replay", "-c", "seki.conf", BITE),
    ("replay", "--list", BITE), ("replay", "--" + BITE), ("replay", "-c", "seki.conf", "in.pcap", "--seed", BITE),
    ("replay", "-c", "seki.conf", "in.pcap", "--write", "none/" + BITE),
    ("replay", "-c", "seki.conf", "in.pcap", "--json=" + BITE), (BITE,),
]


@pytest.mark.parametrize("words", MISSING, ids=[" ".join(words).replace(BITE, "X") for words in MISSING])
def test_names_bring_nothing_to_the_terminal(replay, words):
    replay.put("seki.conf", config())
    replay.put("in.pcap", craft.pcap([(T0, FRAME)]))
    done = subprocess.run([replay.binary, *words], cwd=replay.where, stdin=subprocess.DEVNULL, capture_output=True,
                          check=False, timeout=60)
    assert done.returncode != 0
    text = (done.stdout + done.stderr).decode()
    assert SHOWN in text
    assert not [char for char in text if not char.isprintable() and char != "\n"]


def test_reports_show_names_in_their_printable_form(replay):
    text = config().replace("zones: (", 'lists: ( { name = "l"; file = "l\u202e.txt"; } );\nzones: (')
    text = text.replace('    mode = "enforce";', '    mode = "enforce";\n    allow = ["l"];')
    replay.put(BITE, text)
    replay.put("l\u202e.txt", "192.0.2.0/24\n")
    replay.put(BITE + ".pcap", craft.pcap([(T0, FRAME)]))
    done = replay.raw("-c", BITE, BITE + ".pcap")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(SHOWN + ".pcap: 1 packets")
    done = subprocess.run([replay.binary, "check", BITE], cwd=replay.where, capture_output=True, text=True, check=False,
                          timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(SHOWN + " is good.\n")
    assert "l: 1 prefixes from " in done.stdout and "l\\xe2\\x80\\xae.txt\n" in done.stdout


@pytest.mark.parametrize("words", [("-x",), ("-\x1b",), ("-c",)])
def test_run_says_its_usage_and_no_byte_of_the_line(replay, words):
    done = subprocess.run([replay.binary, "run", *words], cwd=replay.where, capture_output=True, text=True, check=False,
                          timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", "usage: seki run -c FILE [-t]\n")
