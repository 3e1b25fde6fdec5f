"""A text column that holds only sealed values: sealed when its row is written, opened when it is first looked at."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import models
from django.db.models.query_utils import DeferredAttribute

from weidai.platform.keys import datakeys, sealing
from weidai.platform.keys.datakeys import INSTITUTION, KeyDestroyed, PersonErased, Scope

ERASED = ""  # what a value reads as after the key of its person was destroyed


class Sealed(str):
    """A value as the column holds it. Only the row it stands in can open it."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "Sealed(…)"


class _OpenedAtFirstLook(DeferredAttribute):
    """Opens a sealed value when the attribute is read, not when the row is; the row's key binds the value to it."""

    def __get__(self, instance: Any, cls: Any = None) -> Any:
        if instance is None:
            return self
        kept = instance.__dict__
        name = self.field.attname
        if name not in kept:
            super().__get__(instance, cls)  # a deferred column is read now
        value = kept[name]
        if isinstance(value, Sealed):
            opened = self.field.opened(value, instance.pk)
            kept[f"_sealed_{name}"] = (instance.pk, opened, value)
            kept[name] = value = opened
        return value

    def __set__(self, instance: Any, value: Any) -> None:
        instance.__dict__[self.field.attname] = value


class EncryptedTextField(models.TextField):  # type: ignore[type-arg]
    """A sealed text column. It cannot be searched: use a digest beside it. Rows without an owner use the house's key.

    `purpose` is what values of older homes are bound to; new ones are bound to table, column and row.
    """

    descriptor_class = _OpenedAtFirstLook

    def __init__(self, *args: Any, purpose: str = "field", scope: Scope = "p", **kwargs: Any) -> None:
        self.purpose, self.scope = purpose, scope
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, _path, args, kwargs = super().deconstruct()
        extra = {"purpose": self.purpose} | ({"scope": self.scope} if self.scope != "p" else {})
        return name, "weidai.platform.crypto.EncryptedTextField", args, {**kwargs, **extra}

    def place(self, row_id: object) -> str:
        """Return what a value is bound to."""
        return f"{self.model._meta.db_table}:{self.column}:{row_id}"

    def opened(self, value: str, row_id: object) -> str:
        """Return a stored value in plain; erased text once its key was destroyed."""
        try:
            return sealing.unseal(value, self.place(row_id), legacy_purpose=self.purpose)
        except KeyDestroyed:
            return ERASED

    def sealed(self, value: str, row_id: object, customer_id: UUID | None) -> Sealed:
        """Return a value as the column holds it."""
        if customer_id is None or getattr(self.model, "INSTITUTION_TABLE", None):
            return Sealed(sealing.seal(value, self.place(row_id)))
        try:
            return Sealed(sealing.seal(value, self.place(row_id), customer_id=customer_id, scope=self.scope))
        except PersonErased:
            if value != ERASED:
                raise
            return Sealed(sealing.sealed_by_nobody(customer_id))

    def pre_save(self, instance: Any, add: bool) -> Any:
        kept = instance.__dict__.get(self.attname)
        memo = instance.__dict__.get(f"_sealed_{self.attname}")
        if isinstance(kept, Sealed):
            return kept  # read and never looked at: goes back as it came
        value = super().pre_save(instance, add)
        if value is None:
            return None
        if memo is not None and memo[:2] == (instance.pk, value) and not sealing.is_legacy(memo[2]):
            return memo[2]
        assert instance.pk is not None, "a sealed value is bound to its row: give the row its id first"
        sealed = self.sealed(str(value), instance.pk, getattr(instance, "customer_id", None))
        instance.__dict__[f"_sealed_{self.attname}"] = (instance.pk, value, sealed)
        return sealed

    def get_prep_value(self, value: Any) -> str | None:
        if value is None or isinstance(value, Sealed):
            return None if value is None else str(value)
        raise TypeError(f"{self.model.__name__}.{self.name} holds sealed values: save the row, or look by digest")

    def from_db_value(self, value: str | None, _expression: object, _connection: object) -> Sealed | None:
        if value is None:
            return None
        name = sealing.key_name(value)
        if name is not None:
            datakeys.expect(name)
        return Sealed(value)


__all__ = ["ERASED", "INSTITUTION", "EncryptedTextField", "Sealed"]
