"""``ckan budget import`` as a person runs it, and what may happen to it meanwhile."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy.exc import OperationalError

from benchmarks.imports.portal import Portal, children
from benchmarks.timing import FailedError

#: between two looks at what is published
PAUSE = 0.2


@dataclass
class Import:
    """An import of a folder with some workers; ``happened`` tells what was done to it."""

    portal: Portal
    folder: Path
    ledger: Path
    log: Path
    workers: int
    happened: list[str] = field(default_factory=list)

    def run(self, mishaps: Iterable[tuple[int, Callable[[Import], str]]] = ()) -> int:
        """To its end, resumed when it stops before; its last exit code. ``mishaps``: what to do once so many truths are
        published."""
        waiting, before, resumed = sorted(mishaps, key=lambda m: m[0]), self.published(), 0
        self.start()
        while True:
            code = self.process.poll()
            if code is not None and (code in (0, 1) or resumed > 10):
                break
            if code is not None:
                resumed += 1
                self.start("--resume")
            done = self.published() - before
            if waiting and done >= waiting[0][0]:
                self.happened.append(f"after {done}: {waiting.pop(0)[1](self)}")
                print(f"  {self.happened[-1]}", flush=True)
            time.sleep(PAUSE)
        if waiting:
            raise FailedError(f"{len(waiting)} mishaps came too late: more files are needed")
        return code

    def start(self, *more: str) -> None:
        """Start the command."""
        options = ["--user", self.portal.account, "--organization", self.portal.organisation, "--ledger", self.ledger]
        arguments = ["budget", "import", self.folder, *options, "--workers", str(self.workers), *more]
        self.process = self.portal.start(self.log, *arguments)

    def published(self) -> int:
        """How many truths there are (the last known number while the database is away)."""
        with contextlib.suppress(OperationalError):
            self._known = self.portal.documents()
        return self._known

    _known = 0


def kill_a_worker(done: Import) -> str:
    """``kill -9`` of one of the processes that publish."""
    pids = children(done.process.pid)
    if not pids:
        raise FailedError("there is no worker to kill")
    os.kill(pids[0], signal.SIGKILL)
    return "one of the workers was killed (kill -9)"


def kill_the_command(done: Import) -> str:
    """``kill -9`` of the command itself; its workers, left alone, go on, and those of the resumed one join them."""
    done.process.kill()
    done.process.wait()
    return "the command was killed (kill -9), then resumed (--resume)"


def restart_postgresql(done: Import) -> str:
    """As after a crash: every connection is cut, the server recovers."""
    from dev.bootstrap import postgres  # noqa: PLC0415

    postgres.restart()
    return "PostgreSQL was stopped as by a crash and started again"
