"""tuberryctl on a stack that runs."""

from lib.runner import test
from lib.wait import until
from lib.world import number


def _said(done, text):
    assert done.returncode == 0, (done.returncode, done.stdout, done.stderr)
    assert text in done.stdout, done.stdout
    return done.stdout


@test
def user_made_on_the_command_line_signs_in(w):
    client = w.client()
    login, password = f"ctl{number()}", f"Тайна-{number():06d}-длинная"
    done = w.stack.ctl("user", "create", "--login", login, "--name", "Кто-то",
                       "--role", "owner", "--client", str(client),
                       "--password-stdin", stdin=password + "\n")
    assert done.returncode == 0, done
    assert w.sign_in(login, password).get("/api/me")["client_id"] == client
    _said(w.stack.ctl("user", "list"), login)


@test
def new_password_and_disabling_end_the_sessions(w):
    owner = w.user(w.client())
    login = owner.credentials["login"]
    password = f"Другая-тайна-{number():06d}"
    done = w.stack.ctl("user", "set-password", "--login", login,
                       "--password-stdin", stdin=password + "\n")
    assert done.returncode == 0, done
    owner.refused(401, "GET", "/api/me")
    again = w.sign_in(login, password)
    assert w.stack.ctl("user", "disable", "--login", login).returncode == 0
    again.refused(401, "GET", "/api/me")
    w.nobody().refused(401, "POST", "/api/auth/login",
                       {"login": login, "password": password})


@test
def dead_delivery_is_listed_and_sent_again(w):
    seller = w.seller()
    chat = seller.buyer("Зинаида")
    chat.say("Здравствуйте")
    thread = chat.shown("Здравствуйте")
    w.sandbox.patch(f"avito/chats/{chat.id}", blocked=True)
    seller.write(thread, text="Ау")
    delivery = until(lambda: w.db.one(
        "SELECT id FROM deliveries WHERE client_id = %s AND state = 'dead'",
        seller.client_id), "a dead delivery")
    _said(w.stack.ctl("delivery", "list", "--state", "dead"), "Зинаида")
    w.sandbox.patch(f"avito/chats/{chat.id}", blocked=False)
    assert w.stack.ctl("delivery", "retry", delivery).returncode == 0
    chat.arrives("Ау")


@test
def dead_delivery_is_discarded(w):
    seller = w.seller()
    chat = seller.buyer()
    chat.say("Здравствуйте")
    seller.write(chat.shown("Здравствуйте"), kind="voice")
    delivery = until(lambda: w.db.one(
        "SELECT id FROM deliveries WHERE client_id = %s AND state = 'dead'",
        seller.client_id), "a dead delivery")
    assert w.stack.ctl("delivery", "discard", delivery).returncode == 0
    assert w.db.one("SELECT state FROM deliveries WHERE id = %s",
                    int(delivery)) == "discarded"


@test
def demo_is_seeded_once_and_works(w):
    before = w.db.count("avito_accounts")
    for _ in range(2):
        done = w.stack.ctl("seed", "--demo")
        assert done.returncode == 0, (done.stdout, done.stderr)
        w.secret(*[word for word in done.stdout.split() if len(word) >= 16])
    assert w.db.count("avito_accounts") == before + 1
    account = w.admin.get("/api/avito/accounts/" + w.db.one(
        "SELECT max(id) FROM avito_accounts"))
    # It is polled like a real one; it ends with this test.
    w.adopt(account["client_id"])
    until(lambda: w.admin.get(f"/api/avito/accounts/{account['id']}")
          ["status"] == "active", "the demo's account works")
    user_id = int(w.db.one("SELECT avito_user_id FROM avito_accounts"
                           " WHERE id = %s", account["id"]))
    state = w.sandbox.get("state", part="avito")["avito"]
    item = next(i for i in state["items"] if i["user_id"] == user_id)
    w.sandbox.post("avito/say", user_id=user_id, item_id=item["id"],
                   buyer_id=state["buyers"][-1]["id"], text="Из демо")
    group = w.db.one("SELECT group_chat_id FROM bots WHERE client_id = %s"
                     " AND group_chat_id IS NOT NULL", account["client_id"])
    w.sandbox.wait(tg_chat=group, text="Из демо", count=1)

    def source():
        row = w.admin.get("/api/telegram-sources?client_id="
                          f"{account['client_id']}")["items"][0]
        return row["status"] == "active" and row["connections"]
    connection = until(source, "the demo's source and its account work")[0]
    assert connection["is_enabled"] and connection["can_reply"], connection
    for bot in w.db.rows("SELECT telegram_id FROM bots WHERE client_id = %s",
                         account["client_id"]):
        w.telegram_bot(int(bot[0]))


@test
def doctor_finds_the_stack_well(w):
    done = w.stack.ctl("doctor")
    # Other tests leave bots behind whose tokens Telegram has forgotten.
    bad = [line for line in done.stdout.splitlines()
           if line.startswith("fail")
           and not line.startswith(("fail bot.", "fail avito."))]
    assert done.returncode in (0, 1, 2) and not bad, (bad, done.stderr)
    w.note(f"doctor: status {done.returncode}, "
           f"{len(done.stdout.splitlines())} lines")


@test
def migrate_has_nothing_to_do(w):
    done = w.stack.ctl("migrate", "--dry-run", owner=True)
    assert done.returncode == 0, (done.stdout, done.stderr)
