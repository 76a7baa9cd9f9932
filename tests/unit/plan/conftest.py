from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from plat.environment import Environment, Ports, Targets
from plat.landscape import Landscape, load_landscape
from plat.plan.build import build
from plat.plan.model import Plan

Planned = Callable[..., Plan]

LANDSCAPE = """
apiVersion: plat/v1
kind: Landscape
name: shop
teams: [{name: sales-team}, {name: goods-team}, {name: platform-team, type: platform}]
platform-team: platform-team
broker: {type: rabbitmq}
"""

SALES = """
apiVersion: plat/v1
kind: Context
name: sales
team: sales-team
subdomain: core
purpose: Takes orders.
datastore: [{type: postgresql, version: "16"}, {type: redis}]
deployables:
  - {name: sales-api, image: registry.example/sales:1, command: [python, -m, sales], port: 8080, environment: {PRICE: "5$"}}
exposes: {TakeOrder: {public: true}, GetOrder: {}}
publishes: {OrderTaken: {version: 2}, OrderLost: {status: retired}}
"""

GOODS = """
apiVersion: plat/v1
kind: Context
name: goods
team: goods-team
subdomain: supporting
purpose: Sends goods.
deployables:
  - {name: goods, image: registry.example/goods:1, command: [python, -m, goods]}
consumes: [{event: sales.OrderTaken, version: 2}]
upstreams: [{context: sales, uses: [GetOrder]}]
"""

ENVIRONMENT = Environment(
    apiVersion="plat/v1", kind="Environment", name="test", targets=Targets(kubernetes="local", vm="local"), ports=Ports()
)


def write(folder: Path, files: dict[str, str]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text)
    return folder


def load(folder: Path) -> Landscape:
    result = load_landscape(folder)
    assert result.landscape is not None, "\n".join(finding.render() for finding in result.findings)
    return result.landscape


@pytest.fixture
def planned(tmp_path: Path) -> Planned:
    def plan(**changed: str) -> Plan:
        files = {"landscape.yaml": LANDSCAPE, "sales.yaml": SALES, "goods.yaml": GOODS}
        files |= {f"{name}.yaml": text for name, text in changed.items()}
        folder = write(tmp_path / "shop", {name: text for name, text in files.items() if text})
        return build(load(folder), ENVIRONMENT)

    return plan
