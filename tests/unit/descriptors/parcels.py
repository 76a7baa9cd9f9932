"""A small landscape in which everything is right, and the means to break one thing of it at a time."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from plat.findings import Finding
from plat.landscape import Landscape, LoadResult, load_landscape

LANDSCAPE = """\
apiVersion: plat/v1
kind: Landscape
name: parcels
teams:
  - {name: shipping-team}
  - {name: pricing-team, contact: pricing@parcels.example}
  - {name: platform-team, type: platform}
platform-team: platform-team
broker: {type: rabbitmq}
externals:
  - {name: carrier, host: api.carrier.example}
"""

SHIPPING = """\
apiVersion: plat/v1
kind: Context
name: shipping
team: shipping-team
subdomain: core
purpose: Books a parcel and decides how it travels.
datastore:
  type: postgresql
  version: "16"
runtime: {target: vm}
scaling: {profile: bursty, min: 2, max: 20}
deployables:
  - name: shipping-api
    image: registry.example/shipping-api:1.4.2
    command: [python, -m, shipping.api]
    port: 8080
    environment: {LOG_LEVEL: info}
    externals: [carrier]
exposes:
  BookParcel: {protocol: http}
publishes:
  ParcelBooked: {version: 1, retention: 7d}
consumes:
  - {event: tracking.ParcelDelivered}
upstreams:
  - {context: pricing, uses: [GetRateSnapshot]}
"""

TRACKING = """\
apiVersion: plat/v1
kind: Context
name: tracking
team: shipping-team
subdomain: supporting
purpose: Knows where every parcel is.
publishes:
  ParcelDelivered: {version: 2}
  ParcelLost: {status: deprecated}
  ParcelSeen: {status: retired}
"""

PRICING = """\
apiVersion: plat/v1
kind: Context
name: pricing
team: pricing-team
subdomain: core
purpose: Says what a parcel costs.
datastore: [{type: postgresql}, {type: redis}]
deployables:
  - {name: pricing, image: "registry.example/pricing:1", command: [pricing], port: 80}
exposes:
  GetRateSnapshot: {}
"""

MONOLITH = """\
apiVersion: plat/v1
kind: Deployable
name: monolith
team: shipping-team
purpose: Runs what is released together.
hosts: [tracking]
image: registry.example/monolith:1
command: [monolith]
port: 8000
"""

FILES: Mapping[str, str] = {
    "landscape.yaml": LANDSCAPE,
    "shipping.yaml": SHIPPING,
    "tracking.yaml": TRACKING,
    "pricing.yaml": PRICING,
    "monolith.yaml": MONOLITH,
}


@dataclass(frozen=True)
class Parcels:
    """The folder of the landscape `parcels` in a directory of its own."""

    path: Path
    files: dict[str, str] = field(default_factory=lambda: dict(FILES))

    def change(self, file: str, old: str, new: str) -> "Parcels":
        """Write `new` where `file` says `old`, which it does once."""
        assert self.files[file].count(old) == 1, f"{file} holds {old!r} {self.files[file].count(old)} times"
        self.files[file] = self.files[file].replace(old, new)
        return self

    def write(self, file: str, content: str | bytes) -> "Parcels":
        """Write a file of the folder right away."""
        path = self.path / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return self

    def load(self) -> LoadResult:
        """Write the files and load the landscape."""
        self.path.mkdir(parents=True, exist_ok=True)
        for file, text in self.files.items():
            self.write(file, text)
        return load_landscape(self.path)

    def landscape(self) -> Landscape:
        """Load the landscape, in which nothing may be wrong."""
        result = self.load()
        assert result.landscape is not None
        assert [finding.render() for finding in result.findings] == []
        return result.landscape

    def found(self) -> list[str]:
        """Load the landscape and give each finding in short: `<file>:<line>:<column> <rule> <field>`."""
        return [brief(finding) for finding in self.load().findings]


def brief(finding: Finding) -> str:
    """Give a finding in short; the folder's name, which all have in common, is left out."""
    place = str(finding.location).removeprefix("contexts/parcels/")
    return f"{place} {finding.rule} {finding.field}".rstrip()
