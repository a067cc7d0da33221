# SPDX-License-Identifier: BSD-3-Clause
"""
Which texts C sources can write into a key of a JSON file: where a value comes from is followed through variables, members,
parameters and callers, back to string literals.

It knows as much of C as Seki's sources have, and says Lost where it cannot follow, so that nothing is missed in silence.
"""
import pathlib
import re
from dataclasses import dataclass, field

TOKEN = re.compile(r'//[^\n]*|/\*.*?\*/|^[ \t]*#(?:[^\n]*\\\n)*[^\n]*|"(?:\\.|[^"\\])*"|' r"'(?:\\.|[^'\\])+'|"
                   r"->|[=!<>]=|&&|\|\||[A-Za-z_]\w*|\d[\w.]*|\S", re.DOTALL | re.MULTILINE)
INTEGER = re.compile(r"%(?:l|ll|z|h|hh)?([ud])")
PRI = re.compile(r"PRI([ud])\d+")
ESCAPES = {'\\"': '"', "\\\\": "\\", "\\n": "\n", "\\t": "\t"}
NO_TEXT = ("NULL", "true", "false")
OPEN, CLOSE = "([{", ")]}"


class Lost(Exception):
    """Where a text comes from cannot be followed."""


@dataclass(eq=False)
class Function:
    """`body` and each of `parameters` are tokens."""

    name: str
    parameters: list
    body: list
    path: str
    static: bool


@dataclass(frozen=True)
class Text:
    """A format of printf, integers as %u and %d, and the argument of each of its conversions as a tuple of tokens."""

    format: str
    arguments: tuple = field(default=(), compare=False)
    function: Function = field(default=None, compare=False)


def tokens_of(source):
    return [token for token in TOKEN.findall(source) if token[:2] not in ("//", "/*") and not token.lstrip().startswith("#")]


def closing(tokens, at):
    """The place of what closes the bracket at `at`."""
    depth = 0
    for i in range(at, len(tokens)):
        depth += (tokens[i] in OPEN) - (tokens[i] in CLOSE)
        if depth == 0:
            return i
    raise Lost(f"a bracket that nothing closes: {' '.join(tokens[at:at + 20])}")


def split(tokens, mark):
    """Tokens between marks that are in no bracket."""
    out, depth = [[]], 0
    for token in tokens:
        depth += (token in OPEN) - (token in CLOSE)
        if token == mark and depth == 0:
            out.append([])
        else:
            out[-1].append(token)
    return out


def functions_of(path):
    tokens, at, start = tokens_of(path.read_text(encoding="utf-8")), 0, 0
    while at < len(tokens):
        if tokens[at] != "{":
            start = at + 1 if tokens[at] in ";}" else start
            at += 1
            continue
        end = closing(tokens, at)
        opened = tokens.index("(", start) if "(" in tokens[start:at] else -1
        if tokens[at - 1] == ")" and opened > start and "=" not in tokens[start:at]:
            yield Function(tokens[opened - 1], split(tokens[opened + 1:closing(tokens, opened)], ","), tokens[at + 1:end], str(path),
                           "static" in tokens[start:opened])
        at = start = end + 1


def names_of(function):
    """The name of each parameter: the last one that is not in the brackets of an array."""
    out = []
    for parameter in function.parameters:
        head = parameter[:parameter.index("[")] if "[" in parameter else parameter
        out.append(head[-1] if head else "")
    return out


def calls_in(tokens):
    """(name, arguments) of every call."""
    for i, token in enumerate(tokens[:-1]):
        if tokens[i + 1] == "(" and re.fullmatch(r"[A-Za-z_]\w*", token):
            yield token, split(tokens[i + 2:closing(tokens, i + 1)], ",")


def is_literal(tokens):
    return bool(tokens) and tokens[0][0] == '"' and all(token[0] == '"' or PRI.fullmatch(token) for token in tokens)


def literal(tokens):
    """Adjacent literals and macros of inttypes.h as one format."""
    text = "".join(PRI.fullmatch(token)[1] if token[0] != '"' else
                   re.sub(r"\\.", lambda found: ESCAPES[found[0]], token[1:-1]) for token in tokens)
    return INTEGER.sub(r"%\1", text)


def conversions(text):
    return len(re.findall(r"%[^%]", text.replace("%%", "")))


class Sources:
    """C files; `Sources(paths).written("why")` is all that a JSON key of that name can be."""

    def __init__(self, paths):
        self.functions = [function for path in map(pathlib.Path, paths) for function in functions_of(path)]
        self.seen, self.writes = set(), {}

    def named(self, name, path):
        """The functions that a call in that file can mean: its own static one, or those that are not static."""
        found = [function for function in self.functions if function.name == name]
        return [function for function in found if function.static and function.path == path] or \
            [function for function in found if not function.static]

    def written(self, key):
        self.seen, out = set(), []
        for function in self.functions:
            for name, arguments in calls_in(function.body):
                if name == "seki_json_text" and arguments[1] == [f'"{key}"']:
                    out += self.texts(function, arguments[2])
        return list(dict.fromkeys(out))

    def texts(self, function, tokens):
        """Every Text that an expression can be."""
        while tokens and tokens[0] == "(" and closing(tokens, 0) == len(tokens) - 1:
            tokens = tokens[1:-1]
        asked = split(tokens, "?")
        if len(asked) > 1:
            return self.of_choice(function, tokens)
        if is_literal(tokens):
            return [Text(literal(tokens), (), function)] if literal(tokens) else []
        if len(tokens) == 1 and re.fullmatch(r"[A-Za-z_]\w*", tokens[0]):
            return [] if tokens[0] in NO_TEXT else self.of_variable(function, tokens[0])
        if len(tokens) >= 3 and tokens[-2] in ("->", "."):
            return self.of_member(tokens[-1])
        if len(tokens) > 2 and tokens[1] == "(" and closing(tokens, 1) == len(tokens) - 1:
            return self.of_call(function, tokens[0])
        raise Lost(f"{function.path}: {function.name}: {' '.join(tokens)}")

    def of_choice(self, function, tokens):
        """condition ? one : other, where other may be such a choice again."""
        depth, nested, first, middle = 0, 0, None, None
        for i, token in enumerate(tokens):
            depth += (token in OPEN) - (token in CLOSE)
            if depth == 0 and token == "?":
                nested += 1
                first = i if first is None else first
            elif depth == 0 and token == ":":
                nested -= 1
                if nested == 0:
                    middle = i
                    break
        if middle is None:
            raise Lost(f"{function.path}: {function.name}: {' '.join(tokens)}")
        return self.texts(function, tokens[first + 1:middle]) + self.texts(function, tokens[middle + 1:])

    def of_call(self, caller, name):
        """What the function returns that is called by this name."""
        found = self.named(name, caller.path)
        if not found:
            raise Lost(f"{caller.path}: {caller.name}: {name}() is in none of the sources")
        out = []
        for function in found:
            if not self.is_new("call", function, name):
                continue
            for i, token in enumerate(function.body):
                if token == "return":
                    out += self.texts(function, function.body[i + 1:function.body.index(";", i)])
        return out

    def is_new(self, *what):
        key = tuple(id(part) if isinstance(part, Function) else part for part in what)
        known = key in self.seen
        self.seen.add(key)
        return not known

    def of_variable(self, function, name):
        """What is assigned to it, what snprintf writes into it, or what callers give for it."""
        if not self.is_new("variable", function, name):
            return []
        known, out = False, []
        for expression in assigned(function.body, name):
            known = True
            out += self.texts(function, expression)
        written, more = self.filled(function, [name])
        out += more
        if name in names_of(function):
            known = True
            out += self.of_parameter(function, names_of(function).index(name))
        if not known and not written:
            raise Lost(f"{function.path}: {function.name}: nothing is assigned to {name}")
        return out

    def of_parameter(self, function, place):
        """What all callers give for a parameter."""
        out = []
        for caller in self.functions:
            for name, arguments in calls_in(caller.body):
                if name == function.name and function in self.named(name, caller.path):
                    if place >= len(arguments):
                        raise Lost(f"{caller.path}: {caller.name}: {name} has not all of its arguments")
                    out += self.texts(caller, arguments[place])
        return out

    def of_member(self, name):
        """What is written into a member of that name, of any structure."""
        if not self.is_new("member", name):
            return []
        known, out = False, []
        for function in self.functions:
            for mark in ("->", "."):
                written, more = self.filled(function, [mark, name])
                known |= written
                out += more
            for i in range(1, len(function.body) - 2):
                if function.body[i:i + 3] == [".", name, "="] and function.body[i - 1] in "{,":
                    known = True
                    out += self.texts(function, split(rest_of(function.body, i + 3), ",")[0])
        if not known:
            raise Lost(f"nothing writes a member {name}")
        return out

    def filled(self, function, target):
        """(whether anything is, Texts) of what calls write into an array; its name or its last tokens are `target`."""
        known, out = False, []
        for name, arguments in calls_in(function.body):
            for place, argument in enumerate(arguments):
                if argument != target if len(target) == 1 else argument[-2:] != target:
                    continue
                if name == "snprintf" and place == 0:
                    known = True
                    out += self.printed(function, arguments[2], arguments[3:])
                elif name in ("memcpy", "memmove", "strcpy", "strncpy", "strcat", "strncat", "sprintf", "vsnprintf") and place == 0:
                    raise Lost(f"{function.path}: {function.name}: {name} into {''.join(target)}")
                elif name not in ("if", "while", "for", "switch", "return"):
                    written, more = self.by_parameter(self.named(name, function.path), place)
                    known |= written
                    out += more
        return known, out

    def by_parameter(self, functions, place):
        """What functions write into the array that they are given there."""
        known, out = False, []
        for function in functions:
            if place >= len(function.parameters):
                continue
            if self.is_new("out", function, place):
                written, more = self.filled(function, [names_of(function)[place]])
                self.writes[function, place] = written
                out += more
            known |= self.writes.get((function, place), False)
        return known, out

    def printed(self, function, template, arguments):
        """What snprintf makes of a format: of "%s" alone, whatever its argument is."""
        out = []
        for text in self.texts(function, template):
            if text.format == "%s":
                out += self.texts(function, arguments[0])
                continue
            if conversions(text.format) != len(arguments):
                raise Lost(f"{function.path}: {function.name}: {text.format}")
            out.append(Text(text.format, tuple(map(tuple, arguments)), function))
        return out


def rest_of(tokens, at):
    """From there to what ends the statement, or the bracket that it is in."""
    depth = 0
    for i in range(at, len(tokens)):
        depth += (tokens[i] in OPEN) - (tokens[i] in CLOSE)
        if depth < 0 or (depth == 0 and tokens[i] == ";"):
            return tokens[at:i]
    return tokens[at:]


def assigned(tokens, name):
    """Expressions that are assigned to a variable, also at its declaration, also if it is an array."""
    for i, token in enumerate(tokens):
        if token != name or (i and tokens[i - 1] in ("->", ".")):
            continue
        at = closing(tokens, i + 1) + 1 if tokens[i + 1:i + 2] == ["["] else i + 1
        if tokens[at:at + 1] == ["="]:
            yield split(rest_of(tokens, at + 1), ",")[0]
