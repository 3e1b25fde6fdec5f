"""Django's handle on the audit tables."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "weidai.audit"
    label = "audit"
