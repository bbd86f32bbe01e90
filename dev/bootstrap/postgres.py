"""A PostgreSQL cluster of the project's own, on 127.0.0.1, and its databases."""

from __future__ import annotations

import hashlib
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from dev.bootstrap.common import (
    LOGS,
    ROOT,
    SERVICES,
    answers,
    environment,
    forget_port,
    port,
    run,
    say,
    secret,
    state,
    stop,
)

ADMIN = "budget_admin"
OWNER = "budget_ckan"
READER = "budget_reader"


def databases(version: str, use: str) -> tuple[str, str]:
    """Names of CKAN's database and of the DataStore's, for «demo» or «test»."""
    short = version.replace(".", "")
    return f"budget_{short}_{use}", f"budget_{short}_datastore_{use}"


def url(role: str, database: str) -> str:
    """Connection URL of a role."""
    return f"postgresql://{role}:{secret(role)}@127.0.0.1:{port('postgresql')}/{database}"


def start() -> None:
    """Make the cluster if need be, start it, create the roles."""
    if ADMIN not in state().get("secrets", {}) and _has_cluster():
        _set_aside()
    if not _running():
        if not (_data() / "PG_VERSION").exists() and not _has_cluster():
            _initdb()
        _launch()
    for role, options in ((OWNER, "LOGIN"), (READER, "LOGIN")):
        _sql(f"DO $$ BEGIN CREATE ROLE {role} {options}; EXCEPTION WHEN duplicate_object THEN NULL; END $$")
        _sql(f"ALTER ROLE {role} PASSWORD '{secret(role)}'")


def create(version: str, use: str) -> bool:
    """Create the two databases; whether CKAN's is new."""
    new = False
    for name in databases(version, use):
        if name in _sql("SELECT datname FROM pg_database").split():
            continue
        _sql(f"CREATE DATABASE {name} OWNER {OWNER} ENCODING 'UTF8' TEMPLATE template0")
        new = True
    return new


def fresh(name: str) -> None:
    """An empty database; the one of this name is lost."""
    _sql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    _sql(f"CREATE DATABASE {name} OWNER {OWNER} ENCODING 'UTF8' TEMPLATE template0")


def restart() -> None:
    """As after a crash: the server is stopped at once, every connection is cut, and it recovers."""
    _pg_ctl("restart", "-w", "-m", "immediate")


def pid() -> int:
    """Process number of the running server."""
    done = run([*_as_owner(), "head", "-n", "1", _data() / "postmaster.pid"], cwd="/")
    return int(done.stdout)


def as_admin(database: str, sql: str) -> None:
    """Run a script as the cluster's administrator."""
    run([_bin("psql"), "-q", "-v", "ON_ERROR_STOP=1", url(ADMIN, database)], input=sql)


def stop_cluster() -> bool:
    """Stop the cluster; whether it was running."""
    if not _running():
        return False
    _pg_ctl("stop", "-m", "fast")
    return True


def _sql(statement: str) -> str:
    done = run([_bin("psql"), "-qAt", "-v", "ON_ERROR_STOP=1", "-c", statement, url(ADMIN, "postgres")])
    return done.stdout or ""


def _bin(name: str) -> str:
    for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True):
        if (folder / name).exists():
            return str(folder / name)
    return shutil.which(name) or stop(f"The program {name} is missing.", "Install the package postgresql.")


def _as_owner() -> list[str]:
    """initdb refuses root: the cluster then belongs to the account postgres."""
    return ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []


def _data() -> Path:
    """Data folder: .services/ if the cluster's owner can reach it, else a folder of its own under /var/lib."""
    inside = SERVICES / "postgresql"
    if os.geteuid() != 0:
        return inside
    reachable = (
        subprocess.run([*_as_owner(), "test", "-x", str(ROOT)], check=False, capture_output=True).returncode == 0
    )
    if reachable:
        return inside
    digest = hashlib.sha256(str(ROOT).encode()).hexdigest()[:12]
    return Path("/var/lib") / f"ckanext-budget-{digest}" / "postgresql"


def _has_cluster() -> bool:
    done = subprocess.run([*_as_owner(), "test", "-f", str(_data() / "PG_VERSION")], check=False, capture_output=True)
    return done.returncode == 0


def _set_aside() -> None:
    """A cluster outside .services/ whose set-up was removed: nobody has its passwords any more."""
    if _pg_ctl("status", check=False) == 0:
        _pg_ctl("stop", "-m", "fast")
    old = _data().with_name(f"postgresql-old-{time.strftime('%Y%m%d-%H%M%S')}")
    _data().rename(old)
    say(f"the databases of a set-up that was removed are now in {old}: delete them when you like")


def _initdb() -> None:
    say("creating a PostgreSQL cluster")
    data = _data()
    data.mkdir(parents=True, exist_ok=True)
    if os.geteuid() == 0:
        owner = pwd.getpwnam("postgres")
        os.chown(data, owner.pw_uid, owner.pw_gid)
        SERVICES.chmod(0o711)
    with tempfile.NamedTemporaryFile("w") as password:
        password.write(secret(ADMIN))
        password.flush()
        if os.geteuid() == 0:
            shutil.chown(password.name, "postgres")
        run(
            [*_as_owner(), _bin("initdb"), "-D", data, "-U", ADMIN, f"--pwfile={password.name}", "-A", "scram-sha-256",
             "-E", "UTF8", "--locale=C.UTF-8"],
            cwd="/",
        )  # fmt: skip


def _running() -> bool:
    return _pg_ctl("status", check=False) == 0 and answers(port("postgresql"))


def _launch() -> None:
    for _ in range(3):
        number = port("postgresql")
        if answers(number):
            forget_port("postgresql")
            continue
        say(f"starting PostgreSQL on port {number}")
        settings = ("fsync=off", "full_page_writes=off", "unix_socket_directories=''", "listen_addresses=127.0.0.1")
        options = " ".join([f"-p {number}", *(f"-c {setting}" for setting in settings)])
        if _pg_ctl("start", "-w", "-o", options, check=False) == 0:
            return
        forget_port("postgresql")
    stop("PostgreSQL did not start.", f"Read {_data() / 'server.log'}.")


def _pg_ctl(*arguments: str, check: bool = True) -> int:
    LOGS.mkdir(parents=True, exist_ok=True)
    command = [*_as_owner(), _bin("pg_ctl"), "-D", str(_data()), "-s", *arguments]
    if arguments[0] in ("start", "restart"):
        command += ["-l", str(_data() / "server.log")]
    done = subprocess.run(
        command, cwd="/", check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment()
    )
    if check and done.returncode:
        stop(f"pg_ctl {arguments[0]} failed.", f"Read {_data() / 'server.log'}.")
    return done.returncode
