# SPDX-License-Identifier: BSD-3-Clause
"""What follows the first screen: the course in plots, decisions, vectors, targets, drops, estimates, what marked it."""
from . import timeline
from .incident import LADDER
from .markup import join, tag
from .plots import Plots
from .schema import time_of

TABLE_ROWS = 60  # of the plots as a table


def table(heads, rows, stacks=False):
    """
    Rows of cells under heads, which are (word, class). A table that stacks shows each row as a card where the
    window is narrow, each cell beside its head.
    """
    def cell(head, value):
        return tag("td", tag("div", value) if stacks else value, class_=head[1], data_head=head[0] if stacks else None)

    body = [tag("tr", [cell(head, value) for head, value in zip(heads, row)]) for row in rows]
    return tag("div", tag("table", tag("thead", tag("tr", [tag("th", word, class_=kind, scope="col")
                                                           for word, kind in heads])), tag("tbody", body),
                          class_="stacks" if stacks else None), class_="scroll")


def bar(share):
    """A share as a bar; the number stands beside it."""
    return tag("span", tag("span", style=f"width:{share * 100:.2f}%"), class_="bar", aria_hidden="true")


class Sections:
    """`Sections(incident, words).all()`"""

    def __init__(self, incident, words):
        self.incident, self.words, self.numbers = incident, words, words.numbers

    def all(self):
        return [self.course(), self.decisions(), self.vectors(), self.targets(), self.drops(), self.estimates(),
                self.marks(), self.secrecy()]

    def section(self, name, *children, intro=None, title=None):
        return tag("section", tag("h2", self.words(title or f"{name}.title")),
                   tag("p", intro, class_="intro") if intro else None, children, class_=f"part {name}")

    def heads(self, *keys):
        """Heads of a table; a key that ends with # is of a column of numbers. The class says which column it is."""
        return [(self.words(f"col.{key.rstrip('#')}"), f"{key.rstrip('#')} number" if key.endswith("#") else key)
                for key in keys]

    def empty(self, key):
        return tag("p", self.words(key), class_="empty")

    def share(self, value):
        return join([bar(value), tag("span", self.numbers.share(value), class_="percent")])

    def moment(self, text):
        """A time as what a clock shows, and how long after the beginning that is."""
        when = time_of(text)
        after = self.incident.since(when)
        return join([self.numbers.stamp(when), tag("span", f" {self.elapsed(after)}", class_="elapsed") if after else None])

    def elapsed(self, seconds):
        sign = "+" if seconds > 0 else ""
        return sign + self.numbers.elapsed(seconds)

    def course(self):
        if not self.incident.rows:
            return self.section("course", self.empty("course.empty"))
        intro = self.words("course.intro", clock=self.numbers.clock(self.incident.began),
                           zone_name=self.numbers.zone_name)
        plots = Plots(self.incident, self.words)
        step = plots.longest_step()
        note = tag("p", self.words("plot.step", time=self.numbers.duration(step * 1000)), class_="caption wide") \
            if step else None
        return self.section("course", plots.all(), note, self.course_table(), intro=intro)

    def course_table(self):
        rows, observed = [], any(row["observed_pps"] for row in self.incident.rows)
        for step in timeline.steps_of(self.incident.rows, TABLE_ROWS):
            rates = [step.rates["offered_pps"], step.rates["passed_pps"], sum(step.dropped.values())]
            rates += [step.rates["observed_pps"]] * observed
            rows.append([self.elapsed(step.start), *map(self.numbers.pps, rates), self.numbers.exact(step.hosts),
                         self.words.step_number(step.step)])
        would = ["would#"] * observed
        heads = self.heads("time#", "offered#", "passed#", "dropped#", *would, "hosts#", "step")
        return tag("details", tag("summary", self.words("plot.table")), table(heads, rows))

    def decisions(self):
        intro = self.words("decisions.intro")
        if self.incident.observes:
            intro += (" " if self.words.lang == "en" else "") + self.words("decisions.observe")
        if self.incident["decisions_lost"]:
            intro += (" " if self.words.lang == "en" else "") + self.words("decisions.lost", n=self.incident["decisions_lost"])
        found = self.incident.decisions
        if not found:
            return self.section("decisions", self.empty("decisions.empty"))
        heads = self.heads("n#", "when", "vector", "action", "rates", "why", "tried")
        rows = [self.decision(number, decision) for number, decision in enumerate(found, 1)]
        return self.section("decisions", table(heads, rows, stacks=True), self.ladder(), intro=intro)

    def decision(self, number, decision):
        words = self.words
        action = [tag("b", words.action(decision))]
        if decision["before"] and decision["action"] != "end":
            action.append(tag("small", words("action.from", step=words.step(decision["before"]))))
        limit = self.numbers.limit(decision["limit_pps"], 0) or words("limit.none")
        rates = [tag("span", words(f"rates.{name}", rate=rate), class_="line")
                 for name, rate in (("offered", self.numbers.pps(decision["rate_pps"])), ("limit", limit),
                                    ("passed", self.numbers.pps(decision["passed_pps"])))]
        tried = self.numbers.listed([words.step(step) for step in decision["tried"]]) if decision["tried"] else \
            words("tried.none" if decision["action"] == "raise" else "figure.unknown")
        return [number, self.moment(decision["at"]), words.vector(decision["vector"]), join(action), join(rates),
                words.why(decision), tried]

    def ladder(self):
        steps = [[tag("dt", self.words.step(step)), tag("dd", self.words(f"step.{step}.text"))] for step in LADDER]
        return tag("aside", tag("h3", self.words("ladder.title")), tag("dl", [tag("div", step) for step in steps]),
                   class_="rungs")

    def vectors(self):
        found = self.incident.vectors
        if not found:
            return self.section("vectors", self.empty("vectors.empty"))
        heads = self.heads("vector", "share#", "peak#", "limit#", "seen", "steps")
        return self.section("vectors", table(heads, map(self.vector, found), stacks=True),
                            intro=self.words("vectors.intro"))

    def vector(self, vector):
        words, numbers = self.words, self.numbers
        name = [tag("b", words.vector(vector["name"])), " ", tag("code", vector["name"]),
                tag("small", words.vector_text(vector))]
        peak = [tag("span", numbers.pps(vector["peak_pps"]), class_="line"),
                tag("span", numbers.bps(vector["peak_bps"]), class_="line")]
        limit = numbers.limit(vector["limit_pps"], vector["limit_bps"]) or words("limit.none")
        ended = self.moment(vector["ended"]) if vector["ended"] else words("still")
        steps = numbers.listed([words.step(step) for step in vector["steps"]]) if vector["steps"] else \
            words("steps.none")
        return [join(name), self.share(vector["share"]), join(peak),
                join([limit, tag("small", words(f"limit.{vector['limit_from']}"))]),
                join([tag("span", self.moment(vector["began"]), class_="line"), tag("span", ended, class_="line")]), steps]

    def targets(self):
        found = self.incident.targets
        if not found:
            return self.section("targets", self.empty("targets.empty"))
        rows = [[tag("code", target["prefix"], class_="whole"), self.numbers.exact(target["hosts"]), self.share(target["share"]),
                 self.numbers.listed(map(self.words.vector, target["vectors"])) if target["vectors"] else "\u2013"]
                for target in found]
        return self.section("targets", table(self.heads("prefix", "hosts_peak#", "share#", "vectors"), rows, stacks=True))

    def drops(self):
        """What was dropped, and what only would have been, where the zone or a countermeasure of it observed."""
        observes = self.incident.observes
        return [None if observes else self.reasons("drops", ""),
                self.reasons("observed", "would_") if observes or self.incident["observed"] else None]

    def reasons(self, name, would):
        found, title = self.incident[name], f"drops.{would}title"
        if not found:
            return self.section("drops", self.empty(f"drops.{would}empty"), title=title)
        all_packets, all_bytes = self.incident.tally(name)
        rows = [self.drop(reason, tally, all_packets)
                for reason, tally in sorted(found.items(), key=lambda item: (-item[1]["packets"], item[0]))]
        rows.append([tag("b", self.words("total")), self.numbers.exact(all_packets), self.numbers.bytes(all_bytes), ""])
        heads = self.heads("reason", "packets#", "bytes#", "share#")
        return self.section("drops", table(heads, rows, stacks=True), intro=self.words(f"drops.{would}intro"), title=title)

    def drop(self, reason, tally, all_packets):
        named = join([tag("b", self.words.reason(reason)), " ", tag("code", reason),
                      tag("small", self.words.reason_text(reason, self.incident["reasons"][reason]))])
        share = tally["packets"] / all_packets if all_packets else 0
        return [named, self.numbers.exact(tally["packets"]), self.numbers.bytes(tally["bytes"]), self.share(share)]

    def estimates(self):
        intro = self.words("estimates.intro")
        if self.incident.observes:
            intro += (" " if self.words.lang == "en" else "") + self.words("estimates.observe")
        cards = [self.estimate(name, self.incident["estimates"][name]) for name in ("leak", "collateral")]
        return self.section("estimates", tag("div", cards, class_="cards"), intro=intro)

    def estimate(self, name, found):
        head = [tag("h3", self.words(f"estimate.{name}")), tag("p", self.words(f"estimate.{name}.text"), class_="of")]
        if not found:
            return tag("div", head, self.empty("estimate.none"), class_="card")
        share = self.numbers.share
        span = self.words("estimate.span", low=share(found["low"]), high=share(found["high"]))
        scale = next(top for top in (0.001, 0.01, 0.1, 1) if found["high"] <= top)
        return tag("div", head, tag("p", tag("b", share(found["value"])), " ", tag("span", span), class_="estimate"),
                   tag("div", tag("span", class_="range", style=f"left:{found['low'] / scale * 100:.2f}%;"
                                  f"width:{max(0, found['high'] - found['low']) / scale * 100:.2f}%"),
                       tag("span", class_="dot", style=f"left:{found['value'] / scale * 100:.2f}%"),
                       class_="interval", aria_hidden="true"),
                   tag("p", self.words("estimate.scale", top=share(scale)), class_="scale"),
                   tag("p", self.words("estimate.method"), " ", self.words.said("method", found["method"]), class_="method"), class_="card")

    def marks(self):
        return self.section("marks", self.signatures(), self.features(), self.sources())

    def signatures(self):
        head, found = tag("h3", self.words("signatures.title")), self.incident["signatures"]
        if not found:
            return [head, self.empty("signatures.empty")]
        rows = [[tag("code", signature["expression"], class_="long"), self.words(f"signature.{signature['state']}"),
                 self.share(signature["attack_share"]),
                 self.words("clean", hits=self.numbers.exact(signature["clean_hits"]),
                            samples=self.numbers.exact(signature["clean_samples"])),
                 join([tag("span", self.moment(signature["from"]), class_="line"),
                       tag("span", self.moment(signature["until"]) if signature["until"] else self.words("still"),
                           class_="line")])]
                for signature in found]
        return [head, table(self.heads("expression", "state", "attack_share#", "clean#", "seen"), rows, stacks=True)]

    def features(self):
        head, found = tag("h3", self.words("features.title")), self.incident["features"]
        if not found:
            return [head, self.empty("features.empty")]
        rows = [[tag("code", row["feature"]), tag("code", row["value"], class_="long"), self.share(row["share"])]
                for row in sorted(found, key=lambda row: -row["share"])]
        return [head, table(self.heads("feature", "value", "samples_share#"), rows)]

    def sources(self):
        head, found = tag("h3", self.words("sources.title")), self.incident["sources"]
        if not found["samples"]:
            return [head, self.empty("sources.uncounted" if self.incident["features"] else "sources.empty")]
        exact, share = self.numbers.exact, self.numbers.share
        text = self.words("sources.text", seen=exact(found["seen"]), samples=exact(found["samples"]),
                          top1=share(found["top1_share"]), top10=share(found["top10_share"]))
        families = [tag("li", tag("span", family, class_="family"), self.share(part)) for family, part in found["families"].items()]
        return [head, tag("p", text), tag("ul", families, class_="families"),
                tag("p", self.words("sources.caution"), class_="caution")]

    def secrecy(self):
        names = ("incident", "zone", "vector", "leak", "collateral", "verified", "units")
        rows = []
        for name in names:
            key = f"estimate.{name}" if name in ("leak", "collateral") else f"word.{name}"
            rows.append(tag("div", tag("dt", self.words(key)), tag("dd", self.words(f"{key}.text"))))
        return join([self.section("secrecy", tag("p", self.words("secrecy.text"))),
                     self.section("words", tag("dl", rows))])
