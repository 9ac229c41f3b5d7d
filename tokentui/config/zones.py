"""Finds the time zone in which days are counted: the one that was named, else that of `TZ`, else the system's."""

from __future__ import annotations

import io
import os
import struct
from collections.abc import Mapping
from contextlib import suppress
from datetime import tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo

from tokentui.config.settings import ConfigError

_SUCH_AS = "give a name such as Europe/Berlin, or UTC"
_ONE_KIND_OF_TIME = struct.pack(">5s15x6l", b"TZif2", 0, 0, 0, 0, 1, 4) + bytes(6) + b"UTC\0"
"""The least that a time zone's file needs before its last line, which has the rules for all later times."""


def find_zone(name: str, environment: Mapping[str, str]) -> tzinfo:
    """The time zone of this name, or for an empty one that of `TZ` or of the system. Raises ConfigError."""
    return named_zone(name) if name else _usual_zone(environment)


def named_zone(name: str) -> tzinfo:
    """The time zone of this name. Raises ConfigError."""
    try:
        return zone_called(name)
    except ValueError:
        raise ConfigError(f"time zone {name!r} is not known: {_SUCH_AS}") from None


def _usual_zone(environment: Mapping[str, str]) -> tzinfo:
    set_to = environment.get("TZ", "").removeprefix(":")
    if set_to and not Path(set_to).is_absolute():
        try:
            return zone_called(set_to)
        except ValueError:
            raise ConfigError(f"the time zone in `TZ`, {set_to!r}, is not known: {_SUCH_AS}") from None
    if linked := zone_linked_from("/etc/localtime", environment):
        with suppress(ValueError):
            return zone_called(linked)
    from tzlocal import get_localzone  # knows all other ways, but takes longer to load than everything above

    try:
        return get_localzone()
    except (OSError, ValueError, LookupError) as error:
        raise ConfigError(f"the system's time zone cannot be told ({error}): set `TZ`, or give `--tz`") from None


def zone_linked_from(path: str, environment: Mapping[str, str]) -> str:
    """The name of the zone whose file a path links to, as `/etc/localtime` does; empty if `TZ` is set."""
    return "" if environment.get("TZ") else os.path.realpath(path).partition("/zoneinfo/")[2]


def zone_name(zone: tzinfo) -> str:
    """The name by which a zone can be asked for again."""
    return str(getattr(zone, "key", zone))


def zone_called(name: str) -> tzinfo:
    """The zone of this name, or of rules such as `TZ` may hold: `CET-1CEST,M3.5.0,M10.5.0/3`, `EST5`, `<+03>-3`.

    Raises ValueError if the text is neither.
    """
    with suppress(OSError, ValueError, LookupError):
        return ZoneInfo(name)
    file = 2 * _ONE_KIND_OF_TIME + b"\n" + name.encode(errors="replace") + b"\n"
    return ZoneInfo.from_file(io.BytesIO(file), key=name)
