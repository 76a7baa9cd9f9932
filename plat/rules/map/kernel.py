"""Shared kernels: agreed by a contract, and small."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import networkx as nx

from plat.findings import Severity
from plat.landscape import Landscape, LinkedRelation
from plat.rules.map.model import Flaw, MapRule, pair, quoted

_TWO = 2


def check_contract(landscape: Landscape, today: date) -> Iterator[Flaw]:  # noqa: ARG001 - every rule has one signature
    """Yields a flaw for each shared kernel without a data contract between those who share it."""
    for kernel in _kernels(landscape):
        if kernel.contract is None:
            yield Flaw(
                subject=pair(*kernel.between),
                message=f"{quoted(kernel.between)} share a kernel without a DataContract that says what it is",
                place=kernel,
                field="pattern",
            )
            continue
        contract = landscape.contract(kernel.contract)
        strangers = sorted({contract.provider, contract.consumer} - {*kernel.between})
        if strangers:
            yield Flaw(
                subject=pair(*kernel.between),
                message=f"{quoted(kernel.between)} share a kernel by contract `{contract.name}`, which is one of "
                f"{quoted(strangers)}",
                place=kernel,
                field="contract",
                related=(contract.at("provider"),),
            )


def check_width(landscape: Landscape, today: date) -> Iterator[Flaw]:  # noqa: ARG001 - every rule has one signature
    """Yields a flaw for each kernel that more than two contexts share, by one relation or by several."""
    graph: nx.Graph[str] = nx.Graph()
    kernels = _kernels(landscape)
    for kernel in kernels:
        nx.add_path(graph, kernel.between)
    for sharing in nx.connected_components(graph):
        if len(sharing) > _TWO:
            *others, last = [kernel for kernel in kernels if sharing & {*kernel.between}]
            yield Flaw(
                subject=pair(*sharing),
                message=f"{len(sharing)} contexts share one kernel: {quoted(sorted(sharing))}",
                place=last,
                field="between",
                related=tuple(other.at("between") for other in others),
            )


def _kernels(landscape: Landscape) -> list[LinkedRelation]:
    return [relation for relation in landscape.relations if relation.pattern == "shared-kernel"]


CONTRACT = MapRule(
    id="shared-kernel-without-contract",
    title="A shared kernel has a DataContract",
    severity=Severity.ERROR,
    why=(
        "A shared kernel is a part of the model that two teams own together and change only together. Without a contract "
        "nobody can say what belongs to it, and it grows until the two contexts are one."
    ),
    fix="describe what is shared in a descriptor of kind DataContract between the two, and name it as the relation's "
    "`contract`",
    source="Eric Evans, Domain-Driven Design (2003), ch. 14, pattern Shared Kernel: an explicit boundary around the subset "
    "that the teams have agreed to share",
    example="""\
# landscape.yaml
relations:
  - {between: [pricing, billing], pattern: shared-kernel, contract: pricing-rates}
""",
    exceptable=False,
    check=check_contract,
)

WIDTH = MapRule(
    id="shared-kernel-too-wide",
    title="A kernel is shared by two contexts",
    severity=Severity.WARNING,
    why=(
        "Whatever is in a shared kernel changes only when all who share it agree. Between two teams this is a conversation; "
        "among three it is a committee, and the kernel becomes the model that everybody depends on and nobody owns."
    ),
    fix="give what is shared to one context that offers it to the others (an open host service with a published language), or "
    "let each two share what only they have in common",
    source="Vlad Khononov, Learning Domain-Driven Design (2021), ch. 4 'Integrating Bounded Contexts'; Vaughn Vernon, "
    "Implementing Domain-Driven Design (2013), ch. 3 'Context Maps'",
    example="""\
# landscape.yaml
relations:
  - {between: [pricing, billing], pattern: shared-kernel, contract: pricing-rates}
""",
    check=check_width,
)
