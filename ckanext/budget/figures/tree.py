"""Breakdowns that open down to the line: category → function → account, chapter → account → function.

A tree counts what the blocks count (opérations réelles, without the results carried over and 1068): its root is the
headline, and each line is in it once. Negative amounts stay negative; shares are then None.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_FLOOR, Decimal
from typing import Literal

from ckanext.budget.figures import categories as plain
from ckanext.budget.figures import formulas as f
from ckanext.budget.figures.categories import Categories, norm_of
from ckanext.budget.figures.document import Document
from ckanext.budget.figures.groups import ZERO, Group
from ckanext.budget.figures.values import Inhabitants
from ckanext.budget.nomenclature.plans import plan

Kind = Literal["root", "category", "function", "chapter", "account"]
#: code of what has no category: lines without function, or with one that the norm does not know
NONE = "none"
_CENT = Decimal("0.01")


@dataclass
class Node:
    """A piece of a breakdown, in euros. ``share`` is its part of the piece above, ``whole`` of the root (fractions;
    None where a part means nothing: a total that is not positive, a negative amount beside it). ``rank`` keeps a
    category's colour; ``to_check``: a function that its norm keeps in reserve."""

    kind: Kind
    code: str
    label: str
    amount: Decimal = ZERO
    share: Decimal | None = None
    whole: Decimal | None = None
    per_inhabitant: Decimal | None = None
    rank: int | None = None
    to_check: bool = False
    children: list[Node] = field(default_factory=list)

    @property
    def positive(self) -> bool:
        """Whether the children may be drawn as parts of a whole."""
        return self.amount > 0 and all(child.amount >= 0 for child in self.children)

    def find(self, *codes: str) -> Node | None:
        """The piece at the end of a path of codes; None when there is none."""
        here: Node | None = self
        for code in codes:
            here = next((c for c in here.children if c.code == code), None) if here else None
        return here


Step = tuple[Kind, str, str]
Row = tuple[Sequence[Step], Decimal]


def by_category(
    groups: Iterable[Group],
    document: Document,
    *,
    sense: str = "D",
    section: str = "",
    categories: Categories | None = None,
    inhabitants: Inhabitants | None = None,
    lang: str = "fr",
) -> Node:
    """Category → official function → account. ``groups`` are by function (:data:`~.groups.KEYS_BY_FUNCTION`). What has
    no function is under :data:`NONE`; see :func:`has_functions`."""
    categories = categories or plain.shipped()
    rows: list[Row] = []
    checks: set[str] = set()
    for g in _of_blocks(groups, sense, section):
        found = categories.of(document.nomenclature, g.fonction, by_function=document.by_function)
        top: Step = ("category", found.key, found.label(lang)) if found else ("category", NONE, "")
        if categories.reserved(document.nomenclature, g.fonction, by_function=document.by_function):
            checks.add(g.fonction)
        steps: list[Step] = [top, ("function", g.fonction, g.fonction_label), ("account", g.nature, g.nature_label)]
        rows.append((steps, g.amounts[document.amount]))
    root = nest(rows, inhabitants)
    for node in root.children:
        node.rank = categories[node.code].rank if node.code in categories else None
        for child in node.children:
            child.to_check = child.code in checks
    return root


def by_function(
    groups: Iterable[Group],
    document: Document,
    *,
    sense: str = "D",
    section: str = "",
    categories: Categories | None = None,
    inhabitants: Inhabitants | None = None,
) -> Node:
    """Official function (its first digit) → function → account, as the norm has them: what «function 2» is in the
    official forms, where a category may take another function's parts. Groups are by function."""
    norm = (categories or plain.shipped()).norm(document.nomenclature)
    chart = plan(norm_of(document.nomenclature), document.nomenclature, document.exercice)
    rows: list[Row] = []
    for g in _of_blocks(groups, sense, section):
        code = norm.function(g.fonction, by_function=document.by_function) if norm and g.fonction else None
        found = chart.find("R", code[0]) if chart and code else None
        top: Step = ("function", code[0], found.entry.label if found else "") if code else ("function", NONE, "")
        steps: list[Step] = [top, ("function", g.fonction, g.fonction_label), ("account", g.nature, g.nature_label)]
        rows.append((steps, g.amounts[document.amount]))
    return nest(rows, inhabitants)


def has_functions(groups: Iterable[Group], document: Document, categories: Categories | None = None) -> bool:
    """Whether a breakdown by category says something: the norm has functions, and some line of the blocks has one."""
    categories = categories or plain.shipped()
    return categories.norm(document.nomenclature) is not None and any(g.fonction for g in groups)


def by_chapter(
    groups: Iterable[Group],
    document: Document,
    *,
    sense: str = "D",
    section: str = "",
    inhabitants: Inhabitants | None = None,
) -> Node:
    """Chapter of the plan → account → function (when the groups are by function)."""
    rows: list[Row] = []
    for g in _of_blocks(groups, sense, section):
        steps: list[Step] = [("chapter", g.chapter, g.chapter_label), ("account", g.nature, g.nature_label)]
        if g.fonction:
            steps.append(("function", g.fonction, g.fonction_label))
        rows.append((steps, g.amounts[document.amount]))
    return nest(rows, inhabitants)


def _of_blocks(groups: Iterable[Group], sense: str, section: str) -> Iterable[Group]:
    sections = (section,) if section else ("F", "I")
    return (g for g in groups if any(f.in_block(g, one, sense) for one in sections))


def nest(rows: Iterable[Row], inhabitants: Inhabitants | None = None) -> Node:
    """A tree from paths and amounts: largest first, what has no category last; pieces of nothing are left out."""
    root = Node("root", "", "")
    index: dict[tuple[str, ...], Node] = {}
    for steps, amount in rows:
        if not amount:
            continue
        root.amount += amount
        above, path = root, ()
        for kind, code, label in steps:
            path = (*path, code)
            node = index.get(path)
            if node is None:
                node = index[path] = Node(kind, code, label)
                above.children.append(node)
            node.amount += amount
            above = node
    _finish(root, root, inhabitants)
    return root


def _finish(node: Node, root: Node, inhabitants: Inhabitants | None) -> None:
    node.per_inhabitant = inhabitants.per(node.amount) if inhabitants else None
    node.children.sort(key=lambda child: (child.code == NONE, -child.amount, child.code))
    for child in node.children:
        child.share = child.amount / node.amount if node.positive else None
        up = node.whole if node is not root else Decimal(1)
        child.whole = child.amount / root.amount if child.share is not None and up is not None else None
        _finish(child, root, inhabitants)


def per_hundred(node: Node) -> list[tuple[Node, Decimal]] | None:
    """«Sur 100 €»: euros of a hundred for each child, to the cent and exactly 100.00 in all (the cents left by
    rounding go to the largest remainders). None when the children are no parts of a whole."""
    if not node.positive or not node.children:
        return None
    exact = [child.amount * 100 / node.amount for child in node.children]
    euros = [part.quantize(_CENT, ROUND_FLOOR) for part in exact]
    left = int((Decimal(100) - sum(euros, ZERO)) / _CENT)
    for rank in sorted(range(len(exact)), key=lambda i: (euros[i] - exact[i], i))[:left]:
        euros[rank] += _CENT
    return list(zip(node.children, euros, strict=True))
