"""One transaction for one act: a service called by another joins the caller's instead of opening a savepoint in it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import connection, transaction

P = ParamSpec("P")
T = TypeVar("T")


def joined(service: Callable[P, T]) -> Callable[P, T]:
    """Run in the caller's transaction when there is one, else in one of its own.

    Only for services that write nothing before their last refusal: there a savepoint would protect nothing and cost two
    statements.
    """

    @wraps(service)
    def inside(*args: P.args, **kwargs: P.kwargs) -> T:
        if connection.in_atomic_block:
            return service(*args, **kwargs)
        with transaction.atomic():
            return service(*args, **kwargs)

    return inside
