"""Notices: raised once, closed by themselves, seen by whom they concern."""

from lib.runner import test
from lib.wait import until


def notices(w, seller, state="open", kind=None, api=None):
    """The client's, newest first."""
    found = (api or w.admin).all(f"/api/notices?client_id={seller.client_id}"
                                 f"&state={state}")
    return [n for n in found if kind in (None, n["kind"])]


def noticed(w, seller, kind):
    """The one open notice, of this kind."""
    found = until(lambda: notices(w, seller), f"a notice {kind}")
    assert [n["kind"] for n in found] == [kind], found
    w.note(f"{kind}: {found[0]['text']}")
    return found[0]


def mended(w, seller, notice):
    until(lambda: not notices(w, seller), "no notice is open")
    closed = notices(w, seller, "closed")
    assert [n["id"] for n in closed] == [notice["id"]], closed


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
    assert [n["id"] for n in owner.all("/api/notices?limit=2")] == ids[::-1]


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
