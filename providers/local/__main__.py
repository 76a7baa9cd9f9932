"""Pulumi's entry to the plugin: `python providers/local ENGINE`."""

import os
import sys
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[2]
# Python put this folder first, where its modules would hide others of the same name (redis, resource).
sys.path[0] = str(_ROOT)

# Otherwise gRPC starts threads anew in every forked child, where they fail before a server's program is reached.
os.environ["GRPC_ENABLE_FORK_SUPPORT"] = "0"

# Only now can they be found.
from plat.home import Home  # noqa: E402
from providers.common.plugin import serve  # noqa: E402
from providers.local.provider import LocalProvider  # noqa: E402

serve(lambda log: LocalProvider(Home(_ROOT), log))
