"""What is kept of people whom the Claude Code report names by e-mail: a made-up name, unless the user wants more."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

_DIGITS = 8
"""Of 16 values each: two of a thousand people share a name once in ten thousand organizations."""


def person_namer(salt: bytes, keep_emails: bool) -> Callable[[str], str]:
    """Names people by their address: always the same in one store, and different in another, which has other salt."""

    def name_of(email: str) -> str:
        email = email.strip().lower()
        if keep_emails or not email:
            return email
        return f"person {hashlib.blake2b(email.encode(), key=salt, digest_size=_DIGITS // 2).hexdigest()}"

    return name_of
