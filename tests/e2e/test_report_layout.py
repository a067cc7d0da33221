# SPDX-License-Identifier: BSD-3-Clause
"""
Pages of tools/report in a real browser, where there is one: nothing is wider than the window, no word of a plot lies on
another, the first page on paper holds the first screen. Fonts are those of the machine.
"""
import html
import json
import re
import shutil
import subprocess

import pytest

import incidents
from pages import page_of

BROWSER = shutil.which("chromium")
pytestmark = pytest.mark.skipif(not BROWSER, reason="no chromium here: apt-get install chromium to see pages laid out")

SAMPLES = incidents.samples()
PAPER = 1123 - 117  # the height of A4 at 96 to the inch, less its margins (15 and 16 mm)

# Runs beside the pages, which are in frames and whose policy forbids scripts of their own.
MEASURE = """
const shown = e => e.getClientRects().length > 0;
function meetings(svg) {
	const edge = svg.getBoundingClientRect(), found = [];
	const boxes = [...svg.querySelectorAll('text')].map(e => [e.getBoundingClientRect(), e.textContent]);
	boxes.forEach(([p, word], i) => {
		if (p.left < edge.left - 1 || p.right > edge.right + 1 || p.top < edge.top - 1 || p.bottom > edge.bottom + 1)
			found.push([word, 'the edge']);
		for (const [q, other] of boxes.slice(i + 1))
			if (p.left + 1 < q.right && q.left + 1 < p.right && p.top + 4 < q.bottom && q.top + 4 < p.bottom)
				found.push([word, other]);
	});
	return found;
}
function measure(d) {
	const plots = [...d.querySelectorAll('svg')].filter(shown);
	const words = [...d.querySelectorAll('svg text')].filter(shown);
	return {
		lang: [...d.querySelectorAll('article')].filter(shown).map(e => e.lang),
		wide: d.documentElement.scrollWidth - d.documentElement.clientWidth,
		plots: plots.length,
		small: Math.min(99, ...words.map(e => e.getBoundingClientRect().height)),
		first: d.querySelector('.first').getBoundingClientRect().height,
		meet: plots.flatMap(meetings),
	};
}
addEventListener('load', () => {
	const found = [...document.getElementsByTagName('iframe')].map(e => measure(e.contentDocument));
	document.body.setAttribute('data-found', JSON.stringify(found));
});
"""


def browse(where, *args):
    return subprocess.run([BROWSER, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={where}/profile", *args],
                          capture_output=True, text=True, check=True, timeout=120).stdout


def measure(where, *pages):
    """What MEASURE finds of each (page, width of its window)."""
    outer = where / "outer.html"
    frames = "".join(f'<iframe style="border:0;width:{width}px;height:900px" srcdoc="{html.escape(text)}"></iframe>'
                     for text, width in pages)
    outer.write_text(f"<!DOCTYPE html><meta charset='utf-8'><script>{MEASURE}</script><body>{frames}</body>", encoding="utf-8")
    dom = browse(where, "--dump-dom", "--virtual-time-budget=5000", "--window-size=1500,1000", outer.as_uri())
    return json.loads(html.unescape(re.search(r'data-found="([^"]*)"', dom)[1]))


@pytest.mark.parametrize("name", ["carpet", "hour", "open-observe", "bare"])
def test_nothing_is_cut_and_nothing_overlaps(tmp_path, name):
    """On a telephone, on a tablet and on a screen, in both languages."""
    wanted = [(lang, width) for lang in ("en", "ja") for width in (390, 700, 1280)]
    found = measure(tmp_path, *((page_of(SAMPLES[name], lang), width) for lang, width in wanted))
    plots = 4 if SAMPLES[name]["timeline"] else 0
    for (lang, width), page in zip(wanted, found, strict=True):
        assert page["lang"] == [lang] and page["plots"] == plots
        assert page["wide"] <= 0, f"{lang} {width}"
        assert page["meet"] == [], f"{lang} {width}"
        assert page["small"] >= 9, f"{lang} {width}"


def test_a_hostile_name_does_not_widen_the_page(tmp_path):
    long = "x" * 400
    incident = {**SAMPLES["pulses"], "zone": long, "id": long, "features": [{"feature": "f", "value": long, "share": 1}]}
    assert measure(tmp_path, (page_of(incident, "en"), 390))[0]["wide"] <= 0


def test_one_language_is_shown(tmp_path):
    assert measure(tmp_path, (page_of(SAMPLES["carpet"], "both"), 1280))[0]["lang"] == ["en"]


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_the_first_page_on_paper_holds_the_first_screen(tmp_path, name):
    """As wide as A4 between its margins, and in the style of paper, it is no higher."""
    pages = [page_of(SAMPLES[name], lang) for lang in ("en", "ja")]
    assert [text.count("@media print") for text in pages] == [1, 1]
    found = measure(tmp_path, *((text.replace("@media print", "@media all"), 672) for text in pages))
    assert [page["first"] for page in found if not 200 < page["first"] < PAPER] == []


def test_it_prints(tmp_path):
    page, pdf = tmp_path / "page.html", tmp_path / "page.pdf"
    page.write_text(page_of(SAMPLES["syn-observe"]), encoding="utf-8")
    browse(tmp_path, f"--print-to-pdf={pdf}", page.as_uri())
    assert pdf.read_bytes().startswith(b"%PDF") and len(re.findall(rb"/Type\s*/Page\b", pdf.read_bytes())) >= 3
