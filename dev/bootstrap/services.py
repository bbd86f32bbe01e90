"""Redis and Solr of the project's own, on 127.0.0.1."""

from __future__ import annotations

import os
import shutil
import time
import urllib.error
import urllib.request
from pathlib import Path

from dev.bootstrap.common import (
    CKAN,
    ROOT,
    SERVICES,
    alive,
    answers,
    background,
    forget_port,
    port,
    run,
    say,
    stamp,
    stop,
    terminate,
    venv,
)

SOLR = SERVICES / "solr"
HOME = SOLR / "home"
USES = ("demo", "test")
#: the tests' indexes: a commit then waits for no disk
IN_MEMORY = "budget.directory=solr.ByteBuffersDirectoryFactory\nbudget.lock=single\nbudget.log=false\n"


def redis_url(version: str, use: str) -> str:
    """Each CKAN version and use has its own index."""
    index = 2 * list(CKAN).index(version) + USES.index(use)
    return f"redis://127.0.0.1:{port('redis')}/{index}"


def solr_url(version: str, use: str) -> str:
    """Each CKAN version and use has its own core."""
    return f"http://127.0.0.1:{port('solr')}/solr/{core(version, use)}"


def core(version: str, use: str) -> str:
    """Name of a Solr core; the tests' end in _test."""
    return f"budget_{version.replace('.', '')}_{use}"


def start_redis() -> None:
    """Start Redis; nothing is kept on disk but what a clean stop saves."""
    if alive(SERVICES / "redis.pid") and answers(port("redis")):
        return
    if answers(port("redis")):
        forget_port("redis")
    folder = SERVICES / "redis"
    folder.mkdir(parents=True, exist_ok=True)
    say(f"starting Redis on port {port('redis')}")
    server = shutil.which("redis-server") or "/usr/bin/redis-server"
    background(
        "redis", [server, "--port", str(port("redis")), "--bind", "127.0.0.1", "--dir", str(folder), "--save", "60 1"]
    )
    _wait(lambda: answers(port("redis")), 20, "Redis")


def start_solr(version: str) -> None:
    """Start Solr with the cores of a CKAN version (a new core means a new start: Solr finds cores when it starts)."""
    lib = _jars()
    new = [use for use in USES if _make_core(version, use)]
    if new and terminate("solr"):
        _wait(lambda: not answers(port("solr")), 30, "Solr (stopping)")
    if alive(SERVICES / "solr.pid") and answers(port("solr")):
        return
    if answers(port("solr")):
        forget_port("solr")
    number = port("solr")
    say(f"starting Solr on port {number}")
    logs = SOLR / "logs"
    logs.mkdir(exist_ok=True)
    properties = [
        f"-Dsolr.home={HOME}",
        f"-Dsolr.solr.home={HOME}",
        f"-Dsolr.install.dir={SOLR}",
        f"-Dsolr.log.dir={logs}",
    ]
    source = ROOT / "dev" / "solr" / "SolrServer.java"
    background("solr", [_java(), "-Xmx512m", *properties, "-cp", f"{lib}/*", source, str(number)])
    _wait(lambda: _up(solr_url(version, "test")), 120, "Solr")


def stop_all() -> list[str]:
    """Stop Redis and Solr; the names of those that were running."""
    return [name for name in ("redis", "solr") if terminate(name)]


def _jars() -> Path:
    pom = ROOT / "dev" / "solr" / "pom.xml"
    lib = SOLR / "lib"
    made, digest = stamp(lib, pom.read_bytes())
    if not (made.exists() and made.read_text() == digest):
        say("fetching Solr's jars from Maven Central (about 70 MB)")
        lib.mkdir(parents=True, exist_ok=True)
        command = ["mvn", "-q", "-B", "-f", str(pom), "dependency:copy-dependencies", f"-DoutputDirectory={lib}"]
        for _ in range(2):
            if run(command, check=False).returncode == 0:
                break
        else:
            run(command)
        made.write_text(digest)
    return lib


def _make_core(version: str, use: str) -> bool:
    """Whether the core was made or its schema changed."""
    folder = HOME / core(version, use)
    schema = next((venv(version) / "lib").glob("python3*/site-packages/ckan/config/solr/schema.xml")).read_bytes()
    target = folder / "conf" / "schema.xml"
    config = (ROOT / "dev" / "solr" / "solrconfig.xml").read_bytes()
    properties = f"name={folder.name}\n" + (IN_MEMORY if use == "test" else "")
    files = {
        target: schema,
        folder / "conf" / "solrconfig.xml": config,
        folder / "core.properties": properties.encode(),
    }
    if all(path.exists() and path.read_bytes() == content for path, content in files.items()):
        return False
    target.parent.mkdir(parents=True, exist_ok=True)
    for path, content in files.items():
        path.write_bytes(content)
    for name in ("stopwords", "synonyms", "protwords"):
        (folder / "conf" / f"{name}.txt").touch()
    (HOME / "solr.xml").write_text("<solr></solr>\n")
    return True


def _java() -> str:
    """A JDK: the launcher is a source file."""
    for java in sorted(Path("/usr/lib/jvm").glob("*/bin/java"), reverse=True):
        if (java.parent / "javac").exists() and "17" in str(java):
            return str(java)
    return shutil.which("java") or stop("Java is missing.", "Install openjdk-17-jdk-headless.")


def _up(url: str) -> bool:
    try:
        with urllib.request.urlopen(url + "/select?q=*:*&rows=0", timeout=5) as answer:
            return answer.status == 200
    except (urllib.error.URLError, OSError):
        return False


def _wait(ready: object, seconds: int, name: str) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if ready():
            return
        time.sleep(0.3)
    stop(
        f"{name} did not answer within {seconds} s.", f"Read the logs in {os.path.relpath(SERVICES / 'logs', ROOT)}/."
    )
