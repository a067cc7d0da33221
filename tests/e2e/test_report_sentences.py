# SPDX-License-Identifier: BSD-3-Clause
"""tools/report: every sentence that the C sources can write into an incident file has Japanese."""
import glob
import itertools
import json
import os
import re
import sys

import pytest

import incidents
from c_sentences import Lost, Sources, assigned, is_literal, literal, split
from pages import ROOT, Page, page_of

sys.path.insert(0, os.path.join(ROOT, "tools"))

from reporting import reasons_ja, schema, sentences_ja, words, words_en, words_ja  # noqa: E402
from reporting.incident import LADDER, ONCE_END  # noqa: E402

C_FILES = sorted(glob.glob(os.path.join(ROOT, "lib/detect/*.c")) + glob.glob(os.path.join(ROOT, "app/**/*.c"), recursive=True))
# What stands for %s where the sources have a function or an array instead of literals.
NAMES = {
    "rate": ["0 pps", "9999 pps", "12.3 kpps", "100 Mpps", "500 Mbps"], "seki_vector_name": ["tcp_syn", "udp", "ntp"],
    "limit": ["0 pps", "9999 pps", "12.3 kpps", "940 bps", "6400 kbps", "500 Mbps", "12.0 Gbps"],
    "seki_limit_from_name": ["default", "configured", "learned", "event", "companion"], "seki_step_name": LADDER,
    "first": list(sentences_ja.TELLS),  # what evidence_tells() says, if it is asked
    "target": ["203.0.112.0/22", "2001:db8::/32"],
}
NUMBERS = {"u": ["0", "1", "1012"], "d": ["-1", "1012"]}
DECISION = {"vector": "tcp_syn", "rate_pps": 2.4e6, "limit_pps": 4e4, "passed_pps": 1e5, "step": "flood", "before": "source"}
ENGLISH = re.compile(r"[A-Za-z]{2,}")
KNOWN = {"Seki", "pps", "kpps", "Mpps", "bps", "kbps", "Mbps", "Gbps", "db"}  # db: of 2001:db8::


def texts_of(kind):
    return Sources(C_FILES).written(kind)


def argument_texts(function, tokens):
    """What an argument of %s can be: literals of a choice, or of an array; what stands for a name."""
    out = [literal(part) for part in re_split(tokens) if is_literal(part)]
    if tokens[0] in NAMES:
        out += [*NAMES[tokens[0]], *(literal(part) for part in assigned(function.body, tokens[0]) if is_literal(part))]
    if not out:
        raise Lost(f"{function.name}: say in NAMES what {' '.join(tokens)} can be")
    return out


def re_split(tokens):
    """The parts of a choice, without what is before the first question mark."""
    return [half for part in split(tokens, "?")[1:] for half in split(part, ":")]


def instances(text):
    """Sentences that printf can make of a Text: all combinations of what its conversions can be."""
    parts, kinds = re.split(r"%[sud]", text.format), re.findall(r"%([sud])", text.format.replace("%%", ""))
    assert len(kinds) == len(text.arguments), f"a conversion that this test does not know: {text.format}"
    values = [NUMBERS.get(kind) or argument_texts(text.function, argument) for kind, argument in zip(kinds, text.arguments)]
    for chosen in itertools.product(*values):
        yield "".join(itertools.chain(*itertools.zip_longest(parts, chosen, fillvalue=""))).replace("%%", "%")


@pytest.mark.parametrize("kind, wanted", [("seen", 1), ("why", 10), ("method", 2)])
def test_every_sentence_of_the_sources_has_japanese(kind, wanted):
    """A new one needs a row in tools/reporting/sentences_ja.py."""
    found = texts_of(kind)
    assert len(found) >= wanted
    missing = [text.format for text in found if text.format not in sentences_ja.TABLES[kind]]
    assert not missing, f"without Japanese in tools/reporting/sentences_ja.py: {missing}"
    names = set().union(*(ENGLISH.findall(title) for title, _ in reasons_ja.VECTORS.values()))
    for text in found:
        for sentence in instances(text):
            said = sentences_ja.translated(kind, sentence, words.Words("ja"), DECISION)
            assert said and said.endswith("。") and not set(ENGLISH.findall(said)) - names - KNOWN, (sentence, said)
            assert "{" not in said


def test_every_end_of_what_was_seen_is_known():
    with open(os.path.join(ROOT, "lib/detect/evidence.c"), encoding="utf-8") as file:
        ends = re.findall(r'"(; [a-z ]+)"', file.read())
    assert len(ends) >= 4 and {"", *ends} == set(sentences_ja.TELLS)


def test_sentences_of_older_files_that_say_nothing_was_raised():
    assert set(sentences_ja.WHY) >= ONCE_END


def test_every_action_of_the_sources_is_read():
    with open(os.path.join(ROOT, "lib/detect/incident.c"), encoding="utf-8") as file:
        actions = re.findall(r'\[SEKI_DECISION_\w+\] = "(\w+)"', file.read())
    assert len(actions) >= 5 and set(actions) <= set(schema.ACTIONS)
    assert all(f"action.{action}" in table for action in schema.ACTIONS for table in (words_en.TEXT, words_ja.TEXT))


C_CODE = """
static void refuse(char why[9], const char *sentence) { snprintf(why, 9, "%s", sentence); }
static const char *because(int x) { if (x) return "returned"; return x ? "returned by choice" : NULL; }
static void record(struct d *x, const char *why) { snprintf(x->why, 5, "%s", why); }
static void take(int x, const char *reason) { record(0, x == 1 ? "first" : x ? (x > 2 ? "second" : "third") : reason); }
void a(void) { char why[9] = ""; /* "not this" */ snprintf(why, 9, "%" PRIu64 " of %lu %% a"
   "nd %s", f(1, 2), 3, "x"); take(1, why); record(0, because(1)); }
void b(void) { const char *why = 1 ? "four" : "five"; take(2, why); { char t[4]; refuse(t, "refused"); take(3, t); } }
void put(void) { seki_json_text(j, "why", x->why); seki_json_text(j, "other", "other"); }
"""


def test_the_reader_of_sources(tmp_path):
    """What it follows; and that it says so where it cannot."""
    path = tmp_path / "a.c"
    path.write_text(C_CODE)
    assert {text.format for text in Sources([path]).written("why")} == {
        "first", "second", "third", "four", "five", "%u of %u %% and %s", "refused", "returned", "returned by choice"}
    for odd in ('record(0, table[3]);', 'record(0, unknown(3));', 'char t[4]; strcpy(t, "x"); record(0, t);',
                'record(0, nowhere);', 'char *p = q + 1; record(0, p);', 'memcpy(x->why, "abc", 4);'):
        path.write_text(C_CODE + f"void odd(void) {{ {odd} }}")
        with pytest.raises(Lost):
            Sources([path]).written("why")


def marked(incident):
    """Texts of the Japanese page that are marked as English."""
    return [text for text, around in Page(page_of(incident, "ja")).texts
            if [attrs["lang"] for _, attrs in around if "lang" in attrs][-1:] == ["en"]]


def test_a_sentence_that_no_row_knows_is_marked():
    """As it is, in English, also in the Japanese page."""
    held = incidents.samples()["pulses"]
    decision = {**held["decisions"][0], "why": "a newer reason", "seen": "Something newer? {0} {step}"}
    leak = {**held["estimates"]["leak"], "method": "A newer method."}
    newer = {**held, "decisions": [decision], "estimates": {**held["estimates"], "leak": leak}}
    assert marked(newer) == ["A newer reason.", "Something newer? {0} {step}.", "A newer method."]


@pytest.mark.parametrize("name", sorted(incidents.samples()))
def test_the_japanese_page_is_wholly_japanese(name):
    assert marked(incidents.samples()[name]) == []


def test_the_japanese_page_of_a_file_that_seki_wrote():
    with open(os.path.join(ROOT, "tests/fuzz/seeds/incident/udp.json"), encoding="utf-8") as file:
        written = json.load(file)
    assert len(written["decisions"]) == 2 and marked(written) == []
