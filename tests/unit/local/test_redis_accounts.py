"""Accounts in a Redis: the file that a server starts with, and what differs from what was declared."""

from __future__ import annotations

from providers.local import password_hashes
from providers.local.inputs import RedisUserInputs, ServerInputs
from providers.local.kinds.redis import with_administrator
from providers.local.redis_user import differences, rules

SERVER = ServerInputs(name="r", kind="redis", port=1, admin_user="boss", admin_password="password-1")
HASH = password_hashes.redis("password-1")
ADMIN = f"user boss on #{HASH} ~* &* +@all"
CLOSED = "user default off resetpass resetkeys resetchannels -@all"
OTHER = f"user shop on #{HASH} ~shop:* -@all +get"
ACCOUNT = RedisUserInputs(port=1, admin_user="boss", admin_password="password-1", user="shop", password="password-2")


def test_a_new_file_has_the_administrator_and_nobody_by_default() -> None:
    assert with_administrator("", SERVER) == f"{CLOSED}\n{ADMIN}\n"


def test_accounts_made_in_the_running_server_stay() -> None:
    old = f"user default on nopass ~* +@all\nuser boss on #{'0' * 64} ~* &* +@all\n{OTHER}\n"
    assert with_administrator(old, SERVER) == f"{CLOSED}\n{ADMIN}\n{OTHER}\n"


def test_what_redis_has_rewritten_in_its_own_words_is_left_alone() -> None:
    own_words = f"user boss on sanitize-payload #{HASH} ~* &* +@all\nuser default off sanitize-payload &* -@all\n{OTHER}\n"
    assert with_administrator(own_words, SERVER) == own_words


def test_an_administrator_without_a_password_is_mended() -> None:
    assert with_administrator(f"{CLOSED}\nuser boss on nopass #{HASH} ~* &* +@all\n", SERVER) == f"{CLOSED}\n{ADMIN}\n"


def test_an_account_is_given_whole_so_that_nothing_of_before_stays() -> None:
    given = rules(ACCOUNT)
    assert given[:4] == ["reset", "on", f"#{password_hashes.redis('password-2')}", "~*"]
    assert "password-2" not in " ".join(given)
    assert {"-@admin", "-@dangerous"} < set(given)


def test_differences_are_told_without_the_password() -> None:
    wanted = {"commands": "+@all", "passwords": "abc", "login": "on"}
    assert differences(wanted, wanted) == []
    assert differences(None, wanted) == ["the account is not there"]
    found = {"commands": "+@all +@admin", "passwords": "def", "login": "on"}
    assert differences(found, wanted) == ["commands: +@all +@admin", "another password"]
