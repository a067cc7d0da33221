# SPDX-License-Identifier: BSD-3-Clause
"""Mistakes in limits, baselines, holidays and events; cases as in bad_configs.py."""
from bad_configs import LISTS, MAIL, MAIL_PREFIXES, SERVICES, TELEMETRY

NTP = '{ vector = "ntp"; zone = "2 kpps"; }'
EVENT = {"zone": '"web"', "vector": '"udp"', "pps": '"300 kpps"', "approver": '"K. Sato"',
         "from": '"2026-12-24T10:00:00+09:00"', "until": '"2026-12-24T12:00:00+09:00"'}


def in_zone(text):
    """A limit of the zone "web", whose line is marked, after one that is good."""
    return SERVICES, f"{SERVICES}    limits = ({NTP},\n      {text} #!\n    );\n"


def in_all(text):
    return TELEMETRY, f"{TELEMETRY}detection: {{ limits = ({NTP},\n  {text} #!\n); }};\n"


def in_detection(text):
    return TELEMETRY, f"{TELEMETRY}detection: {{ {text} }}; #!\n"


def event(**changes):
    keys = {**EVENT, **{key.rstrip("_"): value for key, value in changes.items()}}
    text = " ".join(f"{key} = {value};" for key, value in keys.items() if value is not None)
    return in_detection(f"events = ({{ {text} }});")


LIMITS = [
    ("signatures that may hold too much", *in_detection("signature_collateral = 11;"), "detection.signature_collateral: 11 is out of range: from 1 to 10"),
    ("an unknown vector", *in_zone('{ vector = "ntpp"; zone = 5; }'),
     'zones.web.limits #2.vector: there is no vector "ntpp"; did you mean "ntp"\\?'),
    ("a vector that is like none", *in_zone('{ vector = "slowloris"; zone = 5; }'),
     'there is no vector "slowloris"; docs/vectors.md has all of them'),
    ("the vector of all other", *in_zone('{ vector = "none"; zone = 5; }'), 'there is no vector "none"'),
    ("a limit without a vector", *in_zone("{ zone = 5; }"), 'limits #2.vector: the key is missing; write for example vector = "ntp";'),
    ("a limit that gives none", *in_zone('{ vector = "udp"; }'), "zones.web.limits: the entry gives no limit"),
    ("a prefix that is given no limit", *in_zone('{ vector = "udp"; prefix = "192.0.2.16/28"; }'),
     'the entry gives no limit; write for example limit = "50 kpps";'),
    ("an unknown key of a limit", *in_zone('{ vector = "udp"; pps = 5; }'), 'limits #2: there is no key "pps"'),
    ("a limit that is no group", SERVICES, SERVICES + '    limits = ["ntp"]; #!\n', "zones.web.limits: groups between { and } are wanted"),
    ("limits that are no list", SERVICES, SERVICES + "    limits = 7; #!\n", "zones.web.limits: a list is wanted, such as"),
    ("no limits", SERVICES, SERVICES + "    limits = (); #!\n", "zones.web.limits: the list is empty"),
    ("a limit in the wrong unit", *in_zone('{ vector = "udp"; zone = "2 Gbps"; }'), 'limits #2.zone: "2 Gbps" is no pps'),
    ("a limit beyond all links", *in_zone('{ vector = "udp"; host_bps = "11 Tbps"; }'), "limits #2.host_bps: 11 Tbps is out of range"),
    ("a share of more than all", *in_zone('{ vector = "udp"; share = 101; }'), "limits #2.share: 101 is out of range: from 0 to 100"),
    ("a share with a sign", *in_zone('{ vector = "udp"; share = "20 %"; }'), 'limits #2.share: "20 %" is no number'),
    ("a vector twice", *in_zone('{ vector = "ntp"; host = 5; }'), '"ntp" is listed twice: see line'),
    ("all vectors twice", SERVICES, SERVICES + '    limits = ({ vector = "all"; share = 90; },\n      { vector = "all"; share = 80; } #!\n    );\n',
     '"all" is listed twice'),
    ("a prefix twice", SERVICES, SERVICES + '    limits = ({ vector = "udp"; prefix = "192.0.2.16/28"; limit = 5; },\n'
     '      { vector = "udp"; prefix = "192.0.2.16/28"; limit_bps = 5; } #!\n    );\n', '"udp" of this prefix is listed twice'),
    ("a host above its zone", *in_zone('{ vector = "udp"; host = "3 kpps"; zone = "2 kpps"; }'),
     "zones.web.limits: a host may have 3 kpps of udp, and the zone only 2 kpps"),
    ("a host above its zone in bits", *in_zone('{ vector = "udp"; host_bps = "3 Gbps"; zone_bps = "2 Gbps"; }'),
     "a host may have 3 Gbps of udp, and the zone only 2 Gbps"),
    ("a host above the default of its zone", *in_zone('{ vector = "dns"; host = "6 kpps"; }'),
     "a host may have 6 kpps of dns, and the zone by default only 5 kpps; give a limit of the zone, too"),
    ("hosts above their zone, of all vectors", *in_zone('{ vector = "all"; host = "3 kpps"; zone = "2 kpps"; }'),
     "a host may have 3 kpps of tcp_syn, and the zone only 2 kpps"),
    ("hosts of all zones above the zone", *in_all('{ vector = "udp"; host = "3 kpps"; zone = "2 kpps"; }'),
     "detection.limits: a host may have 3 kpps of udp, and the zone only 2 kpps"),
    ("a host of all zones above one zone", *in_all('{ vector = "udp"; host = "3 kpps"; }'),
     "zones.web.limits: a host may have 3 kpps of udp, and the zone only 2 kpps", "#!!",
     SERVICES, SERVICES + '    limits = ({ vector = "udp"; zone = "2 kpps"; }); #!!\n'),
    ("a prefix that is no prefix", *in_zone('{ vector = "udp"; prefix = "web"; limit = 5; }'),
     'limits #2.prefix: "web" is no address or prefix'),
    ("a prefix with host bits", *in_zone('{ vector = "udp"; prefix = "192.0.2.17/28"; limit = 5; }'),
     'has host bits set; did you mean "192.0.2.16/28"'),
    ("a prefix of another length", *in_zone('{ vector = "udp"; prefix = "192.0.2.0/25"; limit = 5; }'),
     'limits #2.prefix: "192.0.2.0/25": limits are for an IPv4 address, /28, /24 or /20, and for an IPv6 /64, /56 or /48'),
    ("a host of IPv6", *in_zone('{ vector = "udp"; prefix = "2001:db8:1::7"; limit = 5; }'), '"2001:db8:1::7": limits are for'),
    ("a prefix outside the zone", *in_zone('{ vector = "udp"; prefix = "203.0.113.0/28"; limit = 5; }'),
     "203.0.113.0/28 is not in the zone: it has no prefix that holds all of it"),
    ("a prefix larger than the zone", *in_zone('{ vector = "udp"; prefix = "192.0.0.0/20"; limit = 5; }'),
     "192.0.0.0/20 is not in the zone"),
    ("a prefix of another zone", *in_zone('{ vector = "udp"; prefix = "198.51.100.0/28"; limit = 5; }'),
     '198.51.100.0/28 is in the zone "mail": its limits stand there'),
    ("a prefix of a zone within", *in_zone('{ vector = "udp"; prefix = "192.0.2.32/28"; limit = 5; }'),
     '192.0.2.32/28 is in the zone "mail": its limits stand there', "#!", MAIL_PREFIXES, '    prefixes = ["192.0.2.32/27"];\n'),
    ("a prefix above the zone", *in_zone('{ vector = "udp"; prefix = "192.0.2.16/28"; limit = "200 kpps"; }'),
     "the prefix may have 200 kpps of udp, and the zone only 100 kpps"),
    ("a prefix above one around it", SERVICES, SERVICES + '    limits = ({ vector = "udp"; prefix = "192.0.2.0/24"; limit = "20 kpps"; },\n'
     '      { vector = "udp"; prefix = "192.0.2.16/28"; limit = "30 kpps"; } #!\n    );\n',
     "the prefix may have 30 kpps of udp, and the larger one around it on line 35 only 20 kpps"),
    ("a prefix without a limit in one that has", SERVICES, SERVICES + '    limits = ({ vector = "all"; prefix = "192.0.2.0/24"; limit = "20 kpps"; },\n'
     '      { vector = "udp"; prefix = "192.0.2.17"; limit = 0; } #!\n    );\n',
     "the prefix may have any amount of udp, and the larger one around it"),
    ("a prefix with a host's limit", *in_zone('{ vector = "udp"; prefix = "192.0.2.16/28"; host = 5; }'),
     "an entry with a prefix gives `limit`, `limit_bps` or both"),
    ("a prefix's limit without one", *in_zone('{ vector = "udp"; limit = 5; }'), "`limit` is of a prefix, which is missing"),
    ("a prefix in the limits of all zones", *in_all('{ vector = "udp"; prefix = "192.0.2.16/28"; zone = 5; }'),
     'detection.limits #2: there is no key "prefix"'),
    ("a capacity in the wrong unit", LISTS, LISTS + '    capacity_pps = "9 Gbps"; #!\n', 'zones.web.capacity_pps: "9 Gbps" is no pps'),
    ("a capacity as a group", LISTS, LISTS + "    capacity_bps: { }; #!\n", "zones.web.capacity_bps: a single value is wanted"),
    ("a limit of one zone in another", MAIL, MAIL + '    limits = ({ vector = "udp"; prefix = "192.0.2.16/28"; limit = 5; }); #!\n',
     '192.0.2.16/28 is in the zone "web"'),
]

DAYS = [
    ("a way to learn that does not exist", *in_detection('learn = "on";'), 'detection.learn: "on" is not one of off, suggest or apply'),
    ("a baseline where no directory is", *in_detection('baseline = "nowhere/baseline";'), "detection.baseline: .*nowhere/baseline: its directory: No such"),
    ("a baseline that is a directory", *in_detection('baseline = "/";'), "detection.baseline: / is no file"),
    ("an offset that is none", *in_detection('utc_offset = "JST";'), 'detection.utc_offset: "JST" '),
    ("a holiday that is no date", *in_detection('holidays = ["2026-12-25",\n "2026-02-30" #!!\n];'), 'detection.holidays: "2026-02-30" ', "#!!"),
    ("a holiday that is a number", *in_detection("holidays = [20261225];"), "a date in quotes is wanted, and not 20261225"),
    ("a holiday twice", *in_detection('holidays = ["2026-12-25", "2026-12-25"];'), '"2026-12-25" is listed twice'),
    ("a holiday twice, once in a group", *in_detection('holidays = ("2026-12-25", { date = "2026-12-25"; });'),
     'detection.holidays #2.date: "2026-12-25" is listed twice'),
    ("a holiday without a date", *in_detection('holidays = ({ like = "sunday"; });'), "detection.holidays #1.date: the key is missing"),
    ("a holiday of no zone", *in_detection('holidays = ({ date = "2026-12-25"; zone = "ftp"; });'), 'holidays #1.zone: there is no zone "ftp"'),
    ("a holiday like none there is", *in_detection('holidays = ({ date = "2026-12-25"; like = "noday"; });'), '"noday" is not one of monday'),
    ("a holiday with a bad offset", *in_detection('holidays = ({ date = "2026-12-25"; utc_offset = "+25:00"; });'), 'utc_offset: "\\+25:00" '),
    ("no holidays", *in_detection("holidays = [];"), "detection.holidays: the list is empty"),
    ("an event that is no group", *in_detection('events = ["sale"];'), "detection.events: groups between { and } are wanted"),
    ("an event of no zone", *event(zone='"ftp"'), 'detection.events #1.zone: there is no zone "ftp"'),
    ("an event of no vector", *event(vector='"upd"'), 'detection.events #1.vector: there is no vector "upd"; did you mean "udp"'),
    ("an event without a limit", *event(pps=None), "the event has no limit: give it packets, bits or both a second"),
    ("an event that nobody approved", *event(approver=None), "detection.events #1.approver: the key is missing"),
    ("an event that nobody approved by name", *event(approver='""'), "detection.events #1.approver: the text is empty"),
    ("an event without a beginning", *event(from_=None), "detection.events #1.from: the key is missing"),
    ("an event without an end", *event(until=None), "detection.events #1.until: the key is missing"),
    ("an event at a time that is none", *event(until='"tomorrow"'), 'detection.events #1.until: "tomorrow" '),
    ("an event without an offset", *event(from_='"2026-12-24T10:00:00"'), 'detection.events #1.from: "2026-12-24T10:00:00" '),
    ("an event that ends first", *event(until='"2026-12-24T09:00:00+09:00"'), "the event ends before it begins"),
    ("an event that stays", *event(until='"2027-12-24T09:00:00+09:00"'), "the event lasts for more than 93 days"),
    ("an event with a rate that is none", *event(pps='"many"'), 'detection.events #1.pps: "many" is no pps'),
    ("an unknown key of an event", *event(reason='"sale"'), 'detection.events #1: there is no key "reason"'),
]

CASES = [*LIMITS, *DAYS]
