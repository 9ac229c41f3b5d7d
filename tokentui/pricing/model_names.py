"""Finds the billed model that a logged model id stands for. Only prices use it: reports keep the id as logged."""

from __future__ import annotations

import re

_LONGEST = 200
"""Characters of an id that are read; real ids are not half as long."""

_FAMILIES = "opus|sonnet|haiku|fable|mythos"
_NAMESPACES = re.compile(r"^(?:[a-z0-9_-]+[.:])+(?=claude)")
"""`us.anthropic.`, `anthropic:`, `bedrock:global.anthropic.`."""
_BARE_FAMILY = re.compile(rf"^(?=(?:{_FAMILIES})-[0-9])")
"""`sonnet-4.5`: family and version name a model even without `claude`."""
_LEGACY = re.compile(r"claude(?:-instant)?-v[0-9].*")
"""`claude-v2`: here the `v2` is the version itself, not Bedrock's revision."""
_SUFFIX = re.compile(
    r"""(?:
      \[[0-9]+[km]\]                                   # Claude Code's context window: [1m]
    | -(?:1m|200k)
    | :(?:beta|thinking|extended|[0-9]+k)              # OpenRouter's variants, Bedrock's context window
    | -v[0-9]+(?::[0-9]+)?                             # Bedrock's revision: -v1:0
    | [-@](?:latest|default)
    | -thinking(?:-(?:[0-9]+k?|low|medium|high|max))?
    | [-@]20[0-9]{6}                                   # a dated snapshot, Vertex with an @
    | [-@]20[0-9]{2}-[0-9]{2}-[0-9]{2}
    )$""",
    re.VERBOSE,
)
_FAMILY_FIRST = re.compile(r"claude-(?P<family>[a-z]+)-(?P<major>[0-9]{1,2})(?:-(?P<minor>[0-9]{1,2}))?")
_VERSION_FIRST = re.compile(r"claude-(?P<major>[0-9]{1,2})(?:-(?P<minor>[0-9]{1,2}))?-(?P<family>[a-z]+)")
_GATEWAY = re.compile(r"^(?:openrouter|litellm|vercel|portkey)[/:]")
_CONTEXT = re.compile(r"\[[0-9]+[km]\]$")


def normalise(logged: str) -> str:
    """The id under which a model's price is looked up.

    Dated, aliased and `[1m]` ids and the spellings of Bedrock, Vertex, OpenRouter and of proxies become Anthropic's own
    id: `us.anthropic.claude-sonnet-4-5-20250929-v1:0` is `claude-sonnet-4-5`. Any other id is only cleaned: a model is
    never guessed (`sonnet` stays `sonnet`).
    """
    name = _without_gateway(_cleaned(logged))
    last = name.rpartition("/")[2]
    return _claude_name(last) if "claude" in last or _BARE_FAMILY.match(last) else name


def version_of(model: str) -> tuple[int, int] | None:
    """Major and minor version of a normalised Claude id, or None: `claude-opus-5-5` is (5, 5)."""
    match = _FAMILY_FIRST.fullmatch(model) or _VERSION_FIRST.fullmatch(model)
    return (int(match["major"]), int(match["minor"] or 0)) if match else None


def _cleaned(logged: str) -> str:
    visible = "".join(char if char.isprintable() else " " for char in logged[:_LONGEST])
    return "-".join(visible.lower().split()).strip("/-")[:_LONGEST]


def _claude_name(name: str) -> str:
    name = _tidy(_NAMESPACES.sub("", name))
    if _BARE_FAMILY.match(name):
        name = f"claude-{name}"
    if _LEGACY.fullmatch(name):
        return name
    while (shorter := _tidy(_SUFFIX.sub("", name))) != name:
        name = shorter
    return _in_order(name)


def _tidy(name: str) -> str:
    return re.sub(r"[-._]+", "-", name).strip("-")


def _in_order(name: str) -> str:
    """Family and version as Anthropic writes them: `claude-3-5-haiku` up to 3, `claude-haiku-4-5` since 4."""
    match = _FAMILY_FIRST.fullmatch(name) or _VERSION_FIRST.fullmatch(name)
    if match is None:
        return name
    major, minor = int(match["major"]), int(match["minor"] or 0)
    version = f"{major}-{minor}" if minor else f"{major}"
    return f"claude-{version}-{match['family']}" if major <= 3 else f"claude-{match['family']}-{version}"


def _without_gateway(name: str) -> str:
    while (shorter := _CONTEXT.sub("", _GATEWAY.sub("", name)).strip("/-")) != name:
        name = shorter
    return name
