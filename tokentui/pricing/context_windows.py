"""How many tokens a model's context window holds."""

from __future__ import annotations

from tokentui.pricing.model_names import normalise

MILLION, USUAL = 1_000_000, 200_000
_MILLION_MODELS = frozenset({
    "claude-fable-5", "claude-fable-5-1", "claude-fable-5-2", "claude-haiku-5-5", "claude-mythos-5",
    "claude-mythos-5-1", "claude-mythos-5-2", "claude-opus-4-6", "claude-opus-4-7", "claude-opus-4-8",
    "claude-opus-5", "claude-opus-5-5", "claude-sonnet-4-6", "claude-sonnet-5", "claude-sonnet-5-5",
})  # fmt: skip
"""Claude models with a window of a million tokens; tests check the list against the price library."""


def window_tokens(model: str) -> int | None:
    """The window of a model by its id as logged; None for models of other makers, whose windows are not known."""
    if model.endswith("[1m]"):
        return MILLION
    name = normalise(model)
    if not name.startswith("claude"):
        return None
    return MILLION if name in _MILLION_MODELS else USUAL
