# SPDX-License-Identifier: BSD-3-Clause
"""What came of it: what seki-gen counted by label, and beside it what Seki, which knows no labels, estimates."""
import datetime
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
    yield f"  {'':<18}{'offered':>12}{'passed':>12}{'dropped':>12}"
    for name in ("attack", "legitimate"):
        row = gen[name]
        yield f"  {name:<18}{row['offered']:>12,}{row['passed']:>12,}{row['dropped']:>12,}"


def figures(gen, incident, first_decision_ms):
    """(name, by label, by Seki) of each row."""
    estimates = incident["estimates"]
    detected = "-" if first_decision_ms is None else f"about {round(first_decision_ms, -2):.0f} ms"
    return [("leak", f"{scoring.percent_text(gen['leak_percent'])}", estimate(estimates["leak"])),
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
    lines += ["", style(f"  {'':<18}{'counted, by label':<20}  {'what Seki says of it':<20}", "bold")]
    lines += [f"  {name:<18}{labels:<20}  {seki}" for name, labels, seki in figures(gen, incident, first_decision_ms)]
    lines.append("")
    for name, text in facts(incident):
        wrapped = textwrap.wrap(text, max(30, width - 21)) or [""]
        lines += [f"  {name if i == 0 else '':<18}{part}" for i, part in enumerate(wrapped)]
    return lines


def busy(gen):
    """A sentence where the machine could not keep the pace, or None."""
    sent = sum(gen[name]["offered"] for name in ("attack", "legitimate", "other"))
    if gen["late"] <= BUSY_SHARE * sent and gen["worst_late_ms"] < BUSY_MS:
        return None
    return (f"This machine was too busy to keep the pace: {percent(gen['late'] / max(sent, 1))} of the packets left more than "
            f"1 ms late, one of them {gen['worst_late_ms']} ms. Times are less sure by that, and what waits for a CPU may "
            f"be lost.")
