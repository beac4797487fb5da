"""/metrics: figures for Prometheus, on an address of the daemon's own."""

import os
import re
import signal
import socket
import subprocess

from lib.rest import http_call
from lib.runner import test
from lib.stack import TOP, program
from lib.wait import until

GUESTS = 8  # as in src/daemon/onepage.h


def _address(w):
    with open(os.path.join(w.stack.dir, "tuberry.conf"),
              encoding="utf-8") as file:
        host, port = re.search(r"^METRICS_ADDR=(\S+):(\d+)$", file.read(),
                               re.MULTILINE).groups()
    return host, int(port)


def _ask(w, method="GET", path="/metrics"):
    host, port = _address(w)
    return http_call(f"http://{host}:{port}", method, path)


def _figures(w):
    """Name with labels -> value; the form is judged on the way."""
    answer = _ask(w)
    assert answer.status == 200
    assert answer.type == "text/plain; version=0.0.4; charset=utf-8"
    figures, known, helped = {}, set(), set()
    for line in answer.data.decode().splitlines():
        if line.startswith("# HELP "):
            helped.add(line.split()[2])
        elif line.startswith("# TYPE "):
            _, _, name, kind = line.split()
            assert kind in ("counter", "gauge") and name not in known, line
            assert (kind == "counter") == name.endswith("_total"), line
            known.add(name)
        else:
            match = re.fullmatch(
                r'([a-z_]+)(\{[a-z]+="[a-z]+"\})? (-?[0-9.e+]+)', line)
            assert match and match[1] in known & helped, line
            assert match[1] + (match[2] or "") not in figures, line
            figures[match[1] + (match[2] or "")] = float(match[3])
    return figures


def _becomes(w, name, value):
    until(lambda: _figures(w).get(name) == value, f"{name} becomes {value}")


@test
def every_figure_is_described_for_operators(w):
    with open(os.path.join(TOP, "docs", "OPERATIONS.md"),
              encoding="utf-8") as file:
        text = file.read()
    begin = text.index("<!-- metrics:")
    described = set(re.findall(r"^\| `([a-z_]+)[{`]",
                               text[begin:text.index("\n## ", begin)],
                               re.MULTILINE))
    shown = {name.partition("{")[0] for name in _figures(w)}
    assert shown == described, shown ^ described


@test
def the_daemon_tells_of_itself(w):
    # Those that other tests killed are forgotten after a while.
    until(lambda: _figures(w)["tuberry_daemons"] == 1,
          "one daemon lives")
    figures = _figures(w)
    assert figures["tuberry_database_up"] == 1
    assert 1e6 < figures["process_resident_memory_bytes"] < 1e9
    assert 0 < figures["process_cpu_seconds_total"] < 3600
    assert 0 <= w.stack.now() - figures["process_start_time_seconds"] < 10e9
    for name in ("tuberry_jobs", "tuberry_tasks", "tuberry_calls"):
        assert figures[name] >= 0, figures


@test
def counters_are_those_of_the_database(w):
    name = "tuberry_delivery_unsure_total"
    before = _figures(w)[name]
    w.db.rows("INSERT INTO counters (name, value) VALUES (%s, 5)"
              " ON CONFLICT (name) DO UPDATE"
              " SET value = counters.value + 5", name)
    _becomes(w, name, before + 5)
    w.stack.restart("daemon")
    _becomes(w, name, before + 5)


@test
def what_waits_is_told(w):
    seller = w.seller()
    chat = seller.buyer()
    chat.say("Ещё продаёте?")
    chat.shown("Ещё продаёте?")
    chat.rests()
    where = "message_id IN (SELECT id FROM messages WHERE dialog_id = %s)"
    dialog = chat.dialog()["id"]
    states = {s: _figures(w)[f'tuberry_deliveries{{state="{s}"}}']
              for s in ("queued", "unsure", "dead")}
    for state, before in states.items():
        w.db.rows(f"UPDATE deliveries SET state = %s WHERE {where}", state,
                  dialog)
        _becomes(w, f'tuberry_deliveries{{state="{state}"}}', before + 1)
    held = _figures(w)['tuberry_lanes_waiting{for="bot"}']
    w.db.rows("UPDATE lanes SET held_by = 'bot:0' WHERE dialog_id = %s"
              " AND direction = 'team'", dialog)
    _becomes(w, 'tuberry_lanes_waiting{for="bot"}', held + 1)
    w.db.rows("UPDATE lanes SET held_by = NULL WHERE dialog_id = %s", dialog)
    w.db.rows(f"UPDATE deliveries SET state = 'done' WHERE {where}", dialog)


@test
def only_the_page_is_served(w):
    assert _ask(w, path="/").status == 404
    assert _ask(w, path="/metricsx").status == 404
    assert _ask(w, path="/metrics?x=1").status == 200
    assert _ask(w, method="POST").status == 405
    with socket.create_connection(_address(w), timeout=20) as s:
        s.sendall(b"GET /metrics HTTP/1.1\r\nX: " + b"x" * 4000)
        assert s.recv(100).startswith(b"HTTP/1.1 431 ")


@test
def silent_guests_are_shown_out(w):
    silent = [socket.create_connection(_address(w), timeout=20)
              for _ in range(GUESTS)]
    for s in silent[1:]:
        s.sendall(b"GET /metrics HTTP/1.1\r\n")
    # It waits for the first of them to leave.
    assert _figures(w)["tuberry_database_up"] == 1
    for s in silent:
        assert s.recv(1) == b""
        s.close()


@test
def second_daemon_takes_the_address_when_the_first_has_gone(w):
    log = os.path.join(w.stack.dir, "second-daemon.txt")
    with open(log, "w", encoding="utf-8") as file:
        second = subprocess.Popen(
            [program("tuberryd"), "--config",
             os.path.join(w.stack.dir, "tuberry.conf")],
            env=w.stack.environment(), stdin=subprocess.DEVNULL,
            stderr=file)

    def logged(event):
        with open(log, encoding="utf-8") as file:
            return event in file.read()

    try:
        until(lambda: logged(" metrics.away "), "the second one waits")
        until(lambda: _figures(w)["tuberry_daemons"] >= 2,
              "both are counted")
        began = _figures(w)["process_start_time_seconds"]
        w.stack.terminate("daemon", 10)
        until(lambda: logged(" metrics.listening "),
              "the second one has the address")
        assert _figures(w)["process_start_time_seconds"] > began
    finally:
        second.send_signal(signal.SIGTERM)
        second.wait(10)
        w.stack.start("daemon")
