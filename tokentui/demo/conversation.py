"""One conversation of the made-up run: what its prompt holds, what of it is cached, what it writes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import PurePosixPath
from random import Random
from typing import Literal

from tokentui.demo import cast, lines
from tokentui.demo.lines import Json
from tokentui.demo.log import Event, Log, new_id, new_uuid
from tokentui.records import Tokens

SYSTEM_TOKENS = 16_000
"""System prompt and tools: cached by whoever ran before."""
COMPACT_AT_TOKENS = 165_000
COMPACTED_TOKENS = 24_000
UNFINISHED_SHARE = 0.05
"""Responses of sub-agents whose final count is never written, so that lower bounds show."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How much a conversation says and reads at a time, and how fast."""

    output: tuple[int, int, int] = (100, 2500, 260)
    """Fewest, most and usual output tokens of a response."""
    tokens_per_second: float = 95.0
    first_token_seconds: float = 0.8
    result_scale: float = 1.0
    """Factor on the size of tool results."""
    text_limit: int = 3000
    """Most characters of a tool result; the tokens are counted in full."""
    rest_seconds: tuple[float, float] = (4.0, 18.0)
    """How long the user thinks between turns."""


@dataclass(slots=True)
class Conversation:
    """Grows by responses and tool results, and keeps the events that write it until they are taken."""

    log: Log
    model: str
    rng: Random
    at: datetime
    depth: int = 0
    pace: Pace = field(default_factory=Pace)
    lifetime: Literal["5m", "1h"] = "1h"
    context: int = SYSTEM_TOKENS
    """Tokens that the next prompt holds."""
    cached: int = SYSTEM_TOKENS
    """Tokens of it that the cache already holds."""
    last_uuid: str | None = None
    prompt_id: str = ""
    asked_at: datetime | None = None
    last_tokens: Tokens = field(default_factory=Tokens)
    events: list[Event] = field(default_factory=list)

    def take(self) -> list[Event]:
        """The events since the last call."""
        taken, self.events = self.events, []
        return taken

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.at += timedelta(seconds=seconds)

    def write(self, *new: Json) -> None:
        """Append lines to the log now."""
        self.events.append(Event(self.at, self.log.path, b"".join(map(lines.to_bytes, new))))

    def next_uuid(self) -> tuple[str, str | None]:
        """The uuid of the next line and that of its parent, the line before."""
        parent, self.last_uuid = self.last_uuid, new_uuid(self.rng)
        return self.last_uuid, parent

    def ask(self, text: str) -> None:
        """The user, or the parent of a sub-agent, asks."""
        self.prompt_id, self.asked_at = new_uuid(self.rng), self.at
        self.context += 40 + len(text) // 4
        self.write(lines.user_prompt(self.log, *self.next_uuid(), self.at, self.prompt_id, text))

    def respond(self, *blocks: Json, stop: str = "tool_use") -> None:
        """One billed response, its blocks one after the other."""
        tokens = self._bill(int(self.rng.triangular(*self.pace.output)))
        ids = new_id("msg_", self.rng), new_id("req_", self.rng)
        seconds = self.pace.first_token_seconds + tokens.output / self.pace.tokens_per_second
        if self.log.agent_id:
            self._stream(blocks, ids, stop, tokens, seconds)
        else:
            self._flush(blocks, ids, stop, tokens, seconds)
        self.last_tokens = tokens
        self.context += tokens.output

    def use_tools(self, count: int = 1) -> None:
        """A response that calls tools, and their results."""
        tools = self.rng.choices(cast.TOOLS, cast.TOOL_WEIGHTS, k=count)
        calls = [(tool, new_id("toolu_", self.rng), self.rng.choice(tool.values)) for tool in tools]
        said = [
            lines.tool_block(call_id, tool.name, _argument(self.log, tool, value)) for tool, call_id, value in calls
        ]
        self.respond(*self._lead(), *said)
        caller = self.last_uuid or ""
        for tool, call_id, value in calls:
            self.wait(self.rng.uniform(*tool.seconds))
            tokens = int(self.rng.randint(*tool.tokens) * self.pace.result_scale)
            text = cast.RESULT_TEXT[: min(tokens * 4, self.pace.text_limit)]
            self.answer_call(caller, call_id, text, _structured(self.log, tool, value, text), tokens)

    def answer_call(self, caller: str, call_id: str, text: str, result: Json, tokens: int) -> None:
        """The result of a tool call reaches the conversation."""
        uuid, _ = self.next_uuid()
        self.context += tokens
        self.write(lines.tool_result(self.log, uuid, self.at, self.prompt_id, (caller, call_id), text, result))

    def finish(self) -> None:
        """The last response of a turn."""
        self.respond(*self._lead(0.3), lines.text_block(self.rng.choice(cast.REMARKS)), stop="end_turn")

    def end_turn(self, pending_agents: int = 0) -> None:
        """The line that closes a turn of a main conversation."""
        duration_ms = int((self.at - (self.asked_at or self.at)).total_seconds() * 1000)
        uuid, parent = self.next_uuid()
        self.write(lines.turn_duration(self.log, uuid, parent, self.at, duration_ms, pending_agents))

    def retry(self, attempts: int) -> None:
        """The API is overloaded: so many retries, each a longer wait."""
        for attempt in range(1, attempts + 1):
            wait_ms = min(500.0 * 2 ** (attempt - 1), 4000.0) * self.rng.uniform(0.9, 1.2)
            self.write(lines.api_error(self.log, *self.next_uuid(), self.at, attempt, wait_ms))
            self.wait(wait_ms / 1000)

    def break_cache(self) -> None:
        """Something early in the prompt changed: nothing after it can be read from the cache."""
        self.cached = 0

    def compact(self) -> None:
        """The conversation is replaced by a summary; the request that made it is not logged."""
        self.wait(41)
        before, self.context, self.cached = self.context, COMPACTED_TOKENS, SYSTEM_TOKENS
        uuid, parent = self.next_uuid()
        boundary = lines.compact_boundary(self.log, uuid, parent, self.at, before, self.context)
        text = "This session is being continued from a previous conversation that ran out of context."
        summary = lines.compact_summary(self.log, *self.next_uuid(), self.at, self.prompt_id, text)
        self.write(boundary, summary)

    def _bill(self, output: int) -> Tokens:
        uncached = self.rng.randint(2, 10)
        read = min(self.cached, self.context)
        written = max(self.context - read - uncached, 0)
        self.cached = read + written
        if self.lifetime == "1h":
            return Tokens(uncached, output, 0, written, read)
        return Tokens(uncached, output, written, 0, read)

    def _flush(self, blocks: tuple[Json, ...], ids: tuple[str, str], stop: str, tokens: Tokens, seconds: float) -> None:
        """A main conversation: written when the response is over, each line with the final count."""
        used, began_at, new = lines.usage(tokens), self.at, []
        for number, block in enumerate(blocks, start=1):
            at = began_at + timedelta(seconds=seconds * number / len(blocks))
            said = lines.message(ids[0], self.model, block, stop, used)
            new.append(lines.assistant(self.log, *self.next_uuid(), at, ids[1], said))
        self.wait(seconds)
        self.write(*new)

    def _stream(
        self, blocks: tuple[Json, ...], ids: tuple[str, str], stop: str, tokens: Tokens, seconds: float
    ) -> None:
        """A sub-agent: each line when its block is done, and only the last with the final count."""
        early = lines.usage(tokens._replace(output=self.rng.randint(1, 8)), final=False)
        last = len(blocks) if self.rng.random() >= UNFINISHED_SHARE else -1
        for number, block in enumerate(blocks, start=1):
            self.wait(seconds / len(blocks))
            is_last = number == last
            used = lines.usage(tokens) if is_last else early
            said = lines.message(ids[0], self.model, block, stop if is_last else None, used)
            self.write(lines.assistant(self.log, *self.next_uuid(), self.at, ids[1], said))

    def _lead(self, share: float = 0.55) -> list[Json]:
        """What may stand before a tool call: a thought, a remark, or nothing."""
        thought = [lines.thinking_block(self.rng.choice(cast.THOUGHTS))] if self.rng.random() < share else []
        remark = [lines.text_block(self.rng.choice(cast.REMARKS))] if self.rng.random() < 0.4 else []
        return thought + remark


def _argument(log: Log, tool: cast.Tool, value: str) -> Json:
    if tool.argument == "file_path":
        return {"file_path": f"{log.cwd}/{value}"}
    return {tool.argument: value}


def _structured(log: Log, tool: cast.Tool, value: str, text: str) -> Json:
    """The `toolUseResult` beside a tool result."""
    if tool.name == "Bash":
        return {
            "stdout": text,
            "stderr": "",
            "interrupted": False,
            "isImage": False,
            "noOutputExpected": False,
        }
    if tool.name == "Read":
        count = text.count("\n") + 1
        path = str(PurePosixPath(log.cwd) / value)
        file = {"filePath": path, "content": text, "numLines": count, "startLine": 1, "totalLines": count}
        return {"type": "text", "file": file}
    return {"content": text, "numLines": text.count("\n") + 1}
