"""The steps of a sequence as staff see them: one page for each, and what moves or removes it."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from candidates import editing, sequences, wording
from candidates.admin.mail_forms import WordsForm
from candidates.admin.sequence_forms import PlaceForm, StepForm
from candidates.admin.sequence_pages import SequencePages, to_sequence
from candidates.models import Step, StepText
from candidates.texts import Place
from partners.models import Partner


class StepsMixin(SequencePages):
    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        at = "<int:sequence_id>/steps/"
        return [
            path(f"{at}add/", wrap(self.add_step_view), name="candidates_step_add"),
            path(f"{at}<int:step_id>/", wrap(self.step_view), name="candidates_step_change"),
            path(f"{at}<int:step_id>/move/", wrap(self.move_view), name="candidates_step_move"),
            path(
                f"{at}<int:step_id>/remove/", wrap(self.remove_view), name="candidates_step_remove"
            ),
            *super().get_urls(),
        ]

    def add_step_view(self, request: HttpRequest, sequence_id: int) -> HttpResponse:
        user = self.colleague(request)
        sequence = self.sequence(sequence_id)
        step = Step(sequence=sequence)
        form, words = StepForm(request.POST or None, instance=step), WordsForm(request.POST or None)
        if form.is_valid() and words.is_valid():
            said = words.cleaned_data
            try:
                is_added = self.allowed(
                    form, editing.add, step=step, **said, author=user, now=timezone.now()
                )
            except wording.Refused as refused:
                words.refuse(refused)
            else:
                if is_added:
                    told = gettext("Step added: %(step)s") % {"step": step.name}
                    self.log_change(request, sequence, told)
                    messages.success(request, told)
                    return to_step(step)
        title = _("Add a step")
        context = {"title": title, "sequence": sequence, "form": form, "words": words}
        return self.page(request, "step", context | {"fields": wording.FIELDS.items()})

    def step_view(self, request: HttpRequest, sequence_id: int, step_id: int) -> HttpResponse:
        self.colleague(request)
        step = self.step(sequence_id, step_id)
        form = StepForm(request.POST or None, instance=step)
        if form.is_valid() and self.allowed(form, editing.save_step, step=step):
            changed = ", ".join(form.changed_data) or "-"
            words = {"step": step.name, "what": changed}
            told = gettext("Step %(step)s changed: %(what)s") % words
            self.log_change(request, step.sequence, told)
            messages.success(request, _("Saved. Who waits at it already keeps their time."))
            return to_step(step)
        context = {
            "title": Step.objects.get(pk=step.pk).name,  # not as the form would have it
            "sequence": step.sequence,
            "step": step,
            "form": form,
            "waiting": editing.waiting(sequences=[step.sequence])[step.pk],
            "texts": _texts(step),
            "place": PlaceForm(auto_id="place_%s"),
        }
        return self.page(request, "step", context)

    def move_view(self, request: HttpRequest, sequence_id: int, step_id: int) -> HttpResponse:
        self.colleague(request)
        step = self.step(sequence_id, step_id)
        if request.method == "POST":
            is_earlier = request.POST.get("to") == "earlier"
            self._try(
                request, step, gettext("Moved: %(step)s"), editing.move, is_earlier=is_earlier
            )
        return to_sequence(step.sequence)

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
        change: Callable[..., None],
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


def _texts(step: Step) -> list[tuple[Place, StepText | None]]:
    """Everybody's text in each language, written or not, and those of partners."""
    newest = sequences.current_texts(steps=[step])
    partners = Partner.objects.in_bulk([it for _step, _language, it in newest if it])
    places = [Place(step, language) for language, _name in settings.LANGUAGES]
    places += [
        Place(step, language, partners[partner])
        for _step, language, partner in sorted(newest, key=str)
        if partner
    ]
    return [
        (it, newest.get((step.pk, it.language, it.partner.pk if it.partner else None)))
        for it in places
    ]


def to_step(step: Step) -> HttpResponse:
    at = [step.sequence_id, step.pk]
    return HttpResponseRedirect(reverse("admin:candidates_step_change", args=at))
