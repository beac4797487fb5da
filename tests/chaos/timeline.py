"""timeline.py - what was done to whom and when, for the report."""

import collections
import threading
import time


class Timeline:
    """Written by several threads."""

    def __init__(self, verbose=False):
        self._begun = time.monotonic()
        self._lock = threading.Lock()
        self.verbose = verbose
        self.lines = []
        self.counts = collections.Counter()

    def seconds(self):
        return time.monotonic() - self._begun

    def add(self, text):
        line = f"{self.seconds():7.1f} s  {text}"
        with self._lock:
            self.lines.append(line)
        if self.verbose:
            print(line, flush=True)

    def count(self, name, n=1):
        with self._lock:
            self.counts[name] += n
