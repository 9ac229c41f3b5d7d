"""When a person last spoke in a session: what programs and other agents put does not count."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from tests.kit.log_lines import main_log, ms, prompt, write
from tests.kit.stores import NewDatabase, ingest
from tokentui.queries.runaway.events import last_human_line
from tokentui.store.database import open_reader


def test_only_people_speak(tmp_path: Path, new_database: NewDatabase) -> None:
    said = [
        prompt("go on", 1),
        prompt("yes", 2, promptSource="suggestion_accepted"),
        prompt("begin", 3, promptSource="sdk"),
        prompt("wake up", 4, promptSource="system"),
        prompt("ready", 5, origin={"kind": "peer"}),
        prompt("next", 6, origin={"kind": "coordinator"}),
    ]
    write(main_log(tmp_path), *said)
    with closing(open_reader(ingest(tmp_path, new_database()))) as reader:
        assert last_human_line(reader, 1) == ms(2)
