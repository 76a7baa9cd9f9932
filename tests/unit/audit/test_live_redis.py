from __future__ import annotations

import pytest

from plat.audit.live.redis import Account, Users, findings
from policies.ground import Ground

REDIS = "billing--redis"
CATEGORIES = {
    "admin": frozenset({"acl", "config", "shutdown"}),
    "dangerous": frozenset({"acl", "config", "shutdown", "flushall", "flushdb", "info", "keys"}),
    "read": frozenset({"get", "keys"}),
    "write": frozenset({"set", "flushall", "flushdb"}),
    "connection": frozenset({"auth", "info"}),
}
AS_GIVEN = ("+@all", "-@admin", "-@dangerous", "+keys", "+flushdb", "+info")
ADMIN = Account("admin", on=True, nopass=False, commands=("+@all",))
NOBODY = Account("default", on=False, nopass=False, commands=("-@all",), keys=())


def found(market: Ground, *accounts: Account) -> list[tuple[str, str, str]]:
    users = Users((ADMIN, *accounts), CATEGORIES)
    return [(item.rule, item.message, item.hint) for item in findings(users, market.servers[REDIS], market)]


def own(*commands: str, nopass: bool = False, on: bool = True, keys: tuple[str, ...] = ("*",)) -> Account:
    return Account("billing", on=on, nopass=nopass, commands=commands, keys=keys)


@pytest.mark.parametrize("commands", [AS_GIVEN, ("+@all", "-@admin", "-flushall")], ids=["as given", "in other words"])
def test_what_plat_makes_is_not_reported_in_whatever_words_redis_says_it(market: Ground, commands: tuple[str, ...]) -> None:
    assert found(market, NOBODY, own(*commands)) == []


def test_another_user_is_found_with_what_removes_it(market: Ground) -> None:
    ((rule, message, hint),) = found(market, own(*AS_GIVEN), Account("spy", on=True, nopass=False, commands=("+get",)))

    assert rule == "datastore-ownership"
    assert message.startswith("user `spy` of billing--redis: `spy` (no context of this landscape) writes to datastore")
    assert hint == "as `admin` of billing--redis: ACL DELUSER spy, then ACL SAVE"


def test_a_user_that_anybody_is_where_nobody_logs_in_is_found(market: Ground) -> None:
    ((rule, _, hint),) = found(market, own(*AS_GIVEN), Account("default", on=True, nopass=True, commands=("+@all",)))

    assert (rule, hint) == (
        "datastore-ownership",
        "as `admin` of billing--redis: ACL SETUSER default off resetpass resetkeys -@all, then ACL SAVE",
    )


@pytest.mark.parametrize(
    ("account", "reason"),
    [
        (own(*AS_GIVEN, "+config"), "it may `config`, which the landscape does not grant"),
        (own(*AS_GIVEN, "-get"), "it may not `get`, which the landscape grants"),
        (own(*AS_GIVEN, nopass=True), "anybody may log in as it without a password"),
        (own(*AS_GIVEN, keys=("~session:*",)), "it may not touch every key of its own store"),
    ],
)
def test_a_contexts_own_user_with_other_rights_is_found(market: Ground, account: Account, reason: str) -> None:
    assert found(market, account) == [
        (
            "right-beyond-plan",
            f"user `billing` of billing--redis: {reason}",
            "`plat up market -e local --refresh` sets its rights as declared",
        )
    ]


@pytest.mark.parametrize("accounts", [(), (own(*AS_GIVEN, on=False),)], ids=["not there", "switched off"])
def test_a_user_that_cannot_come_in_is_found(market: Ground, accounts: tuple[Account, ...]) -> None:
    assert [item[0] for item in found(market, *accounts)] == ["right-missing"]
