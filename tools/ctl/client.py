# SPDX-License-Identifier: BSD-3-Clause
"""Seki's telemetry: DPDK's v2 socket, one request and one JSON reply at a time."""
import glob
import json
import os
import socket

RUNTIME_DIRS = ("/var/run/dpdk", "{XDG_RUNTIME_DIR}/dpdk", "/tmp/dpdk")
SOCKET = "dpdk_telemetry.v2"
REPLY_MAX = 16 * 1024
# The library's threads share what splits parameters: now and then one client gets the answer to another's question.
TRIES = 5


class Failure(Exception):
    """Something that the operator is to be told in one line."""


class Connection:
    """One connection to one socket."""

    def __init__(self, path, timeout=10.0):
        self.path = path
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.socket.settimeout(timeout)
        try:
            self.socket.connect(path)
            self.greeting = json.loads(self.socket.recv(4096))
        except BaseException:
            self.socket.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def ask(self, command, *parameters):
        """The value of the reply; None if the command was refused."""
        request = ",".join([command, *map(str, parameters)])
        try:
            self.socket.send(request.encode("utf-8", "surrogateescape"))
            reply = self.socket.recv(self.greeting.get("max_output_len", REPLY_MAX) + 4096)
            return joined(json.loads(reply).get(command))
        except (OSError, ValueError) as error:
            raise Failure(f"{self.path}: no answer to {command}: {error}") from None

    def answer(self, command, *parameters, fits):
        """The same, where `fits` says of a reply whether it is to this question."""
        for _ in range(TRIES):
            reply = self.ask(command, *parameters)
            if reply is None or fits(reply):
                return reply
        raise Failure(f"{command}: another client's questions come in between; try again")

    def pages(self, command, key, *before, most=None):
        """All rows of a list, or the first `most`, with the last page; None if the command was refused."""
        rows, offset = [], 0
        while True:
            page = self.answer(command, *before, offset,
                               fits=lambda reply, at=offset: reply["offset"] == min(at, reply["total"]))
            if page is None:
                return None
            rows += list((page[key] or {}).values())
            offset = page["next"]
            if offset >= page["total"] or not page[key] or (most is not None and len(rows) >= most):
                return {**page, key: rows[:most]}


def joined(value):
    """Texts come as lists of pieces under these names."""
    if isinstance(value, dict):
        return {key: "".join(item) if key in ("why", "seen", "file") or is_sentence(key) and isinstance(item, list)
                else joined(item) for key, item in value.items()}
    return value


def is_sentence(key):
    return len(key) == 3 and key[0] == "s" and key[1:].isdigit()


def candidates(prefix):
    """Sockets that there are, of one --file-prefix or of all."""
    for pattern in RUNTIME_DIRS:
        try:
            base = pattern.format(**os.environ)
        except KeyError:
            continue
        yield from sorted(glob.glob(os.path.join(glob.escape(base), glob.escape(prefix) if prefix else "*", SOCKET)))


def is_seki(path):
    try:
        with Connection(path, timeout=2.0) as connection:
            return connection.ask("/seki/info") is not None
    except (OSError, ValueError, Failure):
        return False


def connect(path=None, prefix=None):
    """The Seki of that socket, or of that prefix, or the one that runs."""
    if path is None:
        there = list(candidates(prefix))
        found = [one for one in there if is_seki(one)]
        if len(found) > 1:
            names = ", ".join(os.path.basename(os.path.dirname(one)) for one in found)
            raise Failure(f"more than one Seki runs: say which, with --prefix ({names})")
        if not found:
            where = f"with the prefix \"{prefix}\"" if prefix else "under /var/run/dpdk"
            more = f" ({len(there)} socket(s) there, none that answers as Seki)" if there else ""
            raise Failure(f"no Seki answers {where}{more}: is `seki run` running, with telemetry.enable true, "
                          "and are you its user?")
        path = found[0]
    try:
        return Connection(path)
    except FileNotFoundError:
        raise Failure(f"{path} is not there: is `seki run` running, with telemetry.enable true?") from None
    except PermissionError:
        raise Failure(f"{path}: permission denied: run it as the user that runs Seki") from None
    except (OSError, ValueError) as error:
        raise Failure(f"{path}: {error}: nobody answers there") from None
