# SPDX-License-Identifier: BSD-3-Clause
"""Elements of HTML and SVG. Whatever is not Markup is text, and is escaped: nothing in a file can become an element.

What comes out is well-formed XML too, so that a test can read it with a strict parser.
"""
import unicodedata

VOID = {"br", "input", "meta"}
# They turn the order of what stands beside them around, so that a name could pose as a number.
BIDI = set("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;"}


class Markup(str):
    """A string that is markup already."""


def clean_character(c):
    if c in "\t\n\r":
        return " "
    if c in BIDI or c in "\ufffe\uffff" or unicodedata.category(c) in ("Cc", "Cs"):
        return "\ufffd"
    return ESCAPES.get(c, c)


def escape(text):
    """Text as markup; controls, halves of characters and changes of direction become U+FFFD."""
    return Markup("".join(map(clean_character, str(text))))


def join(parts):
    """Markup of parts that are Markup, text, None (nothing) or lists of these."""
    out = []
    for part in parts:
        if isinstance(part, (list, tuple)):
            out.append(join(part))
        elif part is not None:
            out.append(part if isinstance(part, Markup) else escape(part))
    return Markup("".join(out))


def tag(name, /, *children, **attributes):
    """
    An element. Attributes: a last underscore is dropped (class_), others become hyphens (aria_label); None leaves the
    attribute out, True writes its name as its value.
    """
    words = "".join(f' {key.rstrip("_").replace("_", "-")}="{escape(key if value is True else value)}"'
                    for key, value in attributes.items() if value is not None)
    if name in VOID:
        return Markup(f"<{name}{words}/>")
    return Markup(f"<{name}{words}>{join(children)}</{name}>")
