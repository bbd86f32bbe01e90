"""Pages for other sites, as CKAN serves them: the same for everyone, public documents alone, nothing of the portal."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree as ET

import ckan.plugins.toolkit as tk
import pytest
from ckan.exceptions import CkanConfigurationException
from ckan.tests import factories, helpers

from ckanext.budget import config
from ckanext.budget.registry import core
from dev import fixtures
from dev.fixtures import SIREN, SIRET, SIRET_ANNEXE
from tests.ingest.conftest import Portal
from tests.views.test_pages import text

pytestmark = [pytest.mark.ckan, pytest.mark.usefixtures("with_plugins")]

DOCUMENT = f"/budgets/{SIRET}/2022/ca"
PAGE = f"{DOCUMENT}/integrer"
EVERY = "chiffres,blocs,depenses,ouvert-fait"


def ca(exercice: int = 2022, **more: Any) -> bytes:
    return fixtures.document(stage="CA", exercice=exercice, **more)


def published(portal: Portal, *files: bytes, **fields: Any) -> dict[str, Any]:
    dataset = portal.dataset(**fields)
    for content in files or (ca(),):
        portal.deposit(dataset, content)
    return dataset


def site(path: str) -> str:
    return tk.config["ckan.site_url"] + path


def outside(body: str) -> list[str]:
    """Opening tags of the links that leave the embedded page."""
    tags = re.findall(r"<a\s[^>]*>", body)
    return [tag for tag in tags if not re.search(r'href="(?:#|[^"]*/integrer[?#"])', tag)]


def test_a_page_stands_alone_with_its_source_and_its_own_rules(portal: Portal, app: Any) -> None:
    published(portal)
    answer = app.get(f"{PAGE}?vues={EVERY}&couleur=ffcc00")
    body, rules = answer.body, answer.headers["Content-Security-Policy"]
    assert "frame-ancestors *" in rules and "default-src 'none'" in rules and "script-src 'self';" in rules
    (style,) = re.findall(r"<style>(.*?)</style>", body)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"style-src 'self' 'sha256-{digest}'" in rules and "#ffcc00" not in style
    assert not re.search(r"\sstyle=|\son\w+=|<script(?! src=)", body)  # what these rules would block
    for frame in ("site-footer", "masthead", "login", "csrf", "<form"):
        assert frame not in body
    assert answer.headers["X-Robots-Tag"] == "noindex" and "X-Frame-Options" not in answer.headers
    assert body.count("<h1") == 1 and body.count('<table class="budget-') == 4
    foot = text(body[body.index("budget-embed-foot") :])
    assert "Source : Exemple-sur-Meuse, Compte administratif 2022, version du" in foot
    assert f'<link rel="canonical" href="{site(DOCUMENT)}">' in body
    links = outside(body)
    assert len(links) > 5 and all('target="_blank" rel="noopener"' in tag for tag in links)
    for other in (DOCUMENT, f"/budgets/{SIRET}", f"{PAGE}/code", "/"):
        assert "Content-Security-Policy" not in app.get(other).headers, other


def test_everyone_gets_the_same_without_cookie(portal: Portal, app: Any) -> None:
    published(portal)
    editor = factories.UserWithToken()
    helpers.call_action("organization_member_create", id=portal.org["id"], username=editor["name"], role="editor")
    told = {"Authorization": editor["token"], "Cookie": "ckan=aaaa; session=bbbb"}
    for path in (PAGE, f"/budgets/{SIREN}/integrer", "/budgets/integrer.js", f"/budgets/oembed?url={site(DOCUMENT)}"):
        first, mine = app.get(path), app.get(path, headers=told)
        assert first.data == mine.data, path
        for answer in (first, mine):
            assert "Set-Cookie" not in answer.headers and "ookie" not in answer.headers.get("Vary", ""), path
            assert re.fullmatch(r"public, max-age=[1-9]\d+, must-revalidate", answer.headers["Cache-Control"]), path
        again = app.get(path, headers={"If-None-Match": first.headers["ETag"]})
        assert again.status_code == 304 and "Set-Cookie" not in again.headers, path


def test_what_is_not_public_or_no_longer_is_not_shown(portal: Portal, app: Any) -> None:
    editor = factories.UserWithToken()
    helpers.call_action("organization_member_create", id=portal.org["id"], username=editor["name"], role="editor")
    mine = {"Authorization": editor["token"]}
    dataset = published(portal, private=True)
    paths = (PAGE, f"/budgets/{SIRET}/integrer", f"{PAGE}/code", f"/budgets/oembed?url={site(DOCUMENT)}")
    for path in paths:
        assert app.get(path, headers=mine).status_code == 404, path
    page = app.get(DOCUMENT, headers=mine).body
    assert "oembed" not in page and f"{PAGE}/code" not in page
    portal.act("package_patch", id=dataset["id"], private=False)
    for path in paths:
        assert app.get(path).status_code == 200, path
    (row,) = core.documents_of(dataset["id"])
    portal.act("budget_document_withdraw", id=row.id, reason="Il était <faux>")
    gone = app.get(f"{PAGE}?langue=en")
    assert gone.status_code == 410 and "frame-ancestors" in gone.headers["Content-Security-Policy"]
    said = text(gone.body)
    assert "document withdrawn" in said and "Il était &lt;faux&gt;" in said and "masthead" not in gone.body
    assert app.get(f"/budgets/oembed?url={site(DOCUMENT)}").status_code == 404
    nothing = app.get(f"/budgets/{SIREN}/2019/bp/integrer")
    assert nothing.status_code == 404 and "Budget primitif 2019 : non publié ici" in text(nothing.body)


def test_what_is_asked_wrongly_is_left_out_and_said(portal: Portal, app: Any) -> None:
    bad = "<script>alert(1)</script>"
    published(portal, ca(name=bad))
    body = app.get(f"{PAGE}?vues=chiffres,{quote(bad)}&couleur={quote(bad)}&logo=https://x.fr/i.png&langue=xx").body
    assert "<script>alert(1)" not in body and "<style>" not in body and "<img" not in body
    assert "L’adresse demande ce qui n’existe pas ici" in text(body)
    assert "couleur=&lt;script&gt;" in body and "langue=xx" in body
    for path in (f"/budgets/{SIRET}/integrer?vues={EVERY},evolution", f"{PAGE}/code", f"{PAGE}/code?couleur={bad}"):
        assert "<script>alert(1)" not in app.get(path).body, path
    made = app.get(f"/budgets/oembed?url={quote(site(DOCUMENT))}").json
    assert "<script" not in made["html"] and "&lt;script&gt;" in made["html"]


def test_the_language_is_in_the_address(portal: Portal, app: Any) -> None:
    published(portal)
    french, english = app.get(f"{PAGE}?langue=fr").body, app.get(f"{PAGE}?langue=en").body
    assert '<html lang="fr">' in french and "Compte administratif 2022" in french
    assert '<html lang="en">' in english and "Administrative account 2022" in english
    assert 'href="/en/budgets/' in english and "langue=en" in english
    assert '<html lang="fr">' in app.get(f"/en{PAGE}?langue=fr").body
    assert '<html lang="fr">' in app.get(PAGE).body  # nothing is remembered


def test_a_budget_shows_its_years_and_its_latest_account(portal: Portal, app: Any) -> None:
    published(portal, ca(2021), ca(2022), fixtures.document(stage="BP", exercice=2023))
    body = app.get(f"/budgets/{SIREN}/integrer?vues=chiffres,depenses,evolution&couleur=0a5").body
    assert "Compte administratif 2022" in text(body) and "2023" in body
    inside = re.findall(r'href="(/budgets/[^"]*/integrer[^"]*)"', body)
    assert any("euros=constants" in link for link in inside) and any("vue=nature" in link for link in inside)
    assert all(f"/budgets/{SIREN}/integrer?" in link and "couleur=00aa55" in link for link in inside)
    published(portal, ca(2022, annexe=True))
    one = text(app.get(f"/budgets/{SIRET_ANNEXE}/integrer").body)
    assert "Rien n’est encore publié" in one


def test_a_logo_is_only_what_the_portal_serves(portal: Portal, app: Any) -> None:
    published(portal)
    site_user = {"user": helpers.call_action("get_site_user")["name"]}
    for image, shown in (("https://ailleurs.example/logo.png", False), ("logo.png", True)):
        helpers.call_action("organization_patch", dict(site_user), id=portal.org["id"], image_url=image)
        body = app.get(f"{PAGE}?logo=oui").body
        assert ("<img" in body) is shown
        assert ("There is none" in app.get(f"/en{PAGE}/code?logo=oui").body) is not shown
    assert re.search(r'<img src="/[^/][^"]*logo\.png"', body) and "<img" not in app.get(PAGE).body


def test_the_code_to_copy_is_what_was_chosen(portal: Portal, app: Any) -> None:
    published(portal, ca(name="Commune d’«Exemple» & Cie"))
    body = app.get(f"{PAGE}/code?vues=blocs&vues=depenses&couleur=%23ffcc00&logo=oui&langue=en").body
    script, frame = re.findall(r"<textarea[^>]*>(.*?)</textarea>", body, re.DOTALL)
    for wanted in (
        site("/budgets/integrer.js"),
        f"data-budget=&#34;{SIRET}&#34;",
        "data-etape=&#34;ca&#34;",
        "data-vues=&#34;blocs,depenses&#34;",
        "data-couleur=&#34;ffcc00&#34;",
        f"href=&#34;{site(DOCUMENT)}&#34;",
    ):
        assert wanted in script, wanted
    assert "&lt;noscript&gt;" in script
    assert site(PAGE) in frame and "langue=en" in frame
    assert "plus foncée" in text(body)
    for path in (f"/budgets/{SIRET}", DOCUMENT):
        assert "/integrer/code" in app.get(path).body


def test_oembed_speaks_both_formats_within_the_limits(portal: Portal, app: Any) -> None:
    published(portal)
    body = app.get(DOCUMENT).body
    (address,) = re.findall(r'<link rel="alternate" type="application/json\+oembed" href="([^"]*)"', body)
    told = app.get(address.replace("&amp;", "&").removeprefix(tk.config["ckan.site_url"])).json
    assert (told["type"], told["version"], told["cache_age"]) == ("rich", "1.0", 3600)
    assert "Compte administratif 2022" in told["title"] and site(PAGE) in told["html"]
    asked = quote(site(f"/en/budgets/{SIREN}/integrer?vues=evolution&euros=constants"))
    xml = ET.fromstring(app.get(f"/budgets/oembed?url={asked}&format=xml&maxwidth=300&maxheight=200").data)
    found = {child.tag: child.text or "" for child in xml}
    assert (found["width"], found["height"]) == ("300", "200")
    assert 'width="300" height="200"' in found["html"] and "euros=constants" in found["html"]
    assert "langue=en" in found["html"] and "over the years" in found["title"]
    for url, status in (
        (quote(site(DOCUMENT)) + "&format=yaml", 501),
        ("", 400),
        ("https://ailleurs.example" + DOCUMENT, 404),
        (site("/budgets/glossaire"), 404),
        (site(f"/budgets/{SIRET}/2019/bp"), 404),
        ("https://[", 404),
        ("javascript:alert(1)", 404),
    ):
        assert app.get(f"/budgets/oembed?url={url}").status_code == status, url
    assert json.loads(app.get(f"/budgets/oembed?url={site(DOCUMENT)}&maxwidth=abc").data)["width"] == 800


@pytest.mark.parametrize(
    ("setting", "policy"),
    [
        ("*", "*"),
        ("https://www.exemple.fr https://*.exemple.fr:8443", "https://www.exemple.fr https://*.exemple.fr:8443"),
        ("self", "'self'"),
        ("none", "'none'"),
        ("", "'none'"),
        ("exemple.fr", None),
        ("https://a.fr; script-src *", None),
        ("none https://a.fr", None),
    ],
)
def test_the_sites_that_may_embed_are_a_setting(
    setting: str, policy: str | None, ckan_config: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(ckan_config, "ckanext.budget.embed_ancestors", setting)
    if policy is None:
        with pytest.raises(CkanConfigurationException):
            config.check_embed()
    else:
        config.check_embed()
        assert config.embed_ancestors() == policy
