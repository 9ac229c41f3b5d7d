"""Reading a large history with several processes: Python reads on one processor at a time, a crew on all of them."""

from __future__ import annotations

import json
import os
import selectors
import subprocess
import sys
from collections.abc import Generator
from dataclasses import dataclass
from typing import IO, cast

from tokentui.home import Home
from tokentui.ingest.catch_up import Told
from tokentui.ingest.worker import Job
from tokentui.transcripts.places import FoundLog

MOST_WORKERS = 4
_STEP_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Crew:
    """How many processes may read, and where the store and the configuration are."""

    home: Home
    workers: int


def crew_of(home: Home, *, leave_free: int = 0) -> Crew:
    """A crew that leaves this many processors to others, but has at least one worker."""
    processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return Crew(home, min(max(processors - leave_free, 1), MOST_WORKERS))


@dataclass(slots=True)
class _Worker:
    process: subprocess.Popen[bytes]
    out: IO[bytes]
    told: Told
    pending: bytes = b""

    def listen(self) -> bool:
        """Take up what the worker told; False once it has nothing more to tell."""
        block = os.read(self.out.fileno(), 65536)
        *lines, self.pending = (self.pending + block).split(b"\n")
        for line in lines:
            read, added, newest_left_ns = json.loads(line)
            self.told = Told(self.told.bytes_read + read, self.told.responses_added + added, newest_left_ns)
        return bool(block)


def reading_apart(crew: Crew, found: list[FoundLog]) -> Generator[Told, None, None]:
    """Let the crew read; tells often how far all are together. Whatever a dead worker left stays to be read.

    Closing the iterator early ends the workers, between two transactions of the store.
    """
    workers = [_start(crew, found[index :: crew.workers]) for index in range(min(crew.workers, len(found)))]
    try:
        with selectors.DefaultSelector() as selector:
            for worker in workers:
                selector.register(worker.out, selectors.EVENT_READ, worker)
            while selector.get_map():
                for key, _ in selector.select(_STEP_SECONDS):
                    if not key.data.listen():
                        selector.unregister(key.fileobj)
                yield _together(workers)
    finally:
        for worker in workers:
            worker.process.terminate()
            worker.out.close()
            worker.process.wait()


def _start(crew: Crew, logs: list[FoundLog]) -> _Worker:
    process = subprocess.Popen(
        [sys.executable, "-m", "tokentui.ingest.worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    job, out = cast("IO[bytes]", process.stdin), cast("IO[bytes]", process.stdout)
    with job:
        job.write(Job(crew.home, tuple(logs)).to_json().encode())
    return _Worker(process, out, Told(0, 0, logs[0].modified_ns))


def _together(workers: list[_Worker]) -> Told:
    return Told(
        sum(worker.told.bytes_read for worker in workers),
        sum(worker.told.responses_added for worker in workers),
        max(worker.told.newest_left_ns for worker in workers),
    )
