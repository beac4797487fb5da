"""verdict.py - what arrived, held against what was written.

The sandbox is the witness: what it shows in Avito's chats and in Telegram's
groups is what people there saw.  Marks are looked for inside the texts, for
several texts may arrive in one message.
"""

import collections
import re

import robots
from plan import BARE, mark

_MARK = re.compile(r"#(\d+)([a-z])(\d+)#")
_ORIGINS = {"b": "buyer", "o": "operator", "w": "web", "s": "seller"}


class Verdict:
    """violations: texts; empty is what we want."""

    def __init__(self):
        self.violations = []
        self.counts = collections.Counter()

    def add(self, kind, text):
        self.counts[kind] += 1
        self.violations.append(f"{kind}: {text}")


def judge(cast, streams, state, given_up, unsure, by_itself):
    """given_up: marks of messages that are shown as failed -> reason;
    by_itself: rows of robots.ROWS."""
    verdict = Verdict()
    chats = {c["id"]: c["messages"] for c in state["avito"]["chats"]}
    written = {(s[0].dialog, s[0].origin): s for s in streams}
    sent = {chat: [m["content"].get("text", "") for m in messages
                   if m["by"] == "api"] for chat, messages in chats.items()}
    for dialog in cast.dialogs:
        at_avito = [text for text in sent[dialog.chat.id]
                    if not robots.is_robots(text)]
        for origin in ("operator", "web"):
            if (dialog.k, origin) in written:
                _at_avito(verdict, dialog.k, origin,
                          written[dialog.k, origin], at_avito, given_up)
    robots.judge(verdict, cast, by_itself, sent,
                 {s.group: _shown(state, s.group) for s in cast.sellers},
                 {k for k, origin in written if origin == "seller"})
    topics = _at_telegram(cast, state, verdict)
    for (k, origin), stream in written.items():
        if origin != "operator":
            _in_topic(verdict, k, origin, stream, topics[k], given_up)
    if verdict.counts["Telegram copies"] > unsure:
        verdict.add("duplicated at Telegram",
                    f"{verdict.counts['Telegram copies']} copies, and "
                    f"{unsure} sends were unsure")
    return verdict


def _shown(state, group):
    """All that bots have said in a group."""
    return "\n".join(m.get("text") or "" for chat in
                     state["telegram"]["chats"] if chat["key"] == str(group)
                     for m in chat["messages"] if m["by"] == "bot")


def _lost(verdict, name, where, given_up):
    if name in given_up:
        verdict.add("given up", f"{name} {where}: {given_up[name]}")
    else:
        verdict.add("lost", f"{name} {where}")


def _at_avito(verdict, k, origin, stream, texts, given_up):
    """Each once and in order, the bare ones too."""
    verdict.counts["to Avito"] += len(stream)
    expected = [m.text for m in stream]
    if texts == expected:
        return
    seen = collections.Counter(texts)
    before = len(verdict.violations)
    for text in dict.fromkeys(expected):
        name = _name(k, origin, text)
        wanted = expected.count(text)
        if seen[text] > wanted:
            verdict.add("duplicated at Avito",
                        f"{name}: {seen[text]} instead of {wanted}")
        elif seen[text] < wanted:
            _lost(verdict, name, "at Avito", given_up)
    for text in dict.fromkeys(texts):
        if text not in expected:
            verdict.add("strange at Avito", f"dialog {k}: {text!r}")
    if len(verdict.violations) == before:
        first = next(i for i, text in enumerate(expected)
                     if texts[i] != text)
        verdict.add("out of order at Avito",
                    f"{_name(k, origin, expected[first])}: in its place came "
                    f"{_name(k, origin, texts[first])}")


def _name(k, origin, text):
    return f"a bare one of dialog {k}" if text == BARE \
        else text.rpartition(" ")[2]


def _at_telegram(cast, state, verdict):
    """For each dialog and origin the numbers that the bots showed, in order
    of first arrival.  A topic belongs to one dialog."""
    topics = [collections.defaultdict(list) for _ in cast.dialogs]
    groups = {str(s.group) for s in cast.sellers}
    for chat in state["telegram"]["chats"]:
        if chat["key"] not in groups:
            continue
        owners = {}
        for m in chat["messages"]:
            if m["by"] != "bot" or m["kind"] == "service":
                continue
            found = _MARK.findall(m.get("text") or m.get("caption") or "")
            for k, letter, n in found:
                k, n = int(k), int(n)
                if owners.setdefault(m["thread"], k) != k:
                    verdict.add("strange at Telegram",
                                f"{mark(k, _ORIGINS[letter], n)} is in the "
                                f"topic of dialog {owners[m['thread']]}")
                arrived = topics[k][_ORIGINS[letter]]
                if n in arrived:
                    verdict.counts["Telegram copies"] += 1
                else:
                    arrived.append(n)
            verdict.counts["joined at Telegram"] += len(found) > 1
    for k, topic in enumerate(topics):
        for n in topic["operator"]:
            verdict.add("strange at Telegram",
                        f"{mark(k, 'operator', n)}, which the team itself "
                        "wrote in the topic")
    return topics


def _in_topic(verdict, k, origin, stream, topic, given_up):
    expected = [m.n for m in stream if m.n]
    arrived = topic[origin]
    verdict.counts["to Telegram"] += len(expected)
    for n in expected:
        if n not in arrived:
            _lost(verdict, mark(k, origin, n), "in the topic", given_up)
    if arrived != sorted(arrived):
        first = next(i for i in range(1, len(arrived))
                     if arrived[i] < arrived[i - 1])
        verdict.add("out of order in the topic",
                    f"{mark(k, origin, arrived[first])} came behind "
                    f"{mark(k, origin, arrived[first - 1])}")
