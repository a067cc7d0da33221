# SPDX-License-Identifier: BSD-3-Clause
"""eal.memory_mb: what is too little is refused with how much it takes, and a reload that does not fit changes nothing."""
import os
import random
import re
import subprocess

import pytest
from seki import Seki, config_text, pair
from test_life import wait_for

EXIT_CONFIG = 78
LIST_ENTRIES = 200000  # each a half of another /24: their tables take more than a reload has room for


def config(where, memory_mb):
    """Ports that receive nothing, and a list."""
    (where / "bad.txt").write_text("203.0.113.0/24\n")
    return {"eal": {"memory_mb": memory_mb},
            "ports": pair("net_null0,no-rx=1", "net_null1,no-rx=1"),
            "cores": {"main": 0, "rxtx": [os.cpu_count() - 1]},
            "lists": [{"name": "bad", "file": str(where / "bad.txt")}],
            "zones": [{"name": "lab", "prefixes": ["198.18.0.0/15"], "deny": ["bad"]}]}


def least(seki_bin, where):
    """What `seki check` and `seki run` say is the least, in MB; both refuse less."""
    path = where / "small.conf"
    path.write_text(config_text(config(where, 16)))
    said = set()
    for argv in (["check", str(path)], ["run", "-c", str(path)]):
        done = subprocess.run([seki_bin, *argv], capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == EXIT_CONFIG, done.stderr
        said.add(re.fullmatch(r".*small\.conf:\d+: eal\.memory_mb: 16 is too little: it takes (\d+) MB to start \(\d+ for packet buffers, "
                              r".*\) and \d+ MB to reload, too; 0 has it computed\n", done.stderr)[1])
    assert len(said) == 1
    return int(said.pop())


def test_more_than_there_is(seki_bin, tmp_path):
    """DPDK would die of it."""
    path = tmp_path / "large.conf"
    machine = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") >> 20
    if machine >= 1048576:
        pytest.skip("no eal.memory_mb is more than this machine has")
    path.write_text(config_text(config(tmp_path, machine + 1)))
    for argv in (["check", str(path)], ["run", "-c", str(path)]):
        done = subprocess.run([seki_bin, *argv], capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == EXIT_CONFIG
        assert done.stderr == f"{path}:2: eal.memory_mb: {machine + 1} is more than the {machine} MB that this machine has\n"


def test_the_least_is_enough_to_start(seki_bin, tmp_path):
    enough = least(seki_bin, tmp_path)
    with Seki(seki_bin, config(tmp_path, enough), tmp_path) as box:
        assert box.stats()["rx"] == 0
        assert f"memory: eal.memory_mb is {enough}" in box.log()


@pytest.mark.parametrize("memory_mb", [0, 400])
def test_a_reload_that_does_not_fit(seki_bin, tmp_path, memory_mb):
    draw = random.Random(1)
    with Seki(seki_bin, config(tmp_path, memory_mb), tmp_path) as box:
        (tmp_path / "bad.txt").write_text("".join(
            f"{draw.randrange(20, 28)}.{draw.randrange(256)}.{draw.randrange(256)}.0/25\n"
            for _ in range(LIST_ENTRIES)))
        box.reload()
        assert wait_for(lambda: box.ask("/seki/info")["reloads_failed"] == 1, 60)
        log = box.log()
        assert re.search(r"may take \d+ MB while those in force keep theirs, but of the \d+ MB set aside at the start "
                         r"\d+ are free: set eal\.memory_mb to \d+ ", log), log
        assert "reload refused: nothing has changed" in log
        (tmp_path / "bad.txt").write_text("203.0.113.0/25\n")
        box.reload()
        assert wait_for(lambda: box.ask("/seki/info")["reloads"] == 1, 60), box.log()
