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
from partners.models import Member, User
from partners.views.entering import user_of

# Of each membership, and of the person.
SWITCHES = ("wants_digest", "wants_goal_mail")
OF_USER = "wants_milestone_mail"


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def account(request: HttpRequest) -> HttpResponse:
    user = user_of(request)
    own = Member.objects.filter(user=user).select_related("partner")
    memberships = list(own.order_by("partner__name"))
    if request.method == "POST":
        for member in memberships:
            for switch in SWITCHES:
                setattr(member, switch, f"{switch}-{member.pk}" in request.POST)
            member.save(update_fields=SWITCHES)
        User.objects.filter(pk=user.pk).update(**{OF_USER: OF_USER in request.POST})
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
        if switch not in (*SWITCHES, OF_USER):
            raise keys.BadKey  # noqa: TRY301 - the same answer as to a key for something else
        reader_id = keys.read(purpose=switch, key=key)
    except keys.BadKey:
        return render(request, template, {"state": "unknown"}, status=404)
    if request.method == "POST":
        readers = User.objects if switch == OF_USER else Member.objects
        readers.filter(pk=reader_id).update(**{switch: False})
        return render(request, template, {"state": "done"})
    return render(request, template, {"state": "ask", "switch": switch})
