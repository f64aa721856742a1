"""The leads: a fast list, what staff do with many at once, and the whole story of one."""

from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.contrib.humanize.templatetags.humanize import naturaltime
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from candidates import finding, privacy, sharing, story, triage
from candidates.admin import filters
from candidates.admin.correcting import CorrectingMixin, standing_of
from candidates.admin.correspondence import CorrespondenceMixin, can_allow, can_send_again
from candidates.admin.crediting import CodesMixin
from candidates.admin.forms import TriageForm
from candidates.admin.merging import MergingMixin
from candidates.admin.pages import CappedPaginator, chosen
from candidates.admin.recomputing import RecomputingMixin
from candidates.admin.sharing import SharingMixin
from candidates.admin.voiding import VoidingMixin
from candidates.admin.war_room import WarRoomMixin
from candidates.models import Candidate
from partners.admin.searching import SearchingMixin
from partners.models import User

NAMES_SHOWN = 12
ALL_FIELDS = ("to_stage", "assignee", "text")


def pill(lead: Candidate) -> str:
    return format_html(
        '<span class="pill stage-{}">{}</span>', lead.stage, lead.get_stage_display()
    )


@admin.register(Candidate)
class LeadAdmin(
    CodesMixin,
    CorrectingMixin,
    CorrespondenceMixin,
    MergingMixin,
    RecomputingMixin,
    SearchingMixin,
    SharingMixin,
    VoidingMixin,
    WarRoomMixin,
):
    list_display = (
        "name", "stage_pill", "age", "assigned_to", "state", "office", "timeline", "is_confirmed",
    )  # fmt: skip
    list_filter = (
        filters.AssignedFilter,
        filters.AgeFilter,
        "stage",
        filters.ConfirmedFilter,
        "office",
        "timeline",
        filters.PartnerFilter,
        filters.StateFilter,
    )
    list_select_related = ("assigned_to",)
    list_per_page = 50
    list_max_show_all = 50
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    paginator = CappedPaginator
    ordering = ("-signed_up_at", "-id")
    sortable_by = ()
    search_fields = (
        "email_canonical",
    )  # shows the box; get_search_results says how it is searched
    search_help_text = _("The beginning of a name, e-mail address, phone number or ZIP code")
    actions = ("assign_leads", "move_leads", "note_leads", "void_leads")

    @admin.display(description=_("name"))
    def name(self, lead: Candidate) -> str:
        return str(lead)

    @admin.display(description=_("stage"))
    def stage_pill(self, lead: Candidate) -> str:
        return pill(lead)

    @admin.display(description=_("confirmed"), boolean=True)
    def is_confirmed(self, lead: Candidate) -> bool:
        return lead.confirmed_at is not None

    @admin.display(description=_("signed up"))
    def age(self, lead: Candidate) -> str:
        return naturaltime(lead.signed_up_at)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Candidate | None = None) -> bool:
        return False

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Candidate], search_term: str
    ) -> tuple[QuerySet[Candidate], bool]:
        return finding.people(rows=queryset, term=search_term), False

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return super().changelist_view(request, {"title": _("Leads"), **(extra_context or {})})

    def get_urls(self) -> list[URLPattern]:
        triage_url = path(
            "triage/",
            self.admin_site.admin_view(self.triage_view),
            name="candidates_candidate_triage",
        )
        return [triage_url, *super().get_urls()]

    @admin.action(description=_("Assign to a colleague…"), permissions=["change"])
    def assign_leads(self, request: HttpRequest, rows: QuerySet[Candidate]) -> HttpResponse | None:
        return self._ask(request, rows, ("assignee",), _("Assign to a colleague"))

    @admin.action(description=_("Move to a stage…"), permissions=["change"])
    def move_leads(self, request: HttpRequest, rows: QuerySet[Candidate]) -> HttpResponse | None:
        return self._ask(request, rows, ("to_stage",), _("Move to a stage"))

    @admin.action(description=_("Add a note…"), permissions=["change"])
    def note_leads(self, request: HttpRequest, rows: QuerySet[Candidate]) -> HttpResponse | None:
        return self._ask(request, rows, ("text",), _("Add a note"))

    def _ask(
        self, request: HttpRequest, rows: QuerySet[Candidate], fields: tuple[str, ...], title: Any
    ) -> HttpResponse | None:
        """Show who is affected before anything happens; nothing is written here."""
        if not (ids := chosen(request, rows)):
            return None
        form = TriageForm(initial={"ids": ",".join(map(str, ids))})
        return self._confirm(request, form, ids, fields, title, request.get_full_path())

    def _confirm(
        self,
        request: HttpRequest,
        form: TriageForm,
        ids: list[UUID],
        fields: tuple[str, ...],
        title: Any,
        back: str,
    ) -> HttpResponse:
        affected = Candidate.objects.filter(pk__in=ids).order_by("-signed_up_at", "-pk")
        names = list(affected.values_list("first_name", flat=True)[:NAMES_SHOWN])
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": title,
            "form": form,
            "fields": [form[name] for name in fields],
            "shown": ",".join(fields),
            "count": len(ids),
            "names": names,
            "others": len(ids) - len(names),
            "back": back,
        }
        return TemplateResponse(request, "admin/candidates/candidate/triage.html", context)

    def triage_view(self, request: HttpRequest) -> HttpResponse:
        """Do what a form of this admin asks for: one lead's or many's."""
        user = request.user
        if not isinstance(user, User) or not self.has_change_permission(request):
            raise PermissionDenied
        back = self._back(request)
        form = TriageForm(request.POST or None)
        if request.method != "POST":
            return HttpResponseRedirect(back)
        if form.is_valid():
            self._do(request, form, user)
            return HttpResponseRedirect(back)
        ids = form.cleaned_data.get("ids", [])
        shown = request.POST.get("shown", "").split(",")
        fields = tuple(name for name in ALL_FIELDS if name in shown) or ALL_FIELDS
        return self._confirm(request, form, ids, fields, _("Choose what to do"), back)

    @transaction.atomic
    def _do(self, request: HttpRequest, form: TriageForm, user: User) -> None:
        chosen = form.cleaned_data
        ids, now = chosen["ids"], timezone.now()
        counts = []
        if chosen["assignee"]:
            counts.append(
                triage.assign(candidate_ids=ids, assignee=form.colleague, author=user, now=now)
            )
        if chosen["to_stage"]:
            counts.append(
                triage.move(candidate_ids=ids, to_stage=chosen["to_stage"], author=user, now=now)
            )
        if chosen["text"]:
            counts.append(triage.note(candidate_ids=ids, text=chosen["text"], author=user, now=now))
        changed = max(counts)
        text = ngettext("%(count)s lead changed.", "%(count)s leads changed.", changed)
        messages.success(request, text % {"count": f"{changed:,}"})

    def _back(self, request: HttpRequest) -> str:
        back = request.POST.get("back", "")
        if url_has_allowed_host_and_scheme(back, {request.get_host()}, request.is_secure()):
            return back
        return reverse("admin:candidates_candidate_changelist")

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Tell one lead's story. Its fields are read here, and changed through triage alone."""
        lead = self.get_object(request, object_id)
        if lead is None:
            messages.warning(request, _("There is no such lead."))
            return HttpResponseRedirect(reverse("admin:candidates_candidate_changelist"))
        if not self.has_view_permission(request, lead):
            raise PermissionDenied
        suppression = privacy.entry_of(candidate=lead)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": str(lead),
            "lead": lead,
            "events": story.tell(candidate=lead, now=timezone.now()),
            "standing": standing_of(lead.pk),
            "suppression": suppression,
            "can_allow": can_allow(request, suppression),
            "merged": lead.merged.order_by("signed_up_at", "pk"),
            "shared_with": sharing.partners_of(candidate_id=lead.pk),
            "can_change": self.has_change_permission(request, lead),
            "can_send_again": can_send_again(request),
            "form": TriageForm(initial={"ids": str(lead.pk)}),
        }
        return TemplateResponse(request, "admin/candidates/candidate/story.html", context)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Candidate]:
        """Who was merged into another is found by a search, and is on no list."""
        rows = super().get_queryset(request).select_related("assigned_to", "merged_into")
        match = request.resolver_match
        is_list = match is not None and match.url_name == "candidates_candidate_changelist"
        return rows.filter(merged_into=None) if is_list and not request.GET.get("q") else rows
