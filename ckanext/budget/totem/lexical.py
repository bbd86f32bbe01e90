"""Budgets as bytes: the runs of plain elements that the parser need not tell of one by one.

Nine tenths of a budget are empty elements written in one way, ``<Name V="…"/>``. The parser reads a run of them in
silence, and what is to be hidden in it is found by its tag. The pattern is strict and small: what it does not recognise
(prefixes, other attributes, single quotes, text, comments…), and what depends on its record, is told element by
element, which is slower and no less sure.
"""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from collections.abc import Iterable

from ckanext.budget.totem.feed import Limits
from ckanext.budget.totem.occult_rules import ALWAYS, LABELS, LISTED

#: bounds of what is plain: bytes of a name, a code, a value, the blanks between two tags; attributes of a tag
_NAME, _CODE, _VALUE, _GAP, _ATTRIBUTES = 64, 100, 1000, 1000, 2


def any_of(names: Iterable[str]) -> str:
    """Expression for one of these names, gathered by first letter (tried at every tag of a file)."""
    letters: dict[str, list[str]] = defaultdict(list)
    for name in sorted(names):
        letters[name[0]].append(re.escape(name[1:]))
    return "|".join(f"{letter}(?:{'|'.join(rests)})" for letter, rests in letters.items())


#: no way back into what was matched: the same matches, in half the time (unknown to Python 3.10)
_P = "+" if sys.version_info >= (3, 11) else ""

_NEUTRAL = rf"(?!{any_of(LISTED - ALWAYS)})"
_NAMED = rf"{_NEUTRAL}[A-Za-z0-9_]{{1,{_NAME}}}{_P}"
_EMPTY = rf'{_NAMED} (?:Code="[^"&<>]{{0,{_CODE}}}{_P}" V|V)="[^"]{{0,{_VALUE}}}{_P}" ?/>'
_BLANKS = rf"[ \t\r\n]{{0,{_GAP}}}{_P}"
#: the end of a record and the start of the next, of the same name
_NEXT = rf"/({_NAMED})>{_BLANKS}<\1>"

#: a run of plain empty elements, across records of one name: it opens and closes as many, and closes none but its own
#: parent; nothing but blanks lies between its tags (it may end with blanks)
RUN = re.compile(rf"(?:<(?:{_EMPTY}|{_NEXT}){_BLANKS})+{_P}".encode())

#: in a run, the values of labels to be checked
LABEL = re.compile(rf'<(?:{any_of(LABELS)}) (?:Code="[^"]*" )?V="([^"]*)"'.encode())
#: in a run, the fields always hidden: start of the tag, its code if any, start of its value, value
HIDE = re.compile(rf'(<(?:{any_of(ALWAYS)}) )(?:Code="([^"]*)" )?(V=")([^"]*)'.encode())


def within(limits: Limits) -> bool:
    """Whether a plain tag, and the blanks after it, always keep within these limits."""
    return min(limits.attribute, limits.text) >= max(_CODE, _VALUE, _GAP) and limits.attributes >= _ATTRIBUTES


def elements(run: bytes) -> int:
    """How many elements start in a run."""
    return run.count(b"<") - run.count(b"</")
