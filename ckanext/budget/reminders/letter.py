"""A reminder as a mail: plain text, one link to the desk a document, one to stop."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import ckan.plugins.toolkit as tk

from ckanext.budget.messages import Tongue
from ckanext.budget.reminders import store
from ckanext.budget.reminders.when import Moment
from ckanext.budget.territory.expected import ACCOUNT
from ckanext.budget.views import wording


@dataclass(frozen=True)
class Missing:
    """A document that a collectivité lacks at a moment; ``annexe``: name of its budget, empty for the principal."""

    siren: str
    name: str
    moment: Moment
    annexe: str = ""

    @property
    def key(self) -> str:
        """What is remembered once it was sent."""
        return f"{self.moment.key} {self.annexe}".strip()


@dataclass(frozen=True)
class Letter:
    """A mail to be sent."""

    subject: str
    body: str
    headers: dict[str, str]


def write(missing: list[Missing], say: Tongue, *, name: str, user_id: str) -> Letter:
    """The mail to the person of that name."""
    first = missing[0]
    subject = say.gettext("{document} of {name}").format(document=_document(first, say), name=first.name)
    if len(missing) > 1:
        n = len(missing) - 1
        subject += " " + say.ngettext("and {n} other document", "and {n} other documents", n).format(n=n)
    subject += say.gettext(": ") + say.gettext("to be published")
    stop = _page("budget_pages.stop_reminders", jeton=store.token(user_id))
    parts = [
        say.gettext("Hello {name},").format(name=name),
        say.gettext("You asked to be reminded of the budget documents that are still to be published."),
        *(_paragraph(one, say) for one in missing),
        say.gettext(
            "The file is the one that your finance software sends to the prefecture (TotEM, .xml). Drop it, look at "
            "what the portal says of it, publish: it takes a minute. If it is published already, ignore this mail."
        ),
        say.gettext("To get no such mail any more:") + "\n" + stop,
        str(tk.config["ckan.site_title"]),
    ]
    headers = {"Auto-Submitted": "auto-generated", "List-Unsubscribe": f"<{stop}>"}
    return Letter(" ".join(subject.split()), "\n\n".join(parts) + "\n", headers)


def _document(one: Missing, say: Tongue) -> str:
    slot = one.moment.slot
    name = say.gettext("Account (CA or CFU)") if slot == ACCOUNT else wording.stage_name(slot, 0, say.gettext)
    return f"{name} {one.moment.exercice}"


def _paragraph(one: Missing, say: Tongue) -> str:
    moment = one.moment
    days = {
        "vote": wording.date(moment.due.vote, say.code),
        "transmission": wording.date(moment.due.transmission, say.code),
    }
    if moment.when == "before":
        said = say.gettext("It is voted by {vote} and sent to the prefecture by {transmission} at the latest.")
    else:
        said = say.gettext(
            "It was to be voted by {vote} and sent to the prefecture by {transmission}; it is not here."
        )
    whose = f"{one.name} ({one.annexe})" if one.annexe else one.name
    head = f"- {whose}{say.gettext(': ')}{_document(one, say)}"
    asked = {"siren": one.siren, "exercice": moment.exercice, "etape": moment.slot}
    return "\n".join([head, f"  {said.format(**days)}", f"  {_page('budget_pages.deposit', **asked)}"])


def _page(endpoint: str, **values: Any) -> str:
    """A whole address, in no language in particular."""
    return f"{tk.h.url_for(endpoint, qualified=True, locale='default')}?{urlencode(values)}"
