"""What the pages about sequences have in common: who may, which one, and the frame around it."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.forms import BaseForm
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from candidates import editing
from candidates.models import Sequence, Step
from partners.models import User

LONGEST_KEY = 18  # digits that always fit into 64 bits


class SequencePages(admin.ModelAdmin):  # type: ignore[type-arg]
    def colleague(self, request: HttpRequest) -> User:
        """Return who is at work here, if they may change sequences."""
        if isinstance(request.user, User) and self.has_change_permission(request):
            return request.user
        raise PermissionDenied

    def sequence(self, key: str | int) -> Sequence:
        key = str(key)
        is_key = key.isdecimal() and len(key) <= LONGEST_KEY
        found = editing.editable().filter(pk=key).first() if is_key else None
        if not found:
            raise Http404
        return found

    def step(self, sequence_id: int, step_id: int) -> Step:
        sequence = self.sequence(sequence_id)
        if len(str(step_id)) > LONGEST_KEY:
            raise Http404
        step = Step.objects.filter(sequence=sequence, pk=step_id, removed_at=None).first()
        if not step:
            raise Http404
        step.sequence = sequence
        return step

    def last_author(self, sequence: Sequence) -> User | None:
        """Return who changed it, or a step of it, last."""
        told = LogEntry.objects.filter(
            content_type=ContentType.objects.get_for_model(Sequence), object_id=str(sequence.pk)
        )
        entry = told.select_related("user").order_by("-action_time", "-pk").first()
        return entry.user if entry else None

    def page(self, request: HttpRequest, name: str, context: dict[str, Any]) -> HttpResponse:
        whole = {**self.admin_site.each_context(request), "opts": self.opts, **context}
        return TemplateResponse(request, f"admin/candidates/sequences/{name}.html", whole)

    def allowed(self, form: BaseForm, change: Callable[..., None], **told: Any) -> bool:
        """Make a change, or say beside the question why it can't be made."""
        try:
            change(**told)
        except editing.NotAllowed as refused:
            refuse(form, refused)
            return False
        return True


def refuse(form: BaseForm, refused: editing.NotAllowed) -> None:
    field = refused.field if refused.field in form.fields else None
    form.add_error(field, str(refused))


def to_sequence(sequence: Sequence) -> HttpResponse:
    return HttpResponseRedirect(reverse("admin:candidates_sequence_change", args=[sequence.pk]))
