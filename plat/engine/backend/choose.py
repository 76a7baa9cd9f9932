"""Which backend an environment has, and how its states are read."""

from __future__ import annotations

import subprocess

from plat.backends import PASSPHRASE, at_folder, folder_of
from plat.engine import toolchain
from plat.engine.backend.bucket import Bucket
from plat.engine.backend.folder import Folder
from plat.engine.backend.model import Backend, States
from plat.engine.backend.stored import Stored
from plat.engine.backend.told import Ask, Told
from plat.engine.problem import BackendProblem
from plat.home import Home


def backend_of(home: Home, url: str | None = None, secrets: str = PASSPHRASE) -> Backend:
    """The backend at `url`, as an environment names it; that of the checkout itself for None."""
    if url is None:
        return Backend(at_folder(home.state.resolve()), Stored(Folder(home.state)), secrets)
    if folder := folder_of(url, home.root):
        return Backend(at_folder(folder, url.partition("?")[2]), Stored(Folder(folder)), secrets, shared=True)
    states: States = Stored(Bucket(url)) if url.startswith("s3://") else Told(asking(home, url))
    return Backend(url, states, secrets, shared=True)


def asking(home: Home, url: str) -> Ask:
    """What asks Pulumi on the backend at `url`."""

    def ask(*words: str) -> str:
        try:
            variables = toolchain.environment(home, url)
            argv = [toolchain.pulumi(variables), *words, "--non-interactive"]
        except toolchain.ToolchainProblem as problem:
            raise BackendProblem(str(problem)) from None
        done = subprocess.run(argv, cwd=home.root, env=variables, capture_output=True, text=True, check=False)
        if done.returncode:
            msg = f"states cannot be read in {url.partition('?')[0]}: {done.stderr.strip()}"
            raise BackendProblem(msg)
        return done.stdout

    return ask
