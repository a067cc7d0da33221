# SPDX-License-Identifier: BSD-3-Clause
"""What the tests of `seki replay` share: a configuration, and the binary in a directory of its own."""
import json
import os
import subprocess

import pytest

import craft
from craft import INSIDE_MAC, OUTSIDE_MAC

T0 = 1_700_000_000_000_000_000
MS = 1_000_000
S = 1_000_000_000

CLIENT, HOST, OTHER = "192.0.2.1", "198.51.100.7", "203.0.113.9"

CONFIG = """ports: (
  {{ name = "outside"; device = "net_null0"; side = "outside"; peer = "inside"; mtu = {mtu}; {outside} }},
  {{ name = "inside"; device = "net_null1"; side = "inside"; peer = "outside"; mtu = {mtu}; {inside} }}
);
telemetry: {{ enable = false; }};
zones: (
  {{
    name = "web";
    mode = "{mode}";
    prefixes = ["198.51.100.0/24", "2001:db8:1::/48"];
    countermeasures: {{ {countermeasures} }};
  }}
);
"""


def config(mode="enforce", mtu=1500, macs=False, countermeasures=""):
    return CONFIG.format(mode=mode, mtu=mtu, countermeasures=countermeasures,
                         outside=f'macs = ["{OUTSIDE_MAC}"];' if macs else "",
                         inside=f'macs = ["{INSIDE_MAC}"];' if macs else "")


class Replay:
    """Runs the binary in a directory of its own; keeps the result."""

    def __init__(self, binary, where):
        self.binary, self.where = binary, where

    def path(self, name):
        return os.path.join(self.where, name)

    def put(self, name, data):
        with open(self.path(name), "wb" if isinstance(data, bytes) else "w") as file:
            file.write(data)
        return self.path(name)

    def raw(self, *words):
        return subprocess.run([self.binary, "replay", *words], cwd=self.where, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, check=False, timeout=120)

    def run(self, capture, text=None, *words, name="in.pcap"):
        """Replays bytes; returns (the JSON, rows as lists, what passed)."""
        self.put("seki.conf", text or config())
        self.put(name, capture)
        done = self.raw("-c", "seki.conf", name, "--write", "clean.pcap", "--verdicts", "out.tsv", "--json", *words)
        assert done.returncode == 0, done.stderr
        assert done.stderr == ""
        with open(self.path("out.tsv"), encoding="utf-8") as file:
            lines = [line.rstrip("\n").split("\t") for line in file]
        assert lines[0] == ["packet", "time", "direction", "verdict", "reason", "zone"]
        assert [row[0] for row in lines[1:]] == [str(number) for number in range(1, len(lines))]
        with open(self.path("clean.pcap"), "rb") as file:
            clean = craft.read_pcap(file.read())
        report = json.loads(done.stdout)
        assert report["packets"] == report["passed"] + report["dropped"] + report["challenged"] == len(lines) - 1
        assert report["passed"] == len(clean) == sum(row[3] == "pass" for row in lines[1:])
        return report, lines[1:], clean


@pytest.fixture
def replay(seki_bin, tmp_path):
    return Replay(seki_bin, str(tmp_path))
