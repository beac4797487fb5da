"""Notices: raised once, closed by themselves, seen by whom they concern."""

from lib.runner import test


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


@test
def nobody_sees_notices(w):
    assert w.nobody().call("GET", "/api/notices").status == 401
