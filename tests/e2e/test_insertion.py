# SPDX-License-Identifier: BSD-3-Clause
"""Connections that are older than Seki live through its start in a flood (insertion.py, shorter)."""
import pytest

import insertion

# Only the first has all 10,000 connections: the others are of a kind that no more of them would change.
SIZES = {"goes on": (10000, 500, 20000)}


@pytest.mark.parametrize("name", insertion.PLANS)
def test_old_connections(seki_bin, tmp_path, name):
    connections, idle, pps = SIZES.get(name, (1000, 100, 10000))
    given = insertion.options().parse_args(["--connections", str(connections), "--idle", str(idle), "--pps", str(pps),
                                            "--seconds", "2"])
    seen = insertion.look(seki_bin, str(tmp_path), insertion.PLANS[name], given)
    assert insertion.verdict(name, seen) == []
    assert sum(seen.old.values()) >= connections * 20
    assert insertion.PLANS[name].judged or seen.loss() > insertion.LOSS, "it cannot find a loss where there is one"


def test_ends_give_up():
    """A connection of which nothing arrives is found to be reset, after 100 seconds; one that is heard late is not."""
    connection = insertion.Connection(1, True, insertion.PLANS["goes on"], 20)
    name = [packet.name for packet in connection.packets(set())[0]][0]
    copies = [name[:-1] + (copy,) for copy in range(20)]
    sent, longest = connection.packets(set(copies))
    assert longest is None and len(sent) == 7 and sent[-1].time - sent[0].time == 63 * insertion.S
    sent, longest = connection.packets(set(copies[:6]))
    assert longest == 63 * insertion.S and len(sent) == 9 + 6
