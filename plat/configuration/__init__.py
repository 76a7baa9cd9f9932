"""A stack's own configuration, typed: what is neither a descriptor's nor an environment's to say.

It stands in `stacks/Pulumi.<stack>.yaml`, where `pulumi config set` writes it
(https://www.pulumi.com/docs/iac/concepts/config/); an editor checks the file by `schemas/stack.schema.json`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from pydantic import Field, SecretStr

from plat.descriptors.suggest import did_you_mean
from plat.settings import Settings

PROJECT = "plat"
"""What the keys of this project's settings begin with; others are of Pulumi itself and of its providers."""


class StackConfiguration(Settings):
    """The settings of one stack. Those that are secret stand in the file encrypted, or not at all."""

    backups_access_key: SecretStr | None = Field(
        default=None,
        alias="backups-access-key",
        description="The name of the key by which servers come into the object store for their copies.",
    )
    backups_secret_key: SecretStr | None = Field(
        default=None, alias="backups-secret-key", description="The key itself: whoever has it reads every copy."
    )


class ConfigurationProblem(ValueError):  # noqa: N818 - named for what the user has, not for Python
    """A stack's configuration is not what it has to be. `lines` say in what, each a message for the user."""

    def __init__(self, lines: Collection[str]) -> None:
        self.lines = tuple(lines)
        super().__init__("\n".join(self.lines))


def require(stack: str, values: Mapping[str, str], secret: Collection[str], needed: Collection[str], root: Path) -> None:
    """Raise ConfigurationProblem unless `values` are settings of a stack, encrypted where they have to be, and `needed` there.

    Keys are as Pulumi has them, with what they begin with; `secret` are those of encrypted values, `needed` without that.
    """
    if lines := [*_wrong(stack, values, secret, root), *_lacking(stack, values, needed)]:
        raise ConfigurationProblem(lines)


def _wrong(stack: str, values: Mapping[str, str], secret: Collection[str], root: Path) -> Iterator[str]:
    known = settings()
    for key in sorted(key for key in values if key.partition(":")[0] == PROJECT):
        name, where = key.partition(":")[2], _place(stack, key, root)
        if name not in known:
            hint = did_you_mean(name, known) or f"there are: {', '.join(known)}"
            yield f"{where}: `{key}` is no setting of a stack: {hint} (`pulumi config rm {name} -s {stack}` takes it out)"
        elif known[name] and key not in secret:
            # What stood there in plain text is known to whoever has read the file.
            yield (
                f"{where}: `{key}` is a secret and stands there in plain text: have a new one made where it is from, and "
                f"`pulumi config set --secret {name} -s {stack}` asks for it"
            )


def _lacking(stack: str, values: Mapping[str, str], needed: Collection[str]) -> Iterator[str]:
    if lacking := [name for name in needed if f"{PROJECT}:{name}" not in values]:
        # Not as a word of the command, which everybody on the machine could read.
        commands = "; ".join(f"`pulumi config set --secret {name} -s {stack}`" for name in lacking)
        yield f"backups need the keys to the object store, which {stack} does not have: {commands} asks for each"


def settings() -> Mapping[str, bool]:
    """Every setting by its name, and whether it is secret."""
    fields = StackConfiguration.model_fields.values()
    return {field.alias or "": "SecretStr" in str(field.annotation) for field in fields}


def _place(stack: str, key: str, root: Path) -> str:
    """Where `key` stands, as far as that can be read."""
    file = Path("stacks") / f"Pulumi.{stack}.yaml"
    try:
        lines = (root / file).read_text(encoding="utf-8").splitlines()
    except OSError:
        return str(file)
    found = next((number for number, line in enumerate(lines, 1) if line.strip().startswith(f"{key}:")), None)
    return f"{file}:{found}" if found else str(file)
