"""Keyword rules: what a message's words start."""

import threading

from lib.runner import test
from lib.wait import until
from lib.world import MINUTES_PASS

ROBOT = "Ответим завтра"


def _rule(rule_id, action, *words, **more):
    return {"id": rule_id, "action": action, "words": list(words), **more}


def _seller(w, *rules, **fields):
    return w.seller(project_fields={"rules": list(rules), **fields})


def _path(seller):
    return f"/api/projects/{seller.project['id']}"


def _settles(w, chat):
    """All that the messages so far start has been planned, and is sent."""
    until(lambda: w.db.one(
        "SELECT NOT EXISTS (SELECT 1 FROM tasks WHERE client_id = %s"
        " AND (kind = 'dialog.automate' OR kind LIKE 'auto_reply.%%'))",
        chat.seller.client_id) == "t", "the plans are made")
    chat.rests()


def _says(w, chat, text):
    chat.say(text)
    chat.shown(text)
    _settles(w, chat)


@test(events=MINUTES_PASS)
def text_is_sent_once_in_an_interval_and_the_team_sees_it(w):
    seller = _seller(w, _rule("price", {"send": "{buyer}, торга нет"}, "торг",
                              repeat_after_hours=2))
    chat = seller.buyer("Анна")
    _says(w, chat, "Здравствуйте")
    assert chat.sent() == []
    _says(w, chat, "Возможен торг?")
    chat.arrives("Анна, торга нет")
    chat.shown("Анна, торга нет")
    _says(w, chat, "А если торговаться по ТОРГУ?")
    assert chat.sent_texts() == ["Анна, торга нет"]
    message = next(m for m in seller.api.get(
        f"{chat.dialog_path}/messages")["items"] if m["is_auto_reply"])
    assert message["author"]["kind"] == "robot", message
    w.stack.move_clock(2 * 3600 + 60)
    _says(w, chat, "Торг?")
    chat.arrives("Анна, торга нет", count=2)


@test
def messages_at_once_are_answered_once(w):
    seller = _seller(w, _rule("a", {"send": "Да"}, "есть"))
    chat = seller.buyer()
    threads = [threading.Thread(target=chat.say, args=(f"Есть {i}?",))
               for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    chat.arrives("Да")
    for i in range(4):
        chat.shown(f"Есть {i}?")
    _settles(w, chat)
    assert chat.sent_texts() == ["Да"]


@test
def dialog_is_assigned_and_labelled(w):
    seller = w.seller()
    manager = w.user(seller.client_id, role="manager").user["id"]
    seller.api.patch(_path(seller), {"rules": [
        _rule("a", {"assign": manager}, "возврат"),
        _rule("b", {"label": "возврат"}, "возврат"),
        _rule("c", {"label": "новый"}, when="first")]})
    chat, other = seller.buyer(), seller.buyer()
    _says(w, chat, "Как сделать возврат?")
    _says(w, other, "Здравствуйте")
    dialog = chat.dialog()
    assert dialog["assignee_id"] == manager, dialog
    assert dialog["labels"] == ["возврат", "новый"], dialog
    assert other.dialog()["assignee_id"] is None
    assert other.dialog()["labels"] == ["новый"]
    found = seller.api.all("/api/dialogs?label=%D0%B2%D0%BE%D0%B7%D0%B2"
                           "%D1%80%D0%B0%D1%82")
    assert [d["id"] for d in found] == [dialog["id"]], found
    # People decide otherwise, and the rule leaves it so for its interval.
    seller.api.patch(chat.dialog_path, {"assignee_id": None,
                                        "labels": ["наш", "vip"]})
    _says(w, chat, "Возврата не надо")
    assert chat.dialog()["assignee_id"] is None
    assert chat.dialog()["labels"] == ["наш", "vip"]


@test
def bad_labels_are_named(w):
    seller = w.seller()
    chat = seller.buyer()
    chat.say("Здравствуйте")
    for labels, field in ((["a", "a"], "labels[1]"), ([""], "labels[0]"),
                          ([5], "labels[0]"), (["x" * 51], "labels[0]"),
                          (["a"] * 21, "labels"), ("a", "labels")):
        problem = seller.api.refused(422, "PATCH", chat.dialog_path,
                                     {"labels": labels})
        assert [e["field"] for e in problem["errors"]] == [field], problem


@test
def somebody_who_cannot_sign_in_is_not_assigned(w):
    seller = w.seller()
    manager = w.user(seller.client_id, role="manager").user["id"]
    seller.api.patch(_path(seller), {"rules": [
        _rule("a", {"assign": manager}), _rule("b", {"label": "x"})]})
    seller.api.patch(f"/api/users/{manager}", {"disabled": True})
    chat = seller.buyer()
    _says(w, chat, "Здравствуйте")
    dialog = chat.dialog()
    assert dialog["assignee_id"] is None and dialog["labels"] == ["x"], dialog
    assert w.db.one("SELECT state || ': ' || reason FROM auto_replies"
                    " WHERE dialog_id = %s AND rule_id = 'a'",
                    dialog["id"]) == f"dropped: user {manager} is disabled"
    # Who is gone does not stand in the way of other changes.
    seller.api.delete(f"/api/users/{manager}")
    seller.api.patch(_path(seller), {"name": "Другое имя"})


@test
def nobody_else_can_be_assigned(w):
    seller = w.seller()
    stranger = w.user(w.client(), role="manager").user["id"]
    for user_id in (stranger, 999999999):
        problem = seller.api.refused(422, "PATCH", _path(seller), {
            "rules": [_rule("a", {"assign": user_id})]})
        assert problem["errors"] == [
            {"field": "rules[0].action.assign",
             "message": "there is no such user"}], problem


@test
def stop_ends_the_rules_and_starts_no_auto_reply(w):
    seller = _seller(
        w, _rule("a", {}, "спасибо", stop=True),
        _rule("b", {"send": "Пожалуйста"}, "спасибо", "торг"),
        auto_reply={"enabled": True, "text": ROBOT, "delay_seconds": 0})
    chat, other = seller.buyer(), seller.buyer()
    _says(w, chat, "Спасибо!")
    assert chat.sent() == []
    _says(w, other, "Торг?")
    other.arrives("Пожалуйста")
    other.arrives(ROBOT)
    _says(w, chat, "Ещё вопрос")
    chat.arrives(ROBOT)
    assert chat.sent_texts() == [ROBOT]


@test
def rule_that_is_gone_by_then_sends_nothing(w):
    seller = _seller(w, _rule("a", {"send": "Торга нет"}, "торг"))
    chat = seller.buyer()
    chat.say("Здравствуйте")
    chat.shown("Здравствуйте")
    w.db.rows("INSERT INTO auto_replies (client_id, dialog_id, kind, rule_id,"
              "  interval_key, asked_message_id, asked_at, due_at,"
              "  created_at, updated_at)"
              " SELECT client_id, dialog_id, 'rule', 'gone', 'x', id,"
              "  written_at, created_at, created_at, created_at"
              " FROM messages WHERE client_id = %s", seller.client_id)
    w.db.rows("INSERT INTO tasks (client_id, kind, subject_id, due_at,"
              "  created_at)"
              " SELECT client_id, 'auto_reply.send', id, due_at, due_at"
              " FROM auto_replies WHERE client_id = %s", seller.client_id)
    until(lambda: w.db.one("SELECT reason FROM auto_replies"
                           " WHERE client_id = %s AND state = 'dropped'",
                           seller.client_id) == "changed", "it is dropped")
    assert chat.sent() == []


@test
def dry_run_tells_what_rules_would_do_and_does_nothing(w):
    seller = w.seller()
    chat, other = seller.buyer(), seller.buyer()
    for text in ("Торг?", "Торг возможен?", "Спасибо за торг"):
        chat.say(text)
        chat.shown(text)
    other.say("Здравствуйте")
    other.shown("Здравствуйте")
    other.seller_says("Торга нет")
    other.shown("Торга нет")
    path = f"{_path(seller)}/rules/dry-run"
    trial = seller.api.post(path, {"rules": [
        _rule("thanks", {}, "спасибо", stop=True),
        _rule("price", {"send": "Нет"}, "торг"),
        _rule("off", {"send": "Нет"}, "торг", enabled=False),
        _rule("new", {"label": "новый"}, when="first")]}, status=200)
    assert trial["messages"] == 4 and trial["complete"], trial
    assert [(i["id"], i["count"], i["acted"]) for i in trial["items"]] == \
        [("thanks", 1, 0), ("price", 2, 1), ("off", 0, 0), ("new", 2, 2)], \
        trial
    assert [e["text"] for e in trial["items"][1]["examples"]] == \
        ["Торг?", "Торг возможен?"], trial
    assert chat.dialog()["labels"] == []
    problem = seller.api.refused(422, "POST", path, {"rules": [
        _rule("a", {"send": "{unknown}"}, "торг")]})
    assert [e["field"] for e in problem["errors"]] == \
        ["rules[0].action.send"], problem
