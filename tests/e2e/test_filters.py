"""A project's filters: what they keep from the group, and what they drop."""

import threading

from lib.private import Source
from lib.runner import test
from lib.wait import until

ROBOT = "Ответим завтра"


def _filter(filter_id, action, *words, **conditions):
    return {"id": filter_id, "action": action, "words": list(words),
            **conditions}


def _seller(w, *filters, **fields):
    return w.seller(project_fields={"filters": list(filters), **fields})


def _path(seller):
    return f"/api/projects/{seller.project['id']}"


def _messages(chat, count):
    """The dialog's messages, once there are so many."""
    return until(lambda: _has(chat, count), f"{count} messages")


def _has(chat, count):
    items = chat.seller.api.get(f"{chat.dialog_path}/messages")["items"]
    return items if len(items) >= count else None


def _hits(seller):
    return {f["id"]: f["hits"]
            for f in seller.api.get(f"{_path(seller)}/filters")["items"]}


def _listed(seller, query=""):
    return [d["external_chat_id"] for d in seller.api.all(
        f"/api/dialogs?project_id={seller.project['id']}{query}")]


@test
def hidden_message_is_kept_here_and_not_shown_in_telegram(w):
    seller = _seller(w, _filter("bargain", "hide", "торг"))
    chat = seller.buyer()
    chat.say("Торга нет?")
    _messages(chat, 1)
    chat.say("Здравствуйте")
    chat.shown("Здравствуйте")
    chat.rests()
    assert not chat.showing("Торга"), chat.in_topic()
    first, second = _messages(chat, 2)
    assert (first["hidden_by"], first["is_archived"]) == ("bargain", False)
    assert (second["hidden_by"], second["is_archived"]) == (None, False)
    dialog = chat.dialog()
    assert dialog["unread_count"] == 2 and dialog["waiting_since"], dialog
    assert _hits(seller) == {"bargain": 1}


@test
def dropped_message_is_in_the_archive_until_something_passes(w):
    seller = _seller(w, _filter("spam", "drop", "заработок"))
    chat = seller.buyer()
    chat.say("Лёгкий ЗАРАБОТОК")
    message, = _messages(chat, 1)
    assert (message["hidden_by"], message["is_archived"]) == ("spam", True)
    dialog = chat.dialog()
    assert dialog["status"] == "archived", dialog
    assert dialog["unread_count"] == 0 and not dialog["waiting_since"], dialog
    assert _listed(seller) == []
    assert _listed(seller, "&status=archived") == [chat.id]
    chat.say("Ещё продаёте?")
    chat.shown("Ещё продаёте?")
    chat.rests()
    assert not chat.showing("ЗАРАБОТОК"), chat.in_topic()
    assert chat.dialog()["status"] == "open"
    assert chat.dialog()["unread_count"] == 1, chat.dialog()
    assert _listed(seller) == [chat.id]
    chat.say("Весь заработок")
    _messages(chat, 3)
    assert chat.dialog()["status"] == "open"
    assert chat.dialog()["unread_count"] == 1, chat.dialog()


@test
def people_take_a_dialog_out_of_the_archive_and_do_not_put_it_there(w):
    seller = _seller(w, _filter("spam", "drop", "заработок"))
    chat = seller.buyer()
    chat.say("Заработок")
    _messages(chat, 1)
    seller.api.refused(422, "PATCH", chat.dialog_path,
                       {"status": "archived"})
    assert seller.api.patch(chat.dialog_path, {"labels": ["спам"]})[
        "status"] == "archived"
    assert seller.api.patch(chat.dialog_path, {"status": "open"})[
        "status"] == "open"
    assert _listed(seller) == [chat.id]


@test
def first_filter_that_applies_decides(w):
    seller = _seller(
        w, _filter("off", "drop", "обмен", enabled=False),
        _filter("friend", "pass", "постоянный покупатель"),
        _filter("exchange", "drop", "обмен"),
        _filter("rest", "hide", directions=["buyer"]))
    chat = seller.buyer()
    for text in ("Обмен?", "Я ваш постоянный покупатель, обменяю",
                 "Обмен! Постоянный покупатель", "Просто вопрос"):
        chat.say(text)
    items = _messages(chat, 4)
    assert [m["hidden_by"] for m in items] == \
        ["exchange", None, None, "rest"], items
    chat.rests()
    assert _hits(seller) == {"off": 0, "friend": 2, "exchange": 1, "rest": 1}


@test
def ad_kind_and_direction_are_conditions(w):
    seller = _seller(
        w, _filter("photo", "hide", kinds=["image"], directions=["buyer"]),
        _filter("own", "hide", "внутреннее", directions=["seller"]))
    item = seller.item + 300000000
    w.sandbox.post("avito/items", user_id=seller.user_id, id=item,
                   title="Стол", price=5)
    chat = seller.buyer()
    other = chat.about(item)
    seller.api.patch(_path(seller), {"filters": [
        *seller.api.get(_path(seller))["filters"],
        _filter("table", "drop", items=[item])]})
    other.say("Про стол")
    assert _messages(other, 1)[0]["hidden_by"] == "table"
    chat.say("Внутреннее моё")
    chat.shown("Внутреннее моё")
    chat.seller_says("Внутреннее")
    chat.seller_says("Для покупателя")
    chat.shown("Для покупателя")
    chat.rests()
    assert [m["hidden_by"] for m in _messages(chat, 3)] == [None, "own", None]


@test
def buyer_is_known_by_number_and_by_name(w):
    seller = w.seller()
    anna, boris, vera = (seller.buyer(n) for n in
                         ("Анна Ёлкина", "Борис", "Вера"))
    for chat in (anna, vera):
        # A name comes with the chat's details, not with a message.
        chat.say("Раз")
        chat.shown("Раз")
    seller.api.patch(_path(seller), {"filters": [
        _filter("who", "hide",
                buyers=["анна елкина", str(boris.buyer_id)])]})
    for chat, count, hidden in ((anna, 2, "who"), (boris, 1, "who"),
                                (vera, 2, None)):
        chat.say("Два")
        assert _messages(chat, count)[-1]["hidden_by"] == hidden, chat.name


@test
def people_who_write_to_a_bot_are_judged_from_their_first_word(w):
    seller = _seller(w, _filter("anna", "hide", buyers=["анна"]),
                     _filter("sticker", "drop", kinds=["sticker"]))
    source = Source(seller)
    anna, boris, vera = (source.person(n) for n in ("Анна", "Борис", "Вера"))
    anna.say("Привет")
    assert _messages(anna, 1)[0]["hidden_by"] == "anna"
    vera.say(kind="sticker", file="sample.webp")
    assert _messages(vera, 1)[0]["hidden_by"] == "sticker"
    assert vera.dialog()["status"] == "archived"
    boris.say("Привет")
    boris.shown("Привет")
    boris.rests()
    assert len(seller.topics()) == 1, seller.topics()
    assert _hits(seller) == {"anna": 1, "sticker": 1}


@test
def account_owners_own_words_are_judged_as_the_sellers(w):
    seller = _seller(w, _filter("own", "drop", "лично",
                                directions=["seller"]))
    customer = Source(seller).account().customer()
    customer.say("Лично вам пишу")
    customer.shown("Лично вам пишу")
    customer.owner_says("Лично отвечу")
    customer.owner_says("Отвечаю")
    customer.shown("Отвечаю")
    customer.rests()
    assert [m["hidden_by"] for m in _messages(customer, 3)] == \
        [None, "own", None]


@test
def hidden_message_is_answered_by_itself_and_a_dropped_one_is_not(w):
    seller = _seller(
        w, _filter("a", "hide", "торг"), _filter("b", "drop", "спам"),
        auto_reply={"enabled": True, "text": ROBOT, "delay_seconds": 0})
    dropped, hidden = seller.buyer(), seller.buyer()
    dropped.say("Спам")
    _messages(dropped, 1)
    hidden.say("Торг?")
    hidden.arrives(ROBOT)
    assert w.db.one("SELECT count(*) FROM auto_replies WHERE dialog_id = %s",
                    dropped.dialog()["id"]) == "0"
    assert dropped.sent() == []


@test
def messages_at_once_are_each_judged_and_counted(w):
    seller = _seller(w, _filter("spam", "drop", "спам"),
                     _filter("good", "pass", "вопрос"))
    chats = [seller.buyer() for _ in range(4)]
    threads = [threading.Thread(target=chat.say, args=(text,))
               for chat in chats for text in ("Спам", "Вопрос", "Это спам")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for chat in chats:
        _messages(chat, 3)
        until(lambda c=chat: c.dialog()["status"] == "open", "open")
        chat.shown("Вопрос")
        assert chat.dialog()["unread_count"] == 1, chat.dialog()
    assert _hits(seller) == {"spam": 8, "good": 4}


@test
def hits_tell_the_last_time_and_go_with_their_filter(w):
    seller = _seller(w, _filter("a", "hide", "раз"),
                     _filter("b", "hide", "два"))
    chat = seller.buyer()
    chat.say("Раз")
    _messages(chat, 1)
    path = f"{_path(seller)}/filters"
    a, b = seller.api.get(path)["items"]
    assert a["hits"] == 1 and a["last_at"], a
    assert b["hits"] == 0 and b["last_at"] is None, b
    filters = seller.api.get(_path(seller))["filters"]
    seller.api.patch(_path(seller), {"filters": filters[1:]})
    seller.api.patch(_path(seller), {"filters": filters})
    assert _hits(seller) == {"a": 0, "b": 0}


@test
def dry_run_tells_what_filters_would_do_and_does_nothing(w):
    seller = w.seller()
    chat = seller.buyer()
    for text in ("Торг?", "Торгуетесь?", "торга", "ТОРГ", "Вопрос"):
        chat.say(text)
    chat.shown("Вопрос")
    chat.seller_says("Торга нет")
    chat.shown("Торга нет")
    path = f"{_path(seller)}/filters/dry-run"
    trial = seller.api.post(path, {"filters": [
        _filter("a", "hide", "торг", directions=["buyer"], name="Торг"),
        _filter("b", "drop", "вопросы"),
        _filter("c", "drop", "обмен")]}, status=200)
    assert trial["messages"] == 6 and trial["complete"], trial
    assert [(i["id"], i["count"]) for i in trial["items"]] == \
        [("a", 3), ("b", 1), ("c", 0)], trial
    examples = trial["items"][0]["examples"]
    assert [e["text"] for e in examples] == ["Торг?", "торга", "ТОРГ"]
    assert examples[0]["dialog_id"] == chat.dialog()["id"], examples
    assert _hits(seller) == {}
    assert not any(m["hidden_by"] for m in _messages(chat, 6))
    # Those that are stored, when none are named.
    assert seller.api.post(path, {}, status=200)["items"] == []
    problem = seller.api.refused(422, "POST", path, {"filters": [
        {"id": "a", "action": "hide", "words": ["!"]}]})
    assert [e["field"] for e in problem["errors"]] == \
        ["filters[0].words[0]"], problem


@test
def another_client_has_no_part_in_it(w):
    seller = _seller(w, _filter("a", "hide", "торг"))
    stranger = w.user(w.client())
    for method, path in (("GET", "filters"), ("POST", "filters/dry-run"),
                         ("POST", "rules/dry-run")):
        answer = stranger.call(method, f"{_path(seller)}/{path}",
                               {} if method == "POST" else None, wrong=True)
        assert answer.status == 404, (path, answer)
    other = w.seller()
    chat = other.buyer()
    chat.say("Торг?")
    chat.shown("Торг?")
    assert _hits(seller) == {"a": 0}
