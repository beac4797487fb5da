"""A message by the API: taken back, with what it said before, and typing."""

from lib.private import Source
from lib.runner import test
from lib.wait import until

HOUR_S = 3600


def _answered(w, **options):
    """A buyer's chat with an answer that has arrived; the operator's
    Message."""
    seller = w.seller(**options)
    chat = seller.buyer()
    chat.say("Продаёте?")
    thread = chat.shown("Продаёте?")
    message = seller.write(thread, text="Ошибка")
    chat.arrives("Ошибка")
    chat.rests()
    return seller, chat, message


def _message(chat, text):
    items = chat.seller.api.get(f"{chat.dialog_path}/messages")["items"]
    return [m for m in items if m["text"] == text][-1]


def _deleted_at_avito(chat):
    return [m for m in chat.sent() if m["type"] == "deleted" or
            m["content"].get("text") == "Сообщение удалено"]


@test
def answer_is_taken_back_within_the_hour(w):
    seller, chat, written = _answered(w)
    message = _message(chat, "Ошибка")
    gone = w.admin.delete(f"{chat.dialog_path}/messages/{message['id']}", status=202)
    assert gone["deleted_by"] == "operator" and gone["deleted_at"], gone
    until(lambda: _deleted_at_avito(chat), "it is gone at Avito")
    chat.shown("🗑 Удалено у покупателя")
    said = chat.showing("🗑 Удалено у покупателя")[0]
    assert said["reply_to_message"]["message_id"] == written["message_id"]
    chat.rests()
    # Once more changes nothing.
    w.admin.delete(f"{chat.dialog_path}/messages/{message['id']}", status=202)
    chat.rests()
    assert len(chat.showing("🗑")) == 1


@test
def message_from_the_web_is_marked_in_the_topic_when_taken_back(w):
    _, chat, _ = _answered(w)
    sent = w.admin.post(f"{chat.dialog_path}/messages", {"text": "Из веба"})
    chat.arrives("Из веба")
    chat.shown("Из веба")
    chat.rests()
    w.admin.delete(f"{chat.dialog_path}/messages/{sent['id']}", status=202)
    chat.shown("🗑 Удалено у покупателя")
    assert not chat.showing("Из веба")


@test
def too_late_is_told_at_once(w):
    _, chat, _ = _answered(w)
    message = _message(chat, "Ошибка")
    w.db.rows("UPDATE message_copies SET created_at = created_at"
              " - interval '61 minutes' WHERE message_id = %s",
              message["id"])
    w.admin.refused(409, "DELETE",
                    f"{chat.dialog_path}/messages/{message['id']}")
    assert not _deleted_at_avito(chat)


@test
def what_the_service_refuses_is_undone_and_told(w):
    seller, chat, _ = _answered(w)
    message = _message(chat, "Ошибка")
    w.sandbox.fault(service="avito", method="messages.delete", kind="status",
                    account=str(seller.user_id), status=400, times=0,
                    body='{"error":{"message":"message not found"}}')
    w.admin.delete(f"{chat.dialog_path}/messages/{message['id']}", status=202)
    chat.shown("🗑 Не удалось удалить у покупателя")
    assert _message(chat, "Ошибка")["deleted_at"] is None


@test
def a_buyers_message_is_not_ours_to_delete(w):
    _, chat, _ = _answered(w)
    message = _message(chat, "Продаёте?")
    w.admin.refused(409, "DELETE",
                    f"{chat.dialog_path}/messages/{message['id']}")


@test
def message_of_another_dialog_is_missing(w):
    seller, chat, _ = _answered(w)
    other = seller.buyer()
    other.say("Другой чат")
    other.shown("Другой чат")
    message = _message(other, "Другой чат")
    for method in ("GET", "DELETE"):
        w.admin.refused(404, method,
                        f"{chat.dialog_path}/messages/{message['id']}")


@test
def deleted_text_is_for_owners_and_not_for_managers(w):
    seller = w.seller()
    customer = Source(seller).account().customer()
    written = customer.say("Личное")
    customer.shown("Личное")
    customer.delete(written)
    customer.shown("🗑")
    path = f"{customer.dialog_path}/messages"
    told = w.user(seller.client_id).get(path)["items"][0]
    assert told["text"] == "Личное" and told["deleted_by"] == "buyer", told
    manager = w.user(seller.client_id, role="manager")
    told = manager.get(path)["items"][0]
    assert told["text"] == "" and told["deleted_at"], told


@test
def deliveries_of_a_deleted_message_do_not_tell_it_to_managers(w):
    seller, chat, _ = _answered(w)
    manager = w.user(seller.client_id, role="manager")
    message = _message(chat, "Ошибка")
    seller.api.delete(f"{chat.dialog_path}/messages/{message['id']}",
                      status=202)
    for who, text in ((seller.api, "Ошибка"), (manager, "")):
        items = [d for d in who.get("/api/deliveries?state=done")["items"]
                 if d["message_id"] == message["id"]]
        assert [d["text"] for d in items] == [text], items
        one = who.get(f"/api/deliveries/{items[0]['id']}")
        assert one["text"] == text, one


@test
def file_of_a_deleted_message_is_not_for_managers(w):
    seller = w.seller()
    customer = Source(seller).account().customer()
    written = customer.say(kind="photo", caption="Личное")
    customer.shown("Личное")
    customer.rests()
    file_id = w.db.one("SELECT max(id) FROM attachments WHERE client_id = %s",
                       seller.client_id)
    manager = w.user(seller.client_id, role="manager")
    assert manager.raw("GET", f"/api/media/{file_id}").status == 200
    customer.delete(written)
    customer.shown("🗑")
    assert manager.raw("GET", f"/api/media/{file_id}").status == 404
    assert w.user(seller.client_id).raw(
        "GET", f"/api/media/{file_id}").status == 200


@test
def former_texts_are_told_with_a_message(w):
    person = Source(w.seller()).person()
    written = person.say("Раз")
    person.shown("Раз")
    for text in ("Два", "Три"):
        person.edit(written, text=text)
        person.shown(text)
    message = _message(person, "Три")
    assert message["edited_at"], message
    told = w.admin.get(f"{person.dialog_path}/messages/{message['id']}")
    assert [v["text"] for v in told["versions"]] == ["Раз", "Два"], told


@test
def typing_is_shown_to_people_in_telegram_and_nowhere_else(w):
    seller = w.seller()
    source = Source(seller)
    person, customer = source.person(), source.account().customer()
    chat = seller.buyer()
    for who in (person, customer, chat):
        who.say("Привет")
        who.shown("Привет")
        who.rests()
    since = w.sandbox.mark()
    for who in (person, customer, chat):
        w.admin.post(f"{who.dialog_path}/typing", status=204)
    until(lambda: len(w.sandbox.calls(since, method="sendChatAction")) == 2,
          "two people see it")
    chat.rests()
    assert len(w.sandbox.calls(since, method="sendChatAction")) == 2
