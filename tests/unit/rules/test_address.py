from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plat.address import Address, addresses, is_loopback, listens_on_loopback, settings

LOOPBACK = [
    "",
    "localhost",
    "LOCALHOST",
    "localhost.",
    "x.localhost",
    "127.0.0.1",
    "127.1",
    "127.3.2.1",
    "2130706433",
    "0x7f000001",
    "0177.0.0.1",
    "0.0.0.0",  # noqa: S104 - read, not bound
    "0",
    "::1",
    "[::1]",
    "::",
    "::ffff:127.0.0.1",
    "ip6-localhost",
]
ELSEWHERE = ["10.0.0.7", "db.example", "128.0.0.1", "::2", "localhost.example", "1270.0.1", "::ffff:10.0.0.7"]


@pytest.mark.parametrize("host", LOOPBACK)
def test_this_machine_in_any_spelling(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ELSEWHERE)
def test_another_machine(host: str) -> None:
    assert not is_loopback(host)


URLS: dict[str, tuple[str, Address]] = {
    "all parts": ("postgresql://me:pw@h:1/db?x=y", Address("postgresql", "me", (("h", 1),), "db")),
    "the scheme's own port": ("redis://h", Address("redis", "", (("h", 6379),), "")),
    "a driver beside the scheme": ("postgresql+psycopg://h/db", Address("postgresql", "", (("h", 5432),), "db")),
    "a scheme with a plus of its own": ("mongodb+srv://h/db", Address("mongodb+srv", "", (("h", 27017),), "db")),
    "a scheme inside of another": ("jdbc:postgresql://h/db", Address("postgresql", "", (("h", 5432),), "db")),
    "several hosts": ("postgresql://a:1,b/db", Address("postgresql", "", (("a", 1), ("b", 5432)), "db")),
    "an address of IPv6": ("redis://[::1]:7/0", Address("redis", "", (("::1", 7),), "0")),
    "an at sign in the password": ("amqp://me:p@w@h:1/v", Address("amqp", "me", (("h", 1),), "v")),
    "escapes": ("amqp://a%2Db@h:1/%2Fv", Address("amqp", "a-b", (("h", 1),), "/v")),
    "a port that is none": ("redis://h:x", Address("redis", "", (("h", -1),), "")),
    "a scheme of no data": ("ftp://h", Address("ftp", "", (("h", -1),), "")),
}


@pytest.mark.parametrize(("text", "expected"), URLS.values(), ids=URLS.keys())
def test_a_url_in_a_text(text: str, expected: Address) -> None:
    assert list(addresses(f'{{"a": "{text}"}}')) == [expected]


def test_all_urls_of_a_text_are_found() -> None:
    assert [address.scheme for address in addresses("redis://a, http://b 'amqp://c'")] == ["redis", "http", "amqp"]


def test_settings_say_who_and_what() -> None:
    assert list(settings("X", "host=h dbname=a user = 'b' database=c")) == [
        ("database", "a"),
        ("user", "b"),
        ("database", "c"),
    ]


@pytest.mark.parametrize(
    ("name", "meaning"),
    [("PGUSER", "user"), ("PGDATABASE", "database"), ("MYSQL_USER", "user"), ("MYSQL_DATABASE", "database")],
)
def test_a_client_s_variable_says_it_by_its_name(name: str, meaning: str) -> None:
    assert list(settings(name, "me")) == [(meaning, "me")]


@given(st.text(max_size=200))
def test_any_text_is_read(text: str) -> None:
    assert isinstance([*addresses(text), *settings("X", text)], list)
    assert isinstance(is_loopback(text), bool)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "0x7f000001", "127.1"])
def test_what_listens_on_loopback_is_reached_from_this_machine_alone(host: str) -> None:
    assert listens_on_loopback(host)


@pytest.mark.parametrize("host", ["", "0.0.0.0", "0", "::", "::ffff:0.0.0.0", "10.0.0.7", "db.example"])  # noqa: S104 - refused
def test_what_listens_everywhere_is_not(host: str) -> None:
    assert not listens_on_loopback(host)
