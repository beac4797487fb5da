"""Refusals that only a person can end: what waits burns no attempts, there is
one notice, and when it is mended all goes on, in order."""

from lib.notices import (burnt, look_again, mended, none_open, noticed,
                         notices)
from lib.runner import test
from lib.wait import until

BROKEN = ("bot.*", "avito.*", "link.broken", "delivery.*", "task.outcome")


def _conversation(w, **options):
    seller = w.seller(**options)
    chat = seller.buyer()
    chat.say("Здравствуйте")
    return seller, chat, chat.shown("Здравствуйте")


def _membership(w, seller, status, **rights):
    fields = {"rights": rights} if rights else {}
    w.sandbox.post(f"telegram/groups/{seller.group}/members",
                   user=seller.bot_id, status=status, **fields)


def _held(w, seller, text):
    """What goes to the team waits, all of it."""
    until(lambda: w.db.one(
        "SELECT count(*) FROM lanes WHERE client_id = %s"
        " AND held_by LIKE %s", seller.client_id, text) != "0",
        f"a lane that waits for {text}")


def _went_on(w, seller, chat, notice, text, count=3):
    chat.shown(text, count=count)
    chat.rests()
    shown = [m["text"].split("\n")[-1] for m in chat.in_topic()]
    assert [t for t in shown if t.startswith(text)] == \
        [f"{text} {n}" for n in range(1, count + 1)], shown
    mended(w, seller, notice)
    assert burnt(w, seller) == 0


def _refuse(w, seller, code, words, method="send*", times=0, **parameters):
    body = {"ok": False, "error_code": code, "description": words}
    if parameters:
        body["parameters"] = parameters
    return w.sandbox.fault(service="telegram", account=str(seller.bot_id),
                           method=method, kind="status", status=code,
                           body=body, times=times)


# --- the bot and its group ---

@test(events=BROKEN)
def bot_thrown_out_goes_on_when_it_is_added_again(w):
    seller, chat, _ = _conversation(w)
    other = seller.buyer()
    _membership(w, seller, "kicked")
    chat.say("Без бота {n}", count=3)
    other.say("И другой")
    notice = noticed(w, seller, "bot.group")
    assert seller.bot_becomes("error")["last_error"] == notice["text"]
    assert not chat.showing("Без бота")
    _membership(w, seller, "administrator")
    _went_on(w, seller, chat, notice, "Без бота")
    other.shown("И другой")


@test(events=BROKEN)
def thrown_out_is_noticed_by_the_send_when_no_update_tells(w):
    seller, chat, _ = _conversation(w)
    fault = _refuse(w, seller, 403, "Forbidden: bot was kicked from the"
                                    " supergroup chat")
    chat.say("Узнали сами {n}", count=3)
    notice = noticed(w, seller, "bot.group")
    _held(w, seller, "bot:%")
    w.sandbox.end_fault(fault)
    look_again(w, seller)
    _went_on(w, seller, chat, notice, "Узнали сами")


@test(events=BROKEN)
def group_that_is_not_found_goes_on_when_it_is_corrected(w):
    seller, chat, _ = _conversation(w)
    bot = f"/api/bots/{seller.bot['id']}"
    seller.api.patch(bot, {"group_chat_id": -1009999999999})
    chat.say("В нужную группу {n}", count=3)
    notice = noticed(w, seller, "bot.group")
    seller.api.patch(bot, {"group_chat_id": seller.group})
    _went_on(w, seller, chat, notice, "В нужную группу")


@test(events=BROKEN)
def missing_rights_hold_until_they_are_given(w):
    seller, chat, _ = _conversation(w)
    _membership(w, seller, "administrator", can_manage_topics=False)
    notice = noticed(w, seller, "bot.rights")
    chat.say("Без прав {n}", count=3)
    _held(w, seller, "bot:%")
    _membership(w, seller, "administrator")
    _went_on(w, seller, chat, notice, "Без прав")


@test(events=BROKEN)
def no_right_to_write_is_noticed_by_the_send(w):
    seller, chat, _ = _conversation(w)
    fault = _refuse(w, seller, 400, "Bad Request: not enough rights to send"
                                    " text messages to the chat")
    chat.say("Нельзя писать {n}", count=3)
    notice = noticed(w, seller, "bot.rights")
    _held(w, seller, "bot:%")
    w.sandbox.end_fault(fault)
    look_again(w, seller)
    _went_on(w, seller, chat, notice, "Нельзя писать")


@test(events=BROKEN)
def cause_that_changes_leaves_one_notice(w):
    seller, chat, _ = _conversation(w)
    _membership(w, seller, "kicked")
    noticed(w, seller, "bot.group")
    _membership(w, seller, "member")
    until(lambda: [n["kind"] for n in notices(w, seller)] == ["bot.rights"],
          "the notice of the group gives way to that of the rights")
    _membership(w, seller, "administrator")
    none_open(w, seller)


@test(events=BROKEN)
def group_without_topics_holds_until_it_has_them(w):
    seller, chat, _ = _conversation(w)
    w.sandbox.patch(f"telegram/groups/{seller.group}", forum=False)
    look_again(w, seller)
    notice = noticed(w, seller, "bot.forum")
    chat.say("Без тем {n}", count=3)
    _held(w, seller, "bot:%")
    w.sandbox.patch(f"telegram/groups/{seller.group}", forum=True)
    look_again(w, seller)
    _went_on(w, seller, chat, notice, "Без тем")


@test(events=BROKEN)
def revoked_token_holds_until_another_is_entered(w):
    seller, chat, _ = _conversation(w)
    seller.token = f"{seller.bot_id}:AAreplaced-token-{seller.bot_id}"
    w.secret(seller.token)
    w.sandbox.patch(f"telegram/bots/{seller.bot_id}", token=seller.token)
    chat.say("Ждёт токена {n}", count=3)
    notice = noticed(w, seller, "bot.token")
    seller.api.patch(f"/api/bots/{seller.bot['id']}",
                     {"token": seller.token})
    _went_on(w, seller, chat, notice, "Ждёт токена")


@test(events=BROKEN)
def webhook_that_another_program_took_is_set_again(w):
    seller, chat, thread = _conversation(w)
    ours = seller.hook_url
    w.sandbox.post(f"telegram/bots/{seller.bot_id}/webhook",
                   url="http://127.0.0.1:9/another")
    look_again(w, seller)
    notice = noticed(w, seller, "bot.taken")
    assert "127.0.0.1" in notice["text"], notice
    until(lambda: w.sandbox.telegram_bot(seller.bot_id)["webhook"]["url"] ==
          ours, "ours is there again")
    look_again(w, seller)
    mended(w, seller, notice)
    seller.write(thread, text="Слышно")
    chat.arrives("Слышно")


@test(events=BROKEN)
def group_that_moved_is_followed_by_the_send(w):
    seller, chat, _ = _conversation(w)
    to = seller.group - 600000000
    w.sandbox.post("telegram/groups", id=to, title="Переехала", forum=True,
                   creator=seller.operator, bots=[{"id": seller.bot_id}])
    fault = w.sandbox.fault(
        service="telegram", account=str(seller.bot_id), method="*",
        chat=str(seller.group), kind="status", status=400, times=0,
        body={"ok": False, "error_code": 400, "description":
              "Bad Request: group chat was upgraded to a supergroup chat",
              "parameters": {"migrate_to_chat_id": to}})
    former, seller.group = seller.group, to
    chat.say("Туда же {n}", count=3)
    other = seller.buyer()
    other.say("Первое слово")
    chat.shown("Туда же", count=3)
    other.shown("Первое слово")
    w.sandbox.end_fault(fault)
    assert former != to and not notices(w, seller)
    assert w.admin.get(f"/api/bots/{seller.bot['id']}")["group_chat_id"] == to
    assert burnt(w, seller) == 0


@test
def first_message_of_a_dialog_follows_a_group_that_moved(w):
    seller = w.seller()
    to = seller.group - 700000000
    w.sandbox.post("telegram/groups", id=to, title="Переехала", forum=True,
                   creator=seller.operator, bots=[{"id": seller.bot_id}])
    _refuse(w, seller, 400, "Bad Request: group chat was upgraded to a"
                            " supergroup chat", method="createForumTopic",
            times=1, migrate_to_chat_id=to)
    seller.group = to
    chat = seller.buyer()
    chat.say("В новый дом")
    chat.shown("В новый дом")
    assert not notices(w, seller) and burnt(w, seller) == 0


# --- one topic, one person ---

@test
def closed_topic_is_nobodys_notice(w):
    w.sandbox.set(telegram_closed_for_admins=True)
    seller, chat, thread = _conversation(w)
    w.sandbox.post(f"telegram/groups/{seller.group}/topics/{thread}/close")
    chat.say("В закрытую {n}", count=3)
    chat.shown("В закрытую", count=3)
    chat.rests()
    assert not notices(w, seller) and burnt(w, seller) == 0


@test
def deleted_topic_is_nobodys_notice(w):
    seller, chat, thread = _conversation(w)
    w.sandbox.post(f"telegram/groups/{seller.group}/topics/{thread}/delete")
    chat.say("В удалённую {n}", count=3)
    chat.shown("В удалённую", count=3)
    chat.rests()
    assert not notices(w, seller) and burnt(w, seller) == 0


@test(events=("delivery.outcome",))
def person_who_blocked_the_bot_stops_that_message_alone(w):
    seller, chat, _ = _conversation(w)
    _refuse(w, seller, 403, "Forbidden: bot was blocked by the user", times=1)
    chat.say("Первое")
    chat.say("Второе")
    chat.shown("Второе")
    chat.rests()
    dead = w.admin.get(f"/api/deliveries?client_id={seller.client_id}"
                       "&state=dead")["items"]
    assert [d["text"] for d in dead] == ["Первое"], dead
    assert "заблокировал" in dead[0]["last_error"], dead
    assert seller.bot_becomes("active")


@test(events=("delivery.outcome",))
def buyer_who_blocked_the_seller_stops_that_message_alone(w):
    seller, chat, thread = _conversation(w)
    w.sandbox.patch(f"avito/chats/{chat.id}", blocked=True)
    seller.write(thread, text="Не дойдёт")
    until(lambda: w.admin.get(f"/api/deliveries?client_id={seller.client_id}"
                              "&state=dead")["items"], "it failed for good")
    w.sandbox.patch(f"avito/chats/{chat.id}", blocked=False)
    seller.write(thread, text="Дойдёт")
    chat.arrives("Дойдёт")
    assert seller.account_becomes("active")


# --- the Avito account ---

def _sent_after(w, seller, chat, notice, text, count=3):
    chat.arrives(count=count)
    chat.rests()
    assert chat.sent_texts() == [f"{text} {n}" for n in range(1, count + 1)]
    mended(w, seller, notice)
    assert burnt(w, seller) == 0


@test(events=BROKEN)
def revoked_keys_hold_until_others_are_entered(w):
    seller, chat, thread = _conversation(w, monitoring=True)
    new = seller.avito_secret + "-new"
    w.secret(new)
    w.sandbox.patch(f"avito/accounts/{seller.user_id}", client_secret=new)
    w.sandbox.post(f"avito/accounts/{seller.user_id}/expire_tokens")
    seller.write(thread, text="Ждёт ключей {n}", count=3)
    notice = noticed(w, seller, "avito.keys")
    _held(w, seller, "avito:%")
    seller.api.patch(seller.account_path, {"api_client_secret": new})
    _sent_after(w, seller, chat, notice, "Ждёт ключей")


def _without_plan(w, status):
    seller, chat, thread = _conversation(w)
    w.sandbox.patch(f"avito/accounts/{seller.user_id}", status=status)
    seller.write(thread, text="Ждёт тарифа {n}", count=3)
    notice = noticed(w, seller, "avito.plan")
    assert "тариф" in notice["text"], notice
    _held(w, seller, "avito:%")
    # A check finds that nothing is better.
    look_again(w, seller)
    until(lambda: notices(w, seller)[0]["count"] > notice["count"],
          "the check meets it again")
    assert not chat.sent()
    w.sandbox.patch(f"avito/accounts/{seller.user_id}", status="active")
    look_again(w, seller)
    _sent_after(w, seller, chat, notice, "Ждёт тарифа")


@test(events=BROKEN)
def account_whose_plan_ended_goes_on_when_it_is_paid(w):
    _without_plan(w, "no_subscription")


@test(events=BROKEN)
def account_that_is_refused_with_a_fresh_token_goes_on_when_it_is_let_in(w):
    _without_plan(w, "blocked")


@test(events=("avito.*",))
def another_vendors_subscription_is_noticed(w):
    w.sandbox.set(avito_many_subscriptions=True)
    seller = w.seller()
    w.sandbox.post(f"avito/accounts/{seller.user_id}/subscriptions",
                   url="http://127.0.0.1:9/foreign")
    look_again(w, seller)
    notice = noticed(w, seller, "avito.webhook")
    assert "127.0.0.1" in notice["text"], notice
    assert seller.account_becomes("active")


@test(events=BROKEN)
def refusal_to_give_a_token_is_obeyed_as_any_other(w):
    seller, chat, thread = _conversation(w)
    chat.rests()
    w.db.rows("UPDATE avito_accounts SET token_expires_at = %s WHERE id = %s",
              "2020-01-01", seller.account["id"])
    since = w.sandbox.mark()
    w.sandbox.fault(service="avito", method="token", kind="status",
                    status=429, retry_after=60)
    seller.write(thread, text="После паузы")
    _held(w, seller, "room:avito:%")
    # Something else, so that the daemon has looked again.
    chat.say("Вы здесь?")
    chat.shown("Вы здесь?")
    assert len(w.sandbox.calls(since, method="token")) == 1
    w.stack.move_clock(61)
    chat.arrives("После паузы")
    assert burnt(w, seller) == 0


@test(events=BROKEN)
def bots_token_that_is_refused_is_not_the_avito_accounts_trouble(w):
    seller, chat, thread = _conversation(w)
    chat.rests()
    fault = _refuse(w, seller, 401, "Unauthorized", method="getFile")
    seller.write(thread, kind="photo", file="sample.jpg")
    until(lambda: burnt(w, seller), "it was tried")
    assert seller.api.get(seller.account_path)["status"] == "active"
    w.sandbox.end_fault(fault)
    w.stack.move_clock(20)
    chat.arrives(type="image")
    assert not notices(w, seller)
