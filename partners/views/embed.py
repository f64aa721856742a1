"""What a partner puts on its own site: the count, the script that places it, and how to do so."""

from functools import cache
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from partners import embedding, tenancy, totals
from partners.embed_forms import OriginsForm
from partners.links import Link
from partners.models import Partner
from partners.snippets import Choice
from partners.totals import Totals
from partners.views import entering
from partners.views.framing import framed
from recruit.headers import CONTENT_SECURITY_POLICY
from recruit.memory import Made

SCRIPT = settings.BASE_DIR / "static" / "js" / "embed.js"
# Partners' pages carry its address as it is for years, so a new version must get through.
SCRIPT_KEPT_SECONDS = 3600
MOST_KEPT = 200

_thermometers: Made[Totals, bytes] = Made(most=MOST_KEPT)


@require_safe
def script(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - Django's signature
    response = HttpResponse(_script(), content_type="text/javascript; charset=utf-8")
    response["Cache-Control"] = f"public, max-age={SCRIPT_KEPT_SECONDS}"
    # Or a site that isolates itself (COEP) could not load it.
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


@cache
def _script() -> bytes:
    return SCRIPT.read_bytes()


@require_safe
@framed
def thermometer(request: HttpRequest, code: str, link: Link | None) -> HttpResponse:
    """Show the count with a way to the form. No visit: only who follows that way is one."""
    now, origins = totals.public(now=timezone.now()), tuple(embedding.framers(request, link))
    context = {"code": code, "link": link, "totals": now, "origins": origins}

    def made() -> bytes:
        return render_to_string("partners/embed_thermometer.html", context, request).encode()

    response = HttpResponse(_thermometers.get((get_language(), code, link, origins), now, made))
    response["Cache-Control"] = "public, max-age=1"
    return response


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def portal(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the line to paste; a manager says on which sites it may work."""
    if request.method == "POST":
        return _allow(request, entering.manage(request, slug))
    access = entering.enter(request, slug)
    return _page(request, access, OriginsForm(initial={"origins": access.partner.embed_origins}))


def _allow(request: HttpRequest, access: tenancy.Access) -> HttpResponse:
    form = OriginsForm(request.POST)
    if not form.is_valid():
        return _page(request, access, form, status=422)
    embedding.allow(partner=access.partner, origins=form.cleaned_data["origins"])
    return redirect("partners:embed", access.partner.slug)


def _page(
    request: HttpRequest, access: tenancy.Access, form: OriginsForm, status: int = 200
) -> HttpResponse:
    context = {"access": access, "partner": access.partner, "form": form}
    context |= _choice(request, access.partner)
    response = render(request, "partners/portal/embed.html", context, status=status)
    # The preview is a frame of our own page.
    response["Content-Security-Policy"] = f"{CONTENT_SECURITY_POLICY}; frame-src 'self'"
    return response


def _choice(request: HttpRequest, partner: Partner) -> dict[str, Any]:
    """Return the link, page and language that were chosen, or the first of each."""
    links = list(partner.links.order_by("created_at", "id"))
    wanted = {name: request.GET.get(name, "") for name in ("link", "show", "lang")}
    link = next((it for it in links if it.code == wanted["link"]), next(iter(links), None))
    choice = link and Choice(
        code=link.code,
        label=link.label,
        is_thermometer=wanted["show"] == "thermometer",
        is_spanish=wanted["lang"] == "es",
    )
    sites = [it for it in partner.embed_origins.splitlines() if it]
    return {"links": links, "choice": choice, "sites": sites}
