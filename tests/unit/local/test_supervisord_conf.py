"""supervisord's configuration holds names and nothing else."""

from __future__ import annotations

from supervisor.options import UnhosedConfigParser

from providers.local.spec import Spec
from providers.local.supervisord_conf import render

SPEC = Spec(
    name="shop",
    owner="shop",
    kind="process",
    order=20,
    command=("python", "-c", "[program:evil]\ncommand=x"),
    environment={"TOKEN": "canary"},
    stop_signal="INT",
    stop_seconds=7,
    stop_as_group=True,
    labels={"team": "[include]"},
)


def parsed(text: str) -> dict[str, dict[str, str]]:
    parser = UnhosedConfigParser()
    parser.read_string(text)
    return {section: dict(parser.items(section)) for section in parser.sections()}


def test_a_program_is_started_by_the_launcher_under_its_name() -> None:
    program = parsed(render([SPEC]))["program:shop"]
    assert program["command"] == "%(ENV_PLAT_LAUNCH)s shop"
    assert (program["stopsignal"], program["stopwaitsecs"], program["stopasgroup"]) == ("INT", "7", "true")


def test_what_dies_is_started_again_but_nothing_starts_by_itself() -> None:
    program = parsed(render([SPEC]))["program:shop"]
    assert (program["autostart"], program["autorestart"]) == ("false", "true")


def test_neither_commands_nor_variables_nor_labels_get_into_it() -> None:
    text = render([SPEC])
    assert [word for word in ("canary", "evil", "python", "include") if word in text] == []


def test_the_same_programs_give_the_same_bytes() -> None:
    assert render([SPEC, SPEC]) == render([SPEC, SPEC])
    assert sorted(parsed(render([]))) == ["rpcinterface:supervisor", "supervisord", "unix_http_server"]
