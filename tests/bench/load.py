"""load.py - webhooks as fast as they go through nginx, beside pgbench."""

import itertools
import json
import os
import statistics
import subprocess
import time

from cpu import Meter
from memory import measure
from scene import DIALOGS

CONNECTIONS = (1, 16, 64)
WITH_DAEMON = 16
ROUNDS = 2
DRAIN_S = 3
TAIL_S = 0.5
WARM_UP_S = 1
# Messages of each webhook that are there before anything is measured: the
# plans are those of tables in use.
FILL_CLIENTS = 16
FILL_EACH = 1250
HERE = os.path.dirname(os.path.abspath(__file__))

# Each load has a thousand million numbers of its own.
_firsts = itertools.count(1000000000, 1000000000)


def fill(scene, scripts):
    """Tables as after some days of work; all of it delivered."""
    for script in scripts:
        script.fill(FILL_CLIENTS, next(_firsts), FILL_EACH)
    scene.settle()
    scene.tidy()


def _wrk(scene, webhook, connections, seconds):
    """Every answer was 2xx, and what was answered was stored."""
    template = os.path.join(scene.stack.dir, f"{webhook.name}.json")
    with open(template, "w", encoding="utf-8") as file:
        file.write(webhook.template)
    headers = [word for pair in webhook.headers.items() for word in pair]
    before = scene.db.count("messages")
    meter = Meter(scene.stack)
    done = subprocess.run(
        ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "10",
         "-s", os.path.join(HERE, "webhook.lua"),
         scene.stack.url + webhook.path, "--", template, str(DIALOGS),
         str(next(_firsts)), *headers],
        text=True, stdout=subprocess.PIPE, check=True)
    seen = json.loads(done.stdout.splitlines()[-1])
    cpu = meter.each_us(seen["requests"])
    stored = scene.db.count("messages") - before
    if seen["errors"] or stored < seen["requests"]:
        raise RuntimeError(f"{webhook.name}: {seen}, {stored} stored: "
                           f"{done.stdout}")
    return {"webhook": webhook.name, "connections": connections,
            "per_s": seen["requests"] * 1000000 / seen["us"],
            "p50_ms": seen["p50_us"] / 1000, "p99_ms": seen["p99_us"] / 1000,
            "cpu_us": cpu}


def _pgbench(scene, script, connections, seconds):
    def measure_window(pid):
        meter, at, before = Meter(scene.stack, pid), time.monotonic(), \
            scene.messages_made()
        # Its last moments are not full speed either.
        time.sleep(seconds - TAIL_S)
        n = scene.messages_made() - before
        return {"pgbench_per_s": n / (time.monotonic() - at),
                "pgbench_cpu_us": meter.each_us(n),
                "round_trips": script.round_trips}

    return script.run(connections, next(_firsts), seconds, measure_window)


def _together(rounds):
    """Of several results the median of each number."""
    if isinstance(rounds[0], dict):
        return {key: _together([r[key] for r in rounds])
                for key in rounds[0]}
    if isinstance(rounds[0], str):
        return rounds[0]
    return statistics.median(rounds)


def beside_pgbench(scene, webhook, script, seconds):
    """One result for each number of connections.  The daemon rests.

    Both take turns, so that what else the machine does meets both alike.
    """
    _wrk(scene, webhook, CONNECTIONS[-1], WARM_UP_S)
    results = []
    for connections in CONNECTIONS:
        rounds = []
        for _ in range(ROUNDS):
            scene.tidy()
            sql = _pgbench(scene, script, connections, seconds // ROUNDS)
            scene.tidy()
            rounds.append({**_wrk(scene, webhook, connections,
                                  seconds // ROUNDS), **sql})
        result = _together(rounds)
        results.append({
            **result, "rounds": rounds,
            "ratio": result["per_s"] / result["pgbench_per_s"],
            "cpu_ratio": sum(result["pgbench_cpu_us"].values()) /
            sum(result["cpu_us"].values())})
    return results


def _done(scene):
    return scene.db.count("deliveries", "state = 'done'")


def with_daemon(scene, webhook, seconds):
    """The same while the daemon delivers to the sandbox; what it delivers
    when the load is over and much waits; and memory then."""
    scene.stack.start("daemon")
    before = _done(scene)
    result = _wrk(scene, webhook, WITH_DAEMON, seconds)
    meanwhile = _done(scene)
    time.sleep(DRAIN_S)
    afterwards = _done(scene)
    memory = measure(scene, f"loaded by {webhook.name}")
    # What is still on its way is not waited for.
    scene.stop_daemon()
    scene.settle()
    scene.tidy()
    return {**result, "delivered_per_s": (meanwhile - before) / seconds,
            "drained_per_s": (afterwards - meanwhile) / DRAIN_S}, memory
