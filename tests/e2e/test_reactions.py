"""Reactions go both ways between a topic and a private chat."""

from lib.private import Source
from lib.runner import test
from lib.wait import until


def _person(w):
    return Source(w.seller()).person()


def _group_react(chat, message_id, *emoji):
    seller = chat.seller
    seller.w.sandbox.post(
        f"telegram/chats/{seller.group}/messages/{message_id}/reaction",
        **{"from": seller.operator, "emoji": list(emoji)})


def _bots(message):
    """What bots have set."""
    return [r["emoji"] for r in message.get("reactions", [])
            if 7000000 <= r["user"] < 8000000]


def _in_group(chat, message_id):
    return [m for m in chat.seller.messages()
            if m["message_id"] == message_id][0]


def _with_person(chat, message_id):
    return [m for m in chat.state()["messages"]
            if m["message_id"] == message_id][0]


def _answered(w):
    person = _person(w)
    question = person.say("Вопрос")
    thread = person.shown("Вопрос")
    answer = person.seller.write(thread, text="Ответ")
    got = person.arrives("Ответ")
    person.seller.reacted(answer)
    person.rests()
    return person, question, answer, got


@test
def reaction_of_an_operator_is_seen_by_the_person(w):
    person, question, _, _ = _answered(w)
    copy = person.showing("Вопрос")[0]
    _group_react(person, copy["message_id"], "❤")
    until(lambda: _bots(_with_person(person, question["message_id"])) ==
          ["❤"], "the person sees it")
    _group_react(person, copy["message_id"], "👍")
    until(lambda: _bots(_with_person(person, question["message_id"])) ==
          ["👍"], "the person sees the other one")
    _group_react(person, copy["message_id"])
    until(lambda: _bots(_with_person(person, question["message_id"])) == [],
          "it is gone")


@test
def reaction_of_a_person_stands_in_for_the_sign_of_arrival(w):
    person, _, answer, got = _answered(w)
    person.react(got, "🔥")
    person.seller.reacted(answer, "🔥")
    assert _bots(_in_group(person, answer["message_id"])) == ["🔥"]
    told = [m for m in w.admin.get(
        f"{person.dialog_path}/messages")["items"] if m["text"] == "Ответ"]
    assert [(r["side"], r["emoji"]) for r in told[0]["reactions"]] == [
        ("buyer", "🔥")], told
    person.react(got)
    person.seller.reacted(answer, "👌")


@test
def reaction_of_a_person_to_its_own_message_is_seen_in_the_topic(w):
    person, question, _, _ = _answered(w)
    copy = person.showing("Вопрос")[0]
    person.react(question, "😢")
    person.seller.reacted(copy, "😢")


@test
def reactions_go_nowhere_where_there_are_none(w):
    seller = w.seller()
    chat = seller.buyer()
    chat.say("Вопрос")
    chat.shown("Вопрос")
    chat.rests()
    since = w.sandbox.mark()
    _group_react(chat, chat.showing("Вопрос")[0]["message_id"], "❤")
    until(lambda: w.db.count("message_reactions",
                             "client_id = %s", seller.client_id) == 1,
          "we know of it")
    chat.rests()
    w.sandbox.wait(idle=1)
    assert not w.sandbox.calls(since, method="setMessageReaction")
