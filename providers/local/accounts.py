"""The account that servers and deployables run as, and work done under it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from plat.home import HomeProblem, service_user
from providers.local.errors import LocalProblem


@dataclass(frozen=True, slots=True)
class Account:
    """Who servers run as. `switches` tells whether that is another one than the caller, who is root then."""

    uid: int
    gid: int
    switches: bool

    @classmethod
    def current(cls) -> Account:
        """Return the service user for root, the caller otherwise. Raises LocalProblem where the service user is missing."""
        try:
            entry = service_user()
        except HomeProblem as problem:
            raise LocalProblem(str(problem)) from None
        if entry is None:
            return cls(os.geteuid(), os.getegid(), switches=False)
        return cls(entry.pw_uid, entry.pw_gid, switches=True)

    def run(
        self,
        argv: Sequence[str],
        *,
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
        given: str = "",
        timeout: float = 300,
    ) -> subprocess.CompletedProcess[str]:
        """Run `argv` under this account to its end, with `given` on its standard input; both streams come as stdout.

        The folder `cwd` is entered before the account is taken on, so it may lie where that account cannot get to.
        """
        return subprocess.run(
            argv,
            cwd=cwd or "/",
            env=dict(env or BASIC_ENVIRONMENT),
            input=given,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=timeout,
            check=False,
            start_new_session=True,
            umask=0o077,
            user=self.uid if self.switches else None,
            group=self.gid if self.switches else None,
            extra_groups=() if self.switches else None,
        )


BASIC_ENVIRONMENT: Mapping[str, str] = {
    "PATH": "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin",
    "LANG": "C.UTF-8",
    "TZ": os.environ.get("TZ", "UTC"),
}
"""All that a server gets of the caller's environment: in particular no passphrase and no token of Pulumi's."""
