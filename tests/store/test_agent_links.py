"""The type of an agent that only its spawning call names."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from tests.kit.log_lines import Json, agent_log, answer, call, main_log, of_agent, result, write
from tests.kit.stores import NewDatabase, ingest, query
from tokentui.queries.export import export
from tokentui.store.agent_links import type_links_by_calls
from tokentui.store.database import open_reader, open_writer

_SPAWNS = answer("m1", "r1", content=[call("t1", "Agent", prompt="look", subagent_type="Explore")])
_LAUNCHED = result("t1", at=1, toolUseResult={"agentId": "a1", "isAsync": True, "status": "async_launched"})
_TYPE = "SELECT agent_type FROM agent_names WHERE agent = 'a1'"


@pytest.fixture
def spawned(tmp_path: Path) -> Path:
    write(agent_log(tmp_path, "a1"), of_agent("a1", answer("m2", "r2", at=2)))
    return tmp_path


@pytest.mark.parametrize("order", [(_SPAWNS, _LAUNCHED), (_LAUNCHED, _SPAWNS)])
def test_an_agent_has_the_type_that_its_call_names(
    spawned: Path, new_database: NewDatabase, order: tuple[Json, Json]
) -> None:
    database = new_database()
    for count in (1, 2):
        write(main_log(spawned), *order[:count])
        ingest(spawned, database)
    assert query(database, _TYPE) == [("Explore",)]
    with closing(open_reader(database)) as reader:
        found = export(reader, "responses")
        at = found.columns.index("agent_type")
        assert [row[at] for row in found.rows] == ["main", "Explore"]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_the_earliest_call_spawned_an_agent_that_others_continued(
    spawned: Path, new_database: NewDatabase, order: tuple[int, int]
) -> None:
    about = {"agentId": "a1", "status": "completed"}
    first = main_log(spawned), result("t1", at=3, toolUseResult=about)
    later = agent_log(spawned, "b2"), of_agent("b2", result("t0", at=7, toolUseResult=about))
    database = new_database()
    for place in order:
        log, said = (first, later)[place]
        write(log, said)
        ingest(spawned, database)
    assert query(database, "SELECT tool_use_id FROM agent_link") == [("t1",)]


def test_agents_of_an_older_history_get_the_type_of_their_call(spawned: Path, new_database: NewDatabase) -> None:
    database = new_database()
    write(main_log(spawned), _SPAWNS, _LAUNCHED)
    ingest(spawned, database)
    with closing(open_writer(database)) as writer:
        writer.execute("UPDATE agent_link SET agent_type = ''")
        writer.execute("DROP INDEX agent_link_without_type")
        type_links_by_calls(writer)
    assert query(database, _TYPE) == [("Explore",)]
