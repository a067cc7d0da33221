#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Every bad configuration is refused with file, line and sentence: test_bad_configs.py SEKI."""
import os
import pathlib
import re
import subprocess
import sys
import tempfile

from bad_configs import BASE, CASES as OTHER_CASES, DROP, FILES, LIMIT, MAIL_PREFIXES, MTU, SERVICES, TELEMETRY
from bad_detection import CASES as DETECTION_CASES

CASES = [*OTHER_CASES, *DETECTION_CASES]
SEKI = sys.argv[1]
CPU = str(min(os.sched_getaffinity(0)))
EXIT_CONFIG = 78
failures = []


def check(path):
    """What `seki check` says of the file: exit code, lines of stderr."""
    done = subprocess.run([SEKI, "check", str(path)], capture_output=True, encoding="utf-8", errors="replace", timeout=60)
    return done.returncode, done.stderr.splitlines(), done.stdout


def expect(what, holds, detail):
    if not holds:
        failures.append(what)
        if len(failures) <= 20:
            print(f"FAILED {what}: {detail}")


def replaced(text, old, new):
    if text.count(old) != 1:
        sys.exit(f"the text to replace occurs {text.count(old)} times: {old!r}")
    return text.replace(old, new)


def refused(what, path, where, says):
    """The file is refused with one sentence at `where` ("file:line") that matches `says`."""
    code, lines, out = check(path)
    expect(what, code == EXIT_CONFIG, f"exit {code}, {lines}")
    expect(what, out == "", f"standard output is {out!r}")
    good = len(lines) == 1 and lines[0].startswith(f"{where}: ") and re.search(says, lines[0][len(where) + 2:])
    expect(what, good, f"wanted {where}: {says}, and got {lines}")


def run_case(directory, case):
    what, old, new, says = case[:4]
    marker = case[4] if len(case) > 4 else "#!"
    text = replaced(BASE, old, new)
    if len(case) > 5:
        text = replaced(text, case[5], case[6])
    path = directory / "bad.conf"
    path.write_text(text.replace("@CPU@", CPU), encoding="utf-8")
    line = ""
    if marker is not None:
        if text.count(marker) != 1:
            sys.exit(f"{what}: {marker!r} occurs {text.count(marker)} times")
        line = f":{text[:text.index(marker)].count(chr(10)) + 1}"
    refused(what, path, f"{path}{line}", says.replace("@CPU@", CPU))


def tables_that_cannot_be(directory):
    """Lists, each good by itself, that no table can hold: `seki run` would refuse."""
    path = directory / "overlap.conf"
    lists = []
    for bit in range(16):
        addresses = (f"5.1.{i >> 8}.{i & 255}" for i in range(1, 40000) if i >> bit & 1)
        (directory / f"bit{bit}.txt").write_text("\n".join(addresses) + "\n", encoding="utf-8")
        lists.append(f'  {{ name = "bit{bit}"; file = "bit{bit}.txt"; }}')
    text = replaced(BASE, DROP, DROP + ",\n".join(lists) + ",\n")
    text = replaced(text, 'deny = ["drop"];', 'deny = ["drop"' + "".join(f', "bit{bit}"' for bit in range(16)) + "];")
    path.write_text(text.replace("@CPU@", CPU), encoding="utf-8")
    refused("lists that overlap in too many ways", path, f"{path}",
            "cannot be built: the 18 lists overlap in more than 32767 different ways")
    (directory / "wide.txt").write_text("".join(f"2a{i >> 16:02x}:{i & 0xffff:x}:100::/127\n" for i in range(320000)))
    text = replaced(BASE, DROP, DROP.replace("drop.txt", "wide.txt"))
    path.write_text(text.replace("@CPU@", CPU), encoding="utf-8")
    refused("a list of too many far apart", path, f"{path}",
            "cannot be built: prefix table 'lists': .* prefixes need more second-level tables than can be numbered")


def special_files(directory):
    """What is no configuration at all."""
    path = directory / "special"
    refused("a file that is not there", directory / "nothing", f"{directory}/nothing", "cannot be opened: No such file")
    refused("a directory", directory, f"{directory}", "this is no file but a directory")
    os.mkfifo(path)
    refused("a FIFO", path, f"{path}", "this is no file but a device")
    path.unlink()
    refused("a device", pathlib.Path("/dev/zero"), "/dev/zero", "this is no file but a device")
    path.write_bytes(BASE.encode().replace(b"@CPU@", CPU.encode()) + b"\n\0\n")
    refused("a NUL byte", path, f"{path}:{BASE.count(chr(10)) + 2}", "byte 0x00 is not expected here")
    path.write_bytes(b"\x7fELF\x02\x01\x01" + bytes(range(256)) * 64)
    refused("a program", path, f"{path}:1", "byte 0x7f is not expected here: is this a configuration file")
    path.write_bytes(b"\xd4\xc3\xb2\xa1\x02\x00\x04\x00" + bytes(64))
    refused("a capture", path, f"{path}:1", "byte 0xd4 is not expected here")
    path.write_bytes(b"# \n" * (6 << 20))
    refused("a file of 18 MiB", path, f"{path}", "larger than 16 MiB")
    path.write_bytes(b"a = " + b"(" * (1 << 20))
    refused("a million open brackets", path, f"{path}:1", "nested more than 8 deep")
    path.write_bytes(b"(" * (1 << 20))
    refused("a million brackets and no key", path, f"{path}:1", "a key is expected here")
    path.write_bytes(b"a = " + b"{b=" * (1 << 20))
    refused("a million groups", path, f"{path}:1", "nested more than 8 deep")
    path.write_bytes(b"a = [" + b"1," * 600000 + b"1];")
    refused("600,000 values", path, f"{path}:1", "more than 500000 values")
    path.write_bytes(b"".join(b"k%d = 1;\n" % i for i in range(200)))
    refused("200 keys in a group", path, f"{path}:129", "more than 128 keys in one group")
    if os.geteuid() != 0:
        path.chmod(0)
        refused("a file that may not be read", path, f"{path}", "cannot be opened: Permission denied")
        path.chmod(0o600)
    path.unlink()


def list_files(directory):
    """Mistakes in list files are named there."""
    path, drop = directory / "lists.conf", directory / "drop.txt"
    path.write_text(BASE.replace("@CPU@", CPU))
    for what, text, line, says in [
        ("a bad line of a list", "203.0.113.0/24\n203.0.113.300\n", 2, "203.0.113.300"),
        ("host bits in a list", "# x\n\n203.0.113.1/24\n", 3, "203.0.113"),
        ("the default route in a list", "0.0.0.0/0\n", 1, "0.0.0.0/0"),
        ("a zone in a list that is denied", "203.0.113.0/24\n192.0.2.128/25\n", 2,
         '192.0.2.128/25 lies in 192.0.2.0/24 of the zone "web"'),
        ("a list that covers a zone", "2001:db8::/32\n", 1, '2001:db8::/32 covers 2001:db8:1::/48 of the zone "web"'),
    ]:
        drop.write_text(text)
        refused(what, path, f"{drop}:{line}", says)
    text = path.read_text()
    drop.write_text("203.0.113.0/24\n203.0.113.300\n")
    path.write_text(replaced(replaced(text, 'file = "partners.txt"', 'file = "gone.txt"'), "mtu = 1500; rx", "mtu = 15; rx"))
    code, lines, _ = check(path)
    expect("mistakes of configuration and list at once", code == EXIT_CONFIG and
           [line.split(":")[:2] for line in lines] == [[str(path), "5"], [str(path), "24"], [str(drop), "2"]], lines)
    path.write_text(text)
    drop.write_text("192.0.2.0/24\n")
    text = replaced(path.read_text(), ' deny = ["drop"];', ' allow = ["drop"];').replace('allow = ["partners"]; ', "")
    path.write_text(text)
    refused("a zone in a list that is allowed", path, f"{drop}:1", '192.0.2.0/24 lies in 192.0.2.0/24 of the zone "web"')
    drop.write_text(FILES["drop.txt"])


def all_at_once(directory):
    """Several mistakes come together, in the order of their lines."""
    text = BASE
    for old, new in [
        (MTU, "    mtu = 99999999999; rx_desc = many;\n"),
        (DROP, DROP.replace("drop.txt", "gone.txt")),
        (LIMIT, '  zone_limit: { mode = "observe"; total_pps = "2 Mbps"; };\n'),
        (SERVICES, '    services = ["tcp/0", "tcp/80"];\n'),
        (MAIL_PREFIXES, '    prefixes = ["198.51.100.1/24"]; prefixes = [];\n'),
        (TELEMETRY, "telemetri: { };\n"),
    ]:
        text = replaced(text, old, new)
    path = directory / "many.conf"
    path.write_text(text.replace("@CPU@", CPU))
    code, lines, _ = check(path)
    numbers = [int(re.match(r":(\d+):|", line[len(str(path)):])[1] or 0) for line in lines]
    expect("many mistakes", code == EXIT_CONFIG and numbers == [5, 5, 23, 27, 34, 40, 40, 43], f"{code} {lines}")
    many = replaced(BASE, SERVICES, "    services = [" + ", ".join(['"tcp/0"'] * 300) + "];\n")
    path.write_text(many.replace("@CPU@", CPU))
    code, lines, _ = check(path)
    expect("three hundred mistakes", len(lines) == 201 and lines[-1] == "... and 100 more", lines[-2:])
    path.write_text("x = [" + "1,\n" * 300 + "];\n" + "ports: ( " + "{ bad = 1; },\n" * 32 + ");\n")
    code, lines, _ = check(path)
    expect("a flood of mistakes", code == EXIT_CONFIG and 100 < len(lines) <= 202, f"{code}, {len(lines)} lines")
    path.write_text(text * 2000)
    code, lines, _ = check(path)
    expect("a long file of mistakes", code == EXIT_CONFIG and len(lines) <= 202, f"{code}, {len(lines)} lines")


def usage():
    for arguments in [[], ["a", "b"], ["-x"]]:
        done = subprocess.run([SEKI, "check", *arguments], capture_output=True, encoding="utf-8", timeout=60)
        expect(f"usage {arguments}", done.returncode == 2 and "usage: seki check FILE" in done.stderr, done)


def good_files(directory):
    path = directory / "good.conf"
    for what, text in [
        ("the base", BASE),
        ("DOS line ends", BASE.replace("\n", "\r\n")),
        ("a byte order mark", "\ufeff" + BASE),
        ("no newline at the end", BASE.rstrip()),
        ("names with dots", BASE.replace('file_prefix = "t"', 'file_prefix = ".t."')),
        ("EAL arguments", BASE.replace('file_prefix = "t"', 'extra = "--no-hpet -n 4 --huge-unlink=always"')),
        ("a domain that is all of a pair", BASE.replace(" vlans = [100, 101];", "")),
        ("other separators", BASE.replace("; };", " }").replace(" = ", ": ")),
        ("trailing commas", BASE.replace('"udp/443"]', '"udp/443",]').replace("  }\n);\ntel", "  },\n);\ntel")),
    ]:
        path.write_text(text.replace("@CPU@", CPU), newline="")
        code, lines, out = check(path)
        expect(what, code == 0 and lines == [] and "is good" in out, f"exit {code}, {lines}")
        expect(what, "web: observe" in out and "list       drop: 1 prefixes" in out and "notice" not in out, out)
    path.write_text(BASE.replace("@CPU@", CPU).replace('"net_null1"', '"net_null1,x=\u009b2J"'))
    code, lines, out = check(path)
    expect("a device that would act on a terminal", code == 0 and "(net_null1,x=\\xc2\\x9b2J)" in out, (lines, out))
    path.write_text(BASE.replace("@CPU@", CPU).replace(' deny = ["drop"];', ""))
    code, lines, out = check(path)
    expect("a list that no zone uses", code == 0 and out.count("notice: no zone uses it") == 1 and
           re.search(r"list +drop: 1 prefixes .*notice", out), out)


def main():
    with tempfile.TemporaryDirectory() as name:
        directory = pathlib.Path(name)
        for file, text in FILES.items():
            (directory / file).write_text(text)
        good_files(directory)
        for case in CASES:
            run_case(directory, case)
        special_files(directory)
        list_files(directory)
        tables_that_cannot_be(directory)
        all_at_once(directory)
        usage()
    if len({case[0] for case in CASES}) != len(CASES) or len(CASES) < 100:
        sys.exit("cases must have names of their own, and be at least a hundred")
    if failures:
        sys.exit(f"{len(set(failures))} cases failed: {sorted(set(failures))}")
    print(f"{len(CASES)} bad configurations, each refused with its line and sentence")


main()
