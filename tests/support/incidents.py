# SPDX-License-Identifier: BSD-3-Clause
"""Incident files (docs/incident.md) as Seki would write them: what the tests of tools/report make pages of.

  /usr/bin/python3 tests/support/incidents.py DIR      writes each as DIR/<name>.json, to look at

Each is made of a rate over time, a part of it that is dropped, and the decisions; sums are of the timeline, so that the
numbers of a file agree with each other.
"""
import datetime
import json
import os
import random
import sys

BEGAN = datetime.datetime(2025, 6, 12, 3, 15, 2, 400000, tzinfo=datetime.timezone.utc)
SENTENCES = {
    "reflection_budget": "Traffic from this reflector port is over the zone's budget for it.",
    "fragment_budget": "Fragments are over the zone's budget for them.",
    "tcp_stray": "TCP segments of no known connection are over the zone's budget for them.",
    "source_pps": "The source sends more packets a second than the zone allows one source.",
    "source_syn": "The source asks for more TCP connections a second than the zone allows one source.",
    "service_budget": "The zone does not serve this protocol or port, and the small budget for such traffic is spent.",
    "icmp_error_budget": "ICMP errors to the zone, about known flows or about none, are over its budget for them.",
    "zone_pps": "The zone's packet budget is spent.",
    "denied": "The source is on a list that the zone denies.",
}
DESCRIPTIONS = {
    "ntp": "NTP servers.", "dns": "DNS servers and resolvers.", "cldap": "Connectionless LDAP directories.",
    "memcached": "memcached servers.", "fragment": "Later fragments, and first ones too small for their transport header.",
    "tcp_syn": "TCP connection requests: SYN without ACK.", "udp": "UDP that comes from no known reflector port.",
    "tcp_ack": "TCP segments with ACK and no data.", "ssdp": "UPnP devices (SSDP).",
}


MILDEST = "it is the mildest step that can be expected to be enough"
OVER = "it has not been over its limit again"
SIGNATURES = "signatures hold the attack, and spare strangers that are not part of it"
LEAK = ("What passed of each vector from strangers since it was mitigated (or detected, if it never was), less what was "
        "usual before; the interval is from twice what was usual to all that passed.")
COLLATERAL = ("What was usual of each vector from strangers before, as far as it fell under what was raised, and what signatures "
              "hold of clean samples; the interval is from none to twice the usual or the 95 % bound.")


def leaks(passed, offered):
    return f"{int(passed * 100 / offered)}.{int(passed * 1000 / offered) % 10} % of the attack still passes"


def stamp(seconds, began=BEGAN):
    when = began + datetime.timedelta(seconds=seconds)
    return when.strftime("%Y-%m-%dT%H:%M:%S.") + f"{when.microsecond // 1000:03}Z"


def vector(name, share, limit, **more):
    """limit: (pps, bps, from)."""
    return {"name": name, "description": DESCRIPTIONS[name], "limit_pps": limit[0], "limit_bps": limit[1],
            "limit_from": limit[2], "peak_pps": 0, "peak_bps": 0, "share": share, "began": stamp(0), "ended": None,
            "steps": [], **more}


def rate_text(pps):
    """A rate as Seki writes it."""
    unit, name = (1e6, "Mpps") if pps >= 1e7 else (1e3, "kpps") if pps >= 1e4 else (1, "pps")
    return f"{int(pps / unit)} {name}" if unit == 1 or pps / unit >= 100 else f"{int(pps / unit * 10) / 10} {name}"


def decision(seconds, vector_name, action, step, to=("203.0.112.0/22", 1008, "configured"), **more):
    """`to`: (where, hosts, where the limit is from), of which what was seen is made."""
    out = {"at": stamp(seconds), "vector": vector_name, "action": action, "step": step, "before": None, "tried": [],
           "rate_pps": 0, "limit_pps": 0, "passed_pps": 0, "why": MILDEST, **more}
    where, hosts, origin = to
    return {**out, "seen": f"{rate_text(out['rate_pps'])} of {vector_name} to {where}, {hosts} host{'s' * (hosts != 1)}; the "
                           f"limit there is {rate_text(out['limit_pps'])} ({origin})"}


def row(s, clean, attack, size=1100, **more):
    """A row of the timeline before anything is dropped; clean and attack in pps, size in bytes of an attack packet."""
    offered = clean + attack
    bits = clean * 620 * 8 + attack * size * 8
    return {"s": s, "offered_pps": round(offered), "offered_bps": round(bits), "passed_pps": round(offered),
            "passed_bps": round(bits), "attack_pps": round(attack), "dropped": {}, "observed_pps": 0, "hosts": 0,
            "step": 0, **more}


def drop(found, reason, pps, size=1100):
    """Takes pps out of what passes in a row."""
    pps = round(min(pps, found["passed_pps"]))
    if pps > 0:
        found["dropped"][reason] = found["dropped"].get(reason, 0) + pps
        found["passed_pps"] -= pps
        found["passed_bps"] = max(0, found["passed_bps"] - pps * size * 8)


def times_of(rows):
    gaps = [b["s"] - a["s"] for a, b in zip(rows, rows[1:])]
    return gaps + [gaps[-1] if gaps else 1]


def drops_of(rows, size=1100):
    out = {}
    for found, time in zip(rows, times_of(rows)):
        for reason, pps in found["dropped"].items():
            tally = out.setdefault(reason, {"packets": 0, "bytes": 0})
            tally["packets"] += round(pps * time)
            tally["bytes"] += round(pps * time) * size
    return out


def incident(zone, rows, **more):
    """A whole file around a timeline; `more` replaces what is here by default."""
    drops = drops_of(rows)
    out = {
        "format": "seki-incident/1", "id": f"20250612T031502Z-{zone}-1", "zone": zone, "domain": "internet",
        "mode": "enforce", "state": "ended", "began": stamp(0), "detected": stamp(0.2), "mitigated": stamp(3.4),
        "ended": stamp(rows[-1]["s"]), "time_to_detect_ms": 200, "time_to_mitigate_ms": 3400, "unheld_ms": 0, "vectors": [],
        "targets": [], "hosts_peak": max(found["hosts"] for found in rows), "decisions": [], "decisions_lost": 0, "timeline": rows,
        "drops": drops, "observed": {}, "reasons": {},
        "estimates": {"leak": None, "collateral": None}, "features": [], "signatures": [],
        "sources": {"seen": 0, "samples": 0, "top1_share": 0, "top10_share": 0, "families": {}}, "lost": None, **more}
    named = [*out["drops"], *out["observed"], *(reason for found in rows for reason in found["dropped"])]
    out["reasons"] = {reason: SENTENCES[reason] for reason in dict.fromkeys(named)}
    return out


def carpet():
    """A /22 bombed with reflection that changes its vector every few seconds, for ten minutes."""
    dice = random.Random(22)
    wheel = ["ntp", "dns", "cldap", "memcached", "fragment"]
    budget = {"fragment": "fragment_budget"}
    rows = []
    for s in range(-10, 590):
        on = 1 if 0 <= s < 579 else 0
        rise = min(1, (s + 1) / 4) if s < 400 else max(0.25, 1 - (s - 400) / 300)
        attack = on * rise * 2.6e6 * (1 + 0.12 * dice.random())
        found = row(s, 310e3 * (1 + 0.05 * dice.random()), attack, hosts=round(on * min(1, (s + 1) / 3) * (980 + 32 * dice.random())))
        main = wheel[s // 25 % len(wheel)]
        if s >= 1 and on:
            found["step"] = 2 if s < 3 else 5 if 128 <= s < 150 else 3 if s % 125 < 90 else 4
            drop(found, budget.get(main, "reflection_budget"), attack * (0.6 if s < 4 else 0.78))
            drop(found, "service_budget", attack * 0.1)
            if s >= 4:
                drop(found, "source_pps", attack * 0.07)
                drop(found, "zone_pps", attack * 0.012)
                drop(found, "icmp_error_budget", attack * 0.01)
                drop(found, "denied", attack * 0.008)
        rows.append(found)
    vectors = [
        vector("ntp", 0.34, (40e3, 0, "configured"), peak_pps=2870000, peak_bps=24.1e9, steps=["budget", "signature"],
               ended=stamp(579)),
        vector("dns", 0.27, (60e3, 400e6, "learned"), peak_pps=2510000, peak_bps=22.0e9, ended=stamp(575),
               steps=["budget", "flood"]),
        vector("cldap", 0.18, (10e3, 0, "default"), peak_pps=2230000, peak_bps=19.9e9, steps=["budget"], ended=stamp(571)),
        vector("memcached", 0.12, (100, 0, "companion"), peak_pps=2190000, peak_bps=21.2e9, ended=stamp(560),
               steps=["budget"]),
        vector("fragment", 0.09, (20e3, 0, "configured"), peak_pps=1980000, peak_bps=18.0e9, ended=stamp(555),
               steps=["budget", "strict"]),
    ]
    decisions = [decision(0.3, "ntp", "raise", "budget", rate_pps=1.24e6, limit_pps=40e3, passed_pps=1.24e6)]
    at = 25.0
    for i in range(22):
        name = wheel[(i + 1) % len(wheel)]
        last = wheel[i % len(wheel)]
        decisions.append(decision(at + 0.3, name, "raise", "budget", rate_pps=2.31e6, limit_pps=20e3, passed_pps=2.31e6))
        if i in (0, 4):
            decisions.append(decision(at + 3.5, name, "raise", "flood" if i == 0 else "strict", before="budget",
                                      tried=["budget"], rate_pps=2.42e6, limit_pps=20e3, passed_pps=188e3,
                                      why=leaks(188e3, 2.42e6)))
        decisions.append(decision(at + 6, last, "lower", "signature", before="flood", rate_pps=1200, limit_pps=40e3,
                                  passed_pps=900, why=SIGNATURES))
        at += 25
    decisions.append(decision(3.1, "ntp", "signature", "budget", before="budget", tried=["budget"], rate_pps=2.5e6,
                              limit_pps=40e3, passed_pps=210e3,
                              why="found in samples of the attack and clean traffic; it is tried first"))
    decisions.append(decision(583, "ntp", "end", None, before="budget", limit_pps=40e3, why=OVER))
    decisions.sort(key=lambda found: found["at"])
    return incident(
        "campus", rows, vectors=vectors, decisions=decisions,
        targets=[{"prefix": "203.0.112.0/22", "hosts": 1008, "share": 0.973,
                  "vectors": ["ntp", "dns", "cldap", "memcached", "fragment"]},
                 {"prefix": "2001:db8:22:4::/64", "hosts": 4, "share": 0.027, "vectors": ["dns"]}],
        estimates={"leak": {"value": 0.0121, "low": 0.0094, "high": 0.0163,
                            "method": LEAK},
                   "collateral": {"value": 0.00023, "low": 0.00011, "high": 0.00052,
                                  "method": COLLATERAL}},
        lost={"packets": 41230, "bytes": 25562600},
        features=[{"feature": "ip_len", "value": "468", "share": 0.91}, {"feature": "udp_sport", "value": "123", "share": 0.34},
                  {"feature": "ttl", "value": "52-57", "share": 0.88}],
        signatures=[{"expression": "udp_sport == 123 && ip_len == 468 && ttl in 52..57", "state": "enforced",
                     "attack_share": 0.971, "clean_hits": 0, "clean_samples": 18211, "from": stamp(3.1), "until": stamp(583)},
                    {"expression": "udp_sport == 389 && ip_len > 1400", "state": "shadow", "attack_share": 0.823,
                     "clean_hits": 3, "clean_samples": 18211, "from": stamp(55), "until": None}],
        sources={"seen": 48211, "samples": 65536, "top1_share": 0.0021, "top10_share": 0.0148,
                 "families": {"IPv4": 0.973, "IPv6": 0.027}})


def syn_observe():
    """A SYN flood on one host of a zone that only observes."""
    dice = random.Random(1)
    rows = []
    for s in range(-10, 205):
        on = 0 <= s < 200
        attack = on * 412e3 * (1 + 0.08 * dice.random())
        found = row(s, 18e3 * (1 + 0.1 * dice.random()), attack, size=60, hosts=int(on))
        if on and s >= 1:
            found["observed_pps"] = round(attack * (0.82 if s < 6 else 0.97))
            found["step"] = 1 if s < 6 or s >= 120 else 4
        rows.append(found)
    to = ("198.51.100.25/32", 1, "default")
    return incident(
        "shop", rows, mode="observe", mitigated=stamp(6.1), time_to_detect_ms=420, time_to_mitigate_ms=6100,
        ended=stamp(200), detected=stamp(0.42),
        vectors=[vector("tcp_syn", 1, (50e3, 0, "default"), peak_pps=444900, peak_bps=213.6e6, ended=stamp(200),
                        steps=["source", "flood"])],
        targets=[{"prefix": "198.51.100.25/32", "hosts": 1, "share": 1, "vectors": ["tcp_syn"]}],
        decisions=[decision(0.5, "tcp_syn", "raise", "source", to, rate_pps=412e3, limit_pps=50e3, passed_pps=412e3,
                            why="nearly all of it comes from sources that are above their own limits"),
                   decision(6, "tcp_syn", "raise", "flood", to, before="source", tried=["source"], rate_pps=421e3,
                            limit_pps=50e3, passed_pps=75.8e3, why=leaks(75.8e3, 421e3)),
                   decision(120, "tcp_syn", "lower", "source", to, before="flood", rate_pps=418e3, limit_pps=50e3, passed_pps=2.1e3,
                            why="as the attack is now, a milder step is enough"),
                   decision(203, "tcp_syn", "end", None, to, before="source", limit_pps=50e3, why=OVER)],
        observed={"source_syn": {"packets": 68113204, "bytes": 4086792240},
                  "zone_pps": {"packets": 12101766, "bytes": 726105960}},
        estimates={"leak": {"value": 0.031, "low": 0.028, "high": 0.036, "method": LEAK},
                   "collateral": {"value": 0.004, "low": 0.0018, "high": 0.0087,
                                  "method": COLLATERAL}},
        features=[{"feature": "tcp_window", "value": "1024", "share": 0.999}],
        sources={"seen": 65530, "samples": 65536, "top1_share": 0.00002, "top10_share": 0.0002, "families": {"IPv4": 1}})


def pulses():
    """Four pulses of three seconds within a minute and a half; an operator stepped in."""
    rows = []
    for tenth in range(-100, 960, 5):
        s = tenth / 10
        on = s >= 0 and s % 25 < 3
        found = row(s, 52e3, 890e3 if on else 0, size=1300, hosts=6 if on else 0)
        if on and s >= 0.5:
            found["step"] = 2
            drop(found, "reflection_budget", 890e3 * 0.93, 1300)
        elif s >= 0.5 and s < 90:
            found["step"] = 2
        rows.append(found)
    to = ("192.0.2.10/32 and others", 6, "event")
    return incident(
        "voice", rows, began=stamp(0), detected=stamp(0.2), mitigated=stamp(0.5), time_to_mitigate_ms=500,
        ended=None, state="cooling",
        vectors=[vector("ssdp", 1, (8e3, 64e6, "event"), peak_pps=890000, peak_bps=9.3e9, steps=["budget"])],
        targets=[{"prefix": f"192.0.2.{i}/32", "hosts": 1, "share": round(1 / 6, 4), "vectors": ["ssdp"]}
                 for i in range(10, 16)],
        decisions=[decision(0.3, "ssdp", "raise", "budget", to, rate_pps=890e3, limit_pps=8e3, passed_pps=890e3),
                   decision(26, "ssdp", "guard", None, to, limit_pps=8e3,
                            why="the attack changes its vector: what else comes to its targets is held to what would make it "
                                "part of the attack"),
                   decision(31, "ssdp", "override", "budget", to, before="budget", limit_pps=8e3,
                            why="an operator wants it so for 60 s")],
        estimates={"leak": {"value": 0.07, "low": 0.05, "high": 0.13, "method": LEAK},
                   "collateral": {"value": 0, "low": 0, "high": 0.00004, "method": COLLATERAL}},
        lost={"packets": 0, "bytes": 0},
        features=[{"feature": "udp_sport", "value": "1900", "share": 1}],
        sources={"seen": 802, "samples": 9120, "top1_share": 0.03, "top10_share": 0.21, "families": {"IPv4": 0.9, "IPv6": 0.1}})


def unraised(passes=False, action="none"):
    """Half a minute of UDP at a host that serves none of it: nothing was raised, as it was stopped already, or might not be."""
    rows = []
    for s in range(-10, 52):
        found = row(s, 9e3, 64e3 if 0 <= s < 30 else 0, size=512, hosts=int(0 <= s < 32))
        if not passes:
            drop(found, "service_budget", 63.9e3 if 0 <= s < 30 else 0, 512)
        rows.append(found)
    why = "no step of its ladder may be raised in this zone" if passes else "what is in force already stops it"
    to = ("the zone", 1, "default")
    return incident(
        "office", rows, mitigated=None if passes else stamp(0.4), time_to_mitigate_ms=None if passes else 400, ended=stamp(51.9),
        vectors=[vector("udp", 1, (10e3, 0, "default"), peak_pps=64e3, peak_bps=262e6, ended=stamp(29.9))],
        targets=[{"prefix": "192.0.2.80/32", "hosts": 1, "share": 1, "vectors": ["udp"]}],
        decisions=[decision(0.2, "udp", action, None, to, rate_pps=64e3, limit_pps=10e3, passed_pps=64e3 if passes else 90, why=why),
                   decision(51.9, "udp", "end", None, to, limit_pps=10e3, why=OVER)],
        lost=None if passes else {"packets": 0, "bytes": 0})


def hour():
    """Two and a half hours over midnight in Japan, never fully held; rows of 5 s after the first hour."""
    dice = random.Random(3)
    began = datetime.datetime(2025, 11, 30, 14, 2, 0, tzinfo=datetime.timezone.utc)
    rows = []
    for s in [*range(-10, 3600), *range(3600, 9000, 5)]:
        wave = 1 + 0.5 * ((s // 600) % 3)
        attack = (s >= 0) * wave * 1.1e6 * (1 + 0.2 * dice.random())
        found = row(s, 640e3 * (1 + 0.08 * dice.random()), attack, size=420, hosts=(s >= 0) * 212)
        if s >= 2:
            found["step"] = 1 + min(4, s // 300)
            drop(found, "tcp_stray", attack * 0.41, 420)
            drop(found, "source_pps", attack * 0.2, 420)
            drop(found, "service_budget", attack * 0.11, 420)
        rows.append(found)

    def at(seconds):
        return stamp(seconds, began)

    steps = ["source", "budget", "signature", "flood", "strict"]
    decisions = [decision(0, "tcp_ack", "raise", step, ("192.0.2.0/24", 212, "learned"), before=steps[i - 1] if i else None,
                          tried=steps[:i], at=at(2 + 300 * i), rate_pps=1.3e6, limit_pps=100e3, passed_pps=364e3,
                          why=leaks(364e3, 1.3e6) if i else MILDEST)
                 for i, step in enumerate(steps)]
    return incident(
        "core-network", rows, id="20251130T140200Z-core-network-7", began=at(0), detected=at(0.3), mitigated=None,
        time_to_detect_ms=300, time_to_mitigate_ms=None, ended=at(8995),
        vectors=[vector("tcp_ack", 0.71, (100e3, 0, "learned"), peak_pps=2.6e6, peak_bps=8.9e9, began=at(0),
                        ended=at(8990), steps=steps),
                 vector("udp", 0.29, (0, 500e6, "configured"), peak_pps=0.9e6, peak_bps=3.1e9, began=at(40),
                        ended=at(8990), steps=["budget"])],
        targets=[{"prefix": "192.0.2.0/24", "hosts": 212, "share": 1, "vectors": ["tcp_ack", "udp"]}],
        decisions=decisions, lost={"packets": 812400, "bytes": 511000000},
        estimates={"leak": {"value": 0.28, "low": 0.26, "high": 0.31, "method": LEAK},
                   "collateral": None},
        sources={"seen": 40, "samples": 4000, "top1_share": 0.2, "top10_share": 0.9, "families": {"IPv4": 1}})


def bare():
    """Interrupted in its first second: nothing is known but that it began."""
    out = incident("edge", [row(0, 0, 0)], state="interrupted", detected=None, mitigated=None, ended=None,
                   time_to_detect_ms=None, time_to_mitigate_ms=None, hosts_peak=0)
    return {**out, "timeline": []}


def open_attack(held=False, observes=False):
    """The carpet, half a minute old: no end, perhaps not held yet."""
    whole = carpet()
    rows = [found for found in whole["timeline"] if found["s"] < 30]
    if observes:
        rows = [{**found, "passed_pps": found["offered_pps"], "passed_bps": found["offered_bps"], "dropped": {},
                 "observed_pps": sum(found["dropped"].values())} for found in rows]
    observed = drops_of([found for found in whole["timeline"] if found["s"] < 30]) if observes else {}
    return incident("campus", rows, state="open", observed=observed, ended=None, mitigated=stamp(3.4) if held else None,
                    time_to_mitigate_ms=3400 if held else None, mode="observe" if observes else "enforce",
                    vectors=[{**found, "ended": None} for found in whole["vectors"][:2]], targets=whole["targets"],
                    decisions=[found for found in whole["decisions"] if found["at"] < stamp(28)])


def interrupted():
    """The carpet, when Seki stopped after four minutes."""
    whole = carpet()
    rows = [found for found in whole["timeline"] if found["s"] < 240]
    kept = [found for found in whole["decisions"] if found["at"] < stamp(240)]
    vectors = [{**found, "ended": None} for found in whole["vectors"]]
    return {**whole, "state": "interrupted", "ended": None, "vectors": vectors, "timeline": rows, "decisions": kept,
            "drops": drops_of(rows), "estimates": {"leak": None, "collateral": None}, "lost": None}


def samples():
    """Every sample by name."""
    return {"carpet": carpet(), "syn-observe": syn_observe(), "pulses": pulses(), "hour": hour(), "bare": bare(),
            "open": open_attack(), "open-held": open_attack(held=True), "open-observe": open_attack(observes=True),
            "interrupted": interrupted(), "unraised": unraised()}


def corners():
    """What no attack above has: days that change, reasons and steps that the tool does not know, other wordings."""
    held = pulses()
    unknown = {**held, "reasons": {**held["reasons"], "newer": "A reason of a newer Seki."},
               "drops": {**held["drops"], "newer": {"packets": 3, "bytes": 300}},
               "observed": {"newer": {"packets": 2, "bytes": 200}},
               "vectors": [{**held["vectors"][0], "name": "newer", "limit_pps": 0, "limit_bps": 0, "steps": []}],
               "timeline": [{**found, "step": 7} for found in held["timeline"]]}
    observed = {**syn_observe(), "observed": {}, "vectors": [], "targets": [], "time_to_detect_ms": None}
    single = {**open_attack(), "targets": [], "hosts_peak": 3}
    plain = {**held, "state": "ended", "ended": stamp(90), "time_to_mitigate_ms": None, "decisions": [], "lost": {"packets": 5, "bytes": 500},
             "estimates": {"leak": None, "collateral": None}}
    calm = {**held, "decisions": [], "estimates": {**held["estimates"], "leak": None},
            "signatures": [{"expression": "ttl == 1", "state": "expired", "attack_share": 0.9, "clean_hits": 0,
                            "clean_samples": 10, "from": stamp(1), "until": stamp(2)}]}
    late = {**held, "state": "ended", "ended": stamp(86420), "vectors": [{**held["vectors"][0], "ended": stamp(86400)}]}
    older = unraised(passes=True, action="end")
    slips = {**carpet(), "unheld_ms": 700, "decisions_lost": 9,
             "sources": {"seen": 0, "samples": 0, "top1_share": 0, "top10_share": 0, "families": {}}}
    never = {**carpet(), "mitigated": None, "time_to_mitigate_ms": None}
    return [late, older, slips, never, unknown, observed, single, plain, calm, {**bare(), "state": "open"}]


def main(where):
    os.makedirs(where, exist_ok=True)
    for name, found in samples().items():
        with open(os.path.join(where, f"{name}.json"), "w", encoding="utf-8") as out:
            json.dump(found, out, indent=1)


if __name__ == "__main__":
    main(sys.argv[1])
