"""scene.py - the stack on which it all happens, from start to verdict."""

import dataclasses
import json
import os
import re
import threading
import time

import robots
import verdict as verdicts
from actors import Actors
from betrayals import Betrayals
from cast import Cast
from lib.db import DbError
from lib.openapi import OpenApi
from lib.rest import http_call
from lib.stack import Stack
from lib.unsure import unsure_sends
from lib.wait import until
from speech import Speech
from timeline import Timeline

SETTINGS = {"POLL_INTERVAL_MS": "1000"}
# An update or webhook that nobody takes comes again until somebody does.
SANDBOX = {
    "avito_webhook_attempts": 1000,
    "avito_webhook_spacing_ms": 500,
    "telegram_webhook_backoff_ms": 200,
    "telegram_webhook_backoff_max_ms": 1000,
    "telegram_rate_limits": True,
}
# Topics and what else a look at the database tells.
LEARN_S = 0.5
# When all is well again: the last words are written, all is delivered.
SPEECH_S = 120
DRAIN_S = 240
# The clock is moved so far each second of the drain, far less than a lease.
HURRY_S = 5
PAUSE_S = 1


@dataclasses.dataclass
class Size:
    dialogs: int
    # Dialogs of the first group, and of each other.
    crowd: int
    group: int
    messages: int
    seconds: int
    kills: int
    betrayals: int


class Scene:
    def __init__(self, plan, verbose):
        self.plan = plan
        self.stack = Stack(SETTINGS, daemons=2)
        self.timeline = Timeline(verbose)
        self.cast = self.speech = None
        self.unsure = self.drained_s = 0
        self._stop = threading.Event()
        self._problems = []
        # The port by which the daemons reach Avito and Telegram.
        self._door = None

    def up(self):
        stack = self.stack
        stack.up()
        stack.skew_clock("sandbox", self.plan.skew_s)
        self._door = stack.sandbox.post("doors")["port"]
        api = f"http://127.0.0.1:{self._door}"
        stack.change({"AVITO_API_BASE": f"{api}/avito",
                      "TELEGRAM_API_BASE": f"{api}/telegram"})
        stack.skew_clock("daemon2", self.plan.daemon_skew_s)
        stack.sandbox.patch("settings", **SANDBOX)
        openapi = OpenApi(http_call(stack.url, "GET", "/openapi.json").json)
        self.cast = Cast(stack, openapi, self.plan.size)

    def down(self):
        self.stack.down()

    # --- the play ---

    def play(self):
        """Until the last moment of the plan."""
        self.timeline = Timeline(self.timeline.verbose)
        self.speech = Speech(self.stack, self.cast, self.plan.streams,
                             self.timeline)
        threads = [threading.Thread(target=self._guarded, args=(run,),
                                    daemon=True)
                   for run in (self._kill, self._betray, self._learn)]
        self.speech.start()
        for thread in threads:
            thread.start()
        for thread in threads[:2]:
            thread.join()
        try:
            until(self.speech.is_over, "everything is written", SPEECH_S,
                  PAUSE_S)
        finally:
            self.speech.stop()
            self._stop.set()
            threads[2].join()
        problems = self._problems + self.speech.problems
        assert not problems, "; ".join(problems[:5])

    def _guarded(self, run):
        try:
            run()
        except Exception as error:  # pylint: disable=broad-except
            self._problems.append(f"{run.__name__}: {error!r}")

    def _until(self, at):
        """Waits for that moment of the plan."""
        self._stop.wait(at - self.timeline.seconds())

    def _kill(self):
        """Kills and starts in order of time; who is dead may wait while the
        next one dies."""
        actors = Actors(self.stack, self.timeline)
        starts = []
        for kill in self.plan.kills:
            self._start_due(actors, starts, kill.at)
            self._until(kill.at)
            for name in actors.kill(kill):
                if name not in (n for _, n in starts):
                    starts.append((self.timeline.seconds() + kill.down_s,
                                   name))
        self._start_due(actors, starts, float("inf"))
        actors.heal()

    def _start_due(self, actors, starts, before):
        starts.sort()
        while starts and starts[0][0] < before:
            at, name = starts.pop(0)
            self._until(at)
            actors.start(name)

    def _betray(self):
        betrayals = Betrayals(self.stack, self.cast.accounts(), self._door,
                              self.plan.skew_s, self.timeline)
        ends = []
        for betrayal in self.plan.betrayals:
            self._end_due(betrayals, ends, betrayal.at)
            self._until(betrayal.at)
            begun = betrayals.begin(betrayal)
            if begun:
                ends.append((self.timeline.seconds() + betrayal.last_s,
                             len(ends), begun))
        self._end_due(betrayals, ends, float("inf"))

    def _end_due(self, betrayals, ends, before):
        ends.sort(key=lambda end: end[:2])
        while ends and ends[0][0] < before:
            at, _, begun = ends.pop(0)
            self._until(at)
            betrayals.end(begun)

    def _learn(self):
        while not self._stop.is_set():
            self.cast.learn()
            self._stop.wait(LEARN_S)

    # --- afterwards ---

    def drain(self):
        """All is well again; until nothing is on its way any more and every
        account was read once more.  None, or what is still to be done."""
        self.stack.sandbox.delete("faults")
        begun = time.monotonic()
        try:
            until(self._is_drained, "the queue is drained", DRAIN_S, PAUSE_S)
            since = self.stack.now() + abs(self.plan.daemon_skew_s)
            until(lambda: self._is_polled(since) and self._is_drained(),
                  "all accounts are read once more", DRAIN_S, PAUSE_S)
        except AssertionError as error:
            return f"{error}; {self._what_waits()}"
        finally:
            self.drained_s = time.monotonic() - begun
        return None

    def _what_waits(self):
        lanes = self.stack.db.rows(
            "SELECT direction, coalesce(held_by, 'nothing'), count(*)"
            " FROM lanes WHERE head_seq <= last_seq GROUP BY 1, 2")
        webhooks = self.stack.sandbox.get("version")["webhooks"]
        return f"lanes (direction, held by, count): {lanes}; webhooks: " \
            f"{webhooks}"

    def _is_drained(self):
        self.stack.move_clock(HURRY_S)
        webhooks = self.stack.sandbox.get("version")["webhooks"]
        if webhooks["waiting"] or webhooks["in_flight"]:
            return False
        try:
            return self.stack.db.one(
                "SELECT NOT EXISTS (SELECT 1 FROM lanes"
                "   WHERE head_seq <= last_seq) AND count(*) >= %s AND "
                + robots.AT_REST + " FROM messages WHERE author = 'buyer'",
                sum(len(s) for s in self.plan.streams
                    if s[0].origin == "buyer")) == "t"
        except (OSError, EOFError, DbError):
            return False

    def _is_polled(self, since):
        return self.stack.db.one(
            "SELECT min(last_polled_at) > to_timestamp(%s)"
            " FROM avito_accounts WHERE monitoring", str(since)) == "t"

    def judge(self):
        given_up = dict(self.stack.db.rows(
            "SELECT regexp_replace(m.text, '.* ', ''), d.last_error"
            " FROM deliveries d JOIN messages m ON m.id = d.message_id"
            " WHERE d.state IN ('dead', 'discarded')"))
        self.unsure = unsure_sends(self.stack.db)
        state = self.stack.sandbox.get("state")
        self._keep("state", state)
        self._keep("calls", self.stack.sandbox.calls())
        self._keep("violations", self.stack.sandbox.violations())
        verdict = verdicts.judge(self.cast, self.plan.streams, state,
                                 given_up, self.unsure,
                                 self.stack.db.rows(robots.ROWS))
        for v in self.stack.sandbox.violations():
            verdict.add("bad manners",
                        f"{v['service']} {v['method']}: {v['what']}")
        for name in self.stack.log_names():
            if name.startswith(("daemon", "web")):
                self._read_log(name, verdict)
        return verdict

    def _keep(self, name, what):
        """What the witness saw, beside the logs."""
        with open(os.path.join(self.stack.dir, f"{name}.json"), "w",
                  encoding="utf-8") as file:
            json.dump(what, file, ensure_ascii=False, indent=1)

    def _read_log(self, name, verdict):
        """Any line that is no event is a sanitizer's or a library's outcry."""
        for line in self.stack.log_text(name).splitlines():
            match = re.match(r"(info|debug|warn|error) (?:id=\S* )?(\S+)",
                             line)
            if not match:
                verdict.add("outcry", f"{name}.log: {line}")
            elif match.group(1) == "error":
                self.timeline.count(f"log: {match.group(2)}")
