"""speech.py - the messages of the plan are written, each at its moment.

Each stream (dialog and origin) has one speaker, so that it is written in
order.  What cannot be written yet (an answer before there is a topic, the
REST API during an outage) is written later, in order all the same.
"""

import json
import threading
from http.client import HTTPException

from lib.rest import http_call

SPEAKERS = 6
RETRY_S = 0.2
# The API is away no longer than that, or something is wrong.
REST_PATIENCE_S = 120


class Speech:
    def __init__(self, stack, cast, streams, timeline):
        self._stack = stack
        self._cast = cast
        self._timeline = timeline
        self._stop = threading.Event()
        self.written = 0
        self.problems = []
        self._lock = threading.Lock()
        # REST waits for outages; it has speakers of its own.
        by_rest = [s for s in streams if s[0].origin == "web"]
        others = [s for s in streams if s[0].origin != "web"]
        self._threads = [
            threading.Thread(target=self._speak, args=(group[i::SPEAKERS],),
                             daemon=True)
            for group in (by_rest, others) for i in range(SPEAKERS)]

    def start(self):
        for thread in self._threads:
            thread.start()

    def is_over(self):
        return not any(thread.is_alive() for thread in self._threads)

    def stop(self):
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _speak(self, streams):
        messages = sorted((m for stream in streams for m in stream),
                          key=lambda m: m.at)
        # Streams that wait for their topic; a list for each dialog.
        waiting = {}
        for m in messages:
            self._stop.wait(m.at - self._timeline.seconds())
            if self._stop.is_set():
                return
            self._flush(waiting)
            if m.origin in ("buyer", "seller"):
                self._write(m)
            else:
                waiting.setdefault(m.dialog, []).append(m)
                self._flush(waiting, m.dialog)
        while waiting and not self._stop.is_set():
            self._flush(waiting)
            self._stop.wait(RETRY_S)

    def _flush(self, waiting, only=None):
        for k in [only] if only is not None else list(waiting):
            dialog = self._cast.dialogs[k]
            if dialog.topic is None:
                continue
            for m in waiting.pop(k):
                self._write(m)

    def _write(self, m):
        dialog = self._cast.dialogs[m.dialog]
        try:
            if m.origin == "buyer":
                dialog.chat.say(m.text, webhook=dialog.told)
            elif m.origin == "seller":
                dialog.chat.seller_says(m.text, webhook=dialog.told)
            elif m.origin == "operator":
                dialog.seller.write(dialog.topic, text=m.text)
            else:
                self._post(m, dialog)
        except Exception as error:  # pylint: disable=broad-except
            with self._lock:
                self.problems.append(f"{m.text[-20:]}: {error!r}")
            return
        with self._lock:
            self.written += 1

    def _post(self, m, dialog):
        """Until it is known to be stored: the same client_ref is the same
        message."""
        body = json.dumps({"text": m.text,
                           "client_ref": f"{m.dialog}-{m.at:.6f}"}).encode()
        headers = {"Authorization": f"Bearer {self._cast.token}",
                   "Content-Type": "application/json"}
        deadline = self._timeline.seconds() + REST_PATIENCE_S
        while True:
            try:
                answer = http_call(self._stack.url, "POST",
                                   f"/api/dialogs/{dialog.id}/messages",
                                   body, headers)
                if answer.status == 201:
                    return
                if answer.status not in (429, 502, 503, 504):
                    raise AssertionError(f"REST answers {answer}")
                last = str(answer.status)
            except (OSError, HTTPException) as error:
                last = repr(error)
            if self._timeline.seconds() > deadline:
                raise AssertionError(f"REST is away for too long: {last}")
            self._stop.wait(RETRY_S)
