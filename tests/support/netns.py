# SPDX-License-Identifier: BSD-3-Clause
"""Network namespaces for live tests: made, wired and removed by the test that uses them."""
import functools
import os
import subprocess
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))

# Offloads that make what veth carries differ from what a wire carries; not every kernel knows every one.
OFFLOADS = ("rx", "tx", "sg", "tso", "gso", "gro", "txvlan", "rxvlan")


def sh(*argv, timeout=60, check=True, **options):
    """Runs a command; raises with its output if it fails. Returns its standard output."""
    done = subprocess.run([str(a) for a in argv], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=timeout, text=True, errors="replace", **options)
    if check and done.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, argv))}: exit {done.returncode}\n{done.stdout}")
    return done.stdout


@functools.lru_cache(maxsize=None)
def missing():
    """Why namespaces with veth pairs cannot be made here; empty if they can."""
    if os.geteuid() != 0:
        return "network namespaces need root"
    name = f"seki-probe-{os.getpid()}"
    try:
        sh("ip", "netns", "add", name)
        sh("ip", "-n", name, "link", "add", "end0", "type", "veth", "peer", "name", "end1")
        return ""
    except (RuntimeError, OSError) as error:
        return f"no network namespace with veth here: {error}"
    finally:
        subprocess.run(["ip", "netns", "del", name], stderr=subprocess.DEVNULL, check=False)


class Netns:
    """One namespace. `quiet`: it sends nothing by itself (for the box in the middle)."""

    def __init__(self, name, quiet=False):
        self.name = name
        self.quiet = quiet
        sh("ip", "netns", "add", name)
        self.run("ip", "link", "set", "lo", "up")
        off = int(quiet)
        self.sysctl({"net.ipv6.conf.all.disable_ipv6": off, "net.ipv6.conf.default.disable_ipv6": off,
                     "net.ipv6.conf.default.accept_dad": 0,
                     "net.ipv4.conf.all.rp_filter": 0, "net.ipv4.conf.default.rp_filter": 0})

    def prefix(self):
        """What runs a command inside. Seki polls on the last CPU; everything that is not the box keeps off it."""
        others = os.cpu_count() - 2
        keep_off = ["taskset", "-c", f"0-{others}"] if others >= 0 and not self.quiet else []
        return ["ip", "netns", "exec", self.name, *keep_off]

    def run(self, *argv, **options):
        return sh(*self.prefix(), *argv, **options)

    def popen(self, *argv, **options):
        """A process inside; the caller ends it."""
        return subprocess.Popen([*self.prefix(), *map(str, argv)], stdin=subprocess.DEVNULL, **options)

    def sysctl(self, values):
        self.run("sysctl", "-qw", *(f"{key}={value}" for key, value in values.items()))

    def up(self, interface, *addresses, mtu=None):
        self.run("ethtool", "-K", interface, *(word for feature in OFFLOADS for word in (feature, "off")), check=False)
        if mtu:
            self.run("ip", "link", "set", interface, "mtu", mtu)
        if self.quiet:
            self.run("ip", "link", "set", interface, "arp", "off")
        self.run("ip", "link", "set", interface, "up")
        for address in addresses:
            self.run("ip", "addr", "add", address, "dev", interface)

    def mac(self, interface):
        return self.run("cat", f"/sys/class/net/{interface}/address").strip()

    def close(self):
        subprocess.run(["ip", "netns", "del", self.name], stderr=subprocess.DEVNULL, check=False)


def veth(a, a_interface, b, b_interface):
    """A cable between two namespaces, both ends down."""
    sh("ip", "link", "add", a_interface, "netns", a.name, "type", "veth", "peer", "name", b_interface, "netns", b.name)


def tag_vlan(namespace, interface, vid):
    """
    Makes `interface` carry everything inside VLAN `vid`: frames are tagged when they leave and untagged when they
    arrive. The kernel's own VLAN devices are an option that small kernels lack, so a classifier does it. Returns
    "" or why it cannot be done.
    """
    with tempfile.TemporaryDirectory(prefix="seki-vlan-") as where:
        program = f"{where}/vlan.o"
        built = subprocess.run(["clang", "-O2", "-target", "bpf", "-I/usr/include/x86_64-linux-gnu", f"-DVID={vid}",
                                "-c", f"{HERE}/vlan_bpf.c", "-o", program], capture_output=True, text=True, check=False)
        if built.returncode != 0:
            return f"clang cannot build for BPF: {built.stderr.strip()}"
        try:
            namespace.run("tc", "qdisc", "add", "dev", interface, "clsact")
            for hook, section in (("egress", "tag"), ("ingress", "untag")):
                namespace.run("tc", "filter", "add", "dev", interface, hook, "bpf", "da", "obj", program, "sec", section)
        except RuntimeError as error:
            return f"the kernel has no BPF classifier: {error}"
    return ""
