"""Addresses of the outbox (demo only)."""

from django.urls import path

from candidates.views import outbox

app_name = "outbox"

urlpatterns = [
    path("", outbox.newest, name="newest"),
    path("<uuid:message_id>/<int:number>/", outbox.message, name="message"),
    path("<uuid:message_id>/<int:number>/mail.html", outbox.html_part, name="html-part"),
    path("<uuid:message_id>/<int:number>/mail.css", outbox.stylesheet, name="stylesheet"),
]
