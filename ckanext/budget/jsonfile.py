"""Files of rules that an administrator may replace: JSON, checked against a JSON Schema."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


class JsonFileError(ValueError):
    """A file that can't be used; the text says which, where and why (English: an administrator reads it)."""


def read(path: Path, schema: Path) -> Any:
    """The content of a file that follows a schema. Raises :class:`JsonFileError`."""
    from jsonschema import Draft202012Validator  # noqa: PLC0415  (heavy; most processes never ask)

    content = plain(path)
    validator: Any = Draft202012Validator(json.loads(schema.read_text(encoding="utf-8")))
    fault = next(validator.iter_errors(content), None)
    if fault is not None:
        raise JsonFileError(f"{path}: {fault.json_path}: {fault.message}")
    return content


def plain(path: Path) -> Any:
    """The content of a file, unchecked (one that ships: the tests check it). Raises :class:`JsonFileError`."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise JsonFileError(f"{path}: {error}") from error
