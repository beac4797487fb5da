"""robots.py - greetings and auto-replies among all the talk.

Every second seller lets something go by itself: a greeting, an auto-reply
with a step, or both.  Its interval outlasts the play, so each text goes to a
dialog once at most, and exactly once unless somebody was faster or it was too
late.  What was decided stands in the database; what came of it is what the
sandbox shows.
"""

import collections

GREETING = "Здравствуйте, мы рады вам."
FIRST = "Ответим, как только сможем."
STEP = "Мы о вас помним."
TEXTS = {("greeting", 0): GREETING, ("auto_reply", 0): FIRST,
         ("auto_reply", 1): STEP}

_AUTO = {"enabled": True, "mode": "always", "repeat_after_hours": 720,
         "delay_seconds": 1, "text": FIRST,
         "steps": [{"after_minutes": 1, "text": STEP}]}
# Of the sellers in turn.
_SETTINGS = ({}, {"auto_reply": _AUTO}, {"greeting": GREETING},
             {"greeting": GREETING, "auto_reply": _AUTO})

ROWS = ("SELECT g.external_chat_id, r.kind, r.step::integer, r.state,"
        " r.reason FROM auto_replies r JOIN dialogs g ON g.id = r.dialog_id"
        " ORDER BY r.id")
# Nothing is planned, waits, or has to be told any more.
AT_REST = ("NOT EXISTS (SELECT 1 FROM auto_replies"
           "  WHERE state IN ('pending', 'queued'))"
           " AND NOT EXISTS (SELECT 1 FROM tasks WHERE kind IN"
           "  ('dialog.automate', 'auto_reply.send', 'auto_reply.sent'))")

# Ends without having been sent, and those that a person is shown.
_KEPT_BACK = ("dropped", "expired")
_GIVEN_UP = ("failed", "unsure")


def settings(i):
    """The project's fields of the seller of that number."""
    return _SETTINGS[i % len(_SETTINGS)]


def is_robots(text):
    return text in TEXTS.values()


def judge(verdict, cast, rows, chats, groups, begun):
    """chats: what the API sent, by chat; groups: what bots showed; begun:
    numbers of the dialogs in which the seller may have been the first."""
    planned = collections.defaultdict(list)
    for chat, kind, step, state, reason in rows:
        planned[chat, kind, int(step)].append((state, reason))
        verdict.counts[f"robot: {state}"] += 1
    for dialog in cast.dialogs:
        fields = settings(cast.sellers.index(dialog.seller))
        starts = set()
        if "greeting" in fields and dialog.k not in begun:
            starts.add(("greeting", 0))
        if "auto_reply" in fields:
            starts.add(("auto_reply", 0))
        for key, text in TEXTS.items():
            _text(verdict, dialog, key, text,
                  planned[(dialog.chat.id, *key)], key in starts,
                  chats[dialog.chat.id])
    _mirrored(verdict, cast, planned, groups)


def _text(verdict, dialog, key, text, ends, must_start, sent):
    """One dialog's: planned if it should be, sent as often as it says."""
    name = f"{key[0]} {key[1]} of dialog {dialog.k}"
    states = [state for state, _ in ends]
    arrived = sent.count(text)
    done = states.count("sent")
    if must_start and not ends:
        verdict.add("robot never started", name)
    if done > 1 or arrived > 1:
        verdict.add("robot sent twice", f"{name}: {arrived} at Avito, {ends}")
    elif arrived != done and "unsure" not in states:
        verdict.add("robot lost", f"{name}: {arrived} at Avito, {ends}")
    for state, reason in ends:
        if state in _GIVEN_UP:
            verdict.add("given up", f"{name}: {state}")
        elif state in _KEPT_BACK and reason not in (
                "answered", "expired", "superseded"):
            verdict.add("robot kept back", f"{name}: {reason}")


def _mirrored(verdict, cast, planned, groups):
    """The team has seen each that the buyers have got."""
    for seller in cast.sellers:
        shown = groups[seller.group]
        for key, text in TEXTS.items():
            done = sum(planned[(d.chat.id, *key)].count(("sent", ""))
                       for d in cast.dialogs if d.seller is seller)
            if shown.count(text) < done:
                verdict.add("robot not shown",
                            f"{key} in group {seller.group}: "
                            f"{shown.count(text)} of {done}")
