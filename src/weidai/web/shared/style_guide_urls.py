"""Addresses of the style guide; mounted only for development and demonstration."""

from django.urls import path

from weidai.web.shared import style_guide

urlpatterns = [
    path("", style_guide.h5, name="style_guide"),
    path("h5/<str:page>", style_guide.h5, name="style_guide_h5"),
    path("console", style_guide.console, name="style_guide_console"),
]
