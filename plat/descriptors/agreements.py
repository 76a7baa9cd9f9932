"""What belongs to several contexts at once: symmetric relations, accepted findings, limits, and data contracts."""

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, model_validator

from plat.descriptors import checks
from plat.descriptors.base import Model, Unique
from plat.descriptors.fields import Day, FilePath, Label, OwnName, Purpose, RuleId, Share, SqlType, Subject, View
from plat.descriptors.parts import DatastoreType, SymmetricPattern


class SymmetricRelation(Model):
    """A relation that has no upstream and no downstream: it stands once, here, and in no context's own descriptor."""

    between: Annotated[tuple[Label, ...], Unique("context")] = Field(
        min_length=2, max_length=10, description="The contexts, two as a rule."
    )
    pattern: SymmetricPattern = Field(
        description="`partnership`: both succeed or fail together, and may depend on each other; `shared-kernel`: they share "
        "a part of the model, by a DataContract; `separate-ways`: they have nothing to do with each other, and whatever "
        "either declares is refused."
    )
    reason: Purpose | None = Field(default=None, description="Why, in a sentence. Default: not said.")
    contract: Label | None = Field(
        default=None,
        description="The DataContract of a shared kernel, which needs one. Excluded by any other pattern. Default: none.",
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        checks.relation(self.pattern, self.contract)
        return self


class AcceptedFinding(Model):
    """A finding that is known and accepted for a while, with somebody who answers for it."""

    rule: RuleId = Field(description="The rule's id, as `plat check` prints it.")
    subject: Subject = Field(description="What the finding is about, as `plat check` names it: a context, a deployable, ...")
    reason: Purpose = Field(description="Why it is accepted, in a sentence.")
    owner: Label = Field(description="The team that answers for it, one of `teams`.")
    until: Day = Field(description="The last day on which it is accepted, such as 2027-06-30.")


class Limits(Model):
    """From where on a habit is an anti-pattern in this landscape."""

    relations_share: Share | None = Field(
        default=None,
        alias="relations-share",
        description="What share of all possible relations between contexts may be used before the map is a big ball of mud, "
        "above 0 and at most 1. Default: 0.5.",
    )


class PublishedView(Model):
    """A view that the provider publishes, and the columns that it promises."""

    name: View = Field(description="The view's name in the contract's schema.")
    columns: Mapping[View, SqlType] = Field(
        min_length=1,
        max_length=200,
        description="The columns by name, with their PostgreSQL types, such as `numeric(10,2)`.",
    )


class Owners(Model):
    """Who answers for a contract on either side."""

    provider: Label = Field(description="The provider's team.")
    consumer: Label = Field(description="The consumer's team.")


class DataContractDescriptor(Model):
    """The only way past rule 1: named views that one context publishes for another to read, for a reason, until a day."""

    model_config = ConfigDict(title="DataContract")

    api_version: Literal["plat/v1"] = Field(alias="apiVersion", description="The version of this format: plat/v1.")
    kind: Literal["DataContract"] = Field(description="DataContract.")
    name: OwnName = Field(description="The contract's name, unique in the landscape: a DNS label of at most 40 characters.")
    provider: Label = Field(description="The context that owns the data.")
    datastore: DatastoreType | None = Field(
        default=None, description="Which of the provider's stores, by type. Default: its only postgresql."
    )
    consumer: Label = Field(description="The context that reads. It lists the contract below its `accesses`.")
    views: Annotated[tuple[PublishedView, ...], Unique("view", "name")] = Field(
        default=(), max_length=100, description="The views. Excluded by `standard`. Default: none. At most 100."
    )
    standard: FilePath | None = Field(
        default=None,
        description="A file after the Open Data Contract Standard that is the contract's body, relative to the landscape's "
        "folder, such as `contracts/rates.odcs.yaml`. Excluded by `views`. Default: none.",
    )
    reason: Purpose = Field(description="Why the consumer has to read the provider's data, in a sentence.")
    owners: Owners = Field(description="The teams that answer for it.")
    expires: Day = Field(description="The last day on which it is in force, such as 2027-06-30.")

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        checks.body(self.views, self.standard)
        return self
