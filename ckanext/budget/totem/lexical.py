"""Budgets as bytes: the runs of plain elements that the parser need not see.

Nine tenths of a budget are empty elements written in one way, ``<Name V="…"/>``. Where the parser stands between two
tokens, a run of them can be nothing else; it is passed over, and what is to be hidden in it is found by its tag. The
pattern is strict and small: what it does not recognise
(prefixes, other attributes, single quotes, text, comments…), and what depends on its record, is told element by
element, which is slower and no less sure.
"""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from collections.abc import Iterable

from ckanext.budget.totem.feed import Limits
from ckanext.budget.totem.occult_rules import ALREADY, ALWAYS, LABELS, LISTED, UNLESS

#: bounds of what is plain: bytes of a name, a code, a value, the blanks between two tags; attributes of a tag
_NAME, _CODE, _VALUE, _GAP, _ATTRIBUTES = 64, 100, 1000, 1000, 2


def any_of(names: Iterable[str]) -> str:
    """Expression for one of these names, gathered by first letter (tried at every tag of a file)."""
    letters: dict[str, list[str]] = defaultdict(list)
    for name in sorted(names):
        letters[name[0]].append(re.escape(name[1:]))
    return "|".join(f"{letter}(?:{'|'.join(rests)})" for letter, rests in letters.items())


#: what no value may hold
_NEVER = r"<\x00-\x08\x0b\x0c\x0e-\x1f"
#: no way back into what was matched: the same matches, in half the time (unknown to Python 3.10)
_P = "+" if sys.version_info >= (3, 11) else ""

_BLANKS = rf"[ \t\r\n]{{0,{_GAP}}}{_P}"


def _name(but: frozenset[str]) -> str:
    return rf"(?!{any_of(but)})[A-Za-z0-9_]{{1,{_NAME}}}{_P}"


def _empty(but: frozenset[str]) -> str:
    return rf'{_name(but)} (?:Code="[^"&<>]{{0,{_CODE}}}{_P}" V|V)="[^"{_NEVER}]{{0,{_VALUE}}}{_P}" ?/>'


#: the end of a record and the start of the next, of the same name
_NEXT = rf"/({_name(LISTED - ALWAYS)})>{_BLANKS}<\1>"


def _shown(record: str) -> str:
    """A record whose fields are all shown, from its name on: plain elements, and what says so."""
    discriminator, values, fields = UNLESS[record]
    plain = _empty(LISTED - fields)
    says = rf'{discriminator} V="(?:{"|".join(sorted(values))})" ?/>'
    either = rf"(?:<(?:{says}|{plain}){_BLANKS})*{_P}"
    return rf"{record}>{_BLANKS}(?:<{plain}{_BLANKS})*{_P}<{says}{_BLANKS}{either}</{record}>"


_SHOWN = rf"<(?:{'|'.join(map(_shown, sorted(UNLESS)))})"

#: a plain empty element of a run: fields always hidden bear no code, and no reference (which nobody would check)
_PLAIN = rf'(?!(?:{any_of(ALWAYS)}) (?:C|V="[^"&]*&)){_empty(LISTED - ALWAYS)}'
#: a run of plain empty elements, across records of one name: it opens and closes as many, and closes none but its own
#: parent; or a run of whole records (``records``) whose fields are all shown. Nothing but blanks lies between its tags
#: (it may end with blanks)
RUN = re.compile(rf"(?:<(?:{_PLAIN}|{_NEXT}){_BLANKS})+{_P}|(?P<records>(?:{_SHOWN}{_BLANKS})+{_P})".encode())
#: one record of such a run
RECORD = re.compile(_SHOWN.encode())
#: in a run, the values of labels to be checked
LABEL = re.compile(rf'<(?:{any_of(LABELS)}) (?:Code="[^"]*" )?V="([^"]*)"'.encode())
#: in a run, the fields always hidden whose value is not yet: up to that value (kept by a split), and the value
HIDE = re.compile(
    rf'(<(?:{any_of(ALWAYS)}) V=")'.encode() + rb"(?!(?:[ \t\r\n]*|" + b"|".join(sorted(ALREADY)) + rb')")[^"]*'
)


def within(limits: Limits) -> bool:
    """Whether a plain tag, and the blanks after it, always keep within these limits."""
    return min(limits.attribute, limits.text) >= max(_CODE, _VALUE, _GAP) and limits.attributes >= _ATTRIBUTES


def elements(run: bytes) -> int:
    """How many elements start in a run."""
    return run.count(b"<") - run.count(b"</")
