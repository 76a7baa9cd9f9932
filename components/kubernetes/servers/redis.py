"""Redis: accounts in a file of its own volume, the nameless one closed."""

from __future__ import annotations

from collections.abc import Sequence

from components.kubernetes.servers.kind import DATA, FILES, PASSWORD, TMP, Kind, Probe, succeeds
from plat.plan.model import Server


def _prepare(server: Server) -> str:
    # Everybody else's account stays as it is; the administrator's is what the plan says.
    return f"""\
set -eu
umask 077
hash=$(tr -d '\\n' < {FILES}/{PASSWORD} | sha256sum | cut -d ' ' -f 1)
touch {DATA}/users.acl
grep -v -e '^user {server.admin_user} ' -e '^user default ' {DATA}/users.acl > {TMP}/users.acl || true
echo "user default off resetpass resetkeys resetchannels -@all" >> {TMP}/users.acl
echo "user {server.admin_user} on #$hash ~* &* +@all" >> {TMP}/users.acl
cp {TMP}/users.acl {DATA}/users.acl
"""


def _command(server: Server) -> Sequence[str]:
    kept = server.durability == "persistent"
    return [
        *("redis-server", "--bind", "*", "--port", f"{server.port}", "--protected-mode", "no"),
        *("--dir", DATA, "--aclfile", f"{DATA}/users.acl"),
        *(("--appendonly", "yes", "--appendfsync", "everysec") if kept else ("--appendonly", "no", "--save", "")),
    ]


def _asks(server: Server) -> Probe:
    # Whoever has not said who they are is told so, which is an answer.
    return succeeds("redis-cli", "-h", "127.0.0.1", "-p", f"{server.port}", "ping")


KIND = Kind(prepare=_prepare, command=_command, memory=256, asks=_asks)
