"""MongoDB's protocol by our FerretDB: its guard keeps every account in its own database, which FerretDB alone does not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256

from components.kubernetes.manifest import Hidden
from components.kubernetes.servers.kind import DATA, FILES, Files, Kind
from plat.plan.model import SecretRef, Server
from providers.local import password_hashes


def _files(server: Server) -> Files:
    def render(values: Mapping[SecretRef, str]) -> str:
        password = values[server.admin_secret]
        # Made from the password itself, so that the same password gives the same file.
        return password_hashes.scram(password, sha256(f"{server.name}:{password}".encode()).digest()[:16])

    return {"verifier": Hidden((server.admin_secret,), render)}


def _command(server: Server) -> Sequence[str]:
    return [
        *("plat-ferretdb", "-fenced", "-listen", f"0.0.0.0:{server.port}", "-data", f"{DATA}/databases"),
        *("-administrator", server.admin_user, "-verifier", f"{FILES}/verifier"),
        *(("-hasty",) if server.durability == "ephemeral" else ()),
    ]


KIND = Kind(
    prepare=lambda _server: f"set -eu\nmkdir -p {DATA}/databases\n", command=_command, memory=512, files=_files, grace=30
)
