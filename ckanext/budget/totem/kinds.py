"""What a file is when it is no budget that can be converted: named, so that people are told what to send instead.

Told by content. The name of the file only decides between kinds that look alike in their first bytes.
"""

from __future__ import annotations

import re

from ckanext.budget.totem import sniff

_OLE = b"\xd0\xcf\x11\xe0"
_ROOT = re.compile(r"<(?:[\w.-]+:)?([A-Za-z_][\w.-]*)[\s>/]")
_SKIPPED = re.compile(r"<!--.*?-->|<\?.*?\?>|<!DOCTYPE[^>]*>", re.DOTALL)
#: parts of a PES Aller (Helios), by what they carry
_PES = (
    ("PES_DepenseAller", "kind_pes_depense"),
    ("PES_RecetteAller", "kind_pes_recette"),
    ("PES_Facture", "kind_pes_facture"),
    ("PES_ASAP", "kind_pes_facture"),
    ("PES_EtatAC", "kind_pes_etat"),
    ("PES_Etat", "kind_pes_etat"),
)
_ZIPPED = (
    (b"word/", "kind_text_document"),
    (b"application/vnd.oasis.opendocument.text", "kind_text_document"),
    (b"ppt/", "kind_presentation"),
    (b"application/vnd.oasis.opendocument.presentation", "kind_presentation"),
    (b"xl/", "kind_sheet"),
    (b"application/vnd.oasis.opendocument.spreadsheet", "kind_sheet"),
)
_OLD_OFFICE = (
    ("WordDocument", "kind_text_document"),
    ("PowerPoint Document", "kind_presentation"),
    ("Workbook", "kind_sheet"),
    ("Book", "kind_sheet"),
    ("EncryptedPackage", "kind_sheet"),
    ("__properties_version", "kind_mail"),
)
_IMAGES = (b"II*\0", b"MM\0*", b"BM", b"\0\0\0\x0cjP", b"8BPS")
#: headings of the DGFiP's «balances comptables» that nothing else has together
_BALANCE = {"exer", "ident", "nomen", "compte", "sd", "sc"}
_EXTENSIONS = {
    "doc": "kind_text_document", "docx": "kind_text_document", "odt": "kind_text_document", "rtf": "kind_text_document",
    "ppt": "kind_presentation", "pptx": "kind_presentation", "odp": "kind_presentation", "xls": "kind_sheet",
    "xlsx": "kind_sheet", "ods": "kind_sheet", "msg": "kind_mail",
}  # fmt: skip


def name_kind(head: bytes, filename: str | None = None) -> str:
    """What a file is, as the code of a message (``kind_pdf``, ``kind_balance_dgfip``… ``kind_unknown``).

    ``head`` is its first mebibyte (:func:`ckanext.budget.totem.sniff.read_head`).
    """
    return _binary(head, filename) or _written(head) or _by_name(filename) or "kind_unknown"


def _binary(head: bytes, filename: str | None) -> str | None:
    """Kinds known by their first bytes."""
    kind = sniff.sniff(head)
    if kind == "empty":
        return "empty_file"
    if b"%PDF-" in head[:1024]:
        return "kind_pdf_signed" if b"/ByteRange" in head or b"/adbe.pkcs7" in head else "kind_pdf"
    if head.startswith(_OLE):
        return _old_office(head) or _by_name(filename) or "kind_unknown"
    if kind == "image" or head.startswith(_IMAGES) or (head[:4] == b"RIFF" and head[8:12] == b"WEBP"):
        return "kind_image"
    if kind == "zip":
        return next((code for mark, code in _ZIPPED if mark in head), "kind_archive")
    return "kind_archive" if kind in ("gzip", "tar", "bzip2", "xz", "archive") else None


def _written(head: bytes) -> str | None:
    """Kinds that are text."""
    text = sniff.text_of(head).replace("\0", "")
    if re.search(r"<(?:!doctype\s+html|html|body|table)[\s>]", text[:4096], re.IGNORECASE):
        return "kind_html"
    return _xml(text) if sniff.looks_like_xml(head) else _text(text.lstrip("\ufeff \t\r\n"), head)


def _by_name(filename: str | None) -> str | None:
    return _EXTENSIONS.get((filename or "").rpartition(".")[2].lower())


def _old_office(head: bytes) -> str | None:
    return next((code for name, code in _OLD_OFFICE if name.encode("utf-16-le") in head), None)


def _xml(text: str) -> str:
    root = _ROOT.search(_SKIPPED.sub("", text[:65536]))
    name = root.group(1) if root else ""
    if name.lower() in ("pes_acquit", "pes_retour"):
        return "kind_pes_acquit"
    if name == "PES_Aller":
        return next((code for tag, code in _PES if f"<{tag}" in text or f":{tag}" in text), "kind_pes")
    if name in ("ARActe", "Acte", "EnveloppeMISILLCL", "RetourClassification"):
        return "kind_acte"
    if name == "Workbook" and "urn:schemas-microsoft-com:office:spreadsheet" in text[:4096]:
        return "kind_sheet_xml"
    return "kind_xml"


#: how texts of other kinds begin
_BEGINNINGS = (
    (r"\{\\rtf", "kind_text_document"),
    (r"\{\s*[\"}]|\[\s*(?:[\[{\"\]]|-?[0-9])", "kind_json"),
    (r"(?:From|Received|Return-Path|Delivered-To|Subject): ", "kind_mail"),
    (r"-----BEGIN |MIME-Version", "kind_signature"),
)


def _text(text: str, head: bytes) -> str | None:
    headings = {cell.strip(' "').lower() for cell in re.split(r"[;,\t|]", text[:4096].partition("\n")[0].strip())}
    if headings >= _BALANCE:
        return "kind_balance_dgfip"
    for beginning, code in _BEGINNINGS:
        if re.match(beginning, text):
            return code
    wide = head.startswith((b"\xff\xfe", b"\xfe\xff"))
    if not wide and any(byte < 9 or 13 < byte < 32 for byte in head[:4096]):
        return None
    return "kind_table" if len(headings) >= 3 else "kind_text"
