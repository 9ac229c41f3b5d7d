"""Reads a large history with several processes, since one Python process uses one processor at a time."""

from __future__ import annotations

import json
import os
import selectors
import subprocess
import sys
from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from typing import IO, cast

from tokentui.home import Home
from tokentui.ingest.batches import NOTHING_READ, Told
from tokentui.ingest.worker import home_order, logs_order
from tokentui.transcripts.found_logs import FoundLog

MOST_WORKERS = 4
_STEP_SECONDS = 0.05


@dataclass(slots=True)
class _Worker:
    process: subprocess.Popen[bytes]
    stdin: IO[bytes]
    stdout: IO[bytes]
    told: Told = NOTHING_READ
    pending: bytes = b""

    def tell(self, order: bytes) -> None:
        """Send a line to the worker's stdin; if the worker is dead, its logs are read by the caller in the end."""
        with suppress(BrokenPipeError):
            self.stdin.write(order)
            self.stdin.flush()

    def take(self, logs: list[FoundLog]) -> None:
        """Hand these logs, the newest first, over to the worker."""
        self.told = Told(0, 0, logs[0].modified_ns)
        self.tell(logs_order(logs))

    def listen(self) -> bool:
        """Add up what the worker has told since the last call; False once its stdout is closed."""
        block = os.read(self.stdout.fileno(), 65536)
        *lines, self.pending = (self.pending + block).split(b"\n")
        for line in lines:
            read, added, newest_left_ns = json.loads(line)
            self.told = Told(self.told.bytes_read + read, self.told.responses_added + added, newest_left_ns)
        return bool(block)

    def end(self) -> None:
        """End the worker between two transactions, if it is still running."""
        self.process.terminate()
        with suppress(BrokenPipeError):
            self.stdin.close()
        self.stdout.close()
        self.process.wait()


@dataclass(frozen=True, slots=True)
class Crew:
    """How many processes may read, and where the store and the configuration are."""

    home: Home
    workers: int
    ahead: tuple[_Worker, ...] = ()
    """Workers that were started before it was known what there is to read."""


def crew_of(home: Home, *, leave_free: int = 0) -> Crew:
    """A crew of one worker for each processor but `leave_free` of them, and at least one."""
    processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return Crew(home, min(max(processors - leave_free, 1), MOST_WORKERS))


@contextmanager
def started_ahead(crew: Crew) -> Iterator[Crew]:
    """The crew with its workers starting, while the caller looks for logs to read; ends them in the end."""
    with ExitStack() as ends:
        yield replace(crew, ahead=tuple(_start_all(crew, ends)))


def reading_apart(crew: Crew, found: list[FoundLog]) -> Generator[Told, None, None]:
    """Let the crew read these logs; tells often how far all workers are together. A worker that dies leaves the rest
    of its logs unread.

    Closing the iterator early ends the workers, between two transactions of the store.
    """
    with ExitStack() as ends, selectors.DefaultSelector() as selector:
        workers = list(crew.ahead or _start_all(crew, ends))[: len(found)]
        for index, worker in enumerate(workers):  # once all are on their way: each takes its share when it is ready
            worker.take(found[index :: len(workers)])
            selector.register(worker.stdout, selectors.EVENT_READ, worker)
        while selector.get_map():
            for key, _ in selector.select(_STEP_SECONDS):
                if not key.data.listen():
                    selector.unregister(key.fileobj)
            yield _together(workers)


def _start_all(crew: Crew, ends: ExitStack) -> list[_Worker]:
    """Start the workers, as many as the system allows; `ends` ends them."""
    workers: list[_Worker] = []
    with suppress(OSError):  # no more processes, or no more memory: others read, if only the caller
        for _ in range(crew.workers):
            workers.append(_start(crew.home))
            ends.callback(workers[-1].end)
    return workers


def _start(home: Home) -> _Worker:
    process = subprocess.Popen(
        [sys.executable, "-m", "tokentui.ingest.worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    worker = _Worker(process, cast("IO[bytes]", process.stdin), cast("IO[bytes]", process.stdout))
    worker.tell(home_order(home))
    return worker


def _together(workers: list[_Worker]) -> Told:
    return Told(
        sum(worker.told.bytes_read for worker in workers),
        sum(worker.told.responses_added for worker in workers),
        max(worker.told.newest_left_ns for worker in workers),
    )
