"""The store with list prices. Rates that were worked out are kept in the database, so that the next start is cheap."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from tokentui.pricing.book import RateBook
from tokentui.pricing.price import pricer
from tokentui.pricing.price_data import UpdateError, load_update
from tokentui.pricing.sources import PriceSources
from tokentui.pricing.stamp import rates_stamp
from tokentui.store.database import BUSY_TIMEOUT_SECONDS, open_writer
from tokentui.store.memo import RATES, STAMP, read_memo, write_memo
from tokentui.store.reprice import OnRepricing, are_costs_on, bring_costs_up_to_date
from tokentui.store.write import Store


class PricedStore(Store):
    """A store that prices what it adds; when it is closed, it keeps the rates that it worked out."""

    def __init__(self, connection: sqlite3.Connection, book: RateBook, path: Path) -> None:
        super().__init__(connection, pricer(book), path)
        self._book = book
        self._remembered = book.remember()

    def load_prices(self) -> None:
        """Load the prices now if no rates are kept; to load them in a transaction would make other writers wait."""
        if not self._remembered["models"]:
            self._book.library()

    def close(self) -> None:
        """Keep new rates, and close the connection."""
        try:
            rates = self._book.remember()
            if rates != self._remembered and not self._connection.in_transaction:
                write_memo(self._connection, RATES, rates)
        finally:
            super().close()


def usable_update(prices: PriceSources) -> Path | None:
    """The fetched price data, or None if the file is damaged; then the installed prices hold."""
    if prices.update is None:
        return None
    try:
        load_update(prices.update)
    except UpdateError:
        return None
    return prices.update


def open_priced(
    path: Path,
    prices: PriceSources,
    timeout_seconds: float | None = None,
    on_repricing: OnRepricing = lambda *_: None,
) -> PricedStore:
    """Open the database for writing, with these prices. Raises StoreError.

    If stored costs stand on other rates, they are priced anew first, so that no sum mixes the two.
    """
    connection = open_writer(path, BUSY_TIMEOUT_SECONDS if timeout_seconds is None else timeout_seconds)
    try:
        book = _book(connection, prices)
        bring_costs_up_to_date(connection, pricer(book), book.basis, on_repricing)
        stamp = rates_stamp(prices)
        if read_memo(connection, STAMP) != stamp:
            write_memo(connection, STAMP, stamp)
    except BaseException:
        connection.close()
        raise
    return PricedStore(connection, book, path)


def _book(connection: sqlite3.Connection, prices: PriceSources) -> RateBook:
    """The rates to price with. Fetched data that stored costs stand on is not checked again, which would take forty
    times as long as all the rest.
    """
    remembered = read_memo(connection, RATES)
    if prices.update is not None and read_memo(connection, STAMP) == rates_stamp(prices):
        book = RateBook(prices.overrides, prices.update, remembered)
        if are_costs_on(connection, book.basis):
            return book
    return RateBook(prices.overrides, usable_update(prices), remembered)
