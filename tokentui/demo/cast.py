"""The made-up world of the demo: projects, sessions, agents, tools and the words they use."""

from __future__ import annotations

from dataclasses import dataclass

from tokentui.config.settings import Budget

OPUS = "claude-opus-5-5"
SONNET = "claude-sonnet-5-5"
HAIKU = "claude-haiku-5-5"
FABLE = "claude-fable-5-2"
UNKNOWN = "house-model-1"
"""A model no price list knows, so that *unpriced* shows."""

HOME = "/home/sam/work"
VERSION = "2.1.238"
FLAT_VERSION = "2.1.1"
"""The last version that laid sub-agents flat beside their session and called the tool `Task`."""

BUDGETS = (
    Budget("day", 40.0, "usd", "day"),
    Budget("week", 16_000_000.0, "fresh_tokens", "week"),
    Budget("month", 200.0, "usd", "month"),
)
"""Such that an ordinary day fits and the storm does not."""


@dataclass(frozen=True, slots=True)
class Role:
    """One session of the play: where it works, with which model, and what it is asked."""

    project: str
    branch: str
    title: str
    model: str
    prompts: tuple[str, ...]
    agents: tuple[str, ...]
    """Agent types that this session likes to spawn."""

    @property
    def cwd(self) -> str:
        """The working directory as logs name it."""
        return f"{HOME}/{self.project}"


@dataclass(frozen=True, slots=True)
class AgentType:
    """A kind of sub-agent: its model and the tasks it is given."""

    name: str
    model: str
    tasks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool: the name of its one argument, what may stand in it, and how large and slow its results are."""

    name: str
    argument: str
    values: tuple[str, ...]
    tokens: tuple[int, int]
    seconds: tuple[float, float]


REFACTOR_API = Role(
    "refactor-api",
    "split-handlers",
    "Split the request handlers",
    OPUS,
    (
        "split the order handlers out of server.py and keep the tests green",
        "now the same for the invoice handlers",
        "why does the pagination test still import the old module?",
        "check every handler for a missing permission check",
    ),
    ("code-reviewer", "test-runner"),
)
DOCS_SITE = Role(
    "docs-site",
    "main",
    "Rewrite the getting-started guide",
    SONNET,
    (
        "rewrite the getting-started guide for the new command line",
        "shorten the installation page and check all links",
        "add a page on configuration with the defaults in a table",
    ),
    ("Explore",),
)
MOBILE_APP = Role(
    "mobile-app",
    "offline-mode",
    "Make the inbox work offline",
    OPUS,
    (
        "make the inbox readable without a connection",
        "the sync queue loses the order of two edits, find out why",
        "write a test for the conflict dialog",
    ),
    ("Explore", "test-runner", "general-purpose"),
)
BILLING = Role(
    "billing-worker",
    "retry-policy",
    "Find the double charge",
    FABLE,
    (
        "two customers were charged twice on Monday, find the cause",
        "make the retry idempotent and prove it with a test",
        "write down what happened for the team",
    ),
    ("security-audit", "Explore"),
)
DATA_PIPELINE = Role(
    "data-pipeline",
    "nightly",
    "Speed up the nightly import",
    SONNET,
    ("profile the nightly import and halve its time", "the parquet writer leaks memory, look into it"),
    ("Explore", "test-runner"),
)
DOTFILES = Role(
    "dotfiles",
    "main",
    "Tidy the shell configuration",
    HAIKU,
    ("sort the aliases and drop the dead ones", "make the prompt faster"),
    (),
)

LIVE_ROLES = (REFACTOR_API, DOCS_SITE, MOBILE_APP, BILLING)
ALL_ROLES = (*LIVE_ROLES, DATA_PIPELINE, DOTFILES)

AGENT_TYPES = {
    kind.name: kind
    for kind in (
        AgentType(
            "Explore",
            HAIKU,
            (
                "Find all callers of load_session",
                "Map the routing table",
                "List the feature flags",
                "Where is the cache key built?",
            ),
        ),
        AgentType(
            "code-reviewer",
            OPUS,
            ("Review the handler split", "Check error paths", "Review the new module for leaks"),
        ),
        AgentType("test-runner", SONNET, ("Run the unit tests", "Reproduce the failing test", "Run the linters")),
        AgentType(
            "general-purpose",
            FABLE,
            (
                "Port the order handlers",
                "Port the invoice handlers",
                "Port the shipping handlers",
                "Port the webhooks",
                "Rewrite the fixtures",
                "Update the client library",
            ),
        ),
        AgentType("security-audit", UNKNOWN, ("Audit the payment callbacks",)),
    )
}

TOOLS = (
    Tool(
        "Read",
        "file_path",
        ("src/server.py", "src/orders.py", "tests/test_orders.py"),
        (600, 3500),
        (0.1, 0.5),
    ),
    Tool(
        "Bash",
        "command",
        ("pytest -q", "git diff --stat", "ruff check .", "ls -la src"),
        (150, 1800),
        (0.8, 7.0),
    ),
    Tool("Edit", "file_path", ("src/orders.py", "src/invoices.py", "docs/guide.md"), (150, 700), (0.1, 0.3)),
    Tool("Grep", "pattern", ("load_session", r"def handle_\w+", "TODO"), (100, 1500), (0.1, 0.6)),
    Tool("Glob", "pattern", ("src/**/*.py", "**/*.md"), (80, 500), (0.1, 0.3)),
    Tool("Write", "file_path", ("src/handlers/orders.py", "docs/config.md"), (100, 400), (0.1, 0.3)),
    Tool("WebFetch", "url", ("https://docs.example.com/retries",), (800, 2500), (1.5, 5.0)),
    Tool("mcp__issues__get_issue", "id", ("API-214", "API-231", "APP-77"), (200, 900), (0.4, 1.6)),
)
TOOL_WEIGHTS = (30, 26, 18, 12, 5, 4, 2, 5)

REMARKS = (
    "The handler still builds the response by hand; I will move that into one place.",
    "Two tests import the old path, so I change them first.",
    "That explains it: the key holds the time of day.",
    "Now the same pattern for the next file.",
    "All green. Next I look at what still calls the old function.",
    "The error comes from the retry, not from the queue.",
)
THOUGHTS = (
    "The order of these two calls matters, so look at both before changing one.",
    "The test passes alone and fails in the suite; something is shared between them.",
    "If the key changes on each call nothing can ever be found again.",
)
SIDE_QUESTIONS = ("what was the name of that flag again?", "how many tests are left?")
RESULT_TEXT = (
    "def handle_order(request: Request) -> Response:\n"
    "    order = load_order(request.path['id'])\n"
    "    if order is None:\n"
    "        return not_found('order')\n"
    "    return as_json(order, fields=request.query.get('fields'))\n\n"
) * 24
