# SPDX-License-Identifier: BSD-3-Clause
"""The first screen, and the first page on paper: what happened, to whom, what was lost, what is to be decided."""
from .asks import asks_of
from .markup import join, tag

MOST_VECTORS = 3  # named in a sentence; the table has all


class Summary:
    """`Summary(incident, words).page()`"""

    def __init__(self, incident, words):
        self.incident, self.words, self.numbers = incident, words, words.numbers
        self.zone = {"zone": incident.zone, "zone_name": words.numbers.zone_name}

    def page(self):
        answers = [tag("section", tag("h2", self.words(f"{name}.title")), tag("p", " ".join(sentences)
                       if self.words.lang == "en" else "".join(sentences)), class_="answer")
                   for name, sentences in (("what", self.what()), ("who", self.who()), ("lost", self.lost()))]
        return tag("header", self.masthead(), tag("h1", self.headline()), self.banners(), self.figures(),
                   tag("div", answers, class_="answers"), self.asks(), class_="first")

    def masthead(self):
        incident, words = self.incident, self.words
        day = tag("span", self.numbers.day(incident.began))
        state = tag("span", words(f"state.{incident['state']}"), class_=f"badge {incident['state']}")
        mode = tag("span", words(f"mode.{incident['mode']}"), class_=f"badge {incident['mode']}")
        return tag("div", tag("p", tag("b", words("seki")), tag("span", words("kicker")), day, class_="kicker"),
                   tag("p", tag("span", words("masthead", id=incident["id"]), class_="id"), state, mode),
                   class_="masthead")

    def headline(self):
        outcome, ms = self.incident.outcome(), self.incident["time_to_mitigate_ms"]
        if outcome == "held" and ms is None:
            outcome = "held_untimed"
        return self.words(f"headline.{outcome}", time="" if ms is None else self.numbers.duration(ms), **self.zone)

    def banners(self):
        keys = [state for state in ("open", "interrupted", "cooling") if self.incident["state"] == state]
        keys += ["observe"] * self.incident.observes
        return [tag("p", self.words(f"{key}.banner"), class_=f"banner {key}") for key in reversed(keys)]

    def figures(self):
        found = [self.duration(), self.peak(), self.hosts(), self.speed(), self.leak(), self.collateral()]
        return tag("dl", [tag("div", tag("dt", self.words(f"figure.{key}")),
                              tag("dd", value, class_="value"), tag("dd", note, class_="note"))
                          for key, value, note in found], class_="figures")

    def duration(self):
        incident, numbers = self.incident, self.numbers
        begin = numbers.stamp(incident.began)
        if incident.attack_ms is None:
            return self.key(), self.words("figure.unknown"), self.words("figure.from", clock=begin)
        note = [tag("span", self.words("figure.from_to", begin=begin, end=numbers.stamp(incident.over or incident.last)),
                    class_="line")]
        if incident.guard_ms is not None:
            guard = self.words(f"figure.{self.guard()}", time=numbers.duration(incident.guard_ms))
            note.append(tag("span", guard, class_="line"))
        return self.key(), numbers.duration(incident.attack_ms), join(note)

    def key(self):
        """What the length of the attack is called: of one that is over, goes on, or is in a record that breaks off."""
        if self.incident.going_on:
            return "so_far"
        return "recorded" if self.incident["state"] == "interrupted" and not self.incident.over else "duration"

    def guard(self):
        return "guard_so_far" if self.incident["state"] == "cooling" else "guard"

    def peak(self):
        pps, bps = self.incident.peak("pps"), self.incident.peak("bps")
        if pps is None:
            return "peak", self.words("figure.unknown"), self.words("figure.not_recorded")
        return "peak", self.numbers.pps(pps), self.numbers.bps(bps)

    def hosts(self):
        peak, unknown = self.incident["hosts_peak"], self.words("figure.unknown")
        if not peak:
            return "hosts", unknown, self.words("figure.not_recorded")
        return "hosts", self.numbers.exact(peak), self.incident.targets[0]["prefix"] if self.incident.targets else unknown

    def time_or(self, ms, key):
        return self.words(key) if ms is None else self.numbers.duration(ms)

    def speed(self):
        detect = self.incident["time_to_detect_ms"]
        if self.incident.observes:
            return "detected", self.time_or(detect, "figure.unknown"), self.words("figure.nothing_held")
        held = self.time_or(self.incident["time_to_mitigate_ms"], "figure.unknown")
        note = self.words("figure.not_recorded") if detect is None else \
            self.words("figure.detected_note", time=self.numbers.duration(detect))
        return "held", held if self.incident.held else self.words("figure.not_held"), note

    def leak(self):
        if self.incident.observes:
            return "leak", self.words("figure.all_passed"), self.words("figure.nothing_dropped")
        return self.estimate("leak")

    def collateral(self):
        if self.incident.observes:
            return "collateral", self.words("figure.none"), self.words("figure.nothing_dropped")
        return self.estimate("collateral")

    def estimate(self, name):
        found = self.incident["estimates"][name]
        if not found:
            return name, self.words("figure.unknown"), self.words("figure.no_basis")
        low, high = self.numbers.share(found["low"]), self.numbers.share(found["high"])
        return name, self.numbers.share(found["value"]), self.words("figure.estimate", low=low, high=high)

    def what(self):
        incident, numbers = self.incident, self.numbers
        names = incident.vectors_with(lambda vector: True)
        values = {"day": numbers.day(incident.began), "begin": numbers.clock(incident.began), **self.zone,
                  "vectors": self.words.vectors(names, MOST_VECTORS) if names else self.words("what.no_vectors")}
        until = incident.over or (incident.last if incident["state"] == "interrupted" else None)
        if incident.going_on or until is None:
            yield self.words("what.open" if incident.going_on else "what.began", **values)
        else:
            last_day = numbers.day(until)
            key = "what.over" if last_day == values["day"] else "what.over_days"
            yield self.words(key, last_day=last_day, end=numbers.clock(until), **values)
        pps, bps = incident.peak("pps"), incident.peak("bps")
        yield self.words("what.no_peak") if pps is None else \
            self.words("what.peak", pps=numbers.pps(pps), bps=numbers.bps(bps))
        detect = incident["time_to_detect_ms"]
        if detect is None:
            yield self.words("what.undetected")
        else:
            yield self.words("what.detected", time=numbers.duration(detect))
        if incident.raised_nothing:
            passed = any(map(incident.lets_through, incident.unraised))
            yield self.words("what.unraised" if passed else "what.stopped")

    def hit(self):
        """How many hosts were attacked, and where."""
        peak, targets = self.incident["hosts_peak"], self.incident.targets
        if not peak:
            return self.words("who.nobody")
        if not targets:
            return self.words("who.no_target", hosts=self.words.hosts(peak))
        prefix, more = targets[0]["prefix"], len(targets) - 1
        if peak == 1 and not more:
            return self.words("who.one", prefix=prefix)
        return self.words("who.in_more" if more else "who.in", hosts=self.words.hosts(peak), prefix=prefix, n=more)

    def who(self):
        incident, words = self.incident, self.words
        yield self.hit()
        lasted = {"duration": "who.lasted"}.get(self.key(), f"who.{self.key()}")
        yield words("who.unknown") if incident.attack_ms is None else \
            words(lasted, time=self.numbers.duration(incident.attack_ms))
        if incident.guard_ms is not None:
            yield words(f"who.{self.guard()}", time=self.numbers.duration(incident.guard_ms))
        if incident.observes:
            yield words("who.observed")
        elif not incident.held:
            yield words("who.unheld_recorded" if incident["state"] == "interrupted" else "who.unheld")
        elif incident["time_to_mitigate_ms"] is not None:
            yield words("who.held_but" if incident["unheld_ms"] else "who.held",
                        time=self.numbers.duration(incident["time_to_mitigate_ms"]), later=self.numbers.duration(incident["unheld_ms"]))

    def lost(self):
        words, estimates = self.words, self.incident["estimates"]
        leak, collateral = estimates["leak"], estimates["collateral"]
        if self.incident.observes:
            yield words("lost.observed", **self.amount(*self.incident.tally("observed")))
            if collateral:
                yield words("lost.observed_share", **self.spread(collateral))
            return
        yield self.legitimate(collateral)
        since = "lost.leak" if self.incident["mitigated"] else "lost.leak_unheld"
        yield words(since, **self.spread(leak)) if leak else words("lost.no_leak")
        yield words("lost.dropped", **self.amount(*self.incident.tally("drops")))

    def legitimate(self, collateral):
        lost = self.incident["lost"]
        if lost is None:
            return self.words("lost.unknown")
        if not lost["packets"]:
            return self.words("lost.none")
        amount = self.amount(lost["packets"], lost["bytes"])
        if not collateral:
            return self.words("lost.some_no_share", **amount)
        return self.words("lost.some", **amount, **self.spread(collateral))

    def amount(self, packets, size):
        return {"packets": self.numbers.count(packets), "bytes": self.numbers.bytes(size)}

    def spread(self, estimate):
        low, high = self.numbers.share(estimate["low"]), self.numbers.share(estimate["high"])
        return {"share": self.numbers.share(estimate["value"]), "span": self.numbers.span(low, high)}

    def asks(self):
        found = asks_of(self.incident, self.words)
        said = tag("ol", [tag("li", self.words(key, **values)) for key, values in found]) if found else \
            tag("p", self.words("asks.none"))
        return tag("section", tag("h2", self.words("asks.title")), said, class_="asks")
