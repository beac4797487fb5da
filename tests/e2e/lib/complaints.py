"""complaints.py - what the bot says in the topic of a message that did not
arrive, and the buttons below that."""

from lib.wait import until


def answers(seller, written):
    return [m for m in seller.messages(written["message_thread_id"])
            if m["by"] == "bot" and
            m.get("reply_to_message", {}).get("message_id") ==
            written["message_id"]]


def complaint(seller, written, begin):
    """The bot's only answer, once it begins so."""
    def found():
        all_ = answers(seller, written)
        assert len(all_) <= 1, all_
        return [m for m in all_ if m["text"].startswith(begin)]
    return until(found, f"the answer {begin!r}")[0]


def buttons(message):
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
    return [b["text"] for row in rows for b in row]


def press(seller, message, row=0, person=None, data=None):
    """The toast that this person sees."""
    path = f"telegram/chats/{seller.group}/messages/{message['message_id']}"
    what = {"data": data} if data else {"row": row, "column": 0}
    query = seller.w.sandbox.call("POST", f"{path}/press", {
        "from": person or seller.operator, **what})["callback_query_id"]

    def answered():
        state = seller.w.sandbox.get("state", part="telegram")["telegram"]
        return [c for c in state["callbacks"]
                if c["id"] == query and c["answered"]]
    return until(answered, "the answer to the press")[0]["text"]
