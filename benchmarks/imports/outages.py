"""A disk that fills, then has room again; a zip of three hundred files, seven of them bad, deposited over HTTP.

Redis and PostgreSQL go away meanwhile, and the worker is killed. ``make soak ARGS="outages"``."""

from __future__ import annotations

import csv
import io
import os
import shutil
import subprocess
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

from benchmarks.imports import made, proof
from benchmarks.imports.command import Import
from benchmarks.imports.made import Made
from benchmarks.imports.portal import Portal, children
from benchmarks.imports.proof import Claim
from benchmarks.timing import FailedError
from dev import fixtures

BAD = 7
COLUMNS = ("filename", "status", "code", "source_sha256", "document_id", "resource_id", "package_id")
#: room on the disk that fills: for the copies of some files and a part of what is made from them
SMALL, LARGE = "3m", "512m"


def spoilt() -> dict[str, bytes]:
    """Seven files that can't be published."""
    sound = fixtures.document("CA", 2021)
    return {
        "lettre.txt": b"Bonjour",
        "rapport.pdf": b"%PDF-1.4 x",
        "vide.xml": b"",
        "coupe.xml": sound[: len(sound) // 2],
        "dtd.xml": sound.replace(b"?>", b'?><!DOCTYPE a SYSTEM "a">', 1),
        "annee.xml": sound.replace(b'<Exer V="2021"', b'<Exer V="20XX"'),
        "etape.xml": sound.replace(b'<NatDec V="09"', b'<NatDec V="99"'),
    }


@dataclass
class Deposit:
    """A deposit over HTTP, on a server and a worker of its own that are started again when they end."""

    portal: Portal
    folder: Path
    url: str
    headers: dict[str, str]
    happened: list[str] = field(default_factory=list)

    def send(self, content: bytes) -> dict[str, Any]:
        """Deposit a zip; the answer."""
        files = {"upload": ("lot.zip", content)}
        answer = requests.post(self._of("budget_deposit"), files=files, headers=self.headers, timeout=3600)
        if answer.status_code != 200:
            raise FailedError(f"budget_deposit: {answer.status_code} {answer.text[:300]}")
        return answer.json()["result"]

    def shown(self, batch_id: str) -> dict[str, Any] | None:
        """The deposit as it is; None while the portal cannot say."""
        try:
            url = self._of("budget_batch_show")
            answer = requests.get(url, params={"id": batch_id}, headers=self.headers, timeout=600)
        except requests.RequestException:
            return None
        return answer.json()["result"] if answer.status_code == 200 else None

    def work(self) -> None:
        """Start a worker."""
        self.worker = self.portal.start(self.folder / "worker.log", "jobs", "worker", "default", "budget")

    def _of(self, action: str) -> str:
        return f"{self.url}/api/3/action/{action}"


def without_redis(done: Deposit) -> str:
    """Redis goes away, and comes back once some more is published."""
    from dev.bootstrap import services  # noqa: PLC0415
    from dev.bootstrap.common import terminate  # noqa: PLC0415

    terminate("redis")
    time.sleep(5)
    services.start_redis()
    return "Redis was stopped for five seconds"


def without_postgresql(done: Deposit) -> str:
    """The database goes away."""
    from dev.bootstrap import postgres  # noqa: PLC0415

    postgres.restart()
    return "PostgreSQL was stopped as by a crash and started again"


def without_worker(done: Deposit) -> str:
    """The worker, and what it was doing, are killed."""
    for pid in (*children(done.worker.pid), done.worker.pid):  # RQ works in a child
        os.kill(pid, 9)
    done.worker.wait()
    return "the worker was killed (kill -9)"


MISHAPS: tuple[tuple[float, Callable[[Deposit], str]], ...] = (
    (0.1, without_redis),
    (0.4, without_postgresql),
    (0.7, without_worker),
)


def run(ini: Path, count: int, small: int) -> int:
    """Both, on one empty portal, proved together; 1 when a claim fails."""
    portal, folder = Portal(ini), ini.parent / "soak-files"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    with _disk(portal.storage.parent):
        portal.storage.mkdir()
        portal.prepare()
        first = made.write(folder / "full", small)
        claims = [*_filled(portal, folder), *proof.prove(portal, first, [folder / "full.csv"])]
        _say(claims)
        files = made.write(folder / "zip", count - BAD, first=made.communes(small))
        print(f"a zip of {count:,} files, {BAD} of them bad, over HTTP", flush=True)
        more = _told(_deposited(portal, folder, files, count), count)
        more += proof.prove(portal, [*first, *files], [folder / "full.csv", folder / "zip.csv"])
        _say(more)
    return int(any(claim.against for claim in [*claims, *more]))


def _say(claims: list[Claim]) -> None:
    print("\n".join(claim.line() for claim in claims), flush=True)


def _deposited(portal: Portal, folder: Path, files: list[Made], count: int) -> dict[str, Any]:
    """The zip, deposited and followed to its end; its good files are written to a ledger."""
    with ExitStack() as stack:
        done = _serving(stack, portal, folder)
        shown = _followed(done, done.send(_archive(folder / "zip", files))["batch_id"], count)
    with (folder / "zip.csv").open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, COLUMNS, extrasaction="ignore")
        writer.writeheader()
        writer.writerows({**d, "code": ""} for d in shown["documents"] if d["filename"] not in spoilt())
    return shown


def _archive(folder: Path, files: list[Made]) -> bytes:
    out = io.BytesIO()
    bad = list(spoilt().items())
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, one in enumerate(files):
            if number % max(1, len(files) // BAD) == 0 and bad:
                archive.writestr(*bad.pop())
            archive.write(folder / one.name, one.name)
        for name, content in bad:
            archive.writestr(name, content)
    return out.getvalue()


def _serving(stack: ExitStack, portal: Portal, folder: Path) -> Deposit:
    from dev.bootstrap.common import port  # noqa: PLC0415

    number = port("soak")
    token = portal.token()
    run = ("run", "--host", "127.0.0.1", "--port", str(number), "-r", "-t")
    server = portal.start(folder / "server.log", *run)
    done = Deposit(portal, folder, f"http://127.0.0.1:{number}", {"Authorization": token})
    done.work()
    stack.callback(lambda: _stop(done.worker))
    stack.callback(lambda: _stop(server))
    for _ in range(600):
        if _answers(done.url):
            return done
        time.sleep(0.5)
    raise FailedError(f"the server does not answer: see {folder / 'server.log'}")


def _answers(url: str) -> bool:
    try:
        return requests.get(f"{url}/api/3/action/status_show", timeout=60).ok
    except requests.ConnectionError:
        return False


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    process.wait(60)


def _followed(done: Deposit, batch_id: str, count: int) -> dict[str, Any]:
    """Until the deposit is done; a worker that ended is started again, as a supervisor does."""
    waiting = list(MISHAPS)
    while True:
        if done.worker.poll() is not None:
            done.work()
        shown = done.shown(batch_id)
        settled = sum(d["status"] not in ("ready", "queued") for d in shown["documents"]) if shown else 0
        if waiting and settled >= waiting[0][0] * count + BAD:
            done.happened.append(f"after {settled} of {count}: {waiting.pop(0)[1](done)}")
            print(f"  {done.happened[-1]}", flush=True)
        elif shown and shown["state"] == "done":
            return shown
        time.sleep(1)


def _told(shown: dict[str, Any], count: int) -> list[Claim]:
    documents = {d["filename"]: d for d in shown["documents"]}
    bad = [documents.get(name, {}) for name in spoilt()]
    wordless = [str(d.get("filename")) for d in bad if d.get("status") != "refused" or not d["message"]["remedy"]]
    statuses = Counter(d["status"] for d in shown["documents"])
    wanted = Counter(published=count - BAD, refused=BAD)
    against = () if statuses == wanted else (str(dict(statuses)),)
    return [
        Claim(f"{count - BAD} of {count} files are published, {BAD} refused", against),
        Claim("each refusal says what and what to do", tuple(wordless)),
    ]


@contextmanager
def _disk(folder: Path) -> Iterator[None]:
    """A small disk of its own (a tmpfs) in the place of a folder, which is emptied."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    _mount("mount", "-t", "tmpfs", "-o", f"size={SMALL}", "none", str(folder))
    try:
        yield
    finally:
        _mount("umount", "--lazy", str(folder))


def _filled(portal: Portal, folder: Path) -> list[Claim]:
    """An import stops being published when the disk is full, and is resumed when it is larger."""
    done = Import(portal, folder / "full", folder / "full.csv", folder / "log", 1)
    code = done.run()
    with done.ledger.open(encoding="utf-8") as lines:
        told = Counter(f"{row['status']} {row['code']}".strip() for row in csv.DictReader(lines))
    said = f"on a disk of {SMALL}: exit code {code}; " + ", ".join(f"{n} {what}" for what, n in told.items())
    print(f"  {said}", flush=True)
    known = {"published", "failed publication_failed", "failed conversion_failed", "refused deposit_full"}
    right = code == 1 and told.keys() <= known and len(told) > 1
    _mount("mount", "-o", f"remount,size={LARGE}", str(portal.storage.parent))
    done.start("--resume")
    again = done.process.wait()
    print(f"  on a disk of {LARGE}, resumed: exit code {again}, {portal.documents()} published", flush=True)
    return [Claim("what finds no room on a full disk is told so, exit code 1", () if right else (said,))]


def _mount(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise FailedError(f"{' '.join(command)}: {done.stderr.strip()} (a disk that fills: only root makes one)")
