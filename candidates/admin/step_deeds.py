"""What moves a step past its neighbour, or removes it: asked for first where people wait."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from candidates import editing
from candidates.admin.sequence_pages import SequencePages, to_sequence
from candidates.models import Step


class StepDeedsMixin(SequencePages):
    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        at = "<int:sequence_id>/steps/<int:step_id>/"
        return [
            path(f"{at}move/", wrap(self.move_view), name="candidates_step_move"),
            path(f"{at}remove/", wrap(self.remove_view), name="candidates_step_remove"),
            *super().get_urls(),
        ]

    def move_view(self, request: HttpRequest, sequence_id: int, step_id: int) -> HttpResponse:
        """Ask first where people wait."""
        self.colleague(request)
        step = self.step(sequence_id, step_id)
        if request.method != "POST":
            return to_sequence(step.sequence)
        to = "earlier" if request.POST.get("to") == "earlier" else "later"
        try:
            asked = self._asked(step, to)
        except editing.NotAllowed as refused:
            messages.error(request, str(refused))
            return to_sequence(step.sequence)
        if asked["waiting"] and "agreed" not in request.POST:
            return self.page(request, "move", asked)
        told = gettext("Moved: %(step)s")
        self._try(request, step, told, editing.move, is_earlier=to == "earlier", now=timezone.now())
        return to_sequence(step.sequence)

    def _asked(self, step: Step, to: str) -> dict[str, Any]:
        """Return what to look at before. Raises NotAllowed."""
        earlier, later = editing.neighbours(step=step, is_earlier=to == "earlier")
        editing.check_places(earlier=earlier, later=later)
        return {
            "title": _("Let these steps exchange places?"),
            "sequence": step.sequence,
            "step": step,
            "to": to,
            "earlier": earlier,
            "later": later,
            "waiting": editing.waiting(sequences=[step.sequence])[earlier.pk],
        }

    def remove_view(self, request: HttpRequest, sequence_id: int, step_id: int) -> HttpResponse:
        """Ask first: many may wait at it."""
        self.colleague(request)
        step = self.step(sequence_id, step_id)
        if request.method == "POST":
            removed = gettext("Removed: %(step)s")
            self._try(request, step, removed, editing.remove, now=timezone.now())
            return to_sequence(step.sequence)
        waiting = editing.waiting(sequences=[step.sequence])[step.pk]
        title = _("Remove this step?")
        context = {"title": title, "sequence": step.sequence, "step": step, "waiting": waiting}
        return self.page(request, "remove", context)

    def _try(
        self,
        request: HttpRequest,
        step: Step,
        sentence: str,
        change: Callable[..., object],
        **wanted: Any,
    ) -> None:
        try:
            change(step=step, **wanted)
        except editing.NotAllowed as refused:
            messages.error(request, str(refused))
        else:
            told = sentence % {"step": step.name}
            self.log_change(request, step.sequence, told)
            messages.success(request, told)
