"""A message that did not arrive: what the bot says of it in the topic, and
the buttons below that."""

from lib.complaints import answers, buttons, complaint, press
from lib.runner import test
from lib.wait import until
from lib.world import number

OLD = ("С тех пор была новая попытка: нажмите кнопку под последним ответом.")


def _conversation(w, **options):
    seller = w.seller(**options)
    chat = seller.buyer()
    chat.say("Здравствуйте")
    return seller, chat, chat.shown("Здравствуйте")


def _block(w, chat, blocked=True):
    w.sandbox.patch(f"avito/chats/{chat.id}", blocked=blocked)


def _data(message, row=0):
    return message["reply_markup"]["inline_keyboard"][row][0]["callback_data"]


def _failed(w, text="Ау?", **options):
    seller, chat, thread = _conversation(w, **options)
    _block(w, chat)
    written = seller.write(thread, text=text)
    return seller, chat, written, complaint(seller, written, "❌")


def _name(seller):
    people = seller.w.sandbox.get("state", part="telegram")["telegram"]
    return next(u["first_name"] for u in people["users"]
                if u["id"] == seller.operator)


@test
def repeat_sends_again_and_the_answer_shows_the_end(w):
    seller, chat, written, said = _failed(w)
    assert buttons(said) == ["Повторить"], said
    _block(w, chat, False)
    assert press(seller, said) == "Повторяем."
    chat.arrives("Ау?")
    told = complaint(seller, written, "✅ Доставлено")
    assert told["message_id"] == said["message_id"]
    assert not buttons(told), told
    seller.reacted(written)
    assert chat.sent_texts() == ["Ау?"]
    # Pressed by somebody whose screen is behind.
    assert press(seller, told, data=_data(said)) == \
        "Сообщение уже доставлено."
    chat.rests()
    assert chat.sent_texts() == ["Ау?"]


@test
def repeated_message_comes_after_those_written_meanwhile(w):
    seller, chat, written, said = _failed(w, text="первый")
    _block(w, chat, False)
    seller.write(written["message_thread_id"], text="второй")
    chat.arrives("второй")
    press(seller, said)
    chat.arrives("первый")
    assert chat.sent_texts() == ["второй", "первый"]


@test
def button_of_an_earlier_failure_does_nothing(w):
    seller, chat, written, said = _failed(w)
    press(seller, said)
    again = until(lambda: [m for m in answers(seller, written)
                           if buttons(m) and _data(m) != _data(said)],
                  "a button of the new failure")[0]
    assert again["message_id"] == said["message_id"]
    _block(w, chat, False)
    assert press(seller, again, data=_data(said)) == OLD
    chat.rests()
    assert not chat.sent()
    press(seller, again)
    chat.arrives("Ау?")
    complaint(seller, written, "✅ Доставлено")


@test(events=("delivery.*",))
def while_it_waits_the_answer_says_who_repeats(w):
    seller, chat, written, said = _failed(w)
    w.sandbox.fault(service="avito", account=str(seller.user_id),
                    method="messages.send", kind="status", status=503)
    press(seller, said)
    told = complaint(seller, written, "🔁 Повторяем…")
    assert told["text"] == f"🔁 Повторяем… ({_name(seller)})", told
    assert not buttons(told)
    assert press(seller, told, data=_data(said)) == "Уже отправляем."


@test
def decisions_of_the_cabinet_are_shown_in_the_topic(w):
    seller, chat, written, said = _failed(w)
    owner = w.user(seller.client_id)
    delivery = int(_data(said).split(":")[1])
    path = f"/api/deliveries/{delivery}"
    owner.call("POST", f"{path}/discard")
    name = owner.user["name"]
    complaint(seller, written, f"🚫 Отменено ({name})")
    assert press(seller, said, data=_data(said)) == "Отправка отменена."
    owner.call("POST", f"{path}/retry")
    complaint(seller, written, "❌")
    shown = owner.call("POST", f"{path}/confirm")
    assert shown["state"] == "done", shown
    assert shown["ledger"][-1]["action"] == "person.confirm", shown
    assert shown["ledger"][-1]["detail"] == name, shown
    complaint(seller, written, f"✅ Дошло ({name})")
    assert owner.raw("POST", f"{path}/confirm").status == 409
    assert w.user(w.client()).raw("POST", f"{path}/confirm").status == 404
    assert not chat.sent()


@test(events=("delivery.*",))
def nobody_knows_and_a_person_says_that_it_arrived(w):
    seller, chat, thread = _conversation(w)
    w.sandbox.fault(service="avito", account=str(seller.user_id),
                    method="messages.send", kind="reset", times=0)
    written = seller.write(thread, text="Может быть")
    until(lambda: w.hurry(20) or answers(seller, written),
          "the bot gives up", seconds=60)
    said = complaint(seller, written, "❓ Неизвестно, дошло ли")
    assert buttons(said) == ["Отправить ещё раз", "Дошло"], said
    assert press(seller, said, row=1) == "Отмечено."
    told = complaint(seller, written, "✅ Дошло")
    assert told["text"] == f"✅ Дошло ({_name(seller)})", told
    assert not chat.sent()


@test
def only_a_linked_person_presses_where_the_project_says_so(w):
    seller, chat, thread = _conversation(
        w, project_fields={"operators": "linked"})
    person = 520000 + number()
    w.sandbox.post("telegram/users", id=person, first_name="Свой")
    w.sandbox.post(f"telegram/groups/{seller.group}/members", user=person,
                   status="member")
    user = w.user(seller.client_id, role="manager").user
    seller.api.patch(f"/api/users/{user['id']}",
                     {"telegram_user_id": person})
    _block(w, chat)
    written = seller.write(thread, **{"from": person, "text": "Ау?"})
    said = complaint(seller, written, "❌")
    _block(w, chat, False)
    assert press(seller, said).startswith("Вам нельзя")
    assert buttons(complaint(seller, written, "❌"))
    assert press(seller, said, person=person) == "Повторяем."
    chat.arrives("Ау?")


@test
def answer_that_was_deleted_is_said_anew_when_it_fails_again(w):
    seller, chat, written, said = _failed(w)
    w.sandbox.delete(f"telegram/chats/{seller.group}/messages/"
                     f"{said['message_id']}")
    delivery = int(_data(said).split(":")[1])
    seller.api.call("POST", f"/api/deliveries/{delivery}/retry")
    again = complaint(seller, written, "❌")
    assert again["message_id"] != said["message_id"]
    _block(w, chat, False)
    press(seller, again)
    chat.arrives("Ау?")
    complaint(seller, written, "✅ Доставлено")


@test
def foreign_buttons_are_answered_and_do_nothing(w):
    seller, chat, written, said = _failed(w)
    other, _, _, others = _failed(w)
    _block(w, chat, False)
    gone = "Эта кнопка больше не действует."
    for data in ("r:1:2:3", "\u0001", "r:" + "9" * 60, _data(others)):
        assert press(seller, said, data=data) == gone, data
    chat.rests()
    assert not chat.sent()
    assert buttons(complaint(seller, written, "❌")) == ["Повторить"]
    assert other.group != seller.group


@test
def press_is_answered_in_the_webhooks_own_reply(w):
    seller, _, written, said = _failed(w)
    update = {"update_id": 900000000 + number(), "callback_query": {
        "id": "77", "chat_instance": "1", "data": "r:1",
        "from": {"id": seller.operator, "is_bot": False, "first_name": "О"},
        "message": {"message_id": said["message_id"], "date": 0,
                    "chat": {"id": seller.group, "type": "supergroup"}}}}
    answer = seller.post_update(update)
    assert answer.status == 200, answer
    assert answer.json == {"method": "answerCallbackQuery",
                           "callback_query_id": "77",
                           "text": "Эта кнопка больше не действует."}, answer
    assert seller.post_update(update).json == {
        "method": "answerCallbackQuery", "callback_query_id": "77"}
