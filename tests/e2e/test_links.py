"""Tokens, credentials and webhooks: checked, refused, mended, renewed."""

from lib.runner import test
from lib.wait import until


def _conversation(w, **options):
    seller = w.seller(**options)
    chat = seller.buyer()
    chat.say("Здравствуйте")
    return seller, chat, chat.shown("Здравствуйте")


def _token_calls(w, seller, since=0):
    """How often a token was asked for: the account is not known yet then, so
    by the client id."""
    return [c for c in w.sandbox.calls(since, method="token")
            if c["params"]["client_id"] == seller.avito_client_id]


# --- the bot ---

@test(events=("bot.*", "task.outcome"))
def bot_whose_token_telegram_refuses_says_so(w):
    client = w.client()
    token = f"{90000000 + client}:AArefused-token-{client:08d}-x"
    w.secret(token)
    bot = w.admin.post("/api/bots", {"client_id": client, "token": token})
    path = f"/api/bots/{bot['id']}"
    assert bot["status"] == "checking", bot
    until(lambda: w.admin.get(path)["status"] == "error", "it is refused")
    error = w.admin.get(path)["last_error"]
    assert error and token not in error, error
    w.note(f"last_error: {error}")


@test(events=("bot.*", "link.broken", "delivery.*", "task.outcome"))
def what_waits_for_a_bot_goes_on_when_its_token_is_mended(w):
    seller, chat, _ = _conversation(w)
    former = seller.token
    seller.token = f"{seller.bot_id}:AAmended-token-{seller.bot_id}"
    w.secret(seller.token)
    w.sandbox.patch(f"telegram/bots/{seller.bot_id}", token=seller.token)
    chat.say("Пока токен плох {n}", count=3)
    error = seller.bot_becomes("error")["last_error"]
    assert error and former not in error, error
    w.note(f"last_error: {error}")
    assert not chat.showing("Пока токен плох")
    seller.api.patch(f"/api/bots/{seller.bot['id']}",
                     {"token": seller.token})
    seller.bot_becomes("active")
    chat.shown("Пока токен плох", count=3)
    chat.rests()
    texts = [m["text"].split("\n")[-1] for m in chat.in_topic()[-3:]]
    assert texts == [f"Пока токен плох {n}" for n in (1, 2, 3)], texts


@test
def token_of_another_bot_is_no_mending(w):
    one, two = w.seller(connect=False), w.seller(connect=False)
    answer = w.admin.call("PATCH", f"/api/bots/{one.bot['id']}",
                          {"token": two.token})
    assert answer.status in (409, 422), answer


@test(events=("webhook.refused",))
def former_secret_is_good_until_telegram_confirmed_the_new_one(w):
    seller = w.seller(connect=False)
    former = seller.hook_path, seller.hook_header
    fault = w.sandbox.fault(service="telegram", method="setWebhook",
                            account=str(seller.bot_id), kind="hang",
                            delay_ms=60000, processed=True)
    answer = seller.api.call("POST", f"/api/bots/{seller.bot['id']}/webhook")
    assert answer.status in (200, 202), answer
    until(lambda: w.db.one("SELECT webhook_old_hash IS NOT NULL FROM bots"
                           " WHERE id = %s", seller.bot["id"]) == "t",
          "a new secret")
    old = seller.post_update({}, path=former[0], header=former[1])
    assert old.status == 200, "the former secret still serves"
    w.sandbox.end_fault(fault)
    until(lambda: _hurried_hook(w, seller) != former[0],
          "Telegram has the new one")
    until(lambda: w.db.one("SELECT webhook_old_hash IS NULL FROM bots"
                           " WHERE id = %s", seller.bot["id"]) == "t",
          "the former one has ended")
    seller.learn_webhook(seller.bot)
    assert seller.post_update({}).status == 200
    old = seller.post_update({}, path=former[0], header=former[1])
    assert old.status == 404, old


def _hurried_hook(w, seller):
    w.hurry(5)
    url = w.sandbox.telegram_bot(seller.bot_id)["webhook"]["url"]
    return url[len(w.stack.url):]


@test
def webhook_set_anew_while_messages_flow_loses_none(w):
    seller, chat, thread = _conversation(w)
    former = seller.hook_url
    for n in range(6):
        seller.write(thread, text=f"Поток {n}")
        if n == 2:
            seller.api.call("POST", f"/api/bots/{seller.bot['id']}/webhook")
    w.sandbox.wait(idle=1)
    chat.arrives(count=6)
    until(lambda: w.sandbox.telegram_bot(seller.bot_id)["webhook"]["url"]
          not in ("", former), "a new address")
    seller.learn_webhook(seller.bot)
    assert chat.sent_texts() == [f"Поток {n}" for n in range(6)]


@test
def webhook_can_be_taken_away(w):
    seller = w.seller(connect=False)
    answer = seller.api.call("DELETE", f"/api/bots/{seller.bot['id']}/webhook")
    assert answer.status == 202, answer
    until(lambda: w.sandbox.telegram_bot(seller.bot_id)["webhook"]["url"] ==
          "", "no webhook at Telegram")


# --- the Avito account ---

@test(events=("avito.broken",))
def wrong_credentials_say_so(w):
    for status in (401, 403, 400):
        w.sandbox.set(avito_bad_secret_status=status)
        seller = w.seller(connect=False)
        wrong = f"wrong-avito-secret-{seller.user_id}"
        w.secret(wrong)
        seller.account = w.admin.post(
            "/api/avito/accounts",
            seller.account_fields(api_client_secret=wrong))
        assert seller.account["status"] == "checking", seller.account
        error = seller.account_becomes("error")["last_error"]
        assert error and wrong not in error, error
        w.note(f"{status}: {error}")


@test(events=("avito.broken", "link.broken", "delivery.*", "task.outcome"))
def what_waits_for_an_account_goes_on_when_it_is_mended(w):
    seller, chat, thread = _conversation(w, monitoring=True)
    mended = seller.avito_secret + "-mended"
    w.secret(mended)
    w.sandbox.patch(f"avito/accounts/{seller.user_id}", client_secret=mended)
    w.sandbox.post(f"avito/accounts/{seller.user_id}/expire_tokens")
    seller.write(thread, text="Ждёт ключей {n}", count=3)
    error = seller.account_becomes("error")["last_error"]
    w.note(f"last_error: {error}")
    assert not chat.sent()
    chat.say("Пришло мимо вебхука", webhook=False)
    seller.api.patch(seller.account_path, {"api_client_secret": mended})
    seller.account_becomes("active")
    chat.arrives(count=3)
    chat.rests()
    assert chat.sent_texts() == [f"Ждёт ключей {n}" for n in (1, 2, 3)]
    chat.shown("Пришло мимо вебхука")


@test(events=("avito.broken", "link.broken", "delivery.*", "task.outcome"))
def account_without_subscription_goes_on_after_a_check(w):
    seller, chat, thread = _conversation(w)
    account = f"avito/accounts/{seller.user_id}"
    w.sandbox.patch(account, status="no_subscription")
    seller.write(thread, text="Тариф кончился")
    error = seller.account_becomes("error")["last_error"]
    w.note(f"last_error: {error}")
    w.sandbox.patch(account, status="active")
    seller.api.call("POST", f"{seller.account_path}/check")
    seller.account_becomes("active")
    chat.arrives("Тариф кончился")
    chat.rests()
    assert chat.sent_texts() == ["Тариф кончился"]


@test(events=("avito.broken",))
def keys_of_another_account_are_no_mending(w):
    one, two = w.seller(), w.seller(connect=False)
    one.api.patch(one.account_path, {
        "api_client_id": two.avito_client_id,
        "api_client_secret": two.avito_secret})
    assert one.account_becomes("error")["avito_user_id"] == one.user_id


@test
def token_is_asked_for_once_and_kept(w):
    seller, chat, thread = _conversation(w)
    seller.write(thread, text="Раз {n}", count=5)
    chat.arrives(count=5)
    chat.read()
    calls = _token_calls(w, seller)
    assert len(calls) == 1, [(c["n"], c["status"]) for c in calls]


def _renewed_once(w, status):
    w.sandbox.set(avito_expired_status=status)
    seller, chat, thread = _conversation(w)
    chat.rests()
    w.sandbox.post(f"avito/accounts/{seller.user_id}/expire_tokens")
    since = w.sandbox.mark()
    seller.write(thread, text="После конца ключа {n}", count=3)
    chat.arrives(count=3)
    chat.rests()
    assert len(_token_calls(w, seller, since)) == 1
    assert chat.sent_texts() == [f"После конца ключа {n}" for n in (1, 2, 3)]
    assert seller.account_becomes("active")


@test
def expired_token_is_renewed_once_on_401(w):
    _renewed_once(w, 401)


@test
def expired_token_is_renewed_once_on_403(w):
    _renewed_once(w, 403)


@test
def many_chats_at_once_renew_the_token_once(w):
    seller = w.seller()
    chats = [seller.buyer() for _ in range(6)]
    for chat in chats:
        chat.say("Здравствуйте")
    threads = [chat.shown("Здравствуйте") for chat in chats]
    for chat in chats:
        chat.rests()
    w.sandbox.post(f"avito/accounts/{seller.user_id}/expire_tokens")
    since = w.sandbox.mark()
    for thread in threads:
        seller.write(thread, text="Разом")
    for chat in chats:
        chat.arrives("Разом")
        chat.rests()
        assert chat.sent_texts() == ["Разом"]
    assert len(_token_calls(w, seller, since)) == 1


@test
def token_is_renewed_shortly_before_it_ends(w):
    w.sandbox.set(avito_token_ttl_s=3600)
    seller, chat, thread = _conversation(w)
    chat.rests()
    since = w.sandbox.mark()
    w.stack.move_clock(3600 - 120)
    seller.write(thread, text="Ещё при жизни ключа")
    chat.arrives("Ещё при жизни ключа")
    assert len(_token_calls(w, seller, since)) == 1
    refused = [c for c in w.sandbox.calls(since, service="avito")
               if c["account"] == str(seller.user_id) and
               c["status"] in (401, 403)]
    assert not refused, refused


@test
def new_token_may_end_the_former_ones(w):
    w.sandbox.set(avito_tokens_coexist=False)
    seller, chat, thread = _conversation(w, monitoring=True)
    w.sandbox.post(f"avito/accounts/{seller.user_id}/expire_tokens")
    seller.write(thread, text="Один ключ на всех")
    chat.arrives("Один ключ на всех")
    chat.rests()
    assert chat.sent_texts() == ["Один ключ на всех"]


@test
def account_with_webhook_is_subscribed(w):
    seller = w.seller(webhook=True)
    url = seller.subscriptions()[-1]["url"]
    assert url.startswith(f"{w.stack.url}/api/webhooks/avito/"
                          f"{seller.account['id']}/"), url


@test
def account_without_webhook_is_not_subscribed(w):
    seller = w.seller(webhook=False, monitoring=True)
    assert not seller.subscriptions()
    assert not [c for c in w.sandbox.calls(method="webhook.subscribe")
                if c["account"] == str(seller.user_id)]


@test
def subscription_that_another_vendor_took_is_taken_back_by_a_check(w):
    seller = w.seller()
    w.sandbox.post(f"avito/accounts/{seller.user_id}/subscriptions",
                   url="http://127.0.0.1:9/foreign")
    seller.api.call("POST", f"{seller.account_path}/check")
    until(lambda: w.stack.url in seller.subscriptions()[-1]["url"],
          "ours is there again")
