"""Pulumi's entry to the plugin: `python providers/machine ENGINE`."""

import os
import sys
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[2]
# Python put this folder first, where its modules would hide others of the same name.
sys.path[0] = str(_ROOT)

# Otherwise gRPC starts threads anew in every forked child, where they fail before `ssh` is reached.
os.environ["GRPC_ENABLE_FORK_SUPPORT"] = "0"

# Only now can they be found.
from providers.common.plugin import serve  # noqa: E402
from providers.machine.provider import MachineProvider  # noqa: E402

serve(lambda log: MachineProvider(log, Path.cwd()))
