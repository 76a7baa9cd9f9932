"""The layers that the cluster's images are made of, each a part of the set-up: a tar in the cache, and its SHA-256."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from toolchain.cluster.archive import Layer, digest_of, pack
from toolchain.cluster.places import KIND, Places
from toolchain.commands import Runner
from toolchain.debootstrap import System, install
from toolchain.errors import SetupError
from toolchain.parts import is_complete, key_of, making
from toolchain.progress import Step
from toolchain.sandbox.errors import NotRootError

ROOT = "opt/plat"
"""Where our own parts lie in the image."""

_PACKAGES = (
    "barman-cli-cloud",  # how CloudNativePG makes backups
    "ca-certificates",
    "curl",
    "default-jre-headless",
    "mariadb-server",
    "netcat-openbsd",
    "pgbouncer",
    "postgresql-15",
    "procps",
    "psmisc",
    "python-is-python3",  # descriptors say `python`
    "python3",
    "python3-boto3",
    "rabbitmq-server",
    "redis-server",
)
_HOOKS = (
    "--essential-hook=mkdir -p $1/usr/share/man/man1",  # Java's package links to a page in it
    "--essential-hook=mkdir -p $1/etc/postgresql-common",
    "--essential-hook=echo create_main_cluster=false > $1/etc/postgresql-common/createcluster.conf",
    # Pods run as users that the packages have never heard of. What is closed to all but root holds no secret of anybody.
    "--customize-hook=chroot $1 chmod -R a+rX /etc /opt /usr /var/lib",
    "--customize-hook=chmod 0640 $1/etc/shadow $1/etc/gshadow",
    # Debian's own programs are made for Debian's own libraries, whatever lies in front of them for services.
    "--customize-hook=sed -i '1s,^#!/usr/bin/python3$,& -E,' $1/usr/bin/barman-*",
    # CloudNativePG starts a pooler there, as this user, and asks it things as whoever it runs as.
    "--customize-hook=ln -s ../sbin/pgbouncer $1/usr/bin/pgbouncer",
    "--customize-hook=echo pgbouncer:x:998:996::/nonexistent:/usr/sbin/nologin >> $1/etc/passwd",
)
_SYSTEM = System(_PACKAGES, _HOOKS)
_SOURCES = ("plat", "providers", "samples")
_NO_PROGRAMS = shutil.ignore_patterns("__pycache__", "node_modules", "*.pyc")


class LayerPart:
    """One layer; what it is made of names it in the cache."""

    def __init__(
        self, places: Places, name: str, made_of: Sequence[bytes], make: Callable[[Path, Step, Runner], None]
    ) -> None:
        """Take what its key follows from, and what writes the tar."""
        self.name = f"layer {name}"
        self._places = places
        self._make = make
        self._log = f"layer-{name}"
        self._folder = places.cache / "layers" / f"{name}-{key_of([_FORMAT, *made_of])}"

    @property
    def key(self) -> str:
        """What names it in the cache."""
        return self._folder.name

    @property
    def ready(self) -> bool:
        """Whether it is there."""
        return is_complete(self._folder)

    @property
    def layer(self) -> Layer:
        """The layer, once it is there."""
        return Layer(self._folder / "layer.tar", (self._folder / "sha256").read_text(encoding="utf-8"))

    def lacks(self) -> list[SetupError]:
        """Nothing: what it is made of is a part of its own."""
        return []

    def provide(self, step: Step) -> None:
        """Write the tar unless it is there."""
        how = "cached"
        if not self.ready:
            how = "made"
            runner = Runner(self.name, self._places.site.logs / f"{self._log}.log")
            with making(self._folder) as folder:
                self._make(folder / "layer.tar", step, runner)
                (folder / "sha256").write_text(digest_of(folder / "layer.tar"), encoding="utf-8")
        step.done(f"{how}, {self.layer.size / 1e6:.0f} MB")


_FORMAT = b"1"
"""Another one whenever layers are written differently."""


class DebianLayer(LayerPart):
    """The lowest layer: Debian's packages, installed as a machine has them, with nothing running."""

    def __init__(self, places: Places) -> None:
        super().__init__(places, "debian", _SYSTEM.made_of, self._install)

    def lacks(self) -> list[SetupError]:
        """Name what only root can do."""
        return [] if self.ready or self._places.site.root else [NotRootError("making the base image", KIND)]

    def _install(self, tar: Path, step: Step, runner: Runner) -> None:
        install(_SYSTEM, tar, step, runner)


@dataclass(frozen=True)
class Libraries:
    """A virtual environment's Python, and the file that pins what is installed."""

    python: Path
    lock: Path


def libraries_layer(places: Places, libraries: Libraries) -> LayerPart:
    """The layer with everything that requirements.txt pins, verified by its hashes."""

    def make(tar: Path, step: Step, runner: Runner) -> None:
        with _folder_beside(tar) as target:
            collected = 0

            def count(line: str) -> None:
                nonlocal collected
                collected += line.startswith("Collecting ")
                step.note(f"{collected} libraries collected")

            install = ["-m", "pip", "install", "--require-hashes", "--only-binary", ":all:", "--no-input", "--no-compile"]
            where = ["--disable-pip-version-check", "--target", f"{target}", "-r", f"{libraries.lock}"]
            runner.run([f"{libraries.python}", *install, *where], on_line=count)
            step.note("compiling")
            _compile(target, f"/{ROOT}/site-packages", libraries.python, runner)
            pack({f"{ROOT}/site-packages": target}, tar)

    return LayerPart(places, "libraries", [libraries.lock.read_bytes()], make)


def source_layer(places: Places, python: Path) -> LayerPart:
    """The layer with what services run of this checkout's own source."""
    checkout = places.site.checkout
    files = sorted(file for name in _SOURCES for file in (checkout / name).rglob("*") if file.is_file())
    kept = [file for file in files if file.suffix != ".pyc"]
    made_of = [part for file in kept for part in (f"{file.relative_to(checkout)}".encode(), file.read_bytes())]

    def make(tar: Path, step: Step, runner: Runner) -> None:
        step.note("compiling")
        with _folder_beside(tar) as copy:
            for name in _SOURCES:
                shutil.copytree(checkout / name, copy / name, ignore=_NO_PROGRAMS)
            _compile(copy, f"/{ROOT}/source", python, runner)
            pack({f"{ROOT}/source": copy}, tar)

    return LayerPart(places, "source", made_of, make)


def files_layer(places: Places, name: str, trees: Mapping[str, Path]) -> LayerPart:
    """A layer with files of the cache, whose folder's name says what they are made of."""

    def make(tar: Path, step: Step, runner: Runner) -> None:
        del runner
        step.note("packing")
        pack(trees, tar)

    return LayerPart(places, name, [f"{place}={tree}".encode() for place, tree in sorted(trees.items())], make)


def _compile(folder: Path, place: str, python: Path, runner: Runner) -> None:
    """Compile for a file system that nobody can write to, and without the times that a layer does not keep."""
    options = ["-q", "-j", "2", "--invalidation-mode", "unchecked-hash", "-s", f"{folder}", "-p", place]
    # Some libraries bring templates that are no Python: what does not compile is not imported either.
    runner.run(["sh", "-c", '"$@" || true', "compile", f"{python}", "-m", "compileall", *options, f"{folder}"])


@contextmanager
def _folder_beside(tar: Path) -> Iterator[Path]:
    with TemporaryDirectory(dir=tar.parent) as folder:
        yield Path(folder)
