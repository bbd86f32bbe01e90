"""The receipt of a batch as a mail: plain text, failures first, public addresses ready to be passed on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.budget.messages import NP_, Tongue
from ckanext.budget.registry import core
from ckanext.budget.views import addresses, wording

#: most files told of one outcome: the page has them all
MOST = 100
#: outcomes by importance (what is not on line comes first), with their counts in words
_OUTCOMES = (
    ("failed", NP_("{n} file not published by our fault", "{n} files not published by our fault")),
    ("refused", NP_("{n} file refused", "{n} files refused")),
    ("expired", NP_("{n} file expired", "{n} files expired")),
    ("ready", NP_("{n} file ready", "{n} files ready")),
    ("published", NP_("{n} file published", "{n} files published")),
    ("superseded", NP_("{n} file published in the place of an earlier version",
                       "{n} files published in the place of an earlier version")),
    ("already", NP_("{n} file already published", "{n} files already published")),
)  # fmt: skip
#: outcomes of what is not on line
BAD = ("failed", "refused", "expired")
ON_LINE = ("published", "superseded")
#: a whole address, in no language in particular: whoever it is passed on to reads it in theirs
WHOLE: dict[str, Any] = {"qualified": True, "locale": "default"}


@dataclass(frozen=True)
class Letter:
    """A mail to be sent."""

    subject: str
    body: str


def write(batch: dict[str, Any], say: Tongue, name: str) -> Letter:
    """The mail about an ended batch (as :func:`ckanext.budget.deposit.described.batch` gives it, in the words of
    ``say``) to the person of that name."""
    when = dt.datetime.fromisoformat(batch["created"]).astimezone(tk.h.get_display_timezone())
    date = wording.date(when.date(), say.code)
    counted = ", ".join(_counted(batch, say))
    subject = say.gettext("Deposit of {date}").format(date=date) + say.gettext(": ") + counted
    parts = [
        say.gettext("Hello {name},").format(name=name),
        say.gettext("Your deposit of {date}, {hour}, has ended: {counts}.").format(
            date=date, hour=f"{when:%H:%M}", counts=counted
        ),
        *_files(batch, say),
        *_addresses(batch, say),
        say.gettext("The whole receipt:") + "\n" + _page("budget_pages.batch", batch_id=batch["batch_id"]),
        say.gettext("To choose which receipts you get by mail:") + "\n" + _page("budget_preferences.show"),
        str(tk.config["ckan.site_title"]),
    ]
    return Letter(" ".join(subject.split()), "\n\n".join(parts) + "\n")


def _counted(batch: dict[str, Any], say: Tongue) -> Iterator[str]:
    for status, words in _OUTCOMES:
        n = batch["counts"].get(status, 0)
        if n:
            yield say.ngettext(*words, n).format(n=wording.count(n, say.code))


def _files(batch: dict[str, Any], say: Tongue) -> Iterator[str]:
    """One paragraph an outcome: its files, why and what to do."""
    titles = {
        "failed": say.gettext("Not published, by a fault of the portal"),
        "refused": say.gettext("Refused"),
        "expired": say.gettext("Expired"),
        "ready": say.gettext("Ready"),
        "published": say.gettext("Published"),
        "superseded": say.gettext("Published, in the place of the earlier version"),
        "already": say.gettext("Already published"),
    }
    for status, _ in _OUTCOMES:
        found = [document for document in batch["documents"] if document["status"] == status]
        lines = [_file(document, say) for document in found[:MOST]]
        if len(found) > MOST:
            n = len(found) - MOST
            lines.append(say.ngettext("and {n} other", "and {n} others", n).format(n=wording.count(n, say.code)))
        if lines:
            yield "\n".join([f"{titles[status]}{say.gettext(': ')}".rstrip(), *lines])


def _file(document: dict[str, Any], say: Tongue) -> str:
    lines = [f"- {document['filename']}"]
    if document["exercice"]:
        title = wording.stage_name(document["etape"] or "", document["dm_number"], say.gettext)
        whose = " – ".join(part for part in (document["name"], f"{title} {document['exercice']}") if part)
        lines.append(f"  {whose}")
    said = document["message"]
    if said.get("what"):
        what = f"{said['what']} ({said['where']})" if said["where"] else said["what"]
        lines.append("  " + " ".join(f"{part}." for part in (what, said["remedy"]) if part))
    url = _document(document)
    return "\n".join([*lines, *([f"  {url}"] if url else [])])


def _document(document: dict[str, Any]) -> str:
    """Where a document of a dataset that everyone sees is read; empty for others."""
    found = core.document(document["document_id"]) if document["document_id"] else None
    if found is None or _public(document) is None or document["status"] not in (*ON_LINE, "already"):
        return ""
    return addresses.of_document(found, **WHOLE)


def _addresses(batch: dict[str, Any], say: Tongue) -> Iterator[str]:
    found: dict[str, str] = {}
    for document in batch["documents"]:
        package = _public(document) if document["status"] in (*ON_LINE, "already") else None
        if package is not None:
            siret = document["siret"]
            url = addresses.of_budget(siret, **WHOLE) if siret else _page(f"{package.type}.read", id=package.name)
            found[url] = f"- {package.title or package.name}{say.gettext(': ')}{url}"
    if found:
        title = say.gettext("Public addresses, ready to be sent") + say.gettext(": ")
        yield "\n".join([title.rstrip(), *found.values()])


def _public(document: dict[str, Any]) -> model.Package | None:
    package = model.Package.get(document["package_id"]) if document["document_id"] else None
    return package if package is not None and package.state == "active" and not package.private else None


def _page(endpoint: str, **values: str) -> str:
    return tk.h.url_for(endpoint, **WHOLE, **values)
