"""The portal of the door's tests."""

from __future__ import annotations

from tests.ingest.conftest import portal, refused  # noqa: F401  (fixtures: pytest finds them here)
