"""keys.py - what callers hold, made as the programs make it.

Tests that forge tokens, or that need many callers without signing each in.
"""

import base64
import hashlib
import hmac
import json


def _b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def mac(key, text):
    """base/secret.c's secret_mac()."""
    return hmac.new(key.encode(), text.encode(), hashlib.sha256).hexdigest()


def sha256(text):
    """base/secret.c's secret_hash()."""
    return hashlib.sha256(text.encode()).hexdigest()


def key_id(key):
    return mac(key, "kid")[:8]


def csrf_token(cookie):
    return mac(cookie, "csrf")


def jwt(key, claims, digest=hashlib.sha256, **header):
    """A token that this key signed; header members of None are left out."""
    header = {"alg": "HS256", "typ": "JWT", "kid": key_id(key), **header}
    header = {k: v for k, v in header.items() if v is not None}
    text = ".".join(_b64(json.dumps(part).encode())
                    for part in (header, claims))
    made = hmac.new(key.encode(), text.encode(), digest).digest()
    return f"{text}.{_b64(made)}"


def claims(user_id, session_id, now, **more):
    """Of an access token that is good for a quarter of an hour."""
    made = {"iss": "tuberry", "sub": str(user_id), "sid": int(session_id),
            "iat": int(now), "exp": int(now) + 900, **more}
    return {k: v for k, v in made.items() if v is not None}
