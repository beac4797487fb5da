"""The objects of the API: their life, their owners, their rights."""

from lib.runner import test
from lib.wait import until
from lib.world import number


def _listed(api, path, object_id):
    return [o for o in api.all(path) if o["id"] == object_id]


# --- signing in ---

@test
def login_gives_a_session_that_works(w):
    owner = w.user(w.client())
    me = owner.get("/api/me")
    assert me["login"] == owner.credentials["login"], me
    assert me["role"] == "owner" and me["client_id"], me


@test(events=("auth.*", "login.*"))
def wrong_password_and_unknown_login_are_401_alike(w):
    owner = w.user(w.client())
    one = w.nobody().refused(401, "POST", "/api/auth/login", {
        "login": owner.credentials["login"], "password": "не тот пароль"})
    two = w.nobody().refused(401, "POST", "/api/auth/login", {
        "login": f"nobody{number()}", "password": "не тот пароль"})
    assert one["detail"] == two["detail"], (one, two)


@test
def refresh_rotates_and_the_former_still_serves_a_while(w):
    owner = w.user(w.client())
    first = w.nobody().post("/api/auth/login", owner.credentials, status=200)
    body = {"refresh_token": first["refresh_token"]}
    second = w.nobody().post("/api/auth/refresh", body, status=200)
    again = w.nobody().post("/api/auth/refresh", body, status=200)
    w.secret(second["refresh_token"], second["access_token"],
             again["access_token"])
    assert second["refresh_token"] != first["refresh_token"]
    assert again["refresh_token"] == second["refresh_token"]


@test
def logout_ends_the_session_at_once(w):
    owner = w.user(w.client())
    owner.post("/api/auth/logout", status=204)
    owner.refused(401, "GET", "/api/me")


@test
def nobody_gets_nothing(w):
    for path in ("/api/me", "/api/clients", "/api/bots", "/api/projects",
                 "/api/avito/accounts", "/api/dialogs", "/api/deliveries",
                 "/api/users"):
        w.nobody().refused(401, "GET", path)


@test
def forged_and_foreign_tokens_are_401(w):
    owner = w.user(w.client())
    head, body, mark = owner.token.split(".")
    none = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0"
    for token in (f"{head}.{body}.{mark[:-2]}AA", f"{none}.{body}.",
                  f"{head}.{body}", "x", "", "a.b.c"):
        answer = w.nobody().raw("GET", "/api/me", headers={
            "Authorization": f"Bearer {token}"})
        assert answer.status == 401, (token, answer)


# --- the life of each ---

@test
def client_is_made_renamed_listed_and_deleted(w):
    name = f"Клиент {number()}"
    made = w.admin.post("/api/clients", {"name": name})
    path = f"/api/clients/{made['id']}"
    assert w.admin.get(path)["name"] == name
    assert w.admin.patch(path, {"name": name + "!"})["name"] == name + "!"
    assert _listed(w.admin, "/api/clients", made["id"])
    w.admin.delete(path)
    w.admin.refused(404, "GET", path)
    assert not _listed(w.admin, "/api/clients", made["id"])


@test
def user_is_made_changed_disabled_and_deleted(w):
    client = w.client()
    w.user(client)
    owner = w.user(client, role="manager")
    path = f"/api/users/{owner.user['id']}"
    assert "password" not in owner.user and "password_hash" not in owner.user
    assert w.admin.patch(path, {"name": "Новое имя"})["name"] == "Новое имя"
    assert _listed(w.admin, "/api/users", owner.user["id"])
    w.admin.delete(path)
    w.admin.refused(404, "GET", path)
    owner.refused(401, "GET", "/api/me")


@test
def last_owner_of_a_client_cannot_leave(w):
    owner = w.user(w.client())
    owner.refused(409, "DELETE", f"/api/users/{owner.user['id']}")
    owner.get("/api/me")


@test
def taken_login_is_refused_with_the_field(w):
    owner = w.user(w.client())
    answer = w.admin.call("POST", "/api/users", {
        "login": owner.credentials["login"].upper(), "name": "Второй",
        "password": "Достаточно длинный", "role": "owner",
        "client_id": w.client()})
    assert answer.status == 409, answer


@test
def project_is_made_changed_and_deleted(w):
    client = w.client()
    made = w.admin.post("/api/projects", {
        "client_id": client, "name": "Мебель", "require_quote": True,
        "operators": "linked", "fallback": "latest"})
    path = f"/api/projects/{made['id']}"
    assert made["fallback"] == "latest" and made["require_quote"] is True
    assert made["hide_system_messages"] is True, "the default"
    changed = w.admin.patch(path, {"name": "Свет",
                                   "hide_system_messages": False})
    assert changed["name"] == "Свет" and changed["fallback"] == "latest"
    assert w.admin.get(path) == changed
    w.admin.delete(path)
    w.admin.refused(404, "GET", path)


@test
def bot_is_made_checked_changed_and_deleted(w):
    seller = w.seller(connect=False)
    path = f"/api/bots/{seller.bot['id']}"
    bot = w.admin.get(path)
    assert bot["bot_username"] == \
        w.sandbox.telegram_bot(seller.bot_id)["username"], bot
    assert bot["status"] == "active" and not bot["last_error"], bot
    w.admin.patch(f"/api/projects/{seller.project['id']}", {"bot_id": None})
    w.admin.delete(path)
    w.admin.refused(404, "GET", path)
    until(lambda: w.sandbox.telegram_bot(seller.bot_id)["webhook"]["url"] ==
          "", "its webhook is taken away")


@test
def account_is_made_checked_changed_and_deleted(w):
    seller = w.seller()
    account = w.admin.get(seller.account_path)
    assert account["avito_user_id"] == seller.user_id, account
    assert account["name"] and account["status"] == "active", account
    assert w.admin.patch(seller.account_path,
                         {"webhook": False})["webhook"] is False
    until(lambda: not seller.subscriptions(), "the subscription ends")
    w.admin.patch(seller.account_path, {"webhook": True})
    w.sandbox.wait(avito_subscribed=seller.user_id)
    w.admin.delete(seller.account_path)
    w.admin.refused(404, "GET", seller.account_path)
    until(lambda: not seller.subscriptions(), "nothing is subscribed")


@test
def list_is_paged_to_its_end(w):
    client = w.client()
    owner = w.user(client)
    made = {owner.post("/api/projects", {"name": f"Проект {n}"})["id"]
            for n in range(7)}
    seen, cursor = [], ""
    while True:
        page = owner.get(f"/api/projects?limit=3{cursor}")
        assert len(page["items"]) <= 3
        seen += [p["id"] for p in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert sorted(seen) == sorted(made), (seen, made)


# --- secrets stay in ---

@test
def token_and_secret_are_never_told_back(w):
    seller = w.seller()
    told = repr([w.admin.get(f"/api/bots/{seller.bot['id']}"),
                 w.admin.all("/api/bots"), seller.account,
                 w.admin.all("/api/avito/accounts")])
    for secret in (seller.token, seller.token.split(":")[1],
                   seller.avito_secret):
        assert secret not in told, told
    assert seller.token[-4:] in repr(seller.bot), seller.bot


@test
def secrets_are_not_readable_in_the_database(w):
    seller = w.seller()
    rows = repr([w.db.rows("SELECT b::text FROM bots b WHERE id = %s",
                           seller.bot["id"]),
                 w.db.rows("SELECT a::text FROM avito_accounts a"
                           " WHERE id = %s", seller.account["id"])])
    for secret in (seller.token, seller.avito_secret,
                   seller.hook_url.rsplit("/", 1)[1]):
        assert secret not in rows


@test
def manager_does_not_see_webhook_urls(w):
    seller = w.seller(connect=False)
    manager = w.user(seller.client_id, role="manager")
    secret = seller.hook_url.rsplit("/", 1)[1]
    told = repr(manager.get(f"/api/bots/{seller.bot['id']}"))
    assert secret not in told, told


# --- whose they are ---

def _objects(seller, chat):
    return {
        f"/api/bots/{seller.bot['id']}": {"topic_mode": True},
        f"/api/projects/{seller.project['id']}": {"name": "Чужой"},
        seller.account_path: {"monitoring": False},
        chat.dialog_path: {"status": "closed"},
    }


@test
def another_clients_objects_are_404(w):
    seller = w.seller()
    chat = seller.buyer()
    chat.say("Наше")
    chat.shown("Наше")
    foreign = w.user(w.client())
    ours = w.user(seller.client_id)
    paths = _objects(seller, chat)
    paths[f"/api/users/{ours.user['id']}"] = {"name": "Чужой"}
    for path, change in paths.items():
        before = w.admin.get(path)
        foreign.refused(404, "GET", path)
        foreign.refused(404, "PATCH", path, change)
        if not path.startswith("/api/dialogs"):
            foreign.refused(404, "DELETE", path)
        assert w.admin.get(path) == before, path
    dialog = chat.dialog_path
    foreign.refused(404, "GET", f"{dialog}/messages")
    foreign.refused(404, "POST", f"{dialog}/messages", {"text": "чужое"})
    foreign.refused(404, "POST", f"{dialog}/read")
    foreign.refused(404, "POST", f"/api/bots/{seller.bot['id']}/webhook")
    foreign.refused(404, "POST", f"{seller.account_path}/check")


@test
def lists_show_only_the_own_clients_objects(w):
    seller = w.seller()
    chat = seller.buyer()
    chat.say("Наше")
    chat.shown("Наше")
    foreign = w.user(w.client())
    for path in ("/api/bots", "/api/projects", "/api/avito/accounts",
                 "/api/dialogs", "/api/deliveries"):
        assert foreign.all(path) == [], path
    assert [u["id"] for u in foreign.all("/api/users")] == \
        [foreign.user["id"]]


@test
def foreign_ids_in_a_body_are_refused(w):
    seller = w.seller()
    foreign = w.user(w.client())
    project = foreign.post("/api/projects", {"name": "Свой"})
    for method, path, body in (
            ("POST", "/api/projects",
             {"name": "С чужим ботом", "bot_id": seller.bot["id"]}),
            ("PATCH", f"/api/projects/{project['id']}",
             {"bot_id": seller.bot["id"]}),
            ("POST", "/api/avito/accounts", seller.account_fields())):
        answer = foreign.call(method, path, body)
        assert answer.status in (404, 422), (path, answer)


@test
def manager_reads_settings_and_changes_none(w):
    seller = w.seller()
    manager = w.user(seller.client_id, role="manager")
    manager.get(f"/api/projects/{seller.project['id']}")
    manager.refused(403, "POST", "/api/projects", {"name": "Нет"})
    manager.refused(403, "POST", "/api/bots", {"token": "1:a"})
    manager.refused(403, "PATCH", f"/api/bots/{seller.bot['id']}",
                    {"topic_mode": False})
    manager.refused(403, "DELETE", seller.account_path)
    manager.refused(403, "POST", "/api/users", {
        "login": "x", "name": "x", "password": "Достаточно длинный",
        "role": "manager"})


@test
def owner_is_no_administrator(w):
    owner = w.user(w.client())
    owner.refused(403, "POST", "/api/clients", {"name": "Ещё один"})
    answer = owner.call("POST", "/api/users", {
        "login": f"boss{number()}", "name": "x", "role": "admin",
        "password": "Достаточно длинный"}, wrong=True)
    assert answer.status in (403, 422), answer


@test
def one_wrong_field_is_named_in_the_detail(w):
    seller = w.seller(connect=False)
    project = {"project_id": seller.project["id"]}
    problem = seller.api.refused(422, "POST", "/api/telegram-sources", project)
    assert problem["detail"] == \
        "token: is required, unless bot_id names a bot", problem
    problem = seller.api.refused(422, "POST", "/api/telegram-sources", {
        **project, "bot_id": seller.bot["id"], "monitoring": 3})
    assert problem["detail"].startswith("monitoring must"), problem


@test
def bot_exists_once_in_the_installation(w):
    seller = w.seller(connect=False)
    for client in (w.client(), seller.client_id):
        problem = w.admin.refused(409, "POST", "/api/bots", {
            "client_id": client, "token": seller.token})
        assert problem["detail"], problem


@test(events=("avito.broken", "task.outcome"))
def avito_account_exists_once_in_the_installation(w):
    seller = w.seller()
    other = w.seller(connect=False)
    other.account = w.admin.post("/api/avito/accounts", seller.account_fields(
        project_id=other.project["id"]))
    assert other.account_becomes("error")["last_error"]
    assert w.admin.get(seller.account_path)["status"] == "active"
    chat = seller.buyer()
    chat.say("Всё ещё у первого")
    chat.shown("Всё ещё у первого")
    assert not other.messages()


@test
def dialog_is_listed_assigned_read_and_closed(w):
    seller = w.seller()
    chat = seller.buyer("Дарья Иванова")
    chat.say("Здравствуйте")
    chat.shown("Здравствуйте")
    owner = w.user(seller.client_id)
    path = chat.dialog_path
    dialog = owner.get(path)
    assert dialog["unread_count"] == 1 and dialog["status"] == "open", dialog
    assert _listed(owner, "/api/dialogs?unread=true", dialog["id"])
    assert _listed(owner, "/api/dialogs?status=open", dialog["id"])
    assert not _listed(owner, "/api/dialogs?status=closed", dialog["id"])
    changed = owner.patch(path, {"assignee_id": owner.user["id"],
                                 "status": "closed"})
    assert changed["assignee_id"] == owner.user["id"], changed
    assert _listed(owner, f"/api/dialogs?assignee_id={owner.user['id']}",
                   dialog["id"])
    owner.call("POST", f"{path}/read")
    assert owner.get(path)["unread_count"] == 0


@test
def messages_of_a_dialog_are_told_with_their_authors(w):
    seller = w.seller()
    chat = seller.buyer()
    chat.say("от покупателя")
    thread = chat.shown("от покупателя")
    seller.write(thread, text="от оператора")
    chat.arrives("от оператора")
    chat.rests()
    items = seller.api.get(f"{chat.dialog_path}/messages")["items"]
    told = {m["text"]: m for m in items}
    assert told["от покупателя"]["direction"] == "avito", items
    assert told["от оператора"]["direction"] == "telegram", items


@test
def dead_delivery_is_retried_and_discarded_by_hand(w):
    seller = w.seller()
    chat = seller.buyer()
    chat.say("Здравствуйте")
    thread = chat.shown("Здравствуйте")
    w.sandbox.patch(f"avito/chats/{chat.id}", blocked=True)
    for n in range(2):
        seller.write(thread, text=f"Ау {n}")

    def dead():
        return [d for d in seller.api.all("/api/deliveries?state=dead")
                if d["dialog_id"] == chat.dialog()["id"]]
    first, second = sorted(until(lambda: len(dead()) == 2 and dead(),
                                 "two dead deliveries"),
                           key=lambda d: d["id"])
    w.sandbox.patch(f"avito/chats/{chat.id}", blocked=False)
    seller.api.call("POST", f"/api/deliveries/{first['id']}/retry")
    chat.arrives("Ау 0")
    seller.api.call("POST", f"/api/deliveries/{second['id']}/discard")
    until(lambda: not dead(), "nothing is dead any more")
    chat.rests()
    assert chat.sent_texts() == ["Ау 0"]
