# SPDX-License-Identifier: BSD-3-Clause
"""What operators see: numbers and tables of what telemetry says. Nothing here asks for anything."""
import datetime


def plain(text):
    """No byte of what others have named reaches the terminal as a command to it."""
    return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in str(text))


def amount(number, unit):
    """"1.24 Mpps", three digits."""
    for factor, name in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")):
        if number >= factor:
            value = number / factor
            return f"{value:.{max(0, 2 - len(str(int(value))) + 1)}f} {name}{unit}"
    return f"{number} {unit}"


def span(seconds):
    """"3 d 4 h", "12 min", "7 s": two units at most."""
    seconds = int(seconds)
    parts = []
    for size, name in ((86400, "d"), (3600, "h"), (60, "min"), (1, "s")):
        if seconds >= size or (size == 1 and not parts):
            parts.append(f"{seconds // size} {name}")
            seconds %= size
    return " ".join(parts[:2])


def moment(text):
    """A time of an incident as people read it; UTC, as in the file."""
    if not text:
        return "-"
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).strftime("%Y-%m-%d %H:%M:%S")


def table(head, rows):
    """Columns; those of numbers to the right."""
    cells = [head] + [[plain(cell) for cell in row] for row in rows]
    width = [max(len(row[i]) for row in cells) for i in range(len(head))]
    right = [bool(rows) and all(isinstance(row[i], int) for row in rows) for i in range(len(head))]
    lines = ["  ".join(cell.rjust(w) if r else cell.ljust(w) for cell, w, r in zip(row, width, right)).rstrip()
             for row in cells]
    return "\n".join(lines)


def few(items, most=3):
    """The first ones of a list in one word."""
    items = items or []
    more = f" +{len(items) - most}" if len(items) > most else ""
    return ", ".join(items[:most]) + more if items else "-"


def limit_of(row):
    """A limit of packets, of bits, or of both."""
    both = [amount(row[f"limit_{unit}"], unit) for unit in ("pps", "bps") if row[f"limit_{unit}"] > 0]
    return " and ".join(both) or "none"


def posture_line(row):
    who = "operator" if row["override"] == "yes" else "detector"
    left = f", for another {span(row['override_left_ms'] / 1000)}" if row["override"] == "yes" else ""
    step = "guarded, as the attack changes its vector," if row["guarded"] == "yes" else f"step {row['step']}"
    where = "its targets" if row["guarded"] == "yes" else "the whole zone" if row["whole_zone"] == "yes" else few(row["targets"])
    since = f" for {span(row['state_ms'] / 1000)}" if row["state"] != "idle" else ""
    return (f"  {plain(row['zone'])}  {row['vector']}: {row['state']}{since}, {step} "
            f"({who}'s{left}{', observed only' if row['mode'] == 'observe' else ''}) for {where}; "
            f"{amount(row['offered_pps'], 'pps')} offered ({amount(row['offered_10s_pps'], 'pps')} over 10 s), "
            f"{amount(row['passed_pps'], 'pps')} passed, limit {limit_of(row)} ({row['limit_from']})")


def now(data):
    info, detect = data["info"], data["detect"]
    lines = [f"Seki {info['version']}, up {span(info['uptime_ns'] / 1e9)}; {info['zones']} zones, {info['rx_cores']} receiving "
             f"cores; policy {info['policy_generation']}"]
    if detect["enabled"] != "yes":
        return "\n".join(lines + ["Attacks are not looked for (detection.enable is false)."])
    lines.append(f"Detection: last tick {detect['tick_last_ns'] / 1e6:.2f} ms, longest {detect['tick_max_ns'] / 1e6:.2f} ms, "
                 f"{detect['bytes'] / 2**20:.0f} MiB, {detect['samples_lost']} of {detect['samples']} samples lost")
    if detect["ticks_short_of_memory"]:
        lines.append(f"Memory was short in {detect['ticks_short_of_memory']} ticks: some of what came was counted late.")
    alive = [row for row in data["incidents"] if row["state"] in ("open", "cooling")]
    lines.append(f"{len(alive)} attack{'s' if len(alive) != 1 else ''} going on." if alive else "No attack is going on.")
    for row in alive:
        lines.append(f"  {row['id']}  {plain(row['zone'])}, {row['state']}, since {moment(row['began'])}: "
                     f"{few(row['vectors'])} to {few(row['targets'])}, {row['hosts_peak']} host(s)")
    if data["postures"]:
        lines += ["What is done:", *(posture_line(row) for row in data["postures"])]
    return "\n".join(lines)


def stats(data):
    lines = [table(["", "packets", "bytes"], [[term, data[term], data[term + "_bytes"]]
                                              for term in ("rx", "generated", "tx", "dropped", "challenged")]), ""]
    lines.append(table(["port", "rx packets", "rx bytes", "tx packets", "tx bytes", "imissed", "rx_nombuf", "oerrors"],
                       [[port["name"], port["rx_packets"], port["rx_bytes"], port["tx_packets"], port["tx_bytes"],
                         port["imissed"], port["rx_nombuf"], port["oerrors"]] for port in data["ports"]]))
    return "\n".join(lines)


def zones(rows):
    return table(["zone", "mode", "in passed", "in dropped", "held back", "out passed", "out dropped"],
                 [[row["name"] or "(no zone)", row["mode"], row["inbound_pass_packets"], row["inbound_drop_packets"],
                   row["inbound_observed_packets"], row["outbound_pass_packets"], row["outbound_drop_packets"]]
                  for row in rows])


def attacks(rows):
    if not rows:
        return "There are no incidents."
    return table(["id", "zone", "state", "mode", "began (UTC)", "ended (UTC)", "hosts", "vectors", "targets"],
                 [[row["id"], row["zone"], row["state"], row["mode"], moment(row["began"]), moment(row["ended"]),
                   row["hosts_peak"], few(row["vectors"]), few(row["targets"])] for row in rows])


def samples(rows):
    if not rows:
        return "Nothing was dropped or held back of late."
    return table(["number", "time (UTC)", "zone", "vector", "verdict", "reason", "to", "ports", "bytes"],
                 [[row["number"], moment(row["time"]), row["zone"], row["vector"],
                   "dropped" if row["verdict"] == "drop" else "held back", row["reason"], row["inside"],
                   f"{row['source_port']} > {row['destination_port']}", row["bytes"]] for row in rows])


def top(data):
    if data["addresses"] != "yes":
        return "Seki names nobody: telemetry.addresses is false."
    if not data["rows"]:
        return "Nobody sends enough to be named."
    return table(["list", "zone", "client", "inside", "packets", "bits"],
                 [[row["list"], row["zone"], row["client"] + (f" port {row['client_port']}" if "client_port" in row else ""),
                   f"{row['inside']} port {row['inside_port']}" if "inside" in row else "-",
                   amount(row["pps"], "pps"), amount(row["bps"], "bps")] for row in data["rows"]])


def explanation(data):
    return "\n".join(plain(text) for _, text in sorted(data["sentences"].items()))


def override(data):
    if data["step"] == "auto":
        text = f"{data['vector']} of zone {data['zone']} is the detector's."
        return plain(text + (f" ({data['why']})" if data["why"] else ""))
    text = f"{data['vector']} of zone {data['zone']} is set to \"{data['step']}\" for {span(data['seconds'])}."
    if data["mode"] == "observe":
        text += " The zone only observes, so nothing is dropped by it."
    return plain(text)


def rates(row, name):
    """"24.0 kpps, 96.0 Mbps": what there is of both."""
    there = [amount(row[f"{name}_{unit}"], unit) for unit in ("pps", "bps") if row[f"{name}_{unit}"]]
    return ", ".join(there) or "-"


def baseline_row(row):
    applied = "yes" if row["applied"] == "yes" else "may be" if row["may_apply"] == "yes" else "not yet"
    return [row["zone"], row["vector"], rates(row, "limit"), row["limit_from"], rates(row, "suggested"), applied,
            row["confidence"], row["weeks"], rates(row, "usual"), rates(row, "peak"), rates(row, "held"), rates(row, "accepted"),
            row["why"]]


def baselines(data):
    if data["enabled"] != "yes":
        return "Nothing is learned: detection.enable is false."
    if data["learn"] == "off":
        return "Nothing is learned: detection.learn is \"off\"."
    if not data["baselines"]:
        where = f" of {data['vector']}" if data["vector"] else ""
        where += f" in zone {data['zone']}" if data["zone"] else ""
        return plain(f"Nothing was learned yet{where} but that it is silent.")
    lines = [table(["zone", "vector", "limit now", "from", "suggested", "applied", "confidence", "weeks", "usual", "peak",
                    "held back", "accepted", "why"], [baseline_row(row) for row in data["baselines"]])]
    if data["learn"] == "suggest":
        lines.append("Limits are not moved by it: detection.learn is \"suggest\".")
    return "\n".join(lines)


def baseline_told(data):
    about = f"{data['vector']} of zone {data['zone']}"
    if data["word"] == "forget":
        text = f"What was learned of {about} is forgotten."
    elif data["pps"] or data["bps"]:
        text = f"Up to {rates({'ok_pps': data['pps'], 'ok_bps': data['bps']}, 'ok')} of {about} are accepted."
    else:
        text = f"Of {about} no more is accepted than is learned."
    return plain(text + (f" ({data['why']})" if data["why"] else ""))
