"""bench.py - one stack, measured from end to end; see run."""

import argparse
import json
import os
import re
import signal
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
# The stack and its sellers are made as the end-to-end tests make them.
sys.path[:0] = [HERE, os.path.join(os.path.dirname(HERE), "e2e")]

# pylint: disable=wrong-import-position
import accounts  # noqa: E402
import engine  # noqa: E402
import load  # noqa: E402
import memory  # noqa: E402
import relay  # noqa: E402
import report  # noqa: E402
import signin  # noqa: E402
from pgbench import Script  # noqa: E402
from scene import Scene  # noqa: E402


def on_signal(number, _frame):
    sys.exit(128 + number)


def say(text):
    print(f"bench: {text}", file=sys.stderr, flush=True)


def machine(scene, seconds):
    return {"cores": os.cpu_count(), "seconds": seconds,
            "postgres": scene.db.one("SHOW server_version").split()[0],
            "fsync": scene.db.one("SHOW fsync"),
            "synchronous_commit": scene.db.one("SHOW synchronous_commit")}


def measure_webhooks(scene, build, options, results):
    hooks = [scene.avito(), scene.telegram()]
    results["memory"] = [memory.measure(scene, "idle")]
    say("the relay, a message at a time")
    results["relay"] = [relay.to_buyers(scene, options.messages),
                        relay.to_team(scene, options.messages)]
    scene.stop_daemon()
    scripts = [Script(build, scene, webhook) for webhook in hooks]
    load.fill(scene, scripts)
    results["load_with_daemon"] = []
    for webhook in hooks:
        say(f"webhooks of {webhook.name} beside the daemon")
        result, used = load.with_daemon(scene, webhook, options.seconds)
        results["load_with_daemon"].append(result)
        results["memory"].append(used)
    results["load"] = []
    for webhook, script in zip(hooks, scripts):
        say(f"webhooks of {webhook.name} beside pgbench")
        results["load"] += load.beside_pgbench(scene, webhook, script,
                                               options.seconds)
    scene.stack.start("daemon")


def measure_accounts(scene, _build, _options, results):
    say(f"{accounts.ACCOUNTS} accounts in which nothing happens")
    accounts.connect(scene)
    results["accounts"] = accounts.measure(scene)


def bare_calls(build):
    """What libcurl on our loop needs for a call alone."""
    done = subprocess.run(
        [os.path.join(build, "tests", "bench", "calls"), "256", "20000",
         "50"], text=True, stdout=subprocess.PIPE, check=True)
    return float(re.search(r"([0-9.]+) us CPU/call", done.stdout)[1])


def measure_engine(scene, build, _options, results):
    results["engine"] = {"bare_us": bare_calls(build),
                         **engine.measure(scene, say)}


def measure_signin(scene, _build, _options, results):
    results["signin"] = signin.measure(scene, say)


PARTS = {"webhooks": measure_webhooks, "signin": measure_signin,
         "engine": measure_engine, "accounts": measure_accounts}


def measure(scene, build, options):
    say("a stack, a seller and dialogs")
    scene.up()
    results = {"machine": machine(scene, options.seconds)}
    for name, part in PARTS.items():
        if name in options.only:
            part(scene, build, options, results)
    return results


def main():
    parser = argparse.ArgumentParser(prog="tests/bench/run")
    parser.add_argument("--seconds", type=int, default=6)
    parser.add_argument("--messages", type=int, default=200)
    parser.add_argument("--set", action="append", default=[],
                        metavar="KEY=VALUE")
    parser.add_argument("--only", action="append", choices=list(PARTS))
    options = parser.parse_args()
    options.only = options.only or list(PARTS)
    build = os.environ["TUBERRY_BUILD_DIR"]
    signal.signal(signal.SIGTERM, on_signal)
    scene = Scene(dict(pair.split("=", 1) for pair in options.set))
    try:
        results = measure(scene, build, options)
    except BaseException:
        say(f"the logs are in {scene.stack.dir}/log")
        raise
    finally:
        scene.down()
    scene.remove()
    path = os.path.join(build, "bench.json")
    with open(path, "w", encoding="utf-8") as file:
        json.dump(results, file, indent=1)
    report.show(results)
    say(f"also in {path}")


if __name__ == "__main__":
    main()
