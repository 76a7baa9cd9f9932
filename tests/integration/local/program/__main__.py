"""A Pulumi program that declares what `resources.json` in the project's folder lists, in its order."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[4]))

import pulumi

from providers.local import sdk

provider = sdk.Provider("local", stack=pulumi.get_stack())
made: dict[str, pulumi.Resource] = {}
for item in json.loads(Path(os.environ["RESOURCES"]).read_text(encoding="utf-8")):
    after = [made[name] for name in item.get("after", [])]
    kind: Any = getattr(sdk, item["type"])
    opts = pulumi.ResourceOptions(provider=provider, depends_on=after)
    made[item["id"]] = kind(item["id"], opts=opts, **item["inputs"])
