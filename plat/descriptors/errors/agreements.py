"""Errors about data contracts: their store, and a body after the Open Data Contract Standard."""

from plat.descriptors.problems import Problem, shown

_STANDARD = "https://bitol-io.github.io/open-data-contract-standard describes it"


def contract_store(context: str, kind: str) -> Problem:
    """Refuse a contract on a store that has no views with rights of their own."""
    return Problem(
        rule="contract-store",
        message=f"the contract is about the {kind} of {shown(context)}, and only a postgresql shows views to one reader alone",
        hint="publish what the consumer needs as events, or as an operation",
    )


def contract_schema_taken(name: str) -> Problem:
    """Refuse a contract that is called like a store, whose schema it would share."""
    return Problem(
        rule="contract-schema-taken",
        message=f"contract {shown(name)} has the name of a datastore: both would be one schema or database",
        hint="rename the contract",
    )


def standard_version(version: str) -> Problem:
    """Refuse another version of the standard."""
    said = f"is in version {shown(version)}" if version else "does not say its version"
    return _standard(f"the file {said}, and version 3 is understood", f"write `apiVersion: v3.1.0`; {_STANDARD}")


def standard_kind() -> Problem:
    """Refuse a file that is no contract."""
    return _standard("the file is no data contract", "write `kind: DataContract`")


def standard_list(field: str) -> Problem:
    """Refuse a list that is missing, empty or of something else."""
    return _standard(f"{shown(field)} has to be a list of mappings, with at least one", _STANDARD)


def standard_too_many(field: str, limit: int) -> Problem:
    """Refuse a list that is too long."""
    return _standard(f"{shown(field)} has more than {limit} entries", "split the contract")


def standard_lacks(field: str) -> Problem:
    """Refuse an element without what a view or column needs."""
    return _standard(f"it has no `{field}`", _STANDARD)


def standard_name(name: str, advice: str) -> Problem:
    """Refuse a name that no view or column can have."""
    return _standard(f"{shown(name)} is no name for a view or a column", f"{advice}; `physicalName` counts before `name`")


def standard_type(kind: str, advice: str) -> Problem:
    """Refuse a type that no column can have."""
    return _standard(f"{shown(kind)} is no type for a column", advice)


def standard_not_relational(kind: str) -> Problem:
    """Refuse what is no table."""
    return _standard(f"{shown(kind)} cannot be shown as a view", "write `physicalType: view`, or take this object out")


def standard_twice(what: str, name: str) -> Problem:
    """Refuse a second view or column of one name."""
    return _standard(f"there are two {what}s called {shown(name)}", "rename one of them")


def _standard(message: str, hint: str) -> Problem:
    return Problem(rule="contract-standard", message=message, hint=hint)
