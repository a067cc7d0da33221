# SPDX-License-Identifier: BSD-3-Clause
"""Seki and seki-gen as processes, in a directory of their own that is gone at the end."""
import os
import re
import shutil
import subprocess
import tempfile
import time

PLACE = "/tmp"  # short: a socket's path has 108 bytes; and sockets do not work on every file system that has a build


class StageError(Exception):
    """Something did not start or ended before its time; the text says what, with its last words."""


def choose_cpus():
    """(Seki's management, Seki's packets, seki-gen): the last two poll, and have a CPU each where there are two."""
    cpus = sorted(os.sched_getaffinity(0))
    packets, gen = cpus[-1], cpus[-2] if len(cpus) > 1 else cpus[-1]
    return (cpus[-3] if len(cpus) > 2 else gen), packets, gen


def fitted(text, name, main, packets):
    """The configuration with this run's name and CPUs in it."""
    for wanted, pattern, value in (("seki-demo", r"seki-demo\b", name), ("main = 0", r"\bmain = \d+", f"main = {main}"),
                                   ("rxtx = [1]", r"\brxtx = \[\d+\]", f"rxtx = [{packets}]")):
        lines = [re.subn(pattern, value, line) for line in text.splitlines(keepends=True) if not line.startswith("#")]
        if not any(n for _, n in lines):
            raise StageError(f"the configuration was not made from conf/demo.conf: nothing like \"{wanted}\" is in it")
        text = "".join(line for line, _ in lines)
    return text


class Stage:
    """Everything that must be gone at the end; use it in `with`."""

    def __init__(self, build, watch):
        self.build = os.path.realpath(build)
        self.watch = watch
        self.processes = []
        self.last = {}
        self.dir = tempfile.mkdtemp(prefix="seki-demo.", dir=PLACE)
        self.name = os.path.basename(self.dir)
        self.main, self.packets, self.gen = choose_cpus()
        self.log = open(self.path("seki.log"), "w", encoding="utf-8")

    def path(self, name):
        return os.path.join(self.dir, name)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in reversed(self.processes):  # seki-gen first: then Seki's last counters are of a quiet wire
            end(process)
        self.log.close()
        shutil.rmtree(self.dir)
        # Root's runtime directories are not where XDG_RUNTIME_DIR says; seki-gen's is there only if it has crashed.
        for name in (self.name, *(f"seki-gen-{process.pid}" for process in self.processes)):
            shutil.rmtree(os.path.join("/var/run/dpdk", name), ignore_errors=True)

    def spawn(self, name, argv, out, cpu=None):
        """
        In a process group of its own: Ctrl-C is for the demo, which ends the two in their order. If the demo is killed,
        they end with it.
        """
        pin = ["taskset", "-c", str(cpu)] if cpu is not None else []
        with open(self.path(out), "wb") as stdout:
            process = subprocess.Popen(["setpriv", "--pdeathsig", "TERM", *pin, *argv], stdin=subprocess.DEVNULL,
                                       stdout=stdout, stderr=subprocess.PIPE, start_new_session=True, cwd=self.dir,
                                       env={**os.environ, "XDG_RUNTIME_DIR": self.dir, "TMPDIR": self.dir})
        self.processes.append(process)
        self.last[name] = []
        self.watch.add(name, process.stderr)
        return process

    def start_seki(self, conf, seconds=30):
        """Returns when it forwards."""
        with open(self.path("demo.conf"), "w", encoding="utf-8") as file:
            file.write(fitted(conf, self.name, self.main, self.packets))
        seki = self.spawn("seki", [f"{self.build}/app/seki", "run", "-c", "demo.conf"], "counters.txt")
        limit = time.monotonic() + seconds
        while time.monotonic() < limit:
            line = self.next(limit - time.monotonic())
            if line and line[1].startswith("seki: running: "):
                return seki
        raise StageError(f"seki did not start within {seconds} s")

    def start_gen(self, words):
        """With rings four times as deep as usual, for when one of the two has no CPU for some milliseconds."""
        ports = [f"net_memif{n},role=client,id=0,socket={self.path(side)}.sock,rsize=12,socket-abstract=no"
                 for n, side in enumerate(("outside", "inside"))]
        return self.spawn("seki-gen", [f"{self.build}/tools/gen/seki-gen", "live", "--device", ports[0], "--device2", ports[1],
                                       "--json", "--interval", *map(str, words)], "seki-gen.json", self.gen)

    def next(self, seconds):
        """
        The next (name, line), or None if the time is over. seki-gen may end, and then the line is None; if it failed, or Seki
        has ended, that is an error.
        """
        told = self.watch.next(seconds)
        if told is None:
            return None
        name, line = told
        if line is None:
            self.judge_end(name)
            return told
        self.last[name] = (self.last[name] + [line])[-20:]
        if name == "seki":
            print(line, file=self.log, flush=True)
        return told

    def judge_end(self, name):
        process = self.processes[0 if name == "seki" else -1]
        code = process.wait()
        if code != 0 or name == "seki":
            raise StageError("\n".join([f"{name} ended with {code}", *self.last[name]]))

    def stop_seki(self):
        """Its last words are in its log, and its counters in counters.txt."""
        end(self.processes[0])
        while True:
            name, line = self.watch.next(10) or ("seki", None)
            if line is None:
                break
            print(line, file=self.log)
        self.log.flush()
        if self.processes[0].returncode != 0:
            raise StageError(f"seki ended with {self.processes[0].returncode}")


def end(process):
    process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
