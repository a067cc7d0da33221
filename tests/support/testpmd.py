# SPDX-License-Identifier: BSD-3-Clause
"""dpdk-testpmd as a neighbour: a source or a sink on a port of its own, steered through its prompt."""
import os
import re
import select
import shutil
import subprocess
import time

import telemetry

PROMPT = b"testpmd> "


def missing():
    return "" if shutil.which("dpdk-testpmd") else "dpdk-testpmd (package dpdk-dev) is not installed"


class Testpmd:
    """One process, its --vdev ports; `cpu` is where it forwards, its prompt shares it. `huge`: a hugetlbfs mount."""

    def __init__(self, prefix, vdevs, cpu, options=(), memory=256, mbufs=16384, huge="", nice=0):
        self.prefix = prefix
        memory_options = ["-m", str(memory), f"--huge-dir={huge}" if huge else "--no-huge"]
        argv = ["nice", "-n", str(nice), "stdbuf", "-oL", "dpdk-testpmd", "--lcores", f"0@{cpu},1@{cpu}", "--file-prefix", prefix, "--no-pci", "--no-telemetry",
                "--iova-mode=va", *memory_options]
        for vdev in vdevs:
            argv += ["--vdev", vdev]
        argv += ["--", "-i", "--no-flush-rx", "--disable-link-check", f"--total-num-mbufs={mbufs}", *map(str, options)]
        self.process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        os.set_blocking(self.process.stdout.fileno(), False)
        self.output = b""
        try:
            self.wait_prompt(60)
        except BaseException:
            self.close()
            raise

    def wait_prompt(self, timeout=30):
        """Reads up to the next prompt; returns what came before it."""
        end, text = time.monotonic() + timeout, b""
        while time.monotonic() < end:
            select.select([self.process.stdout], [], [], 0.2)
            piece = self.process.stdout.read()
            if piece:
                text += piece
                self.output += piece
                if text.endswith(PROMPT):
                    return text.decode(errors="replace")
            elif self.process.poll() is not None:
                break
        raise RuntimeError(f"testpmd gave no prompt:\n{self.output.decode(errors='replace')[-3000:]}")

    def command(self, line, timeout=30):
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()
        return self.wait_prompt(timeout)

    def stats(self, port=0):
        """{"RX-packets": n, ...} of one port."""
        text = self.command(f"show port stats {port}")
        return {name: int(value) for name, value in re.findall(r"([RT]X-[a-z]+): *(\d+)", text)}

    def wait_link(self, timeout=30):
        """A shared-memory port has no link until its other end is there; what is sent before that is lost."""
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            if "Link status: up" in self.command("show port info 0"):
                return
            time.sleep(0.1)
        raise RuntimeError("the link of testpmd's port does not come up")

    def close(self):
        """At once: an orderly quit takes testpmd five seconds a port, and there is nothing to save."""
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()
        shutil.rmtree(telemetry.runtime_dir(self.prefix), ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
