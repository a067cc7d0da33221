# SPDX-License-Identifier: BSD-3-Clause
"""What came of it: what seki-gen counted by label, and beside it what Seki, which knows no labels, estimates."""
import datetime
import math
import textwrap

import scoring
from showing import told

BUSY_SHARE = 0.05  # of the packets late by more than a millisecond
BUSY_MS = 100      # one packet late by so much


def percent(share):
    return scoring.percent_text(100 * share)


def estimate(told_by_seki):
    if told_by_seki is None:
        return "-"
    return f"{percent(told_by_seki['value'])} ({percent(told_by_seki['low'])} to {percent(told_by_seki['high'])})"


def milliseconds(value):
    return "-" if value is None else f"{value} ms"


def instant(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


def counts(gen):
    yield f"  {'':<21}{'offered':>12}{'passed':>12}{'dropped':>12}"
    for name in ("attack", "legitimate"):
        row = gen[name]
        yield f"  {name:<21}{row['offered']:>12,}{row['passed']:>12,}{row['dropped']:>12,}"


def leak_since(gen, incident):
    """What of the attack passed after Seki had mitigated it, by label and in per cent; None: nothing came after that."""
    if gen["attack_began"] is None or not incident["mitigated"]:
        return None
    after = instant(incident["mitigated"]).timestamp() - gen["attack_began"]
    tenths = gen["attack_tenths"][max(0, math.ceil(10 * after)):]
    offered = sum(tenth[0] for tenth in tenths)
    return 100 * sum(tenth[1] for tenth in tenths) / offered if offered else None


def figures(gen, incident, first_decision_ms):
    """(name, by label, by Seki) of each row."""
    estimates = incident["estimates"]
    since = leak_since(gen, incident)
    detected = "-" if first_decision_ms is None else f"about {round(first_decision_ms, -2):.0f} ms"
    return [("leak", "-" if since is None else scoring.percent_text(since), estimate(estimates["leak"])),
            ("leak from the start", f"{scoring.percent_text(gen['leak_percent'])}", ""),
            ("collateral", f"{scoring.percent_text(gen['collateral_percent'])}", estimate(estimates["collateral"])),
            ("time to detect", detected, milliseconds(incident["time_to_detect_ms"])),
            ("time to mitigate", milliseconds(gen["time_to_mitigate_ms"]), milliseconds(incident["time_to_mitigate_ms"]))]


def facts(incident):
    targets = ", ".join(target["prefix"] for target in incident["targets"]) or "nobody"
    length = ""
    if incident["ended"]:
        length = f" after {(instant(incident['ended']) - instant(incident['began'])).total_seconds():.0f} s"
    yield "incident", f"{incident['id']}, {incident['state']}{length}"
    yield "met", f"{targets}: {incident['hosts_peak']:,} hosts at a time, {len(incident['vectors'])} vectors"
    for step, vectors in told.steps_taken(incident).items():
        yield f"step {step}", " ".join(vectors)


def table(gen, incident, first_decision_ms, style, width):
    """Lines of the outcome. `style` is Screen.style."""
    lines = list(counts(gen))
    lines[0] = style(lines[0], "bold")
    lines += ["", style(f"  {'':<21}{'counted, by label':<20}  {'what Seki says of it':<20}", "bold")]
    lines += [f"  {name:<21}{labels:<20}  {seki}" for name, labels, seki in figures(gen, incident, first_decision_ms)]
    lines.append("")
    for name, text in facts(incident):
        wrapped = textwrap.wrap(text, max(30, width - 24)) or [""]
        lines += [f"  {name if i == 0 else '':<21}{part}" for i, part in enumerate(wrapped)]
    return lines


def busy(gen):
    """A sentence where the machine could not keep the pace, or None."""
    sent = sum(gen[name]["offered"] for name in ("attack", "legitimate", "other"))
    if gen["late"] <= BUSY_SHARE * sent and gen["worst_late_ms"] < BUSY_MS:
        return None
    return (f"This machine was too busy to keep the pace: {percent(gen['late'] / max(sent, 1))} of the packets left more than "
            f"1 ms late, one of them {gen['worst_late_ms']} ms. Times are less sure by that, and what waits for a CPU may "
            f"be lost.")
