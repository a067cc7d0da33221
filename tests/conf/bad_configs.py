# SPDX-License-Identifier: BSD-3-Clause
"""Mistakes in configuration files, each with the line and the sentence that it must be refused with.

A case is (what is wrong, what of BASE is replaced, by what, what the sentence matches). The line that must be
named is the one that holds `#!`, a comment; a fifth element is a text that stands for `#!` (None: the file as a
whole); two more are a further replacement. Exactly one sentence must come: a mistake has no echo. @CPU@ stands for
a CPU that the machine has.
"""

BASE = """\
eal: { huge = false; memory_mb = 0; file_prefix = "t"; log_level = "notice"; };
ports: (
  {
    name = "out0"; device = "net_null0"; side = "outside"; peer = "in0";
    mtu = 1500; rx_desc = 1024;
    macs = ["00:00:5e:00:53:01"];
  },
  {
    name = "in0"; device = "net_null1"; side = "inside"; peer = "out0";
    mtu = 1500;
  }
);
cores: {
  main = @CPU@;
  rxtx = [@CPU@];
  ring_size = 4096;
};
domains: (
  { name = "tenant-a"; port = "out0"; vlans = [100, 101]; }
);
control: { peers = ["192.0.2.1", "2001:db8::1"]; };
lists: (
  { name = "drop"; file = "drop.txt"; },
  { name = "partners"; file = "partners.txt"; }
);
countermeasures: {
  zone_limit: { mode = "observe"; total_pps = "2 Mpps"; };
};
zones: (
  {
    name = "web"; domain = "default"; mode = "observe";
    prefixes = ["192.0.2.0/24",
      "2001:db8:1::/48"];
    services = ["tcp/80", "udp/443"];
    allow = ["partners"]; deny = ["drop"];
    countermeasures: { reflection: { ntp_pps = "1 kpps"; }; };
  },
  {
    name = "mail";
    prefixes = ["198.51.100.0/24"];
  }
);
telemetry: { enable = true; };
"""

# Files beside the configuration.
FILES = {"drop.txt": "203.0.113.0/24\n", "partners.txt": "# partners\n203.0.113.7\n"}

MTU = "    mtu = 1500; rx_desc = 1024;\n"
DESC = "rx_desc = 1024;\n"
EAL = 'eal: { huge = false; memory_mb = 0; file_prefix = "t"; log_level = "notice"; };\n'
IN_MTU = "    mtu = 1500;\n"
MACS = '    macs = ["00:00:5e:00:53:01"];\n'
RXTX = "  rxtx = [@CPU@];\n"
RING = "  ring_size = 4096;\n"
MAIN = "  main = @CPU@;\n"
DOMAIN = '  { name = "tenant-a"; port = "out0"; vlans = [100, 101]; }\n'
CONTROL = 'control: { peers = ["192.0.2.1", "2001:db8::1"]; };\n'
DROP = '  { name = "drop"; file = "drop.txt"; },\n'
LIMIT = '  zone_limit: { mode = "observe"; total_pps = "2 Mpps"; };\n'
OWN = '    countermeasures: { reflection: { ntp_pps = "1 kpps"; }; };\n'
WEB = '    name = "web"; domain = "default"; mode = "observe";\n'
SERVICES = '    services = ["tcp/80", "udp/443"];\n'
LISTS = '    allow = ["partners"]; deny = ["drop"];\n'
MAIL = '    name = "mail";\n'
MAIL_PREFIXES = '    prefixes = ["198.51.100.0/24"];\n'
TELEMETRY = "telemetry: { enable = true; };\n"
OUT = '    name = "out0"; device = "net_null0"; side = "outside"; peer = "in0";\n'
IN = '    name = "in0"; device = "net_null1"; side = "inside"; peer = "out0";\n'


def number_cases():
    """One integer key with everything that is no integer in its range; libconfig 1.5 would wrap many of these."""
    for text, says in [
        ("99999999999", "99999999999 is out of range: from 64 to 32768"),
        ("4294968320", "4294968320 is out of range"),  # 1024 after wrapping to 32 bits
        ("18446744073709552640", "18446744073709552640 is out of range"),  # 1024 after wrapping to 64 bits
        ("-1", "-1 is out of range"),
        ("-4294966272", "-4294966272 is out of range"),
        ("+1024", '"\\+1024" is no number'),
        ("0", "0 is out of range"),
        ("63", "63 is out of range"),
        ("32769", "32769 is out of range"),
        ("1024.0", "1024.0 is no whole number"),
        ("1e3", "1e3 is no whole number"),
        ("0x400", "0x400 is neither a number nor true nor false"),
        ("1024L", "1024L is neither a number"),
        ("1_024", "1_024 is neither a number"),
        ("true", "a number is wanted, such as 1500, and not true"),
        ('""', '"" is no number'),
        ('"many"', '"many" is no number; write it like 1500'),
        ('"1024 pps"', '"1024 pps" is no number'),
        ('" 1024"', '" 1024" is no number'),
        ('"-1024"', "-1024 is out of range"),
        ('"0.0001k"', "is out of range"),
        ("[1024]", "a single value is wanted"),
        ("{ value = 1024; }", "a single value is wanted"),
        ("(1024)", "a single value is wanted"),
    ]:
        yield (f"rx_desc = {text}", DESC, f"rx_desc = {text}; #!\n", says)


QUANTITIES = [
    (f"total_pps = {text}", LIMIT, f"  zone_limit: {{ total_pps = {text}; }}; #!\n", says)
    for text, says in [
        ('"2 Mbps"', '"2 Mbps" is no pps; write it like "500 kpps"'),
        ('"2 mpps"', '"2 mpps" is no pps'),
        ('"2Xpps"', '"2Xpps" is no pps'),
        ('"pps"', '"pps" is no pps'),
        ('"1.5 pps"', "out of range|no whole"),
        ('"99999999999999999999 pps"', "out of range"),
        ('"9999 Gpps"', "9999 Gpps is out of range: from 0 pps to"),
        ("-5", "-5 is out of range"),
        ("1.5", "1.5 is no whole number"),
        ("false", 'a number is wanted, such as "500 kpps", and not false'),
    ]
] + [
    (f"burst = {text}", LIMIT, f"  zone_limit: {{ burst = {text}; }}; #!\n", says)
    for text, says in [
        ("100", '100 needs a unit \\(ns, us, ms, s, min or h\\), such as "250 ms"'),
        ('"100"', '"100" is no time'),
        ('"100 years"', '"100 years" is no time'),
        ('"1 ns"', "1 ns is out of range"),
        ('"9999999 h"', "9999999 h is out of range"),
    ]
]

SYNTAX = [
    ("an EAL argument that ends EAL", EAL, 'eal: { extra = "--no-hpet --help"; }; #!\n', '"--help" is not for here'),
    ("an EAL argument that Seki gives", EAL, 'eal: { extra = "-l0-3"; }; #!\n', '"-l0-3" is not for here'),
    ("another EAL process type", EAL, 'eal: { extra = "--proc-type=secondary"; }; #!\n', '"--proc-type=secondary"'),
    ("one of them cut short", EAL, 'eal: { extra = "--hel"; }; #!\n', '"--hel" is not for here'),
    ("one cut short with a value", EAL, 'eal: { extra = "--proc=secondary"; }; #!\n', '"--proc=secondary" is not for here'),
    ("one cut very short", EAL, 'eal: { extra = "--no-hpet --in-mem"; }; #!\n', '"--in-mem" is not for here'),
    ("the end of EAL arguments", EAL, 'eal: { extra = "-n 4 --"; }; #!\n', '"--" is not for here'),
    ("EAL arguments that begin with none", EAL, 'eal: { extra = "help --no-hpet"; }; #!\n',
     'eal.extra: "help" is no argument: those of EAL begin with "-"'),
    ("an empty value", MTU, "    mtu = ; #!\n", 'a value is missing before ";"'),
    ("no equals sign", MTU, "    mtu 1500; #!\n", "\"mtu\" needs a '=' and a value, and not \"1500\""),
    ("a unit without quotes", MTU, "    mtu = 9 k; #!\n", "a ';' is missing before \"k\""),
    ("a missing semicolon", MTU, "    mtu = 1500 rx_desc = 1024; #!\n", "a ';' is missing before \"rx_desc\""),
    ("a text without quotes", WEB, '    name = "web"; mode = observe; #!\n', 'observe is neither a number .* "observe"'),
    ("an address without quotes", CONTROL, "control: { peers = [192.0.2.1]; }; #!\n",
     '192.0.2.1 is neither a number .* quotes: "192.0.2.1"'),
    ("an IPv6 address without quotes", CONTROL, "control: { peers = [2001:db8::1]; }; #!\n", "2001 is|',' is missing"),
    ("single quotes", MAIL, "    name = 'mail'; #!\n", "double quotes"),
    ("a text that is not closed", MAIL, '    name = "mail; #!\n', "has no closing quote on its line"),
    ("a text over two lines", MAIL, '    name = "ma #!\nil";\n', "has no closing quote on its line"),
    ("an unknown escape", MAIL, '    name = "ma\\x41il"; #!\n', "after \\\\ in a text comes"),
    ("a control character in a text", MAIL, '    name = "ma\til"; #!\n', "control character 0x09"),
    ("two texts without a comma", CONTROL, 'control: { peers = ["192.0.2.1" "2001:db8::1"]; }; #!\n',
     "a ',' is missing before the text \"2001:db8::1\""),
    ("two groups without a comma", DROP, DROP.replace(",\n", "\n"), "a ',' is missing before \"{\"", '{ name = "partners"'),
    ("a bracket that is never closed", TELEMETRY, "telemetry: { enable = true; #!\n", "the '{' opened here is never closed"),
    ("a list that is never closed", "telemetry: { enable = true; };\n", "more: ( #!\n", "the '\\(' opened here is never closed"),
    ("the wrong bracket", RXTX, "  rxtx = [@CPU@); #!\n", "'\\)' does not close the '\\[' opened on line"),
    ("a bracket too many", TELEMETRY, "telemetry: { enable = true; }; }; #!\n", "'}' closes nothing"),
    ("a comment that is never closed", TELEMETRY, "telemetry: { enable = true; };\n/* #!\n", "is never closed with \\*/"),
    ("@include", TELEMETRY, '@include "more.conf" #!\n', "@include is not supported"),
    ("@include inside a group", MAIL, '    @include "more.conf" #!\n', "@include is not supported"),
    ("a key in quotes", MAIL, '    "name" = "mail"; #!\n', "a key is expected here, not the text \"name\""),
    ("a key that starts with a digit", MAIL, '    name = "mail"; 2nd = 1; #!\n', 'a key is expected here, not "2nd"'),
    ("a key with a star", MAIL, '    name = "mail"; *0 = 1; #!\n', 'a key is expected here, not "\\*0"'),
    ("a key with a dot", MAIL, '    name = "mail"; cm.mode = 1; #!\n', 'a key is expected here, not "cm.mode"'),
    ("a lone value", TELEMETRY, "telemetry: { true }; #!\n", "\"true\" needs a '='"),
    ("JSON", EAL, '{ "eal": {} } #!\n', "a key is expected here, not \"{\""),
    ("a group in an array", RXTX, "  rxtx = [{ cpu = 0; }]; #!\n", "between \\[ and \\] stand plain values"),
    ("brackets nested too deep", TELEMETRY, "deep = ((((((((((1)))))))))); #!\n", "nested more than 8 deep"),
    ("a stray character", MAIL, "    name = $NAME; #!\n", "'\\$' is not expected here"),
    ("a byte that is no text", MAIL, "    name = \x01; #!\n", "byte 0x01 is not expected here"),
    ("a key set twice", MTU, "    mtu = 1500;\n    mtu = 1500; #!\n", '"mtu" is set a second time; the first is on line 5'),
    ("a section set twice", TELEMETRY, TELEMETRY + "telemetry: { enable = true; }; #!\n", '"telemetry" is set a second time'),
    ("a countermeasure set twice", LIMIT, LIMIT + "  zone_limit: { mode = \"off\"; }; #!\n", '"zone_limit" is set a second time'),
]

UNKNOWN = [
    ("an unknown section", TELEMETRY, "watchdog: { enable = true; }; #!\n", 'there is no key "watchdog"; known are eal, ports'),
    ("a section misspelt", TELEMETRY, "telemetri: { enable = true; }; #!\n", 'no key "telemetri"; did you mean "telemetry"\\?'),
    ("a section in capitals", TELEMETRY, "Telemetry: { enable = true; }; #!\n", 'no key "Telemetry"; did you mean "telemetry"'),
    ("an unknown key of eal", EAL, "eal: { hugepages = true; }; #!\n", 'eal: there is no key "hugepages"; did you mean "huge"'),
    ("an unknown key of a port", DESC, "rx_desc = 1024; speed = 100; #!\n", 'ports.out0: there is no key "speed"'),
    ("a misspelt key of a port", DESC, "rx_descs = 1024; #!\n", 'no key "rx_descs"; did you mean "rx_desc"'),
    ("an unknown key of cores", RING, "  ring = 4096; #!\n", 'cores: there is no key "ring"; did you mean "ring_size"'),
    ("an unknown key of a domain", DOMAIN, DOMAIN.replace("vlans", "vni = 3; vlans").replace("\n", " #!\n"),
     'domains.tenant-a: there is no key "vni"'),
    ("an unknown key of control", CONTROL, CONTROL.replace("};", "bgp = true; }; #!"), 'control: there is no key "bgp"'),
    ("an unknown key of a list", DROP, DROP.replace("file =", "url = \"x\"; file =").replace("\n", " #!\n"),
     'lists.drop: there is no key "url"'),
    ("an unknown key of a zone", MAIL, '    name = "mail"; limit = 3; #!\n', 'zones.mail: there is no key "limit"'),
    ("an unknown key of telemetry", TELEMETRY, "telemetry: { enable = true; port = 9; }; #!\n", 'telemetry: there is no key "port"'),
    ("an unknown countermeasure", LIMIT, "  blackhole: { }; #!\n", 'countermeasures: there is no key "blackhole"; known are malformed'),
    ("a misspelt countermeasure", LIMIT, "  zone_limits: { }; #!\n", 'no key "zone_limits"; did you mean "zone_limit"'),
    ("an unknown parameter", LIMIT, "  zone_limit: { max = 3; }; #!\n", 'countermeasures.zone_limit: there is no key "max"'),
    ("an unknown countermeasure of a zone", OWN, "    countermeasures: { ntp: { }; }; #!\n",
     'zones.web.countermeasures: there is no key "ntp"'),
    ("an unknown parameter of a zone", OWN, "    countermeasures: { reflection: { ntp = 1; }; }; #!\n",
     'zones.web.countermeasures.reflection: there is no key "ntp"; did you mean "ntp_pps"'),
]

TYPES = [
    ("a number for a bool", EAL, "eal: { huge = 1; }; #!\n", 'eal.huge: "1" is not true or false'),
    ("a text for a bool", EAL, 'eal: { huge = "true"; }; #!\n', 'eal.huge: "true" is not true or false \\(without quotes\\)'),
    ("yes for a bool", EAL, "eal: { huge = yes; }; #!\n", "yes is neither a number nor true nor false"),
    ("a list for a bool", TELEMETRY, "telemetry: { enable = [true]; }; #!\n", "telemetry.enable: a single value is wanted"),
    ("a number for a name", MAIL, "    name = 25; #!\n", "name: a text in quotes is wanted, and not 25"),
    ("a bool for a choice", WEB, '    name = "web"; mode = true; #!\n', "zones.web.mode: a text in quotes is wanted"),
    ("a group for a list of groups", "domains: (\n" + DOMAIN + ");\n", "domains: { name = \"x\"; }; #!\n",
     "domains: a list of groups is wanted: domains: \\("),
    ("a value for a section", TELEMETRY, "telemetry = true; #!\n", "telemetry: a group is wanted: telemetry: { enable = true; };"),
    ("a list for a section", TELEMETRY, "telemetry = ( ); #!\n", "telemetry: a group is wanted"),
    ("a value for a list of groups", DOMAIN, "  7 #!\n", "domains #1: a group between { and } is wanted"),
    ("a value for a list of values", SERVICES, '    services = "tcp/80"; #!\n', "zones.web.services: a list is wanted, such as"),
    ("a number for a countermeasure", LIMIT, "  zone_limit = 3; #!\n", "countermeasures.zone_limit: a group is wanted"),
    ("a text for a zone's countermeasures", OWN, '    countermeasures = "off"; #!\n', "zones.web.countermeasures: a group is wanted"),
    ("a list for a mode", LIMIT, '  zone_limit: { mode = ["off"]; }; #!\n', "zone_limit.mode: a single value is wanted"),
    ("a group for a parameter", LIMIT, "  zone_limit: { total_pps = { }; }; #!\n", "zone_limit.total_pps: a single value is wanted"),
    ("a list in a list of values", SERVICES, '    services = (["tcp/80"]); #!\n', "zones.web.services: plain values are wanted"),
    ("a number in a list of texts", CONTROL, "control: { peers = [1]; }; #!\n", 'control.peers: "1" is no address'),
]

NAMES = [
    ("an empty name", MAIL, '    name = ""; #!\n', 'zones #2.name: "" is no name'),
    ("a name with a blank", MAIL, '    name = "my mail"; #!\n', '"my mail" is no name: names are 1 to 31'),
    ("a name with a slash", MAIL, '    name = "a/b"; #!\n', '"a/b" is no name'),
    ("a name in another script", MAIL, '    name = "関"; #!\n', "is no name"),
    ("a name that is too long", MAIL, f'    name = "{"x" * 32}"; #!\n', "is no name"),
    ("a name that runs on", MAIL, f'    name = "{"x" * 5000}"; #!\n', "is no name"),
    ("two zones of one name", MAIL, '    name = "web"; #!\n', 'zones.web.name: "web" is taken: see line 31'),
    ("two lists of one name", DROP, '  { name = "partners"; file = "drop.txt"; },\n',
     'lists.partners.name: "partners" is taken: see line 23', 'file = "partners.txt"', LISTS, '    allow = ["partners"];\n'),
    ("two domains of one name", DOMAIN, DOMAIN.rstrip() + ',\n  { name = "tenant-a"; port = "out0"; vlans = [7]; } #!\n',
     'domains.tenant-a.name: "tenant-a" is taken'),
    ("a domain called default", DOMAIN, '  { name = "default"; port = "out0"; vlans = [7]; } #!\n', '"default" is'),
    ("a file_prefix that is the directory", EAL, 'eal: { file_prefix = "."; }; #!\n', 'eal.file_prefix: "." is no name'),
    ("a file_prefix that is the one above", EAL, 'eal: { file_prefix = ".."; }; #!\n', 'eal.file_prefix: ".." is no name'),
    ("a name of dots", MAIL, '    name = "..."; #!\n', 'zones #2.name: "..." is no name: names are 1 to 31 .* not dots alone'),
    ("a bad file_prefix", EAL, 'eal: { file_prefix = "../x"; }; #!\n', 'eal.file_prefix: "../x" is no name'),
    ("a bad log level", EAL, 'eal: { log_level = "loud"; }; #!\n', '"loud" is not one of emergency, alert'),
    ("a mode that does not exist", WEB, '    name = "web"; mode = "enforced"; #!\n',
     'zones.web.mode: "enforced" is not one of off, observe or enforce'),
    ("a mode that only countermeasures have", WEB, '    name = "web"; mode = "auto"; #!\n',
     'zones.web.mode: "auto" is not one of off, observe or enforce'),
    ("a mode in capitals", LIMIT, '  zone_limit: { mode = "OFF"; }; #!\n', '"OFF" is not one of off, observe, enforce or auto'),
]

PORTS = [
    ("an unknown peer", OUT, OUT.replace('"in0"', '"in9"').replace("\n", " #!\n"), 'ports.out0.peer: there is no port "in9"'),
    ("a port that is its own peer", IN, IN.replace('"out0"', '"in0"').replace("\n", " #!\n"), "ports.in0.peer: the port is its own peer"),
    ("an unknown side", IN, IN.replace('"inside"', '"left"').replace("\n", " #!\n"), 'side: "left" is not one of outside or inside'),
    ("both ports outside", IN, IN.replace('"inside"', '"outside"').replace("\n", " #!\n"),
     'ports.in0.side: both ports of the pair "out0" and "in0" face outside'),
    ("unequal MTUs", IN_MTU, "    mtu = 9000; #!\n", 'ports.in0.mtu: 9000, but the peer "out0" has 1500'),
    ("one MTU left to its default", MTU, "    mtu = 9000;\n", 'ports.in0.mtu: 1500, but the peer "out0" has 9000', "  {\n    name = \"in0\"",
     IN_MTU, ""),
    ("an MTU that is too small", IN_MTU, "    mtu = 500; #!\n", "ports.in0.mtu: 500 is out of range: from 576 to 16000"),
    ("the same device twice", IN, IN.replace("net_null1", "net_null0").replace("\n", " #!\n"),
     'ports.in0.device: "net_null0" is the device of the port on line 3 already'),
    ("two devices of one name", IN, IN.replace("net_null1", "net_null0,size=128").replace("\n", " #!\n"),
     '"net_null0,size=128" is the device of the port on line 3 already: DPDK knows "net_null0" once'),
    ("a PCI address, short and long", IN, IN.replace("net_null1", "01:00.0").replace("\n", " #!\n"),
     'ports.in0.device: "01:00.0" is the device of the port on line 3 already', "#!", OUT,
     OUT.replace("net_null0", "0000:01:00.0")),
    ("a PCI address, long and in capitals", IN, IN.replace("net_null1", "0000:0A:00.0").replace("\n", " #!\n"),
     'ports.in0.device: "0000:0A:00.0" is the device of the port on line 3 already', "#!", OUT,
     OUT.replace("net_null0", "0a:00.0,x=1")),
    ("an empty device", IN, IN.replace("net_null1", "").replace("\n", " #!\n"), "ports.in0.device: the text is empty"),
    ("a device that runs on", IN, IN.replace("net_null1", "x" * 2000).replace("\n", " #!\n"), "is 2000 bytes long; at most 1023"),
    ("a port without a peer", IN, '    name = "in0"; device = "net_null1"; side = "inside";\n',
     'ports.in0.peer: the key is missing; write for example peer = "in0";', "  {\n    name = \"in0\""),
    ("a port without a side", IN, '    name = "in0"; device = "net_null1"; peer = "out0";\n', "ports.in0.side: the key is missing",
     "  {\n    name = \"in0\""),
    ("a port without a device", IN, '    name = "in0"; side = "inside"; peer = "out0";\n', "ports.in0.device: the key is missing",
     "  {\n    name = \"in0\""),
    ("a MAC address that is none", MACS, '    macs = ["00:00:5e:00:53"]; #!\n', 'ports.out0.macs: "00:00:5e:00:53" is no MAC address'),
    ("a MAC address with dashes", MACS, '    macs = ["00-00-5e-00-53-01"]; #!\n', "is no MAC address"),
    ("a multicast MAC address", MACS, '    macs = ["01:00:5e:00:00:01"]; #!\n', "is no address of a single router"),
    ("a zero MAC address", MACS, '    macs = ["00:00:00:00:00:00"]; #!\n', "is no address of a single router"),
    ("a MAC address twice", MACS, '    macs = ["00:00:5e:00:53:01",\n      "00:00:5E:00:53:01" #!\n    ];\n', "is listed twice"),
    ("a MAC address on both sides", IN_MTU, '    mtu = 1500; macs = ["00:00:5e:00:53:01"]; #!\n', 'is on the side of "out0", too'),
    ("too many MAC addresses", MACS, "    macs = [" + ", ".join(f'"00:00:5e:00:53:{i:02x}"' for i in range(17)) + "]; #!\n",
     "17 entries; at most 16 are allowed"),
    ("an empty list of MAC addresses", MACS, "    macs = []; #!\n", "ports.out0.macs: the list is empty"),
]

CORES = [
    ("a CPU that is not there", RXTX, "  rxtx = [1023]; #!\n", "cores.rxtx: there is no CPU 1023 here that Seki may use; there are "),
    ("a CPU beyond any machine", RXTX, "  rxtx = [123456]; #!\n", "cores.rxtx: there is no CPU 123456 here"),
    ("a main CPU that is not there", MAIN, "  main = 1023; #!\n", "cores.main: there is no CPU 1023 here"),
    ("a main CPU out of range", MAIN, "  main = 5000; #!\n", "cores.main: 5000 is out of range"),
    ("two main CPUs", MAIN, '  main = "0-1"; #!\n', "cores.main: "),
    ("a negative CPU", RXTX, "  rxtx = [-1]; #!\n", 'cores.rxtx: "-1" is no CPU'),
    ("a CPU that wraps to one that is there", RXTX, "  rxtx = [4294967296]; #!\n", '"4294967296" is no CPU'),
    ("a CPU by name", RXTX, '  rxtx = ["first"]; #!\n', '"first" is no CPU; write a number'),
    ("half a range of CPUs", RXTX, '  rxtx = ["0-"]; #!\n', '"0-" is no CPU'),
    ("a range of CPUs backwards", RXTX, '  rxtx = ["7-4"]; #!\n', 'the range "7-4" runs backwards'),
    ("a bool for a CPU", RXTX, "  rxtx = [true]; #!\n", "the number of a CPU is wanted"),
    ("the same CPU twice", RXTX, "  rxtx = [@CPU@,\n    @CPU@ #!\n  ];\n", "has the role rxtx already; a CPU has one role"),
    ("one CPU with two roles", RXTX, "  rx = [@CPU@];\n  tx = [@CPU@]; #!\n", "cores.tx: CPU @CPU@ has the role rx already"),
    ("rx without tx", RXTX, "  rx = [@CPU@]; #!\n", "cores.rx: no core transmits for these"),
    ("tx without rx", RXTX, "  tx = [@CPU@]; #!\n", "cores.tx: no core receives for these"),
    ("no cores in a role", RXTX, "  rxtx = [ ]; #!\n", "cores.rxtx: the list is empty"),
    ("a ring that is no power of two", RING, "  ring_size = 1000; #!\n", "1000 is no power of two; the nearest are 512 and 1024"),
    ("a ring that is too small", RING, "  ring_size = 32; #!\n", "cores.ring_size: 32 is out of range"),
]

DOMAINS = [
    ("a domain on an unknown port", DOMAIN, DOMAIN.replace("out0", "out9").replace("\n", " #!\n"), 'domains.tenant-a.port: there is no port "out9"'),
    ("a domain on an inside port", DOMAIN, DOMAIN.replace("out0", "in0").replace("\n", " #!\n"), 'the port "in0" faces inside'),
    ("VLAN 0", DOMAIN, DOMAIN.replace("100,", "0,").replace("\n", " #!\n"), "domains.tenant-a.vlans: 0 is out of range: from 1 to 4094"),
    ("VLAN 4095", DOMAIN, DOMAIN.replace("100,", "4095,").replace("\n", " #!\n"), "4095 is out of range: from 1 to 4094"),
    ("VLAN 65636, which wraps to 100", DOMAIN, DOMAIN.replace("100,", "65636,").replace("\n", " #!\n"), "65636 is out of range"),
    ("a VLAN twice", DOMAIN, DOMAIN.replace("101", "100").replace("\n", " #!\n"), "VLAN 100 is listed twice"),
    ("a VLAN in two domains", DOMAIN, DOMAIN.rstrip() + ',\n  { name = "b"; port = "out0"; vlans = [101]; } #!\n',
     'domains.b.vlans: VLAN 101 of this port belongs to the domain "tenant-a" already'),
    ("no VLANs", DOMAIN, DOMAIN.replace("100, 101", "").replace("\n", " #!\n"), "domains.tenant-a.vlans: the list is empty"),
    ("two domains that are all else of a pair", DOMAIN, '  { name = "tenant-a"; port = "out0"; },\n  { name = "b"; port = "out0"; } #!\n',
     'domains.b: without vlans it would be all else of the port "out0", which the domain "tenant-a" is already'),
    ("a list of domains that is empty", DOMAIN, "  #!\n", "domains: 0 entries; at least 1 are needed", "domains: ("),
    ("too many domains", DOMAIN, ",\n".join(f'  {{ name = "d{i}"; port = "out0"; vlans = [{i + 1}]; }}' for i in range(16)) + "\n",
     "domains: 16 entries; at most 15 are allowed", "domains: ("),
    ("a zone in an unknown domain", WEB, WEB.replace("default", "tenant-b").replace("\n", " #!\n"), 'zones.web.domain: there is no domain "tenant-b"'),
]

LISTS_CASES = [
    ("a peer that is a network", CONTROL, 'control: { peers = ["192.0.2.0/24"]; }; #!\n', '"192.0.2.0/24" is a network; a peer is one address'),
    ("a peer that is a name", CONTROL, 'control: { peers = ["router1"]; }; #!\n', '"router1" is no address or prefix'),
    ("a peer that is multicast", CONTROL, 'control: { peers = ["224.0.0.5"]; }; #!\n', '"224.0.0.5" is multicast'),
    ("a peer twice", CONTROL, 'control: { peers = ["2001:db8::1",\n  "2001:DB8:0::1" #!\n]; };\n', "is listed twice"),
    ("no peers", CONTROL, "control: { peers = []; }; #!\n", "control.peers: the list is empty"),
    ("too many peers", CONTROL, "control: { peers = [" + ", ".join(f'"10.0.{i // 250}.{i % 250 + 1}"' for i in range(257)) + "]; }; #!\n",
     "257 entries; at most 256 are allowed"),
    ("a peer's address twice, once in a group", CONTROL,
     'control: { peers = ("2001:db8::1",\n  { address = "2001:db8:0::1"; side = "inside"; } #!\n); };\n', "is listed twice: see line"),
    ("a peer of a domain and of all", CONTROL,
     'control: { peers = ({ address = "192.0.2.1"; domain = "tenant-a"; },\n  "192.0.2.1" #!\n); };\n', "is listed twice"),
    ("a peer without an address", CONTROL, 'control: { peers = ({ side = "inside"; }); }; #!\n',
     "control.peers #1.address: the key is missing"),
    ("a peer's network in a group", CONTROL, 'control: { peers = ({ address = "192.0.2.0/24"; }); }; #!\n',
     "control.peers #1.address: \"192.0.2.0/24\" is a network"),
    ("a peer of an unknown domain", CONTROL, 'control: { peers = ("192.0.2.1", { address = "192.0.2.2"; domain = "b"; }); }; #!\n',
     'control.peers #2.domain: there is no domain "b"'),
    ("a peer on neither side", CONTROL, 'control: { peers = ({ address = "192.0.2.2"; side = "left"; }); }; #!\n',
     'control.peers #1.side: "left" is not one of either, outside or inside'),
    ("an unknown key of a peer", CONTROL, 'control: { peers = ({ adress = "192.0.2.2"; address = "192.0.2.2"; }); }; #!\n',
     'control.peers #1: there is no key "adress"; did you mean "address"?'),
    ("a peer in brackets of its own", CONTROL, 'control: { peers = ("192.0.2.1", ("192.0.2.2")); }; #!\n',
     "control.peers: values or groups are wanted"),
    ("a peer's group between square brackets", CONTROL, 'control: { peers = [{ address = "192.0.2.2"; }]; }; #!\n',
     "between \\[ and \\] stand plain values"),
    ("a control rate beyond all links", CONTROL, 'control: { pps = "100001 Mpps"; }; #!\n', "control.pps: 100001 Mpps is out of range"),
    ("a control burst without a unit", CONTROL, "control: { burst = 100; }; #!\n", "control.burst: 100 needs a unit"),
    ("a list without a file", DROP, '  { name = "drop"; }, #!\n', 'lists.drop.file: the key is missing; write for example file = "drop.txt";'),
    ("a list whose file is missing", DROP, '  { name = "drop"; file = "nothing.txt"; }, #!\n', "nothing.txt cannot be read: No such file"),
    ("a list whose file is a directory", DROP, '  { name = "drop"; file = "."; }, #!\n', "is no file"),
    ("an empty file name", DROP, '  { name = "drop"; file = ""; }, #!\n', "lists.drop.file: the text is empty"),
    ("too many lists", DROP, DROP + "".join(f'  {{ name = "l{i}"; file = "drop.txt"; }},\n' for i in range(63)),
     "lists: 65 entries; at most 64 are allowed", "lists: (", LISTS, ""),
    ("an unknown list allowed", LISTS, '    allow = ["friends"]; #!\n', 'zones.web.allow: there is no list "friends"'),
    ("an unknown list denied", LISTS, '    deny = ["foes"]; #!\n', 'zones.web.deny: there is no list "foes"'),
    ("a list named twice", LISTS, '    deny = ["drop", "drop"]; #!\n', 'the list "drop" is named twice'),
    ("a list both allowed and denied", LISTS, '    allow = ["drop"]; deny = ["drop"]; #!\n', 'the zone allows the list "drop", so it cannot deny it'),
    ("no lists allowed", LISTS, "    allow = []; #!\n", "zones.web.allow: the list is empty"),
]

ZONES = [
    (f"the prefix {text}", MAIL_PREFIXES, f'    prefixes = ["203.0.113.0/25",\n      "{text}" #!\n    ];\n', says)
    for text, says in [
        ("192.0.2.1/24", 'zones.mail.prefixes: "192.0.2.1/24" has host bits set; did you mean "192.0.2.0/24"\\?'),
        ("2001:db8::1/32", 'has host bits set; did you mean "2001:db8::/32"'),
        ("0.0.0.0/0", '"0.0.0.0/0" is the default route'),
        ("::/0", '"::/0" is the default route'),
        ("10.0.0.0/33", '"10.0.0.0/33" is no address or prefix'),
        ("2001:db8::/129", "is no address or prefix"),
        ("10.0.0/8", "is no address or prefix"),
        ("10.0.0.0/", "is no address or prefix"),
        ("10.0.0.0/-1", "is no address or prefix"),
        ("10.0.0.256", "is no address or prefix"),
        ("10.0.0.0 /8", "is no address or prefix"),
        ("example.org", "is no address or prefix"),
        ("", '"" is no address or prefix'),
        ("127.0.0.0/8", "is the loopback network"),
        ("224.0.0.0/4", "is multicast"),
        ("ff02::1", "is multicast"),
        ("0.0.0.0/8", 'is "this network"'),
        ("255.255.255.255", "is reserved"),
        ("::1", "is the loopback address"),
        ("::ffff:10.0.0.0/104", "is IPv4-mapped"),
        ("192.0.2.0/24", '192.0.2.0/24 of the zone "mail" is in the zone "web" already \\(line 32\\)'),
        ("2001:0DB8:1:0::/48", '2001:db8:1::/48 of the zone "mail" is in the zone "web" already \\(line 33\\)'),
        ("203.0.113.0/25", '203.0.113.0/25 of the zone "mail" is in the zone "mail" already'),
    ]
] + [
    (f"the service {text}", SERVICES, f'    services = ["{text}"]; #!\n', says)
    for text, says in [
        ("http", '"http" is no service; write "tcp/80"'),
        ("tcp/", "is no service"),
        ("tcp/http", "is no service"),
        ("tcp/0", "ports are from 1 to 65535"),
        ("tcp/65536", "ports are from 1 to 65535"),
        ("tcp/131152", "is no service"),
        ("udp/9-7", "the range of ports runs backwards"),
        ("udp/7-", "is no service"),
        ("udp/7-9-11", "is no service"),
        ("tcp/-80", "is no service"),
        ("tcp/80 ", "is no service"),
        ("TCP/80", "is no service"),
        ("icmp/8", "icmp has no ports"),
        ("sctp/80", "sctp has no ports"),
        ("proto", "is no service"),
        ("proto/256", "protocol numbers are from 0 to 255"),
        ("proto/tcp", "is no service"),
        ("", "is no service"),
    ]
] + [
    ("a service twice", SERVICES, '    services = ["tcp/80",\n      "tcp/80-80" #!\n    ];\n', '"tcp/80-80" is listed twice'),
    ("a service that is a number", SERVICES, "    services = [80]; #!\n", '"80" is no service'),
    ("no services", SERVICES, "    services = []; #!\n", "zones.web.services: the list is empty; leave the key out"),
    ("a filter that is none", SERVICES, '    filter = ["udp",\n      "udp and" #!\n    ];\n',
     'zones.web.filter: "udp and": can\'t parse filter expression: syntax error'),
    ("a filter without a list that is none", SERVICES, '    filter = "vlan 7"; #!\n', 'zones.web.filter: "vlan 7": no VLAN support'),
    ("a filter of payload", SERVICES, '    filter = "udp[8:4] = 0"; #!\n', "asks for byte 11 behind the IPv4 header"),
    ("a filter with a loop", SERVICES, '    filter = "ip6 protochain 6"; #!\n', "takes a loop"),
    ("a filter with a host's name", SERVICES, '    filter = "host www.example.com"; #!\n', "names are not looked up"),
    ("a filter of everything", SERVICES, '    filter = ""; #!\n', "matches every packet"),
    ("a filter that is a number", SERVICES, "    filter = 53; #!\n", "an expression between quotes is wanted, and not 53"),
    ("a filter that is a group", SERVICES, '    filter = { }; #!\n', "zones.web.filter: a list is wanted, such as"),
    ("a filter twice", SERVICES, '    filter = ["udp",\n      "udp" #!\n    ];\n', '"udp" is listed twice'),
    ("a filter that is too long", SERVICES, f'    filter = "udp{" or udp" * 200}"; #!\n', "at most 1023 bytes"),
    ("too many filters", SERVICES, "    filter = [" + ", ".join(f'"port {i}"' for i in range(1, 10)) + "]; #!\n",
     "zones.web.filter: 9 entries; at most 8"),
    ("no filters", SERVICES, "    filter = []; #!\n", "zones.web.filter: the list is empty; leave the key out"),
    ("no prefixes", MAIL_PREFIXES, "    prefixes = []; #!\n", "zones.mail.prefixes: the list is empty"),
    ("a zone without prefixes", MAIL_PREFIXES, "", "zones.mail.prefixes: the key is missing", "  {\n    name = \"mail\""),
    ("a zone without a name", MAIL, "", "zones #2.name: the key is missing", "  {\n    prefixes"),
    ("too many zones", MAIL_PREFIXES, MAIL_PREFIXES + "  }" + "".join(
        f', {{ name = "z{i}"; prefixes = ["10.{i // 256}.{i % 256}.0/24"]; }}' for i in range(1022)) + ", {\n    name = \"last\";\n    prefixes = [\"203.0.113.0/24\"];\n",
     "zones: 1025 entries; at most 1023 are allowed", "zones: ("),
    ("a class limit above the total", LIMIT, '  zone_limit: { total_pps = "1 kpps"; udp_pps = "2 kpps"; }; #!\n', "udp_pps"),
]

WHOLE = [
    ("an empty file", BASE, "", "ports: the section is missing; write ports: \\(", None),
    ("a file of comments", BASE, "# nothing yet\n", "ports: the section is missing", None),
    ("no ports", BASE, TELEMETRY, "ports: the section is missing", None),
    ("no groups in ports", BASE, "ports: ( ); #!\n", "ports: 0 entries; at least 2 are needed"),
    ("too many ports", BASE, "ports: ( #!\n" + ", ".join(
        f'{{ name = "p{i}"; device = "d{i}"; side = "{"outside inside".split()[i % 2]}"; peer = "p{i ^ 1}"; }}'
        for i in range(34)) + ");\n", "ports: 34 entries; at most 32 are allowed"),
]

CASES = [*number_cases(), *QUANTITIES, *SYNTAX, *UNKNOWN, *TYPES, *NAMES, *PORTS, *CORES, *DOMAINS, *LISTS_CASES, *ZONES,
         *WHOLE]
