"""Secrets that two units have to know, each derived from one that the platform keeps.

So that neither unit has to wait for the other, and that none needs more of another's than the one secret that they share.
"""

from __future__ import annotations

import hashlib
import hmac
import string

_LENGTH = 32
_LETTERS = string.ascii_letters + string.digits


def derived(pairing: str, name: str) -> str:
    """The secret called `name` of the landscape whose pairing secret is `pairing`: 32 letters and digits.

    HMAC (RFC 2104) with SHA-512, whose 512 bits are written in base 62; the first 32 places have some 190 bits.
    """
    number = int.from_bytes(hmac.digest(pairing.encode(), name.encode(), hashlib.sha512))
    places = []
    for _ in range(_LENGTH):
        number, place = divmod(number, len(_LETTERS))
        places.append(_LETTERS[place])
    return "".join(places)
