"""What each document states for each of its codes: one row a code, a label, a section, a sense and a kind of operation.

About a fifth of the rows of ``budget_line``, and narrow: searches over every budget read these. They are made from the
lines whenever these are written, and go with them (:func:`ckanext.budget.registry.core.delete_lines`). ``amount`` is
the one that the étape states (executed in accounts, voted otherwise, proposed in a draft). SQL only, no ORM: the
migration fills the table with the same words.
"""

from __future__ import annotations

#: lower case without accents, the same for what is stored and what is asked (PostgreSQL's «unaccent» is an extension
#: that hosts do not always allow); capitals too: a database of locale C has no small letter for «É»
_ACCENTS = ("àâäáãåçéèêëíìîïñóòôöõúùûüýÿÀÂÄÇÉÈÊËÎÏÔÖÙÛÜ", "aaaaaaceeeeiiiinooooouuuuyyaaaceeeeiioouuu")


def folded(expression: str) -> str:
    """SQL of a text without case nor accents."""
    source, plain = _ACCENTS
    return f"replace(replace(translate(lower({expression}), '{source}’', '{plain} '), 'œ', 'oe'), 'æ', 'ae')"


def fold(text: str) -> str:
    """The same text as :func:`folded` makes it."""
    source, plain = _ACCENTS
    table = str.maketrans(source + "’", plain + " ")
    return text.lower().translate(table).replace("œ", "oe").replace("æ", "ae")


#: the words of a label, as they are searched
WORDS = f"to_tsvector('pg_catalog.french'::regconfig, {folded('label')})"


def words_of_name(column: str) -> str:
    """SQL of the words of the name of a document, as they are indexed and searched."""
    return f"to_tsvector('pg_catalog.simple'::regconfig, {folded(column)})"


_FILL = (
    """
INSERT INTO budget_code_total (document_id, number, kind, code, label, section, code_rd, ordre, amount, lines)
SELECT document_id, row_number() OVER (PARTITION BY document_id ORDER BY kind, code, label, section, code_rd, ordre),
       kind, code, label, section, code_rd, ordre, amount, lines
FROM (
    SELECT l.document_id, k.kind, k.code, k.label, l.section, l.code_rd, l.ordre,
           sum(coalesce(CASE WHEN d.stage IN ('CA', 'CFU') THEN l.mtreal WHEN d.is_draft THEN l.mtpropnouv
                        ELSE l.mtprev END, 0)) AS amount,
           count(*) AS lines
    FROM budget_line l
    JOIN budget_document d ON d.id = l.document_id
    CROSS JOIN LATERAL (VALUES ('nature', l.nature, l.nature_label),
                               ('fonction', l.fonction, coalesce(l.fonction_label, ''))) AS k (kind, code, label)
    WHERE k.code <> ''""",
    """
    GROUP BY 1, 2, 3, 4, 5, 6, 7
) AS sums
""",
)

#: of every document
FILL_ALL = "".join(_FILL)
#: of one, ``:document_id``
FILL_ONE = " AND l.document_id = :document_id".join(_FILL)
