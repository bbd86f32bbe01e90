"""Numbers that a file declares of itself (InformationsGenerales): population, ratios."""

from __future__ import annotations

import re
from decimal import Decimal


def declared(text: str) -> Decimal | None:
    """A number as people write it in a form: «1 782,78», «53 %», «26.8413 %»; None for anything else."""
    bare = re.sub(r"[\s\u00a0\u202f%€]", "", text).replace(",", ".")
    return Decimal(bare) if re.fullmatch(r"\d+(\.\d+)?", bare, re.ASCII) else None
