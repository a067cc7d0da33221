# SPDX-License-Identifier: BSD-3-Clause
"""
forward: `seki run`, everything enforced, on net_pcap infinite_rx -> net_null, one core, against testpmd macswap on the
same ports, the same capture and the same CPU.

The traffic is the field's yardstick: 64 K UDP flows of 64 bytes, one direction, each to an address of its own in the
zone. Both processes live for the whole run; the one that is not measured is stopped (SIGSTOP), so that neither has to
share the CPU nor start cold.
"""
import os
import signal
import tempfile
import time

import capture
import frames
import testpmd
from interleave import HugePages, interleave, result
from seki import NICE, Seki, pair, standing

FLOWS = 65536
LIST_PREFIXES = 1000
MEMORY_MB = 2048


def write_inputs(where):
    """The capture, and a list that no source is on, so that every packet is looked up in it."""
    path = capture.write_pcap(f"{where}/flows.pcap", frames.udp_flows(b"\x02" * 6, b"\x04" * 6, FLOWS))
    with open(f"{where}/list.txt", "w", encoding="ascii") as out:
        out.writelines(f"101.{n // 256}.{n % 256}.0/24\n" for n in range(LIST_PREFIXES))
    return path


def ports(path):
    return f"net_pcap0,rx_pcap={path},infinite_rx=1", "net_null0,no-rx=1"


def config(where):
    return {
        "lists": [{"name": "bad", "file": f"{where}/list.txt"}],
        "zones": [{"name": "lab", "mode": "enforce", "prefixes": ["198.18.0.0/15", "2001:db8::/32"],
                   "services": ["udp/443", "tcp/443", "icmp"], "deny": ["bad"],
                   "countermeasures": standing(antispoof={"mode": "enforce"},
                                               zone_limit={"total_pps": "500 Mpps", "total_bps": "900 Gbps"})}],
    }


class Turn:
    """Lets one of several processes run."""

    def __init__(self, pids):
        self.pids = pids

    def give(self, chosen):
        for pid in self.pids:
            os.kill(pid, signal.SIGCONT if pid == chosen else signal.SIGSTOP)

    def all(self):
        for pid in self.pids:
            os.kill(pid, signal.SIGCONT)


def rate(read, seconds):
    """Packets a second, in Mpps, of a monotone counter; the first tenth of the time warms caches and does not count."""
    time.sleep(seconds / 10)
    n0, t0 = read(), time.monotonic()
    time.sleep(seconds)
    n1, t1 = read(), time.monotonic()
    return (n1 - n0) / (t1 - t0) / 1e6


def stages(binary, conf, where, say):
    """Where the time goes: cycles a packet of each stage, from a run that measures them (and is slower for it)."""
    with Seki(binary, conf, where, options=("-t",)) as box:
        time.sleep(3)
        info = box.ask("/seki/info")
    packets = info["cycles_packets"]
    total = sum(info["cycles"].values())
    for name, cycles in info["cycles"].items():
        say(f"  {name:10} {cycles / packets:7.1f} cycles a packet")
    say(f"  {'all':10} {total / packets:7.1f}")


def ready(given):
    """The path of the binary; RuntimeError if something is missing."""
    why = testpmd.missing()
    binary = os.path.join(given.build, "app/seki")
    if not why and not os.path.exists(binary):
        why = f"{binary} is not built: meson setup {given.build} && ninja -C {given.build}"
    if why:
        raise RuntimeError(why)
    return binary


def rose(before, after):
    """Reasons that packets ended for in between."""
    return {name for name, r in after.items() if r["packets"] > before.get(name, {"packets": 0})["packets"]}


def measure(given, say, binary, where, devices, conf, frames_kept, expected):
    """
    `seki run` with `conf` on two devices, the first outside, against testpmd macswap on the same. Returns what interleave
    does. `frames_kept`: mbufs that the devices keep. Packets must end for `expected` reasons only while it is measured.
    """
    cpu = os.cpu_count() - 1
    # Beside the packets: a buffer of 2,304 bytes for each that a device keeps, on each side.
    memory_mb = MEMORY_MB + frames_kept * 2400 // (1 << 20)
    with HugePages(2 * memory_mb) as huge:
        say(f"  CPU {cpu}, {'huge' if huge.directory else 'no huge'} pages, {given.rounds} rounds of {given.seconds} s: "
            f"seki / testpmd macswap, Mpps")
        conf = {"eal": {"huge": bool(huge.directory),
                        "extra": f"--no-pci --huge-dir={huge.directory}" if huge.directory else "--no-pci"},
                "ports": pair(*devices), "cores": {"main": 0, "rxtx": [cpu]}, **conf}
        with Seki(binary, conf, where) as box, \
             testpmd.Testpmd(f"{box.prefix}-pmd", devices, cpu, ["--forward-mode=macswap"], memory_mb,
                             mbufs=2 * frames_kept + 16384, huge=huge.directory,
                             nice=NICE if os.geteuid() == 0 else 0) as pmd:
            pmd.command("start")
            turn = Turn([box.process.pid, pmd.process.pid])

            def seki_rate():
                turn.give(box.process.pid)
                return rate(lambda: box.stats()["tx"], given.seconds)

            def pmd_rate():
                turn.give(pmd.process.pid)
                return rate(lambda: pmd.stats(1)["TX-packets"], given.seconds)
            try:
                seki_rate()  # connections that are to be known are known by then
                before = box.reasons()
                measured = interleave(seki_rate, pmd_rate, given.rounds, say)
                turn.give(box.process.pid)
                unexpected = rose(before, box.reasons()) - set(expected)
            finally:
                turn.all()
        stages(binary, conf, where, say)
    if unexpected:
        raise RuntimeError(f"not the path that was to be measured: packets ended as {sorted(unexpected)}")
    return measured


def forward(given, say):
    binary = ready(given)
    with tempfile.TemporaryDirectory(prefix="seki-bench-") as where:
        path = write_inputs(where)
        say(f"forward: {FLOWS} flows of 64 bytes")
        measured = measure(given, say, binary, where, ports(path), config(where), FLOWS, {"clean"})
    return [result("forward", measured, "Mpps", "testpmd macswap", goal=0.5)]
