"""Addresses of the portal, included under the namespace of partners."""

from django.urls import path, register_converter
from django.urls.converters import PathConverter

from partners.views import (
    account,
    accounts,
    embed,
    hooks,
    joining,
    letting_in,
    links,
    members,
    portal,
    ranking,
    second_step,
)


class CodeConverter(PathConverter):
    """A code that staff typed oddly may hold a slash; PostgreSQL keeps no NUL in a text."""

    regex = "[^\0]+"


register_converter(CodeConverter, "code")

urlpatterns = [
    path("log-in/", accounts.LogIn.as_view(), name="log-in"),
    path("log-in/code/", letting_in.log_in_code, name="log-in-code"),
    path("log-out/", accounts.LogOut.as_view(), name="log-out"),
    path("new-password/", accounts.ask_for_password, name="password-reset"),
    path("new-password/sent/", accounts.PasswordLetterSent.as_view(), name="password-reset-sent"),
    path(
        "new-password/<uidb64>/<token>/",
        accounts.ChoosePassword.as_view(),
        name="password-reset-confirm",
    ),
    path("new-password/done/", accounts.PasswordChosen.as_view(), name="password-reset-complete"),
    path("join/<str:key>/", joining.join, name="join"),
    path("partner-with-us/", joining.partner_with_us, name="partner-with-us"),
    path("partner-with-us/thanks/", joining.thanks, name="partner-with-us-thanks"),
    path("letters/<str:switch>/<str:key>/", account.stop_letters, name="stop-letters"),
    path("account/", account.account, name="account"),
    path("account/second-step/", second_step.change, name="second-step"),
    path("partners/", portal.home, name="dashboard"),
    path("partners/<slug:slug>/", portal.partner_dashboard, name="partner-dashboard"),
    path("partners/<slug:slug>/members/", members.members, name="members"),
    path("partners/<slug:slug>/members/name/", members.lend_name, name="lend-name"),
    path("partners/<slug:slug>/members/invite/", members.invite, name="invite"),
    path(
        "partners/<slug:slug>/members/invited/<uuid:invitation_id>/withdraw/",
        members.withdraw,
        name="withdraw-invitation",
    ),
    path(
        "partners/<slug:slug>/members/<int:member_id>/role/",
        members.change_role,
        name="change-role",
    ),
    path(
        "partners/<slug:slug>/members/<int:member_id>/remove/",
        members.remove,
        name="remove-member",
    ),
    path("partners/<slug:slug>/links/", links.every, name="links"),
    path("partners/<slug:slug>/links/new/", links.new, name="link-new"),
    path("partners/<slug:slug>/links/<code:code>/qr.svg", portal.link_qr, name="link-qr"),
    path("partners/<slug:slug>/links/<code:code>/qr.png", portal.link_qr_png, name="link-qr-png"),
    # Last of its kind, since a code may look like the addresses above.
    path("partners/<slug:slug>/links/<code:code>/", links.one, name="link"),
    path("partners/<slug:slug>/embed/", embed.portal, name="embed"),
    path("partners/<slug:slug>/webhooks/", hooks.every, name="hooks"),
    path("partners/<slug:slug>/webhooks/new/", hooks.new, name="hook-new"),
    path("partners/<slug:slug>/webhooks/<uuid:hook_id>/", hooks.one, name="hook"),
    path("partners/<slug:slug>/ranking/", ranking.page, name="ranking"),
]
