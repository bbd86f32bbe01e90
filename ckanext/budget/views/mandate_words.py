"""Mandates and requests in the words of the reader."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.budget.mandates.rules import KINDS, STAGES
from ckanext.budget.views import wording

#: days within which a mandate's end is announced
SOON = 60


def kind_name(kind: str) -> str:
    """Kind of a mandate, in two words at most."""
    return {
        "depot": tk._("Deposit in its name"),
        "subsidiarite": tk._("Help (subsidiarité)"),
        "suppleance": tk._("On behalf (suppléance)"),
    }.get(kind, kind)


def kind_meaning(kind: str) -> str:
    """What a mandate allows."""
    return {
        "depot": tk._("This account deposits in the name of the local government, and does nothing else."),
        "subsidiarite": tk._("The holder prepares the files; the local government looks at them and publishes them."),
        "suppleance": tk._("The holder publishes on behalf of the local government, and everyone can read so."),
    }.get(kind, "")


def kinds() -> list[dict[str, str]]:
    """The kinds, for a form."""
    return [{"value": kind, "name": kind_name(kind), "meaning": kind_meaning(kind)} for kind in KINDS]


def stages() -> list[dict[str, str]]:
    """The étapes, for a form."""
    return [{"value": stage, "name": wording.stage_name(stage)} for stage in STAGES]


def state_name(state: str) -> str:
    """State of a mandate or of a request."""
    return {
        "active": tk._("In force"),
        "future": tk._("Not in force yet"),
        "expired": tk._("Expired"),
        "ended": tk._("Ended"),
        "open": tk._("Waits for an answer"),
        "accepted": tk._("Accepted"),
        "refused": tk._("Refused"),
    }.get(state, state)


def mandate(found: Mapping[str, Any]) -> dict[str, Any]:
    """A mandate of the API, with ``kind_name``, ``meaning``, ``state_name``, ``dates``, ``scope``, ``soon`` (its last
    day is near) and ``url``."""
    return {
        **found,
        "kind_name": kind_name(found["kind"]),
        "meaning": kind_meaning(found["kind"]),
        "state_name": state_name(found["state"]),
        "dates": _dates(found),
        "scope": _scope(found),
        "soon": _is_soon(found),
        "url": tk.url_for("budget_mandates.show", mandate_id=found["id"]),
    }


def _dates(found: Mapping[str, Any]) -> str:
    starts = day(found["starts"])
    if not found["ends"]:
        return tk._("since {starts}").format(starts=starts)
    return tk._("from {starts} to {ends}").format(starts=starts, ends=day(found["ends"]))


def _scope(found: Mapping[str, Any]) -> str:
    stages = [wording.stage_name(stage) for stage in found["etapes"]]
    which = ", ".join(stages) or tk._("all the stages")
    return f"{_years(found)}, {which[:1].lower()}{which[1:]}" if not stages else f"{_years(found)}, {which}"


def _years(found: Mapping[str, Any]) -> str:
    first, last = found["exercice_from"], found["exercice_to"]
    if first is None and last is None:
        return tk._("All the years")
    if first == last:
        return tk._("Year {year}").format(year=first)
    if last is None:
        return tk._("Years from {year} on").format(year=first)
    if first is None:
        return tk._("Years up to {year}").format(year=last)
    return tk._("Years {first} to {last}").format(first=first, last=last)


def _is_soon(found: Mapping[str, Any]) -> bool:
    if not found["ends"] or found["state"] not in ("active", "future"):
        return False
    left = dt.date.fromisoformat(found["ends"]) - dt.date.today()  # noqa: DTZ011  (the portal's calendar)
    return left.days <= SOON


def day(text: str) -> str:
    """An ISO day or moment as a date."""
    return wording.date(dt.date.fromisoformat(text[:10]), tk.h.lang())


def request(found: Mapping[str, Any]) -> dict[str, Any]:
    """A request of the API, with ``state_name``, ``asked`` and ``answered_on`` (days) and ``url``."""
    return {
        **found,
        "state_name": state_name(found["state"]),
        "asked": day(found["created"]),
        "answered_on": day(found["answered"]) if found["answered"] else "",
        "url": tk.url_for("budget_requests.show", request_id=found["id"]),
    }


def behalf(said: Mapping[str, Any] | None) -> str:
    """«Published by … on behalf of …»; empty when the collectivité publishes alone."""
    if not said:
        return ""
    text = (
        tk._("Prepared by {by} and published by {whose}.")
        if said["kind"] == "subsidiarite"
        else tk._("Published by {by} on behalf of {whose}.")
    )
    return text.format(by=said["by"], whose=said["for"])


def of_dataset(package: Mapping[str, Any]) -> str:
    """As :func:`behalf`, from the fields of a dataset."""
    by, whose = package.get("published_by"), package.get("published_for")
    return behalf({"kind": "", "by": by, "for": whose}) if by and whose else ""
