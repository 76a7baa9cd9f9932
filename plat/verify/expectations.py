"""What the plan says of every principal before every door: the matrix as it should be. Pure; nothing is tried here."""

from __future__ import annotations

from collections.abc import Iterable

from plat.plan.kinds import STORES
from plat.plan.model import Plan, Surface
from plat.verify import broker_doors, contract_doors, kafka_doors, store_doors
from plat.verify.model import Cell, Door, Get
from plat.verify.principals import Principal, principals


def expectations(plan: Plan) -> tuple[Cell, ...]:
    """Every cell of the matrix, row by row: datastores and what they show by contracts, then the broker, then the surfaces."""
    everybody = principals(plan)
    cells: list[Cell] = []
    for server in plan.servers:
        if server.kind in STORES:
            stores = [store for store in plan.datastores if store.server == server.name]
            cells += store_doors.cells(server, stores, everybody)
        for contract in plan.contracts:
            if contract.server == server.name:
                cells += contract_doors.cells(contract, server, everybody)
    if plan.broker:
        doors = kafka_doors if plan.broker.type == "kafka" else broker_doors
        cells += doors.cells(plan.broker, plan.server(plan.broker.server), everybody)
    for surface in plan.surfaces:
        cells += _surface(surface, everybody)
    return tuple(cells)


def _surface(surface: Surface, everybody: Iterable[Principal]) -> Iterable[Cell]:
    for operation in surface.operations:
        door = Door(surface.context, "operations", operation.name, surface.host, surface.port, Get(f"/{operation.name}"))
        for principal in everybody:
            declared = principal.name in operation.callers
            why = f"declares {'a' if declared else 'no'} use of {surface.context}.{operation.name}"
            if operation.public:
                why = f"{surface.context}.{operation.name} is public"
            yield Cell(principal.name, door, principal.for_surface(surface), declared or operation.public, why)
