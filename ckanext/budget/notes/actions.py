"""Actions on pinned texts: validate, authorise, write."""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.types import Context, DataDict
from markupsafe import Markup

from ckanext.budget.notes import core
from ckanext.budget.notes.items import LONGEST, Place, UnfitError, check_rendered, clean
from ckanext.budget.notes.models import BudgetNote

#: which parameter a fault is about
_FIELDS = {"empty": "text", "long": "text", "markup": "text", "tags": "text", "address": "text"}


@tk.side_effect_free
def budget_note_list(context: Context, data_dict: DataDict) -> list[dict[str, Any]]:
    """The texts that a collectivité pinned to its budget, the most general first: ``exercice`` (0: every year),
    ``stage`` (empty: every stage), ``dm_number``, ``item``, ``text`` (Markdown), ``html``, ``revision``, ``updated``.

    :param package_id: id or name of the dataset
    :type package_id: string
    """
    package = _package(data_dict)
    tk.check_access("budget_note_list", context, {"package_id": package.id})
    return [public(note) for note in core.of(package.id)]


def budget_note_update(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Pin a text to an item of a budget, in place of the one that was there (kept in its history).

    :param package_id: id or name of the dataset
    :type package_id: string
    :param text: a few sentences in Markdown: paragraphs, emphasis, lists and links; at most 1000 characters
    :type text: string
    :param exercice: the year (optional, default: every year)
    :type exercice: int
    :param stage: ``BP``, ``BS``, ``DM``, ``CA`` or ``CFU`` (optional, default: every stage of the year)
    :type stage: string
    :param dm_number: number of the amendment (optional, with ``DM`` only)
    :type dm_number: int
    :param item: ``headline``, or ``category:…``, ``function:…``, ``chapter:…``, ``account:…`` with a code (optional,
        default: the document, the year or the budget itself)
    :type item: string
    :param revision: the revision that was read (optional): the text is refused if another was pinned since
    :type revision: int
    """
    package = _package(data_dict)
    tk.check_access("budget_note_update", context, {"package_id": package.id})
    try:
        place, text = Place.read(data_dict), clean(data_dict.get("text"))
        check_rendered(rendered(text))
    except UnfitError as fault:
        raise _refusal(fault.code) from fault
    return public(_written(context, package.id, place, text, data_dict))


def budget_note_delete(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Remove a pinned text; its history stays for those who may edit the dataset.

    Takes what :py:func:`budget_note_update` takes, ``text`` apart, and:

    :param forget: delete the history too, for good (sysadmins only; optional, default: ``False``)
    :type forget: bool
    """
    package = _package(data_dict)
    forget = tk.asbool(data_dict.get("forget") or False)
    tk.check_access("budget_note_delete", context, {"package_id": package.id, "forget": forget})
    note = _existing(package.id, data_dict)
    if forget:
        core.forget([note])
        model.Session.commit()
    elif note.text:
        _written(context, package.id, core.place_of(note), "", data_dict)
    return {"package_id": package.id, "item": note.item, "deleted": True, "forgotten": forget}


@tk.side_effect_free
def budget_note_history(context: Context, data_dict: DataDict) -> list[dict[str, Any]]:
    """Every text pinned at a place, the latest first: ``revision``, ``text`` (empty: removed), ``user``, ``at``.

    Takes what :py:func:`budget_note_update` takes, ``text`` apart.
    """
    package = _package(data_dict)
    tk.check_access("budget_note_history", context, {"package_id": package.id})
    found = core.history(_existing(package.id, data_dict))
    return [{"revision": r.revision, "text": r.text, "user": _name(r.user_id), "at": r.at.isoformat()} for r in found]


def rendered(text: str) -> str:
    """A text as HTML, sanitised by CKAN."""
    return str(tk.h.render_markdown(text, auto_link=False))


def public(note: BudgetNote) -> dict[str, Any]:
    """A note as everyone may see it, who may see the dataset: no account is named."""
    return {
        "package_id": note.package_id,
        **vars(core.place_of(note)),
        "text": note.text,
        "html": shown(note.text),
        "revision": note.revision,
        "updated": note.updated.isoformat(),
    }


def shown(text: str) -> str:
    """The HTML of a text that was accepted; nothing but its characters if it no longer would be."""
    made = rendered(text)
    try:
        check_rendered(made)
    except UnfitError:
        return str(Markup("<p>{}</p>").format(text))
    return made


def _written(context: Context, package_id: str, place: Place, text: str, data_dict: DataDict) -> BudgetNote:
    given = str(data_dict.get("revision") or "")
    account = model.User.get(context.get("user"))
    try:
        note = core.write(
            package_id, place, text, account.id if account else None, int(given) if given.isdigit() else None
        )
    except core.OvertakenError as fault:
        model.Session.rollback()
        said = tk._("Somebody else changed this text while you were writing: read theirs, then write yours again")
        raise tk.ValidationError({"revision": [said]}) from fault
    model.Session.commit()
    return note


def _package(data_dict: DataDict) -> Any:
    package_id = tk.get_or_bust(data_dict, "package_id")
    package = model.Package.get(package_id) if isinstance(package_id, str) else None
    if package is None:
        raise tk.ObjectNotFound(tk._("Dataset not found"))
    return package


def _existing(package_id: str, data_dict: DataDict) -> BudgetNote:
    try:
        note = core.find(package_id, Place.read(data_dict))
    except UnfitError as fault:
        raise _refusal(fault.code) from fault
    if note is None:
        raise tk.ObjectNotFound(tk._("No text is pinned there"))
    return note


def _name(user_id: str | None) -> str:
    account = model.User.get(user_id) if user_id else None
    return account.display_name if account else ""


def _refusal(code: str) -> tk.ValidationError:
    return tk.ValidationError({_FIELDS.get(code, code): [sentence(code)]})


def sentence(code: str) -> str:
    """A fault of :data:`ckanext.budget.notes.items.FAULTS` in words: what, and what to do."""
    return {
        "exercice": tk._("This is not a year: write four digits, or nothing for every year"),
        "stage": tk._("This is not a stage of the budget: choose one, with its year"),
        "dm_number": tk._("Only an amendment has a number: leave it empty, or choose the stage “budget amendment”"),
        "item": tk._("This is nothing that a text can be pinned to: choose a kind in the list, and write its code"),
        "empty": tk._("Write at least one sentence"),
        "long": tk._(
            "This text is too long: {n} characters at most, put the rest on your own site and link to it"
        ).format(n=LONGEST),
        "markup": tk._(
            "HTML is not accepted: write plain sentences, **bold**, *italics*, lists and [links](https://…)"
        ),
        "tags": tk._(
            "Only paragraphs, bold, italics, lists and links can be pinned: take titles, images and tables away"
        ),
        "address": tk._("A link must start with https://, http:// or mailto:"),
    }[code]
