"""totp.py - the authenticator app on a person's phone (RFC 6238)."""

import base64
import hashlib
import hmac
import struct

STEP_S = 30


def totp(secret, at):
    """The code that is shown at that time; the secret is in base32."""
    digest = hmac.digest(base64.b32decode(secret),
                         struct.pack(">Q", int(at) // STEP_S), hashlib.sha1)
    start = digest[-1] & 15
    number = struct.unpack(">I", digest[start:start + 4])[0] & 0x7fffffff
    return f"{number % 1000000:06}"


class Phone:
    """Has a secret, and a clock that goes right."""

    def __init__(self, w, secret):
        self._w = w
        self._secret = secret
        self._used = 0

    def code(self):
        """One that was not shown before; time passes until there is one."""
        while int(self._w.stack.now()) // STEP_S <= self._used:
            self._w.stack.move_clock(STEP_S)
        self._used = int(self._w.stack.now()) // STEP_S
        return totp(self._secret, self._used * STEP_S)

    def old_code(self):
        """Out of time."""
        return totp(self._secret, self._w.stack.now() - 10 * STEP_S)
