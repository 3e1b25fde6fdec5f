"""Every customer-owned table can be spread by customer_id (R10.7, ARCHITECTURE §4)."""

import pytest
from django.apps import apps
from django.db import models

# Tables that belong to the institution, not to one customer. Each says why; a new table must be customer-owned or listed.
INSTITUTION = {
    "platform.ClockOffset": "one business clock",
    "platform.Book": "the portfolio's business dates",
    "platform.InboxMessage": "a partner's message, before it is known whose it is",
    "ledger.GeneralLedgerDay": "institution totals",
    "audit.Event": "the one log of everything; customer_id is null for the institution's own events",
    "audit.Seal": "seals span customers",
    "audit.SealedEvent": "follows audit.Event",
}
# Look-ups across customers by keyed digest: the one named exception to unique-contains-customer_id.
DIGEST_TABLES = {"identity.DigestEntry"}


def our_models():
    return [m for m in apps.get_models() if m.__module__.startswith("weidai.") and not m._meta.proxy]


def label(model):
    return f"{model._meta.app_label}.{model.__name__}"


def institution_models():
    declared = dict(INSTITUTION)
    for model in our_models():
        reason = getattr(model, "INSTITUTION_TABLE", None)
        if reason:
            declared[label(model)] = reason
    return declared


def customer_models():
    return [m for m in our_models() if label(m) not in institution_models() and m._meta.app_label != "staff"]


def unique_sets(model):
    for constraint in model._meta.constraints:
        if isinstance(constraint, models.UniqueConstraint):
            yield set(constraint.fields)
    yield from (set(fields) for fields in model._meta.unique_together)
    for field in model._meta.local_fields:
        if field.unique and not field.primary_key:
            yield {field.name}


def test_there_are_tables_to_check():
    assert len(customer_models()) >= 15


@pytest.mark.parametrize("model", customer_models(), ids=label)
def test_customer_owned_table_carries_customer_id_in_every_unique_constraint(model):
    names = {field.name for field in model._meta.local_fields}
    is_customer = label(model) == "identity.Customer"  # its primary key is the customer id itself
    assert is_customer or "customer_id" in names, f"{label(model)} has no customer_id: customer-owned or INSTITUTION_TABLE?"
    if label(model) in DIGEST_TABLES or is_customer:
        return
    for fields in unique_sets(model):
        assert "customer_id" in fields, f"{label(model)}: unique {sorted(fields)} does not contain customer_id"


def test_the_check_itself_catches_a_bad_table():
    class Bad(models.Model):
        customer_id = models.UUIDField()
        number = models.TextField(unique=True)

        class Meta:
            app_label = "architecture_test"

    try:
        with pytest.raises(AssertionError, match="does not contain customer_id"):
            test_customer_owned_table_carries_customer_id_in_every_unique_constraint(Bad)
    finally:
        apps.all_models["architecture_test"].clear()
        apps.clear_cache()
