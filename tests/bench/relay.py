"""relay.py - how long a message takes through an idle Tuberry.

From the moment when the sandbox posts the webhook to the moment when the
request of the daemon is complete at the sandbox, both by the sandbox's clock.
One message at a time: the next begins when the former has come to rest,
reaction, echo and read mark included.
"""

from scene import DIALOGS, FIRST_CHAT


def percentile(values, share):
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, int(len(ranked) * share))]


def _result(name, times):
    return {"way": name, "messages": len(times),
            "p50_ms": percentile(times, 0.50) / 1000,
            "p99_ms": percentile(times, 0.99) / 1000,
            "max_ms": max(times) / 1000}


def _times(posted, arrived):
    """Microseconds for each text."""
    return [arrived[text] - at for text, at in posted.items()]


def to_buyers(scene, messages):
    """An operator's text: webhook of Telegram to the send at Avito."""
    seller, sandbox = scene.seller, scene.sandbox
    topics = [int(row[0]) for row in scene.db.rows(
        "SELECT topic_id FROM dialogs ORDER BY id")]
    calls, hooks = sandbox.mark(), sandbox.deliveries_mark()
    for i in range(messages):
        message = seller.write(topics[i % DIALOGS], text=f"Ответ {i}")
        seller.reacted(message)
        sandbox.wait(idle=1)
    posted = {d["body"]["message"]["text"]: d["at_us"]
              for d in sandbox.deliveries(hooks, service="telegram")}
    arrived = {c["params"]["message"]["text"]: c["at_us"]
               for c in sandbox.calls(calls, method="messages.send")}
    return _result("operator to buyer", _times(posted, arrived))


def to_team(scene, messages):
    """A buyer's text: webhook of Avito to the send at Telegram."""
    sandbox = scene.sandbox
    calls, hooks = sandbox.mark(), sandbox.deliveries_mark()
    for i in range(messages):
        chat = str(FIRST_CHAT + i % DIALOGS)
        sandbox.post(f"avito/chats/{chat}/buyer", text=f"Вопрос {i}")
        sandbox.wait(avito_read=chat, idle=1)
    posted = {d["body"]["payload"]["value"]["content"]["text"]: d["at_us"]
              for d in sandbox.deliveries(hooks, service="avito")}
    # Above the buyer's words stands who speaks.
    arrived = {c["params"]["text"].splitlines()[-1]: c["at_us"]
               for c in sandbox.calls(calls, method="sendMessage")}
    return _result("buyer to operators", _times(posted, arrived))
