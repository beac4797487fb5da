#!/usr/bin/python3
"""The Telegram stand-in: business connections, kinds of messages, icons."""

import os
import struct
import tempfile
import unittest

from sandbox_test import BOT, GROUP, Case, Sandbox, multipart

OWNER = 900
CHAT = "501@900"
DAY_S = 24 * 3600


class Telegram(Case):
    def updates(self):
        """What came since the last call: [(kind, body)]."""
        _, answer = self.bot("getUpdates", offset=getattr(self, "next", 0),
                             allowed_updates=[])
        if answer["result"]:
            self.next = answer["result"][-1]["update_id"] + 1
        return [next((k, v) for k, v in u.items() if k != "update_id")
                for u in answer["result"]]

    def write(self, key, **what):
        return self.s.control("telegram/chats/%s/messages" % key,
                              what)["messages"][0]

    def private(self, **what):
        return self.write("501@700", **what)


class Business(Telegram):
    def setUp(self):
        super().setUp()
        self.s.control("telegram/users", {"id": OWNER, "first_name": "Max"})
        self.s.control("telegram/bots/700", {"can_connect_to_business": True},
                       "PATCH")
        self.id = self.connect()["id"]
        self.updates()

    def connect(self, **what):
        return self.s.control("telegram/bots/700/business",
                              {"user": OWNER, **what})

    def customer(self, text="Is it free?", **what):
        return self.write(CHAT, text=text, **what)

    def send(self, name="sendMessage", **what):
        what = {"chat_id": 501, "business_connection_id": self.id, **what}
        if name == "sendMessage":
            what.setdefault("text", "Yes")
        status, answer = self.bot(name, **what)
        return (status, answer.get("result", answer.get("description")))

    def test_connecting_changing_and_ending_are_told(self):
        self.connect(rights={"can_reply": False})
        self.connect(enabled=False)
        again = self.connect()
        kinds, told = zip(*self.updates())
        self.assertEqual(set(kinds), {"business_connection"})
        self.assertEqual([(t["id"], t["is_enabled"]) for t in told],
                         [(self.id, True), (self.id, False),
                          (again["id"], True)])
        self.assertNotIn("can_reply", told[0]["rights"])
        self.assertEqual(told[0]["user_chat_id"], OWNER)
        self.assertNotEqual(again["id"], self.id)
        self.assertTrue(self.bot("getMe")[1]["result"][
            "can_connect_to_business"])

    def test_a_bot_without_the_mode_cannot_be_connected(self):
        self.s.control("telegram/bots/700", {"can_connect_to_business": False},
                       "PATCH")
        status, _ = self.s.json("POST", "/control/telegram/bots/700/business",
                                {"user": OWNER})
        self.assertEqual(status, 400)

    def test_both_people_of_a_chat_are_heard(self):
        self.customer()
        self.customer("On my way", **{"from": OWNER})
        told = [body for kind, body in self.updates()
                if kind == "business_message"]
        self.assertEqual([(m["from"]["id"], m["chat"]["id"],
                           m["business_connection_id"]) for m in told],
                         [(501, 501, self.id), (OWNER, 501, self.id)])

    def test_numbers_run_through_all_chats_of_the_owner(self):
        self.s.control("telegram/users", {"id": 502})
        mine = self.private(text="to the bot")
        first = self.customer()
        second = self.write("502@900", text="me too")
        self.assertEqual([m["message_id"] for m in (mine, first, second)],
                         [1, 1, 2])

    def test_an_answer_is_the_owners_and_comes_back(self):
        self.customer()
        self.updates()
        _, sent = self.send()
        self.assertEqual((sent["from"]["id"],
                          sent["sender_business_bot"]["id"]), (OWNER, 700))
        self.assertEqual([(k, m["message_id"]) for k, m in self.updates()],
                         [("business_message", sent["message_id"])])
        self.s.control("settings", {"telegram_business_echo": False}, "PATCH")
        self.send(text="More")
        self.assertEqual(self.updates(), [])

    def test_edits_and_deletions_are_told(self):
        one, two = self.customer(), self.customer("wrong")
        self.updates()
        path = "telegram/chats/%s" % CHAT
        self.s.control("%s/messages/%d" % (path, one["message_id"]),
                       {"text": "Is it new?"}, "PATCH")
        self.s.control(path + "/delete", {
            "messages": [one["message_id"], two["message_id"]]})
        (kind, edited), (last, gone) = self.updates()
        self.assertEqual((kind, edited["text"]),
                         ("edited_business_message", "Is it new?"))
        self.assertEqual((last, gone["message_ids"], gone["chat"]["id"],
                          gone["business_connection_id"]),
                         ("deleted_business_messages", [1, 2], 501, self.id))

    def test_files_edits_and_actions_work_in_the_owners_name(self):
        self.customer(kind="photo", text="")
        photo = self.updates()[-1][1]["photo"][-1]["file_id"]
        self.assertEqual(self.send("sendPhoto", photo=photo)[0], 200)
        _, album = self.send("sendMediaGroup", media=[
            {"type": "photo", "media": photo}] * 2)
        self.assertEqual(len(album), 2)
        _, sent = self.send()
        status, edited = self.send("editMessageText", text="No",
                                   message_id=sent["message_id"])
        self.assertEqual((status, edited["text"]), (200, "No"))
        self.assertEqual(self.updates()[-1][0], "edited_business_message")
        self.assertEqual(self.send("sendChatAction", action="typing"),
                         (200, True))

    def test_what_is_read_and_deleted_needs_its_right(self):
        heard = self.customer()["message_id"]
        _, sent = self.send()
        args = {"business_connection_id": self.id}
        self.assertEqual(self.send("readBusinessMessage", message_id=heard),
                         (200, True))
        chats = self.s.control("state")["telegram"]["chats"]
        chat = next(c for c in chats if c["key"] == CHAT)
        self.assertTrue(chat["messages"][0]["read"])
        self.connect(rights={"can_read_messages": False,
                             "can_delete_all_messages": False})
        self.assertEqual(self.send("readBusinessMessage",
                                   message_id=heard)[0], 403)
        status, _ = self.bot("deleteBusinessMessages", message_ids=[heard],
                             **args)
        self.assertEqual(status, 403)
        status, _ = self.bot("deleteBusinessMessages",
                             message_ids=[sent["message_id"]], **args)
        self.assertEqual(status, 200)
        self.assertEqual(self.updates()[-1][0], "deleted_business_messages")

    def test_refusals_say_why(self):
        self.customer()
        for what, status, text in (
                ({"business_connection_id": "none"}, 400,
                 "Bad Request: business connection not found"),
                ({"chat_id": OWNER}, 400,
                 "Bad Request: BUSINESS_PEER_INVALID")):
            self.assertEqual(self.send(**what), (status, text))
        self.write("900@501", text="the other way round")
        self.connect(rights={"can_reply": False})
        self.assertEqual(self.send(),
                         (403, "Forbidden: BOT_ACCESS_FORBIDDEN"))
        self.connect(rights={})
        self.connect(enabled=False)
        self.assertEqual(self.send(),
                         (400, "Bad Request: BUSINESS_CONNECTION_INVALID"))
        _, answer = self.bot("getBusinessConnection",
                             business_connection_id=self.id)
        self.assertFalse(answer["result"]["is_enabled"])

    def test_the_owners_word_alone_opens_no_chat(self):
        self.customer("Hello", **{"from": OWNER})
        self.assertEqual(self.send(),
                         (400, "Bad Request: BUSINESS_PEER_USAGE_MISSING"))

    def test_copies_are_refused_as_a_violation(self):
        heard = self.private(text="hi")["message_id"]
        self.customer()
        self.bot("copyMessage", chat_id=501, from_chat_id=501,
                 message_id=heard, business_connection_id=self.id)
        self.violations = 1

    def test_people_react_without_a_word_to_the_bot(self):
        heard = self.customer()["message_id"]
        self.updates()
        self.s.control("telegram/chats/%s/messages/%d/reaction"
                       % (CHAT, heard), {"emoji": ["👍"]})
        self.assertEqual(self.updates(), [])


class Day(unittest.TestCase):
    def test_a_customer_is_answered_for_a_day(self):
        with tempfile.TemporaryDirectory() as folder:
            self.clock = os.path.join(folder, "clock")
            self.move(0)
            os.environ["TUBERRY_CLOCK_FILE"] = self.clock
            try:
                self.play()
            finally:
                del os.environ["TUBERRY_CLOCK_FILE"]

    def play(self):
        case = Business("test_refusals_say_why")
        case.s = Sandbox()
        try:
            case.setUp()
            case.customer()
            self.move(DAY_S - 60)
            self.assertEqual(case.send()[0], 200)
            self.move(DAY_S + 60)
            status, told = case.send()
            if status == 200:
                self.skipTest("the clock cannot be moved in this build")
            self.assertEqual(told, "Bad Request: BUSINESS_PEER_USAGE_MISSING")
            case.tearDown()
        finally:
            case.s.stop()

    def move(self, by_s):
        """The program reads how far its clock is off from the file itself."""
        with open(self.clock, "r+b" if os.path.exists(self.clock)
                  else "w+b") as f:
            f.write(struct.pack("=q", by_s * 1000000))


class Kinds(Telegram):
    def kind_of(self, **what):
        self.private(**what)
        return self.updates()[-1][1]

    def test_people_send_places_contacts_polls_and_dice(self):
        venue = self.kind_of(kind="venue", content={"title": "Depot"})
        self.assertEqual((venue["venue"]["title"],
                          venue["location"]["latitude"]), ("Depot", 55.75))
        poll = self.kind_of(kind="poll", content={
            "question": "When?", "options": ["Now", "Later"]})["poll"]
        self.assertEqual([o["text"] for o in poll["options"]],
                         ["Now", "Later"])
        dice = self.kind_of(kind="dice", content={"emoji": "🎯", "value": 6})
        self.assertEqual(dice["dice"], {"emoji": "🎯", "value": 6})
        contact = self.kind_of(kind="contact", content={"last_name": "P"})
        self.assertEqual(contact["contact"]["last_name"], "P")

    def test_stickers_are_still_animated_or_videos(self):
        seen = []
        for name in ("sample.webp", "sample.tgs", "sample.webm"):
            s = self.kind_of(kind="sticker", file=name,
                             content={"emoji": "😀"})["sticker"]
            seen.append((s["is_animated"], s["is_video"], s["emoji"]))
        self.assertEqual(seen, [(False, False, "😀"), (True, False, "😀"),
                                (False, True, "😀")])

    def test_an_animation_is_a_document_besides(self):
        m = self.kind_of(kind="animation")
        self.assertEqual(m["document"]["file_unique_id"],
                         m["animation"]["file_unique_id"])

    def test_items_of_an_album_can_come_one_by_one(self):
        first = self.kind_of(kind="photo", album="77", caption="two")
        late = self.kind_of(kind="video", album="77")
        self.assertEqual(first["media_group_id"], late["media_group_id"])
        self.private(kind="album", files=["sample.pdf", "sample.pdf"])
        both = [m for _, m in self.updates()]
        self.assertTrue(all("document" in m for m in both))
        self.assertEqual(len({m["media_group_id"] for m in both}), 1)

    def test_formatting_stands_with_text_and_caption(self):
        bold = [{"type": "bold", "offset": 0, "length": 2}]
        m = self.kind_of(text="hi", entities=bold)
        self.assertEqual(m["entities"], bold)
        sent = self.private(kind="photo", caption="hi", entities=bold)
        self.assertEqual(self.updates()[-1][1]["caption_entities"], bold)
        self.s.control("telegram/chats/501@700/messages/%d"
                       % sent["message_id"], {"caption": "ho"}, "PATCH")
        kind, m = self.updates()[-1]
        self.assertEqual((kind, m["caption"]), ("edited_message", "ho"))
        self.assertNotIn("caption_entities", m)

    def test_formatting_that_telegram_would_leave_out_is_a_violation(self):
        self.private(text="hi")
        for bad in ({"type": "bold", "offset": 1, "length": 1},
                    {"type": "bold", "offset": 0, "length": 3},
                    {"type": "wavy", "offset": 0, "length": 2},
                    {"type": "text_link", "offset": 0, "length": 2},
                    {"type": "code", "offset": 2, "length": 0}):
            self.bot("sendMessage", chat_id=501, text="👍", entities=[bad])
        self.bot("sendMessage", chat_id=501, text="👍", entities=[
            {"type": "bold", "offset": 0, "length": 2}])
        self.violations = 5

    def test_a_claimed_size_is_too_big_for_get_file(self):
        status, big = self.s.json(
            "POST", "/control/files?name=big.mp4&claim=31457280", b"short",
            {"Content-Type": "video/mp4"})
        self.assertEqual((status, big["bytes"]), (200, 31457280))
        video = self.kind_of(kind="video", file=big["file"])["video"]
        self.assertEqual(video["file_size"], 31457280)
        status, answer = self.bot("getFile", file_id=video["file_id"])
        self.assertEqual((status, answer["description"]),
                         (400, "Bad Request: file is too big"))

    def test_a_bot_sends_venues_polls_and_dice(self):
        self.private(text="hi")
        for name, kind, what in (
                ("sendVenue", "venue", {"latitude": 1.5, "longitude": 2,
                                        "title": "T", "address": "A"}),
                ("sendPoll", "poll", {"question": "Q", "options": [
                    {"text": "1"}, {"text": "2"}]}),
                ("sendDice", "dice", {"emoji": "🎰"})):
            status, answer = self.bot(name, chat_id=501, **what)
            self.assertEqual(status, 200, answer)
            self.assertIn(kind, answer["result"])

    def test_what_cannot_be_sent_is_refused(self):
        self.private(text="hi")
        for name, what in (
                ("sendVenue", {"latitude": 91, "longitude": 2, "title": "T",
                               "address": "A"}),
                ("sendPoll", {"question": "Q", "options": []}),
                ("sendPoll", {"question": "Q" * 301,
                              "options": [{"text": "1"}]}),
                ("sendDice", {"emoji": "👍"})):
            self.assertEqual(self.bot(name, chat_id=501, **what)[0], 400)
        self.violations = 4

    def test_uploads_need_their_format(self):
        self.private(text="hi")
        for name, kind, file, fits in (
                ("sendSticker", "sticker", "sample.webp", True),
                ("sendSticker", "sticker", "sample.tgs", True),
                ("sendSticker", "sticker", "sample.png", False),
                ("sendVoice", "voice", "sample.m4a", True),
                ("sendVoice", "voice", "sample.jpg", False),
                ("sendVideoNote", "video_note", "sample.mp4", True),
                ("sendVideoNote", "video_note", "sample.webm", False)):
            _, _, data = self.s.ask("GET", "/control/files/" + file)
            body, mime = multipart({"chat_id": 501}, {
                kind: (file, "application/octet-stream", data)})
            status, _, text = self.s.ask("POST", BOT + name, body,
                                         {"Content-Type": mime})
            self.assertEqual(status == 200, fits, (file, text))
        self.violations = 3

    def test_a_reaction_in_private_is_a_setting(self):
        self.bot("getUpdates", allowed_updates=["message_reaction"])
        heard = self.private(text="hi")["message_id"]
        path = "telegram/chats/501@700/messages/%d/reaction" % heard

        def told():
            _, answer = self.bot("getUpdates",
                                 allowed_updates=["message_reaction"])
            return sum("message_reaction" in u for u in answer["result"])

        self.s.control(path, {"emoji": ["👍"]})
        self.assertEqual(told(), 1)
        self.s.control("settings", {"telegram_private_reactions": False},
                       "PATCH")
        self.s.control(path, {"emoji": []})
        self.assertEqual(told(), 1)


class Topics(Telegram):
    def test_icons_are_those_of_the_list(self):
        _, answer = self.bot("getForumTopicIconStickers")
        icon = answer["result"][0]["custom_emoji_id"]
        _, answer = self.bot("createForumTopic", chat_id=GROUP, name="Ann",
                             icon_custom_emoji_id=icon)
        topic = answer["result"]
        self.assertEqual(topic["icon_custom_emoji_id"], icon)
        args = {"chat_id": GROUP,
                "message_thread_id": topic["message_thread_id"]}
        _, answer = self.bot("editForumTopic", icon_custom_emoji_id=icon,
                             **args)
        self.assertEqual(answer["description"],
                         "Bad Request: TOPIC_NOT_MODIFIED")
        status, _ = self.bot("editForumTopic", icon_custom_emoji_id="",
                             **args)
        self.assertEqual(status, 200)
        _, answer = self.bot("editForumTopic", icon_custom_emoji_id="12",
                             **args)
        self.assertEqual(answer["description"],
                         "Bad Request: DOCUMENT_INVALID")
        self.violations = 1

    def test_commands_are_kept_by_scope(self):
        here = {"type": "chat", "chat_id": GROUP}
        close = [{"command": "close", "description": "Close"}]
        self.bot("setMyCommands", commands=close, scope=here)
        self.assertEqual(self.bot("getMyCommands")[1]["result"], [])
        self.assertEqual(self.bot("getMyCommands", scope=here)[1]["result"],
                         close)
        self.bot("deleteMyCommands", scope=here)
        self.assertEqual(self.bot("getMyCommands", scope=here)[1]["result"],
                         [])

    def test_a_scope_that_is_none_is_a_violation(self):
        status, _ = self.bot("setMyCommands", commands=[],
                             scope={"type": "chat"})
        self.assertEqual(status, 400)
        self.violations = 1


if __name__ == "__main__":
    unittest.main(verbosity=0)
