"""Small landscapes that a test writes itself: descriptors in a few words, in a project of its own."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from plat.project import Project

TODAY = date(2027, 1, 31)

_ENVIRONMENT = "apiVersion: plat/v1\nkind: Environment\nname: local\ntargets: {kubernetes: local, vm: local}\n"


def landscape(*teams: str, rest: str = "") -> str:
    """A landscape.yaml called `shop` with these teams and a broker."""
    listed = "".join(f"  - {{name: {team}}}\n" for team in teams)
    return (
        f"apiVersion: plat/v1\nkind: Landscape\nname: shop\nteams:\n{listed}  - {{name: platform-team, type: platform}}\n"
        f"platform-team: platform-team\nbroker: {{type: rabbitmq}}\n{rest}"
    )


def context(name: str, rest: str = "", *, team: str = "", subdomain: str = "core", runs: bool = True) -> str:
    """A context of a team called after it, with one deployable unless something else hosts it."""
    text = (
        f"apiVersion: plat/v1\nkind: Context\nname: {name}\nteam: {team or f'{name}-team'}\nsubdomain: {subdomain}\n"
        f"purpose: Does its part.\n{rest}"
    )
    own = f"deployables:\n  - {{name: {name}, image: registry.example/{name}, command: [run], port: 8080}}\n"
    return text + own if runs else text


def deployable(name: str, team: str, rest: str = "") -> str:
    """A deployable of its own."""
    return (
        f"apiVersion: plat/v1\nkind: Deployable\nname: {name}\nteam: {team}\npurpose: Does its part.\n"
        f"image: registry.example/{name}\ncommand: [run]\nport: 8080\n{rest}"
    )


def project(root: Path, files: dict[str, str]) -> Project:
    """A project whose landscape `shop` has these files, on TODAY."""
    folder = root / "contexts" / "shop"
    folder.mkdir(parents=True)
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text)
    environments = root / "stacks" / "environments"
    environments.mkdir(parents=True)
    (environments / "local.yaml").write_text(_ENVIRONMENT)
    return Project(root, TODAY)
