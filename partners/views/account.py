"""What is one's own: which letters come, at which partner; and the link that stops them."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from partners import keys
from partners.models import Member
from partners.views.entering import user_of

SWITCHES = ("wants_digest", "wants_goal_mail")


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def account(request: HttpRequest) -> HttpResponse:
    own = Member.objects.filter(user=user_of(request)).select_related("partner")
    memberships = list(own.order_by("partner__name"))
    if request.method == "POST":
        for member in memberships:
            for switch in SWITCHES:
                setattr(member, switch, f"{switch}-{member.pk}" in request.POST)
            member.save(update_fields=SWITCHES)
        messages.success(request, gettext("Saved."))
        return redirect("partners:account")
    return render(request, "partners/portal/account.html", {"memberships": memberships})


@csrf_exempt  # RFC 8058, 3.1: the POST carries no cookie; the key in the address is the authority
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def stop_letters(request: HttpRequest, switch: str, key: str) -> HttpResponse:
    """The POST answers 200 without a redirect, as RFC 8058 asks."""
    template = "partners/stop_letters.html"
    try:
        if switch not in SWITCHES:
            raise keys.BadKey  # noqa: TRY301 - the same answer as to a key for something else
        member_id = keys.read(purpose=switch, key=key)
    except keys.BadKey:
        return render(request, template, {"state": "unknown"}, status=404)
    if request.method == "POST":
        Member.objects.filter(pk=member_id).update(**{switch: False})
        return render(request, template, {"state": "done"})
    return render(request, template, {"state": "ask", "switch": switch})
