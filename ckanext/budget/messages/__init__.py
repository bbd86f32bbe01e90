"""The words of every finding: what, where, what to do.

Msgids are English; the French catalogue is complete. Nothing is translated at import: the caller
gives the translation function of its own world (CKAN's ``tk._``, or gettext for the console).
"""

from __future__ import annotations

import gettext as _gettext
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from ckanext.budget.errors import Finding
from ckanext.budget.messages import (
    annexes,
    controls,
    deposit,
    door,
    incoming,
    kinds,
    mandates,
    plans,
    reading,
    standard,
    wrapping,
)
from ckanext.budget.messages.model import N_, NP_, Message

__all__ = [
    "MESSAGES",
    "NP_",
    "N_",
    "Message",
    "Rendered",
    "Tongue",
    "Translate",
    "french",
    "place",
    "render",
    "tongue",
]

Translate = Callable[[str], str]


@dataclass(frozen=True)
class Rendered:
    """A finding in words: ``what``, ``where`` (may be empty), ``remedy`` (may be empty)."""

    what: str
    where: str
    remedy: str

    @property
    def sentence(self) -> str:
        """The three parts as one text."""
        what = f"{self.what} ({self.where})" if self.where else self.what
        return " ".join(
            part if part.endswith((".", "?", "!")) else part + "." for part in (what, self.remedy) if part
        )


MESSAGES: Mapping[str, Message] = {
    **reading.MESSAGES,
    **wrapping.MESSAGES,
    **incoming.MESSAGES,
    **kinds.MESSAGES,
    **door.MESSAGES,
    **standard.MESSAGES,
    **controls.MESSAGES,
    **annexes.MESSAGES,
    **plans.MESSAGES,
    **deposit.MESSAGES,
    **mandates.MESSAGES,
}


def french() -> Translate:
    """The French catalogue of the package, for use without CKAN (English if it is not compiled)."""
    return tongue("fr").gettext


@dataclass(frozen=True)
class Tongue:
    """A language in which something is said outside a page (a mail, a log): its code and its catalogue."""

    code: str
    gettext: Translate
    ngettext: Callable[[str, str, int], str]


def tongue(code: str | None) -> Tongue:
    """The language of that code: French, unless it is another (then English)."""
    if code and not code.lower().startswith("fr"):
        english = _gettext.NullTranslations()
        return Tongue("en", english.gettext, english.ngettext)
    folder = Path(__file__).parents[1] / "i18n"
    catalogue = _gettext.translation("ckanext-budget", folder, ["fr"], fallback=True)
    return Tongue("fr", catalogue.gettext, catalogue.ngettext)


def place(finding: Finding, translate: Translate) -> str:
    """Where it is, in words: «line 1284, in Annexes/DATA_EMPRUNT»; empty when unknown."""
    parts: list[str] = []
    if finding.line is not None:
        parts.append(translate("line {line}").format(line=finding.line))
    if finding.element:
        parts.append(translate("in {element}").format(element=finding.element))
    return ", ".join(parts)


_PLACES = (N_("line {line}"), N_("in {element}"))


def render(finding: Finding, translate: Translate) -> Rendered:
    """Words of a finding in the language of ``translate``."""
    message = MESSAGES[finding.code]
    params = dict(finding.params)
    return Rendered(
        translate(message.what).format_map(params),
        place(finding, translate),
        translate(message.remedy).format_map(params) if message.remedy else "",
    )
