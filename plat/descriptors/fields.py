"""The texts that a descriptor may hold: each form with its pattern, its limit and the advice for who breaks it."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from pydantic import AfterValidator, Field, WithJsonSchema

from plat.descriptors.errors import values as errors
from plat.descriptors.problems import Problem, refused
from plat.names import LABEL_LIMIT, LABEL_PATTERN

# Names that a server, a cluster or this tool has taken: a context called like one could touch what is not its own.
RESERVED_NAMES = frozenset(
    (
        "admin",
        "config",
        "default",
        "guest",
        "information-schema",
        "local",
        "localhost",
        "mysql",
        "none",
        "performance-schema",
        "plat",
        "platform",
        "postgres",
        "public",
        "rabbitmq",
        "root",
        "sys",
        "system",
        "template0",
        "template1",
    )
)
RESERVED_BEGINNINGS = ("amq", "kube-", "pg-", "plat-", "xn-")

# Variables that are derived (or change how every process starts), so that no literal can stand in for them.
RESERVED_VARIABLES = frozenset(
    (
        "BROKER_PASSWORD",
        "BROKER_URL",
        "DATABASE_URL",
        "HOME",
        "HOST",
        "HOSTNAME",
        "KAFKA_URL",
        "LD_LIBRARY_PATH",
        "LD_PRELOAD",
        "MONGODB_PASSWORD",
        "MONGODB_URL",
        "MYSQL_PASSWORD",
        "MYSQL_URL",
        "PATH",
        "PORT",
        "POSTGRESQL_PASSWORD",
        "POSTGRESQL_URL",
        "RABBITMQ_URL",
        "REDIS_PASSWORD",
        "REDIS_URL",
    )
)
RESERVED_VARIABLE_BEGINNING = "PLAT_"
INTERPOLATIONS = ("${", "$(", "{{")

COMMAND_LIMIT = 1024
VALUE_LIMIT = 4096


@dataclass(frozen=True, slots=True)
class Form:
    """How a text must look: `noun` and `advice` speak in the message, `pattern` and `limit` decide."""

    noun: str
    pattern: str
    limit: int
    advice: str

    def check(self, value: str) -> str:
        """Give the value back, or refuse it with what it should have been."""
        if len(value) > self.limit:
            raise refused(errors.too_long(self.noun, len(value), self.limit))
        if re.fullmatch(self.pattern, value, re.ASCII) is None:
            raise refused(errors.malformed(self.noun, value, self.advice))
        return value

    @property
    def schema(self) -> dict[str, Any]:
        """Give the JSON Schema of the form."""
        return {"type": "string", "pattern": f"^{self.pattern}$", "minLength": 1, "maxLength": self.limit}


LABEL = Form("name", LABEL_PATTERN, LABEL_LIMIT, errors.ADVICE)
PASCAL = Form("name", r"[A-Z][A-Za-z0-9]*", 60, "write it in PascalCase, such as `ParcelBooked`")
VARIABLE = Form("variable name", r"[A-Z][A-Z0-9_]*", 60, "use capitals, digits and underscores, such as `LOG_LEVEL`")
IMAGE = Form(
    "image",
    r"(?:[a-zA-Z0-9][a-zA-Z0-9.-]*(?::[0-9]{1,5})?/)?[a-z0-9]+(?:[._-]+[a-z0-9]+)*(?:/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*"
    r"(?::[A-Za-z0-9_][A-Za-z0-9._-]{0,127})?(?:@sha256:[0-9a-f]{64})?",
    255,
    "write it like `registry.example/team/shipping-api:1.4.2`",
)
HOST = Form(
    "host",
    r"(?=.*[a-z])[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*",
    253,
    "write a DNS name in lower case, such as `api.partner.example`, without scheme, port, path or wildcard",
)
EMAIL = Form("contact", r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+", 254, "write an e-mail address")
QUANTITY = Form("size", r"[1-9][0-9]{0,5}(?:Mi|Gi|Ti)", 8, "write a whole number with Mi, Gi or Ti, such as `20Gi`")
DURATION = Form("duration", r"[1-9][0-9]{0,4}[smhd]", 6, "write a whole number with s, m, h or d, such as `7d`")
VERSION = Form("version", r"[0-9]{1,4}(?:\.[0-9]{1,4}){0,2}", 14, 'write digits and dots in quotes, such as "16"')
QUEUE = Form("queue name", r"(?!amq\.)[A-Za-z0-9._-]+", 200, "use letters, digits, `.`, `_` and `-`, without `amq.`")
EVENT = Form(
    "event",
    rf"{LABEL_PATTERN}\.[A-Z][A-Za-z0-9]*",
    LABEL_LIMIT + 61,
    "write `<context>.<Event>`, such as `tracking.ParcelDelivered`",
)
STORE = Form(
    "datastore",
    rf"{LABEL_PATTERN}(?:/(?:postgresql|mysql|mongodb|redis))?",
    LABEL_LIMIT + 11,
    "write the context that owns it, or `<context>/<type>`",
)
FILE = Form(
    "path",
    r"(?:[A-Za-z0-9_][A-Za-z0-9._-]*/)*[A-Za-z0-9_][A-Za-z0-9._-]*",
    200,
    "write a path relative to the landscape's folder, with `/` between folders and without `..`",
)
VIEW = Form("name", r"[a-z_][a-z0-9_]*", 63, "use lower-case letters, digits and underscores, such as `current_rates`")
DATE = Form("date", r"[0-9]{4}-[0-9]{2}-[0-9]{2}", 10, "write year, month and day, such as `2027-06-30`")
RULE = Form("rule", r"[a-z0-9]+(?:-[a-z0-9]+)*", 60, "write a rule's id, as `plat explain` lists them")
SUBJECT = Form("subject", r"[A-Za-z0-9][A-Za-z0-9 .,/_-]*", 200, "write it as `plat check` names it")
# PostgreSQL's types that a reader can rely on; a type of one's own could change without the contract.
_SQL_TYPES = (
    r"smallint|integer|bigint|numeric(?:\([1-9][0-9]{0,2}(?:, ?[0-9]{1,3})?\))?|real|double precision|boolean|text|uuid"
    r"|date|time"
    r"|timestamp|timestamptz|interval|json|jsonb|bytea|inet|(?:varchar|char)(?:\([1-9][0-9]{0,6}\))?"
)
SQL_TYPE = Form(
    "column type",
    rf"(?:{_SQL_TYPES})(?:\[\])?",
    40,
    "write one of PostgreSQL's own types, such as `text`, `integer`, `numeric(10,2)` or `timestamptz`",
)
TABLE = Form("table", r"[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)?", 127, "write `orders` or `sales.orders`")


def label_problem(value: str) -> Problem | None:
    """Say what keeps a text from being a name."""
    if len(value) > LABEL.limit:
        return errors.too_long(LABEL.noun, len(value), LABEL.limit)
    return None if re.fullmatch(LABEL.pattern, value, re.ASCII) else errors.not_a_label(value)


def own_name_problem(value: str) -> Problem | None:
    """Say what keeps a text from being the name of something that gets resources of its own."""
    reserved = value in RESERVED_NAMES or value.startswith(RESERVED_BEGINNINGS)
    return label_problem(value) or (errors.reserved_name(value) if reserved else None)


def _judged_by(problem_of: Callable[[str], Problem | None]) -> AfterValidator:
    def check(value: str) -> str:
        problem = problem_of(value)
        if problem is not None:
            raise refused(problem)
        return value

    return AfterValidator(check)


def _variable(value: str) -> str:
    VARIABLE.check(value)
    if value in RESERVED_VARIABLES or value.startswith(RESERVED_VARIABLE_BEGINNING):
        raise refused(errors.reserved_variable(value))
    return value


def _date(value: str) -> str:
    DATE.check(value)
    try:
        date.fromisoformat(value)
    except ValueError:
        raise refused(errors.malformed(DATE.noun, value, "there is no such day in the calendar")) from None
    return value


def _literal(limit: int) -> AfterValidator:
    def check(value: str) -> str:
        opening = next((opening for opening in INTERPOLATIONS if opening in value), None)
        if opening is not None:
            raise refused(errors.not_literal(opening))
        if len(value) > limit:
            raise refused(errors.too_long("value", len(value), limit))
        return value

    return AfterValidator(check)


def _text(limit: int) -> AfterValidator:
    def check(value: str) -> str:
        if not value.strip():
            raise refused(errors.blank())
        if len(value) > limit:
            raise refused(errors.too_long("text", len(value), limit))
        return value

    return AfterValidator(check)


Label = Annotated[str, _judged_by(label_problem), WithJsonSchema(LABEL.schema)]
OwnName = Annotated[str, _judged_by(own_name_problem), WithJsonSchema(LABEL.schema)]
PascalName = Annotated[str, AfterValidator(PASCAL.check), WithJsonSchema(PASCAL.schema)]
Variable = Annotated[str, AfterValidator(_variable), WithJsonSchema(VARIABLE.schema)]
Image = Annotated[str, AfterValidator(IMAGE.check), WithJsonSchema(IMAGE.schema)]
Host = Annotated[str, AfterValidator(HOST.check), WithJsonSchema(HOST.schema)]
Email = Annotated[str, AfterValidator(EMAIL.check), WithJsonSchema(EMAIL.schema)]
Quantity = Annotated[str, AfterValidator(QUANTITY.check), WithJsonSchema(QUANTITY.schema)]
Duration = Annotated[str, AfterValidator(DURATION.check), WithJsonSchema(DURATION.schema)]
Version = Annotated[str, AfterValidator(VERSION.check), WithJsonSchema(VERSION.schema)]
Queue = Annotated[str, AfterValidator(QUEUE.check), WithJsonSchema(QUEUE.schema)]
EventReference = Annotated[str, AfterValidator(EVENT.check), WithJsonSchema(EVENT.schema)]
StoreReference = Annotated[str, AfterValidator(STORE.check), WithJsonSchema(STORE.schema)]
FilePath = Annotated[str, AfterValidator(FILE.check), WithJsonSchema(FILE.schema)]
Table = Annotated[str, AfterValidator(TABLE.check), WithJsonSchema(TABLE.schema)]
RuleId = Annotated[str, AfterValidator(RULE.check), WithJsonSchema(RULE.schema)]
Subject = Annotated[str, AfterValidator(SUBJECT.check), WithJsonSchema(SUBJECT.schema)]
SqlType = Annotated[str, AfterValidator(SQL_TYPE.check), WithJsonSchema(SQL_TYPE.schema)]
View = Annotated[str, AfterValidator(VIEW.check), WithJsonSchema(VIEW.schema)]
Day = Annotated[str, AfterValidator(_date), WithJsonSchema({**DATE.schema, "format": "date"})]
Title = Annotated[str, _text(120), Field(json_schema_extra={"minLength": 1, "maxLength": 120})]
Purpose = Annotated[str, _text(1000), Field(json_schema_extra={"minLength": 1, "maxLength": 1000})]
Argument = Annotated[
    str, _literal(COMMAND_LIMIT), _text(COMMAND_LIMIT), Field(json_schema_extra={"minLength": 1, "maxLength": COMMAND_LIMIT})
]
LiteralText = Annotated[str, _literal(VALUE_LIMIT), Field(json_schema_extra={"maxLength": VALUE_LIMIT})]
Share = Annotated[float, Field(gt=0, le=1)]
Port = Annotated[int, Field(ge=1, le=65535)]
Partitions = Annotated[int, Field(ge=1, le=1000)]
Count = Annotated[int, Field(ge=1, le=1000)]
EventVersion = Annotated[int, Field(ge=1, le=9999)]
