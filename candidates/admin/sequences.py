"""Sequences as staff own them: the list, one page for each, and its switch."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import BadRequest, PermissionDenied
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from candidates import desk, editing
from candidates.admin.sequence_forms import NewSequenceForm, SequenceForm
from candidates.admin.sequence_pages import to_sequence
from candidates.admin.steps import StepsMixin
from candidates.admin.texts import TextsMixin
from candidates.models import Sequence, Step
from candidates.overtaking import Overtaken


@admin.register(Sequence)
class SequenceAdmin(StepsMixin, TextsMixin):
    def get_urls(self) -> list[URLPattern]:
        switch = self.admin_site.admin_view(self.switch_view)
        name = "candidates_sequence_switch"
        return [path("<int:sequence_id>/switch/", switch, name=name), *super().get_urls()]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        found = list(
            editing.editable().order_by("-switched_on_at", "name").prefetch_related(_STEPS)
        )
        waiting = editing.waiting(sequences=found)
        rows = [(it, it.steps.all(), _sum(it, waiting)) for it in found]
        context = {"title": _("Sequences"), "rows": rows}
        return self.page(request, "list", context)

    def add_view(
        self,
        request: HttpRequest,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = NewSequenceForm(request.POST or None)
        if form.is_valid() and self.allowed(form, editing.create, sequence=form.instance):
            self.log_addition(request, form.instance, gettext("Made, switched off."))
            messages.success(request, _("The sequence is made, and off. Add its steps."))
            return to_sequence(form.instance)
        return self.page(request, "sequence", {"title": _("New sequence"), "form": form})

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        sequence = self.sequence(object_id)
        may_change = self.has_change_permission(request)
        if request.method == "POST" and not may_change:
            raise PermissionDenied
        form = SequenceForm(request.POST or None, instance=sequence)
        if form.is_valid() and self._keep_settings(form):
            self.log_change(request, sequence, _changed(form))
            messages.success(request, _("Saved. It holds for every mail that leaves from now on."))
            return to_sequence(sequence)
        return self.page(request, "sequence", self._shown(sequence, form, may_change=may_change))

    def _keep_settings(self, form: SequenceForm) -> bool:
        try:
            return self.allowed(form, editing.save, sequence=form.instance, seen=form.seen)
        except Overtaken as faster:
            form.overtaken(faster.now, self.last_author(form.instance))
            return False

    def _shown(self, sequence: Sequence, form: SequenceForm, *, may_change: bool) -> dict[str, Any]:
        waiting = editing.waiting(sequences=[sequence])
        steps = list(sequence.steps.order_by("number"))
        return {
            "title": sequence.name,
            "sequence": Sequence.objects.get(pk=sequence.pk),  # not as the form would have it
            "form": form,
            "may_change": may_change,
            "steps": [(it, waiting[it.pk]) for it in steps if not it.removed_at],
            "removed": [(it, waiting[it.pk]) for it in steps if it.removed_at],
            "waiting": _sum(sequence, waiting),
        }

    def switch_view(self, request: HttpRequest, sequence_id: int) -> HttpResponse:
        self.colleague(request)
        sequence = self.sequence(sequence_id)
        if request.method == "POST":
            switch = {"on": self._on, "off": self._off}.get(request.POST.get("to", ""))
            if not switch:
                raise BadRequest("neither on nor off")
            switch(request, sequence)
        return to_sequence(sequence)

    def _on(self, request: HttpRequest, sequence: Sequence) -> None:
        try:
            owed = editing.switch_on(sequence=sequence, now=timezone.now())
        except editing.NotAllowed as refused:
            messages.error(request, str(refused))
            return
        self._switched(request, sequence, gettext("Switched on."), ngettext(
            "%(count)s mail that was held is due again.",
            "%(count)s mails that were held are due again.",
            owed,
        ) % {"count": f"{owed:,}"})  # fmt: skip

    def _off(self, request: HttpRequest, sequence: Sequence) -> None:
        held = editing.switch_off(sequence=sequence)
        self._switched(request, sequence, gettext("Switched off."), ngettext(
            "%(count)s mail is held back.", "%(count)s mails are held back.", held
        ) % {"count": f"{held:,}"})  # fmt: skip

    def _switched(self, request: HttpRequest, sequence: Sequence, *sentences: str) -> None:
        self.log_change(request, sequence, " ".join(sentences))
        messages.success(request, " ".join(sentences))


_STEPS = Prefetch("steps", Step.objects.filter(removed_at=None).order_by("number"))


def _sum(sequence: Sequence, waiting: dict[int, desk.Count]) -> desk.Count:
    counts = [waiting[it] for it in waiting if it in {step.pk for step in sequence.steps.all()}]
    is_capped = any(it.is_capped for it in counts)
    return desk.Count(sum(it.value for it in counts), is_capped=is_capped)


def _changed(form: SequenceForm) -> str:
    return gettext("Changed: %(what)s") % {"what": ", ".join(form.changed_data) or "-"}
