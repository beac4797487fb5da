"""Notices: raised once, closed by themselves, seen by whom they concern."""

from lib.notices import mended, noticed, notices
from lib.runner import test
from lib.wait import until


def _raise(w, client, kind="bot.refused", name="test"):
    return int(w.db.one(
        "INSERT INTO notices (client_id, kind, object, text, first_at,"
        " last_at) VALUES (%s, %s, %s, 'Отказ', now(), now()) RETURNING id",
        client, kind, name))


@test
def notices_are_paged_newest_first(w):
    client = w.client()
    ids = [_raise(w, client, name=f"test:{n}") for n in range(5)]
    owner = w.user(client)
    first = owner.get("/api/notices?limit=2")
    assert [n["id"] for n in first["items"]] == [ids[4], ids[3]], first
    second = owner.get(f"/api/notices?limit=2&cursor={first['next_cursor']}")
    assert [n["id"] for n in second["items"]] == [ids[2], ids[1]], second
    assert [n["id"] for n in owner.all("/api/notices")] == ids[::-1]


@test
def owner_and_manager_see_and_acknowledge_their_clients(w):
    client = w.client()
    owner, manager = w.user(client), w.user(client, role="manager")
    number = _raise(w, client)
    assert owner.get("/api/notices")["items"][0]["state"] == "open"
    answer = manager.call("POST", f"/api/notices/{number}/acknowledge")
    assert answer.status == 200 and answer["state"] == "acknowledged", answer
    assert answer["acknowledged_by"] == manager.user["id"], answer
    again = owner.call("POST", f"/api/notices/{number}/acknowledge")
    assert again["acknowledged_at"] == answer["acknowledged_at"]
    assert again["acknowledged_by"] == manager.user["id"], again
    assert not owner.get("/api/notices?state=open")["items"]
    assert owner.get("/api/notices?state=acknowledged")["items"]


@test
def another_clients_notice_does_not_exist(w):
    number = _raise(w, w.client())
    stranger = w.user(w.client())
    assert not stranger.get("/api/notices")["items"]
    answer = stranger.call("POST", f"/api/notices/{number}/acknowledge")
    assert answer.status == 404, answer
    answer = w.admin.call("POST", f"/api/notices/{number}/acknowledge")
    assert answer.status == 200, answer


@test
def installations_notices_are_administrators(w):
    owner = w.user(w.client())
    number = int(w.db.one(
        "INSERT INTO notices (kind, object, text, first_at, last_at)"
        " VALUES ('disk.full', 'test', 'Места нет', now(), now())"
        " RETURNING id"))
    try:
        found = next(n for n in w.admin.all("/api/notices")
                     if n["id"] == number)
        assert found["client_id"] is None, found
        assert not owner.get("/api/notices")["items"]
        answer = owner.call("POST", f"/api/notices/{number}/acknowledge")
        assert answer.status == 404, answer
    finally:
        w.db.rows("DELETE FROM notices WHERE id = %s", number)


@test(events=("delivery.outcome",))
def dead_letters_are_one_notice_until_none_is_left(w):
    seller = w.seller()
    chat = seller.buyer()
    chat.say("Здравствуйте")
    thread = chat.shown("Здравствуйте")
    w.sandbox.patch(f"avito/chats/{chat.id}", blocked=True)
    seller.write(thread, text="Не дойдёт {n}", count=2)
    path = f"/api/deliveries?client_id={seller.client_id}&state=dead"
    dead = until(lambda: _two(w.admin.get(path)["items"]), "two fail")
    until(lambda: [n["count"] for n in _watched(w, seller)] == [2],
          "a notice that counts both")
    notice = noticed(w, seller, "deliveries.dead")
    assert notice["object"] == f"avito:{seller.account['id']}", notice
    for delivery in dead:
        answer = w.admin.call("POST",
                              f"/api/deliveries/{delivery['id']}/discard")
        assert answer.status == 200, answer
    until(lambda: not _watched(w, seller), "it is closed")
    mended(w, seller, notice)


def _two(items):
    return items if len(items) == 2 else None


def _watched(w, seller):
    """The watch is due now."""
    w.db.rows("UPDATE tasks SET due_at = now() - interval '1 h'"
              " WHERE kind = 'watch' AND lease_token IS NULL")
    w.stack.ring()
    return notices(w, seller)


@test
def silence_longer_than_usual_is_noticed_until_somebody_writes(w):
    seller = w.seller()
    chat = seller.buyer()
    chat.say("Привет {n}", count=25)
    _stored(w, seller, 25)
    # As if it had been three days ago, an hour between two of them.
    w.db.rows("UPDATE messages SET created_at = created_at - interval '72 h'"
              " - (25 - substring(text from '[0-9]+')::int) * interval '1 h'"
              " WHERE client_id = %s", seller.client_id)
    _listen(w, seller)
    notice = noticed(w, seller, "avito.silent")
    assert "уже 72 ч" in notice["text"], notice
    chat.say("Снова здесь")
    _stored(w, seller, 26)
    _listen(w, seller)
    mended(w, seller, notice)


def _stored(w, seller, count):
    until(lambda: int(w.db.one("SELECT count(*) FROM messages"
                               " WHERE client_id = %s", seller.client_id)) ==
          count, f"{count} messages are stored")


def _listen(w, seller):
    # Not while the last time is being written off, which sets the next.
    until(lambda: w.db.rows(
        "UPDATE tasks SET due_at = now() - interval '1 h'"
        " WHERE kind = 'avito.silence' AND subject_id = %s"
        " AND lease_token IS NULL RETURNING 1", seller.account["id"]),
        "it can be due")
    w.stack.ring()


@test
def nobody_sees_notices(w):
    assert w.nobody().call("GET", "/api/notices").status == 401
