"""Addresses of the portal, included under the namespace of partners."""

from django.urls import path

from partners.views import accounts, portal

urlpatterns = [
    path("log-in/", accounts.LogIn.as_view(), name="log-in"),
    path("log-out/", accounts.LogOut.as_view(), name="log-out"),
    path("new-password/", accounts.ask_for_password, name="password-reset"),
    path("new-password/sent/", accounts.PasswordLetterSent.as_view(), name="password-reset-sent"),
    path(
        "new-password/<uidb64>/<token>/",
        accounts.ChoosePassword.as_view(),
        name="password-reset-confirm",
    ),
    path("new-password/done/", accounts.PasswordChosen.as_view(), name="password-reset-complete"),
    path("partners/", portal.home, name="dashboard"),
    path("partners/<slug:slug>/", portal.partner_dashboard, name="partner-dashboard"),
    path("partners/<slug:slug>/links/<path:code>/qr.svg", portal.link_qr, name="link-qr"),
    path("partners/<slug:slug>/links/<path:code>/qr.png", portal.link_qr_png, name="link-qr-png"),
]
