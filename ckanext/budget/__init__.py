"""Publication of French local budgets on a CKAN portal."""

from __future__ import annotations

__version__ = "0.1.0"
