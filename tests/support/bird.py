# SPDX-License-Identifier: BSD-3-Clause
"""Two BIRD routers at the two ends of a wire: BGP over IPv4 and IPv6 with BFD, OSPFv2 and OSPFv3."""
import os
import re
import subprocess
import time
from datetime import datetime

NET4 = "10.77.0"
NET6 = "2001:db8:77"

CONFIG = """
router id {net4}.{side};
log "{log}" {{ info, remote, warning, error, auth, fatal, bug, trace }};
timeformat base iso long ms;
timeformat protocol iso long ms;
timeformat log iso long ms;
protocol device {{ scan time 10; }}
protocol bfd {{
	interface "*" {{ min rx interval 300 ms; min tx interval 300 ms; idle tx interval 1 s; multiplier 3; }};
}}
protocol static s4 {{ ipv4; route 203.0.{side}.0/24 blackhole; }}
protocol static s6 {{ ipv6; route 2001:db8:f{side}::/48 blackhole; }}
protocol bgp bgp4 {{
	debug {{ states }};
	local {net4}.{side} as 6500{side};
	neighbor {net4}.{other} as 6500{other};
	bfd on; hold time 9; keepalive time 3; connect delay time 1; connect retry time 2; error wait time 1, 4;
	ipv4 {{ import all; export where source = RTS_STATIC; }};
}}
protocol bgp bgp6 {{
	debug {{ states }};
	local {net6}::{side} as 6500{side};
	neighbor {net6}::{other} as 6500{other};
	bfd on; hold time 9; keepalive time 3; connect delay time 1; connect retry time 2; error wait time 1, 4;
	ipv6 {{ import all; export where source = RTS_STATIC; }};
}}
protocol ospf v2 ospf4 {{
	debug {{ states, events }};
	ipv4 {{ import all; export where source = RTS_STATIC; }};
	area 0 {{ interface "{interface}" {{ hello 1; dead 4; type broadcast; }}; }};
}}
protocol ospf v3 ospf6 {{
	debug {{ states, events }};
	ipv6 {{ import all; export where source = RTS_STATIC; }};
	area 0 {{ interface "{interface}" {{ hello 1; dead 4; type broadcast; }}; }};
}}
"""

ADJACENCIES = ("bgp4", "bgp6", "bfd4", "bfd6", "ospf4", "ospf6")


class Bird:
    """One router; `side` is 1 or 2. Nothing of the machine's own BIRD is touched."""

    def __init__(self, namespace, interface, side, where):
        self.namespace = namespace
        self.side = side
        base = os.path.join(str(where), f"bird{side}")
        self.log_path, self.control = base + ".log", base + ".ctl"
        with open(base + ".conf", "w", encoding="ascii") as out:
            out.write(CONFIG.format(net4=NET4, net6=NET6, side=side, other=3 - side, interface=interface,
                                    log=self.log_path))
        self.process = namespace.popen("nice", "-n", "-10", "bird", "-f", "-c", base + ".conf", "-s", self.control,
                                       "-P", base + ".pid", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def show(self, what):
        return self.namespace.run("birdc", "-s", self.control, "show", *what.split(), check=False)

    def up(self):
        """Adjacency -> since when it is up (BIRD's own time stamp), for those that are."""
        since = {}
        for line in self.show("protocols").splitlines():
            word = line.split()
            if len(word) >= 6 and word[1] == "BGP" and "Established" in line:
                since[word[0]] = " ".join(word[4:6])
        for line in self.show("bfd sessions").splitlines():
            word = line.split()
            if len(word) >= 5 and word[2] == "Up":
                since["bfd6" if ":" in word[0] else "bfd4"] = " ".join(word[3:5])
        for name in ("ospf4", "ospf6"):
            if re.search(r"\sFull/", self.show(f"ospf neighbors {name}")):
                since[name] = f"full, {self.ospf_changes(name)} earlier losses"
        return since

    def ospf_changes(self, name):
        """How often a neighbour left the state Full; OSPF shows no time of its own."""
        with open(self.log_path, encoding="utf-8", errors="replace") as text:
            return len(re.findall(rf"{name}: Neighbor .* changed state from Full", text.read()))

    def log(self):
        with open(self.log_path, encoding="utf-8", errors="replace") as text:
            return text.read()

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


def wait_until_up(routers, timeout=90):
    """Waits for all adjacencies at both ends; returns a list of {adjacency: since} or raises."""
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        state = [router.up() for router in routers]
        if all(set(ADJACENCIES) <= set(s) for s in state):
            return state
        time.sleep(0.5)
    raise RuntimeError(f"adjacencies after {timeout} s: {state}, wanted {ADJACENCIES}")


def same_session(was, now):
    """BIRD computes a session's time stamp anew each time it shows it, so it may differ by milliseconds."""
    if was == now or now is None:
        return was == now
    try:
        apart = datetime.fromisoformat(was) - datetime.fromisoformat(now)
    except ValueError:
        return False
    return abs(apart.total_seconds()) < 0.1


def lost(before, after):
    """Adjacencies that are gone, or came up anew since `before`."""
    return [f"side {side}: {name} was up since {was}, now {now.get(name, 'down')}"
            for side, (old, now) in enumerate(zip(before, after), 1)
            for name, was in old.items() if not same_session(was, now.get(name))]
