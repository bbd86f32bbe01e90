"""What wraps a budget: archives, compression, envelopes."""

from __future__ import annotations

from ckanext.budget.messages.model import N_, Message

_PACK_AGAIN = N_("Compress it again, or send the .xml file as it is")
_OWN_FILE = N_("Send the budget's own .xml file, as your finance software exports it (TotEM)")
_SPLIT = N_("Split the archive into several, or contact the administrators of the portal")
_OWN_MEMBER = N_("Take this file out of the archive and deposit it alone")

MESSAGES: dict[str, Message] = {
    "unwrapped": Message(
        N_("The budget was taken out of what wrapped it ({what}); nothing else of it was kept"),
        N_("There is nothing to do"),
    ),
    # -- compression
    "compressed_cut": Message(N_("This compressed file stops before its end"), _PACK_AGAIN),
    "compressed_damaged": Message(N_("This compressed file is damaged"), _PACK_AGAIN),
    "compressed_trailing": Message(N_("Something follows the content of this compressed file"), _PACK_AGAIN),
    "compressed_members": Message(
        N_("This compressed file holds several files in a row"), N_("Send each budget in a file of its own")
    ),
    "unpacked_bytes": Message(
        N_("Once decompressed, this file is over a limit of this portal ({value} at most)"),
        N_("Contact the administrators of the portal"),
    ),
    "unpacked_ratio": Message(
        N_("This file grows more than {value} times when it is decompressed, which a budget never does"),
        N_("Send the .xml file as it is"),
    ),
    "unpacked_seconds": Message(
        N_("This file takes too long to decompress ({value} seconds at most)"), N_("Send the .xml file as it is")
    ),
    "wrapped_deep": Message(
        N_("This budget is wrapped several times over: only one compression and one envelope are opened"), _OWN_FILE
    ),
    # -- envelopes
    "envelope_many": Message(
        N_("This envelope holds several budgets ({count})"), N_("Send each budget in a file of its own (TotEM)")
    ),
    "envelope_binary": Message(
        N_("This file is a binary signature or encryption (.p7m), out of which a budget can't be taken"), _OWN_FILE
    ),
    "envelope_encrypted": Message(N_("This file is encrypted"), _OWN_FILE),
    "envelope_archive": Message(
        N_("This envelope holds an archive that can't be opened to check what it holds"), _OWN_FILE
    ),
    "base64_damaged": Message(
        N_("The budget encoded in this file (base64) is damaged"),
        _OWN_FILE,
    ),
    # -- archives at the door
    "archive_budget": Message(
        N_("This archive holds a budget, and this page takes one file at a time, outside any archive"),
        N_("Take the .xml file out of it and deposit that file; the deposit desk says how: /budgets/deposer"),
    ),
    "archive_budgets": Message(
        N_("This archive holds {count} budgets, and this page takes one file at a time"),
        N_("Take the .xml files out of it and deposit them one by one; the deposit desk says how: /budgets/deposer"),
    ),
    # -- archives read member by member
    "archive_format": Message(
        N_("This archive is of a kind that is not read"), N_("Send a .zip archive, or the files one by one")
    ),
    "zip_damaged": Message(N_("This zip archive is damaged or cut"), N_("Make the archive again")),
    "zip_overlap": Message(
        N_("The files of this zip archive share the same bytes, which no honest archive does"),
        N_("Make the archive again"),
    ),
    "zip_contents": Message(N_("The table of contents of this zip archive is over a limit of this portal"), _SPLIT),
    "zip_members": Message(N_("This zip archive holds too many files ({value} at most)"), _SPLIT),
    "zip_bytes": Message(N_("Once decompressed, this zip archive is too big ({value} at most)"), _SPLIT),
    "zip_nested": Message(
        N_("This archive lies inside too many others ({value} levels at most)"),
        N_("Take the files out of the inner archives"),
    ),
    "member_encrypted": Message(
        N_("This file of the archive is protected by a password"), N_("Make the archive again without a password")
    ),
    "member_method": Message(N_("This file of the archive is compressed in a way that is not read"), _OWN_MEMBER),
    "member_damaged": Message(
        N_("This file of the archive is damaged, or its size is not the one that the archive states"), _OWN_MEMBER
    ),
}
