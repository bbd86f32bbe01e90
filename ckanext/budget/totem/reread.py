"""The occulted copy read again, by other means, before it is stored: nothing listed may be left in it.

The occulter follows a parser; this reading knows bytes only: tags, quotes, references. It shares the table of rules
with the occulter, and nothing of the way it decides. That the copy is well-formed is known (its bytes outside what
was hidden are the source's, which was parsed); so a ``<`` always opens a tag, since nothing else is left.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import BinaryIO

from ckanext.budget.annexes.persons import doubtful, looks_like_person
from ckanext.budget.errors import Refusal
from ckanext.budget.totem.occult_rules import ALWAYS, ATTRIBUTES, DROPPED, HIDDEN, LABELS, UNLESS

#: bytes read at a time; bytes in which the declaration stands
_BLOCK, _START = 1 << 16, 1024
#: longest tag: no file that passed the limits has one
_LONGEST = 64 << 20
#: most tags remembered as harmless; most prefixes looked for by their name
_REMEMBERED, _PREFIXES = 2_000, 20

_HEAD = re.compile(rb"(?:\xef\xbb\xbf)?[ \t\r\n]*(?:<\?xml[ \t\r\n][^<>]*\?>)?")
_ENCODING = re.compile(rb"encoding[ \t\r\n]*=[ \t\r\n]*[\"']([A-Za-z0-9._:-]+)")
_PREFIX = re.compile(rb"xmlns:([^\s=\"'<>/]+)")
_ATTRIBUTE = re.compile(rb"([^\s=\"'<>/]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")
_TAG = re.compile(rb"<(/?)([^\s<>/\"'=]+)((?:\s+[^\s=\"'<>/]+\s*=\s*(?:\"[^\"]*\"|'[^']*'))*)\s*(/?)>")
_TEXT = re.compile(rb">(?![ \t\r\n]*<)")
_BLANKS = re.compile(rb"(?:[ \t\r\n]|&#(?:0*(?:9|10|13|32)|x0*(?:9|[Aa]|[Dd]|20));)*<")
_REFERENCE = re.compile(r"&(?:#x([0-9A-Fa-f]+)|#([0-9]+)|(amp|lt|gt|quot|apos));")
_NAMED = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}

_CONDITIONAL = frozenset(name for _, _, fields in UNLESS.values() for name in fields)
_DISCRIMINATORS = frozenset(name for name, _, _ in UNLESS.values())
#: a tag that says nothing but a label, and what follows it
_PLAIN_LABEL = re.compile(
    rf'({"|".join(sorted(LABELS - ALWAYS - DROPPED - _CONDITIONAL - frozenset(UNLESS)))}) V="([^"]*)" ?/>[ \t\r\n]*'
    .encode()
)  # fmt: skip


def _any_tag_of(names: frozenset[str], prefixes: frozenset[bytes]) -> bytes:
    """Expression for a tag of one of these names, behind its ``<``."""
    letters: dict[str, list[str]] = {}
    for name in sorted(names):
        letters.setdefault(name[0], []).append(name[1:])
    either = "|".join(f"{letter}(?:{'|'.join(rests)})" for letter, rests in letters.items()).encode()
    prefix = b"|".join(re.escape(prefix) for prefix in sorted(prefixes))
    if len(prefixes) > _PREFIXES:
        prefix = b"[^ \t\r\n<>/:\"'=]+"
    return b"(?:(?:" + prefix + b"):)?(?:" + either + b")[ \t\r\n/>]"


def _watched(prefixes: frozenset[bytes]) -> re.Pattern[bytes]:
    """Comments, instructions, CDATA; and tags that the rules name, with what follows up to the next tag (and ``</`` if
    that one closes)."""
    names = ALWAYS | DROPPED | LABELS | _CONDITIONAL | frozenset(UNLESS)
    return re.compile(b"<((?:[!?]|" + _any_tag_of(names, prefixes) + b")[^<]*(?:</)?)")


def _of_a_record(prefixes: frozenset[bytes]) -> re.Pattern[bytes]:
    """All tags but plain empty elements that say nothing of the record's fields."""
    names = _CONDITIONAL | _DISCRIMINATORS | frozenset(UNLESS)
    return re.compile(b"<(?:" + _any_tag_of(names, prefixes) + b'|(?![A-Za-z0-9_]+ V="[^"<>]*"/>))')


def verify(copy: BinaryIO) -> None:
    """Read an occulted copy (seekable; it is rewound) to its end.

    Raises :class:`Refusal` «occultation_failed», whose ``element`` names what is left (never its value): a listed
    field with a value, a part that goes, text, a comment or an instruction, a label that looks like a person's.
    """
    copy.seek(0)
    try:
        _Reading(copy).run()
    except (LookupError, UnicodeError) as error:
        raise Refusal("occultation_failed") from error
    finally:
        copy.seek(0)


def _left(element: str) -> Refusal:
    return Refusal("occultation_failed", element=element)


@dataclass
class _Open:
    """An open record; ``said`` is what it says of the beneficiary, ``field`` its first field that has a value."""

    name: str
    depth: int
    said: list[str | None]
    field: str = ""

    def close(self) -> None:
        shown = UNLESS[self.name][1]
        if self.field and not (self.said and all(value in shown for value in self.said)):
            raise _left(f"{self.name}/{self.field}")


class _Reading:
    def __init__(self, copy: BinaryIO) -> None:
        self._copy = copy
        self._codec = "utf-8"
        self._records: list[_Open] = []
        self._depth = 0  # open elements, from the outermost open record on
        self._harmless: set[bytes] = set()  # tags seen before
        self._labels: list[tuple[str, str]] = []  # text and element of labels yet to be looked at
        self._prefixes: frozenset[bytes] = frozenset()
        self._know({b"xml"})

    def _know(self, prefixes: Iterable[bytes]) -> None:
        self._prefixes = self._prefixes.union(prefixes)
        self._watched, self._of_a_record = _watched(self._prefixes), _of_a_record(self._prefixes)

    def run(self) -> None:
        """Read the copy in parts that hold whole tags; the last two tags seen wait for what follows them."""
        held, first = b"", True
        for block in self._blocks():
            held += block
            if first and (len(held) >= _START or not block):
                first, held = False, self._behind_the_declaration(held)
            if first:
                continue
            cut = held.rfind(b"<", 0, max(held.rfind(b"<"), 0)) if block else len(held)
            if not block:
                held += b"<"  # as if another tag came
            if cut > 0:
                self._part(held, cut)
                held = held[cut:]
            elif len(held) > _LONGEST:
                raise Refusal("occultation_failed")
        if self._records:
            raise Refusal("occultation_failed")

    def _blocks(self) -> Iterator[bytes]:
        """The bytes, those of UTF-16 as UTF-8; an empty block ends them."""
        head = self._copy.read(2)
        self._copy.seek(0)
        wide = {b"\xff\xfe": "utf-16-le", b"<\0": "utf-16-le", b"\xfe\xff": "utf-16-be", b"\0<": "utf-16-be"}.get(
            head
        )
        decoder = codecs.getincrementaldecoder(wide)() if wide else None
        while block := self._copy.read(_BLOCK):
            if text := decoder.decode(block).encode() if decoder else block:
                yield text
        yield b""

    def _behind_the_declaration(self, start: bytes) -> bytes:
        head = _HEAD.match(start)
        declaration = head[0] if head else b""
        if (encoding := _ENCODING.search(declaration)) and b"utf-16" not in encoding[1].lower():
            self._codec = codecs.lookup(encoding[1].decode()).name
        return start[len(declaration) :]

    # -- what is looked for, in held[:cut] (the two bytes behind it tell whether the next tag closes)

    def _part(self, held: bytes, cut: int) -> None:
        part = held[: cut + 1]
        if b"xmlns:" in part and not self._prefixes.issuperset(prefixes := _PREFIX.findall(part)):
            self._know(prefixes)
        watched = set(self._watched.findall(held, 0, cut + 2))
        ordered = bool(self._records)
        if len(self._harmless) > _REMEMBERED:
            self._harmless.clear()
        new = watched.difference(self._harmless)
        for tag in new.difference(self._plain_labels(new)):
            if self._alone(tag):
                self._harmless.add(tag)
            else:
                ordered = True
        self._look_at_labels()
        self._texts(part)
        for name in ATTRIBUTES:
            self._attributes_named(name.encode(), part)
        if ordered:
            self._in_order(part)

    def _texts(self, part: bytes) -> None:
        """Nothing but blanks between two tags: what follows a ``>`` that is no tag's end is in quotes."""
        if part[: part.find(b"<")].strip(b" \t\r\n") and b"<" in part:
            raise _left("texte")
        seen = 0
        while found := _TEXT.search(part, seen):
            start = part.rfind(b"<", 0, found.start())
            tag = _TAG.match(part, start) if start >= 0 else None
            if tag is None or (tag.end() <= found.end() and not _BLANKS.match(part, found.end())):
                raise _left("texte")
            seen = max(tag.end() - 1, found.end())

    def _attributes_named(self, name: bytes, part: bytes) -> None:
        at = part.find(name)
        while at >= 0:
            tag = _TAG.match(part, max(part.rfind(b"<", 0, at), 0))
            if tag is None:
                raise Refusal("occultation_failed")
            for attribute in _ATTRIBUTE.finditer(tag[3]):
                if _local(attribute[1]) == name.decode() and not self._empty(attribute):
                    raise _left(f"{_local(tag[2])}/{name.decode()}")
            at = part.find(name, tag.end())

    def _alone(self, tag: bytes) -> bool:
        """Whether a tag (and what follows it) is harmless wherever it stands; refused if it is so nowhere."""
        if tag[:1] in b"!?":
            raise _left("commentaire")
        found = _TAG.match(b"<" + tag)
        if found is None:
            raise Refusal("occultation_failed")
        name = _local(found[2])
        if name in DROPPED:
            raise _left(name)
        if name in LABELS:
            self._label(found, name)
        if name in UNLESS:
            return False
        if name not in ALWAYS and name not in _CONDITIONAL:
            return True
        if not found[4] and tag[found.end() - 1 :] != b"</":  # nothing stands in a field
            raise _left(name)
        if not self._valued(found):
            return True
        if name in ALWAYS:
            raise _left(name)
        return False

    def _plain_labels(self, tags: Iterable[bytes]) -> set[bytes]:
        """Those of these tags that are plain labels, harmless but for their values (kept to be looked at)."""
        found = [match for match in map(_PLAIN_LABEL.fullmatch, tags) if match]
        self._labels += [(self._decoded(match[2]), _local(match[1])) for match in found]
        plain = {match[0] for match in found}
        self._harmless |= plain
        return plain

    def _label(self, tag: re.Match[bytes], name: str) -> None:
        for attribute in _ATTRIBUTE.finditer(tag[3]):
            if attribute[1] != b"Code":
                self._labels.append((self._text(attribute), name))

    def _look_at_labels(self) -> None:
        elements = dict(self._labels)
        self._labels.clear()
        for text in doubtful(list(elements)):
            if looks_like_person(text):
                raise _left(elements[text])

    def _valued(self, tag: re.Match[bytes]) -> bool:
        for attribute in _ATTRIBUTE.finditer(tag[3]):
            if not self._empty(attribute) and attribute[1] != b"xmlns" and not attribute[1].startswith(b"xmlns:"):
                return True
        return False

    # -- records, whose fields depend on what they say

    def _in_order(self, part: bytes) -> None:
        seen = 0
        while found := (self._of_a_record if self._records else self._watched).search(part, seen, len(part) - 1):
            tag = _TAG.match(part, found.start())
            if tag is None:
                raise Refusal("occultation_failed")
            seen = tag.end()
            if tag[1]:
                self._closed()
            else:
                self._opened(tag, _local(tag[2]))

    def _opened(self, tag: re.Match[bytes], name: str) -> None:
        record = self._records[-1] if self._records else None
        if record and name == UNLESS[record.name][0] and self._depth == record.depth + 1:
            record.said.append(self._said(tag))
        if name in _CONDITIONAL and name not in ALWAYS:
            if record is None or name not in UNLESS[record.name][2]:
                if self._valued(tag):
                    raise _left(name)
            elif not record.field and self._valued(tag):
                record.field = name
        if name in UNLESS:
            self._records.append(_Open(name, self._depth, []))
        if self._records:
            self._depth += 1
            if tag[4]:
                self._closed()

    def _closed(self) -> None:
        self._depth -= 1
        if self._records[-1].depth == self._depth:
            self._records.pop().close()

    # -- values

    def _said(self, tag: re.Match[bytes]) -> str | None:
        for attribute in _ATTRIBUTE.finditer(tag[3]):
            if attribute[1] == b"V":
                return self._text(attribute)
        return None

    def _empty(self, attribute: re.Match[bytes]) -> bool:
        return self._text(attribute).strip(" \t\r\n") in ("", HIDDEN)

    def _text(self, attribute: re.Match[bytes]) -> str:
        return self._decoded(attribute[2] if attribute[2] is not None else attribute[3])

    def _decoded(self, raw: bytes) -> str:
        try:
            text = raw.decode("utf-8")
        except UnicodeDecodeError:
            text = raw.decode("windows-1252" if self._codec == "utf-8" else self._codec, "replace")
        return _REFERENCE.sub(_character, text) if "&" in text else text


def _character(reference: re.Match[str]) -> str:
    if reference[3]:
        return _NAMED[reference[3]]
    number = int(reference[1], 16) if reference[1] else int(reference[2])
    return chr(number) if number < 0x110000 else "\ufffd"


@lru_cache(500)
def _local(name: bytes) -> str:
    return name.rpartition(b":")[2].decode("latin-1")
