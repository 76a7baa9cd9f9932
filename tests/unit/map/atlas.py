"""A landscape with one of everything that a context map can show."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from plat.landscape import Landscape, load_landscape

_LANDSCAPE = """\
apiVersion: plat/v1
kind: Landscape
name: atlas
title: Everything at once
teams:
  - {name: orders-team}
  - {name: money-team}
  - {name: goods-team}
  - {name: web-team}
  - {name: gateway-team, type: complicated-subsystem}
  - {name: platform-team, type: platform}
platform-team: platform-team
broker: {type: rabbitmq}
externals:
  - {name: bank, host: api.bank.example, purpose: Moves money.}
  - {name: carrier, host: api.carrier.example}
relations:
  - {between: [stock, purchasing], pattern: partnership}
  - {between: [billing, ledger], pattern: shared-kernel, contract: accounts}
  - {between: [reviews, billing], pattern: separate-ways}
"""

_ORDERING = """\
apiVersion: plat/v1
kind: Context
name: ordering
team: orders-team
subdomain: core
purpose: Takes orders.
datastore: {type: postgresql, version: "16"}
deployables:
  - {name: ordering-api, image: "r.example/o:1", command: [o], port: 80}
  - {name: ordering-worker, image: "r.example/o:1", command: [o]}
offered-as: [open-host-service, published-language]
exposes: {GetOrder: {}, ListOrders: {}}
publishes: {OrderPlaced: {version: 2}, OrderForgotten: {status: deprecated}}
upstreams:
  - {context: stock, uses: [GetStock], pattern: customer-supplier}
"""

_BILLING = """\
apiVersion: plat/v1
kind: Context
name: billing
team: money-team
subdomain: supporting
purpose: Sends invoices.
datastore:
  - {type: postgresql, isolation: database}
  - {type: redis, durability: ephemeral}
deployables:
  - {name: billing, image: "r.example/b:1", command: [b], externals: [{external: carrier, pattern: conformist}]}
consumes:
  - {event: ordering.OrderPlaced, pattern: conformist}
upstreams:
  - {context: ordering, uses: [GetOrder], pattern: anti-corruption-layer}
  - {context: gateway, uses: [Pay]}
"""

_LEDGER = """\
apiVersion: plat/v1
kind: Context
name: ledger
team: money-team
subdomain: generic
purpose: Keeps the books.
datastore: {type: postgresql}
deployables:
  - {name: ledger, image: "r.example/l:1", command: [l]}
accesses:
  - {datastore: billing/postgresql, contract: accounts}
"""

_STOCK = """\
apiVersion: plat/v1
kind: Context
name: stock
team: goods-team
subdomain: core
purpose: Knows what there is.
datastore: {type: postgresql, isolation: schema}
exposes: {GetStock: {}}
publishes: {StockLow: {}}
"""

_PURCHASING = """\
apiVersion: plat/v1
kind: Context
name: purchasing
team: goods-team
subdomain: supporting
purpose: Buys what is missing.
datastore: {type: postgresql, isolation: schema}
consumes:
  - {event: stock.StockLow, from-role: partner}
"""

_REVIEWS = """\
apiVersion: plat/v1
kind: Context
name: reviews
team: web-team
subdomain: generic
purpose: Lets people say what they think.
deployables:
  - {name: reviews, image: "r.example/r:1", command: [r]}
consumes:
  - {event: ordering.OrderPlaced, from-role: customer}
"""

_WAREHOUSE = """\
apiVersion: plat/v1
kind: Deployable
name: warehouse
team: goods-team
purpose: Runs what is released together.
hosts: [stock, purchasing]
image: r.example/w:1
command: [w]
port: 80
"""

_GATEWAY = """\
apiVersion: plat/v1
kind: Deployable
name: gateway
role: anti-corruption-layer
team: gateway-team
purpose: Speaks to the bank.
image: r.example/g:1
command: [g]
port: 80
exposes: {Pay: {}}
externals: [bank]
"""

_SHOP = """\
apiVersion: plat/v1
kind: Deployable
name: shop
role: backend-for-frontend
team: web-team
purpose: Shows orders.
image: r.example/s:1
command: [s]
port: 80
upstreams:
  - {context: ordering, uses: [GetOrder, ListOrders]}
"""

_ACCOUNTS = """\
apiVersion: plat/v1
kind: DataContract
name: accounts
provider: billing
consumer: ledger
views: [{name: accounts, columns: {id: integer}}]
reason: The books name every account.
owners: {provider: money-team, consumer: money-team}
expires: 2027-06-30
"""

FILES: Final[Mapping[str, str]] = {
    "landscape.yaml": _LANDSCAPE,
    "ordering.yaml": _ORDERING,
    "billing.yaml": _BILLING,
    "ledger.yaml": _LEDGER,
    "stock.yaml": _STOCK,
    "purchasing.yaml": _PURCHASING,
    "reviews.yaml": _REVIEWS,
    "warehouse.yaml": _WAREHOUSE,
    "gateway.yaml": _GATEWAY,
    "shop.yaml": _SHOP,
    "accounts.yaml": _ACCOUNTS,
}


def write(folder: Path, changed: Mapping[str, str] | None = None) -> Path:
    """Write the landscape below `folder`, with other text for some files, and return its own folder."""
    root = folder / "atlas"
    root.mkdir(parents=True, exist_ok=True)
    for name, text in {**FILES, **(changed or {})}.items():
        (root / name).write_text(text, encoding="utf-8")
    return root


def load(folder: Path, changed: Mapping[str, str] | None = None) -> Landscape:
    """Write the landscape and load it; nothing may be wrong."""
    loaded = load_landscape(write(folder, changed))
    assert [finding.render() for finding in loaded.findings] == []
    assert loaded.landscape is not None
    return loaded.landscape
