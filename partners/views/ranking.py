"""Whether a partner wants to be compared with others, and what they then learn of it."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from partners import ranking
from partners.tenancy import Access
from partners.views.entering import enter, manage


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, slug: str) -> HttpResponse:
    """Explain it to everybody in the house; a manager decides."""
    if request.method == "POST":
        return _decide(request, manage(request, slug))
    access = enter(request, slug)
    context = {"access": access, "partner": access.partner}
    return render(request, "partners/portal/ranking.html", context)


def _decide(request: HttpRequest, access: Access) -> HttpResponse:
    """Take part only on the word for it: whatever else was posted means to stay out."""
    if request.POST.get("do") == "on":
        ranking.join(partner=access.partner, now=timezone.now())
        messages.success(request, _("You take part from now on."))
    else:
        ranking.leave(partner=access.partner)
        messages.success(request, _("You no longer take part. Nobody's place counts you."))
    return redirect("partners:ranking", access.partner.slug)
