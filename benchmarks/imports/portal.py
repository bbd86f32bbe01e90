"""A portal of the soak's own: its settings, its account, its database and index seen from outside."""

from __future__ import annotations

import configparser
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import quote
from urllib.request import urlopen

import sqlalchemy as sa

from benchmarks.timing import ROOT, FailedError

CKAN = Path(sys.executable).with_name("ckan")


@dataclass(frozen=True)
class Portal:
    """``ini`` is its configuration; ``account`` the name of who imports, an editor of ``organisation``."""

    ini: Path
    account: str = "agent-du-banc"
    organisation: str = "region-fictive"

    @cached_property
    def settings(self) -> dict[str, str]:
        """What the configuration says."""
        parser = configparser.ConfigParser(interpolation=None)
        parser.read(self.ini, encoding="utf-8")
        return dict(parser["app:main"])

    @cached_property
    def engine(self) -> sa.engine.Engine:
        """Its database; what was lost by a restart is opened again."""
        return sa.create_engine(self.settings["sqlalchemy.url"], pool_pre_ping=True)

    @property
    def storage(self) -> Path:
        """Folder of its files."""
        return Path(self.settings["ckan.storage_path"])

    @property
    def waiting(self) -> Path:
        """Folder of the copies that wait for their publication."""
        return Path(self.settings["ckanext.budget.deposit_path"])

    def query(self, sql: str, **values: Any) -> list[Any]:
        """Rows of a query (read-only, a transaction of its own)."""
        with self.engine.connect() as connection:
            return list(connection.execute(sa.text(sql), values))

    def one(self, sql: str, **values: Any) -> Any:
        """The only value of a query."""
        return self.query(sql, **values)[0][0]

    def documents(self) -> int:
        """How many truths are published."""
        return self.one("SELECT count(*) FROM budget_document WHERE status = 'converted'")

    def command(self, *arguments: str | Path) -> list[str]:
        """A ``ckan`` command."""
        return [str(CKAN), "-c", str(self.ini), *map(str, arguments)]

    def ckan(self, *arguments: str | Path, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a ``ckan`` command to its end."""
        done = subprocess.run(
            self.command(*arguments), capture_output=True, text=True, cwd=ROOT, env=environment(), check=False
        )
        if check and done.returncode:
            raise FailedError((done.stdout + done.stderr)[-1200:])
        return done

    def start(self, log: Path, *arguments: str | Path) -> subprocess.Popen[bytes]:
        """Start a ``ckan`` command; what it prints is added to ``log``."""
        with log.open("ab") as out:
            return subprocess.Popen(self.command(*arguments), stdout=out, stderr=out, cwd=ROOT, env=environment())

    def indexed(self) -> dict[str, dict[str, Any]]:
        """What the search engine holds of each budget dataset."""
        asked = f"site_id:{self.settings['ckan.site_id']} AND dataset_type:budget AND state:active"
        url = f"{self.settings['solr_url']}/select?q={quote(asked)}&rows=10000&wt=json&fl=id,data_dict"
        with urlopen(url, timeout=60) as answer:  # noqa: S310  (the soak's own Solr)
            return {doc["id"]: json.loads(doc["data_dict"]) for doc in json.load(answer)["response"]["docs"]}

    def prepare(self) -> None:
        """The account that imports, an editor of the one organisation; once in the life of a database."""
        if self.query('SELECT 1 FROM "user" WHERE name = :name', name=self.account):
            return
        seed = [sys.executable, "-m", "benchmarks.imports.seed", str(self.ini), self.account, self.organisation]
        done = subprocess.run(seed, capture_output=True, text=True, cwd=ROOT, env=environment(), check=False)
        if done.returncode:
            raise FailedError((done.stdout + done.stderr)[-1200:])

    def token(self) -> str:
        """A token of the account."""
        printed = self.ckan("user", "token", "add", self.account, f"banc-{time.time_ns()}").stdout
        return re.findall(r"\beyJ[\w.-]+", printed)[-1]


def environment() -> dict[str, str]:
    """Without CKAN's own variables, which would override the configuration."""
    return {name: value for name, value in os.environ.items() if not name.startswith("CKAN_")}


def children(pid: int) -> list[int]:
    """The processes that a process has started and that run."""
    try:
        return [int(n) for n in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def seconds(pids: Sequence[int]) -> float:
    """Processor time of processes, with that of their children that ended."""
    return sum(_seconds(pid) for pid in pids)


def _seconds(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(int(field) for field in fields[11:15]) / os.sysconf("SC_CLK_TCK")
