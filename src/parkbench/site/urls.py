"""The addresses of a node."""

from __future__ import annotations

from importlib.util import find_spec

from django.urls import include, path

from parkbench.site import views

urlpatterns = [
    path("healthz", views.health, name="health"),
    path("robots.txt", views.robots, name="robots"),
    path("sitemap.xml", views.sitemap, name="sitemap"),
    path("sitemap-<int:page>.xml", views.sitemap, name="sitemap-page"),
    path("id/<slug:kind>/<uuid:uid>", views.permalink, name="permalink"),
    path("demo/<str:secret>/", views.demo_sign_in, name="demo-sign-in"),
    *(
        path("", include(f"parkbench.{room}.urls"))
        for room in (
            "overview",
            "accounts",
            "records",
            "programme",
            "catalogue",
            "instruments",
            "intake",
            "search",
            "exchange",
            "figures",
            "servicing",
            "offer",
            "stewardship",
        )
        if find_spec(f"parkbench.{room}.urls")
    ),
]
