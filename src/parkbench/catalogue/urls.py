"""The addresses of the catalogue."""

from django.urls import path

from parkbench.catalogue.views import entries, pages

app_name = "catalogue"
urlpatterns = []
for kind in ("model", "maker", "technique"):
    one, many = {"kind": kind}, {"name": f"{kind}s"}
    urlpatterns += [
        path(f"{kind}s/", getattr(pages, f"{kind}s"), name=f"{kind}s"),
        path(f"{kind}s/export.<slug:format>", pages.export, many, name=f"{kind}s-export"),
        path(f"{kind}s/new/", entries.add, one, name=f"{kind}-add"),
        path(f"{kind}s/suggest/", pages.suggest, many, name=f"suggest-{kind}s"),
        path(f"{kind}s/<uuid:uid>/", getattr(pages, kind), name=kind),
        path(f"{kind}s/<uuid:uid>/edit/", entries.edit, one, name=f"{kind}-edit"),
        path(f"{kind}s/<uuid:uid>/override/", entries.override, one, name=f"{kind}-override"),
        path(f"{kind}s/<uuid:uid>/shipped/", entries.shipped, one, name=f"{kind}-shipped"),
        path(f"{kind}s/<uuid:uid>/take-back/", entries.take_back, one, name=f"{kind}-take-back"),
        path(f"{kind}s/<uuid:uid>/remove/", entries.remove, one, name=f"{kind}-remove"),
    ]
