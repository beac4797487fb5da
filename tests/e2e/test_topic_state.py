"""A topic shows how its dialog stands: title, icon, open or closed."""

from lib.runner import test
from lib.wait import until

NEW, CLOSED = "🔴 ", "✅ "


def _topic(seller, thread):
    return next(t for t in seller.topics() if t["thread"] == thread)


def _begun(w, **options):
    seller = w.seller(**options)
    chat = seller.buyer()
    chat.say("Здравствуйте")
    thread = chat.shown("Здравствуйте")
    _titled(seller, thread, NEW)
    chat.rests()
    return seller, chat, thread


def _titled(seller, thread, prefix):
    """Until the topic's title begins so."""
    def found():
        name = _topic(seller, thread)["name"]
        begins = name.startswith(prefix) if prefix else \
            not name.startswith((NEW, CLOSED))
        return begins and name
    return until(found, f"a title that begins with {prefix!r}")


def _later(w, chat):
    """A topic changes once a minute."""
    chat.rests()
    w.hurry(61)


def _closed(seller, thread, closed=True):
    until(lambda: _topic(seller, thread)["closed"] == closed,
          f"the topic is {'closed' if closed else 'open'}")


def _status(chat, status):
    until(lambda: chat.dialog()["status"] == status, f"the dialog is {status}")


def _edits(w, seller, since):
    return [c for c in w.sandbox.calls(since, service="telegram",
                                       method="editForumTopic")
            if c["account"] == str(seller.bot_id)]


@test
def title_and_icon_show_who_waits(w):
    seller, chat, thread = _begun(w)
    base = f"{chat.name} · {seller.title}"
    topic = _topic(seller, thread)
    assert topic["name"] == NEW + base, topic
    new_icon = topic["icon_custom_emoji_id"]
    seller.write(thread, text="Добрый день")
    chat.arrives("Добрый день")
    _later(w, chat)
    assert _titled(seller, thread, "") == base
    answered_icon = _topic(seller, thread)["icon_custom_emoji_id"]
    seller.api.patch(chat.dialog_path, {"status": "closed"})
    _later(w, chat)
    assert _titled(seller, thread, CLOSED) == CLOSED + base
    closed_icon = _topic(seller, thread)["icon_custom_emoji_id"]
    assert len({new_icon, answered_icon, closed_icon}) == 3
    assert _topic(seller, thread)["closed"]


@test
def title_changes_once_a_minute_however_much_is_said(w):
    seller, chat, thread = _begun(w)
    since = w.sandbox.mark()
    for n in range(3):
        seller.write(thread, text=f"ответ {n}")
        chat.arrives(f"ответ {n}")
        chat.say(f"вопрос {n}")
        chat.shown(f"вопрос {n}")
    chat.rests()
    assert not _edits(w, seller, since)
    seller.write(thread, text="всё")
    chat.arrives("всё")
    _later(w, chat)
    _titled(seller, thread, "")
    assert len(_edits(w, seller, since)) == 1


@test
def closing_the_dialog_closes_its_topic_and_the_buyer_opens_both(w):
    seller, chat, thread = _begun(w)
    seller.api.patch(chat.dialog_path, {"status": "closed"})
    _closed(seller, thread)
    chat.say("Ещё вопрос")
    assert chat.shown("Ещё вопрос") == thread
    _closed(seller, thread, False)
    _status(chat, "open")


@test
def closing_the_topic_by_hand_closes_the_dialog(w):
    seller, chat, thread = _begun(w)
    path = f"telegram/groups/{seller.group}/topics/{thread}"
    w.sandbox.call("POST", f"{path}/close", {"from": seller.operator})
    _status(chat, "closed")
    _later(w, chat)
    _titled(seller, thread, CLOSED)
    assert _topic(seller, thread)["closed"]
    w.sandbox.call("POST", f"{path}/reopen", {"from": seller.operator})
    _status(chat, "open")
    _later(w, chat)
    _titled(seller, thread, NEW)
    assert not _topic(seller, thread)["closed"]


@test
def buyer_whose_name_is_learned_later_gets_a_title(w):
    seller, chat, thread = _begun(w)
    w.sandbox.post(f"telegram/groups/{seller.group}/topics/{thread}/rename",
                   name="Покупатель")
    w.db.one("UPDATE dialogs SET buyer_name = '', item_title = '',"
             " details_at = NULL, topic_title = %s"
             " WHERE external_chat_id = %s RETURNING 1",
             NEW + "Покупатель", chat.id)
    chat.say("Это я")
    chat.shown("Это я")
    _later(w, chat)
    name = _titled(seller, thread, NEW + chat.name)
    assert name == f"{NEW}{chat.name} · {seller.title}", name


@test
def a_deleted_topic_has_no_state(w):
    seller, chat, thread = _begun(w)
    w.sandbox.post(f"telegram/groups/{seller.group}/topics/{thread}/delete")
    seller.api.patch(chat.dialog_path, {"status": "closed"})
    chat.rests()
    w.hurry(70)
    until(lambda: not w.db.count("tasks", "kind = 'topic.state' AND"
                                 f" subject_id = {chat.dialog()['id']}"),
          "nothing to show")


@test(events=("task.outcome",))
def a_title_that_cannot_be_changed_holds_up_nothing(w):
    seller, chat, thread = _begun(w)
    w.sandbox.fault(service="telegram", account=str(seller.bot_id),
                    method="editForumTopic", kind="status", status=429,
                    retry_after=3, times=0)
    seller.write(thread, text="Добрый день")
    chat.arrives("Добрый день")
    w.hurry(70)
    chat.say("Спасибо")
    chat.shown("Спасибо")


@test
def groups_are_offered_the_commands(w):
    seller = w.seller()
    until(lambda: w.db.one("SELECT commands_version FROM bots WHERE id = %s",
                           seller.bot["id"]) != "0", "the commands are told")
    calls = [c for c in w.sandbox.calls(service="telegram",
                                        method="setMyCommands")
             if c["account"] == str(seller.bot_id)]
    languages = sorted(c["params"].get("language_code", "") for c in calls)
    assert languages == ["", "ru"], languages
    for call in calls:
        words = [c["command"] for c in call["params"]["commands"]]
        assert {"close", "reopen", "take", "assign", "note", "info",
                "help"} <= set(words), words
        assert call["params"]["scope"]["type"] == "all_group_chats"
