"""Who may do what: role × action × public or private × own or other, through the API and through the pages.

Each cell has one letter for each of «own public, own private, other public, other private» (:data:`world.TARGETS`). An
action or a page of ours without a row fails: add one here, and what it is asked about in ``ASKED`` or ``PATHS``. The
API's rows send what is refused *after* authorisation where the action would change something, so that «allowed» (200,
409) and «not allowed» (403, 404) are told apart and nothing changes under the next cell.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import ckan.plugins.toolkit as tk
import pytest
from ckan import authz, model
from ckan.lib import base
from flask import Flask

from ckanext.budget import views
from ckanext.budget.errors import Refusal
from ckanext.budget.ingest import reconversion
from ckanext.budget.logic import action, auth
from ckanext.budget.views import pdf
from tests.deposit.conftest import folder  # noqa: F401
from tests.roles.world import NOWHERE, ROLES, TARGETS, Sent, World, whose

pytestmark = [pytest.mark.ckan, pytest.mark.usefixtures("with_plugins", "folder")]

#: y: allowed, n: not allowed
API = """
action                         sysadmin regional admin editor depositor member stranger anonymous
budget_document_show           yyyy     ynyn     yyyn  yyyn   yyyn      yyyn   ynyn     ynyn
budget_document_list           yyyy     ynyn     yyyn  yyyn   yyyn      yyyn   ynyn     ynyn
budget_document_log            yyyy     ynyn     yyyn  yyyn   yyyn      yyyn   ynyn     ynyn
budget_document_withdraw       yyyy     nnnn     yynn  yynn   nnnn      nnnn   nnnn     nnnn
budget_document_restore        yyyy     nnnn     yynn  yynn   nnnn      nnnn   nnnn     nnnn
budget_document_reconvert      yyyy     nnnn     yynn  yynn   nnnn      nnnn   nnnn     nnnn
budget_document_purge          yyyy     nnnn     yynn  yynn   nnnn      nnnn   nnnn     nnnn
budget_document_purge:forget   yyyy     nnnn     nnnn  nnnn   nnnn      nnnn   nnnn     nnnn
budget_document_deposit        yyyy     yynn     yynn  yynn   yynn      nnnn   nnnn     nnnn
budget_deposit                 yyyy     yynn     yynn  yynn   yynn      nnnn   nnnn     nnnn
budget_deposit:anywhere        yyyy     yyyy     yyyy  yyyy   yyyy      nnnn   nnnn     nnnn
budget_deposit:batch           yyyy     yynn     yynn  yynn   yynn      nnnn   nnnn     nnnn
budget_batch_show              yyyy     yynn     yynn  yynn   yynn      yynn   yynn     nnnn
budget_batch_publish           yyyy     yynn     yynn  yynn   yynn      yynn   yynn     nnnn
budget_batch_list              yyyy     yyyy     yyyy  yyyy   yyyy      yyyy   yyyy     nnnn
budget_batch_waiting           yyyy     yyyy     yyyy  yyyy   yyyy      yyyy   yyyy     nnnn
budget_batch_approve           yyyy     nnnn     yynn  yynn   nnnn      nnnn   nnnn     nnnn
budget_batch_refuse            yyyy     nnnn     yynn  yynn   nnnn      nnnn   nnnn     nnnn
budget_mandate_create          yyyy     nnnn     yynn  nnnn   nnnn      nnnn   nnnn     nnnn
budget_mandate_create:nowhere  yyyy     yyyy     nnnn  nnnn   nnnn      nnnn   nnnn     nnnn
budget_mandate_update          yyyy     nnnn     yynn  nnnn   nnnn      nnnn   nnnn     nnnn
budget_mandate_list            yyyy     yyyy     yyyy  yyyy   yyyy      yyyy   yyyy     nnnn
budget_mandate_show            yyyy     yyyy     yynn  yynn   nnnn      nnnn   nnnn     nnnn
budget_mandate_show:held       yyyy     yyyy     yyyy  yyyy   yyyy      nnnn   nnnn     nnnn
budget_mandate_end             yyyy     nnnn     yynn  nnnn   nnnn      nnnn   nnnn     nnnn
budget_mandate_take_over       yyyy     nnnn     yynn  nnnn   nnnn      nnnn   nnnn     nnnn
budget_request_create          yyyy     yyyy     yyyy  yyyy   yyyy      yyyy   yyyy     nnnn
budget_request_list            yyyy     yyyy     yyyy  yyyy   yyyy      yyyy   yyyy     nnnn
budget_request_show            yyyy     yyyy     yynn  nnnn   nnnn      nnnn   yyyy     nnnn
budget_request_accept          yyyy     nnnn     yynn  nnnn   nnnn      nnnn   nnnn     nnnn
budget_request_accept:nowhere  yyyy     yyyy     nnnn  nnnn   nnnn      nnnn   nnnn     nnnn
budget_request_refuse          yyyy     yyyy     yynn  nnnn   nnnn      nnnn   nnnn     nnnn
budget_preference_show         yyyy     yynn     yynn  yynn   yynn      yynn   yynn     nnnn
budget_preference_update       yyyy     yynn     yynn  yynn   yynn      yynn   yynn     nnnn
budget_show                    yyyy     ynyn     yyyn  yyyn   yyyn      yyyn   ynyn     ynyn
budget_aggregate               yyyy     yyyy     yyyy  yyyy   yyyy      yyyy   yyyy     yyyy
budget_note_list               yyyy     ynyn     yyyn  yyyn   yyyn      yyyn   ynyn     ynyn
budget_note_update             yyyy     nnnn     yynn  yynn   nnnn      nnnn   nnnn     nnnn
budget_note_history            yyyy     nnnn     yynn  yynn   nnnn      nnnn   nnnn     nnnn
budget_note_delete             yyyy     nnnn     yynn  yynn   nnnn      nnnn   nnnn     nnnn
budget_note_delete:forget      yyyy     nnnn     nnnn  nnnn   nnnn      nnnn   nnnn     nnnn
budget_refusal_show            yyyy     yyyy     yynn  yynn   yynn      yynn   yynn     nnnn
budget_reminder_subscribe      yyyy     yyyy     yynn  yynn   yynn      yynn   nnnn     nnnn
budget_reminder_list           yyyy     yyyy     yyyy  yyyy   yyyy      yyyy   yyyy     nnnn
budget_reminder_unsubscribe    yyyy     yyyy     yyyy  yyyy   yyyy      yyyy   yyyy     nnnn
budget_coverage                yyyy     yyyy     yyyy  yyyy   yyyy      yyyy   yyyy     yyyy
budget_dictionary_show         yyyy     yyyy     yyyy  yyyy   yyyy      yyyy   yyyy     yyyy
budget_glossary_show           yyyy     yyyy     yyyy  yyyy   yyyy      yyyy   yyyy     yyyy
budget_territory_search        yyyy     yyyy     yyyy  yyyy   yyyy      yyyy   yyyy     yyyy
budget_territory_show          yyyy     yyyy     yyyy  yyyy   yyyy      yyyy   yyyy     yyyy
"""


def _document(world: World, role: str, target: str) -> dict[str, Any]:
    return {"id": world.documents[target]}


def _batch(world: World, role: str, target: str) -> dict[str, Any]:
    return {"id": world.batch_of(role, target)}


def _prepared(world: World, role: str, target: str) -> dict[str, Any]:
    return {"id": world.prepared[whose(target)]}


def _owner(target: str, world: World) -> str:
    return (world.a if whose(target) == "own" else world.b)["id"]


def _asked_of(world: World, target: str) -> dict[str, Any]:
    return {"package_id": world.datasets[target], **world.facts[target]}


ASKED: dict[str, Sent] = {
    "budget_document_show": _document,
    "budget_document_list": lambda w, r, t: {"package_id": w.datasets[t]},
    "budget_document_log": _document,
    "budget_document_withdraw": _document,  # without a reason
    "budget_document_restore": _document,  # not withdrawn
    "budget_document_reconvert": _document,  # the same comes out
    "budget_document_purge": _document,  # not withdrawn
    "budget_document_purge:forget": lambda w, r, t: {**_document(w, r, t), "forget": True},
    "budget_document_deposit": lambda w, r, t: _asked_of(w, t),  # an auth function without an action of its own
    "budget_deposit": lambda w, r, t: {"owner_org": _owner(t, w)},  # without a file
    "budget_deposit:anywhere": lambda w, r, t: {},
    "budget_deposit:batch": lambda w, r, t: {"batch_id": w.batch_of(r, t)},
    "budget_batch_show": _batch,
    "budget_batch_publish": _batch,  # nothing in it
    "budget_batch_list": lambda w, r, t: {},
    "budget_batch_waiting": lambda w, r, t: {},
    "budget_batch_approve": _prepared,  # its copy is gone
    "budget_batch_refuse": _prepared,  # without a reason
    "budget_mandate_create": lambda w, r, t: {"siren": w.facts[t]["siren"]},  # without a kind
    "budget_mandate_create:nowhere": lambda w, r, t: {"siren": NOWHERE},
    "budget_mandate_update": lambda w, r, t: {"id": w.live[whose(t)], "starts": "hier"},
    "budget_mandate_list": lambda w, r, t: {},
    "budget_mandate_show": lambda w, r, t: {"id": w.live[whose(t)]},
    "budget_mandate_show:held": lambda w, r, t: {"id": w.held},
    "budget_mandate_end": lambda w, r, t: {"id": w.ended[whose(t)]},  # ended already
    "budget_mandate_take_over": lambda w, r, t: {"id": w.ended[whose(t)]},
    "budget_request_create": lambda w, r, t: {"siren": w.facts[t]["siren"]},  # without a reason
    "budget_request_list": lambda w, r, t: {},
    "budget_request_show": lambda w, r, t: {"id": w.requests[whose(t)]},
    "budget_request_accept": lambda w, r, t: {"id": w.requests[whose(t)]},  # it has its answer
    "budget_request_accept:nowhere": lambda w, r, t: {"id": w.requests["nowhere"]},
    "budget_request_refuse": lambda w, r, t: {"id": w.requests[whose(t)]},
    "budget_preference_show": lambda w, r, t: {} if whose(t) == "own" else {"id": w.holder_b},
    "budget_preference_update": lambda w, r, t: {} if whose(t) == "own" else {"id": w.holder_b},  # without a choice
    "budget_show": lambda w, r, t: {"siret": w.sirets[t], "exercice": 2021, "etape": "ca"},
    "budget_aggregate": lambda w, r, t: {"siren": w.facts[t]["siren"]},  # counts what the caller may see
    "budget_note_list": lambda w, r, t: {"package_id": w.datasets[t]},
    "budget_note_update": lambda w, r, t: {"package_id": w.datasets[t]},  # without a text
    "budget_note_history": lambda w, r, t: {"package_id": w.datasets[t], "item": "no such thing"},
    "budget_note_delete": lambda w, r, t: {"package_id": w.datasets[t], "item": "no such thing"},
    "budget_note_delete:forget": lambda w, r, t: {"package_id": w.datasets[t], "item": "?", "forget": True},
    "budget_refusal_show": lambda w, r, t: {"id": w.refusal_of(r, t)},
    "budget_reminder_subscribe": lambda w, r, t: {"siren": w.facts[t]["siren"]},
    "budget_reminder_list": lambda w, r, t: {},
    "budget_reminder_unsubscribe": lambda w, r, t: {"siren": NOWHERE},
    "budget_coverage": lambda w, r, t: {},  # what is not public depends on the caller
    "budget_dictionary_show": lambda w, r, t: {},
    "budget_glossary_show": lambda w, r, t: {},
    "budget_territory_search": lambda w, r, t: {"q": "metz"},
    "budget_territory_show": lambda w, r, t: {"siren": "215704636"},
}

#: o: shown (200), r: redirected (302), x: refused (403), m: missing (404)
PAGES = """
page                                 sysadmin regional admin editor depositor member stranger anonymous
GET  budget_pages.report             oooo     omom     ooom  ooom   ooom      ooom   omom     omom
GET  budget_pages.quality            oooo     oooo     oooo  oooo   oooo      oooo   oooo     oooo
GET  budget_pages.deposit            oooo     oooo     oooo  oooo   oooo      oooo   oooo     oooo
POST budget_pages.receive            oooo     ooxx     ooxx  ooxx   ooxx      xxxx   xxxx     xxxx
GET  budget_pages.batch              oooo     oomm     oomm  oomm   oomm      oomm   oomm     mmmm
POST budget_pages.publish            rrrr     rrmm     rrmm  rrmm   rrmm      rrmm   rrmm     mmmm
GET  budget_pages.receipt            oooo     oomm     oomm  oomm   oomm      oomm   oomm     mmmm
GET  budget_pages.agreement          oooo     mmmm     oomm  oomm   mmmm      mmmm   mmmm     xxxx
POST budget_pages.agree              rrrr     xxxx     rrxx  rrxx   xxxx      xxxx   xxxx     xxxx
POST budget_pages.disagree           oooo     xxxx     ooxx  ooxx   xxxx      xxxx   xxxx     xxxx
GET  budget_withdrawals.document     rrrr     rmrm     rrrm  rrrm   rrrm      rrrm   rmrm     rmrm
GET  budget_withdrawals.withdraw     oooo     xmxm     ooxm  ooxm   xxxm      xxxm   xmxm     xmxm
POST budget_withdrawals.withdraw     oooo     xmxm     ooxm  ooxm   xxxm      xxxm   xmxm     xmxm
GET  budget_withdrawals.restore      rrrr     xmxm     rrxm  rrxm   xxxm      xxxm   xmxm     xmxm
POST budget_withdrawals.restore      rrrr     xmxm     rrxm  rrxm   xxxm      xxxm   xmxm     xmxm
GET  budget_withdrawals.purge        rrrr     xmxm     rrxm  rrxm   xxxm      xxxm   xmxm     xmxm
POST budget_withdrawals.purge        rrrr     xmxm     rrxm  rrxm   xxxm      xxxm   xmxm     xmxm
GET  budget_accessibility.declaration oooo     oooo     oooo  oooo   oooo      oooo   oooo     oooo
GET  budget_leaflet.sheet            oooo     omom     ooom  ooom   ooom      ooom   omom     omom
GET  budget_leaflet.sheet_pdf        oooo     omom     ooom  ooom   ooom      ooom   omom     omom
GET  budget_notes.texts              oooo     xmxm     ooxm  ooxm   xxxm      xxxm   xmxm     xmxm
GET  budget_notes.text               oooo     xmxm     ooxm  ooxm   xxxm      xxxm   xmxm     xmxm
POST budget_notes.text               oooo     xmxm     ooxm  ooxm   xxxm      xxxm   xmxm     xmxm
GET  budget_pages.account            oooo     oooo     oooo  oooo   oooo      oooo   oooo     oooo
GET  budget_pages.budget             oooo     omom     ooom  ooom   ooom      ooom   omom     omom
GET  budget_pages.budget_csv         rrrr     rmrm     rrrm  rrrm   rrrm      rrrm   rmrm     rmrm
GET  budget_pages.budget_json        oooo     omom     ooom  ooom   ooom      ooom   omom     omom
GET  budget_pages.document           oooo     omom     ooom  ooom   ooom      ooom   omom     omom
GET  budget_pages.document_csv       rrrr     rmrm     rrrm  rrrm   rrrm      rrrm   rmrm     rmrm
GET  budget_pages.document_json      oooo     omom     ooom  ooom   ooom      ooom   omom     omom
GET  budget_pages.lines              oooo     omom     ooom  ooom   ooom      ooom   omom     omom
GET  budget_pages.lines_csv          oooo     omom     ooom  ooom   ooom      ooom   omom     omom
GET  budget_pages.lines_xlsx         oooo     omom     ooom  ooom   ooom      ooom   omom     omom
GET  budget_pages.lines_of_version   oooo     omom     ooom  ooom   ooom      ooom   omom     omom
GET  budget_pages.lines_csv_of_version oooo     omom     ooom  ooom   ooom      ooom   omom     omom
GET  budget_pages.lines_xlsx_of_version oooo     omom     ooom  ooom   ooom      ooom   omom     omom
GET  budget_pages.view               oooo     omom     ooom  ooom   ooom      ooom   omom     omom
GET  budget_pages.view_of_version    oooo     omom     ooom  ooom   ooom      ooom   omom     omom
GET  budget_pages.view_of_budget     mmmm     mmmm     mmmm  mmmm   mmmm      mmmm   mmmm     mmmm
GET  budget_pages.view_of_comparison mmmm     mmmm     mmmm  mmmm   mmmm      mmmm   mmmm     mmmm
GET  budget_pages.collectivite       oooo     oooo     ooom  ooom   ooom      ooom   ooom     ooom
GET  budget_pages.compare            oooo     oooo     oooo  oooo   oooo      oooo   oooo     oooo
GET  budget_pages.territory          oooo     oooo     oooo  oooo   oooo      oooo   oooo     oooo
GET  budget_pages.dashboard          oooo     oooo     oooo  oooo   oooo      oooo   oooo     oooo
GET  budget_pages.dashboard_csv      oooo     oooo     oooo  oooo   oooo      oooo   oooo     oooo
GET  budget_pages.embedded_budget    omom     omom     omom  omom   omom      omom   omom     omom
GET  budget_pages.embedded_document  omom     omom     omom  omom   omom      omom   omom     omom
GET  budget_pages.code_of_budget     omom     omom     omom  omom   omom      omom   omom     omom
GET  budget_pages.code_of_document   omom     omom     omom  omom   omom      omom   omom     omom
GET  budget_pages.embed_script       oooo     oooo     oooo  oooo   oooo      oooo   oooo     oooo
GET  budget_pages.oembed_answer      omom     omom     omom  omom   omom      omom   omom     omom
GET  budget_pages.home               oooo     oooo     oooo  oooo   oooo      oooo   oooo     oooo
GET  budget_pages.search             oooo     oooo     oooo  oooo   oooo      oooo   oooo     oooo
GET  budget_pages.stop_reminders     oooo     oooo     oooo  oooo   oooo      oooo   oooo     oooo
POST budget_pages.stop_reminders_now xxxx     xxxx     xxxx  xxxx   xxxx      xxxx   xxxx     xxxx
POST budget_pages.reminders          rrrr     rrrr     rrxx  rrxx   rrxx      rrxx   xxxx     xxxx
GET  budget_pages.refusal            oooo     oooo     oomm  oomm   oomm      oomm   oomm     mmmm
GET  budget_words.dictionary         oooo     oooo     oooo  oooo   oooo      oooo   oooo     oooo
GET  budget_words.dictionary_json    oooo     oooo     oooo  oooo   oooo      oooo   oooo     oooo
GET  budget_words.glossary           oooo     oooo     oooo  oooo   oooo      oooo   oooo     oooo
GET  budget_words.glossary_json      oooo     oooo     oooo  oooo   oooo      oooo   oooo     oooo
GET  budget_jobs.document            oooo     omom     ooom  ooom   ooom      ooom   omom     omom
POST budget_jobs.run                 rrrr     xmxm     rrxm  rrxm   xxxm      xxxm   xmxm     xmxm
GET  budget_preferences.show         oooo     oooo     oooo  oooo   oooo      oooo   oooo     rrrr
POST budget_preferences.update       rrrr     rrrr     rrrr  rrrr   rrrr      rrrr   rrrr     xxxx
GET  budget_mandates.listed          oooo     oooo     oooo  oooo   oooo      oooo   oooo     xxxx
GET  budget_mandates.give            oooo     oooo     oooo  xxxx   xxxx      xxxx   xxxx     xxxx
POST budget_mandates.give            oooo     xxxx     ooxx  xxxx   xxxx      xxxx   xxxx     xxxx
GET  budget_mandates.show            oooo     oooo     ooxx  ooxx   xxxx      xxxx   xxxx     xxxx
GET  budget_mandates.change          oooo     xxxx     ooxx  xxxx   xxxx      xxxx   xxxx     xxxx
POST budget_mandates.change          oooo     xxxx     ooxx  xxxx   xxxx      xxxx   xxxx     xxxx
POST budget_mandates.end             rrrr     xxxx     rrxx  xxxx   xxxx      xxxx   xxxx     xxxx
POST budget_mandates.take_over       rrrr     xxxx     rrxx  xxxx   xxxx      xxxx   xxxx     xxxx
GET  budget_mandates.act             oooo     oooo     ooxx  ooxx   xxxx      xxxx   xxxx     xxxx
GET  budget_requests.listed          oooo     oooo     oooo  oooo   oooo      oooo   oooo     xxxx
GET  budget_requests.ask             oooo     oooo     oooo  oooo   oooo      oooo   oooo     xxxx
POST budget_requests.ask             oooo     oooo     oooo  oooo   oooo      oooo   oooo     xxxx
GET  budget_requests.show            oooo     oooo     ooxx  xxxx   xxxx      xxxx   oooo     xxxx
POST budget_requests.accept          oooo     xxxx     ooxx  xxxx   xxxx      xxxx   xxxx     xxxx
POST budget_requests.refuse          oooo     oooo     ooxx  xxxx   xxxx      xxxx   xxxx     xxxx
"""
#: actions that refuse a reader without an account by themselves, too
TWICE = ("budget_reminder_list", "budget_reminder_unsubscribe")
LETTERS = {200: "o", 302: "r", 403: "x", 404: "m", 410: "g"}


def _path_of_document(end: str) -> Any:
    return lambda w, r, t: f"documents/{w.documents[t]}{end}"


def _path_of_batch(end: str) -> Any:
    return lambda w, r, t: f"depots/{w.batch_of(r, t)}{end}"


def _path_of_prepared(end: str) -> Any:
    return lambda w, r, t: f"depots/{w.prepared[whose(t)]}/accord{end}"


def _path_of_mandate(end: str, *, ended: bool = False) -> Any:
    return lambda w, r, t: f"mandats/{(w.ended if ended else w.live)[whose(t)]}{end}"


def _path_of_request(end: str) -> Any:
    return lambda w, r, t: f"demandes/{w.requests[whose(t)]}{end}"


def _path_of_budget(end: str) -> Any:
    return lambda w, r, t: f"{w.sirets[t]}{end}"


def _path(path: str) -> Any:
    return lambda w, r, t: path


def _site() -> str:
    return tk.config["ckan.site_url"]


PATHS: dict[str, Any] = {
    "budget_pages.report": _path_of_document("/rapport.json"),
    "budget_pages.quality": _path("qualite"),
    "budget_pages.deposit": _path("deposer"),
    "budget_pages.receive": _path("deposer"),
    "budget_pages.batch": _path_of_batch(""),
    "budget_pages.publish": _path_of_batch("/publier"),
    "budget_pages.receipt": _path_of_batch("/recu.csv"),
    "budget_pages.agreement": _path_of_prepared(""),
    "budget_pages.agree": _path_of_prepared("/publier"),
    "budget_pages.disagree": _path_of_prepared("/refuser"),
    "budget_withdrawals.document": _path_of_document(""),
    "budget_withdrawals.withdraw": _path_of_document("/retirer"),
    "budget_withdrawals.restore": _path_of_document("/retablir"),
    "budget_withdrawals.purge": _path_of_document("/detruire"),
    "budget_accessibility.declaration": _path("accessibilite"),
    "budget_leaflet.sheet": _path_of_document("/a4"),
    "budget_leaflet.sheet_pdf": _path_of_document("/a4.pdf"),
    "budget_notes.texts": lambda w, r, t: f"textes/{w.datasets[t]}",
    "budget_notes.text": lambda w, r, t: f"textes/{w.datasets[t]}/texte",
    "budget_pages.account": _path("comptes/6411"),
    "budget_pages.budget": _path_of_budget(""),
    "budget_pages.budget_csv": _path_of_budget(".csv"),
    "budget_pages.budget_json": _path_of_budget(".json"),
    "budget_pages.document": _path_of_budget("/2021/ca"),
    "budget_pages.document_csv": _path_of_budget("/2021/ca.csv"),
    "budget_pages.document_json": _path_of_budget("/2021/ca.json"),
    "budget_pages.lines": _path_of_budget("/2021/ca/lignes"),
    "budget_pages.lines_csv": _path_of_budget("/2021/ca/lignes.csv"),
    "budget_pages.lines_xlsx": _path_of_budget("/2021/ca/lignes.xlsx"),
    "budget_pages.lines_of_version": _path_of_document("/lignes"),
    "budget_pages.lines_csv_of_version": _path_of_document("/lignes.csv"),
    "budget_pages.lines_xlsx_of_version": _path_of_document("/lignes.xlsx"),
    "budget_pages.view": _path_of_budget("/2021/ca/vues/chapitres.csv"),
    "budget_pages.view_of_version": _path_of_document("/vues/flux.xlsx"),
    "budget_pages.view_of_budget": _path_of_budget("/vues/evolution.csv"),
    "budget_pages.view_of_comparison": _path("comparer.csv"),
    "budget_pages.collectivite": lambda w, r, t: f"tableau-de-bord/{w.facts[t]['siren']}",
    "budget_pages.compare": _path("comparer"),
    "budget_pages.territory": _path("territoires/55"),
    "budget_pages.dashboard": _path("tableau-de-bord"),
    "budget_pages.dashboard_csv": _path("tableau-de-bord.csv"),
    "budget_pages.embedded_budget": _path_of_budget("/integrer"),
    "budget_pages.embedded_document": _path_of_budget("/2021/ca/integrer"),
    "budget_pages.code_of_budget": _path_of_budget("/integrer/code"),
    "budget_pages.code_of_document": _path_of_budget("/2021/ca/integrer/code"),
    "budget_pages.embed_script": _path("integrer.js"),
    "budget_pages.oembed_answer": lambda w, r, t: f"oembed?url={_site()}/budgets/{w.sirets[t]}/2021/ca",
    "budget_pages.home": _path(""),
    "budget_pages.search": _path("recherche"),
    "budget_pages.stop_reminders": _path("rappels/arreter"),
    "budget_pages.stop_reminders_now": _path("rappels/arreter"),
    "budget_pages.reminders": _path("rappels"),
    "budget_pages.refusal": lambda w, r, t: f"refus/{w.refusal_of(r, t)}",
    "budget_words.dictionary": _path("dictionnaire"),
    "budget_words.dictionary_json": _path("dictionnaire.json"),
    "budget_words.glossary": _path("glossaire"),
    "budget_words.glossary_json": _path("glossaire.json"),
    "budget_jobs.document": _path_of_document("/journal"),
    "budget_jobs.run": _path_of_document("/journal"),
    "budget_preferences.show": _path("preferences"),
    "budget_preferences.update": _path("preferences"),
    "budget_mandates.listed": _path("mandats"),
    "budget_mandates.give": _path("mandats/nouveau"),
    "budget_mandates.show": _path_of_mandate(""),
    "budget_mandates.change": _path_of_mandate("/modifier"),
    "budget_mandates.end": _path_of_mandate("/terminer", ended=True),
    "budget_mandates.take_over": _path_of_mandate("/reprendre", ended=True),
    "budget_mandates.act": _path_of_mandate("/acte.pdf"),
    "budget_requests.listed": _path("demandes"),
    "budget_requests.ask": _path("demandes/nouvelle"),
    "budget_requests.show": _path_of_request(""),
    "budget_requests.accept": _path_of_request("/accepter"),
    "budget_requests.refuse": _path_of_request("/refuser"),
}

#: what the forms send; nothing that would be saved
FORMS: dict[str, Sent] = {
    "budget_pages.receive": lambda w, r, t: {"owner_org": _owner(t, w), "upload": (io.BytesIO(b"Bonjour"), "x.txt")},
    "budget_mandates.give": lambda w, r, t: {"siren": w.facts[t]["siren"]},
    "budget_pages.reminders": lambda w, r, t: {"siren": w.facts[t]["siren"]},
    "budget_mandates.change": lambda w, r, t: {"starts": "hier"},
}

Row = dict[str, str]


def table(text: str) -> dict[str, Row]:
    """Row → role → cell."""
    heading, *lines = [line for line in text.strip().splitlines() if line]
    roles = heading.split()[1:]
    assert tuple(roles) == ROLES
    out: dict[str, Row] = {}
    for line in lines:
        *name, cells = line.rsplit(maxsplit=len(ROLES))[0], line.split()[-len(ROLES) :]
        out[" ".join(" ".join(name).split())] = dict(zip(ROLES, cells, strict=True))
    return out


# -- the tables are whole


@pytest.mark.parametrize(("text", "letters"), [(API, set("yn")), (PAGES, set(LETTERS.values()))])
def test_no_cell_is_empty(text: str, letters: set[str]) -> None:
    for row, cells in table(text).items():
        for role, cell in cells.items():
            assert len(cell) == len(TARGETS) and set(cell) <= letters, (row, role, cell)


def test_every_action_and_every_rule_has_its_row() -> None:
    rows = {row.split(":")[0] for row in table(API)}
    ours = {name for room in (action, auth) for name in room.__all__ if name.startswith("budget_")}
    assert ours - rows == set(), "add these actions to the table API and to ASKED"
    assert rows - ours == set()
    assert set(table(API)) == set(ASKED)


def test_every_page_has_its_row(app: Any) -> None:
    flask: Flask = app.flask_app
    blueprints = tuple(f"{name}." for name in views.__all__)
    served = {
        f"{method} {rule.endpoint}"
        for rule in flask.url_map.iter_rules()
        if rule.endpoint.startswith(blueprints)
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert served - set(table(PAGES)) == set(), "add these pages to the table PAGES and to PATHS"
    assert set(table(PAGES)) - served == set()


def test_what_is_open_to_all_is_known() -> None:
    """A rule that refuses nobody could be loosened without a row that fails."""
    open_to_all = {row for row, cells in table(API).items() if "n" not in "".join(cells.values())}
    assert open_to_all == {
        "budget_aggregate",
        "budget_coverage",
        "budget_dictionary_show",
        "budget_glossary_show",
        "budget_territory_search",
        "budget_territory_show",
    }


# -- what they say holds


@pytest.fixture
def world(with_plugins: None, non_clean_db: None, app: Any, monkeypatch: pytest.MonkeyPatch) -> World:
    """Who may, not what is done or shown: nothing is converted again, templates (seen by other tests) stay aside."""
    made = World()

    def refuse(*_: Any, **__: Any) -> None:
        raise Refusal("file_gone")

    monkeypatch.setattr(reconversion, "reconvert", refuse)
    monkeypatch.setattr(pdf, "available", lambda: True)
    monkeypatch.setattr(pdf, "write", lambda _: b"%PDF-1.7")
    for room in (base, tk):
        monkeypatch.setattr(room, "render", lambda *_, **__: "shown")
    return made


def once(
    tell: Callable[[str, str, str], str], about: Callable[[str, str, str], Any]
) -> Callable[[str, str, str], str]:
    """Ask once for cells that ask the same: many rows are about no dataset, public or private."""
    known: dict[str, str] = {}

    def told(row: str, role: str, target: str) -> str:
        key = repr((row, role, about(row, role, target)))
        if key not in known:
            known[key] = tell(row, role, target)
        return known[key]

    return told


def wrong_cells(text: str, told: Callable[[str, str, str], str]) -> list[str]:
    return [
        f"{row} as {role}, {target}: {got} instead of {cell[i]}"
        for row, cells in table(text).items()
        for role, cell in cells.items()
        for i, target in enumerate(TARGETS)
        if (got := told(row, role, target)) != cell[i]
    ]


def asked(app: Any, world: World, row: str, role: str, target: str) -> str:
    """The letter of a cell of the API."""
    name = row.split(":", maxsplit=1)[0]
    if name == "budget_batch_approve":
        world.waiting()
    data = ASKED[row](world, role, target)
    if name not in action.__all__:
        model.Session.rollback()
        try:
            tk.check_access(name, {"user": world.users.get(role, "")}, data)
        except tk.NotAuthorized:
            return "n"
        return "y"
    response = app.post(f"/api/3/action/{name}", json=data, headers=world.headers[role])
    return {200: "y", 409: "y", 403: "n", 404: "n"}[response.status_code]


def test_the_api(app: Any, world: World) -> None:
    told = once(lambda *cell: asked(app, world, *cell), lambda row, role, target: ASKED[row](world, role, target))
    wrong = wrong_cells(API, told)
    assert not wrong, "\n".join(wrong)
    _check_that_a_loosened_rule_is_seen(app, world)


def _check_that_a_loosened_rule_is_seen(app: Any, world: World) -> None:
    """Each rule in turn lets everyone in: a cell of its row changes."""
    rules = authz._AuthFunctions._functions
    unseen = []
    for row, cells in table(API).items():
        name = row.split(":")[0]
        refused = [(role, t) for role, cell in cells.items() for t, c in zip(TARGETS, cell, strict=True) if c == "n"]
        if not refused or row in TWICE:
            continue
        before = rules[name]

        def loosened(context: Any, data_dict: Any) -> dict[str, bool]:
            return {"success": True}

        loosened.auth_allow_anonymous_access = True  # type: ignore[attr-defined]
        rules[name] = loosened
        try:
            if asked(app, world, row, *refused[0]) != "y":
                unseen.append(row)
        finally:
            rules[name] = before
    assert unseen == []


def opened(app: Any, world: World, row: str, role: str, target: str) -> str:
    """The letter of a cell of the pages."""
    method, endpoint = row.split()
    if endpoint in ("budget_pages.agree", "budget_pages.disagree", "budget_pages.agreement"):
        world.waiting()
    path = f"/budgets/{PATHS[endpoint](world, role, target)}"
    headers = dict(world.headers[role])
    if method == "GET":
        response = app.get(path, headers=headers, follow_redirects=False)
    else:
        if endpoint == "budget_pages.receive":
            headers["Accept"] = "application/json"
        data = FORMS.get(endpoint, lambda *_: {})(world, role, target)
        response = app.post(path, data=data, headers=headers, follow_redirects=False)
    return LETTERS.get(response.status_code, str(response.status_code))


def test_the_pages(app: Any, world: World) -> None:
    def about(row: str, role: str, target: str) -> Any:
        endpoint = row.split()[1]
        form = FORMS.get(endpoint, lambda *_: {})(world, role, target)
        return PATHS[endpoint](world, role, target), {name: v for name, v in form.items() if isinstance(v, str)}

    wrong = wrong_cells(PAGES, once(lambda *cell: opened(app, world, *cell), about))
    assert not wrong, "\n".join(wrong)
