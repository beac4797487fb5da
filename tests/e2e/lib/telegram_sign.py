"""telegram_sign.py - what Telegram signs for whoever signs in with it."""

import hashlib
import hmac
import json
import urllib.parse


def _mac(key, fields):
    text = "\n".join(f"{name}={fields[name]}" for name in sorted(fields))
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def widget(token, person, auth_date):
    """The Login Widget's fields, as a script is given them."""
    fields = {**person, "auth_date": int(auth_date)}
    key = hashlib.sha256(token.encode()).digest()
    return {**fields, "hash": _mac(key, fields)}


def init_data(token, person, auth_date):
    """A Mini App's initData."""
    fields = {"query_id": "AAHdF6IQAAAAAN0XohDhrOrc",
              "user": json.dumps(person, ensure_ascii=False),
              "auth_date": str(int(auth_date)), "signature": "c2ln"}
    key = hmac.new(b"WebAppData", token.encode(), hashlib.sha256).digest()
    return urllib.parse.urlencode({**fields, "hash": _mac(key, fields)})
