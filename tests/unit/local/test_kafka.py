from __future__ import annotations

from pathlib import Path

from providers.local import kafka_settings
from providers.local.inputs import KafkaPorts, ServerInputs
from providers.local.kinds import kafka

ROOT = Path(__file__).resolve().parents[3]


def inputs(password: str) -> ServerInputs:
    ports = KafkaPorts(controller=2)
    return ServerInputs(name="k", kind="kafka", port=1, extra_ports=ports, admin_user="admin", admin_password=password)


def test_the_version_is_the_one_that_the_set_up_fetches() -> None:
    pom = (ROOT / "toolchain" / "maven" / "kafka" / "pom.xml").read_text(encoding="utf-8")
    assert pom.count(f"<version>{kafka.VERSION}</version>") == 2


def test_a_password_ends_neither_its_quotes_nor_its_line() -> None:
    login = kafka_settings.plain_login("admin", 'a"b\\c;d=#e')
    assert login.endswith(r'username="admin" password="a\"b\\c;d=#e";')
    assert kafka_settings.as_properties({"login": login}).endswith(r'password="a\\"b\\\\c;d=#e";' + "\n")


def test_only_who_is_asked_for_a_login_is_told_whom_to_let_in() -> None:
    assert 'user_admin="password-1"' in kafka_settings.plain_login("admin", "password-1", knows=True)
    assert "user_admin" not in kafka_settings.plain_login("admin", "password-1")
