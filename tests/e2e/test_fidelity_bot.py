"""docs/FIDELITY.md, row by row: people in private with a client's bot."""

from lib import person_rows
from lib.fidelity import copy_of, file_of, huge, in_group, row, talk
from lib.private import Source
from lib.runner import test
from lib.wait import until

NAME = "Telegram bot"


def with_a_bot(w):
    return Source(w.seller(connect=False)).person()


person_rows.register(NAME, with_a_bot, __name__)


@row(NAME, "in", "reaction")
@test
def reaction_of_a_person_is_seen_in_the_topic(w):
    person = with_a_bot(w)
    thread = talk(person)
    answer = person.seller.write(thread, text="Отправили")
    person.arrives("Отправили")
    person.rests()
    person.react(person.sent()[-1], "🔥")
    person.seller.reacted(answer, "🔥")


@row(NAME, "out", "reaction")
@test
def reaction_of_the_team_is_seen_by_the_person(w):
    person = with_a_bot(w)
    message = person.say("Спасибо!")
    copy = copy_of(person, "Спасибо!")
    person.rests()
    w.sandbox.post(f"telegram/chats/{person.seller.group}/messages/"
                   f"{copy['message_id']}/reaction",
                   **{"from": person.seller.operator, "emoji": ["❤"]})
    w.sandbox.wait("the reaction", tg_chat=person.key, emoji="❤",
                   tg_reaction=message["message_id"])


@row(NAME, "out", "text")
@test
def bot_of_the_group_can_be_the_source(w):
    person = Source(w.seller(connect=False), bot="group").person()
    thread = talk(person)
    person.seller.write(thread, text="Да")
    person.arrives("Да")
    assert [m["kind"] for m in person.sent()] == ["text"]
    until(lambda: person.showing("Здравствуйте"), "one topic for both")


@row(NAME, "in", "file over 20 MB")
@row(NAME, "out", "file over 20 MB")
@test
def one_bot_in_both_chats_sends_on_what_is_too_large_to_fetch(w):
    person = Source(w.seller(connect=False), bot="group").person()
    large = huge(w)
    person.say(kind="document", file=large)
    document = in_group(person, "document")[0]
    assert file_of(document) == large, document
    person.seller.write(person.topic(), kind="document", file=large)
    person.arrives(kind="document")
    assert file_of(person.sent()[-1]) == large
