"""What needs no MariaDB to be told: which settings are Plat's, whom a grant means, and what has changed."""

from __future__ import annotations

import pytest

from providers.local.kinds.mysql import _is_reserved
from providers.local.mysql_user import differences, pattern

WANTED = {"account": "CREATE USER `a`", "grants": "GRANT ALL", "password": "*00"}


@pytest.mark.parametrize(
    "name",
    [
        "datadir",
        "bind-address",
        "bind_addr",
        "skip-grant-tables",
        "loose-skip-grant",
        "skip_networking",
        "ssl-ca",
        "plugin-load-add",
    ],
)
def test_a_setting_that_decides_on_addresses_files_or_accounts_is_plat_s_in_any_spelling(name: str) -> None:
    assert _is_reserved(name)


@pytest.mark.parametrize("name", ["max-connections", "max_statement_time", "innodb-buffer-pool-size", "sql-mode", "time-zone"])
def test_any_other_setting_may_be_made(name: str) -> None:
    assert not _is_reserved(name)


def test_a_grant_means_one_database_and_none_that_its_name_would_match() -> None:
    assert pattern("sales_eu") == "`sales\\_eu`"


def test_what_differs_is_told_without_a_password() -> None:
    assert differences(WANTED, WANTED) == []
    assert differences(None, WANTED) == ["the account is not there"]
    assert differences({**WANTED, "password": "*11", "grants": "GRANT SELECT"}, WANTED) == [
        "grants: GRANT SELECT",
        "another password",
    ]
