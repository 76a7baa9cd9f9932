"""Passwords as servers store them, against what the servers' own documentation or source gives."""

from __future__ import annotations

import base64
from hashlib import sha256

from providers.local import password_hashes


def test_a_scram_verifier_is_what_postgresql_makes_of_the_same_salt() -> None:
    # RFC 7677, section 3: user `user`, password `pencil`, 4096 iterations, this salt.
    salt = base64.b64decode("W22ZaJ0SNY7soEsUEjb6gQ==")
    expected = (
        "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:"
        "wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU="
    )
    assert password_hashes.scram("pencil", salt) == expected


def test_a_scram_verifier_has_another_salt_each_time() -> None:
    assert password_hashes.scram("pencil") != password_hashes.scram("pencil")


def test_redis_knows_a_password_by_its_plain_hash() -> None:
    assert password_hashes.redis("foobared") == sha256(b"foobared").hexdigest()


def test_rabbitmq_puts_the_salt_before_the_hash() -> None:
    # https://www.rabbitmq.com/docs/passwords, "Computing a Password Hash": salt 908DC60A, password test12.
    assert password_hashes.rabbitmq("test12", bytes.fromhex("908DC60A")) == "kI3GCqW5JLMJa4iX1lo7X4D6XbYqlLgxIs30+P6tENUV2POR"


def test_mysql_hashes_a_password_twice() -> None:
    # What `SELECT PASSWORD('password')` says: https://mariadb.com/kb/en/password/.
    assert password_hashes.mysql("password") == "*2470C0C06DEE42FD1618BB99005ADCA2EC9D1E19"
