#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Fails when docs/NAME.md differs from what seki-docs writes: compare.py SEKI-DOCS NAME DOCS-DIRECTORY."""
import difflib
import pathlib
import subprocess
import sys

program, name, docs = sys.argv[1:]
wanted = subprocess.run([program, name], check=True, stdout=subprocess.PIPE, encoding="utf-8").stdout
page = pathlib.Path(docs) / f"{name}.md"
found = page.read_text(encoding="utf-8") if page.exists() else ""
difference = list(difflib.unified_diff(found.splitlines(), wanted.splitlines(), f"docs/{name}.md", "the tables", lineterm=""))
print("\n".join(difference[:60]))
if difference or not wanted:
    sys.exit(f"docs/{name}.md is out of date: run seki-docs {name} > docs/{name}.md")
