# SPDX-License-Identifier: BSD-3-Clause
"""`seki replay` as a command: its words, its files, and what it refuses."""
import json
import os
import subprocess

import pytest

import craft
from replay_rig import CLIENT, HOST, T0, config, replay  # noqa: F401, replay is a fixture

ONE = craft.pcap([(T0, craft.udp4(CLIENT, HOST))])
BAD_CAPTURES = [  # description, bytes (None: no such file), what stderr must say
    ("missing", None, "No such file"),
    ("empty", b"", "in.pcap: the file is empty"),
    ("no capture", b"this is no capture at all" * 9, "unknown file format"),
    ("header cut off", ONE[:20], "in.pcap: truncated dump file"),
    ("raw IP", craft.pcap([(T0, b"\x45" * 40)], link=101), "link type RAW (Raw IP); only Ethernet"),
    ("Linux cooked", craft.pcap([(T0, bytes(40))], link=113), "link type LINUX_SLL (Linux cooked v1)"),
    ("loopback", craft.pcap([(T0, bytes(40))], link=0), "link type NULL"),
]


@pytest.mark.parametrize("data,says", [row[1:] for row in BAD_CAPTURES], ids=[row[0] for row in BAD_CAPTURES])
def test_bad_captures_are_named(replay, data, says):
    replay.put("seki.conf", config())
    if data is not None:
        replay.put("in.pcap", data)
    done = replay.raw("-c", "seki.conf", "in.pcap", "--json")
    assert (done.returncode, done.stdout) == (1, "")
    assert says in done.stderr and len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("cut", [1, 10, 17, 40])
def test_a_capture_cut_off_reports_what_was_read(replay, cut):
    packets = [(T0 + i, craft.udp4(CLIENT, HOST)) for i in range(100)]
    replay.put("seki.conf", config())
    replay.put("in.pcap", craft.pcap(packets)[:-cut])
    done = replay.raw("-c", "seki.conf", "in.pcap", "--json", "--write", "clean.pcap")
    report = json.loads(done.stdout)
    assert done.returncode == 1 and "in.pcap: damaged after packet 99: truncated" in done.stderr
    assert (report["packets"], report["complete"]) == (99, False)
    with open(replay.path("clean.pcap"), "rb") as file:
        assert len(craft.read_pcap(file.read())) == 99


BAD_WORDS = [  # arguments
    (), ("-c", "seki.conf"), ("in.pcap",), ("-c", "seki.conf", "in.pcap", "more.pcap"),
    ("-c", "seki.conf", "in.pcap", "--burst", "0"), ("-c", "seki.conf", "in.pcap", "--burst", "33"),
    ("-c", "seki.conf", "in.pcap", "--cores", "9"), ("-c", "seki.conf", "in.pcap", "--segment", "15"),
    ("-c", "seki.conf", "in.pcap", "--seed", "-1"), ("-c", "seki.conf", "in.pcap", "--unknown"),
    ("--list", "list", "in.pcap"),
    ("-c", "seki.conf", "-c", "seki.conf", "in.pcap"), ("-c", "seki.conf", "in.pcap", "--json", "--json"),
    ("-c", "seki.conf", "in.pcap", "--write", "x", "--write", "y"), ("-c", "seki.conf", "in.pcap", "--seed", "1", "--seed", "1"),
    ("-c", "seki.conf", "in.pcap", "--verdicts", "x", "--verdicts", "y"), ("--list", "list", "--list", "list"),
]


@pytest.mark.parametrize("words", BAD_WORDS, ids=[" ".join(words) or "nothing" for words in BAD_WORDS])
def test_bad_command_lines_are_refused(replay, words):
    replay.put("seki.conf", config())
    replay.put("in.pcap", ONE)
    replay.put("list", "seki.conf\tin.pcap\t-\t-\t-\n")
    done = replay.raw(*words)
    assert (done.returncode, done.stdout) == (2, "") and done.stderr
    assert not os.path.exists(replay.path("x")) and not os.path.exists(replay.path("y"))


def test_a_bad_configuration_is_named_with_its_line(replay):
    replay.put("seki.conf", config().replace('mode = "enforce"', 'mode = "enforced"'))
    replay.put("in.pcap", ONE)
    done = replay.raw("-c", "seki.conf", "in.pcap")
    assert done.returncode == 78 and "seki.conf:9: " in done.stderr


@pytest.mark.parametrize("option", ["--write", "--verdicts"])
@pytest.mark.parametrize("target", ["in.pcap", "seki.conf"])
def test_what_is_read_is_not_overwritten(replay, option, target):
    replay.put("seki.conf", config())
    replay.put("in.pcap", ONE)
    before = open(replay.path(target), "rb").read()
    done = replay.raw("-c", "seki.conf", "in.pcap", option, "./" + target)
    assert done.returncode == 2 and "would overwrite what is read" in done.stderr
    assert open(replay.path(target), "rb").read() == before


def test_a_list_is_not_overwritten(replay):
    replay.put("bad.txt", "203.0.113.0/24\n")
    replay.put("seki.conf", config() + 'lists: ( { name = "bad"; file = "bad.txt"; } );\n')
    replay.put("in.pcap", ONE)
    done = replay.raw("-c", "seki.conf", "in.pcap", "--verdicts", "bad.txt")
    assert done.returncode == 2 and "is a list that the configuration reads" in done.stderr
    assert open(replay.path("bad.txt")).read() == "203.0.113.0/24\n"


@pytest.mark.parametrize("words, why", [
    (("--write", "x", "--verdicts", "x"), "x: is named for two different outputs"),
    (("--write", "./x", "--verdicts", "x"), "x: is named for two different outputs"),
    (("--write", "x", "--verdicts", "link/x"), "link/x: is named for two different outputs"),
    (("--write", "/dev/stdout"), "/dev/stdout: is not written to standard output"),
    (("--verdicts", "/proc/self/fd/1", "--json"), "/proc/self/fd/1: is not written to standard output"),
    (("--write", "-"), "is not written to standard output"),
    (("--verdicts", "-", "--json"), "is not written to standard output"),
])
def test_outputs_do_not_mix(replay, words, why):
    replay.put("seki.conf", config())
    replay.put("in.pcap", ONE)
    os.symlink(".", replay.path("link"))
    done = replay.raw("-c", "seki.conf", "in.pcap", *words)
    assert done.returncode == 2 and why in done.stderr and done.stdout == ""
    assert not os.path.exists(replay.path("x"))


def test_the_report_is_not_overwritten(replay):
    replay.put("seki.conf", config())
    replay.put("in.pcap", ONE)
    words = [replay.binary, "replay", "-c", "seki.conf", "in.pcap", "--verdicts"]
    for report, rows, code in (("report", "report", 2), ("/dev/null", "/dev/null", 0)):
        with open(os.path.join(replay.where, report), "w") as out:
            done = subprocess.run([*words, rows], cwd=replay.where, stdout=out, stderr=subprocess.PIPE, check=False, timeout=60)
        assert done.returncode == code, done.stderr


def test_two_captures_of_a_list_have_their_own_outputs(replay):
    replay.put("seki.conf", config())
    replay.put("in.pcap", ONE)
    replay.put("list", "seki.conf\tin.pcap\t./out.tsv\t-\t-\nseki.conf\tin.pcap\tout.tsv\t-\t-\n")
    done = replay.raw("--list", "list")
    assert done.returncode == 2 and "out.tsv: is named as the output of two captures" in done.stderr


def test_the_capture_on_standard_input_is_not_overwritten(replay):
    replay.put("seki.conf", config())
    with open(replay.put("in.pcap", ONE), "rb") as file:
        done = subprocess.run([replay.binary, "replay", "-c", "seki.conf", "-", "--write", "in.pcap"], cwd=replay.where,
                              stdin=file, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 2 and "would overwrite what is read" in done.stderr
    assert open(replay.path("in.pcap"), "rb").read() == ONE


@pytest.mark.parametrize("words", [("replay", "-c", "seki.conf", "in.pcap"), ("check", "seki.conf")])
def test_a_report_that_is_lost_is_noticed(replay, words):
    replay.put("seki.conf", config())
    replay.put("in.pcap", ONE)
    with open("/dev/full", "w") as full:
        done = subprocess.run([replay.binary, *words], cwd=replay.where, stdout=full, stderr=subprocess.PIPE,
                              check=False, timeout=60)
    assert done.returncode == 1 and b"standard output" in done.stderr


def test_a_full_disk_is_noticed(replay):
    replay.put("seki.conf", config())
    replay.put("in.pcap", craft.pcap([(T0, craft.udp4(CLIENT, HOST))] * 1000))
    for option in ("--write", "--verdicts"):
        done = replay.raw("-c", "seki.conf", "in.pcap", option, "/dev/full")
        assert done.returncode == 1 and "/dev/full: is incomplete" in done.stderr


def test_an_ordinary_user_leaves_nothing_behind(replay):
    runtime = replay.path("runtime")
    os.mkdir(runtime)
    os.chmod(runtime, 0o777)
    os.chmod(replay.where, 0o777)
    replay.put("seki.conf", config())
    replay.put("in.pcap", ONE)
    words = [replay.binary, "replay", "-c", "seki.conf", "in.pcap"]
    if os.getuid() == 0:
        # The binary and the directories above the test's may be closed to others: run a copy from an open descriptor.
        words = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--no-new-privs", *words]
        for folder in (replay.where, os.path.dirname(replay.where), os.path.dirname(os.path.dirname(replay.where))):
            os.chmod(folder, 0o755 | os.stat(folder).st_mode)
    done = subprocess.run(words, cwd=replay.where, env={**os.environ, "XDG_RUNTIME_DIR": runtime}, capture_output=True,
                          text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    assert [files for _, _, files in os.walk(runtime)] in ([[]], [[], []])  # at most the empty directory dpdk/


def test_list_of_captures(replay):
    replay.put("seki.conf", config())
    replay.put("a.pcap", ONE)
    replay.put("b.pcap", craft.pcap([(T0, craft.tcp4(CLIENT, HOST, 0x00))] * 3))
    replay.put("list", "seki.conf\ta.pcap\ta.tsv\ta.json\t-\n"
                       "seki.conf\tb.pcap\tb.tsv\tb.json\tclean.pcap\tburst=1 cores=4\n")
    done = replay.raw("--list", "list")
    assert (done.returncode, done.stderr) == (0, "")
    reports = [json.load(open(replay.path(name), encoding="utf-8")) for name in ("a.json", "b.json")]
    assert [(report["packets"], report["dropped"]) for report in reports] == [(1, 0), (3, 3)]
    assert craft.read_pcap(open(replay.path("clean.pcap"), "rb").read()) == []


BAD_LISTS = [("seki.conf\n", 2), ("seki.conf\tin.pcap\t-\t-\t-\tburst=99\n", 2), ("seki.conf\tin.pcap\t-\t-\t-\tx=1\n", 2),
             ("none.conf\tin.pcap\t-\t-\t-\n", 78), ("seki.conf\tnone.pcap\t-\t-\t-\n", 1)]


@pytest.mark.parametrize("text,code", BAD_LISTS)
def test_bad_lists_are_refused(replay, text, code):
    replay.put("seki.conf", config())
    replay.put("in.pcap", ONE)
    replay.put("list", text)
    done = replay.raw("--list", "list")
    assert done.returncode == code and done.stderr
