"""What is sent about a mandate, checked: words for what is wrong, values for what is right."""

from __future__ import annotations

import datetime as dt
from typing import Any, NoReturn, cast

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.types import DataDict
from werkzeug.datastructures import FileStorage

from ckanext.budget import organizations
from ckanext.budget.logic.validators import budget_siren_or_siret
from ckanext.budget.mandates import rules
from ckanext.budget.mandates.rules import Terms
from ckanext.budget.territory.directory import directory

#: longest text of an act's reference, of a name, of a reason
LONGEST = 500
#: largest act
ACT_BYTES = 10 << 20


class Errors(dict[str, Any]):
    """Field → words; raised together."""

    def say(self, field: str, words: str) -> None:
        """One more thing that is wrong."""
        self.setdefault(field, []).append(words)

    def check(self) -> None:
        """Raise ``ValidationError`` when something is."""
        if self:
            raise tk.ValidationError(dict(self))


def wrong(field: str, words: str) -> NoReturn:
    """Raise ``ValidationError`` on one field."""
    raise tk.ValidationError({field: [words]})


def siren(data: DataDict, errors: Errors) -> str:
    """The SIREN of ``siren``, given as such or as a SIRET; empty when it is none."""
    try:
        found = str(budget_siren_or_siret(str(data.get("siren") or "").strip()))[:9]
    except tk.Invalid as invalid:
        errors.say("siren", str(invalid.error))
        return ""
    if not found:
        errors.say("siren", tk._("Say for which local government: its SIREN, 9 digits"))
    return found


def name(data: DataDict, siren: str, errors: Errors) -> str:
    """Name of a collectivité: that of its organisation, else the directory's, else the one given."""
    theirs = organizations.in_charge_of(siren) if siren else None
    if theirs is not None and organizations.of_siren(siren) is theirs:
        return str(theirs.title or theirs.name)
    known = directory().by_siren(siren) if siren else None
    given = text(data, "name", errors)
    if known is None and not given and siren:
        errors.say("name", tk._("No local government of this SIREN is known: give its name"))
    return known.name if known is not None else given


def text(data: DataDict, field: str, errors: Errors) -> str:
    """A short text on one line."""
    found = " ".join(str(data.get(field) or "").split())
    if len(found) > LONGEST:
        errors.say(field, tk._("At most {n} characters").format(n=LONGEST))
    return found


def address(data: DataDict, field: str, errors: Errors) -> str:
    """A web address, or nothing."""
    found = text(data, field, errors)
    if found and not found.startswith(("https://", "http://")):
        errors.say(field, tk._("Write the whole address, with https://"))
    return found


def terms(data: DataDict, kind: str, errors: Errors) -> Terms:
    """The terms that were sent; what is wrong with them is among the errors."""
    stages = data.get("etapes") or []
    made = Terms(
        kind,
        day(data, "starts", errors) or dt.date.today(),  # noqa: DTZ011  (the portal's calendar)
        day(data, "ends", errors),
        year(data, "exercice_from", errors),
        year(data, "exercice_to", errors),
        tuple(dict.fromkeys(str(s) for s in ([stages] if isinstance(stages, str) else stages))),
    )
    words = {
        "kind": tk._("Choose what the mandate allows: depot, subsidiarite or suppleance"),
        "dates": tk._("The last day is before the first one"),
        "year": tk._("This is not a year"),
        "years": tk._("The last year is before the first one"),
        "stages": tk._("The stages are BP, BS, DM, CA and CFU"),
    }
    for field, code in rules.faults(made).items():
        errors.say({"stages": "etapes"}.get(field, field), words[code])
    return made


def day(data: DataDict, field: str, errors: Errors) -> dt.date | None:
    """A day (``2026-01-31``)."""
    found = str(data.get(field) or "").strip()
    try:
        return dt.date.fromisoformat(found) if found else None
    except ValueError:
        errors.say(field, tk._("Write the day as 2026-01-31"))
        return None


def year(data: DataDict, field: str, errors: Errors) -> int | None:
    """A year."""
    found = str(data.get(field) or "").strip()
    try:
        return int(found) if found else None
    except ValueError:
        errors.say(field, tk._("This is not a year"))
        return None


def organization(data: DataDict, field: str, errors: Errors) -> model.Group | None:
    """An active organisation, by id or name."""
    given = data.get(field)
    found = model.Group.get(given) if given else None
    if found is not None and found.is_organization and found.state == "active":
        return found
    if given:
        errors.say(field, tk._("This organisation does not exist"))
    return None


def person(data: DataDict, field: str, errors: Errors) -> model.User | None:
    """An active account, by id or name."""
    given = str(data.get(field) or "").strip()
    found = model.User.get(given) if given else None
    if found is not None and found.state == "active":
        return found
    if given:
        errors.say(field, tk._("This account does not exist"))
    return None


def act(data: DataDict, errors: Errors) -> tuple[str, bytes] | None:
    """The act that was uploaded (``upload``): its name and bytes; a PDF, whatever it is called."""
    upload = data.get("upload")
    if not isinstance(upload, FileStorage) or not upload.filename:
        return None
    content = cast("bytes", upload.stream.read(ACT_BYTES + 1))
    if len(content) > ACT_BYTES:
        errors.say("upload", tk._("This file is over {n} MiB").format(n=ACT_BYTES >> 20))
    elif not content.startswith(b"%PDF-"):
        errors.say("upload", tk._("Attach the act as a PDF"))
    shown = "".join(c for c in upload.filename if c.isprintable() and c not in '\\/"')[-200:] or "mandat.pdf"
    return shown, content
