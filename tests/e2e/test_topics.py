"""Which topic a message lands in, and what finds its way back."""

from lib.runner import test
from lib.wait import until
from lib.world import number


def _talk(chat, text="Здравствуйте"):
    """Pinned card and read mark included."""
    chat.say(text)
    thread = chat.shown(text)
    chat.rests()
    return thread


@test
def same_buyer_on_the_same_ad_lands_in_the_same_topic(w):
    seller = w.seller()
    chat = seller.buyer()
    first = _talk(chat, "раз")
    assert _talk(chat, "два") == first
    assert len(seller.topics()) == 1
    cards = [m for m in chat.in_topic() if seller.title in m["text"]]
    assert len(cards) == 1, cards


@test
def another_buyer_makes_another_topic(w):
    seller = w.seller()
    first, second = seller.buyer("Анна"), seller.buyer("Борис")
    assert _talk(first, "от Анны") != _talk(second, "от Бориса")
    assert not first.showing("от Бориса") and not second.showing("от Анны")


@test
def another_ad_makes_another_topic(w):
    seller = w.seller()
    chat = seller.buyer()
    thread = _talk(chat, "про лампу")
    item = seller.item + 500000000
    w.sandbox.post("avito/items", user_id=seller.user_id, id=item,
                   title="Торшер", price=700)
    other = chat.about(item)
    assert _talk(other, "про торшер") != thread
    assert any("Торшер" in t["name"] for t in seller.topics())


@test
def buyers_who_write_at_once_get_one_topic_each(w):
    seller = w.seller()
    chats = [seller.buyer() for _ in range(4)]
    for n in range(3):
        for chat in chats:
            chat.say(f"Сообщение {n}")
    threads = {chat.shown("Сообщение", count=3) for chat in chats}
    assert len(threads) == len(chats)
    assert len(seller.topics()) == len(chats)


def _delete_topic(w, seller, thread):
    w.sandbox.post(f"telegram/groups/{seller.group}/topics/{thread}/delete")


@test
def deleted_topic_is_made_anew_with_card_and_message(w):
    seller = w.seller()
    chat = seller.buyer()
    old = _talk(chat, "раз")
    _delete_topic(w, seller, old)
    chat.say("два")
    new = chat.shown("два")
    assert new != old
    shown = [m["text"] for m in seller.messages(new)]
    assert seller.title in shown[0] and "два" in shown[2], shown
    assert shown[1].startswith("↩️ Диалог продолжается здесь"), shown
    assert f"{chat.name}: раз" in shown[1] and "два" not in shown[1], shown
    assert len(seller.topics()) == 1
    assert not [m for m in seller.messages(0)], "General is for colleagues"


def _update_in(seller, thread, text):
    """An operator's message as an update, wherever its topic has gone."""
    n = number()
    return {"update_id": 900000 + n, "message": {
        "message_id": 800000 + n, "date": int(seller.w.stack.now()),
        "from": {"id": seller.operator, "is_bot": False,
                 "first_name": "Ольга"},
        "chat": {"id": seller.group, "type": "supergroup",
                 "title": "Группа", "is_forum": True},
        "message_thread_id": thread, "is_topic_message": True,
        "text": text}}


@test(events=("task.outcome",))
def answer_in_the_former_topic_still_finds_its_dialog(w):
    seller = w.seller()
    chat = seller.buyer()
    old = _talk(chat, "раз")
    _delete_topic(w, seller, old)
    _talk(chat, "два")
    answer = seller.post_update(_update_in(seller, old, "ещё оттуда"))
    assert answer.status == 200, answer
    chat.arrives("ещё оттуда")


@test
def closed_topic_is_opened_again(w):
    w.sandbox.set(telegram_closed_for_admins=True)
    seller = w.seller()
    chat = seller.buyer()
    thread = _talk(chat, "раз")
    w.sandbox.post(f"telegram/groups/{seller.group}/topics/{thread}/close")
    until(lambda: chat.dialog()["status"] == "closed", "the dialog is closed")
    chat.say("два")
    assert chat.shown("два") == thread
    assert not seller.topics()[0]["closed"]


@test
def topic_deleted_while_nobody_looked_keeps_the_order(w):
    seller = w.seller()
    chat = seller.buyer()
    thread = _talk(chat, "начало")
    _delete_topic(w, seller, thread)
    chat.say("Номер {n}", count=5)
    chat.shown("Номер", count=5)
    texts = [m["text"].split("\n")[-1] for m in chat.in_topic()[2:]]
    assert texts == [f"Номер {n}" for n in range(1, 6)], texts
    assert len(seller.topics()) == 1


@test
def two_clients_with_two_bots_never_mix(w):
    one, two = w.seller(), w.seller()
    first, second = one.buyer("Анна"), two.buyer("Анна")
    thread_one, thread_two = _talk(first, "первому"), _talk(second, "второму")
    one.write(thread_one, text="ответ первого")
    two.write(thread_two, text="ответ второго")
    first.arrives("ответ первого")
    second.arrives("ответ второго")
    assert first.sent_texts() == ["ответ первого"]
    assert second.sent_texts() == ["ответ второго"]
    assert not [m for m in one.messages() if "второ" in m["text"]]
    assert not [m for m in two.messages() if "перво" in m["text"]]


@test
def account_with_a_bot_of_its_own_uses_that_one(w):
    seller = w.seller()
    other = w.seller(client=seller.client_id, project=seller.project,
                     connect=False)
    other.connect(bot_id=other.bot["id"])
    chat = other.buyer()
    chat.say("Мимо бота проекта")
    chat.shown("Мимо бота проекта")
    assert not seller.messages()


@test(events=("delivery.*", "link.broken", "bot.broken"))
def group_that_became_a_supergroup_is_followed(w):
    seller = w.seller()
    chat = seller.buyer()
    _talk(chat, "до")
    update = _update_in(seller, 0, "")
    update["message"].pop("text")
    update["message"].pop("message_thread_id")
    update["message"].pop("is_topic_message")
    new_group = seller.group - 500000000
    update["message"]["migrate_to_chat_id"] = new_group
    w.sandbox.post("telegram/groups", id=new_group, title="Новая",
                   forum=True, creator=seller.operator,
                   bots=[{"id": seller.bot_id}])
    assert seller.post_update(update).status == 200
    seller.group = new_group
    until(lambda: seller.api.get(f"/api/bots/{seller.bot['id']}")
          ["group_chat_id"] == new_group, "the bot follows its group")
    chat.say("после")
    chat.shown("после")


@test
def only_a_linked_operator_may_answer_where_the_project_says_so(w):
    seller = w.seller(project_fields={"operators": "linked"})
    chat = seller.buyer()
    thread = _talk(chat)
    linked = 510000 + number()
    w.sandbox.post("telegram/users", id=linked, first_name="Свой")
    w.sandbox.post(f"telegram/groups/{seller.group}/members", user=linked,
                   status="member")
    user = w.user(seller.client_id, role="manager").user
    seller.api.patch(f"/api/users/{user['id']}",
                     {"telegram_user_id": linked})
    seller.write(thread, text="от чужого")
    until(lambda: any("отвечают только сотрудники" in m.get("text", "")
                      for m in seller.messages(thread)), "it is told")
    seller.write(thread, **{"from": linked, "text": "от своего"})
    chat.arrives("от своего")
    assert chat.sent_texts() == ["от своего"]


@test(events=("delivery.*",))
def topic_whose_making_seemed_to_fail_is_adopted(w):
    seller = w.seller()
    w.sandbox.fault(service="telegram", account=str(seller.bot_id),
                    method="createForumTopic", kind="accepted_then_reset")
    chat = seller.buyer()
    chat.say("Вижу тему?")
    first = until(seller.topics, "the topic at Telegram")[0]["thread"]
    until(lambda: w.db.count("attempts", "outcome = 'unsure' AND client_id ="
                             f" {seller.client_id}"), "its end is not known")
    seller.write(first, text="Отвечаю сразу")
    chat.arrives("Отвечаю сразу")
    until(lambda: w.hurry(10) or chat.showing("Вижу тему?"),
          "the message in that topic")
    assert chat.topic() == first
    assert len(seller.topics()) == 1, seller.topics()


@test(events=("delivery.*",))
def orphaned_topic_leads_to_its_dialog_too(w):
    seller = w.seller()
    w.sandbox.fault(service="telegram", account=str(seller.bot_id),
                    method="createForumTopic", kind="accepted_then_reset")
    chat = seller.buyer()
    chat.say("Здравствуйте")
    orphan = until(seller.topics, "the topic at Telegram")[0]["thread"]
    until(lambda: w.hurry(10) or chat.showing("Здравствуйте"),
          "the message in a second topic")
    thread = chat.topic()
    assert thread != orphan
    seller.write(orphan, text="из сироты")
    chat.arrives("из сироты")
    seller.write(thread, text="из темы")
    chat.arrives("из темы")
    chat.say("Слышу")
    assert chat.shown("Слышу") == thread
