"""Claims of the local target's processes: whose each is, and what its variables and its command lead to."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from pathlib import PurePosixPath

from plat.address import listens_on_loopback
from plat.claims import Claim, WorkloadClaim
from plat.plan.model import LOOPBACK, Workload
from plat.plan.variables import CALLERS
from plat.reach import Carrier
from policies.ground import Ground
from policies.observed import Observed, Properties, Unreadable
from policies.observers.common import elsewhere
from providers.local.environment import resolve_environment
from providers.local.errors import Unusable

_AS_DESCRIBED = "leave it to Plat, which runs what descriptors describe, or give it a name of its own"
_LITERAL = "hand over secrets by the variables that Plat derives, and write everything else as a literal"


def process(resource: Observed, ground: Ground) -> Iterator[Claim]:
    """A process belongs to one team, and its texts lead nowhere but where relations of its contexts do."""
    properties = resource.properties
    name = properties.text("name")
    team, contexts = _labels(properties)
    yield WorkloadClaim(name, team, contexts, resource.origin("labels"))
    planned = ground.workloads.get(name)
    if planned and (planned.team, set(planned.contexts)) != (team, set(contexts)):
        yield resource.breach(
            f"`{name}` is {planned.team}'s and carries {', '.join(planned.contexts) or 'no context'}, as its descriptor says: "
            "this one would take its name and its place",
            _AS_DESCRIBED,
            "labels",
        )
        planned = None
    elif planned and planned.target != "local":
        yield resource.breach(elsewhere(name, planned), _AS_DESCRIBED, "name")
        planned = None
    yield from _place(resource, planned)
    texts = yield from _texts(resource, planned)
    yield from ground.reach.claims(Carrier(name, contexts), texts, resource.origin)


def _labels(properties: Properties) -> tuple[str, tuple[str, ...]]:
    labels = properties.inner("labels")
    remedy = "label it with its `team` and with the `contexts` that it carries, separated by commas"
    for name in ("team", "contexts"):
        if name not in labels:
            raise Unreadable(labels.field(name), "nobody says whose it is", remedy)
    return labels.text("team"), tuple(name for name in labels.text("contexts").split(",") if name)


def _place(resource: Observed, planned: Workload | None) -> Iterator[Claim]:
    workdir = PurePosixPath(resource.properties.text("workdir", "."))
    if workdir.is_absolute() or ".." in workdir.parts:
        yield resource.breach("it leaves the checkout", "name a folder of the checkout", "workdir")
    host = resource.properties.text("host", LOOPBACK)
    if not listens_on_loopback(host) and not (planned and host == planned.host):
        yield resource.breach("it listens beyond this machine", "leave `host` out", "host")


def _texts(resource: Observed, planned: Workload | None) -> Generator[Claim, None, dict[str, str]]:
    """Every text that the process gets, by field; references to other variables are resolved."""
    properties = resource.properties
    environment = properties.inner("environment")
    literal = {name: environment.text(name) for name in environment}
    secret = yield from _secrets(resource, {*planned.secrets, CALLERS} if planned else set())
    texts = {f"command[{index}]": word for index, word in enumerate(properties.texts("command"))}
    texts |= {f"secrets.{name}": text for name, text in secret.items()}
    texts |= {environment.field(name): text for name, text in literal.items()}
    texts |= {environment.field(name): text for name, text in _resolved(literal, secret).items() if name in literal}
    return texts


def _secrets(resource: Observed, derived: set[str]) -> Generator[Claim, None, dict[str, str]]:
    """The secret values by name. Those in `derived` are generated: no addresses, and unknown in the first preview."""
    if resource.properties.unknown("secrets") and derived:
        return dict.fromkeys(derived, "")  # All of them are judged with the update, when all are known.
    secrets = resource.properties.inner("secrets")
    found: dict[str, str] = {}
    for name in secrets:
        try:
            found[name] = secrets.text(name)
        except Unreadable as problem:
            found[name] = ""
            if name not in derived:
                yield resource.opaque(problem.reason, _LITERAL, problem.field)
    return found


def _resolved(literal: Mapping[str, str], secret: Mapping[str, str]) -> dict[str, str]:
    try:
        return resolve_environment(literal, secret)
    except Unusable as problem:
        raise Unreadable("environment", str(problem), "correct the reference") from None
