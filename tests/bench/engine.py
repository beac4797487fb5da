"""engine.py - how fast deliveries leave, and what waiting costs.

Operators' answers from the web inbox to many buyers of many Avito accounts,
put into the tables at once, while Avito answers late, hangs or is gone.  At
the end each answer must have arrived once, and in order.
"""

import re
import time

from cpu import Shares
from lib.rest import http_call
from lib.wait import until
from memory import daemon_mb

ACCOUNTS = 16
CHATS = 64  # of each account
DIALOGS = ACCOUNTS * CHATS
FIRST_USER = 60000000

FIRST_EACH = 4  # before anything is measured
# (milliseconds until Avito answers, messages to each dialog)
LATE = ((50, 30), (250, 18))
WAITING_EACH = 98  # a hundred thousand in all
WAITING_S = 12     # so long what waits is looked at, when it has calmed down
CALM_S = 15
DRAIN_S = 240
SAMPLE_S = 0.5


class Engine:
    def __init__(self, scene):
        self._scene = scene
        self._db = scene.db
        self._sandbox = scene.sandbox
        self._sent = 0  # to each dialog

    def up(self):
        """Avito behind a door of its own, accounts, and their dialogs."""
        scene, sandbox = self._scene, self._sandbox
        self._door = sandbox.post("doors")["port"]
        scene.change(AVITO_API_BASE=f"http://127.0.0.1:{self._door}/avito")
        for user in range(FIRST_USER, FIRST_USER + ACCOUNTS):
            self._connect(user)
        until(lambda: self._db.count(
            "avito_accounts", "status = 'active' AND avito_user_id >= %s",
            FIRST_USER) == ACCOUNTS, f"{ACCOUNTS} accounts are checked")
        # The plans are those of tables in use.
        self._queue(FIRST_EACH)
        self._all_done()
        self._scene.tidy()

    def _connect(self, user):
        seller, sandbox = self._scene.seller, self._sandbox
        name = f"engine-{user}"
        sandbox.post("avito/accounts", user_id=user, name=name,
                     client_id=name, client_secret=name)
        chats = sandbox.post("avito/bulk", user_id=user, chats=CHATS,
                             messages=1)["chats"]
        account = seller.api.post("/api/avito/accounts", {
            "project_id": seller.project["id"], "api_client_id": name,
            "api_client_secret": name, "monitoring": False,
            "webhook": False})
        for chat in chats:
            self._db.rows(
                "INSERT INTO dialogs (client_id, project_id, source,"
                "  source_id, external_chat_id, buyer_name, details_at,"
                "  last_message_at, created_at)"
                " VALUES (%s, %s, 'avito', %s, %s, 'engine', now(), now(),"
                "  now())", seller.client_id, seller.project["id"],
                account["id"], chat)

    def _queue(self, each):
        """So many answers to each dialog, due at once."""
        first, last = self._sent + 1, self._sent + each
        self._sent = last
        self._db.rows(
            "WITH d AS (SELECT client_id, id FROM dialogs"
            "  WHERE buyer_name = 'engine')"
            " INSERT INTO lanes (client_id, dialog_id, direction, last_seq)"
            f" SELECT client_id, id, 'buyer', {last} FROM d"
            f" ON CONFLICT (dialog_id, direction) DO UPDATE"
            f"  SET last_seq = {last};"
            "INSERT INTO messages (client_id, dialog_id, origin, origin_id,"
            "  external_id, author, author_name, kind, text, written_at,"
            "  created_at)"
            " SELECT client_id, id, 'web', 1, 'engine-' || id || '-' || n,"
            "  'operator', 'Ольга', 'text', 'Ответ ' || n, now(), now()"
            f" FROM generate_series({first}, {last}) n, dialogs"
            " WHERE buyer_name = 'engine' ORDER BY n, id;"
            "INSERT INTO deliveries (client_id, dialog_id, direction, seq,"
            "  message_id, created_at, updated_at)"
            " SELECT client_id, dialog_id, 'buyer',"
            "  substring(external_id from '[0-9]+$')::bigint, id, now(),"
            "  now() FROM messages m WHERE external_id LIKE 'engine-%'"
            " AND NOT EXISTS (SELECT 1 FROM deliveries v"
            "  WHERE v.message_id = m.id) ORDER BY id;"
            "ANALYZE deliveries; ANALYZE messages; ANALYZE lanes;"
            "UPDATE lanes SET due_at = now() WHERE direction = 'buyer'"
            f" AND last_seq = {last} AND head_seq <= last_seq")
        self._scene.stack.ring()
        return each * DIALOGS

    def _late(self, milliseconds):
        return self._sandbox.fault(service="avito", kind="latency", times=0,
                                   answer_delay_ms=milliseconds)

    def _calls(self):
        return self._sandbox.get("version")["calls"]

    def _in_flight(self):
        match = re.search(rb"^tuberry_calls (\d+)$", http_call(
            "http://" + self._scene.setting("METRICS_ADDR"), "GET",
            "/metrics").data, re.MULTILINE)
        return int(match[1])

    def _drain(self, n):
        """The rate while a tenth to nine tenths of n calls are made."""
        mark, marks, in_flight = self._calls(), {}, []
        shares, end = None, time.monotonic() + DRAIN_S
        while 0.9 not in marks:
            done = (self._calls() - mark) / n
            if shares is None and done >= 0.1:
                shares = Shares(self._scene.stack)
                marks[0.1] = (time.monotonic(), done)
            elif done >= 0.9:
                marks[0.9] = (time.monotonic(), done)
            elif shares:
                in_flight.append(self._in_flight())
            if time.monotonic() > end:
                raise RuntimeError(f"{done:.2f} of {n} left in {DRAIN_S} s")
            time.sleep(SAMPLE_S)
        used = shares.percent()
        (from_s, from_done), (to_s, to_done) = marks[0.1], marks[0.9]
        per_s = (to_done - from_done) * n / (to_s - from_s)
        self._all_done()
        return {"messages": n, "per_s": per_s, "cpu_percent": used,
                "cpu_us": used["daemon"] * 10000 / per_s,
                "in_flight": max(in_flight or [0])}

    def _all_done(self):
        until(lambda: self._db.one(
            "SELECT NOT EXISTS (SELECT 1 FROM deliveries WHERE"
            "  direction = 'buyer' AND state <> 'done')") == "t",
            "all have arrived", DRAIN_S, 0.5)

    def faults(self):
        """What arrived, by the sandbox: lost, twice and out of order."""
        lost = twice = disorder = 0
        for chat in self._sandbox.get("state", part="avito")["avito"][
                "chats"]:
            if chat["user_id"] < FIRST_USER or \
                    chat["user_id"] >= FIRST_USER + ACCOUNTS:
                continue
            came = [int(m["content"]["text"].split()[1])
                    for m in chat["messages"] if m["by"] == "api"]
            lost += self._sent - len(set(came))
            twice += len(came) - len(set(came))
            disorder += came != sorted(came)
        return {"lost": lost, "twice": twice, "disorder": disorder}

    def late(self, milliseconds, each):
        """Avito answers so late."""
        self._scene.stack.restart("daemon")
        rule = self._late(milliseconds)
        result = self._drain(self._queue(each))
        self._sandbox.end_fault(rule)
        self._scene.tidy()
        return {"late_ms": milliseconds, **result,
                **daemon_mb(self._scene.stack)}

    def _waiting(self):
        time.sleep(CALM_S)
        mark, shares = self._calls(), Shares(self._scene.stack)
        time.sleep(WAITING_S)
        return {"calls_per_s": (self._calls() - mark) / WAITING_S,
                "cpu_percent": shares.percent()}

    def waiting(self):
        """A hundred thousand for a service that is dead, and then is not."""
        self._scene.stack.restart("daemon")
        rule = self._sandbox.fault(service="avito", kind="hang", times=0)
        n = self._queue(WAITING_EACH)
        silent = self._waiting()
        self._sandbox.patch(f"doors/{self._door}", open=False)
        self._sandbox.end_fault(rule)
        refused = self._waiting()
        begun = time.monotonic()
        self._sandbox.patch(f"doors/{self._door}", open=True)
        result = self._drain(n)
        return {"silent": silent, "refused": refused, **result,
                "drained_s": time.monotonic() - begun,
                **daemon_mb(self._scene.stack)}


def measure(scene, say):
    engine = Engine(scene)
    engine.up()
    results = {"dialogs": DIALOGS, "accounts": ACCOUNTS, "late": []}
    for milliseconds, each in LATE:
        say(f"answers after {milliseconds} ms")
        results["late"].append(engine.late(milliseconds, each))
    say(f"{WAITING_EACH * DIALOGS} deliveries to a dead service")
    results["waiting"] = engine.waiting()
    return {**results, **engine.faults()}
