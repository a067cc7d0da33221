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

# Runs beside the page, which is in a frame and whose policy forbids scripts of its own.
MEASURE = """
const out = {}, frame = document.getElementsByTagName('iframe')[0], d = frame.contentDocument;
const shown = e => e.getClientRects().length > 0;
out.lang = [...d.querySelectorAll('article')].filter(shown).map(e => e.lang);
out.wide = d.documentElement.scrollWidth - d.documentElement.clientWidth;
out.plots = [...d.querySelectorAll('svg')].filter(shown).length;
out.small = Math.min(...[...d.querySelectorAll('svg text')].filter(shown).map(e => e.getBoundingClientRect().height));
out.first = d.querySelector('.first').getBoundingClientRect().height;
out.meet = [];
for (const svg of [...d.querySelectorAll('svg')].filter(shown)) {
	const box = svg.getBoundingClientRect(), words = [...svg.querySelectorAll('text')];
	words.forEach((a, i) => {
		const p = a.getBoundingClientRect();
		if (p.left < box.left - 1 || p.right > box.right + 1 || p.top < box.top - 1 || p.bottom > box.bottom + 1)
			out.meet.push([a.textContent, 'the edge']);
		for (const b of words.slice(i + 1)) {
			const q = b.getBoundingClientRect();
			if (p.left + 1 < q.right && q.left + 1 < p.right && p.top + 4 < q.bottom && q.top + 4 < p.bottom)
				out.meet.push([a.textContent, b.textContent]);
		}
	});
}
document.body.setAttribute('data-found', JSON.stringify(out));
"""


def browse(where, *args):
    return subprocess.run([BROWSER, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={where}/profile", *args],
                          capture_output=True, text=True, check=True, timeout=120).stdout


def measure(where, text, width):
    """What MEASURE finds of a page in a window of this width."""
    outer = where / "outer.html"
    frame = f'<iframe style="border:0;width:{width}px;height:900px" srcdoc="{html.escape(text)}"></iframe>'
    outer.write_text(f"<!DOCTYPE html><meta charset='utf-8'><body>{frame}<script>addEventListener('load', () => {{"
                     f"{MEASURE}}})</script></body>", encoding="utf-8")
    dom = browse(where, "--dump-dom", "--virtual-time-budget=5000", "--window-size=1500,1000", outer.as_uri())
    return json.loads(html.unescape(re.search(r'data-found="([^"]*)"', dom)[1]))


@pytest.mark.parametrize("width", [390, 700, 1280])
@pytest.mark.parametrize("lang", ["en", "ja"])
@pytest.mark.parametrize("name", ["carpet", "hour", "open-observe", "bare"])
def test_nothing_is_cut_and_nothing_overlaps(tmp_path, name, lang, width):
    found = measure(tmp_path, page_of(SAMPLES[name], lang), width)
    assert found["lang"] == [lang]
    assert found["wide"] <= 0
    assert found["plots"] == (4 if SAMPLES[name]["timeline"] else 0)
    assert found["meet"] == []
    assert found["small"] is None or found["small"] >= 9


def test_a_hostile_name_does_not_widen_the_page(tmp_path):
    long = "x" * 400
    incident = {**SAMPLES["pulses"], "zone": long, "id": long, "features": [{"feature": "f", "value": long, "share": 1}]}
    assert measure(tmp_path, page_of(incident, "en"), 390)["wide"] <= 0


def test_one_language_is_shown(tmp_path):
    assert measure(tmp_path, page_of(SAMPLES["carpet"], "both"), 1280)["lang"] == ["en"]


@pytest.mark.parametrize("lang", ["en", "ja"])
@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_the_first_page_on_paper_holds_the_first_screen(tmp_path, name, lang):
    """As wide as A4 between its margins, and in the style of paper, it is no higher."""
    text = page_of(SAMPLES[name], lang)
    assert text.count("@media print") == 1
    assert 200 < measure(tmp_path, text.replace("@media print", "@media all"), 672)["first"] < PAPER


def test_it_prints(tmp_path):
    page, pdf = tmp_path / "page.html", tmp_path / "page.pdf"
    page.write_text(page_of(SAMPLES["syn-observe"]), encoding="utf-8")
    browse(tmp_path, f"--print-to-pdf={pdf}", page.as_uri())
    assert pdf.read_bytes().startswith(b"%PDF") and len(re.findall(rb"/Type\s*/Page\b", pdf.read_bytes())) >= 3
