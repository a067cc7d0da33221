# SPDX-License-Identifier: BSD-3-Clause
"""What kinds of ports leave open, as docs/ports.md says."""
import os
import signal
import time

import pytest

from conftest import CLIENT4, SERVER4, inline_config, skip_without_af_xdp
from seki import Seki, af_packet, settled

FRAMES = 20000
SEND = f"""
import sys
sys.path.insert(0, {os.path.dirname(os.path.abspath(__file__)) + "/../support"!r})
import socket, craft
out = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
out.bind(("wire", 0))
for _ in range({FRAMES}):
    out.send(craft.udp4({CLIENT4!r}, {SERVER4!r}).ljust(60, b"\\0"))
"""

RINGS = [pytest.param(af_packet(frames=1024), "is AF_PACKET: ", id="af_packet"),
         pytest.param([f"net_af_xdp{n},iface={i},force_copy=1" for n, i in enumerate(("out", "in"))], "is AF_XDP: ", id="af_xdp")]


def came(box):
    """(received, lost by the kernel) of the outside port."""
    port = next(port for port in settled(box)["ports"].values() if port["name"] == "outside")
    return port["rx_packets"], port["imissed"]


@pytest.mark.parametrize("devices, says", RINGS)
def test_what_the_kernel_lost_counts_as_missed(wire, seki_bin, tmp_path, devices, says):
    """What finds the ring full while Seki has no CPU is counted, once, however often one asks."""
    box = Seki(seki_bin, inline_config(devices), tmp_path, wire.box)
    try:
        box.start()
    except RuntimeError as error:
        skip_without_af_xdp(error)
    try:
        assert says in box.log()
        before, missed = came(box)
        assert missed == 0
        os.kill(box.process.pid, signal.SIGSTOP)
        wire.client.run("/usr/bin/python3", "-c", SEND)
        os.kill(box.process.pid, signal.SIGCONT)
        received, missed = came(box)
        assert missed > FRAMES / 2
        # The kernel drops some before the ring when its own queue is long, and the client sends a few by itself.
        assert FRAMES * 0.9 < received - before + missed < FRAMES + 100
        time.sleep(0.5)
        assert came(box)[1] == missed
        code, log = box.stop()
        assert code == 0 and f" {missed} " in log
    finally:
        box.kill()
