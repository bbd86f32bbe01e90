"""Why the seal (Scellement) of a budget no longer matches its published copy.

What the seal covers, by the annotated XSD (TScellement): the document without its Scellement, in inclusive canonical
XML without comments; MD5 and SHA-1 of that. Verified on the stored real files: 27 of 31 sealed ones match both digests
once the element and the blanks after it are taken away (the four others were published with values hidden, or written
anew); the seal of a single financial account covers the whole of it. Canonical XML keeps every value: hiding one
changes both digests. Comments are outside the seal; text, and parts dropped whole, are inside.

The seal is no signature, and proves nothing in law: it tells whether the file was altered after it was sealed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from ckanext.budget.errors import Finding
from ckanext.budget.totem.model import Seal

#: ``none``: the file has no seal. ``broken``: values were hidden, so the copy can't match. ``as_source``: nothing was
#: hidden, the copy is the source byte for byte and matches if the source did (not verified)
State = Literal["none", "broken", "as_source"]


@dataclass(frozen=True)
class SealFacts:
    """What can be said of a copy's seal; ``hidden`` is the number of values and parts that were hidden."""

    state: State
    seal: Seal
    hidden: int = 0

    @property
    def finding(self) -> Finding:
        """The fact, to be told with the copy."""
        code = {"none": "seal_none", "broken": "seal_broken", "as_source": "seal_as_source"}[self.state]
        params = {"hidden": str(self.hidden), "date": self.seal.date, "md5": self.seal.md5, "sha1": self.seal.sha1}
        return Finding(code, params={} if self.state == "none" else params)


def seal_facts(seal: Seal, counts: Mapping[str, int]) -> SealFacts:
    """Facts about the seal of an occulted copy: ``seal`` as the source states it, ``counts`` of what was hidden.

    A file that was already occulted when it came hides nothing more: its seal is «as_source», and did not match.
    """
    hidden = sum(counts.values())
    if not (seal.md5 or seal.sha1):
        return SealFacts("none", seal, hidden)
    return SealFacts("broken" if hidden else "as_source", seal, hidden)
