"""Tries whether a port can be reached at all."""

from __future__ import annotations

import socket
from collections.abc import Mapping

from plat.plan.model import SecretRef
from plat.verify.model import Cell, Outcome, Reach
from plat.verify.probes.base import PATIENCE, let_in, refused, unclear


def try_cell(cell: Cell, action: Reach, secrets: Mapping[SecretRef, str]) -> Outcome:
    """The outcome of `cell`: silence is the answer of a network that drops what it does not let through."""
    del action, secrets
    try:
        with socket.create_connection((cell.door.host, cell.door.port), timeout=PATIENCE):
            return let_in("connected")
    except socket.gaierror as error:
        return unclear(f"no such name: {error.strerror}")
    except TimeoutError:
        return refused("nothing comes through")
    except OSError as error:
        return refused(error.strerror or type(error).__name__)
