"""What becomes of prompts, names and summaries as titles, and that no secret stands in one."""

from __future__ import annotations

import pytest

from tests.kit.log_lines import (
    ONE,
    Json,
    answer,
    call,
    every_text,
    line,
    of_agent,
    parse,
    prompt,
    result,
)
from tokentui.batch import Title


def title_of(*said: Json) -> Title | None:
    batch = parse(*said)
    return batch.sessions[ONE].title


def test_the_best_kind_of_title_holds_and_the_last_of_its_kind() -> None:
    said = [
        prompt("first prompt", 1),
        prompt("second prompt", 2),
        line("ai-title", None, aiTitle="made"),
        line("ai-title", None, aiTitle="made again"),
        line("agent-name", None, agentName="named"),
        line("custom-title", None, customTitle="mine"),
        line("custom-title", None, customTitle="mine again"),
        line("ai-title", None, aiTitle="made late"),
    ]
    titles = [title_of(*said[:end]) for end in range(1, len(said) + 1)]
    assert [(title.rank, title.text) for title in titles if title] == [
        (1, "first prompt"), (1, "first prompt"), (3, "made"), (3, "made again"), (4, "named"), (5, "mine"),
        (5, "mine again"), (5, "mine again"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text", ["<command-name>/clear</command-name>", "Caveat: not for you", "<bash-input>ls</bash-input>", "", "\x1b[0m"]
)
def test_what_the_user_did_not_ask_is_no_title(text: str) -> None:
    assert title_of(prompt(text)) is None


@pytest.mark.parametrize(
    "said",
    [prompt("go", isMeta=True), prompt("summary", isCompactSummary=True), of_agent("a1", prompt("go")), result("t1")],
)
def test_lines_that_are_no_prompts_give_no_title(said: Json) -> None:
    assert title_of(said) is None


@pytest.mark.parametrize(
    "secret",
    [
        "sk-ant-api03-AbCdEf0123456789",
        "ghp_0123456789abcdef0123",
        "AKIA0123456789ABCDEF",
        "https://sam:hunter2@host",
        "API_KEY=x7f9a2b4",
        "password: hunter22",
        "npm_0123456789abcdef0123",
        "sk_live_0123456789abcdef0123",
    ],
)
def test_secrets_never_stand_in_titles_or_tasks(secret: str) -> None:
    said = [prompt(f"use {secret} here"), of_agent("a1", prompt(f"take {secret}"))]
    said.append(answer(content=[call("t1", "Task", prompt=secret, description=f"with {secret}")]))
    body = secret.removeprefix("https://sam:").removesuffix("@host")
    assert not [text for text in every_text(parse(*said)) if body in text]
