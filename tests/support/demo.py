# SPDX-License-Identifier: BSD-3-Clause
"""tools/demo as a test drives it: with a build directory of its own, on a pipe or a terminal; and what it must not leave."""
import glob
import os
import pty
import select
import shutil
import signal
import subprocess
import tempfile
import termios
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
TOOL = os.path.join(ROOT, "tools", "demo")
NOBODY = ["setpriv", "--reuid", "nobody", "--regid", "nogroup", "--clear-groups", "--no-new-privs"]


def children():
    """{pid: directory} of Seki and seki-gen in demos, as far as this user can see them."""
    found = {}
    for cwd in glob.glob("/proc/[0-9]*/cwd"):
        try:
            where = os.readlink(cwd)
        except OSError:
            continue  # it has just ended, or is not ours
        if where.startswith("/tmp/seki-demo."):
            found[int(cwd.split("/")[2])] = where.removesuffix(" (deleted)")
    return found


def left_behind():
    """Directories and processes of demos; of seki-gen, which others may run here, what no process has any more."""
    found = set(glob.glob("/tmp/seki-demo.*") + glob.glob("/var/run/dpdk/seki-demo.*"))
    found |= {path for path in glob.glob("/var/run/dpdk/seki-gen-*") if not os.path.exists(f"/proc/{path.split('-')[-1]}")}
    return found | {f"process {pid} in {where}" for pid, where in children().items()}


def can_be_nobody(seki_bin):
    """Whether a user who may do nothing can run what is built here."""
    if os.geteuid() != 0:
        return False
    probe = subprocess.run([*NOBODY, "test", "-r", TOOL, "-a", "-x", seki_bin], check=False)
    return probe.returncode == 0


class Demo:
    """One run; in `with`. `text` is what it has written so far."""

    def __init__(self, seki_bin, *words, user=(), terminal=False, env=None):
        self.before = left_behind()
        self.text = ""
        self.where = tempfile.mkdtemp(prefix="seki-demo-build.", dir="/tmp")
        build = os.path.realpath(os.path.join(os.path.dirname(seki_bin), ".."))
        for folder in ("app", "tools"):
            os.symlink(os.path.join(build, folder), f"{self.where}/{folder}")
        # Nothing to build: what is there is what is tested.
        with open(f"{self.where}/build.ninja", "w", encoding="ascii") as file:
            file.write("rule none\n  command = true\nbuild app/seki: none\nbuild tools/gen/seki-gen: none\n")
        for n in ("", ".previous"):  # results of two demos before it
            os.mkdir(f"{self.where}/demo{n}")
            with open(f"{self.where}/demo{n}/demo.conf", "w", encoding="ascii") as file:
                file.write(f"mine{n}")
        for path in [self.where, *glob.glob(f"{self.where}/demo*"), *glob.glob(f"{self.where}/demo*/*")] if user else []:
            shutil.chown(path, "nobody")
        self.argv = [*user, TOOL, "--no-install", "--quick", *words]
        self.terminal = terminal
        self.env = {**os.environ, "SEKI_BUILD": self.where, **(env or {})}
        self.process = self.output = None

    def __enter__(self):
        if self.terminal:
            self.output, theirs = pty.openpty()
            termios.tcsetwinsize(theirs, (40, 80))
        else:
            self.output, theirs = os.pipe()
        # A shell cannot trap what was ignored when it started, as it is if the tests run in the background.
        self.process = subprocess.Popen(self.argv, stdin=subprocess.DEVNULL, stdout=theirs, stderr=theirs, env=self.env,
                                        start_new_session=True,
                                        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
        os.close(theirs)
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(60)
        os.close(self.output)
        shutil.rmtree(self.where)

    def read(self, wanted, seconds):
        """Reads until the text is there; False: it has ended before."""
        end = time.monotonic() + seconds
        while wanted is None or wanted not in self.text:
            ready, _, _ = select.select([self.output], [], [], max(0, end - time.monotonic()))
            assert ready, f"no {wanted!r} within {seconds} s: {self.text}"
            try:
                data = os.read(self.output, 65536)
            except OSError:  # how a terminal says that nobody is at its other end
                data = b""
            if not data:
                return False
            self.text += data.decode()
        return True

    def finish(self, seconds=120):
        """To its end; returns the exit code."""
        self.read(None, seconds)
        return self.process.wait(30)

    def interrupt(self, number=signal.SIGINT):
        """As a terminal does it: to all that are in its process group. Returns the exit code."""
        os.killpg(self.process.pid, number)
        return self.finish(30)

    def place(self):
        """The directory in which it runs."""
        found, = {path for path in left_behind() - self.before if path.startswith("/tmp/seki-demo.")}
        return found

    def seki(self):
        """Seki's process id."""
        for pid, where in children().items():
            with open(f"/proc/{pid}/cmdline", "rb") as file:
                if where == self.place() and b"\0run\0" in file.read():
                    return pid
        raise AssertionError("there is no seki")

    def left(self):
        """What must not be there; also where results of a demo would be."""
        known = {"app", "tools", "build.ninja", ".ninja_log", ".ninja_deps", "demo", "demo.previous"}
        return sorted(left_behind() - self.before) + sorted(set(os.listdir(self.where)) - known)

    def is_as_before(self):
        """Nothing is left, and results of demos before it are where they were."""
        with open(f"{self.where}/demo/demo.conf", encoding="ascii") as file:
            return self.left() == [] and file.read() == "mine"
