"""One response with the parts of it that are priced apart."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from tests.kit.log_lines import answer, main_log, usage, write
from tests.kit.stores import NewDatabase, ingest
from tokentui.queries.session.responses import response_detail
from tokentui.records import Tokens
from tokentui.store.database import open_reader


def test_earlier_prompts_and_advisors_are_parts(tmp_path: Path, new_database: NewDatabase) -> None:
    sent = [{"type": "message", "input_tokens": 4, "output_tokens": 5}]
    sent += [{"type": "advisor_message", "input_tokens": 8}, {"type": "message", "input_tokens": 6, "output_tokens": 7}]
    whole = {"input_tokens": 10, "cache_read_input_tokens": 0, "cache_creation_input_tokens": 0, "cache_creation": None}
    write(main_log(tmp_path), answer(used=usage(12, iterations=sent, **whole)))
    with closing(open_reader(ingest(tmp_path, new_database()))) as reader:
        found = response_detail(reader, 1)
    assert found is not None
    assert found.response.tokens == Tokens(6, 7)
    assert [(part.kind, part.tokens) for part in found.parts] == [
        ("message", Tokens(4, 5)),
        ("advisor_message", Tokens(8)),
    ]
