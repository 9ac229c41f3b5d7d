"""Small logs written from a list of responses, so that what is in them is known without reading them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from tokentui.records import Tokens

OPUS, SONNET, HAIKU, UNKNOWN = "claude-opus-4-5-20251101", "claude-sonnet-4-5-20250929", "claude-haiku-4-5", "house-1"
MODELS = (OPUS, SONNET, HAIKU, UNKNOWN)


@dataclass(frozen=True, slots=True)
class Answer:
    """One response, as it is to be logged."""

    number: int
    at: datetime
    model: str
    tokens: Tokens
    session: str
    project: str
    agent: str = ""
    is_final: bool = True

    def to_line(self) -> bytes:
        """The line that Claude Code would write."""
        usage = {
            "input_tokens": self.tokens.input,
            "output_tokens": self.tokens.output,
            "cache_creation_input_tokens": self.tokens.cache_write,
            "cache_read_input_tokens": self.tokens.cache_read,
            "cache_creation": {
                "ephemeral_5m_input_tokens": self.tokens.cache_write_5m,
                "ephemeral_1h_input_tokens": self.tokens.cache_write_1h,
            },
        }
        message = {
            "id": f"msg_{self.number:06}",
            "type": "message",
            "role": "assistant",
            "model": self.model,
            "content": [{"type": "text", "text": "made up"}],
            "stop_reason": "end_turn" if self.is_final else None,
            "usage": usage,
        }
        line = {
            "type": "assistant",
            "uuid": f"00000000-0000-4000-9000-{self.number:012}",
            "timestamp": self.at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "sessionId": self.session,
            "cwd": self.project,
            "version": "2.0.0",
            "requestId": f"req_{self.number:06}",
            "isSidechain": bool(self.agent),
            **({"agentId": self.agent} if self.agent else {}),
            "message": message,
        }
        return json.dumps(line).encode() + b"\n"


def session_id(number: int) -> str:
    """An id as Claude Code makes them."""
    return f"{number:08x}-0000-4000-8000-000000000000"


def some_answers(count: int, start_at: datetime, span: timedelta, seed: int = 1) -> list[Answer]:
    """Responses of four sessions in two projects, one of them with a sub-agent, at moments spread over a span."""
    rng = Random(seed)
    answers = []
    for number in range(count):
        session = rng.randrange(4)
        at = start_at + timedelta(milliseconds=rng.randrange(span // timedelta(milliseconds=1)))
        tokens = Tokens(*(rng.randrange(limit) for limit in (50, 3_000, 800, 4_000, 90_000)))
        answers.append(
            Answer(
                number,
                at.replace(microsecond=at.microsecond // 1000 * 1000),
                rng.choice(MODELS),
                tokens,
                session_id(session + 1),
                f"/work/project-{'ab'[session % 2]}",
                "a1b2" if session == 0 and rng.random() < 0.5 else "",
                is_final=rng.random() < 0.9,
            )
        )
    return answers


def write_logs(config_dir: Path, answers: Iterable[Answer]) -> None:
    """Append each response to the log that it belongs in, in the order of time."""
    for answer in sorted(answers, key=lambda answer: answer.at):
        folder = config_dir / "projects" / answer.project.replace("/", "-")
        log = folder / f"{answer.session}.jsonl"
        if answer.agent:
            log = folder / answer.session / "subagents" / f"agent-{answer.agent}.jsonl"
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as file:
            file.write(answer.to_line())
