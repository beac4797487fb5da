"""plan.py - what will happen, all of it drawn from the seed.

The moments are seconds since the beginning; how the machine keeps up with
them is the only thing that a second run may do differently.
"""

import random

# Everything that is killed; actors.py knows how.
ACTORS = ("web worker", "web master", "daemon", "one of two daemons",
          "Redis", "Redis FLUSHALL", "PostgreSQL", "PostgreSQL backend",
          "nginx", "nginx reload")

# Longest time that somebody stays dead, seconds.
DOWN_MAX_S = 5

# Rules of the sandbox (docs/SANDBOX.md, Faults) by what they are called here.
# processed: may the call take effect all the same?
RULES = {
    "reset before accepting": {"kind": "reset"},
    "reset after accepting": {"kind": "accepted_then_reset"},
    "silence": {"kind": "hang", "processed": True},
    "429 with a time": {"kind": "status", "status": 429},
    "429 without a time": {"kind": "status", "status": 429},
    "500": {"kind": "status", "status": 500, "processed": True},
    "502 with HTML": {"kind": "html_502", "processed": True},
    "malformed JSON": {"kind": "invalid_json", "processed": True},
    "empty body": {"kind": "empty", "processed": True},
    "huge body": {"kind": "huge", "processed": True},
    "slow drip": {"kind": "slow_drip"},
    "answer cut off": {"kind": "truncated"},
}
BETRAYALS = (*RULES, "connection refused", "expired token", "clock skew")

METHODS = {
    "avito": ("messages.send", "messages.send", "messages.send", "messages",
              "chats", "chat", "*"),
    "telegram": ("sendMessage", "sendMessage", "sendMessage",
                 "createForumTopic", "*"),
}

WORDS = ("да", "нет", "лампа", "ещё", "продаёте", "сколько", "стоит", "можно",
         "забрать", "сегодня", "завтра", "доставка", "торг", "цена", "где",
         "посмотреть", "спасибо", "хорошо", "а", "если", "скину", "адрес")
# Without a mark: equal texts, of which each must arrive.
BARE = "Да."


class Message:
    """One of a stream: n counts from 1, and 0 has no mark."""

    def __init__(self, at, dialog, origin, n, text):
        self.at = at
        self.dialog = dialog
        self.origin = origin
        self.n = n
        self.text = text


class Kill:
    def __init__(self, at, actor, down_s, luck):
        self.at = at
        self.actor = actor
        self.down_s = down_s
        # Chooses among several victims.
        self.luck = luck


class Betrayal:
    def __init__(self, at, name, last_s, rule, luck):
        self.at = at
        self.name = name
        self.last_s = last_s
        self.rule = rule
        self.luck = luck


class Plan:
    """kills, betrayals: in order of time.  streams: lists of messages."""

    def __init__(self, seed, size):
        self.seed = seed
        self.size = size
        rng = random.Random(seed)
        self.skew_s = round(rng.uniform(-90, 90), 3)
        # Limits are kept by clocks that agree to a second (store/window.h).
        self.daemon_skew_s = round(rng.uniform(-0.9, 0.9), 3)
        self.kills = self._kills(rng)
        self.betrayals = self._betrayals(rng)
        self.streams = self._streams(rng)

    def _kills(self, rng):
        size = self.size
        actors = list(ACTORS)
        rng.shuffle(actors)
        while len(actors) < size.kills:
            actors.append(rng.choice(ACTORS))
        step = size.seconds / len(actors)
        return [Kill(step * (i + rng.random()), actor,
                     rng.uniform(0, DOWN_MAX_S), rng.random())
                for i, actor in enumerate(actors)]

    def _betrayals(self, rng):
        size = self.size
        names = list(BETRAYALS)
        rng.shuffle(names)
        while len(names) < size.betrayals:
            names.append(rng.choice(BETRAYALS))
        step = size.seconds / len(names)
        return [_betrayal(rng, step * (i + rng.random()), name)
                for i, name in enumerate(names)]

    def _streams(self, rng):
        """Buyers begin; every fifth dialog is answered by REST, sometimes
        the seller writes in Avito's own app."""
        size = self.size
        counts = {}
        for k in range(size.dialogs):
            answers = "web" if k % 5 == 4 else "operator"
            for origin in ("buyer", answers):
                counts[k, origin] = 1
            if k % 7 == 3:
                counts[k, "seller"] = 1
        keys = list(counts)
        weights = [1 if origin == "seller" else 8 for _, origin in keys]
        left = size.messages - len(keys)
        for key in rng.choices(keys, weights, k=max(left, 0)):
            counts[key] += 1
        return [self._stream(rng, dialog, origin, count)
                for (dialog, origin), count in counts.items()]

    def _stream(self, rng, dialog, origin, count):
        times = sorted(rng.uniform(0, self.size.seconds)
                       for _ in range(count))
        if origin == "buyer":
            # Nobody can answer before.
            times[0] = rng.uniform(0, self.size.seconds / 4)
            times.sort()
        stream, n = [], 0
        for at in times:
            if origin in ("operator", "web") and rng.random() < 0.1:
                stream.append(Message(at, dialog, origin, 0, BARE))
                continue
            n += 1
            words = " ".join(rng.choices(WORDS, k=rng.randint(1, 25)))
            stream.append(Message(at, dialog, origin, n,
                                  f"{words} {mark(dialog, origin, n)}"))
        return stream


def mark(dialog, origin, n):
    """What is looked for at the other end."""
    return f"#{dialog}{origin[0]}{n}#"


def _betrayal(rng, at, name):
    service = rng.choice(("avito", "telegram"))
    last_s = rng.uniform(0.5, 6)
    rule = dict(RULES.get(name, {}))
    if rule:
        rule.update(service=service, method=rng.choice(METHODS[service]),
                    times=rng.randint(1, 8))
        if "processed" in rule:
            rule["processed"] = rng.random() < 0.5
    if name == "429 with a time":
        rule["retry_after"] = rng.randint(1, 3)
    elif name == "silence":
        # Every third longer than the patience of the caller.
        rule["delay_ms"] = rng.choice((1000, 4000, 25000))
        rule["times"] = rng.randint(1, 3)
    elif name == "slow drip":
        rule["drip_ms"] = rng.choice((5, 20, 200))
        rule["times"] = rng.randint(1, 3)
    return Betrayal(at, name, last_s, rule, rng.random())
