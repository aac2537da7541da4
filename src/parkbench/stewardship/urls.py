"""Addresses of stewardship."""

from django.urls import path

from parkbench.stewardship.views import people, reviews

app_name = "stewardship"

urlpatterns = [
    path("stewardship/", reviews.reviews, name="reviews"),
    path("stewardship/export.<slug:format>", reviews.export, name="export"),
    path("stewardship/still-right/", reviews.still_right, name="still-right"),
    path("stewardship/periods/", reviews.periods, name="periods"),
    path("stewardship/periods/dates/", reviews.date_undated, name="date-undated"),
    path("stewardship/completeness/", reviews.completeness, name="completeness"),
    path("stewardship/completeness/list/", reviews.incomplete, name="incomplete"),
    path(
        "stewardship/completeness/export.<slug:format>",
        reviews.incomplete_export,
        name="incomplete-export",
    ),
    path("stewardship/handover/", people.handover, name="handover"),
    path("stewardship/handover/<int:pk>/undo/", people.undo_handover, name="undo-handover"),
    path("stewardship/mail/", people.mail, name="mail"),
    path("stewardship/calendars/", people.calendars, name="calendars"),
    path("stewardship/calendars/<int:pk>/revoke/", people.revoke_calendar, name="revoke-calendar"),
    path("calendar/<str:secret>.ics", people.calendar, name="calendar"),
]
