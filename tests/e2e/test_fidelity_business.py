"""docs/FIDELITY.md, row by row: customers of a person whose account a client's
bot answers for."""

from lib import person_rows
from lib.fidelity import copy_of, row, talk
from lib.private import Source
from lib.runner import test
from lib.wait import until

NAME = "Telegram Business"


def of_an_account(w):
    return Source(w.seller(connect=False)).account().customer()


person_rows.register(NAME, of_an_account, __name__)


@row(NAME, "in", "deletion")
@test
def what_a_customer_deletes_is_marked(w):
    customer = of_an_account(w)
    message = customer.say("Лишнее")
    copy = copy_of(customer, "Лишнее")
    customer.rests()
    customer.delete(message)
    customer.shown("🗑")
    marked = customer.showing("🗑")[0]
    assert marked["message_id"] == copy["message_id"], marked
    assert not customer.showing("Лишнее")


@row(NAME, "in", "text")
@test
def what_the_owner_writes_himself_is_the_sellers(w):
    customer = of_an_account(w)
    talk(customer)
    customer.owner_says("Отвечу сам")
    customer.shown("Отвечу сам")
    shown = customer.showing("Отвечу сам")[0]["text"]
    assert "Вы в приложении" in shown, shown
    assert not customer.sent()


@row(NAME, "out", "text")
@test
def answer_is_written_in_the_owners_name_and_not_shown_twice(w):
    customer = of_an_account(w)
    thread = talk(customer)
    customer.seller.write(thread, text="Конечно")
    customer.arrives("Конечно")
    w.sandbox.wait("the echo has come", idle=1)
    sent = customer.sent()[-1]
    assert sent["from"]["id"] == customer.account.user, sent
    customer.rests()
    assert len(customer.showing("Конечно")) == 1


@row(NAME, "in", "quote", "edit")
@test
def numbers_of_the_account_and_of_the_bot_are_apart(w):
    """One person writes to both: message 1 of one is not 1 of the other."""
    source = Source(w.seller(connect=False))
    person = source.person()
    customer = source.account().customer(person.name, person.user)
    mine = person.say("боту")
    theirs = customer.say("человеку")
    assert mine["message_id"] == theirs["message_id"]
    copy = copy_of(customer, "человеку")
    copy_of(person, "боту")
    assert customer.topic() != person.topic()
    customer.say("ответ", reply_to=theirs["message_id"])
    quoted = copy_of(customer, "ответ")["reply_to_message"]
    assert quoted["message_id"] == copy["message_id"], quoted
    customer.edit(theirs, text="человеку, да")
    customer.shown("человеку, да")
    assert person.showing("боту")
    customer.delete(theirs)
    customer.shown("🗑")
    assert person.showing("боту") and not person.showing("🗑")


@row(NAME, "in", "deletion")
@test
def what_the_owner_deletes_on_the_phone_is_marked(w):
    """The bot's answer, and a word of the owner's own."""
    customer = of_an_account(w)
    thread = talk(customer)
    answer = customer.seller.write(thread, text="Ответ бота")
    customer.arrives("Ответ бота")
    customer.rests()
    own = customer.owner_says("Моё слово")
    customer.shown("Моё слово")
    customer.rests()
    customer.delete(customer.sent()[-1], own)

    def marked():
        items = customer.seller.api.get(
            customer.dialog_path + "/messages")["items"]
        return [m["text"] for m in items if m["deleted_at"]]
    until(lambda: len(marked()) == 2, "both are known as deleted")
    customer.shown("🗑")
    assert not customer.showing("Моё слово")
    assert answer["message_id"] in [m["message_id"]
                                    for m in customer.in_topic()]


@row(NAME, "out", "reaction")
@test
def reaction_of_the_team_stays_inside_the_group(w):
    """Bots cannot react in the name of an account."""
    customer = of_an_account(w)
    customer.say("Спасибо!")
    copy = copy_of(customer, "Спасибо!")
    customer.rests()
    since = w.sandbox.mark()
    w.sandbox.post(f"telegram/chats/{customer.seller.group}/messages/"
                   f"{copy['message_id']}/reaction",
                   **{"from": customer.seller.operator, "emoji": ["❤"]})
    customer.seller.write(copy["thread"], text="Ждём вас")
    customer.arrives("Ждём вас")
    assert not [c for c in w.sandbox.calls(since, method="setMessageReaction")
                if c["chat"] != str(customer.seller.group)]


@row(NAME, "out", "read mark")
@test
def customer_sees_that_it_was_read(w):
    customer = of_an_account(w)
    talk(customer)
    until(customer.is_read, "the customer's message is read")
