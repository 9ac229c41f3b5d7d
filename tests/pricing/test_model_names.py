"""Logged ids become the billed model, for pricing; anything else comes back unguessed."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tokentui.pricing.model_names import normalise, version_of

SPELLINGS = [
    # dated, aliased, Claude Code's context window
    ("claude-sonnet-4-5-20250929", "claude-sonnet-4-5"),
    ("claude-opus-5-5", "claude-opus-5-5"),
    ("claude-opus-5[1m]", "claude-opus-5"),
    ("claude-sonnet-4-5-20250929[1m]", "claude-sonnet-4-5"),
    ("claude-opus-4-20250514", "claude-opus-4"),
    ("claude-opus-4-0", "claude-opus-4"),
    ("claude-opus-4-1-20250805", "claude-opus-4-1"),
    ("claude-3-7-sonnet-latest", "claude-3-7-sonnet"),
    ("claude-3-5-haiku-20241022", "claude-3-5-haiku"),
    ("claude-3-haiku-20240307", "claude-3-haiku"),
    ("claude-haiku-5-5-20261007", "claude-haiku-5-5"),
    ("claude-opus-5-2026-07-24", "claude-opus-5"),
    # Bedrock
    ("us.anthropic.claude-sonnet-4-5-20250929-v1:0", "claude-sonnet-4-5"),
    ("anthropic.claude-3-5-sonnet-20241022-v2:0", "claude-3-5-sonnet"),
    ("global.anthropic.claude-opus-4-6-v1", "claude-opus-4-6"),
    ("apac.anthropic.claude-sonnet-4-20250514-v1:0", "claude-sonnet-4"),
    ("us-gov.anthropic.claude-3-haiku-20240307-v1:0:200k", "claude-3-haiku"),
    (
        "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.anthropic.claude-opus-4-1-20250805-v1:0",
        "claude-opus-4-1",
    ),
    (
        "arn:aws:bedrock:eu-west-1::foundation-model/anthropic.claude-haiku-4-5-20251001-v1:0",
        "claude-haiku-4-5",
    ),
    ("bedrock/us.anthropic.claude-opus-4-8", "claude-opus-4-8"),
    # Vertex
    ("claude-sonnet-4-5@20250929", "claude-sonnet-4-5"),
    ("claude-3-5-sonnet-v2@20241022", "claude-3-5-sonnet"),
    ("claude-opus-5@default", "claude-opus-5"),
    ("publishers/anthropic/models/claude-sonnet-5@20260630", "claude-sonnet-5"),
    ("vertex_ai/claude-opus-4@20250514", "claude-opus-4"),
    # OpenRouter and proxies
    ("anthropic/claude-sonnet-4.5", "claude-sonnet-4-5"),
    ("anthropic/claude-sonnet-4:beta", "claude-sonnet-4"),
    ("openrouter/anthropic/claude-opus-4.5", "claude-opus-4-5"),
    ("anthropic/claude-3.7-sonnet:thinking", "claude-3-7-sonnet"),
    ("anthropic:claude-opus-5-5", "claude-opus-5-5"),
    ("claude-opus-4-5-thinking", "claude-opus-4-5"),
    ("claude-sonnet-4-5-thinking-32k", "claude-sonnet-4-5"),
    ("Claude-Opus-4.6 ", "claude-opus-4-6"),
    ("CLAUDE_SONNET_4_5", "claude-sonnet-4-5"),
    ("claude-4.5-sonnet", "claude-sonnet-4-5"),
    ("claude-5-5-opus", "claude-opus-5-5"),
    ("sonnet-4.5", "claude-sonnet-4-5"),
    ("opus-4-1", "claude-opus-4-1"),
    # display names of the console's cost export
    ("Claude Opus 4.5", "claude-opus-4-5"),
    ("Claude 3.5 Sonnet 2024-10-22", "claude-3-5-sonnet"),
    ("Claude Haiku 3.5", "claude-3-5-haiku"),
    ("Claude Sonnet 4", "claude-sonnet-4"),
    # models of their own
    ("claude-mythos-5-1", "claude-mythos-5-1"),
    ("claude-mythos-preview", "claude-mythos-preview"),
    ("claude-instant-v1", "claude-instant-v1"),
    ("claude-v2:1", "claude-v2:1"),
    ("claude-2.1", "claude-2-1"),
]

UNGUESSED = [
    ("sonnet", "sonnet"),
    ("opus", "opus"),
    ("claude", "claude"),
    ("claude-opus-4-5-turbo", "claude-opus-4-5-turbo"),
    ("claude-opus-4.6-fast", "claude-opus-4-6-fast"),
    ("my-claude-opus-5", "my-claude-opus-5"),
    ("application-inference-profile/abc123", "application-inference-profile/abc123"),
    ("gpt-5.2", "gpt-5.2"),
    ("MiniMax-M2", "minimax-m2"),
    ("openrouter/z-ai/glm-4.6", "z-ai/glm-4.6"),
    ("deepseek-chat[1m]", "deepseek-chat"),
    ("", ""),
    ("\x1b[31m<synthetic>\x07", "[31m<synthetic>"),
]


@pytest.mark.parametrize(("logged", "model"), SPELLINGS)
def test_a_spelling_of_a_claude_model_is_that_model(logged: str, model: str) -> None:
    assert normalise(logged) == model


@pytest.mark.parametrize(("logged", "model"), UNGUESSED)
def test_what_is_not_understood_is_not_guessed(logged: str, model: str) -> None:
    assert normalise(logged) == model


PIECES = st.sampled_from(
    [
        *("claude", "opus", "sonnet", "haiku", "gpt", "minimax", *"-._/:@345", "5-5", "4.5"),
        *("[1m]", ":beta", "-thinking", "-latest", "-v1:0", "-v2", "20250929", "us.anthropic.", "anthropic/"),
        *("openrouter/", "arn:", "İ", "ſ", "\t", "\u202e", "\ud800"),
    ]
)


@given(st.one_of(st.text(max_size=260), st.lists(PIECES, max_size=30).map("".join)))
@example("claude-" * 40)
@example("CLAUDE./[0K]")
@example("claude-sonnet-4-5" + "[1m]" * 60)
def test_normalising_never_raises_and_twice_is_once(logged: str) -> None:
    once = normalise(logged)
    assert normalise(once) == once
    assert len(once) <= 210


@pytest.mark.parametrize(
    ("model", "version"),
    [
        ("claude-opus-4-6", (4, 6)),
        ("claude-opus-5", (5, 0)),
        ("claude-3-5-haiku", (3, 5)),
        ("claude-mythos-preview", None),
        ("gpt-5", None),
    ],
)
def test_the_version_of_a_model(model: str, version: tuple[int, int] | None) -> None:
    assert version_of(model) == version
