# SPDX-License-Identifier: BSD-3-Clause
"""`seki run` as a test drives it: a configuration from a dict, a process, its telemetry, its end."""
import itertools
import os
import signal
import subprocess
import time

import telemetry

NICE = -15
COUNTER = itertools.count()
LADDER = ("reflection", "fragment", "tcp_state", "source_limit")  # what waits for an incident by default


def scalar(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    return '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'


def libconfig(value, depth=0):
    """libconfig text: dicts are groups, lists of dicts are lists, other lists are arrays."""
    pad = "\t" * (depth + 1)
    if isinstance(value, dict):
        body = "".join(f"{pad}{key} = {libconfig(item, depth + 1)};\n" for key, item in value.items())
        return "{\n" + body + "\t" * depth + "}"
    if isinstance(value, (list, tuple)):
        groups = any(isinstance(item, dict) for item in value)
        inner = ", ".join(libconfig(item, depth + 1) for item in value)
        return f"({inner})" if groups else f"[{inner}]"
    return scalar(value)


def config_text(conf):
    return "".join(f"{key} = {libconfig(value)};\n" for key, value in conf.items())


def standing(**more):
    """A zone's countermeasures where those of the ladder wait for nothing; `more`: others, and settings of theirs."""
    return {**{name: {"mode": "enforce"} for name in LADDER}, **more}


def pair(outside, inside, mtu=1500, **port):
    """Two ports that face each other."""
    return [{"name": "outside", "device": outside, "side": "outside", "peer": "inside", "mtu": mtu, **port},
            {"name": "inside", "device": inside, "side": "inside", "peer": "outside", "mtu": mtu, **port}]


def af_packet(outside="out", inside="in", frames=4096):
    """The box's two interfaces as AF_PACKET ports with a deep receive ring."""
    options = f"blocksz=4096,framesz=2048,framecnt={frames},qpairs=1,qdisc_bypass=0"
    return [f"net_af_packet{n},iface={i},{options}" for n, i in enumerate((outside, inside))]


class Seki:
    """One `seki run`. start() returns when it answers on its telemetry socket."""

    def __init__(self, binary, conf, where, namespace=None, user=None, options=()):
        self.binary = str(binary)
        self.where = str(where)
        self.namespace = namespace
        self.user = user
        self.options = options
        self.prefix = f"seki-test-{os.getpid()}-{next(COUNTER)}"
        self.file = os.path.join(self.where, f"{self.prefix}.conf")
        self.log_path = os.path.join(self.where, f"{self.prefix}.log")
        self.process = None
        self.conf = {**conf, "eal": {"huge": False, "file_prefix": self.prefix, **conf.get("eal", {})}}
        self.write(self.conf)

    def write(self, conf):
        with open(self.file, "w", encoding="utf-8") as out:
            out.write(conf if isinstance(conf, str) else config_text(conf))

    def log(self):
        with open(self.log_path, encoding="utf-8", errors="replace") as text:
            return text.read()

    def polls_every_cpu(self):
        """Then its neighbours have no CPU of their own, and must get their share of those."""
        cores = self.conf.get("cores", {})
        return len({cpu for role in ("rxtx", "rx", "tx") for cpu in cores.get(role, ())}) >= os.cpu_count()

    def argv(self):
        inside = self.namespace.prefix() if self.namespace else []
        # A poll-mode process that a busy machine deschedules loses packets before it ever sees them.
        first = os.geteuid() == 0 and not self.user and not self.polls_every_cpu()
        nice = ["nice", "-n", str(NICE)] if first else []
        user = ["setpriv", "--reuid", self.user, "--regid", "nogroup", "--clear-groups", "--no-new-privs",
                "env", f"XDG_RUNTIME_DIR={self.where}"] if self.user else []
        return [*inside, *nice, *user, self.binary, "run", *self.options, "-c", self.file]

    def start(self, timeout=60):
        with open(self.log_path, "wb") as log:
            self.process = subprocess.Popen(self.argv(), stdin=subprocess.DEVNULL, stdout=log,
                                            stderr=subprocess.STDOUT)
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            if self.process.poll() is not None:
                raise RuntimeError(f"seki ended with {self.process.returncode}:\n{self.log()}")
            try:
                # It answers before its ports are up.
                if self.ask("/seki/info") and "seki: running: " in self.log():
                    return self
            except (OSError, ValueError):
                pass
            time.sleep(0.05)
        self.kill()
        raise RuntimeError(f"seki does not answer after {timeout} s:\n{self.log()}")

    def socket_path(self):
        base = f"{self.where}/dpdk/{self.prefix}" if self.user else telemetry.runtime_dir(self.prefix)
        return f"{base}/dpdk_telemetry.v2"

    def connect(self):
        return telemetry.Telemetry(self.socket_path())

    def ask(self, command):
        with self.connect() as connection:
            return connection.ask(command)

    def stats(self):
        return self.ask("/seki/stats")

    def reasons(self, zone=""):
        """Reason -> {"packets": n, ...}, of one zone or of all."""
        with self.connect() as connection:
            return connection.pages("/seki/reasons", "reasons", zone)

    def port_reasons(self, port=""):
        """Reason -> {"inbound_packets": n, ...} of what came in by one port, or by all."""
        with self.connect() as connection:
            return connection.pages("/seki/port_reasons", "reasons", port)

    def zones(self):
        """Zone name -> its row; "" is the traffic of no zone."""
        with self.connect() as connection:
            return {row["name"]: row for row in connection.pages("/seki/zones", "zones").values()}

    def port_sum(self, counter):
        """A counter that ports have (imissed, oerrors, ...), over all ports."""
        return sum(port[counter] for port in self.stats()["ports"].values())

    def steered(self):
        """
        Packets that one core handed to another so far; needs a start with options=("-t",), which counts what every
        core took up, a steered packet twice. Read it when the wire is quiet.
        """
        return self.ask("/seki/info")["cycles_packets"] - self.stats()["rx"]

    def reload(self):
        os.kill(self.process.pid, signal.SIGHUP)

    def stop(self, timeout=30):
        """SIGTERM; returns (exit code, everything it wrote)."""
        if self.process.poll() is None:
            os.kill(self.process.pid, signal.SIGTERM)
        code = self.process.wait(timeout)
        return code, self.log()

    def kill(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def close(self):
        self.kill()

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.kill()


def balance_error(stats):
    """Empty if `rx + generated == tx + drops + challenged` holds in packets and bytes, else the terms."""
    for unit in ("", "_bytes"):
        left = stats["rx" + unit] + stats["generated" + unit]
        right = stats["tx" + unit] + stats["dropped" + unit] + stats["challenged" + unit]
        if left != right:
            return f"rx+generated{unit} {left} != tx+dropped+challenged{unit} {right}: {stats}"
    return ""


def settled(seki, seconds=5.0):
    """The counters once nothing has changed for a while and the identity holds, or the last ones read."""
    end, before = time.monotonic() + seconds, None
    while time.monotonic() < end:
        now = seki.stats()
        if now == before and not balance_error(now):
            return now
        before = now
        time.sleep(0.3)
    return seki.stats()
