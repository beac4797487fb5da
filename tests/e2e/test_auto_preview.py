"""What an auto-reply would do: the preview, the dry run, the calendar."""

from lib.runner import test
from lib.wait import until
from lib.world import MINUTES_PASS

NIGHT = {"days": [1, 2, 3, 4, 5], "from": "18:00", "to": "09:00"}
REST = {"days": [6, 7], "from": "00:00", "to": "24:00"}
AUTO = {"enabled": True, "mode": "interval", "timezone": "Europe/Moscow",
        "windows": [NIGHT, REST], "delay_seconds": 30,
        "text": "{buyer}, ответим утром про {ad}",
        "steps": [{"after_minutes": 60, "text": "Ещё ждём"},
                  {"after_minutes": 900, "text": "Днём не пишем"},
                  {"after_minutes": 1, "text": "И это не придёт"}]}


def _seller(w, **auto_reply):
    return w.seller(project_fields={"greeting": "Здравствуйте, {buyer}!",
                                    "auto_reply": {**AUTO, **auto_reply}})


def _path(seller):
    return f"/api/projects/{seller.project['id']}"


def _preview(seller, **query):
    text = "&".join(f"{k}={v}" for k, v in query.items())
    return seller.api.get(f"{_path(seller)}/auto-reply/preview?{text}")


def _texts(preview):
    return [(t["kind"], t["step"], t["text"], t["reason"])
            for t in preview["texts"]]


@test
def preview_tells_what_would_go_and_why(w):
    seller = _seller(w)
    # Wednesday, 20:00 in Moscow.
    told = _preview(seller, at="2026-11-18T17:00:00Z")
    assert told["local_time"] == "2026-11-18 20:00:00", told
    assert told["window"]["begins_at"] == "2026-11-18T15:00:00.000000Z", told
    assert told["window"]["ends_at"] == "2026-11-19T06:00:00.000000Z", told
    assert told["window"]["day"] == "2026-11-18", told
    assert told["reason"] is None and "holds" in told["explanation"], told
    assert _texts(told) == [
        ("auto_reply", 0, "Анна, ответим утром про Велосипед", None),
        ("auto_reply", 1, "Ещё ждём", None),
        ("auto_reply", 2, "Днём не пишем", "closed")], told
    assert [t["due_at"] for t in told["texts"]][:2] == [
        "2026-11-18T17:00:30.000000Z", "2026-11-18T18:00:30.000000Z"], told
    # The first message of a dialog is greeted.
    told = _preview(seller, at="2026-11-18T17:00:00Z", first="true")
    assert _texts(told)[:3] == [
        ("greeting", 0, "Здравствуйте, Анна!", None),
        ("auto_reply", 0, "Анна, ответим утром про Велосипед", "replaced"),
        ("auto_reply", 1, "Ещё ждём", None)], told
    # By day nothing but the greeting goes.
    told = _preview(seller, at="2026-11-18T10:00:00Z", first="true")
    assert told["reason"] == "closed" and told["window"] is None, told
    assert "No window" in told["explanation"], told
    assert len(told["texts"]) == 1, told
    assert not w.db.count("auto_replies", "client_id = %s", seller.client_id)


@test
def preview_tells_the_rule_of_a_date(w):
    seller = _seller(w, dates=[
        {"date": "2026-11-04", "like": 7, "name": "Праздник"},
        {"date": "2026-11-05", "off": True}])
    told = _preview(seller, at="2026-11-04T10:00:00Z")
    assert told["date"]["name"] == "Праздник", told
    assert told["window"]["date"]["name"] == "Праздник", told
    told = _preview(seller, at="2026-11-05T17:00:00Z")
    assert told["reason"] == "closed" and told["date"]["off"], told


@test
def preview_takes_the_sources_own_auto_reply(w):
    seller = _seller(w)
    source = f"avito:{seller.account['id']}"
    at = "2026-11-18T10:00:00Z"
    assert _preview(seller, at=at, source=source)["reason"] == "closed"
    changed = seller.api.patch(seller.account_path, {"auto_reply": {
        "enabled": True, "text": "{shop} ответит"}})
    assert changed["auto_reply"]["mode"] == "always", changed
    told = _preview(seller, at=at, source=source)
    assert told["mode"] == "always" and told["reason"] is None, told
    assert told["texts"][0]["text"].endswith(" ответит"), told
    assert _preview(seller, at=at)["reason"] == "closed"
    seller.api.patch(seller.account_path, {"auto_reply": None})
    assert _preview(seller, at=at, source=source)["reason"] == "closed"


@test
def preview_refuses_what_it_does_not_know(w):
    seller, other = _seller(w), _seller(w)
    for query in ("at=yesterday", "at=2026-13-01T00:00:00Z",
                  "at=9999-01-01T00:00:00Z", "source=avito:x",
                  "source=phone:1", "first=2",
                  f"source=avito:{other.account['id']}"):
        field = query.partition("=")[0]
        answer = seller.api.refused(
            422, "GET", f"{_path(seller)}/auto-reply/preview?{query}")
        assert [e["field"] for e in answer["errors"]] == [field], answer
    owner = w.user(seller.client_id)
    owner.refused(404, "GET", f"{_path(other)}/auto-reply/preview")


# --- a source's own ---

@test
def source_has_its_own_in_place_of_the_projects(w):
    seller = w.seller(project_fields={"auto_reply": {
        "enabled": True, "text": "Проект", "delay_seconds": 0}})
    answer = seller.api.refused(422, "PATCH", seller.account_path, {
        "auto_reply": {"enabled": True, "mode": "never"}})
    assert {e["field"] for e in answer["errors"]} == {
        "auto_reply.mode", "auto_reply.text"}, answer
    seller.api.patch(seller.account_path, {"auto_reply": {
        "enabled": True, "text": "Источник", "delay_seconds": 0}})
    chat = seller.buyer()
    chat.say("Есть?")
    chat.arrives("Источник")
    seller.api.patch(seller.account_path, {"auto_reply": {"enabled": False}})
    second = seller.buyer()
    second.say("Есть?")
    second.shown("Есть?")
    seller.api.patch(seller.account_path, {"auto_reply": None})
    third = seller.buyer()
    third.say("Есть?")
    third.arrives("Проект")
    assert chat.sent_texts() == ["Источник"]
    assert not second.sent()


# --- the dry run ---

def _dry_run(seller, **auto_reply):
    body = {"auto_reply": auto_reply} if auto_reply else {}
    return seller.api.post(f"{_path(seller)}/auto-reply/dry-run", body,
                           status=200)


@test(events=MINUTES_PASS)
def dry_run_tells_what_would_have_gone(w):
    seller = w.seller()
    one, two = seller.buyer(), seller.buyer()
    one.say("Раз")
    one.say("Два")
    thread = one.shown("Раз")
    two.say("Три")
    two.shown("Три")
    one.rests()
    two.rests()
    w.stack.move_clock(120)
    seller.write(thread, text="Да")
    one.arrives("Да")
    one.rests()
    w.stack.move_clock(3600)
    told = _dry_run(seller)
    assert told["counts"]["disabled"] == 3 and not told["items"], told
    told = _dry_run(seller, enabled=True, text="{buyer}: {ad}",
                    delay_seconds=60, steps=[{"after_minutes": 5,
                                              "text": "Ещё ждём"}])
    counts = told["counts"]
    assert counts["messages"] == 3 and counts["dialogs"] == 2, counts
    assert counts["started"] == 2 and counts["waiting"] == 1, counts
    # The answer came after the first text and before the step.
    assert counts["sent"] == 2 and counts["steps"] == 1, counts
    assert counts["answered"] == 1, counts
    texts = {(i["dialog_id"], i["step"]): (i["outcome"], i["text"])
             for i in told["items"]}
    first, second = one.dialog()["id"], two.dialog()["id"]
    assert texts == {
        (first, 0): ("sent", f"{one.name}: {seller.title}"),
        (first, 1): ("dropped", "Ещё ждём"),
        (second, 0): ("sent", f"{two.name}: {seller.title}"),
        (second, 1): ("sent", "Ещё ждём")}, told
    told = _dry_run(seller, enabled=True, text="A", delay_seconds=600)
    assert told["counts"]["answered"] == 1 and told["counts"]["sent"] == 1
    told = _dry_run(seller, enabled=True, text="A", mode="interval",
                    windows=[{"days": [1], "from": "03:00", "to": "03:01"}])
    assert told["counts"]["closed"] == 3, told
    assert not w.db.count("auto_replies", "client_id = %s", seller.client_id)
    answer = seller.api.refused(
        422, "POST", f"{_path(seller)}/auto-reply/dry-run",
        {"auto_reply": {"enabled": True}})
    assert answer["errors"][0]["field"] == "auto_reply.text", answer


@test
def dry_run_over_many_messages_keeps_its_bounds(w):
    seller = w.seller()
    client, now = seller.client_id, w.stack.now()
    w.db.rows(
        "INSERT INTO dialogs (client_id, project_id, source, source_id,"
        "  external_chat_id, last_message_at, created_at)"
        " SELECT %s, %s, 'avito', %s, 'many-' || n,"
        "  to_timestamp(%s) - n * interval '1 s', to_timestamp(%s)"
        " FROM generate_series(1, 800) n", client, seller.project["id"],
        seller.account["id"], now, now)
    w.db.rows(
        "INSERT INTO messages (client_id, dialog_id, origin, origin_id,"
        "  external_id, author, kind, text, written_at, created_at)"
        " SELECT g.client_id, g.id, 'avito', g.source_id, g.id || '-' || n,"
        "  CASE WHEN n %% 5 = 0 THEN 'seller' ELSE 'buyer' END, 'text', '?',"
        "  g.last_message_at - (30 - n) * interval '3 h',"
        "  g.last_message_at - (30 - n) * interval '3 h'"
        " FROM dialogs g, generate_series(1, 30) n WHERE g.client_id = %s",
        client)
    told = _dry_run(seller, **AUTO)
    counts = told["counts"]
    assert told["truncated"] and len(told["items"]) == 200, counts
    assert 5000 < counts["messages"] <= 10000, counts
    assert counts["messages"] == sum(counts[k] for k in (
        "too_old", "disabled", "closed", "waiting", "repeated",
        "started")), counts
    assert counts["closed"] and counts["started"], counts


@test(events=MINUTES_PASS)
def dry_run_agrees_with_what_went(w):
    seller = w.seller(project_fields={
        "greeting": "Привет", "auto_reply": {
            "enabled": True, "text": "Текст", "delay_seconds": 0,
            "repeat_after_hours": 1,
            "steps": [{"after_minutes": 10, "text": "Шаг"}]}})
    chat = seller.buyer()
    for pause in (60, 700, 4000, 10):
        chat.say("Есть?")
        chat.shown("Есть?")
        until(lambda: w.db.one(
            "SELECT NOT EXISTS (SELECT 1 FROM tasks WHERE client_id = %s"
            " AND (kind IN ('dialog.automate', 'auto_reply.sent')"
            "  OR (kind = 'auto_reply.send'"
            "   AND due_at < to_timestamp(%s))))", seller.client_id,
            w.stack.now()) == "t", "what is due is done")
        chat.rests()
        w.stack.move_clock(pause)
    until(lambda: len(chat.sent()) == 3, f"three, not {chat.sent_texts()}")
    chat.rests()
    told = _dry_run(seller)
    assert [i["text"] for i in told["items"] if i["outcome"] == "sent"] == \
        chat.sent_texts(), (told, chat.sent_texts())


# --- the calendar ---

@test
def calendar_replaces_a_years_dates(w):
    seller = _seller(w, dates=[{"date": "2025-12-31", "off": True},
                               {"date": "2026-05-05", "off": True}])
    path = f"{_path(seller)}/calendar"
    entries = len(w.admin.all("/api/admin/audit"))
    project = seller.api.post(path, {"days": [
        {"date": "2026-01-01", "kind": "holiday", "name": "Новый год"},
        {"date": "2026-11-03", "kind": "short"},
        {"date": "2026-11-01", "kind": "workday"}]}, status=200)
    assert project["auto_reply"]["dates"] == [
        {"date": "2025-12-31", "off": True},
        {"date": "2026-01-01", "name": "Новый год", "like": 7},
        {"date": "2026-11-01", "like": 5},
        {"date": "2026-11-03", "early_minutes": 60}], project
    assert project["auto_reply"]["text"] == AUTO["text"], project
    told = [e for e in w.admin.all("/api/admin/audit")
            if e["object"] == f"project:{project['id']}"]
    assert told[0]["action"] == "project.change", told
    assert len(w.admin.all("/api/admin/audit")) == entries + 1
    project = seller.api.post(path, {
        "mode": "merge", "text": "2026-06-12 праздник День России\n"},
        status=200)
    assert len(project["auto_reply"]["dates"]) == 5, project


@test
def calendar_names_what_is_wrong(w):
    seller = _seller(w)
    path = f"{_path(seller)}/calendar"

    def bad(body):
        answer = seller.api.refused(422, "POST", path, body)
        return [e["field"] for e in answer["errors"]]

    assert bad({}) == ["days"]
    assert bad({"days": [], "text": ""})
    assert bad({"text": "2026-02-30 holiday"}) == ["text"]
    assert bad({"days": [{"date": "2026-01-01", "kind": "fun"},
                         {"date": "x", "kind": "short"}]}) == \
        ["days[0].kind", "days[1].date"]
    assert bad({"days": [], "mode": "both"}) == ["mode"]
    other = w.user(w.client())
    other.refused(404, "POST", path, {"days": []})
