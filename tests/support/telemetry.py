# SPDX-License-Identifier: BSD-3-Clause
"""A small client for DPDK's telemetry v2 socket (SOCK_SEQPACKET: one request, one JSON reply)."""
import json
import os
import socket

# What the library gives one reply; a longer one arrives cut, so a well-paged command stays below it.
REPLY_MAX = 16 * 1024


def runtime_dir(prefix, uid=0):
    """Where EAL keeps the sockets of the process with this --file-prefix."""
    if uid == 0:
        return f"/var/run/dpdk/{prefix}"
    return f"{os.environ.get('XDG_RUNTIME_DIR', '/tmp')}/dpdk/{prefix}"


class Telemetry:
    """One connection. Use as a context manager: the library serves ten clients at most."""

    def __init__(self, path, timeout=10.0):
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

    def raw(self, command):
        """The reply's bytes."""
        self.socket.send(command if isinstance(command, bytes) else command.encode())
        return self.socket.recv(self.greeting.get("max_output_len", REPLY_MAX) + 4096)

    def ask(self, command):
        """The value that the reply holds under the command's name; None if the command was refused."""
        reply = json.loads(self.raw(command))
        return reply.get(command.split(",")[0])

    def pages(self, command, key, first=None):
        """
        All entries of a paged command (offset,limit in; total,next out), merged into one dict. `first` stands before
        the offset, for commands that take a name there.
        """
        merged, offset, before = {}, 0, f"{first}," if first is not None else ""
        while True:
            page = self.ask(f"{command},{before}{offset}")
            assert page["next"] > offset or page["next"] == page["total"], (command, page)
            merged.update(page[key])
            offset = page["next"]
            if offset >= page["total"]:
                assert len(merged) == page["total"], (command, len(merged), page["total"])
                return merged
