"""Addresses of accounts."""

from django.urls import path

from parkbench.accounts import views

app_name = "accounts"
urlpatterns = [
    path("sign-in/", views.sign_in, name="sign-in"),
    path("sign-out/", views.sign_out, name="sign-out"),
    path("link/<str:secret>/", views.link, name="link"),
    path("me/", views.me, name="me"),
    path("me/password/", views.password, name="password"),
    path("people/", views.people, name="people"),
    path("people/new/", views.person_add, name="person-add"),
    path("people/<uuid:uid>/", views.person, name="person"),
    path("people/<uuid:uid>/grants/", views.grant, name="grant"),
    path("people/<uuid:uid>/grants/<int:pk>/revoke/", views.revoke, name="revoke"),
    path("people/<uuid:uid>/link/", views.new_link, name="new-link"),
    path("people/<uuid:uid>/erase/", views.erase, name="erase"),
]
