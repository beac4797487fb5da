"""notices.py - what a person must know, as the API shows it."""

from lib.wait import until


def notices(w, seller, state="open"):
    """The client's, newest first."""
    return w.admin.all(f"/api/notices?client_id={seller.client_id}"
                       f"&state={state}")


def noticed(w, seller, kind):
    """There is exactly one open notice, of this kind; the notice."""
    found = until(lambda: notices(w, seller), f"a notice {kind}")
    assert [n["kind"] for n in found] == [kind], found
    w.note(f"{kind}: {found[0]['text']}")
    return found[0]


def none_open(w, seller):
    until(lambda: not notices(w, seller), "no notice is open")


def mended(w, seller, notice):
    """It was closed, and there was never another one."""
    none_open(w, seller)
    closed = notices(w, seller, "closed")
    assert [n["id"] for n in closed] == [notice["id"]], closed


def look_again(w, seller):
    """The checks of bots and accounts are due now; not while the last time is
    being written off, which sets the next."""
    until(lambda: not w.db.count(
        "tasks", "client_id = %s AND lease_token IS NOT NULL"
        " AND kind IN ('bot.check', 'avito.check')", seller.client_id),
        "no check is under way")
    w.db.rows("UPDATE tasks SET due_at = now() - interval '1 h'"
              " WHERE client_id = %s AND lease_token IS NULL"
              " AND kind IN ('bot.check', 'avito.check')", seller.client_id)
    w.stack.ring()


def burnt(w, seller):
    """The most attempts that any delivery of the client has used up."""
    return int(w.db.one("SELECT coalesce(max(attempts), 0) FROM deliveries"
                        " WHERE client_id = %s", seller.client_id))
