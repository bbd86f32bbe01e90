"""Words of the glossary in a page: a dotted underline, the definition on hover and focus, a link without scripts.

The definition is dismissed by Escape, can be pointed at, and is read by screen readers (WCAG 1.4.13); ``terms.js`` does
what CSS can't. Without it the word is a link to its place in the glossary, which still describes it.
"""

from __future__ import annotations

import re

import ckan.plugins.toolkit as tk
from markupsafe import Markup, escape

from ckanext.budget.words import glossary

#: «[internal entries|ordre]» in a sentence: the words as they are read, and the id of the glossary
MARKED = re.compile(r"\[([^\[\]|]+)\|([a-z0-9-]+)\]")

_WORD = Markup(
    '<span class="budget-term"><a href="{url}" aria-describedby="{uid}">{text}</a>'
    '<span class="budget-term-tip" role="tooltip" id="{uid}"><strong>{name}</strong> {definition}</span></span>'
)


def term(term_id: str, text: str | None = None) -> Markup:
    """A word with its definition; ``text`` when the page says it otherwise than the glossary. An unknown id is a fault
    of the page (``KeyError``)."""
    found = glossary.terms(glossary.language(tk.h.lang()))[term_id]
    for asset in ("budget/budget-words-css", "budget/budget-terms-js"):
        tk.h.include_asset(asset)
    tk.g.budget_terms = tk.g.get("budget_terms", 0) + 1
    return _WORD.format(
        url=tk.h.url_for("budget_words.glossary", _anchor=found.id),
        uid=f"budget-term-{tk.g.budget_terms}-{found.id}",
        text=text or found.name,
        name=found.name[:1].upper() + found.name[1:],
        definition=found.definition,
    )


def sentence(text: str) -> Markup:
    """A translated sentence whose marked words (``[internal entries|ordre]``) get their definition; the rest is
    escaped. Brackets that name no word stay as they are (a sentence may hold what a file says)."""
    known = glossary.terms("en")
    out, end = Markup(""), 0
    for found in MARKED.finditer(text):
        if found[2] not in known:
            continue
        out += escape(text[end : found.start()]) + term(found[2], found[1])
        end = found.end()
    return out + escape(text[end:])
