"""Taking back a "yes, share me": a page with one button per partner, reached from our mails."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from candidates import keys, sharing


@csrf_exempt  # the key in the address is the authority: no cookie is read
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def stop_sharing(request: HttpRequest, token: str) -> HttpResponse:
    """Name who sees this person's answers; the POST ends it for one of them."""
    try:
        candidate_id = keys.read(purpose="sharing", token=token)
    except keys.BadToken:
        return render(request, "candidates/sharing.html", {"is_unknown": True}, status=404)
    before = sharing.partners_of(candidate_id=candidate_id)
    if request.method != "POST":
        return render(request, "candidates/sharing.html", {"partners": before})
    chosen = request.POST.get("partner", "")
    stopped = [it for it in before if str(it.pk) == chosen]
    for partner in stopped:
        sharing.withdraw(candidate_id=candidate_id, partner_id=partner.pk, now=timezone.now())
    left = [it for it in before if it not in stopped]
    return render(request, "candidates/sharing.html", {"partners": left, "stopped": stopped})
