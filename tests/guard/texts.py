#!/usr/bin/python3
"""texts.py - what pages say.

Both languages have the same texts; each text that a template names is there,
and each that is there is used.  Templates hold no words of their own and put
nothing unescaped into the page.  The program's messages that are translated
exist, and both wordings take the same arguments."""

import json
import os
import pathlib
import re
import sys

TOP = pathlib.Path(os.environ.get("srcdir", "."))

# The program chooses among these: the key is not in any template.
CHOSEN_BY_CODE = ("failures.", "nav.", "roles.", "settings.statuses.",
                  "audit.actions.",
                  "audit.actors.", "invites.statuses.", "done.",
                  "profile.methods.", "user_act.")
USED_BY_CODE = {"layout.check_fields"}

# What may go into a page as it is; each with its reason.
RAW = {
}

# Attributes that people read or hear.
SPOKEN = r"\b(?:placeholder|title|alt|aria-label|aria-description|label)"

failures = []


def complain(*words):
    failures.append(" ".join(str(word) for word in words))


def flat(tree, prefix=""):
    for key, value in tree.items():
        if isinstance(value, dict):
            yield from flat(value, prefix + key + ".")
        else:
            yield prefix + key, value


def read_texts(language):
    def once(pairs):
        keys = [key for key, _ in pairs]
        for key in {key for key in keys if keys.count(key) > 1}:
            complain(f"texts/{language}.json: {key} is there twice")
        return dict(pairs)

    path = TOP / "texts" / f"{language}.json"
    tree = json.loads(path.read_text(), object_pairs_hook=once)
    errors = tree.pop("errors", {})
    texts = dict(flat(tree))
    for key, text in texts.items():
        if not isinstance(text, str) or not text.strip():
            complain(f"texts/{language}.json: {key} says nothing")
    return texts, errors


def check_words(name, text):
    """What is left without tags of either kind says nothing."""
    bare = re.sub(r"\{\{.*?\}\}\}?", "", text, flags=re.S)
    for value in re.findall(SPOKEN + r'\s*=\s*"([^"]*)"', bare):
        if re.search(r"[^\W\d_]", value):
            complain(f"templates/{name}: words in an attribute: {value}")
    for line in re.sub(r"<[^>]*>", "", bare).splitlines():
        if re.search(r"[^\W\d_]", line):
            complain(f"templates/{name}: words of its own: {line.strip()}")


def check_templates(texts):
    used = set(USED_BY_CODE)
    for path in sorted((TOP / "templates").glob("*.mustache")):
        text = path.read_text()
        used.add(path.stem + ".title")
        used.update(re.findall(r"\{\{[#^&/{]?\s*t\.([\w.]+)", text))
        check_words(path.name, text)
        for raw in re.findall(r"\{\{(?:\{|&)\s*([\w.]+)", text):
            if raw not in RAW:
                complain(f"templates/{path.name}: {raw} is not escaped")
        for found in re.findall(r'\sstyle=|<style|<script(?![^>]*src=)|\son\w+=',
                                text):
            complain(f"templates/{path.name}: nothing inline: {found.strip()}")
    for key in used - {path.stem + ".title"
                       for path in (TOP / "templates").glob("*.mustache")}:
        if key not in texts and not any(k.startswith(key + ".")
                                        for k in texts):
            complain(f"templates/ name t.{key}, which texts/ have not")
    for key in texts:
        if key not in used and not key.startswith(CHOSEN_BY_CODE):
            complain(f"texts/: nothing says {key}")


def literals():
    """C strings are glued together, however they are broken over lines."""
    string = r'"(?:[^"\\\n]|\\.)*"'
    found = set()
    for path in TOP.glob("src/**/*.c"):
        text = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.S)
        text = re.sub(r"'(?:[^'\\]|\\.)'", "''", text)
        text = text.replace("PRId64", '"ld"')
        for run in re.findall(rf"{string}(?:\s*{string})*", text):
            found.add("".join(s[1:-1] for s in re.findall(string, run)))
    return found


def conversions(fmt):
    return re.findall(r"%(?:%|[-+ #0]*\d*(?:\.\d+)?(?:hh|h|ll|l|z|j)?[a-z])",
                      fmt)


def check_errors(errors):
    known = literals()
    for english, russian in errors.items():
        if english not in known:
            complain(f"texts/ru.json: no program says: {english}")
        if conversions(english) != conversions(russian) or \
                len(conversions(russian)) != russian.count("%"):
            complain(f"texts/ru.json: other arguments than in: {english}")
        if not re.search(r"[А-Яа-я]", russian):
            complain(f"texts/ru.json: not in Russian: {russian}")


def main():
    ru, errors = read_texts("ru")
    en, none = read_texts("en")
    for key in sorted(ru.keys() ^ en.keys()):
        complain(f"texts/: {key} is there in one language only")
    if none:
        complain("texts/en.json: errors are English already")
    check_templates(ru)
    check_errors(errors)
    print("\n".join(failures) or f"{len(ru)} texts, {len(errors)} messages")
    return 1 if failures else 0


sys.exit(main())
