"""The Admin key: found in the environment or by a command, and never shown."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence

from tokentui.anthropic.errors import KeyMissingError

VARIABLE = "ANTHROPIC_ADMIN_API_KEY"
COMMAND_SECONDS = 30.0
HIDDEN = "[secret]"


class AdminKey:
    """A key that shows itself to nobody who does not ask for it by name."""

    __slots__ = ("_secret",)

    def __init__(self, secret: str) -> None:
        """Raises KeyMissingError where the text cannot be a key: sent as it is, it would turn up in an error."""
        secret = secret.strip()
        if not secret or not secret.isascii() or not secret.isprintable() or " " in secret:
            raise KeyMissingError(
                f"the Admin key is not usable (empty, or with blanks or odd signs): check {VARIABLE} or `key_command`"
            )
        self._secret = secret

    def __repr__(self) -> str:
        return f"AdminKey({HIDDEN})"

    def __reduce__(self) -> str:
        raise TypeError("an Admin key is not to be written anywhere")

    def reveal(self) -> str:
        """The key itself, for the one request header that carries it."""
        return self._secret

    def hide_in(self, text: str) -> str:
        """The text without the key, should anybody have put it there."""
        return text.replace(self._secret, HIDDEN)

    @property
    def warning(self) -> str:
        """What looks odd about it, in one line; empty where nothing does."""
        if self._secret.startswith("sk-ant-api"):
            return "the key looks like an ordinary API key; reports usually need an Admin key (sk-ant-admin…)"
        return ""


def has_key(environment: Mapping[str, str], command: Sequence[str]) -> bool:
    """Whether a key is set, without running the command."""
    return bool(environment.get(VARIABLE, "").strip() or command)


def find_key(environment: Mapping[str, str], command: Sequence[str]) -> AdminKey:
    """The key from the environment, else what the command prints. Raises KeyMissingError."""
    if secret := environment.get(VARIABLE, "").strip():
        return AdminKey(secret)
    if not command:
        raise KeyMissingError(
            f"no Admin key: set {VARIABLE}, or `key_command` under [anthropic] in the configuration; an organization's "
            "admin makes one in the console under Settings, Admin keys"
        )
    return AdminKey(_printed_by(command))


def _printed_by(command: Sequence[str]) -> str:
    """Standard output of the command; neither it nor standard error is ever quoted, both may hold the key."""
    name = command[0]
    try:
        done = subprocess.run(  # noqa: S603 - the user's own command, run without a shell
            list(command), stdin=subprocess.DEVNULL, capture_output=True, timeout=COMMAND_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise KeyMissingError(
            f"key_command {name!r} did not answer within {COMMAND_SECONDS:.0f} s: run it by hand"
        ) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it cannot be run"
        raise KeyMissingError(f"key_command {name!r}: {reason}: mend it in the configuration") from None
    if done.returncode:
        raise KeyMissingError(
            f"key_command {name!r} failed with exit code {done.returncode}: run it by hand to see why"
        )
    try:
        if printed := done.stdout.decode("ascii").strip():
            return printed
    except UnicodeDecodeError:
        pass
    raise KeyMissingError(f"key_command {name!r} printed no key: run it by hand")
