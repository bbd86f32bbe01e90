"""What is read and written: sources that can be rewound, outputs that replace nothing before the end."""

from __future__ import annotations

import errno
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Generator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import BinaryIO, cast


@contextmanager
def reading(name: str) -> Generator[BinaryIO]:
    """The file to read, seekable: standard input and pipes are copied to a temporary file first."""
    with nullcontext(sys.stdin.buffer) if name == "-" else Path(name).open("rb") as stream:
        if name != "-" and stream.seekable():
            yield stream
            return
        with tempfile.TemporaryFile() as copy:
            shutil.copyfileobj(stream, copy)
            copy.seek(0)
            yield copy


def is_stream(name: str) -> bool:
    """Standard output, a device or a pipe: written into, never replaced."""
    return name == "-" or (Path(name).exists() and not Path(name).is_file() and not Path(name).is_dir())


def check_distinct(outputs: list[str], source: str) -> None:
    """No output may overwrite another or the source."""
    seen = {Path(source).resolve()}
    for name in outputs:
        path = Path(name) if name == "-" else Path(name).resolve()
        if path in seen and (name == "-" or not is_stream(name)):
            raise OSError(0, "ce nom sert deux fois", name)
        seen.add(path)


class Outputs:
    """Files written beside their targets, which they replace only on ``commit``: a refusal leaves nothing."""

    def __init__(self, names: list[str]) -> None:
        self._names = names
        self._files: dict[str, BinaryIO] = {}

    def __enter__(self) -> Outputs:
        try:
            for name in self._names:
                self._files[name] = self._open(name)
        except OSError:
            self.__exit__()
            raise
        return self

    def _open(self, name: str) -> BinaryIO:
        if is_stream(name):
            return tempfile.TemporaryFile()  # noqa: SIM115  (closed on exit)
        path = Path(name).resolve()
        if path.is_dir():
            raise OSError(errno.EISDIR, "", name)
        try:
            return cast("BinaryIO", tempfile.NamedTemporaryFile("w+b", dir=path.parent, delete=False))
        except OSError as error:
            raise OSError(error.errno, error.strerror, name) from error

    def __getitem__(self, name: str) -> BinaryIO:
        return self._files[name]

    def commit(self) -> None:
        """Put every output in its place (a new file gets the usual permissions)."""
        mask = umask()
        for name, stream in self._files.items():
            stream.flush()
            if is_stream(name):
                stream.seek(0)
                with nullcontext(sys.stdout.buffer) if name == "-" else Path(name).open("wb") as out:
                    shutil.copyfileobj(stream, out)
                    out.flush()
            else:
                Path(stream.name).chmod(0o666 & ~mask)
                Path(stream.name).replace(Path(name).resolve())

    def __exit__(self, *_: object) -> None:
        for name, stream in self._files.items():
            stream.close()
            if not is_stream(name):
                Path(stream.name).unlink(missing_ok=True)


@contextmanager
def new_folder(name: str, *, force: bool) -> Generator[Path]:
    """A folder to fill, that takes the place of ``name`` (new or empty, or ``force``) only when all went well."""
    target = Path(name).resolve()
    if target.exists() and not target.is_dir():
        raise OSError(0, "ce n’est pas un dossier", name)
    if not force and target.is_dir() and any(target.iterdir()):
        raise OSError(
            errno.ENOTEMPTY, "ce dossier n’est pas vide ; --force y ajoute et y remplace des fichiers", name
        )
    try:
        stage = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    except OSError as error:
        raise OSError(error.errno, error.strerror, name) from error
    try:
        yield stage
        if target.exists():
            _move_into(stage, target)
        else:
            stage.chmod(0o777 & ~umask())
            stage.rename(target)
    finally:
        shutil.rmtree(stage, ignore_errors=True)


def _move_into(stage: Path, target: Path) -> None:
    for path in sorted(path for path in stage.rglob("*") if path.is_file()):
        place = target / path.relative_to(stage)
        place.parent.mkdir(exist_ok=True)
        path.replace(place)


def umask() -> int:
    """The permissions that new files don't get."""
    mask = os.umask(0)
    os.umask(mask)
    return mask


def as_json(data: object) -> bytes:
    """Indented UTF-8 JSON, with a last newline."""
    return json.dumps(data, ensure_ascii=False, indent=2).encode() + b"\n"


def say(text: str) -> None:
    """A line on standard error."""
    sys.stderr.write(text + "\n")
