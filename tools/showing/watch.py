# SPDX-License-Identifier: BSD-3-Clause
"""Waits for lines of several processes and for signals at the same time."""
import os
import selectors
import signal
import time

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(Exception):
    """A signal asked for the end."""

    def __init__(self, number):
        super().__init__(signal.Signals(number).name)
        self.exit_code = 128 + number


class Watch:
    """
    A signal is noted whenever it comes, and raised as Stopped only by next(): whoever cleans up is never interrupted.
    """

    def __init__(self):
        self.stopped_by = None
        self.waiting = []
        self.rest = {}
        self.selector = selectors.DefaultSelector()
        wake, self.wakeup = os.pipe()
        os.set_blocking(self.wakeup, False)
        self.selector.register(wake, selectors.EVENT_READ)
        signal.set_wakeup_fd(self.wakeup, warn_on_full_buffer=False)
        for number in SIGNALS:
            signal.signal(number, self.note)

    def note(self, number, _frame):
        self.stopped_by = self.stopped_by or number

    def add(self, name, file):
        """Lines of the file are said to be of `name`."""
        self.selector.register(file, selectors.EVENT_READ, name)
        self.rest[name] = b""

    def next(self, seconds):
        """The next (name, line), in the order of each file; a line of None is its end. None: the time is over."""
        end = time.monotonic() + seconds
        while not self.waiting:
            left = end - time.monotonic()
            if self.stopped_by is None and left > 0:
                self.take(self.selector.select(left))
            if self.stopped_by is not None:
                raise Stopped(self.stopped_by)
            if left <= 0 and not self.waiting:
                return None
        return self.waiting.pop(0)

    def take(self, ready):
        for key, _ in ready:
            data = os.read(key.fd, 65536)
            if key.data is None:
                continue  # the signal's own: its handler has run
            lines = (self.rest[key.data] + data).split(b"\n")
            self.rest[key.data] = lines.pop()
            if not data:
                self.selector.unregister(key.fileobj)
                lines += [self.rest.pop(key.data)] if self.rest[key.data] else []
            self.waiting += [(key.data, line.decode("utf-8", "replace")) for line in lines]
            if not data:
                self.waiting.append((key.data, None))
