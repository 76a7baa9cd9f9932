"""How workers share these tests: whatever lives on one set of servers stays with one worker.

There is one more than processors, since tests wait for servers a third of the time.
"""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

# The folders whose tests share servers for the whole session. Everywhere else the tests of one file share them.
SHARED = ("main_job", "landscapes", "verify", "audit", "policies", "toolchain", "map")
# What takes longest comes first, so that no worker ends alone: `rollout` has the longest file of all, and some of `machine`
# wait for minutes until a connection counts as lost.
FIRST = ("main_job", "rollout", "machine", *SHARED[1:])


class ByServers(LoadScopeScheduling):
    """Hands a worker all tests that use the same servers, in the order of collection."""

    def __init__(self, config: pytest.Config, log: Producer | None = None) -> None:
        config.option.loadscopereorder = False
        super().__init__(config, log)

    def _split_scope(self, nodeid: str) -> str:
        file = PurePosixPath(nodeid.partition("::")[0])
        return str(file.parent if file.parent.name in SHARED else file)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadScopeScheduling:
    """The scheduler of a run with several workers."""
    return ByServers(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the folders that take longest first; within them and among the rest the order stays."""
    items.sort(key=_place)


def _place(item: pytest.Item) -> int:
    folder = item.path.parent.name
    return FIRST.index(folder) if folder in FIRST else len(FIRST)
