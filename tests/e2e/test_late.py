"""A daemon that comes late: another one had its lanes meanwhile."""

import os
import signal
import subprocess

from lib.runner import test
from lib.stack import program
from lib.wait import until

LATE = ("delivery.*", "metrics.away")


class _Second:
    """Another daemon over the same database."""

    def __init__(self, w):
        self.path = os.path.join(w.stack.dir, "second-daemon.txt")
        with open(self.path, "w", encoding="utf-8") as file:
            self.process = subprocess.Popen(
                [program("tuberryd"), "--config",
                 os.path.join(w.stack.dir, "tuberry.conf")],
                env=w.stack.environment(), stdin=subprocess.DEVNULL,
                stderr=file)
        until(self._started, "the second daemon has started")

    def _started(self):
        with open(self.path, encoding="utf-8") as file:
            return " daemon.started" in file.read()

    def stop(self):
        self.process.send_signal(signal.SIGSTOP)

    def end(self):
        self.process.send_signal(signal.SIGCONT)
        self.process.terminate()
        self.process.wait(15)


def _conversation(w):
    w.sandbox.set(avito_echo="none")
    seller = w.seller()
    chat = seller.buyer()
    chat.say("Здравствуйте")
    thread = chat.shown("Здравствуйте")
    chat.rests()
    return seller, chat, thread


def _fault(w, seller, **rule):
    return w.sandbox.fault(service="avito", account=str(seller.user_id),
                           **rule)


def _met(w, fault):
    until(lambda: [f for f in w.sandbox.get("faults")["faults"]
                   if f["id"] == fault and f["hits"]], "the fault is met")


def _becomes(w, seller, state, reads=0):
    until(lambda: w.db.count(
        "deliveries", "client_id = %s AND direction = 'buyer' AND state = %s"
        " AND settle_reads >= %s", seller.client_id, state, reads), state)


@test(events=LATE)
def outcome_that_comes_after_the_lease_does_not_send_again(w):
    seller, chat, thread = _conversation(w)
    pid = w.stack.pid("daemon")
    slow = _fault(w, seller, method="messages.send", kind="latency",
                  delay_ms=3000)
    # Avito shows it a little late.
    _fault(w, seller, method="messages", kind="status", status=200,
           body={"messages": []})
    seller.write(thread, text="Один раз")
    _met(w, slow)
    os.kill(pid, signal.SIGSTOP)
    second = _Second(w)
    try:
        w.stack.move_clock(31)
        _becomes(w, seller, "unsure", reads=1)
        os.kill(pid, signal.SIGCONT)
        until(lambda: w.db.count(
            "attempts", "client_id = %s AND action = 'avito.send_message'"
            " AND outcome = 'done'", seller.client_id), "the late outcome")
        w.stack.move_clock(4)
        chat.rests()
    finally:
        os.kill(pid, signal.SIGCONT)
        second.end()
    assert chat.sent_texts() == ["Один раз"], chat.sent_texts()


@test(events=LATE)
def job_goes_on_under_no_lease_that_followed_anothers(w):
    seller, chat, thread = _conversation(w)
    pid = w.stack.pid("daemon")
    _fault(w, seller, method="messages.send", kind="accepted_then_reset")
    _fault(w, seller, method="messages", kind="status", status=200,
           body={"messages": []})
    slow = _fault(w, seller, method="messages", kind="latency",
                  delay_ms=12000)
    seller.write(thread, text="Один раз")
    _becomes(w, seller, "unsure")
    w.stack.move_clock(6)
    _becomes(w, seller, "unsure", reads=1)
    w.stack.move_clock(4)
    _met(w, slow)
    os.kill(pid, signal.SIGSTOP)
    second = _Second(w)
    try:
        w.stack.move_clock(31)
        _becomes(w, seller, "done")
        second.stop()
        since = w.sandbox.mark()
        seller.write(thread, text="Второе")
        until(lambda: w.db.count(
            "deliveries", "client_id = %s AND direction = 'buyer'",
            seller.client_id) == 2, "it came in")
        os.kill(pid, signal.SIGCONT)
        w.stack.ring()
        until(lambda: w.sandbox.calls(since, method="messages"),
              "the first daemon has its slow answer")
        w.stack.move_clock(35)
        chat.arrives("Второе")
        chat.rests()
    finally:
        os.kill(pid, signal.SIGCONT)
        second.end()
    assert chat.sent_texts() == ["Один раз", "Второе"], chat.sent_texts()
