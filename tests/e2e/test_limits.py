# SPDX-License-Identifier: BSD-3-Clause
"""Limits from the configuration to incidents: of vectors, prefixes, shares and events; and the file of what was learned."""
import os

import craft
import pytest
from replay_rig import HOST, MS, T0, config, replay  # noqa: F401, replay is a fixture

SECONDS = 3


def flood(pps, known=0):
    """UDP of many strangers to one host; and, on request, TCP segments so that there is more than that."""
    packets = [(T0 + i * 1000 * MS // pps, craft.udp4(f"203.0.113.{i % 200 + 1}", HOST)) for i in range(pps * SECONDS)]
    packets += [(T0 + i * 1000 * MS // known, craft.tcp4("203.0.113.201", HOST, 0x10)) for i in range(known * SECONDS)] if known else []
    return craft.pcap(sorted(packets))


def with_limits(limits="", detection=""):
    text = config().replace('name = "web";', f'name = "web"; {limits}')
    assert limits in text
    return f"{text}\ndetection: {{ {detection} }};\n"


def vectors(replay, capture, text):
    """Name -> what the incidents say of a vector."""
    report = replay.run(capture, text)[0]
    return {vector["name"]: vector for incident in report["incidents"] for vector in incident["vectors"]}


@pytest.mark.parametrize("limits, detection, limit", [
    ("", "", None),
    ('limits = ({ vector = "udp"; host = 200; });', "", 200),
    ('limits = ({ vector = "udp"; zone = 300; });', "", 300),
    ("", 'limits = ({ vector = "all"; host = 200; });', 200),
    ('limits = ({ vector = "udp"; host = "2 kpps"; });', 'limits = ({ vector = "all"; host = 200; });', None),
    (f'limits = ({{ vector = "udp"; prefix = "{HOST}"; limit = 100; }});', "", 100),
    (f'limits = ({{ vector = "udp"; prefix = "{HOST}"; limit = "3 kpps"; }}, {{ vector = "udp"; host = 200; }});', "", None),
    ('limits = ({ vector = "ntp"; host = 200; });', "", None),
])
def test_limits(replay, limits, detection, limit):
    found = vectors(replay, flood(600), with_limits(limits, detection))
    assert ("udp" in found) == (limit is not None), found
    if limit is not None:
        assert (found["udp"]["limit_pps"], found["udp"]["limit_from"]) == (limit, "configured")


def test_shares(replay):
    """A fifth of all is nothing, two thirds are too much."""
    text = with_limits('limits = ({ vector = "udp"; share = 50; });')
    assert vectors(replay, flood(300, known=1200), text) == {}
    assert "udp" in vectors(replay, flood(1200, known=300), text)


def test_capacity(replay):
    text = with_limits("capacity_pps = 1000;")
    assert vectors(replay, flood(600, known=100), text) == {}
    assert "udp" in vectors(replay, flood(1200, known=100), text)


@pytest.mark.parametrize("begin, limited", [("2023-11-14T22:13:20Z", True), ("2023-11-14T22:14:20Z", False)])
def test_events(replay, begin, limited):
    """The captures begin at 22:13:20."""
    event = f'events = ({{ zone = "web"; vector = "udp"; pps = 400; approver = "A"; from = "{begin}"; until = "2023-11-14T23:00:00Z"; }});'
    found = vectors(replay, flood(600), with_limits("", event))
    assert ("udp" in found) == limited
    if limited:
        assert (found["udp"]["limit_pps"], found["udp"]["limit_from"]) == (400, "event")


def test_an_event_opens_a_door(replay):
    event = 'events = ({ pps = "2 kpps"; approver = "A"; from = "2023-11-14T22:00:00Z"; until = "2023-11-14T23:00:00Z"; });'
    limits = 'limits = ({ vector = "udp"; host = 200; zone = 300; });'
    assert "udp" in vectors(replay, flood(600), with_limits(limits))
    assert vectors(replay, flood(600), with_limits(limits, event)) == {}


def test_what_was_learned_is_read_and_not_written(replay):
    text = with_limits("", 'learn = "apply"; baseline = "learned";')
    replay.run(flood(100), text)
    assert not os.path.exists(replay.path("learned"))
    replay.put("learned", "seki-baseline 1\nzone")
    done = replay.raw("-c", "seki.conf", "in.pcap")
    assert done.returncode != 0 and "learned:2: what was learned cannot be read" in done.stderr
    assert os.listdir(replay.where).count("learned") == 1 and not os.path.exists(replay.path("learned.bad"))
