# SPDX-License-Identifier: BSD-3-Clause
"""The page: one article for each language, in one file that needs nothing but itself.

Two languages are switched by radio buttons and CSS, without a script. A policy in the head forbids the browser to load or
run anything, should a string of the file ever get through as markup.
"""
import pathlib

from .incident import Incident
from .markup import Markup, join, tag
from .sections import Sections
from .summary import Summary
from .words import Words

LANGUAGES = {"en": ("en",), "ja": ("ja",), "both": ("en", "ja")}
POLICY = "default-src 'none'; style-src 'unsafe-inline'"
STYLE = pathlib.Path(__file__).with_name("style.css")


def article(incident, words):
    footer = tag("footer", tag("p", words("footer", id=incident["id"], format=incident["format"])),
                 tag("p", words("times", zone_name=words.numbers.zone_name)))
    return tag("article", Summary(incident, words).page(), tag("main", Sections(incident, words).all()), footer,
               lang=words.lang, class_=words.lang)


def switch(languages):
    """A button for each language; nothing where there is one."""
    if len(languages) == 1:
        return None
    buttons = [tag("input", type="radio", name="lang", id=f"show-{words.lang}", class_="show",
                   checked=True if i == 0 else None) for i, words in enumerate(languages)]
    labels = [tag("label", words("language"), for_=f"show-{words.lang}", lang=words.lang) for words in languages]
    return join([buttons, tag("nav", labels, class_="switch")])


def html_of(data, language):
    """The page of an incident that schema.read has returned; language is a key of LANGUAGES."""
    incident = Incident(data)
    languages = [Words(lang) for lang in LANGUAGES[language]]
    titles = [words("title", zone=incident.zone, day=words.numbers.day(incident.began)) for words in languages]
    head = tag("head", tag("meta", charset="utf-8"),
               tag("meta", http_equiv="Content-Security-Policy", content=POLICY),
               tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
               tag("meta", name="color-scheme", content="light dark"), tag("meta", name="robots", content="noindex"),
               tag("title", " / ".join(titles)), tag("style", Markup(STYLE.read_text(encoding="utf-8"))))
    body = tag("body", switch(languages), [article(incident, words) for words in languages])
    return "<!DOCTYPE html>\n" + tag("html", head, body, lang=languages[0].lang,
                                     xmlns="http://www.w3.org/1999/xhtml") + "\n"
