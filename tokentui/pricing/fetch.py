"""Fetches newer price data when the user asks for it: the only use of the network outside `anthropic/`."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from tokentui.file_trouble import DISK_FULL, is_there, reason_of
from tokentui.pricing.library import Library
from tokentui.pricing.price_data import LARGEST_BYTES, UpdateError, load_update

if TYPE_CHECKING:
    import httpx

PRICE_DATA_URL = "https://raw.githubusercontent.com/pydantic/genai-prices/refs/heads/main/prices/new_data/v2/data.json"
"""Where genai-prices publishes its data between releases."""
_TIMEOUT_SECONDS = 30.0


def fetch_update(source: str, target: Path, transport: httpx.BaseTransport | None = None) -> Library:
    """Fetch price data from an address or copy it from a file, check it, and replace the file at `target` by it.

    Raises UpdateError, and leaves `target` as it was, if `source` cannot be read or is no price data.
    """
    is_address = source.startswith(("http://", "https://"))
    data = _fetched(source, transport) if is_address else _read(Path(source).expanduser())
    try:
        return _put_in_place(data, source, target)
    except OSError as error:
        raise _not_changed(target, error) from error


def drop_update(target: Path) -> None:
    """Delete fetched price data, if there is any. Raises UpdateError."""
    try:
        if is_there(target):
            target.unlink(missing_ok=True)
    except OSError as error:
        raise _not_changed(target, error) from error


def _not_changed(target: Path, error: OSError) -> UpdateError:
    mend = "free some space" if error.errno in DISK_FULL else "check its directory"
    return UpdateError(f"{target} cannot be changed ({reason_of(error, target)}): {mend}; the old prices stay")


def _put_in_place(data: bytes, source: str, target: Path) -> Library:
    """Write the data beside the target, check it there, then replace the target in one step."""
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=".prices-")
    fetched = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        library = _checked(fetched, source)
        fetched.replace(target)
    finally:
        fetched.unlink(missing_ok=True)
    return library


def _checked(fetched: Path, source: str) -> Library:
    try:
        return load_update(fetched)
    except UpdateError as error:
        raise UpdateError(f"{source}: {str(error).replace(str(fetched), 'it')}; the old prices stay") from error


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UpdateError(f"cannot read {path}: {error.strerror}; the old prices stay") from error


def _fetched(address: str, transport: httpx.BaseTransport | None) -> bytes:
    import httpx

    try:
        with httpx.Client(transport=transport, timeout=_TIMEOUT_SECONDS, follow_redirects=True) as client:
            answer = client.get(address)
            answer.raise_for_status()
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise UpdateError(f"{address} cannot be fetched ({reason}); the old prices stay") from error
    if len(answer.content) > LARGEST_BYTES:
        raise UpdateError(f"{address} is too large to be price data; the old prices stay")
    return answer.content
