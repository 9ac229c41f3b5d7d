"""A large tree of made-up logs, written fast from templates, and what is truly in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from tokentui.demo import cast, lines
from tokentui.demo.log import Log, timestamp
from tokentui.records import Tokens

START_AT = datetime(2026, 11, 2, 8, tzinfo=UTC)
LINES_EACH_SECOND = 2
AGENTS_EACH_SESSION = 3
FORK_EVERY = 20
"""Each so many sessions, the next one is a fork and begins with copied responses."""
MODELS = (cast.OPUS, cast.SONNET, cast.HAIKU, cast.FABLE, cast.UNKNOWN)

UUID = "<uuid--------------------------uuid>"
PARENT = "<parent----------------------parent>"
SESSION = "<session--------------------session>"
AT = "<at------------------at>"
MESSAGE = "msg_<---------------->"
REQUEST = "req_<---------------->"
AGENT = "<agent-------agent>"
OUTPUT = 999_999_901
READ = 999_999_902
WRITE = 999_999_903


@dataclass(frozen=True, slots=True)
class Expected:
    """What a tree holds, counted while it was written."""

    files: int
    sessions: int
    agents: int
    lines: int
    bytes: int
    responses: int
    """Each once, however many lines and copies it has."""
    lower_bound_responses: int
    """Those whose final count was never written."""
    tokens: Tokens


@dataclass(slots=True)
class _Count:
    lines: int = 0
    bytes: int = 0
    responses: int = 0
    lower_bound_responses: int = 0
    tokens: Tokens = field(default_factory=Tokens)


@dataclass(frozen=True, slots=True)
class _Template:
    """An encoded line, cut at the places where ids, times and counts go."""

    parts: tuple[bytes, ...]
    slots: tuple[str, ...]

    def fill(self, values: dict[str, bytes]) -> bytes:
        out = [self.parts[0]]
        for slot, part in zip(self.slots, self.parts[1:], strict=True):
            out.append(values[slot])
            out.append(part)
        return b"".join(out)


def write_tree(folder: Path, files: int, size_bytes: int, seed: int = 7) -> Expected:
    """Write so many logs of about so many bytes in all below a configuration folder.

    One log in four is a session's, three are its sub-agents'. The result is what a right count finds.
    """
    rng, count, templates = Random(seed), _Count(), _Templates()
    sessions = 0
    last_fork: bytes = b""
    for number in range(files):
        agent = number % (AGENTS_EACH_SESSION + 1)
        sessions += not agent
        path = _path(folder, sessions - 1, agent)
        path.parent.mkdir(parents=True, exist_ok=True)
        writer = _Writer(number, sessions - 1, agent, Random(rng.random()), templates, count)
        wanted = int(size_bytes / files * writer.rng.triangular(0.2, 2.0, 0.8))
        forked = last_fork if not agent and sessions % FORK_EVERY == 0 else b""
        data = forked.replace(_session_id(sessions - 2), _session_id(sessions - 1))
        count.lines += data.count(b"\n")
        body, copies = writer.log(wanted - len(data))
        path.write_bytes(data + body)
        count.bytes += len(data) + len(body)
        last_fork = last_fork if agent else copies
    return Expected(
        files,
        sessions,
        files - sessions,
        count.lines,
        count.bytes,
        count.responses,
        count.lower_bound_responses,
        count.tokens,
    )


class _Templates:
    """The lines of a main log and of an agent's, each in several sizes."""

    def __init__(self) -> None:
        self.main = _Kinds(Log(SESSION, f"{cast.HOME}/generated", "main"))
        self.agent = _Kinds(Log(SESSION, f"{cast.HOME}/generated", "main", agent_id=AGENT, agent_type="Explore"))


class _Kinds:
    def __init__(self, log: Log) -> None:
        blocks = (
            lines.text_block(cast.RESULT_TEXT[:1700]),
            lines.thinking_block(cast.RESULT_TEXT[:1100]),
            lines.tool_block("toolu_" + UUID, "Write", {"content": cast.RESULT_TEXT[:1300]}),
        )
        self.final = {model: [_cut(_assistant(log, model, block, final=True)) for block in blocks] for model in MODELS}
        self.early = {model: [_cut(_assistant(log, model, block, final=False)) for block in blocks] for model in MODELS}
        self.results = [_cut(_result(log, size)) for size in (300, 1400, 2400, 2900, 3800, 8000)]
        self.others = [_cut(_other(log, size)) for size in (40, 900, 2300, 3900, 5600)]
        fork = {"forkedFrom": {"sessionId": "original-session", "messageUuid": PARENT}}
        self.forked = {model: _cut(_assistant(log, model, blocks[0], final=True) | fork) for model in MODELS}


class _Writer:
    """One log, line by line."""

    def __init__(
        self, number: int, session: int, agent: int, rng: Random, templates: _Templates, count: _Count
    ) -> None:
        self.number, self.rng, self.count = number, rng, count
        self.kinds = templates.agent if agent else templates.main
        self.is_agent = bool(agent)
        self.line = 0
        self.values = {
            SESSION: _session_id(session),
            AGENT: _agent_id(session, agent).encode(),
            UUID: _uuid(number, 0),
        }

    def log(self, wanted: int) -> tuple[bytes, bytes]:
        """About so many bytes of lines, and a forked copy of the first responses."""
        out: list[bytes] = []
        copies: list[bytes] = []
        size = 0
        while size < wanted:
            new = [*self._response(copies), self._fill(self.rng.choice(self.kinds.results))]
            new += [self._fill(self.rng.choice(self.kinds.others)) for _ in range(self.rng.choice((1, 1, 2)))]
            out += new
            size += sum(map(len, new))
        self.count.lines += len(out)
        return b"".join(out), b"".join(copies)

    def _response(self, copies: list[bytes]) -> Iterator[bytes]:
        """The one to three lines of a response; it is counted here."""
        rng, model = self.rng, self.rng.choice(MODELS)
        output, read, write = rng.randint(100, 2500), rng.randint(10_000, 150_000), rng.randint(0, 4000)
        blocks, is_final = rng.choice((1, 1, 1, 2, 2, 3)), not self.is_agent or rng.random() < 0.8
        self.values |= {MESSAGE: self._id("msg_"), REQUEST: self._id("req_")}
        self.values |= {str(OUTPUT): b"%d" % output, str(READ): b"%d" % read, str(WRITE): b"%d" % write}
        self.count.responses += 1
        self.count.lower_bound_responses += not is_final
        counted = output if is_final else 3
        writes = (write, 0) if self.is_agent else (0, write)
        self.count.tokens = self.count.tokens.plus(Tokens(4, counted, *writes, read))
        for block in range(blocks):
            is_early = self.is_agent and (block < blocks - 1 or not is_final)
            kinds = self.kinds.early if is_early else self.kinds.final
            yield self._fill(kinds[model][rng.randrange(3)])
        if not self.is_agent and len(copies) < 3:
            copies.append(self.kinds.forked[model].fill(self.values))

    def _fill(self, template: _Template) -> bytes:
        self.line += 1
        at = START_AT + timedelta(seconds=self.number * 900 + self.line / LINES_EACH_SECOND)
        self.values[PARENT] = self.values[UUID]
        self.values[UUID] = _uuid(self.number, self.line)
        self.values[AT] = timestamp(at).encode()
        return template.fill(self.values)

    def _id(self, prefix: str) -> bytes:
        return f"{prefix}01{self.number:08d}{self.line:08d}".encode()


def _assistant(log: Log, model: str, block: lines.Json, *, final: bool) -> lines.Json:
    tokens = Tokens(4, OUTPUT if final else 3, WRITE if log.agent_id else 0, 0 if log.agent_id else WRITE, READ)
    used = lines.usage(tokens, final=final)
    if final:
        used["output_tokens_details"] = {"thinking_tokens": 0}
    said = lines.message(MESSAGE, model, block, "tool_use" if final else None, used)
    return lines.assistant(log, UUID, PARENT, START_AT, REQUEST, said) | {"timestamp": AT}


def _result(log: Log, size: int) -> lines.Json:
    text = (cast.RESULT_TEXT * 4)[: size // 2]
    result: lines.Json = {"stdout": text, "stderr": "", "interrupted": False, "isImage": False}
    line = lines.tool_result(log, UUID, START_AT, "prompt", (PARENT, "toolu_" + PARENT), text, result)
    return line | {"timestamp": AT}


def _other(log: Log, size: int) -> lines.Json:
    """An attachment: by far the most frequent line without usage that is no tool result."""
    line = lines.turn_duration(log, UUID, PARENT, START_AT, 0, 0)
    attachment = {"type": "hook_success", "content": (cast.RESULT_TEXT * 2)[:size]}
    kept = {key: line[key] for key in line if key not in {"subtype", "durationMs", "messageCount", "isMeta"}}
    return kept | {"type": "attachment", "attachment": attachment, "timestamp": AT}


def _cut(line: lines.Json) -> _Template:
    """The template of a line."""
    places = (UUID, PARENT, SESSION, AT, MESSAGE, REQUEST, AGENT, str(OUTPUT), str(READ), str(WRITE))
    parts, slots = [lines.to_bytes(line)], list[str]()
    for place in places:
        needle = place.encode()
        for index in range(len(parts) - 1, -1, -1):
            pieces = parts[index].split(needle)
            parts[index : index + 1] = pieces
            slots[index:index] = [place] * (len(pieces) - 1)
    return _Template(tuple(parts), tuple(slots))


def _uuid(number: int, line: int) -> bytes:
    return b"%08x-0000-4000-8000-%012x" % (number, line)


def _session_id(session: int) -> bytes:
    return b"%08x-5e55-4000-8000-000000000000" % session


def _agent_id(session: int, agent: int) -> str:
    return f"a{session:012x}{agent:04x}"


def _path(folder: Path, session: int, agent: int) -> Path:
    project = folder / "projects" / f"-home-sam-work-generated-{session % 40}"
    stem = _session_id(session).decode()
    if not agent:
        return project / f"{stem}.jsonl"
    return project / stem / "subagents" / f"agent-{_agent_id(session, agent)}.jsonl"
