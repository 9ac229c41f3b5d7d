"""Loads price data: what genai-prices installs, or a fetched file of the same form, which is checked first.

This is the only module that imports genai-prices. That takes 150 ms, so it is done only when a rate has to be built.
The function that reads a file is private there: the dependency is pinned below the next minor version, and tests fail
if it changes.
"""

from __future__ import annotations

import hashlib
import json
import sys
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from importlib import import_module
from importlib.util import find_spec, module_from_spec
from pathlib import Path
from typing import Any

from tokentui.pricing.library import Library, claude_models, find, price_on

LARGEST_BYTES = 50_000_000
"""A larger file is no price data."""


class UpdateError(ValueError):
    """A file of price data that cannot be used; the message says which and why."""


@cache
def bundled_name() -> str:
    """Name of the data that comes with the installed library; does not import it."""
    return f"genai-prices {_version_by_folder() or _version_by_metadata()}"


def _version_by_folder() -> str:
    """The version in the name of the folder that installers put beside a package; empty if there is no such folder."""
    spec = find_spec("genai_prices")
    if spec is None or spec.origin is None:
        return ""
    found = list(Path(spec.origin).parents[1].glob("genai_prices-*.dist-info"))
    return found[0].stem.removeprefix("genai_prices-") if len(found) == 1 else ""


def _version_by_metadata() -> str:
    """The version in the package's metadata, which takes 20 ms to read."""
    from importlib.metadata import version

    return version("genai-prices")


def bundled() -> Library:
    """The data that comes with the installed library."""
    return Library(bundled_name(), tuple(_part("data").providers))


def _part(name: str) -> Any:
    """A module of genai-prices, imported without its package, which would load an HTTP client: 5 MB and 50 ms."""
    spec = find_spec("genai_prices")
    if spec is None:
        raise ModuleNotFoundError("genai-prices is not installed")
    bare = module_from_spec(spec)
    sys.modules.setdefault("genai_prices", bare)
    try:
        return import_module(f"genai_prices.{name}")
    finally:
        if sys.modules["genai_prices"] is bare:
            del sys.modules["genai_prices"]


def update_name(path: Path) -> str:
    """The name of a fetched file, made from its content, which is not checked. Raises UpdateError."""
    try:
        return f"prices file {hashlib.sha256(path.read_bytes()).hexdigest()[:8]}"
    except OSError as error:
        raise UpdateError(f"cannot read the price file {path}: {error.strerror}") from error


def load_update(path: Path) -> Library:
    """The price data in a fetched file (genai-prices' `data.json`). Raises UpdateError, which says what is wrong."""
    import pydantic

    name = update_name(path)
    if path.stat().st_size > LARGEST_BYTES:
        raise UpdateError(f"{path} is too large to be price data")
    try:
        raw = json.loads(path.read_bytes(), parse_float=Decimal)
        if not isinstance(raw, list):
            raise UpdateError(f"{path} is no price data: a list of providers was expected")
        library = Library(name, tuple(_part("types")._providers_from_raw([_prices_only(provider) for provider in raw])))
    except pydantic.ValidationError as error:
        where = ".".join(str(part) for part in error.errors()[0]["loc"])
        raise UpdateError(f"{path} is no price data: {where}: {error.errors()[0]['msg']}") from error
    except UpdateError:
        raise
    except (ValueError, TypeError, AssertionError, RecursionError) as error:
        raise UpdateError(f"{path} is no price data: {error}") from error
    _check(library, path)
    return library


def _prices_only(provider: object) -> object:
    """The provider without its rules for reading answers, so that a newer kind of rule cannot make prices unusable."""
    return {k: v for k, v in provider.items() if k != "extractors"} if isinstance(provider, dict) else provider


def _check(library: Library, path: Path) -> None:
    """Try every Claude price, so that a bad file is refused at once and not when it is used. Raises UpdateError."""
    models = claude_models(library)
    if not models:
        raise UpdateError(f"{path} has no Claude model")
    today = datetime.now(UTC).date()
    for model in models:
        known = find(library, model)
        try:
            usable = known is not None and all(rate >= 0 for rate in price_on(known, today).standard.five)
        except (ValueError, TypeError, ArithmeticError, LookupError):
            usable = False
        if not usable:
            raise UpdateError(f"{path} has no usable price for {model}")
