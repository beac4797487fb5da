#!/usr/bin/python3
"""End-to-end tests of tuberry-sandbox: the program runs on a free port, a
receiver of webhooks runs in this process, and each test is one fact."""

import http.client
import http.server
import json
import os
import queue
import socket
import subprocess
import threading
import unittest
import urllib.parse

PROGRAM = os.environ.get("TUBERRY_SANDBOX", "./tuberry-sandbox")
GROUP = -1001000000001
BOT = "/telegram/bot700:AAA/"


class Receiver(http.server.ThreadingHTTPServer):
    """Keeps what it is sent; answers as `answers` says, then 200 {}."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.got = queue.Queue()
        self.answers = []
        self.url = "http://127.0.0.1:%d" % self.server_address[1]
        threading.Thread(target=self.serve_forever, args=(0.01,),
                         daemon=True).start()

    def next(self):
        return self.got.get(timeout=10)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.put((self.path, self.headers, json.loads(body)))
        answers = self.server.answers
        status, text = answers.pop(0) if answers else (200, "{}")
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *args):
        pass


class Sandbox:
    def __init__(self):
        self.process = subprocess.Popen(
            [PROGRAM, "--port", "0"], stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, text=True)
        self.url = self.process.stdout.readline().split()[1]
        self.port = int(self.url.rsplit(":", 1)[1])

    def stop(self):
        self.process.terminate()
        status = self.process.wait(timeout=10)
        self.process.stdout.close()
        return status

    def ask(self, method, path, body=None, headers=None):
        """(status, headers, bytes)"""
        conn = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            conn.request(method, path, body, headers or {})
            r = conn.getresponse()
            return r.status, r.headers, r.read()
        finally:
            conn.close()

    def json(self, method, path, body=None, headers=None):
        headers = dict(headers or {})
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
            headers.setdefault("Content-Type", "application/json")
        status, _, text = self.ask(method, path, body, headers)
        return status, json.loads(text)

    def control(self, path, body=None, method=None):
        method = method or ("GET" if body is None else "POST")
        status, answer = self.json(method, "/control/" + path, body)
        if status != 200:
            raise AssertionError("%s %s: %s" % (method, path, answer))
        return answer


def multipart(fields, files):
    """(body, content type)"""
    mark = "0123456789abcdef"
    out = b""
    for name, value in fields.items():
        out += ('--%s\r\nContent-Disposition: form-data; name="%s"\r\n\r\n'
                "%s\r\n" % (mark, name, value)).encode()
    for name, (filename, mime, data) in files.items():
        out += ('--%s\r\nContent-Disposition: form-data; name="%s"; '
                'filename="%s"\r\nContent-Type: %s\r\n\r\n'
                % (mark, name, filename, mime)).encode() + data + b"\r\n"
    out += ("--%s--\r\n" % mark).encode()
    return out, "multipart/form-data; boundary=" + mark


class Case(unittest.TestCase):
    violations = 0  # how many this test means to cause

    @classmethod
    def setUpClass(cls):
        cls.s = Sandbox()

    @classmethod
    def tearDownClass(cls):
        if cls.s.stop() != 0:
            raise AssertionError("the program did not end cleanly")

    def setUp(self):
        self.s.control("reset", {})
        self.hooks = Receiver()
        self.s.control("avito/accounts", {
            "client_id": "demo", "client_secret": "secret",
            "user_id": 30001, "name": "Shop"})
        self.s.control("avito/items", {
            "user_id": 30001, "id": 77, "title": "Lamp & co", "price": 1500})
        self.s.control("avito/buyers", {"id": 40002, "name": "Ann"})
        self.s.control("telegram/users", {"id": 501, "first_name": "Olga"})
        self.s.control("telegram/bots", {"token": "700:AAA"})
        self.s.control("telegram/groups", {
            "id": GROUP, "title": "Work", "creator": 501,
            "bots": [{"id": 700}]})

    def tearDown(self):
        self.hooks.shutdown()
        self.hooks.server_close()
        found = self.s.control("violations")["violations"]
        self.assertEqual(len(found), self.violations, found)

    def token(self):
        status, answer = self.s.json(
            "POST", "/avito/token",
            b"grant_type=client_credentials&client_id=demo"
            b"&client_secret=secret",
            {"Content-Type": "application/x-www-form-urlencoded"})
        self.assertEqual(status, 200)
        return {"Authorization": "Bearer " + answer["access_token"]}

    def say(self, **what):
        return self.s.control("avito/say", {
            "user_id": 30001, "buyer_id": 40002, "item_id": 77, **what})

    def bot(self, name, /, **params):
        return self.s.json("POST", BOT + name, params)

    def wait(self, **query):
        answer = self.s.control("wait?" + urllib.parse.urlencode(query))
        self.assertTrue(answer["held"], query)
        return answer

    def chat_path(self, version, chat, tail):
        return "/avito/messenger/v%d/accounts/30001/chats/%s%s" % (
            version, urllib.parse.quote(chat, safe=""), tail)


class AvitoReads(Case):
    def test_a_buyers_message_is_in_the_list_and_in_the_history(self):
        auth = self.token()
        chat = self.say(text="Is it free?")["chat_id"]
        _, listed = self.s.json(
            "GET", "/avito/messenger/v2/accounts/30001/chats"
            "?chat_types=u2i,u2u&unread_only=true", headers=auth)
        self.assertEqual(listed["chats"][0]["id"], chat)
        value = listed["chats"][0]["context"]["value"]
        self.assertEqual(value["price_string"], "1 500 ₽")
        _, history = self.s.json(
            "GET", self.chat_path(3, chat, "/messages/"), headers=auth)
        self.assertEqual(history["messages"][0]["content"],
                         {"text": "Is it free?"})
        self.assertFalse(history["messages"][0]["is_read"])

    def test_json_escapes_ampersands_as_go_does(self):
        auth = self.token()
        chat = self.say(text="x")["chat_id"]
        _, _, text = self.s.ask("GET", self.chat_path(2, chat, ""), None, auth)
        self.assertIn(b"Lamp \\u0026 co", text)

    def test_history_is_newest_first_and_paged(self):
        auth = self.token()
        chat = self.say(text="m{n}", count=5)["chat_id"]
        _, page = self.s.json(
            "GET", self.chat_path(3, chat, "/messages/?limit=2&offset=1"),
            headers=auth)
        self.assertEqual([m["content"]["text"] for m in page["messages"]],
                         ["m4", "m3"])

    def test_read_empties_the_unread_list(self):
        auth = self.token()
        chat = self.say(text="x")["chat_id"]
        self.s.json("POST", self.chat_path(1, chat, "/read"), headers=auth)
        self.wait(avito_read=chat)
        _, listed = self.s.json(
            "GET", "/avito/messenger/v2/accounts/30001/chats"
            "?chat_types=u2i&unread_only=true", headers=auth)
        self.assertEqual(listed["chats"], [])

    def test_a_bare_array_and_other_names_are_settings(self):
        auth = self.token()
        self.s.control("settings", {"avito_list_shape": "array",
                                    "avito_read_name": "isRead"}, "PATCH")
        chat = self.say(text="x")["chat_id"]
        _, history = self.s.json(
            "GET", self.chat_path(3, chat, "/messages/"), headers=auth)
        self.assertIn("isRead", history[0])

    def test_voice_and_image_links_serve_their_bytes(self):
        auth = self.token()
        voice = self.say(type="voice")["message"]["content"]["voice"]
        image = self.say(type="image")["message"]["content"]["image"]
        _, urls = self.s.json(
            "GET", "/avito/messenger/v1/accounts/30001/getVoiceFiles"
            "?voice_ids=" + voice["voice_id"], headers=auth)
        url = urls["voices_urls"][voice["voice_id"]]
        status, headers, sound = self.s.ask("GET", url[len(self.s.url):])
        self.assertEqual((status, headers["Content-Type"], sound[4:8]),
                         (200, "audio/mp4", b"ftyp"))
        url = image["sizes"]["1280x960"]
        status, headers, picture = self.s.ask("GET", url[len(self.s.url):])
        self.assertEqual((status, picture[:2]), (200, b"\xff\xd8"))


class AvitoTokens(Case):
    def test_an_expired_token_gets_the_status_of_the_setting(self):
        auth = self.token()
        self.s.control("avito/accounts/30001/expire_tokens", {})
        for wanted in (403, 401):
            self.s.control("settings", {"avito_expired_status": wanted},
                           "PATCH")
            status, _ = self.s.json("GET", "/avito/core/v1/accounts/self",
                                    headers=auth)
            self.assertEqual(status, wanted)

    def test_a_wrong_secret_is_refused(self):
        status, _ = self.s.json(
            "POST", "/avito/token",
            b"grant_type=client_credentials&client_id=demo&client_secret=x",
            {"Content-Type": "application/x-www-form-urlencoded"})
        self.assertEqual(status, 401)

    def test_a_refresh_token_works_once(self):
        code = self.s.control("avito/accounts/30001/code", {})["code"]
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        start = b"client_id=demo&client_secret=secret&grant_type="
        _, first = self.s.json("POST", "/avito/token", start +
                               b"authorization_code&code=" + code.encode(),
                               form)
        again = start + b"refresh_token&refresh_token=" + first[
            "refresh_token"].encode()
        self.assertEqual(self.s.json("POST", "/avito/token", again, form)[0],
                         200)
        self.assertEqual(self.s.json("POST", "/avito/token", again, form)[0],
                         400)

    def test_a_foreign_account_is_forbidden(self):
        status, _ = self.s.json(
            "GET", "/avito/messenger/v2/accounts/5/chats?chat_types=u2i",
            headers=self.token())
        self.assertEqual(status, 403)


class AvitoWrites(Case):
    def send(self, chat, text, auth):
        return self.s.json("POST", self.chat_path(1, chat, "/messages"),
                           {"message": {"text": text}, "type": "text"}, auth)

    def subscribe(self, auth):
        self.s.json("POST", "/avito/messenger/v3/webhook",
                    {"url": self.hooks.url + "/hook"}, auth)
        self.wait(avito_subscribed=30001)

    def test_a_sent_text_reaches_the_chat(self):
        chat = self.say(text="x")["chat_id"]
        status, sent = self.send(chat, "Yes", self.token())
        self.assertEqual((status, sent["direction"]), (200, "out"))
        self.wait(avito_chat=chat, direction="out", text="Yes")

    def test_an_uploaded_image_can_be_sent(self):
        auth = self.token()
        chat = self.say(text="x")["chat_id"]
        _, _, picture = self.s.ask("GET", "/control/files/sample.jpg")
        body, kind = multipart({}, {"uploadfile[]": (
            "a.jpg", "image/jpeg", picture)})
        status, _, text = self.s.ask(
            "POST", "/avito/messenger/v1/accounts/30001/uploadImages", body,
            {**auth, "Content-Type": kind})
        self.assertEqual(status, 200)
        image = next(iter(json.loads(text)))
        status, sent = self.s.json(
            "POST", self.chat_path(1, chat, "/messages/image"),
            {"image_id": image}, auth)
        self.assertEqual(status, 200)
        self.assertIn(image, sent["content"]["image"]["sizes"]["1280x960"])

    def test_a_webhook_has_the_body_of_v3(self):
        self.subscribe(self.token())
        self.say(text="Hello")
        path, headers, body = self.hooks.next()
        self.assertEqual((path, body["version"], body["payload"]["type"]),
                         ("/hook", "v3.0.0", "message"))
        value = body["payload"]["value"]
        self.assertEqual(value["content"], {"text": "Hello"})
        self.assertEqual((value["user_id"], value["author_id"],
                          value["item_id"]), (30001, 40002, 77))
        self.assertRegex(headers["x-avito-messenger-signature"],
                         "^[0-9a-f]{64}$")

    def test_an_own_message_comes_back_as_an_echo(self):
        auth = self.token()
        chat = self.say(text="x")["chat_id"]
        self.subscribe(auth)
        _, sent = self.send(chat, "Yes", auth)
        value = self.hooks.next()[2]["payload"]["value"]
        self.assertEqual((value["id"], value["author_id"]),
                         (sent["id"], 30001))

    def test_the_echo_can_come_before_the_answer(self):
        auth = self.token()
        chat = self.say(text="x")["chat_id"]
        self.subscribe(auth)
        self.s.control("settings", {"avito_echo": "before"}, "PATCH")
        status, sent = self.send(chat, "Yes", auth)
        value = self.hooks.got.get_nowait()[2]["payload"]["value"]
        self.assertEqual((status, value["id"]), (200, sent["id"]))

    def test_a_refused_webhook_comes_again_with_the_same_envelope(self):
        self.subscribe(self.token())
        self.s.control("settings", {"avito_webhook_spacing_ms": 0}, "PATCH")
        self.hooks.answers = [(500, ""), (200, "{}")]
        self.say(text="x")
        first, second = self.hooks.next()[2], self.hooks.next()[2]
        self.assertEqual(first["id"], second["id"])
        self.wait(idle=1)

    def test_copies_and_raw_webhooks_are_delivered(self):
        self.subscribe(self.token())
        self.s.control("settings", {"avito_webhook_copies": 2}, "PATCH")
        self.say(text="x")
        ids = {self.hooks.next()[2]["payload"]["value"]["id"]
               for _ in range(2)}
        self.assertEqual(len(ids), 1)
        self.s.control("avito/webhook", {"user_id": 30001, "body": {}})
        self.assertEqual(self.hooks.next()[2], {})

    def test_the_last_subscriber_wins(self):
        auth = self.token()
        self.subscribe(auth)
        self.s.control("avito/accounts/30001/subscriptions",
                       {"url": "http://127.0.0.1:9/other"})
        _, answer = self.s.json("POST",
                                "/avito/messenger/v1/subscriptions",
                                headers=auth)
        self.assertEqual([x["url"] for x in answer["subscriptions"]],
                         ["http://127.0.0.1:9/other"])

    def test_a_blocked_chat_answers_404(self):
        chat = self.say(text="x")["chat_id"]
        self.s.control("avito/chats/" + urllib.parse.quote(chat),
                       {"blocked": True}, "PATCH")
        self.assertEqual(self.send(chat, "Yes", self.token())[0], 404)

    def test_the_rate_limit_answers_429(self):
        auth = self.token()
        chat = self.say(text="x")["chat_id"]
        self.s.control("settings", {"avito_rate_per_minute": 1}, "PATCH")
        path = self.chat_path(2, chat, "")
        answers = [self.s.ask("GET", path, None, auth) for _ in range(3)]
        limited = [a for a in answers if a[0] == 429]
        self.assertTrue(limited)
        self.assertIn("Retry-After", limited[0][1])


class AvitoViolations(Case):
    violations = 5

    def test_tolerated_mistakes_are_written_down(self):
        auth = self.token()
        chat = self.say(text="x")["chat_id"]
        self.s.json("GET", self.chat_path(3, chat, "/messages"),
                    headers=auth)
        self.s.json("GET", self.chat_path(3, chat, "/messages/?x=1"),
                    headers=auth)
        self.s.json("GET", "/avito/messenger/v2/accounts/30001/chats",
                    headers=auth)
        status, _ = self.s.json(
            "POST", self.chat_path(1, chat, "/messages"),
            {"message": {"text": "a" * 1001}, "type": "text"}, auth)
        self.assertEqual(status, 400)
        self.s.json("POST", self.chat_path(1, chat, "/read"), {}, auth)


class Telegram(Case):
    def topic(self, name="Ann — Lamp"):
        status, answer = self.bot("createForumTopic", chat_id=GROUP,
                                  name=name)
        self.assertEqual(status, 200)
        return answer["result"]["message_thread_id"]

    def webhook(self, drop=True):
        status, _ = self.bot("setWebhook", url=self.hooks.url + "/t",
                             secret_token="s3", drop_pending_updates=drop,
                             allowed_updates=["message", "callback_query"])
        self.assertEqual(status, 200)
        self.wait(tg_webhook=700)

    def test_a_message_in_a_topic_carries_thread_and_creation(self):
        thread = self.topic()
        _, answer = self.bot("sendMessage", chat_id=GROUP, text="hi",
                             message_thread_id=thread)
        m = answer["result"]
        self.assertTrue(m["is_topic_message"])
        self.assertEqual(m["reply_to_message"]["message_id"], thread)

    def test_a_deleted_topic_is_not_found(self):
        thread = self.topic()
        self.s.control("telegram/groups/%d/topics/%d/delete"
                       % (GROUP, thread), {})
        status, answer = self.bot("sendMessage", chat_id=GROUP, text="hi",
                                  message_thread_id=thread)
        self.assertEqual((status, answer["description"]),
                         (400, "Bad Request: message thread not found"))
        _, answer = self.bot("closeForumTopic", chat_id=GROUP,
                             message_thread_id=thread)
        self.assertEqual(answer["description"],
                         "Bad Request: TOPIC_ID_INVALID")

    def test_an_operators_message_comes_by_webhook_with_the_secret(self):
        thread = self.topic()
        self.webhook()
        self.s.control("telegram/chats/%d/messages" % GROUP,
                       {"from": 501, "thread": thread, "kind": "photo"})
        path, headers, update = self.hooks.next()
        self.assertEqual(headers["X-Telegram-Bot-Api-Secret-Token"], "s3")
        photo = update["message"]["photo"][-1]["file_id"]
        _, answer = self.bot("getFile", file_id=photo)
        status, _, data = self.s.ask(
            "GET", "/telegram/file/bot700:AAA/"
            + answer["result"]["file_path"])
        self.assertEqual((status, data[:2]), (200, b"\xff\xd8"))

    def test_a_refused_update_is_repeated_and_holds_its_chat(self):
        self.webhook()
        self.s.control("settings", {"telegram_webhook_backoff_ms": 1},
                       "PATCH")
        self.hooks.answers = [(500, ""), (500, ""), (500, "")]
        self.s.control("telegram/chats/%d/messages" % GROUP,
                       {"from": 501, "text": "m{n}", "count": 2})
        texts = [self.hooks.next()[2]["message"]["text"] for _ in range(5)]
        self.assertEqual(texts, ["m1"] * 4 + ["m2"])

    def test_the_webhooks_answer_can_hold_a_call(self):
        self.webhook()
        self.hooks.answers = [(200, json.dumps(
            {"method": "sendMessage", "chat_id": GROUP, "text": "pong"}))]
        self.s.control("telegram/chats/%d/messages" % GROUP,
                       {"from": 501, "text": "ping"})
        self.wait(tg_chat=GROUP, author="bot", text="pong")

    def test_updates_wait_until_there_is_a_webhook(self):
        self.s.control("telegram/chats/%d/messages" % GROUP,
                       {"from": 501, "text": "early"})
        self.webhook(drop=False)
        updates = [self.hooks.next()[2] for _ in range(2)]
        self.assertIn("early", [u.get("message", {}).get("text")
                                for u in updates])

    def test_get_updates_confirms_by_offset(self):
        self.s.control("telegram/chats/%d/messages" % GROUP,
                       {"from": 501, "text": "one"})
        _, answer = self.bot("getUpdates", timeout=0)
        last = answer["result"][-1]["update_id"]
        _, answer = self.bot("getUpdates", offset=last + 1)
        self.assertEqual(answer["result"], [])

    def test_an_offset_of_the_future_confirms_nothing(self):
        self.s.control("telegram/chats/%d/messages" % GROUP,
                       {"from": 501, "text": "one"})
        _, answer = self.bot("getUpdates", offset=100000)
        self.assertTrue(answer["result"])

    def test_a_pressed_button_is_a_callback_query(self):
        self.webhook()
        _, answer = self.bot(
            "sendMessage", chat_id=GROUP, text="?", reply_markup={
                "inline_keyboard": [[{"text": "Yes",
                                      "callback_data": "y"}]]})
        press = self.s.control("telegram/chats/%d/messages/%d/press" % (
            GROUP, answer["result"]["message_id"]),
            {"from": 501, "row": 0, "column": 0})
        while True:
            update = self.hooks.next()[2]
            if "callback_query" in update:
                break
        self.assertEqual(update["callback_query"]["data"], "y")
        self.bot("answerCallbackQuery", text="ok",
                 callback_query_id=press["callback_query_id"])
        self.assertTrue(self.s.control(
            "telegram/callbacks/" + press["callback_query_id"])["answered"])

    def test_an_upload_pins_and_reacts(self):
        _, _, picture = self.s.ask("GET", "/control/files/sample.png")
        body, kind = multipart({"chat_id": GROUP, "caption": "card"},
                               {"photo": ("a.png", "image/png", picture)})
        status, _, text = self.s.ask("POST", BOT + "sendPhoto", body,
                                     {"Content-Type": kind})
        self.assertEqual(status, 200, text)
        sent = json.loads(text)["result"]["message_id"]
        self.bot("pinChatMessage", chat_id=GROUP, message_id=sent)
        self.bot("setMessageReaction", chat_id=GROUP, message_id=sent,
                 reaction=[{"type": "emoji", "emoji": "👌"}])
        self.wait(tg_chat=GROUP, tg_pinned=1)
        self.wait(tg_chat=GROUP, tg_reaction=sent, emoji="👌")

    def test_rights_are_asked_for(self):
        self.s.control("telegram/groups/%d/members" % GROUP, {
            "user": 700, "status": "administrator",
            "rights": {"can_manage_topics": False}})
        status, answer = self.bot("createForumTopic", chat_id=GROUP,
                                  name="x")
        self.assertEqual((status, answer["description"]), (
            400, "Bad Request: not enough rights to create a topic"))

    def test_a_kicked_bot_and_a_blocking_person_are_forbidden(self):
        self.s.control("telegram/groups/%d/members" % GROUP,
                       {"user": 700, "status": "kicked"})
        _, answer = self.bot("sendMessage", chat_id=GROUP, text="x")
        self.assertEqual(answer["description"], "Forbidden: bot was kicked "
                         "from the supergroup chat")
        self.s.control("telegram/bots/700/block",
                       {"user": 501, "blocked": True})
        _, answer = self.bot("sendMessage", chat_id=501, text="x")
        self.assertEqual(answer["description"],
                         "Forbidden: bot was blocked by the user")

    def test_a_migrated_group_names_its_new_id(self):
        old = self.s.control("telegram/groups", {
            "basic": True, "creator": 501, "bots": [{"id": 700}]})["id"]
        new = self.s.control("telegram/groups/%d/migrate" % old, {})["id"]
        status, answer = self.bot("sendMessage", chat_id=old, text="x")
        self.assertEqual((status, answer["parameters"]),
                         (400, {"migrate_to_chat_id": new}))

    def test_rate_limits_say_how_long(self):
        self.s.control("settings", {
            "telegram_rate_limits": True,
            "telegram_rate_group_per_minute": 1}, "PATCH")
        self.bot("sendMessage", chat_id=GROUP, text="x")
        status, headers, text = self.s.ask(
            "POST", BOT + "sendMessage",
            json.dumps({"chat_id": GROUP, "text": "y"}).encode(),
            {"Content-Type": "application/json"})
        after = json.loads(text)["parameters"]["retry_after"]
        self.assertEqual((status, headers["Retry-After"]),
                         (429, str(after)))

    def test_a_group_may_have_a_limit_of_its_own(self):
        self.s.control("telegram/groups/%d" % GROUP, {"rate_per_minute": 1},
                       "PATCH")
        self.bot("sendMessage", chat_id=GROUP, text="x")
        status, answer = self.bot("sendMessage", chat_id=GROUP, text="y")
        self.assertEqual((status, answer["description"][:21]),
                         (429, "Too Many Requests: re"))

    def test_an_unknown_token_is_unauthorized(self):
        status, answer = self.s.json("POST", "/telegram/bot1:x/getMe", {})
        self.assertEqual((status, answer["description"]),
                         (401, "Unauthorized"))

    def test_html_becomes_entities_in_utf16_units(self):
        _, answer = self.bot("sendMessage", chat_id=GROUP,
                             text="😀<b>a&lt;</b>", parse_mode="HTML")
        self.assertEqual(answer["result"]["entities"], [
            {"type": "bold", "offset": 2, "length": 2}])


class TelegramViolations(Case):
    violations = 5

    def test_tolerated_mistakes_are_written_down(self):
        self.bot("sendMessage", chat_id=str(GROUP), text=5, extra=1)
        self.bot("sendMessage", chat_id=GROUP, text="x", message_thread_id=1)
        self.bot("setWebhook", url=self.hooks.url)
        status, answer = self.bot("sendMessage", chat_id=GROUP,
                                  text="<x>", parse_mode="HTML")
        self.assertEqual(status, 400)
        self.assertIn("can't parse entities", answer["description"])


class BadInput(Case):
    violations = 9

    def test_values_of_any_shape_are_refused(self):
        json_type = {"Content-Type": "application/json"}
        for name, body in (
                ("sendMessage", b"\xff"),
                ("sendMessage", b"[]"),
                ("sendMessage", b'{"chat_id":{},"text":[]}'),
                ("sendMediaGroup",
                 b'{"chat_id":-1001000000001,"media":[1,null]}'),
                ("setMessageReaction",
                 b'{"chat_id":-1001000000001,"message_id":1,"reaction":[1]}'),
                ("setMyCommands", b'{"commands":[null]}'),
                ("setWebhook", b'{"url":"x","allowed_updates":[null]}'),
                ("sendMessage", b'{"chat_id":-1001000000001,"text":"x",'
                 b'"reply_markup":{"inline_keyboard":[[1],2]}}'),
                ("sendMessage", b'{"chat_id":-1001000000001,'
                 b'"parse_mode":"MarkdownV2","text":"*a [b](c)"}')):
            status, _, text = self.s.ask("POST", BOT + name, body, json_type)
            self.assertIn(status, (400, 401, 404), (name, body))
            self.assertFalse(json.loads(text)["ok"])
        for path in ("/avito/%ff/%2e", "/files/", "/control/x", "/x"):
            self.assertEqual(self.s.ask("GET", path)[0], 404, path)


class Polling(Case):
    def poll(self, offset):
        """A queue that gets the answer of a getUpdates that waits."""
        out = queue.Queue()
        since = self.s.control("version")["version"]

        def run():
            try:
                out.put(self.bot("getUpdates", offset=offset, timeout=20))
            except OSError as e:
                out.put(e)

        threading.Thread(target=run).start()
        # The call that waits has confirmed what was there.
        self.wait(since=since)
        return out

    def test_a_poll_that_waits_gets_the_next_message(self):
        last = self.bot("getUpdates")[1]["result"][-1]["update_id"]
        out = self.poll(last + 1)
        self.s.control("telegram/chats/%d/messages" % GROUP,
                       {"from": 501, "text": "next"})
        _, answer = out.get(timeout=10)
        self.assertEqual(answer["result"][0]["message"]["text"], "next")

    def test_a_second_poll_ends_the_first(self):
        last = self.bot("getUpdates")[1]["result"][-1]["update_id"]
        out = self.poll(last + 1)
        self.bot("getUpdates", timeout=0)
        self.assertEqual(out.get(timeout=10)[0], 409)

    def test_a_webhook_ends_a_poll_that_waits(self):
        last = self.bot("getUpdates")[1]["result"][-1]["update_id"]
        out = self.poll(last + 1)
        self.s.control("telegram/bots/700/webhook",
                       {"url": "http://127.0.0.1:9/taken"})
        status, answer = out.get(timeout=10)
        self.assertEqual(status, 409)
        self.assertIn("setWebhook", answer["description"])

    def test_a_reset_ends_a_poll_that_waits(self):
        last = self.bot("getUpdates")[1]["result"][-1]["update_id"]
        out = self.poll(last + 1)
        self.s.control("reset", {})
        self.assertIsInstance(out.get(timeout=10), OSError)


class Faults(Case):
    def raw(self):
        """What comes back on a bare socket; None: a reset."""
        with socket.create_connection(("127.0.0.1", self.s.port), 10) as c:
            c.sendall(b"POST " + BOT.encode() + b"getMe HTTP/1.1\r\n"
                      b"Host: x\r\nContent-Length: 0\r\n\r\n")
            out = b""
            try:
                while True:
                    part = c.recv(65536)
                    out += part
                    if not part or b"\r\n\r\n{" in out and out[-1:] == b"}":
                        return out
            except ConnectionResetError:
                return None

    def fault(self, **rule):
        return self.s.control("faults", {"service": "telegram", **rule})

    def last_call(self):
        return self.s.control("calls")["calls"][-1]

    def test_reset_is_a_reset_on_the_wire_and_nothing_was_done(self):
        self.fault(kind="reset")
        self.assertIsNone(self.raw())
        self.assertFalse(self.last_call()["processed"])
        self.assertIn(b"200 OK", self.raw())

    def test_accepted_then_reset_took_effect(self):
        self.fault(kind="accepted_then_reset", method="send*")
        with self.assertRaises((ConnectionResetError,
                                http.client.RemoteDisconnected)):
            self.bot("sendMessage", chat_id=GROUP, text="ghost")
        self.wait(tg_chat=GROUP, author="bot", text="ghost")
        self.assertEqual(self.last_call()["outcome"],
                         "fault:accepted_then_reset")

    def test_hang_ends_with_its_rule(self):
        rule = self.fault(kind="hang", times=0)
        done = queue.Queue()
        threading.Thread(target=lambda: done.put(self.raw())).start()
        self.wait(calls_since=0, outcome="fault:hang")
        self.s.control("faults/%d" % rule["id"], method="DELETE")
        self.assertIsNone(done.get(timeout=10))

    def test_status_carries_retry_after(self):
        self.fault(kind="status", status=429, retry_after=7)
        status, answer = self.bot("getMe")
        self.assertEqual((status, answer["parameters"]),
                         (429, {"retry_after": 7}))

    def test_malformed_answers(self):
        for kind in ("invalid_json", "empty"):
            self.fault(kind=kind)
            status, _, text = self.s.ask("POST", BOT + "getMe")
            self.assertEqual(status, 200)
            self.assertRaises(ValueError, json.loads, text)
        self.fault(kind="html_502")
        self.assertEqual(self.s.ask("POST", BOT + "getMe")[0], 502)
        self.fault(kind="truncated")
        self.assertRaises(http.client.IncompleteRead, self.s.ask, "POST",
                          BOT + "getMe")
        self.fault(kind="slow_drip", drip_ms=1)
        self.assertEqual(self.bot("getMe")[0], 200)
        self.fault(kind="huge")
        self.assertEqual(len(self.s.ask("POST", BOT + "getMe")[2]), 64 << 20)

    def test_skip_times_and_filters_choose_requests(self):
        self.fault(kind="status", status=500, skip=1, times=1,
                   chat=str(GROUP))
        statuses = [self.bot("sendMessage", chat_id=GROUP, text="x")[0]
                    for _ in range(3)]
        self.assertEqual(statuses, [200, 500, 200])

    def test_latency_delays_and_still_answers(self):
        self.fault(kind="latency", delay_ms=20, answer_delay_ms=20)
        self.assertEqual(self.bot("getMe")[0], 200)
        self.assertEqual(self.last_call()["outcome"], "fault:latency")


class Doors(Case):
    def through(self, port):
        conn = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        conn.connect()
        return conn

    def ask(self, conn):
        conn.request("POST", BOT + "getMe", b"",
                     {"Content-Length": "0"})
        answer = conn.getresponse()
        answer.read()
        return answer.status

    def test_a_door_leads_to_the_same_sandbox(self):
        port = self.s.control("doors", {})["port"]
        conn = self.through(port)
        self.assertEqual([self.ask(conn), self.ask(conn)], [200, 200])
        conn.close()
        self.assertEqual(len(self.s.control("calls")["calls"]), 2)

    def test_a_shut_door_refuses_and_resets_who_is_inside(self):
        port = self.s.control("doors", {})["port"]
        idle, at_work = self.through(port), self.through(port)
        self.assertEqual(self.ask(idle), 200)
        self.s.control("faults", {"kind": "hang", "times": 0})
        at_work.request("POST", BOT + "getMe", b"", {"Content-Length": "0"})
        self.wait(calls_since=1)
        self.s.control("doors/%d" % port, {"open": False}, "PATCH")
        with self.assertRaises(ConnectionRefusedError):
            self.through(port)
        for conn in (idle, at_work):
            with self.assertRaises(ConnectionResetError):
                conn.sock.recv(1)
            conn.close()
        self.assertEqual(self.s.control("version")["calls"], 2)

    def test_a_door_opens_again_at_its_port(self):
        port = self.s.control("doors", {})["port"]
        self.s.control("doors/%d" % port, {"open": False}, "PATCH")
        answer = self.s.control("doors/%d" % port, {"open": True}, "PATCH")
        self.assertEqual(answer, {"port": port, "open": True})
        conn = self.through(port)
        self.assertEqual(self.ask(conn), 200)
        conn.close()

    def test_an_unknown_door_is_missing(self):
        status, _ = self.s.json("PATCH", "/control/doors/1", {"open": True})
        self.assertEqual(status, 404)


class Control(Case):
    def test_unknown_fields_and_settings_are_refused(self):
        status, _ = self.s.json("POST", "/control/avito/buyers", {"x": 1})
        self.assertEqual(status, 400)
        status, _ = self.s.json("PATCH", "/control/settings",
                                {"avito_echo": "never"})
        self.assertEqual(status, 400)

    def test_a_reset_gives_the_same_ids_again(self):
        first = self.say(text="x")["chat_id"]
        self.tearDown()
        self.setUp()
        self.assertEqual(self.say(text="x")["chat_id"], first)

    def test_bulk_makes_many_chats(self):
        made = self.s.control("avito/bulk", {
            "user_id": 30001, "chats": 1500, "messages": 2, "item_id": 77})
        self.assertEqual(len(set(made["chats"])), 1500)
        auth = self.token()
        path = "/avito/messenger/v2/accounts/30001/chats?chat_types=u2i"
        _, page = self.s.json("GET", path + "&limit=100&offset=1000",
                              headers=auth)
        self.assertEqual(len(page["chats"]), 100)

    def test_every_setting_is_documented(self):
        docs = os.path.join(os.path.dirname(__file__), "../../docs/SANDBOX.md")
        told = subprocess.run([PROGRAM, "--help"], check=True, text=True,
                              stdout=subprocess.PIPE).stdout
        with open(docs, encoding="utf-8") as f:
            self.assertIn(told[told.index("| setting"):], f.read())

    def test_the_page_needs_nothing_from_outside(self):
        for path, kind in (("/", "text/html"), ("/app.css", "text/css"),
                           ("/app.js", "text/javascript")):
            status, headers, _ = self.s.ask("GET", path)
            self.assertEqual(status, 200)
            self.assertTrue(headers["Content-Type"].startswith(kind))
            self.assertIn("default-src 'self'",
                          headers["Content-Security-Policy"])

    def test_webhooks_never_leave_the_machine(self):
        self.s.control("telegram/bots/700/webhook",
                       {"url": "https://example.com/x"})
        self.s.control("telegram/chats/%d/messages" % GROUP,
                       {"from": 501, "text": "x"})
        self.wait(deliveries_since=0, count=1)
        entry = self.s.control("deliveries")["deliveries"][0]
        self.assertEqual(entry["outcome"], "failed")
        self.assertIn("loopback", entry["error"])


if __name__ == "__main__":
    unittest.main()
