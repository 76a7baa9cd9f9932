"""What the plan says of every principal at the views of data contracts. Pure; nothing is tried here."""

from __future__ import annotations

from collections.abc import Iterator

from plat.plan.kinds import STORES
from plat.plan.model import Contract, Server
from plat.verify.model import Cell, Door, Key, Sql
from plat.verify.principals import Principal
from plat.verify.store_doors import look_into


def cells(contract: Contract, server: Server, everybody: tuple[Principal, ...]) -> Iterator[Cell]:
    """Every cell of one contract: who reads its views, and that by it nobody gets any further."""
    for view in contract.views:
        shown = f'"{contract.schema}"."{view.name}"'
        read = Sql(contract.database, (f"SELECT * FROM {shown} LIMIT 1",))  # noqa: S608 - names of the plan
        for principal in everybody:
            yield _reading(contract, _door(server, f"read {contract.schema}.{view.name}", read), principal)
    reader = next(principal for principal in everybody if principal.name == contract.consumer)
    for right, action in _beyond(contract).items():
        keys, why = (Key(contract.role, contract.secret),), f"{contract.name} shows views to read, and nothing else"
        yield Cell(reader.name, _door(server, f"by {contract.name}: {right}", action), keys, allowed=False, why=why)


def _reading(contract: Contract, door: Door, principal: Principal) -> Cell:
    if principal.name == contract.consumer:
        why = f"reads by {contract.name} until {contract.expires}"
        return Cell(principal.name, door, (Key(contract.role, contract.secret),), allowed=True, why=why)
    owner = next((store for store in principal.datastores if store.name == contract.datastore), None)
    if owner:
        why = f"publishes by {contract.name}"
        return Cell(principal.name, door, (Key(owner.role, owner.secret),), allowed=True, why=why)
    keys = principal.for_reading(contract)
    return Cell(principal.name, door, keys, allowed=False, why=f"{contract.name} is for {contract.consumer} alone")


def _beyond(contract: Contract) -> dict[str, Sql]:
    """What the reader's own role and password must not open."""
    view = f'"{contract.schema}"."{contract.views[0].name}"'
    database = contract.database
    return {
        # The lock that writing takes: whether the view can be written to at all is asked only after the right to.
        "write": Sql(database, (f"LOCK TABLE {view} IN ROW EXCLUSIVE MODE",)),
        "make a table": Sql(database, (f'CREATE TABLE "{contract.schema}".plat_verify_probe (n integer)',)),
        "make a temporary table": Sql(database, ("CREATE TEMPORARY TABLE plat_verify_probe (n integer)",)),
        "look into the provider's schema": Sql(database, look_into(contract.provider_schema)),
        "become the provider": Sql(database, (f'SET ROLE "{contract.owner}"',)),
    }


def _door(server: Server, right: str, action: Sql) -> Door:
    return Door(server.name, STORES[server.kind].title, right, server.host, server.port, action)
