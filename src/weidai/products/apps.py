"""Django's handle on the room's tables."""

from django.apps import AppConfig


class ProductsConfig(AppConfig):
    """Label `products`."""

    name = "weidai.products"
    label = "products"
