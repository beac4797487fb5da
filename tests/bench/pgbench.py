"""pgbench.py - the SQL of a webhook, without the webhook.

The script is made from what hook_sql hears the product send: the same
statements with the same parameters in the same round trips.
"""

import json
import os
import re
import subprocess
import time

from scene import DIALOGS

PGBENCH = "/usr/lib/postgresql/15/bin/pgbench"

# What stands for n and k while hook_sql listens: found nowhere else.
N, K = 987654321, 123
# Numbers kept apart for each client; at any moment two clients are at
# different dialogs, like neighbours in wrk's round.
APART = 10000037
WARM_UP_S = 2


class Script:
    def __init__(self, build, scene, webhook):
        self._url = scene.database_url
        self._constants = {}
        self._found = set()
        self._options = []
        lines = self._heard(build, webhook)
        self._values = {str(first + K): f"first_{first}"
                        for first in webhook.firsts()}
        self._values[str(N)] = "n"
        text = ["\\set i :i + 1",
                f"\\set n :first + :client_id * {APART} + :i",
                f"\\set k :n % {DIALOGS}"]
        text += [f"\\set first_{first} {first} + :k"
                 for first in webhook.firsts()]
        self._path = os.path.join(scene.stack.dir,
                                  f"{webhook.name}.sql")
        text += self._statements(lines)
        missing = set(self._values.values()) - self._found
        if missing:
            raise RuntimeError(f"{webhook.name}: no statement has {missing}")
        with open(self._path, "w", encoding="utf-8") as file:
            file.write("\n".join(text) + "\n")

    def _heard(self, build, webhook):
        header = "".join(webhook.headers.values())
        done = subprocess.run(
            [os.path.join(build, "tests", "bench", "hook_sql"),
             webhook.name.lower(), webhook.object_id, webhook.secret, header],
            input=webhook.body(N, K), text=True, stdout=subprocess.PIPE,
            env={**os.environ, "DATABASE_URL": self._url}, check=True)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def _statements(self, lines):
        """A round trip is a pipeline, as it is in the product."""
        text, trip, sql = [], [], {}
        self.round_trips = 0
        for line in lines:
            if "session" in line:
                self._options += _options(line["session"])
            elif "prepare" in line:
                sql[line["prepare"]] = line["sql"]
            elif "statement" in line:
                trip.append(self._bind(sql[line["statement"]],
                                       line["params"]))
            elif trip:
                text += ["\\startpipeline", *trip, "\\endpipeline"]
                trip = []
                self.round_trips += 1
        return text

    def _bind(self, sql, params):
        if re.search(r"(?<!:):\w", sql):
            raise RuntimeError(f"pgbench would take a variable for: {sql}")
        return re.sub(r"\$(\d+)",
                      lambda m: self._value(params[int(m[1]) - 1]), sql) + ";"

    def _value(self, value):
        """A variable, which pgbench sends as a parameter of its own; nulls
        and empty texts it cannot send, they stay in the statement."""
        if value is None:
            return "NULL"
        if value == "":
            return "''"
        if value in self._values:
            name = self._values[value]
            self._found.add(name)
        else:
            name = self._constants.setdefault(
                value, f"constant_{len(self._constants)}")
        return f":{name}"

    def _start(self, clients, first, extent):
        command = [PGBENCH, "-n", "-M", "prepared", *extent,
                   "-c", str(clients), "-j", str(min(clients, 2)),
                   "-f", self._path, "-D", "i=0", "-D", f"first={first}"]
        for value, name in self._constants.items():
            command += ["-D", f"{name}={value}"]
        return subprocess.Popen(
            [*command, self._url], text=True, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "PGOPTIONS": " ".join(self._options)})

    def _finish(self, running):
        out, errors = running.communicate()
        if running.returncode or not re.search(
                "^number of failed transactions: 0 ", out, re.MULTILINE):
            raise RuntimeError(f"pgbench failed: {out}{errors}")

    def fill(self, clients, first, transactions):
        """So many of each client."""
        self._finish(self._start(clients, first, ["-t", str(transactions)]))

    def run(self, clients, first, seconds, measure):
        """measure() runs while pgbench is at full speed; the web's sessions
        have been signed in and have their plans for long, too."""
        running = self._start(clients, first, ["-T", str(WARM_UP_S + seconds)])
        try:
            time.sleep(WARM_UP_S)
            return measure(running.pid)
        finally:
            self._finish(running)


def _options(sql):
    """The session's SETs, for a program that has no place for them."""
    found = re.findall(r"SET (\w+) = ([^;]+)", sql)
    return [f"-c {name}={value.strip(chr(39))}" for name, value in found]
