"""Asks in a thread of its own, so that a server which keeps silent holds up neither Ctrl-C nor the end of a run."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from queue import Empty, SimpleQueue

from tokentui.anthropic.asking import Asks
from tokentui.anthropic.client import Answer, NoAnswerError, Query

_LOOK_SECONDS = 0.1


class Aside:
    """A client whose answers are waited for only as long as the run goes on; one that comes later is lost."""

    def __init__(self, client: Asks) -> None:
        self._client = client
        self.key = client.key

    def get(self, path: str, query: Query, headers: Mapping[str, str], is_over: Callable[[], bool]) -> Answer:
        """Ask once. Raises what the client raises, and NoAnswerError once it is over."""
        came: SimpleQueue[Answer | Exception] = SimpleQueue()

        def ask() -> None:
            try:
                came.put(self._client.get(path, query, headers, is_over))
            except Exception as error:
                came.put(error)

        threading.Thread(target=ask, name="admin-api", daemon=True).start()
        while not is_over():
            try:
                found = came.get(timeout=_LOOK_SECONDS)
            except Empty:
                continue
            if isinstance(found, Exception):
                raise found
            return found
        raise NoAnswerError("the run was over before an answer came")
