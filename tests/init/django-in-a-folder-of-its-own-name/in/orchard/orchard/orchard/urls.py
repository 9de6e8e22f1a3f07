"""Paths."""

from django.urls import include, path

urlpatterns = [path("trees/", include("trees.urls"))]
