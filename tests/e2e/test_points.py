"""The daemon dies at each of its named points (base/fault.h).

The points are taken from the source, so that a new one is tested as soon as
it is there.  Each is tried in every scene; a point that no scene passes
fails, and needs a scene of its own.
"""

import glob
import os
import re

from lib.private import Source
from lib.runner import test
from lib.stack import StackError, TOP
from lib.unsure import unsure_sends
from lib.uploads import upload
from lib.wait import until

# What the programs may say when a daemon dies in the middle of its work.
OUTAGE = ("db.*", "redis.*", "bell.*", "delivery.*", "task.*", "daemon.*")

A_MINUTE = 20  # messages that Telegram takes for a group
TEXTS = ["Первое.", "Второе.", "Третье."]


def _points():
    found = set()
    for path in glob.glob(os.path.join(TOP, "src", "daemon", "**", "*.c"),
                          recursive=True):
        with open(path, encoding="utf-8") as file:
            found.update(re.findall(r'\bfault\("([^"]+)"\)', file.read()))
    # The master bot has its own scene and module.
    return sorted(p for p in found if not p.startswith("master."))


# --- scenes: what is written while the daemon is away, and what must come ---

class _Answers:
    """An operator's answers reach the buyer once each, in order."""

    hurry_s = 10  # so fast does time pass while it goes on
    # Nobody else passes points that begin so.
    own_points = None

    def __init__(self, w):
        self.w = w
        self.seller = w.seller()
        self.chat = self.seller.buyer()
        self.chat.say("Здравствуйте")
        self.thread = self.chat.shown("Здравствуйте")
        self.chat.rests()

    def write(self):
        for text in TEXTS:
            self.seller.write(self.thread, text=text)

    def has_come(self):
        return len(self.chat.sent()) >= len(TEXTS)

    def check(self, _unsure):
        assert self.chat.sent_texts() == TEXTS, self.chat.sent_texts()


class _LostAnswers(_Answers):
    """The same when it is not known of the first whether it arrived."""

    def write(self):
        self.w.sandbox.set(avito_echo="none")
        self.w.sandbox.fault(service="avito", method="messages.send",
                             account=str(self.seller.user_id),
                             kind="accepted_then_reset")
        super().write()


class _Messages(_Answers):
    """A buyer's messages reach the topic in order; what comes twice was
    counted."""

    def write(self):
        for text in TEXTS:
            self.chat.say(text)

    def _shown(self):
        """Joined texts stand in one message, with a blank line between."""
        return [text for m in self.chat.in_topic() if m["by"] == "bot"
                for text in re.findall("|".join(TEXTS), m["text"])]

    def has_come(self):
        return set(self._shown()) >= set(TEXTS)

    def check(self, unsure):
        shown = self._shown()
        assert list(dict.fromkeys(shown)) == TEXTS, shown
        assert len(shown) - len(TEXTS) <= unsure, (shown, unsure)


class _FirstMessages(_Messages):
    """The same where there is no topic yet."""

    def __init__(self, w):
        self.w = w
        self.seller = w.seller()
        self.chat = self.seller.buyer()

    def has_come(self):
        return self.w.db.count("dialogs", "external_chat_id = %s AND"
                               " topic_id IS NOT NULL", self.chat.id) and \
            super().has_come()


class _RenewedTopic(_Messages):
    """The same where the topic was deleted: another one begins with card and
    introduction."""

    def write(self):
        path = f"telegram/groups/{self.seller.group}/topics/{self.thread}"
        self.w.sandbox.post(f"{path}/delete")
        super().write()

    def check(self, unsure):
        super().check(unsure)
        shown = self.chat.in_topic()
        assert self.seller.title in shown[0]["text"], shown[0]
        begins = [m["text"].startswith("↩️ Диалог продолжается")
                  for m in shown]
        assert 1 <= sum(begins) <= 1 + unsure, shown
        told = shown[begins.index(True)]["text"]
        assert "Здравствуйте" in told, told
        assert begins.index(True) < min(
            i for i, m in enumerate(shown) if TEXTS[0] in m["text"]), shown
        assert len(self.seller.topics()) <= 2


class _JoinedMessages(_Messages):
    """The same where the group is at its quota, so that texts are joined."""

    def __init__(self, w):
        super().__init__(w)
        self.chat.say("Слово {n}", count=A_MINUTE)
        until(lambda: w.db.count("lanes", "held_by = %s",
                                 f"room:bot:{self.seller.bot['id']}"),
              "the quota is used up")


class _Albums(_Answers):
    """Photos from the web reach the buyer once each, in order, and the topic
    as an album; a second one of those was counted."""

    def __init__(self, w):
        super().__init__(w)
        self.owner = w.user(self.seller.client_id)
        self.photos = [w.sandbox.file("sample.jpg") + b"%d" % n
                       for n in range(3)]
        self.uploads = [upload(self.owner, f"{n}.jpg", data)["id"]
                        for n, data in enumerate(self.photos)]

    def write(self):
        self.owner.post(f"{self.chat.dialog_path}/messages",
                        {"text": TEXTS[0], "attachments": self.uploads})

    def _shown(self):
        return [self.w.sandbox.file(m["photo"][-1]["file_id"])
                for m in self.chat.in_topic() if m["kind"] == "photo"]

    def has_come(self):
        return len(self.chat.sent()) > len(self.photos) and \
            len(self._shown()) >= len(self.photos)

    def check(self, unsure):
        sent = [m["type"] for m in self.chat.sent()]
        assert sent == ["image"] * len(self.photos) + ["text"], sent
        shown = self._shown()
        assert shown == self.photos * (len(shown) // len(self.photos)), \
            len(shown)
        assert len(shown) - len(self.photos) <= unsure, (len(shown), unsure)


class _AutoReplies(_Answers):
    """Greeting and auto-reply reach the buyer once each, and the team sees
    them."""

    hurry_s = 1  # they expire after 15 minutes
    own_points = "auto_reply."

    def __init__(self, w):
        self.w = w
        self.seller = w.seller(project_fields={
            "greeting": TEXTS[0],
            "auto_reply": {"enabled": True, "delay_seconds": 1,
                           "text": TEXTS[1], "steps": [
                               {"after_minutes": 1, "text": TEXTS[2]}]}})
        self.chat = self.seller.buyer()
        self.texts = [TEXTS[0], TEXTS[2]]

    def write(self):
        self.chat.say("Есть?")

    def has_come(self):
        return len(self.chat.sent()) >= len(self.texts) and \
            self.w.db.count("dialogs", "external_chat_id = %s AND"
                            " topic_id IS NOT NULL", self.chat.id) and \
            all(self.chat.showing(t) for t in self.texts)

    def check(self, _unsure):
        assert self.chat.sent_texts() == self.texts, self.chat.sent_texts()


class _Changes(_Answers):
    """Messages that were edited and deleted look so in the topic."""

    def __init__(self, w):
        self.w = w
        self.seller = w.seller()
        self.chat = Source(self.seller).account().customer()
        self.written = [self.chat.say(text) for text in TEXTS]
        self.chat.shown(TEXTS[-1])
        self.chat.rests()

    def write(self):
        self.chat.edit(self.written[0], text="Исправлено дважды")
        self.chat.edit(self.written[0], text="Исправлено")
        self.chat.delete(self.written[1])
        self.chat.edit(self.written[2], text="Слово " * 700)

    def _shown(self):
        return [m["text"].partition("\n")[2] for m in self.chat.in_topic()
                if m["by"] == "bot"][1:]

    def has_come(self):
        shown = self._shown()
        return len(shown) >= 4 and "Исправлено\n" in shown[0] and \
            "🗑" in shown[1] and "Слово" in shown[2]

    def check(self, _unsure):
        shown = self._shown()
        assert shown[0] == "Исправлено\n✏️ изменено", shown
        assert "🗑" in shown[1] and TEXTS[1] not in shown[1], shown
        assert TEXTS[2] not in "".join(shown), shown


class _AnswersToPeople(_Answers):
    """Answers to somebody who wrote to a source's bot: never twice, and what
    may or may not have arrived is asked about."""

    def __init__(self, w):
        self.w = w
        self.seller = w.seller(connect=False)
        self.chat = Source(self.seller).person()
        self.chat.say("Здравствуйте")
        self.thread = self.chat.shown("Здравствуйте")
        self.chat.rests()

    def has_come(self):
        return self.w.db.count(
            "deliveries", "client_id = %s AND direction = 'buyer' AND state"
            " IN ('done', 'dead')", self.seller.client_id) == len(TEXTS)

    def check(self, _unsure):
        sent = self.chat.sent_texts()
        assert [t for t in TEXTS if t in sent] == sent, sent
        # The question itself may stand there twice.
        asked = {m["reply_to_message"]["message_id"]
                 for m in self.chat.in_topic() if m["by"] == "bot" and
                 m.get("text", "").startswith("❓")}
        assert len(asked) <= 1, asked
        assert len(TEXTS) - len(sent) <= len(asked), (sent, asked)


SCENES = (_Answers, _LostAnswers, _Messages, _FirstMessages, _RenewedTopic,
          _JoinedMessages, _Albums, _AutoReplies, _Changes,
          _AnswersToPeople)


def _dies_in(w, scene, point):
    """Did the daemon die?  All is well afterwards in any case."""
    unsure = unsure_sends(w.db)
    w.stack.terminate("daemon", 5)
    scene.write()
    w.sandbox.wait(idle=1)
    try:
        w.stack.restart_with_fault(point)
    except StackError:
        # It may die before the stack has called it ready.
        assert not w.stack.is_alive("daemon")
    until(lambda: not w.stack.is_alive("daemon") or
          w.hurry(scene.hurry_s) or scene.has_come(),
          f"the end of {scene.__doc__}")
    died = not w.stack.is_alive("daemon")
    if died:
        # What it had in work is found when its lease ends; before the start,
        # for work of the next one has leases, too.
        w.hurry(200)
        w.stack.start("daemon")
    else:
        w.stack.restart("daemon")
    until(lambda: w.hurry(scene.hurry_s) or scene.has_come(), "all has come")
    scene.chat.rests()
    w.sandbox.wait(idle=1)
    scene.check(unsure_sends(w.db) - unsure)
    w.sandbox.restore()
    return died


def _scenes(point):
    return [s for s in SCENES
            if s.own_points and point.startswith(s.own_points)] or SCENES


def _make_test(point):
    def dies_there(w):
        died = [scene.__name__ for scene in _scenes(point)
                if _dies_in(w, scene(w), point)]
        w.note(f"died in {', '.join(died) or 'no scene'}")
        assert died, f"no scene passes {point}"

    dies_there.__name__ = f"death_at_{point.replace('.', '_')}_ends_right"
    dies_there.__module__ = __name__
    test(events=OUTAGE)(dies_there)


for _point in _points():
    _make_test(_point)
