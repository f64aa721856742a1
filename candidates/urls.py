"""Addresses of candidates: the form and what follows from it."""

from django.urls import path

from candidates.views import (
    confirm,
    embed,
    exports,
    home,
    leads,
    mail_events,
    pages,
    sharing,
    unsubscribe,
)

app_name = "candidates"
urlpatterns = [
    path("", home.home, name="home"),
    path("thanks/", pages.thanks, name="thanks"),
    path("privacy/", pages.privacy, name="privacy"),
    path("confirm/<str:token>/", confirm.confirm, name="confirm"),
    path("sharing/<str:token>/", sharing.stop_sharing, name="sharing"),
    path("embed/<str:code>/", embed.embed, name="embed"),
    path("embed/<str:code>/thanks/", embed.thanks, name="embed-thanks"),
    path("unsubscribe/<str:token>/", unsubscribe.unsubscribe, name="unsubscribe"),
    path("mail-events/", mail_events.mail_events, name="mail-events"),
    path("partners/<slug:slug>/leads/", leads.leads, name="leads"),
    path("partners/<slug:slug>/exports/", exports.exports, name="exports"),
    path("partners/<slug:slug>/exports/ask/", exports.ask, name="ask-for-export"),
    path(
        "partners/<slug:slug>/exports/<str:kind>/<uuid:export_id>/",
        exports.download,
        name="download-export",
    ),
]
