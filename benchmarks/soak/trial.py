"""One variant through the door and the conversion, and what must hold whatever comes out."""

from __future__ import annotations

import contextlib
import io
import resource
import signal
import tempfile
import traceback
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from benchmarks.soak import oracle
from benchmarks.soak.mutate import Variant
from ckanext.budget.convert import convert
from ckanext.budget.errors import Refusal
from ckanext.budget.messages import MESSAGES, french, render
from ckanext.budget.standalone import main as command
from ckanext.budget.totem.receive import Received, receive

#: most processor seconds for one variant
SECONDS = 2.0


@dataclass(frozen=True)
class Outcome:
    """``what``: «converted», «refused: code», «stored: kind»; ``fault`` is empty when all holds."""

    what: str
    seconds: float
    fault: str = ""


class NotConservedError(Exception):
    """The proof and the conversion disagree: a fault of ours, whatever the file."""


class _TooLong(BaseException):
    """Over the time: no handler may swallow it."""


def judge(variant: Variant, folder: Path, *, by_command: bool) -> Outcome:
    """Everything that must hold of one variant; ``folder`` is empty and must be so again. ``by_command``: through
    the console script too."""
    tempfile.tempdir = str(folder)
    started = _seconds()
    try:
        with _limited():
            what, copy, table = _door(variant.data)
    except Refusal as refusal:
        outcome = Outcome(f"refused: {refusal.finding.code}", _seconds() - started, _words(refusal))
    except _TooLong:
        return Outcome("too long", _seconds() - started, f"over {SECONDS:.0f} s of processor time")
    except Exception:  # noqa: BLE001  (what is looked for: any exception but a refusal)
        return Outcome("crashed", _seconds() - started, traceback.format_exc(limit=-6))
    else:
        spent = _seconds() - started
        outcome = Outcome(what, spent, _stored(variant) if copy is None else _converted(variant, copy, table or b""))
    if not outcome.fault and by_command:
        outcome = Outcome(outcome.what, outcome.seconds, _command(variant, folder, outcome.what))
    left = sorted(path.name for path in folder.iterdir())
    return Outcome(outcome.what, outcome.seconds, f"files left: {left}") if left and not outcome.fault else outcome


def _door(data: bytes) -> tuple[str, bytes | None, bytes | None]:
    """What the door and the conversion make of a file: (what, occulted copy, CSV)."""
    copy, table = io.BytesIO(), io.BytesIO()
    received = receive(io.BytesIO(data), copy, strict=True)
    if not isinstance(received, Received):
        return f"stored: {received.kind}", None, None
    copy.seek(0)
    if not convert(copy, table).conserved:
        raise NotConservedError
    return "converted", copy.getvalue(), table.getvalue()


def _words(refusal: Refusal) -> str:
    finding = refusal.finding
    if finding.code not in MESSAGES or finding.level != "bloquant":
        return f"the code {finding.code} has no words"
    words = render(finding, french())
    return "" if words.what and words.remedy else f"the code {finding.code} does not say what to do"


def _stored(variant: Variant) -> str:
    return "stored as it is, and holds a budget" if oracle.holds_budget(variant.inner) else ""


def _converted(variant: Variant, copy: bytes, table: bytes) -> str:
    try:
        leaked = oracle.leaks(copy)
        count, sums, twice = oracle.source_sums(oracle.tree(variant.inner))
        rows, written = oracle.csv_sums(table)
    except oracle.Unreadable as error:
        return f"lxml does not read it: {error}"
    except (ValueError, KeyError, ArithmeticError) as error:
        return f"not whole: {type(error).__name__} {error}"
    if leaked:
        return f"leaks: {dict(leaked)}"
    if twice:
        return "a line says an amount, a sense or a kind twice, and was converted"
    if rows != count:
        return f"{rows} rows for {count} lines"
    differing = [f"{name}/{sense}" for (name, sense), total in sums.items() if written[name, sense] != total]
    return f"sums differ: {', '.join(differing)}" if differing else ""


def _command(variant: Variant, folder: Path, what: str) -> str:
    """The console script: both outputs or none, nothing half written."""
    source, out, copy = (folder / name for name in ("source.xml", "out.csv", "copy.xml"))
    source.write_bytes(variant.data)
    try:
        with contextlib.redirect_stderr(io.StringIO()) as said:
            code = command(["convert", str(source), "-o", str(out), "--occulted", str(copy)])
        made = [path.exists() for path in (out, copy)]
        if code == 0:
            oracle.csv_sums(out.read_bytes())
        if (code, made) not in ((0, [True, True]), (2, [False, False])):
            return f"the command ended with {code}, outputs {made}"
        if code and not said.getvalue().strip():
            return "the command refused without a word"
        if code and what == "converted":
            return f"converted at the door, refused by the command: {said.getvalue().strip()[:200]}"
    except Exception:  # noqa: BLE001  (what is looked for)
        return traceback.format_exc(limit=-6)
    else:
        return ""
    finally:
        for path in (source, out, copy):
            path.unlink(missing_ok=True)


@contextlib.contextmanager
def _limited() -> Generator[None]:
    def stop(signum: int, frame: FrameType | None) -> None:
        raise _TooLong

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def _seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
