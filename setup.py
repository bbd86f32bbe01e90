"""Metadata is in pyproject.toml; here, only what setuptools can't be told there: catalogues compiled in the build."""

from __future__ import annotations

from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from setuptools import setup
from setuptools.command.build_py import build_py


class BuildWithCatalogues(build_py):
    """Compile every .po before the package's files are collected."""

    def run(self) -> None:
        for source in Path("ckanext/budget/i18n").glob("*/LC_MESSAGES/*.po"):
            with source.open("rb") as po, source.with_suffix(".mo").open("wb") as mo:
                write_mo(mo, read_po(po, locale=source.parts[-3]))
        super().run()


setup(
    cmdclass={"build_py": BuildWithCatalogues},
    message_extractors={
        "ckanext": [
            ("**.py", "python", None),
            ("**.js", "javascript", None),
            ("**/templates/**.html", "ckan", None),
        ]
    },
)
