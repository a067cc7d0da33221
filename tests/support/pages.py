# SPDX-License-Identifier: BSD-3-Clause
"""Makes pages with tools/report and takes them apart."""
import html.parser
import json
import os
import subprocess

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
VOID = {"br", "input", "meta"}


def report(incident, *args, cwd=None):
    """tools/report of an incident (or of the bytes of a file) on its standard input; the finished process."""
    data = incident if isinstance(incident, bytes) else json.dumps(incident).encode()
    return subprocess.run([os.path.join(ROOT, "tools/report"), "-", *args], input=data, capture_output=True, check=False,
                          timeout=60, cwd=cwd)


def page_of(incident, lang="both"):
    done = report(incident, "-o", "-", "--lang", lang)
    assert done.returncode == 0, done.stderr.decode()
    assert done.stderr == b""
    return done.stdout.decode("utf-8")


class Page(html.parser.HTMLParser):
    """
    Every element as (name, attributes, names of those around it), and every text as (text, elements around it, each as
    (name, attributes)). What is opened must be closed, in order.
    """

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.open, self.elements, self.texts = [], [], []
        self.feed(text)
        self.close()
        assert not self.open, f"never closed: {self.open}"

    def handle_starttag(self, tag, attrs):
        assert len(dict(attrs)) == len(attrs), f"an attribute twice: {tag} {attrs}"
        self.elements.append((tag, dict(attrs), [name for name, _ in self.open]))
        if tag not in VOID:
            self.open.append((tag, dict(attrs)))

    def handle_startendtag(self, tag, attrs):
        assert tag in VOID, f"{tag} closes itself"
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag):
        assert self.open and self.open[-1][0] == tag, f"{tag} closes {self.open}"
        self.open.pop()

    def handle_data(self, data):
        self.texts.append((data, list(self.open)))

    def text_in(self, kind, lang):
        """The text inside elements of a class, in the article of a language."""
        return " ".join(text for text, around in self.texts
                        if any(kind in attrs.get("class", "").split() for _, attrs in around)
                        and any(name == "article" and attrs["lang"] == lang for name, attrs in around))
