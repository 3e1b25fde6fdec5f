"""Reading documented fields: one table of fields checks a file, and the reference page and JSON Schema follow from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from weidai.lending.conventions.exact import parse_amount, parse_number


class VectorInvalid(ValueError):
    """A vector file that does not follow the schema; says where and why."""

    def __init__(self, path: str, reason: str) -> None:
        self.path, self.reason = path, reason
        super().__init__(f"{path}: {reason}")


class Kind(StrEnum):
    """What a field holds."""

    TEXT = "text"
    AMOUNT = "amount"  # yuan as a decimal string
    NUMBER = "number"  # decimal string, or a fraction "1/6"
    WHOLE = "whole"
    DATE = "date"
    FLAG = "flag"
    CHOICE = "choice"
    OBJECT = "object"
    LIST = "list"
    MAPPING = "mapping"  # any names, every value of the item's kind
    ANY = "any"


@dataclass(frozen=True, slots=True)
class Field:
    """One field: what it holds, whether it must be there, and what it means."""

    kind: Kind
    doc: str
    choices: type[StrEnum] | None = None
    fields: Mapping[str, Field] | None = None
    item: Field | None = None
    is_required: bool = False
    is_nullable: bool = False
    default: str = ""


def text(doc: str, *, required: bool = False) -> Field:
    """A string."""
    return Field(Kind.TEXT, doc, is_required=required)


def amount(doc: str, *, required: bool = False, default: str = "", nullable: bool = False) -> Field:
    """An amount in yuan, as a decimal string."""
    return Field(Kind.AMOUNT, doc, is_required=required, default=default, is_nullable=nullable)


def number(doc: str, *, required: bool = False, default: str = "", nullable: bool = False) -> Field:
    """An exact number, as a decimal string or a fraction."""
    return Field(Kind.NUMBER, doc, is_required=required, default=default, is_nullable=nullable)


def whole(doc: str, *, required: bool = False, default: str = "", nullable: bool = False) -> Field:
    """A whole number."""
    return Field(Kind.WHOLE, doc, is_required=required, default=default, is_nullable=nullable)


def day(doc: str, *, required: bool = False, nullable: bool = False) -> Field:
    """A date, YYYY-MM-DD."""
    return Field(Kind.DATE, doc, is_required=required, is_nullable=nullable)


def flag(doc: str, *, default: str = "") -> Field:
    """True or false."""
    return Field(Kind.FLAG, doc, default=default)


def choice(choices: type[StrEnum], doc: str, *, required: bool = False, default: str = "") -> Field:
    """One of enumerated values."""
    return Field(Kind.CHOICE, doc, choices=choices, is_required=required, default=default)


def group(fields: Mapping[str, Field], doc: str, *, required: bool = False, nullable: bool = False) -> Field:
    """An object with named fields and no others."""
    return Field(Kind.OBJECT, doc, fields=fields, is_required=required, is_nullable=nullable)


def many(item: Field, doc: str, *, required: bool = False) -> Field:
    """A list."""
    return Field(Kind.LIST, doc, item=item, is_required=required)


def mapping(item: Field, doc: str) -> Field:
    """An object whose names are free."""
    return Field(Kind.MAPPING, doc, item=item)


def anything(doc: str) -> Field:
    """Any JSON, kept as it is."""
    return Field(Kind.ANY, doc, is_nullable=True)


def read(value: Any, field: Field, *, path: str) -> Any:
    """Return the value checked and typed: numbers as fractions, amounts in fen, dates and choices as such."""
    if value is None:
        if field.is_nullable:
            return None
        raise VectorInvalid(path, "must not be null")
    return _READERS[field.kind](value, field, path)


def _read_text(value: Any, field: Field, path: str) -> str:
    if not isinstance(value, str):
        raise VectorInvalid(path, f"must be a string{_example(field)}")
    return value


def _example(field: Field) -> str:
    examples = {Kind.AMOUNT: ' such as "1234.50"', Kind.NUMBER: ' such as "9.4822"', Kind.DATE: ' such as "2024-02-29"'}
    return examples.get(field.kind, "")


def _read_number(value: Any, field: Field, path: str) -> Any:
    plain = _read_text(value, field, path)
    try:
        return parse_amount(plain) if field.kind is Kind.AMOUNT else parse_number(plain)
    except ValueError as error:
        raise VectorInvalid(path, str(error)) from None


def _read_whole(value: Any, field: Field, path: str) -> int:
    del field
    if type(value) is not int:
        raise VectorInvalid(path, "must be a whole number")
    return value


def _read_date(value: Any, field: Field, path: str) -> date:
    try:
        return date.fromisoformat(_read_text(value, field, path))
    except ValueError as error:
        raise error if isinstance(error, VectorInvalid) else VectorInvalid(path, f"not a date: {value!r}") from None


def _read_flag(value: Any, field: Field, path: str) -> bool:
    del field
    if not isinstance(value, bool):
        raise VectorInvalid(path, "must be true or false")
    return value


def _read_choice(value: Any, field: Field, path: str) -> StrEnum:
    if field.choices is None:
        raise VectorInvalid(path, "has no choices")
    try:
        return field.choices(value)
    except ValueError:
        allowed = ", ".join(member.value for member in field.choices)
        raise VectorInvalid(path, f"{value!r} is not one of: {allowed}") from None


def _read_object(value: Any, field: Field, path: str) -> dict[str, Any]:
    fields = field.fields or {}
    if not isinstance(value, dict):
        raise VectorInvalid(path, "must be an object")
    for name in value:
        if name not in fields:
            raise VectorInvalid(f"{path}.{name}", f"unknown field; known are: {', '.join(fields)}")
    for name, inner in fields.items():
        if inner.is_required and name not in value:
            raise VectorInvalid(f"{path}.{name}", "is missing")
    return {name: read(inner, fields[name], path=f"{path}.{name}") for name, inner in value.items()}


def _read_list(value: Any, field: Field, path: str) -> list[Any]:
    if not isinstance(value, list) or field.item is None:
        raise VectorInvalid(path, "must be a list")
    return [read(inner, field.item, path=f"{path}[{index}]") for index, inner in enumerate(value)]


def _read_mapping(value: Any, field: Field, path: str) -> dict[str, Any]:
    if not isinstance(value, dict) or field.item is None:
        raise VectorInvalid(path, "must be an object")
    return {str(name): read(inner, field.item, path=f"{path}.{name}") for name, inner in value.items()}


def _read_any(value: Any, field: Field, path: str) -> Any:
    del field, path
    return value


_READERS = {
    Kind.TEXT: _read_text, Kind.AMOUNT: _read_number, Kind.NUMBER: _read_number, Kind.WHOLE: _read_whole,
    Kind.DATE: _read_date, Kind.FLAG: _read_flag, Kind.CHOICE: _read_choice, Kind.OBJECT: _read_object,
    Kind.LIST: _read_list, Kind.MAPPING: _read_mapping, Kind.ANY: _read_any,
}


def json_schema(field: Field) -> dict[str, Any]:
    """Return the field as JSON Schema (draft 2020-12)."""
    plain: dict[Kind, dict[str, Any]] = {
        Kind.TEXT: {"type": "string"},
        Kind.AMOUNT: {"type": "string", "pattern": r"^-?\d+(\.\d+)?(/\d+)?$"},
        Kind.NUMBER: {"type": "string", "pattern": r"^-?\d+(\.\d+)?(/\d+)?$"},
        Kind.WHOLE: {"type": "integer"},
        Kind.DATE: {"type": "string", "format": "date"},
        Kind.FLAG: {"type": "boolean"},
        Kind.ANY: {},
    }
    if field.kind is Kind.CHOICE and field.choices is not None:
        result: dict[str, Any] = {"enum": [member.value for member in field.choices]}
    elif field.kind is Kind.OBJECT and field.fields is not None:
        result = {"type": "object", "properties": {name: json_schema(inner) for name, inner in field.fields.items()},
                  "required": [name for name, inner in field.fields.items() if inner.is_required],
                  "additionalProperties": False}
    elif field.kind is Kind.LIST and field.item is not None:
        result = {"type": "array", "items": json_schema(field.item)}
    elif field.kind is Kind.MAPPING and field.item is not None:
        result = {"type": "object", "additionalProperties": json_schema(field.item)}
    else:
        result = dict(plain[field.kind])
    if field.is_nullable and result:
        result = {"anyOf": [result, {"type": "null"}]}
    return {**result, "description": field.doc}
