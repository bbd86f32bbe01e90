"""Twenty agents at the same moment, over HTTP, on a portal of several processes and many threads: one truth each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
import requests
from ckan import model
from ckan.tests import helpers

from ckanext.budget.registry import core, doctor
from dev import fixtures
from tests.deposit.conftest import Desk
from tests.serving import servers

pytestmark = [pytest.mark.ckan, pytest.mark.usefixtures("with_plugins", "clean_queues")]

AGENTS = 20
#: ten exercices of two étapes (a compte financier unique of the last two comes beside their accounts)
YEARS = range(2014, 2024)
DOCUMENTS = [fixtures.document(stage, year) for year in YEARS for stage in ("BP", "CA")]

Send = Callable[[list[bytes]], list[requests.Response]]


@pytest.fixture
def send(desk: Desk, tmp_path: Path, pytestconfig: pytest.Config) -> Iterator[Send]:
    """Deposit documents, each by an agent of its own, all at the same moment, on two servers."""
    token = helpers.call_action("api_token_create", {"ignore_auth": True}, user=desk.user["name"], name="t")["token"]
    model.Session.commit()
    with servers(Path(str(pytestconfig.getoption("ckan_ini"))), tmp_path, 2) as urls:
        gate = Barrier(AGENTS)

        def one(number: int, content: bytes) -> requests.Response:
            files = {"upload": (f"agent-{number}.xml", content)}
            gate.wait()
            url = f"{urls[number % len(urls)]}/api/3/action/budget_deposit"
            return requests.post(url, files=files, headers={"Authorization": token}, timeout=600)

        def run(contents: list[bytes]) -> list[requests.Response]:
            with ThreadPoolExecutor(AGENTS) as pool:
                answers = list(pool.map(one, range(AGENTS), contents))
            model.Session.rollback()
            return answers

        yield run


def documents(answers: list[requests.Response]) -> list[dict[str, Any]]:
    assert [answer.status_code for answer in answers] == [200] * AGENTS, Counter(a.text[:300] for a in answers)
    return [answer.json()["result"]["documents"][0] for answer in answers]


def test_twenty_at_once(desk: Desk, send: Send) -> None:
    """The same document, then a whole dataset's: no answer is an error, nothing is doubled, nothing is lost."""
    same = documents(send([DOCUMENTS[-1]] * AGENTS))
    assert Counter(d["status"] for d in same) == {"published": 1, "already": AGENTS - 1}
    (truth,) = {d["document_id"] for d in same}
    (package_id,) = {d["package_id"] for d in same}
    assert [d.id for d in core.documents_of(package_id)] == [truth]

    others = documents(send([*DOCUMENTS[:-1], DOCUMENTS[-1]]))
    assert Counter(d["status"] for d in others) == {"published": AGENTS - 1, "already": 1}
    assert {d["package_id"] for d in others} == {package_id}
    assert {d["document_id"] for d in others} == {d.id for d in core.documents_of(package_id)}
    assert sorted((d.exercice, d.stage, d.status) for d in core.documents_of(package_id)) == [
        (year, stage, "converted") for year in YEARS for stage in ("BP", "CA")
    ]
    assert desk.roles({"id": package_id}) == ["consolidated", *["csv", "source"] * AGENTS]
    assert [fault for fault in doctor.examine() if fault.package_id == package_id] == []
