#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Resolves what the documentation points at: markdown links to files, and `path/file.c:function` to code."""

import pathlib
import re
import sys

ROOT = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()
LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)(?:#[^)]*)?\)")
CODE = re.compile(r"`((?:app|lib|tools|tests|conf|docs)/[\w./-]+)(?::(\w+))?`")


def mistakes_in(page):
    text = page.read_text(encoding="utf-8")
    for target in LINK.findall(text):
        if not re.match(r"[a-z]+:", target) and not (page.parent / target).exists():
            yield f"{page.relative_to(ROOT)}: link to {target}, which does not exist"
    for path, name in CODE.findall(text):
        file = ROOT / path
        if not file.exists():
            yield f"{page.relative_to(ROOT)}: names {path}, which does not exist"
        elif name and not re.search(rf"^(?:[\w ]+[ *])?{name}\(", file.read_text(encoding="utf-8"), re.M):
            yield f"{page.relative_to(ROOT)}: names {path}:{name}, which is not defined there"


def main():
    pages = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
    mistakes = [m for page in pages for m in mistakes_in(page)]
    for mistake in mistakes:
        print(mistake)
    checked = sum(len(LINK.findall(p.read_text())) + len(CODE.findall(p.read_text())) for p in pages)
    print(f"{checked} links checked, {len(mistakes)} broken")
    return 1 if mistakes or checked == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
