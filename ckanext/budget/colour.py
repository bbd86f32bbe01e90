"""Colours that others choose: read, and made dark enough to be read on white (WCAG 2.1, 1.4.3)."""

from __future__ import annotations

import re

#: contrast of text with what is behind it, at least (WCAG 2.1 AA)
LEAST = 4.5
WHITE = "#ffffff"
_HEX = re.compile(r"#?([0-9a-f]{3}|[0-9a-f]{6})", re.IGNORECASE)


def read(text: str) -> str | None:
    """``#rrggbb`` of a colour written in hexadecimal (three or six digits, with or without ``#``); None otherwise."""
    found = _HEX.fullmatch(text.strip())
    if not found:
        return None
    digits = found[1].lower()
    return "#" + (digits if len(digits) == 6 else "".join(digit * 2 for digit in digits))


def contrast(colour: str, other: str = WHITE) -> float:
    """Between two colours (``#rrggbb``): from 1 (the same) to 21 (black and white)."""
    dark, light = sorted((_luminance(colour), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def readable(colour: str) -> str:
    """The same hue, as dark as text on white, or white text on it, must be (:data:`LEAST`); unchanged when it is."""
    channels = _channels(colour)
    made = colour
    for percent in range(100, -1, -1):
        made = "#" + "".join(f"{channel * percent // 100:02x}" for channel in channels)
        if contrast(made) >= LEAST:
            break
    return made


def _channels(colour: str) -> list[int]:
    return [int(colour[start : start + 2], 16) for start in (1, 3, 5)]


def _luminance(colour: str) -> float:
    """Relative luminance, as WCAG defines it."""
    parts = [channel / 255 for channel in _channels(colour)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
