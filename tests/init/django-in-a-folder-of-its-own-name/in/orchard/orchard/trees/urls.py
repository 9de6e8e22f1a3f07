"""Paths of the trees."""

from django.http import HttpResponse
from django.urls import path


def health(request):
    return HttpResponse("green")


urlpatterns = [path("health/", health)]
