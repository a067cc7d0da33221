# SPDX-License-Identifier: BSD-3-Clause
"""One language: its sentences, its numbers, its names for reasons, vectors and steps."""
from . import figures, reasons_ja, sentences_ja, words_en, words_ja
from .incident import LADDER
from .markup import join, tag


class Words:
    """`lang` is "en" or "ja". The language of the sentences in an incident file is English."""

    def __init__(self, lang):
        self.lang = lang
        self.table = {"en": words_en, "ja": words_ja}[lang].TEXT
        self.numbers = {"en": figures.English, "ja": figures.Japanese}[lang]()

    def __call__(self, key, **values):
        return self.table[key].format(**values)

    def hosts(self, n):
        return self("who.hosts.one" if n == 1 else "who.hosts.many", n=self.numbers.exact(n))

    def quote(self, text):
        """What the file says, marked as English where it is not the language of the page."""
        return text if self.lang == "en" else tag("span", text, lang="en")

    def vector(self, name):
        """What an attack by this vector is called; the name itself, if this tool does not know it."""
        if self.lang == "en":
            return words_en.VECTORS.get(name, name)
        return reasons_ja.VECTORS[name][0] if name in reasons_ja.VECTORS else name

    def vector_text(self, vector):
        known = self.lang == "ja" and reasons_ja.VECTORS.get(vector["name"])
        return known[1] if known else self.quote(vector["description"])

    def vectors(self, names, most):
        """Names of vectors in a sentence, the first `most` of them, and how many more."""
        said = [self.vector(name) for name in names[:most]]
        if len(names) > most:
            said.append(self("what.more", n=len(names) - most))
        return self.numbers.listed(said)

    def reason(self, name):
        """A short title of a reason."""
        if self.lang == "ja" and name in reasons_ja.REASONS:
            return reasons_ja.REASONS[name][0]
        return name.replace("_", " ")

    def reason_text(self, name, sentence):
        if self.lang == "ja" and name in reasons_ja.REASONS:
            return reasons_ja.REASONS[name][1]
        return self.quote(sentence)

    def step(self, name):
        """A step of the ladder; None is none."""
        if name is None:
            return self("step.none")
        return self(f"step.{name}") if name in LADDER else name

    def step_number(self, number):
        """The step at a place of the ladder, as the timeline counts them."""
        if number > len(LADDER):
            return self("step.unknown", n=number)
        return self.step(LADDER[number - 1] if number else None)

    def said(self, kind, text, decision=None):
        """
        A sentence of the file: in Japanese if it is known (sentences_ja), else as it is. `kind`: "seen", "why", "method". A
        decision's sentences begin and end as sentences do, which Seki, who also logs them, leaves to others.
        """
        japanese = sentences_ja.translated(kind, text, self, decision or {}) if self.lang == "ja" else None
        if japanese is not None or not text:
            return japanese
        whole = text[:1].upper() + text[1:]
        return self.quote(whole if whole[-1] in ".!?" else whole + ".")

    def why(self, decision):
        """Why a decision was made, and below it what was seen."""
        seen = self.said("seen", decision["seen"], decision)
        return join([self.said("why", decision["why"], decision), tag("small", seen, class_="seen") if seen else None])

    def action(self, decision):
        """What was decided; steps that ended are those of before."""
        kind, ended = decision["action"], decision["before"] or decision["step"]
        if kind == "end":
            return self("action.end", step=self.step(ended)) if ended else self("action.end_bare")
        return self(f"action.{kind}", step=self.step(decision["step"]))
