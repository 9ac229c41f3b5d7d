"""Pages of a report: the same query again with the next page's token, until there is no more or it goes nowhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from tokentui.anthropic.asking import Asker
from tokentui.anthropic.errors import BadAnswerError
from tokentui.anthropic.shapes import Paged

PAGE_CAP = 2_000
"""No report needs as many: five years of days in minutes."""
Shape = TypeVar("Shape", bound=BaseModel)


def pages(
    asker: Asker,
    path: str,
    query: Sequence[tuple[str, str]],
    shape: type[Paged[Shape]],
    headers: Mapping[str, str] | None = None,
) -> Iterator[Paged[Shape]]:
    """All pages, one by one. Raises BadAnswerError where the tokens lead in a circle or never end."""
    token = ""
    seen: set[str] = set()
    for _ in range(PAGE_CAP):
        found = parsed(asker.json(path, [*query, ("page", token)] if token else query, headers), shape, path)
        yield found
        if found.is_last:
            return
        token = found.next_page or ""
        if not token or token in seen:
            raise BadAnswerError(
                f"{path}: there is more, but the next page's token is {'not new' if token else 'missing'}"
            )
        seen.add(token)
    raise BadAnswerError(f"{path}: more than {PAGE_CAP:,} pages")


def listed(asker: Asker, path: str, query: Sequence[tuple[str, str]], shape: type[Paged[Shape]]) -> Iterator[Shape]:
    """All entries of a list, which is paged by the id of the last one, or by token where it gives one instead.

    Raises BadAnswerError where that leads in a circle or never ends.
    """
    after: tuple[str, str] | None = None
    seen: set[tuple[str, str]] = set()
    for _ in range(PAGE_CAP):
        found = parsed(asker.json(path, [*query, after] if after else query), shape, path)
        yield from found.data
        if found.is_last:
            return
        after = _following(found)
        if after is None or after in seen:
            raise BadAnswerError(f"{path}: there is more, but {'the same page' if after else 'no id'} follows")
        seen.add(after)
    raise BadAnswerError(f"{path}: more than {PAGE_CAP:,} pages")


def _following(found: Paged[Shape]) -> tuple[str, str] | None:
    """What the next page is asked for with."""
    last = str(getattr(found.data[-1], "id", "")) if found.data else ""
    if after := found.last_id or ("" if found.next_page else last):
        return "after_id", after
    return ("page", found.next_page) if found.next_page else None


def parsed(body: bytes, shape: type[Paged[Shape]], path: str) -> Paged[Shape]:
    """The page. Raises BadAnswerError; the message quotes no value, for it may be anybody's."""
    try:
        return shape.model_validate_json(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise BadAnswerError(
            f"{path}: {where or 'the answer'}: {first['msg']}; the report has changed its shape"
        ) from None
