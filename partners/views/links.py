"""A partner's links: all of them, making one, and the page of one."""

from datetime import datetime

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from partners import drives, link_numbers, linking, links, ready_texts, visits
from partners.link_forms import CODE_TAKEN, CodeForm, FactsForm, NewLinkForm
from partners.models import Drive, ReferralLink
from partners.models.links import canonical_code
from partners.tenancy import Access
from partners.views import entering


@never_cache
@login_required
@require_safe
def every(request: HttpRequest, slug: str) -> HttpResponse:
    now = timezone.now()
    access, drive = entering.enter(request, slug), drives.current(now=now)
    rows = link_numbers.of_partner(partner=access.partner, drive=drive)
    context = {
        "access": access,
        "partner": access.partner,
        "rows": [(row, links.address_of(code=row.link.code)) for row in rows],
        "drive_name": drive.name,
        "lost": visits.lost(since=_today_at(drive, now)),
    }
    return render(request, "partners/portal/links.html", context)


def _today_at(drive: Drive, now: datetime) -> datetime:
    return drive.span_of(now.astimezone(drive.zone).date())[0]


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest, slug: str) -> HttpResponse:
    access = entering.manage(request, slug)
    form = NewLinkForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            link = linking.make(
                partner=access.partner,
                facts=form.facts(),
                code=form.cleaned_data["code"],
                now=timezone.now(),
            )
        except linking.CodeTaken:
            form.add_error("code", CODE_TAKEN)
        else:
            messages.success(request, _("Your link is ready. It works from this moment on."))
            return redirect("partners:link", slug, link.code)
    context = {"access": access, "partner": access.partner, "form": form}
    return render(request, "partners/portal/link_new.html", context, status=_status(form))


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def one(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """Show a link under its code, or change it; a code it had before leads to the one it has."""
    writes = request.method == "POST"
    access = (entering.manage if writes else entering.enter)(request, slug)
    own = ReferralLink.objects.filter(partner=access.partner)
    link = get_object_or_404(own, codes__code=canonical_code(code))
    if writes:
        return _change(request, access, link)
    if code != link.code:
        return redirect("partners:link", slug, link.code)
    return _page(request, access, link)


def _change(request: HttpRequest, access: Access, link: ReferralLink) -> HttpResponse:
    match request.POST.get("do"):
        case "save":
            return _save(request, access, link)
        case "rename":
            return _rename(request, access, link)
        case "off":
            linking.switch_off(link=link, now=timezone.now())
            messages.success(request, _("Switched off. Whoever still comes gets to the form."))
        case "on":
            linking.switch_on(link=link)
            messages.success(request, _("Switched on again."))
        case _:
            return HttpResponseBadRequest()
    return redirect("partners:link", access.partner.slug, link.code)


def _save(request: HttpRequest, access: Access, link: ReferralLink) -> HttpResponse:
    form = FactsForm(request.POST)
    if not form.is_valid():
        return _page(request, access, link, facts_form=form)
    linking.change(link=link, facts=form.facts())
    messages.success(request, _("Saved."))
    return redirect("partners:link", access.partner.slug, link.code)


def _rename(request: HttpRequest, access: Access, link: ReferralLink) -> HttpResponse:
    form = CodeForm(request.POST)
    if form.is_valid():
        try:
            linking.rename(link=link, code=form.cleaned_data["code"])
        except linking.CodeTaken:
            form.add_error("code", CODE_TAKEN)
        else:
            messages.success(request, _("The link has its new code. The old one keeps working."))
            return redirect("partners:link", access.partner.slug, form.cleaned_data["code"])
    return _page(request, access, link, code_form=form)


def _page(
    request: HttpRequest,
    access: Access,
    link: ReferralLink,
    facts_form: FactsForm | None = None,
    code_form: CodeForm | None = None,
) -> HttpResponse:
    now = timezone.now()
    drive, address = drives.current(now=now), links.address_of(code=link.code)
    context = {
        "access": access,
        "partner": access.partner,
        "link": link,
        "address": address,
        "other_codes": link.codes.exclude(code=link.code).order_by("since_at", "id"),
        "numbers": link_numbers.of_link(link=link, drive=drive),
        "drive_name": drive.name,
        "lost": visits.lost(since=_today_at(drive, now)),
        "texts": list(ready_texts.write(address=address, partner_name=access.partner.name)),
        "facts_form": facts_form or FactsForm(initial=_facts(link)),
        "code_form": code_form or CodeForm(),
    }
    status = _status(facts_form or code_form)
    return render(request, "partners/portal/link.html", context, status=status)


def _facts(link: ReferralLink) -> dict[str, str]:
    return {name: getattr(link, name) for name in linking.Facts.__dataclass_fields__}


def _status(form: FactsForm | CodeForm | None) -> int:
    return 422 if form and form.errors else 200
