"""fidelity.py - the cells of docs/FIDELITY.md, and which test plays which.

	@row("Avito", "in", "photo")
	@test
	def ...

"in" is from the buyer to the team, "out" from the team to the buyer.
tests/guard/fidelity.py asks that each cell with something to play is played.
"""

import os

from lib.wait import until

PATH = os.path.join(os.path.dirname(__file__), "../../../docs/FIDELITY.md")

# What no test can play.
EMPTY = ("there is none", "there is no such mark", "not told by the service")

# (source, direction, row) -> names of tests
played = {}


def row(source, direction, *whats):
    def note(function):
        for what in whats:
            played.setdefault((source, direction, what), []).append(
                function.__name__)
        return function
    return note


def cells(path=PATH):
    """{(source, direction, row): what stands there}"""
    found = {}
    source = None
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            if line.startswith("## "):
                source = line[3:].strip()
            parts = [p.strip() for p in line.split("|")[1:-1]]
            if len(parts) == 3 and parts[0] not in ("what", "---"):
                found[source, "in", parts[0]] = parts[1]
                found[source, "out", parts[0]] = parts[2]
    return found


def cell(source, direction, what):
    return cells()[source, direction, what]


# --- what tests of all sources look at ---

def utf16(text, offset, length):
    """The part of a text that an entity names."""
    data = text.encode("utf-16-le")
    return data[2 * offset:2 * (offset + length)].decode("utf-16-le")


def formatting(message):
    """[(type, what it covers)] of a Message's text or caption."""
    text = message.get("text", message.get("caption", ""))
    marks = message.get("entities", message.get("caption_entities", []))
    return [(m["type"], utf16(text, m["offset"], m["length"]))
            for m in marks]


def bold(text, part):
    """The entities that make `part` of a text bold."""
    before = text[:text.index(part)]
    units = [len(s.encode("utf-16-le")) // 2 for s in (before, part)]
    return [{"type": "bold", "offset": units[0], "length": units[1]}]


def file_of(message):
    """The file of a Message in the sandbox's state."""
    body = message[message["kind"]]
    return (body[-1] if isinstance(body, list) else body)["file_id"]


def numbered(texts):
    """The text that several parts "(1/3) ..." are; each is in its place."""
    whole = []
    for i, text in enumerate(texts):
        mark = f"({i + 1}/{len(texts)}) "
        assert text.startswith(mark), (mark, text[:40])
        whole.append(text[len(mark):].strip())
    return " ".join(whole)


def long_text(units):
    """Words that differ, with signs of two units, of that many units."""
    words, length, n = [], 0, 0
    while length < units - 12:
        n += 1
        words.append(f"слово{n}👍")
        length += len(words[-1].encode("utf-16-le")) // 2 + 1
    return " ".join(words)


def units(text):
    return len(text.encode("utf-16-le")) // 2


# --- a conversation ---

def talk(chat, text="Здравствуйте"):
    """The topic of a chat whose buyer says that first."""
    chat.say(text)
    return chat.shown(text)


def in_group(chat, kind, count=1):
    """Waits for messages of that kind in the topic."""
    def there():
        found = [m for m in chat.in_topic() if m["kind"] == kind]
        return found if len(found) >= count else None
    return until(there, f"{count} x {kind} in the topic of {chat.name}")


def copy_of(chat, text):
    """The message of the topic that shows what the buyer wrote."""
    chat.shown(text)
    return chat.showing(text)[-1]


def refused(chat, message, *words):
    """What the operator reads at once, as an answer to his message."""
    def told():
        return [m for m in chat.in_topic()
                if m["by"] == "bot" and
                (m.get("reply_to_message") or {}).get("message_id") ==
                message["message_id"] and
                all(word in m["text"] for word in words)]
    return until(told, f"a refusal with {words}")[0]["text"]


def huge(w):
    """A file that says it has 30 MB."""
    return w.sandbox.call("POST", "files?name=big.zip&claim=31457280",
                          {})["file"]
