"""clocktext.py - times as the API writes them: RFC 3339 in UTC."""

import re

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


def is_time(text):
    return _TIME.fullmatch(text) is not None
