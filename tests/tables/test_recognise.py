"""What is a table, and what other files are called."""

from __future__ import annotations

import io
import zipfile

import pytest

from ckanext.budget.messages import MESSAGES
from ckanext.budget.tables.recognise import recognise
from ckanext.budget.totem import sniff
from ckanext.budget.totem.kinds import name_kind
from dev import fixtures
from tests.tables.made import PLAIN, csv_of, line, ods, ole, standard, table, xls, xlsx

BALANCE = (
    b"EXER;IDENT;NDEPT;LBUDG;INSEE;CBUDG;CTYPE;CSTYP;NOMEN;SIREN;COMPTE;BEDEB;BECRE;OBNETDEB;SD;SC\r\n2021;1\r\n"
)


def kind_of(content: bytes) -> str | None:
    head = content[: sniff.HEAD]
    return recognise(head, sniff.sniff(head))


def zipped(*members: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as target:
        for member in members:
            name, _, text = member.partition("=")
            target.writestr(name, text)
    return out.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_an_scdl_csv_is_recognised_in_any_encoding_and_with_any_separator(encoding: str, separator: str) -> None:
    assert kind_of(csv_of(table(line()), separator, encoding)) == "scdl_csv"


def test_other_tables_of_lines_are_recognised_by_their_headings() -> None:
    assert kind_of(standard()) == "scdl_csv"
    assert kind_of(standard().lower()) == "scdl_csv"
    assert kind_of(csv_of([["Commune"], [], *table(line(), names=PLAIN)], ";")) == "table_csv"


@pytest.mark.parametrize("workbook", [xlsx, ods, xls])
def test_spreadsheets_are_recognised_by_content(workbook: object) -> None:
    assert kind_of(workbook(table(line()))) == "sheet"  # pyright: ignore[reportCallIssue]


def test_an_encrypted_workbook_is_a_spreadsheet() -> None:
    assert kind_of(ole(b"", "EncryptedPackage")) == "sheet"


@pytest.mark.parametrize(
    "content",
    [b"", b"x", BALANCE, b"nom;prenom\r\na;b\r\n", fixtures.document(), zipped("a.xml=<a/>"),
     zipped("word/document.xml="), ole(b"x" * 5000, "WordDocument"), b"{}", bytes(2000), b"\xff\xfe"],
)  # fmt: skip
def test_what_is_no_table_of_lines_is_none(content: bytes) -> None:
    assert kind_of(content) is None


PES = '<?xml version="1.0" encoding="ISO-8859-1"?><!-- x --><n:PES_Aller xmlns:n="http://www.minefi.gouv.fr/cp/helios/pes_v2/Rev0/aller"><EnTetePES/><{}/></n:PES_Aller>'


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty_file"),
        (b" \r\n ", "empty_file"),
        (b"%PDF-1.7\n...", "kind_pdf"),
        (b"%PDF-1.7\n/Type /Sig /ByteRange [0 1]", "kind_pdf_signed"),
        (b"\x89PNG\r\n\x1a\n", "kind_image"),
        (b"\xff\xd8\xff\xe0", "kind_image"),
        (b"II*\0abc", "kind_image"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "kind_image"),
        (zipped("[Content_Types].xml=", "word/document.xml="), "kind_text_document"),
        (zipped("mimetype=application/vnd.oasis.opendocument.text"), "kind_text_document"),
        (b"{\\rtf1 x}", "kind_text_document"),
        (ole(b"x" * 5000, "WordDocument"), "kind_text_document"),
        (zipped("[Content_Types].xml=", "ppt/presentation.xml="), "kind_presentation"),
        (ole(b"x" * 5000, "PowerPoint Document"), "kind_presentation"),
        (xlsx([["x"]]), "kind_sheet"),
        (zipped("a.txt=x"), "kind_archive"),
        (b"\x1f\x8b\x08\0", "kind_archive"),
        (PES.format("PES_DepenseAller").encode(), "kind_pes_depense"),
        (PES.format("PES_RecetteAller").encode(), "kind_pes_recette"),
        (PES.format("PES_Facture").encode(), "kind_pes_facture"),
        (PES.format("PES_PJ").encode("utf-16"), "kind_pes"),
        (b'<n:PES_Acquit xmlns:n="x"><ACQUIT/></n:PES_Acquit>', "kind_pes_acquit"),
        (b'<actes:ARActe xmlns:actes="x"/>', "kind_acte"),
        (b"<?xml version='1.0'?><rss/>", "kind_xml"),
        (b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>', "kind_sheet_xml"),
        (b"<!DOCTYPE html><html><body/></html>", "kind_html"),
        (
            b"<html xmlns:x='urn:schemas-microsoft-com:office:excel'><table><tr><td>1</td></tr></table></html>",
            "kind_html",
        ),
        (b'{"exercice": 2021}', "kind_json"),
        (b"[1, 2]", "kind_json"),
        (BALANCE, "kind_balance_dgfip"),
        (b"nom;prenom;ville\r\na;b;c\r\n", "kind_table"),
        (b"Bonjour,\nvoici le budget.", "kind_text"),
        (b"From: a@example.org\nSubject: budget\n", "kind_mail"),
        (b"-----BEGIN PKCS7-----\nMIIB", "kind_signature"),
        (b"\x01\x02\x03\x04" * 9, "kind_unknown"),
    ],
)
def test_a_file_is_named_for_what_it_is(content: bytes, code: str) -> None:
    assert name_kind(content[: sniff.HEAD]) == code
    assert MESSAGES[code].remedy


def test_its_name_decides_only_when_its_content_does_not() -> None:
    noise = ole(b"x" * 5000, "Autre")
    assert name_kind(noise, "note.DOC") == "kind_text_document"
    assert name_kind(noise) == "kind_unknown"
    assert name_kind(b"%PDF-1.4", "budget.xlsx") == "kind_pdf"
