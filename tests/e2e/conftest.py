# SPDX-License-Identifier: BSD-3-Clause
"""What the live tests share: the binary, and a client, a box and a server on one wire."""
import glob
import hashlib
import os
import sys
import time

import pytest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests", "support"))

import netns  # noqa: E402
import seki as seki_support  # noqa: E402

CLIENT4, SERVER4 = "10.77.0.1", "10.77.0.2"
CLIENT6, SERVER6 = "2001:db8:77::1", "2001:db8:77::2"
DENIED4, DENIED6 = "10.77.0.66", "2001:db8:77::66"


@pytest.fixture(scope="session")
def seki_bin():
    """SEKI_BIN, or the newest build in the tree."""
    found = [os.environ["SEKI_BIN"]] if "SEKI_BIN" in os.environ else glob.glob(f"{ROOT}/build*/app/seki")
    if not found:
        pytest.fail("there is no built seki: run tools/test, or ninja -C build, or set SEKI_BIN")
    return max(found, key=os.path.getmtime)


def cores_params():
    """
    Every way to divide the work between cores, as parameters `cores` of a test: one core for all, two that steer to
    each other, one that receives for one that transmits, and two that receive for one that transmits.
    """
    last = os.cpu_count() - 1
    ways = {"rxtx": {"rxtx": [last]}, "rxtx-rxtx": {"rxtx": [0, 1]}, "rx-tx": {"rx": [0], "tx": [1]},
            "rx-rx-tx": {"rx": [0, 1], "tx": [2]}}
    for name, roles in ways.items():
        needed = max(max(cpus) for cpus in roles.values()) + 1
        few = pytest.mark.skipif(os.cpu_count() < needed, reason=f"a CPU has one role, and here are fewer than {needed}")
        yield pytest.param({"main": 0, **roles}, id=name, marks=few)


# For a test that takes the fixture `cores`: @pytest.mark.parametrize("cores", ALL_CORES, indirect=True)
ALL_CORES = list(cores_params())

# What may end where a port or a ring between cores has no room: with the neighbours on the same CPUs, that is usual.
FULL = {"tx_full", "ring_full", "steer_full"}


@pytest.fixture
def cores(request):
    """The configuration's cores: one that does everything, unless the test asks for others."""
    return getattr(request, "param", {"main": 0, "rxtx": [os.cpu_count() - 1]})


def receivers(cores):
    return len(cores.get("rxtx", ())) + len(cores.get("rx", ()))


class Wire:
    """client --- box --- server: one Ethernet segment with Seki in the middle, no router."""

    def __init__(self, name):
        self.client = netns.Netns(f"{name}-client")
        self.box = netns.Netns(f"{name}-box", quiet=True)
        self.server = netns.Netns(f"{name}-server")

    def connect(self, mtu=1500):
        netns.veth(self.client, "wire", self.box, "out")
        netns.veth(self.server, "wire", self.box, "in")
        for interface in ("out", "in"):
            self.box.up(interface, mtu=mtu)
        self.client.up("wire", f"{CLIENT4}/24", f"{CLIENT6}/64", mtu=mtu)
        self.server.up("wire", f"{SERVER4}/24", f"{SERVER6}/64", mtu=mtu)
        return self

    def flush_neighbours(self):
        for side in (self.client, self.server):
            side.run("ip", "neigh", "flush", "dev", "wire")

    def close(self):
        for side in (self.client, self.box, self.server):
            side.close()


@pytest.fixture
def bare_wire():
    """The three namespaces, not yet connected."""
    why = netns.missing()
    if why:
        pytest.skip(why)
    made = None
    try:
        made = Wire(f"seki-{os.getpid()}-{time.monotonic_ns() % 1000000}")
        yield made
    finally:
        if made:
            made.close()


@pytest.fixture
def wire(bare_wire):
    return bare_wire.connect()


def inline_config(devices=None, mode="enforce", **more):
    """Seki between `out` and `in`, protecting the server's addresses; nothing waits for an incident."""
    conf = {
        "ports": seki_support.pair(*(devices or seki_support.af_packet())),
        "cores": {"main": 0, "rxtx": [os.cpu_count() - 1]},
        "control": {"peers": [CLIENT4, SERVER4, CLIENT6, SERVER6]},
        "zones": [{"name": "servers", "mode": mode, "countermeasures": seki_support.standing(),
                   "prefixes": [f"{SERVER4}/32", f"{SERVER6}/128", "198.51.100.0/24"]}],
    }
    conf.update(more)
    return conf


def sha256(path):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        for block in iter(lambda: file.read(1 << 20), b""):
            digest.update(block)
    return digest.hexdigest()


def skip_without_af_xdp(error):
    """Skips if it was the AF_XDP socket that kept Seki from starting; raises what else it was."""
    text = str(error)
    if text.startswith("seki ended with") and "xdp" in text.lower():
        pytest.skip(f"no AF_XDP socket here: {text.strip().splitlines()[-1]}")
    raise error


class Nginx:
    """nginx serving one directory on port 8080 of a namespace, both families."""

    CONF = """
daemon off; master_process off; pid {where}/nginx.pid; error_log {where}/error.log;
events {{ worker_connections 64; }}
http {{
	access_log off; sendfile on; server_tokens off;
	client_body_temp_path {where}; proxy_temp_path {where}; fastcgi_temp_path {where};
	uwsgi_temp_path {where}; scgi_temp_path {where};
	server {{ listen 8080; listen [::]:8080; root {where}/www; }}
}}
"""

    def __init__(self, namespace, where):
        os.makedirs(f"{where}/www", exist_ok=True)
        with open(f"{where}/nginx.conf", "w", encoding="ascii") as out:
            out.write(self.CONF.format(where=where))
        self.process = namespace.popen("nginx", "-c", f"{where}/nginx.conf", "-e", f"{where}/error.log")
        end = time.monotonic() + 10
        while time.monotonic() < end:
            if "LISTEN" in namespace.run("ss", "-ltn", "sport", "=", ":8080"):
                return
            time.sleep(0.1)
        raise RuntimeError("nginx does not listen")

    def close(self):
        self.process.terminate()
        self.process.wait(10)


@pytest.fixture(scope="session")
def big_file(tmp_path_factory):
    """100 MB of noise and its digest; nginx serves it as www/big."""
    where = tmp_path_factory.mktemp("www")
    os.chmod(where, 0o755)
    os.makedirs(where / "www")
    with open(where / "www" / "big", "wb") as out:
        for _ in range(100):
            out.write(os.urandom(1000000))
    return where, sha256(where / "www" / "big")


def assert_balanced(box):
    """Every packet that came in has its one end; read when the wire is quiet."""
    stats = seki_support.settled(box)
    assert not seki_support.balance_error(stats)
    return stats
