# SPDX-License-Identifier: BSD-3-Clause
"""tools/report: what a page of an incident is made of, and what is in it."""
import copy
import os
import random
import re
import string
import sys
import xml.etree.ElementTree as xml

import pytest

import incidents
from pages import ROOT, Page, page_of

sys.path.insert(0, os.path.join(ROOT, "tools"))

from reporting import ladder, page, reasons_ja, words, words_en, words_ja  # noqa: E402
from reporting.incident import Incident  # noqa: E402
from reporting.markup import join  # noqa: E402
from reporting.plots import Plots  # noqa: E402
from reporting.svg import NARROW, WIDE, Frame, text_width  # noqa: E402

SAMPLES = incidents.samples()
HOSTILE = "<script>alert(1)</script>\"'&<img src=x onerror=alert(1)>{zone}%s\x00\x1b[2J\u202e\ud800</style>"
ENUMERATED = {"format", "mode", "state", "limit_from", "action", "began", "detected", "mitigated", "ended", "at", "from",
              "until"}


@pytest.fixture(scope="module", params=SAMPLES, ids=list(SAMPLES))
def sample(request):
    """(incident, its page in both languages)"""
    incident = SAMPLES[request.param]
    return incident, page_of(incident)


def tree_of(text):
    return xml.fromstring(text.removeprefix("<!DOCTYPE html>"))


def svgs_of(text):
    return list(tree_of(text).iter("{http://www.w3.org/2000/svg}svg"))


def test_structure(sample):
    """Two articles, a head line each, unique ids, every reference resolved, nothing that a browser would fetch or run."""
    _, text = sample
    found = Page(text)
    names = [name for name, _, _ in found.elements]
    assert names.count("article") == 2 and names.count("h1") == 2
    ids = [attrs["id"] for _, attrs, _ in found.elements if "id" in attrs]
    assert len(ids) == len(set(ids))
    for name, attrs, around in found.elements:
        for target in attrs.get("aria-labelledby", "").split() + [attrs[key] for key in ("for",) if key in attrs]:
            assert target in ids
        assert not {"src", "href", "srcset", "action", "data", "background"} & set(attrs)
        assert not any(key.startswith("on") for key in attrs)
        assert name not in ("script", "img", "link", "iframe", "object", "embed", "base")
        assert name != "svg" or "figure" in around
    outside = re.sub(r'xmlns="[^"]*"', "", text)
    assert "://" not in outside and "@import" not in outside
    assert all(target.startswith("#") and target[1:] in ids for target in re.findall(r"url\(([^)]*)\)", text))


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_one_language(lang):
    found = Page(page_of(SAMPLES["carpet"], lang))
    assert [attrs["lang"] for name, attrs, _ in found.elements if name in ("html", "article")] == [lang, lang]
    assert "input" not in [name for name, _, _ in found.elements]


def test_plots_are_sound_and_inside(sample):
    """Well-formed, named and described; every point of every path in the drawing; four plots of two shapes in two languages."""
    incident, text = sample
    svgs = svgs_of(text)
    assert len(svgs) == (16 if incident["timeline"] else 0)
    for svg in svgs:
        _, _, width, height = map(float, svg.get("viewBox").split())
        assert [child.tag.split("}")[1] for child in svg[:2]] == ["title", "desc"] and svg[0].text and svg[1].text
        assert svg.get("role") == "img"
        for path in svg.iter("{http://www.w3.org/2000/svg}path"):
            moves = re.findall(r"([MHV])([\d.-]+)(?: ([\d.-]+))?", path.get("d"))
            assert moves and re.fullmatch(r"M[\d.]+ [\d.]+([HV][\d.]+)*Z?", path.get("d"))
            assert all(0 <= float(x) <= (height if kind == "V" else width) for kind, x, _ in moves)


def boxes_of(svg):
    """(left, right, y, text) of every text in a drawing, by the widths that the tool itself counts with."""
    for element in svg.iter("{http://www.w3.org/2000/svg}text"):
        x, wide = float(element.get("x")), text_width(element.text) * (0.9 if element.get("class") == "flag-word" else 1)
        left = x - {"start": 0, "middle": wide / 2, "end": wide}[element.get("text-anchor")]
        yield left, left + wide, float(element.get("y")), element.text


def test_words_of_plots_do_not_meet(sample):
    """No text lies on another of its own height, and none leaves the drawing."""
    for svg in svgs_of(sample[1]):
        width = float(svg.get("viewBox").split()[2])
        boxes = sorted(boxes_of(svg))
        assert all(left >= -1 and right <= width + 1 for left, right, _, _ in boxes)
        for i, (_, right, y, text) in enumerate(boxes):
            for left, _, other_y, other in boxes[i + 1:]:
                assert left >= right or abs(y - other_y) >= 11, f"{text} and {other}"


@pytest.mark.parametrize("shape", [WIDE, NARROW], ids=lambda shape: shape.name)
@pytest.mark.parametrize("lang", ["en", "ja"])
def test_moments_do_not_meet_whatever_the_time(shape, lang):
    """Attacks of a second to a year: some moments are named, never on one another, never outside."""
    dice = random.Random(5)
    for _ in range(400):
        frame = Frame(shape, (-10, 10 ** dice.uniform(0, 7.5)), 1, (0, 100))
        axis = join(frame.x_axis(words.Words(lang)))
        svg = xml.fromstring(f'<svg xmlns="http://www.w3.org/2000/svg">{axis}</svg>')
        boxes = list(boxes_of(svg))
        assert 1 <= len(boxes) <= shape.x_ticks
        assert all(a[1] < b[0] for a, b in zip(boxes, boxes[1:]))
        assert boxes[0][0] >= frame.left - 1 and boxes[-1][1] <= frame.right + 1


@pytest.mark.parametrize("name", ["carpet", "syn-observe", "open-observe", "pulses", "hour"])
def test_the_stack_is_what_was_offered(name):
    """Passed, would have been dropped, dropped by reason: together, and in each step, all that came."""
    plots = Plots(Incident(SAMPLES[name]), words.Words("en"))
    layers = plots.layers()
    assert ("would" in [kind for kind, _, _ in layers]) == name.endswith("observe")
    for step in plots.steps[WIDE]:
        assert sum(value(step) for _, _, value in layers) == pytest.approx(step.rates["offered_pps"])


def test_switch_and_policy():
    """The first language is shown, the other one by a button that its label names; the browser may load nothing."""
    found = Page(page_of(SAMPLES["carpet"]))
    buttons = [attrs for name, attrs, _ in found.elements if name == "input"]
    assert [(b["id"], "checked" in b, b["type"]) for b in buttons] == [("show-en", True, "radio"), ("show-ja", False, "radio")]
    policies = [attrs["content"] for _, attrs, _ in found.elements if attrs.get("http-equiv") == "Content-Security-Policy"]
    assert policies == ["default-src 'none'; style-src 'unsafe-inline'"]


CARPET = SAMPLES["carpet"]
PEAK = max(row["offered_pps"] for row in CARPET["timeline"]), max(row["offered_bps"] for row in CARPET["timeline"])
DROPPED = sum(t["packets"] for t in CARPET["drops"].values()), sum(t["bytes"] for t in CARPET["drops"].values())
FIRST_SCREENS = [
    ("carpet", "en", [CARPET["id"], "12 June 2025", "03:15:02", "03:24:41", "9 min 39 s", "10 s", f"{PEAK[0] / 1e6:.3g} Mpps",
                      f"{PEAK[1] / 1e9:.3g} Gbps", "1,012", "203.0.112.0/22", "(1 more", "and 2 more", "3.4 s", "0.2 s",
                      "1.21%", "0.94% to 1.63%", "0.02%", "0.01% to 0.05%", "41,200", "25.6 MB",
                      f"{DROPPED[0] / 1e9:.3g} billion", f"{DROPPED[1] / 1e12:.3g} TB", "(1)"]),
    ("carpet", "ja", [CARPET["id"], "2025年6月12日", "12時15分02秒", "12時24分41秒", "12:15:02～12:24:41", "9分39秒", "10秒",
                      f"{PEAK[0] / 1e6:.3g} Mpps", f"{PEAK[1] / 1e9:.3g} Gbps", "1,012", "203.0.112.0/22", "ほか1件", "ほか2種",
                      "3.4秒", "0.2秒", "1.21%", "0.94%～1.63%", "0.02%", "0.01%～0.05%", "4.12万", "25.6 MB",
                      f"{DROPPED[0] / 1e8:.3g}億", f"{DROPPED[1] / 1e12:.3g} TB", "（1件）"]),
    ("syn-observe", "en", ["20250612T031502Z-shop-1", "12 June 2025", "03:15:02", "03:18:22", "3 min 20 s", "kpps", "Mbps",
                           "One host: 198.51.100.25/32", "198.51.100.25/32", "80.2 million", "4.81 GB", "0.4 s", "0.4%",
                           "0.18% to 0.87%", "All", "None", "Hosts at peak 1"]),
    ("hour", "ja", ["20251130T140200Z-core-network-7", "2025年11月30日", "2025年12月1日", "23時02分00秒", "1時31分50秒",
                    "23:02:00～01:31:50", "2時間29分", "5秒", "212", "192.0.2.0/24", "0.3秒", "28%",
                    "26%～31%", "81.2万", "511 MB", "未抑止"]),
    ("bare", "en", ["20250612T031502Z-edge-1", "12 June 2025", "03:15:02", "not held", "not recorded", "0 packets (0 B)"]),
]


@pytest.mark.parametrize("name, lang, wanted", FIRST_SCREENS, ids=[f"{row[0]}-{row[1]}" for row in FIRST_SCREENS])
def test_every_number_of_the_first_screen(name, lang, wanted):
    """What is wanted is there, and there is no other number: the rest of the text has no digit."""
    incident = SAMPLES[name]
    text = Page(page_of(incident)).text_in("first", lang).replace("\u00a0", " ")
    if name in ("syn-observe", "hour"):  # whose peaks come from dice
        rows = incident["timeline"]
        for unit, top in (("pps", max(r["offered_pps"] for r in rows)), ("bps", max(r["offered_bps"] for r in rows))):
            scale, prefix = next((s, p) for s, p in ((1e9, "G"), (1e6, "M"), (1e3, "k")) if top >= s)
            wanted = [*wanted, f"{top / scale:.3g} {prefix}{unit}"]
    if name == "hour":
        packets, size = (sum(t[key] for t in incident["drops"].values()) for key in ("packets", "bytes"))
        wanted = [*wanted, f"{packets / 1e8:.3g}億", f"{size / 1e12:.3g} TB"]
    for words_of in sorted(wanted, key=len, reverse=True):
        assert words_of in text
    for words_of in sorted(wanted, key=len, reverse=True):
        text = text.replace(words_of, "")
    assert not re.search(r"\d", text), text


def test_decisions_needed(sample):
    """The box is never empty, and observing zones are always asked about."""
    incident, text = sample
    for lang in ("en", "ja"):
        asks = Page(text).text_in("asks", lang)
        assert len(asks) > 20
        assert (words.Words(lang)("ask.enforce", zone=incident["zone"], packets="", bytes="")[:12] in asks) == (
            incident["mode"] == "observe")


def test_observe_mode_says_so():
    found = Page(page_of(SAMPLES["syn-observe"]))
    assert "nothing was dropped" in found.text_in("first", "en") and "dropped nothing" in found.text_in("banner", "en")
    assert "遮断は一切行っていません" in found.text_in("banner", "ja")
    assert "would have been dropped" in found.text_in("drops", "en") and "68,113,204" in found.text_in("drops", "en")


def test_every_decision_and_reason_is_in_its_table(sample):
    incident, text = sample
    found = Page(text)
    for lang in ("en", "ja"):
        decided = found.text_in("decisions", lang)
        for decision in incident["decisions"]:
            for kind in ("why", "seen"):
                assert words.Words(lang).said(kind, decision[kind], decision) in decided
                assert lang == "ja" or decision[kind][1:] in decided
        dropped = found.text_in("drops", lang)
        tallies = incident["observed" if incident["mode"] == "observe" else "drops"]
        assert all(reason in dropped and f"{tally['packets']:,}" in dropped for reason, tally in tallies.items())
    assert all(incident["reasons"][reason] in found.text_in("drops", "en") for reason in incident["drops"]
               if incident["mode"] == "enforce")


TIMES = [
    ("over", {}, 579, 10), ("on guard", {"state": "cooling", "ended": None, "vectors": "open"}, 579, 11),
    ("one vector has not ended", {"state": "cooling", "ended": None, "vectors": "one open"}, 579, 11),
    ("stopped on guard", {"state": "interrupted", "ended": None, "vectors": "open"}, 579, 11),
    ("stopped in the attack", {"state": "interrupted", "ended": None, "vectors": "open", "timeline": 200}, 190, None),
    ("going on", {"state": "open", "ended": None, "vectors": "open", "timeline": 200}, 190, None),
    ("nothing tells", {"vectors": [], "timeline": []}, None, None), ("vectors tell", {"timeline": []}, 579, 10),
    ("the timeline tells", {"vectors": []}, 579, 10),
]


@pytest.mark.parametrize("changes, lasted, guard", [row[1:] for row in TIMES], ids=[row[0] for row in TIMES])
def test_how_long_it_lasted_and_how_long_seki_stayed_on_guard(changes, lasted, guard):
    """Seconds, from when vectors ended, else from until when hosts were under attack; nothing is made up."""
    whole = copy.deepcopy(SAMPLES["carpet"])
    changed = {**whole, **changes}
    if changes.get("vectors") in ("open", "one open"):
        n = 1 if changes["vectors"] == "one open" else len(whole["vectors"])
        changed["vectors"] = [{**vector, "ended": None if i < n else vector["ended"]} for i, vector in enumerate(whole["vectors"])]
    if isinstance(changes.get("timeline"), int):
        changed["timeline"] = whole["timeline"][:changes["timeline"]]
    found = Incident(changed)
    seconds = [None if ms is None else round(ms / 1000, 1) for ms in (found.attack_ms, found.guard_ms)]
    assert [round(x) if x else x for x in seconds] == [lasted, guard]
    first = [Page(page_of(changed)).text_in("first", lang).replace("\u00a0", " ") for lang in ("en", "ja")]
    assert ("on guard" in first[0], "警戒" in first[1]) == ((guard is not None,) * 2 if changes.get("state") != "cooling" else (True, True))


@pytest.mark.parametrize("after, shown", [(0.0, True), (0.7, True), (1.7, False)])
def test_the_end_is_in_the_plots(after, shown):
    """Seki ends incidents within a second, whose row it does not write; what is far beyond the rows does not stretch them."""
    whole = incidents.unraised()
    end = whole["timeline"][-1]["s"] + 1 + after
    last = {**whole["decisions"][-1], "at": incidents.stamp(end)}
    plots = Plots(Incident({**whole, "ended": incidents.stamp(end), "decisions": [whole["decisions"][0], last]}), words.Words("en"))
    assert ("guard ended" in [word for _, word in plots.marks()]) == shown
    assert (plots.times[1] == end) == shown
    frame = Frame(WIDE, plots.times, 5, (16, 141))
    assert len(ladder.flags(frame, plots.incident, ladder.rows_of(plots.incident))) == 1 + shown


@pytest.mark.parametrize("action", ["none", "end"])
@pytest.mark.parametrize("passes", [False, True])
def test_where_nothing_was_raised(passes, action):
    """Said so on the first page, in the table, on the ground of the ladder; people decide if more than the limit passed."""
    incident = incidents.unraised(passes, action)
    found = Page(page_of(incident))
    assert found.text_in("decisions", "en").count("Nothing was raised") == 1
    assert found.text_in("action", "en").split() == "Decision Nothing was raised Over; no step was in force".split()
    assert found.text_in("action", "ja").split() == ["判断", "何も発動していない", "終息（適用していた段階なし）"]
    assert ("though more than the limit passed" in found.text_in("first", "en")) == passes
    assert ("already stopped it" in found.text_in("first", "en")) != passes
    assert ("Whether steps may be raised in office against UDP flood" in found.text_in("asks", "en")) == passes
    assert "何も発動していません" in found.text_in("first", "ja")
    plots = Plots(Incident(incident), words.Words("en"))
    frame = Frame(WIDE, plots.times, 5, (16, 141))
    placed = ladder.flags(frame, plots.incident, ladder.rows_of(plots.incident))
    assert [re.search(r' y="([\d.]+)"', box)[1] for box, _ in placed] == [f"{141 - ladder.FLAG_HEIGHT / 2:g}"] * 2


def poison(value, key=None):
    """The same with every free string and every free name replaced by what wants to be markup."""
    if isinstance(value, dict):
        free = key in ("drops", "observed", "reasons", "dropped", "families")
        return {f"{name}{HOSTILE}" if free else name: poison(inner, name) for name, inner in value.items()}
    if isinstance(value, list):
        return [poison(inner, key) for inner in value]
    return HOSTILE if isinstance(value, str) and key not in ENUMERATED else value


def poison_map_values(incident):
    incident["reasons"] = dict.fromkeys(incident["reasons"], HOSTILE)
    return incident


@pytest.mark.parametrize("name", ["carpet", "syn-observe"])
def test_nothing_in_a_file_becomes_markup(name):
    """Strings and names everywhere in the file stay text; what acts on a terminal or turns text around is taken out."""
    shortened = {**SAMPLES[name], "decisions": SAMPLES[name]["decisions"][:3]}
    hostile = page_of(poison_map_values(poison(shortened)))
    kind = lambda text: [(tag, sorted(attrs)) for tag, attrs, _ in Page(text).elements]  # noqa: E731
    plain = {tag for tag, _ in kind(page_of(shortened))}
    assert {tag for tag, _ in kind(hostile)} <= plain
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e\ud800-\udfff]", hostile)
    assert hostile.count("</style>") == 1 and "{zone}%s" in hostile
    assert "<script>alert(1)</script>" in " ".join(text for text, _ in Page(hostile).texts)
    tree_of(hostile)


def fields(text):
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_both_languages_are_complete():
    """The same keys, filled by the same values, and Japanese is Japanese."""
    assert words_en.TEXT.keys() == words_ja.TEXT.keys()
    for key, english in words_en.TEXT.items():
        japanese = words_ja.TEXT[key]
        assert english.strip() and japanese.strip()
        assert key.startswith("action.") or fields(japanese) <= fields(english) | {"begin"}, key
        if not re.search(r"[\u3040-\u9fff]", japanese):
            assert key in ("seki", "figure.unknown", "figure.from_to", "estimate.span", "word.units"), f"{key} is not Japanese"
    assert not any(re.search(r"[\u3040-\u30ff]", text) for key, text in words_en.TEXT.items())


def test_every_word_is_used(monkeypatch):
    """Over all samples each key of each table is asked for: none is missing, none is idle."""
    used = set()
    ask = words.Words.__call__
    monkeypatch.setattr(words.Words, "__call__", lambda self, key, **values: used.add((self.lang, key)) or
                        ask(self, key, **values))
    for incident in [*SAMPLES.values(), *incidents.corners()]:
        page.html_of(copy.deepcopy(incident), "both")
    idle = {(lang, key) for lang in ("en", "ja") for key in words_en.TEXT} - used
    assert not idle


def names_in(path, pattern):
    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        return re.findall(pattern, file.read(), re.M)


def test_every_reason_and_vector_has_japanese():
    """A new row of reasons.def (kind DROP) or vectors.def needs one in tools/reporting/reasons_ja.py too."""
    reasons = names_in("lib/pkt/reasons.def", r'^REASON\(\w+, "(\w+)", DROP,')
    vectors = names_in("lib/pkt/vectors.def", r'^(?:VECTOR|REFLECTOR)\(\w+, "(\w+)", ')
    assert len(reasons) > 30 and len(vectors) > 50
    assert sorted(reasons_ja.REASONS) == sorted(reasons)
    assert sorted(reasons_ja.VECTORS) == sorted(vectors) == sorted(words_en.VECTORS)
    for table in (reasons_ja.REASONS, reasons_ja.VECTORS):
        titles = [title for title, _ in table.values()]
        assert len(titles) == len(set(titles))
        assert all(sentence.endswith("。") and re.search(r"[\u3040-\u9fff]", sentence) for _, sentence in table.values())


def test_japanese_page_has_no_english_but_what_is_marked(sample):
    """Sentences of the file are marked as English; all else between Japanese is a name."""
    _, text = sample
    for said, around in Page(text).texts:
        marked = [attrs["lang"] for _, attrs in around if "lang" in attrs]
        if "ja" in marked and marked[-1] == "ja" and not any(name == "code" for name, _ in around):
            assert not re.search(r"[A-Za-z]{2,} [a-z]{2,} [a-z]{2,}", said), said
