"""The portal of the door's tests."""

from __future__ import annotations

from tests.ingest.conftest import portal  # noqa: F401  (a fixture: pytest finds it here)
