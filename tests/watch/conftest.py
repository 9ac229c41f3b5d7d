"""What tests of the watch share: a stage with a clock set by hand, and a journal of alerts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.kit.stage import Stage
from tests.kit.stores import NewDatabase
from tokentui.config.settings import Settings
from tokentui.store.alerts import AlertJournal
from tokentui.store.database import open_writer


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    made = Stage(tmp_path, Settings())
    yield made
    made.close()


@pytest.fixture
def journal(new_database: NewDatabase) -> Iterator[AlertJournal]:
    with closing(AlertJournal(open_writer(new_database()))) as made:
        yield made
