"""The steps of a sequence as staff see them: one page for each, and a look at what it moves."""

from datetime import datetime, timedelta

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from candidates import editing, sequences, wording
from candidates.admin.mail_forms import WordsForm
from candidates.admin.sequence_forms import PlaceForm, StepForm
from candidates.admin.sequence_pages import refuse
from candidates.admin.step_deeds import StepDeedsMixin
from candidates.models import Step, StepText
from candidates.overtaking import Overtaken
from candidates.texts import Place
from partners.models import Partner


class StepsMixin(StepDeedsMixin):
    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        at = "<int:sequence_id>/steps/"
        return [
            path(f"{at}add/", wrap(self.add_step_view), name="candidates_step_add"),
            path(f"{at}<int:step_id>/", wrap(self.step_view), name="candidates_step_change"),
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
        form, shift = StepForm(request.POST or None, instance=step), None
        if form.is_valid():
            try:
                shift = self._keep_step(request, step, form, timezone.now())
            except editing.NotAllowed as refused:
                refuse(form, refused)
            except Overtaken as faster:
                form.overtaken(faster.now, self.last_author(step.sequence))
            else:
                if not shift:
                    return to_step(step)
        stored = Step.objects.get(pk=step.pk)  # not as the form would have it
        context = {
            "title": stored.name,
            "stored": stored,
            "sequence": step.sequence,
            "step": step,
            "form": form,
            "shift": shift,
            "agreed": _in_hours(step),
            "waiting": editing.waiting(sequences=[step.sequence])[step.pk],
            "texts": _texts(step),
            "place": PlaceForm(auto_id="place_%s"),
        }
        return self.page(request, "step", context)

    def _keep_step(
        self, request: HttpRequest, step: Step, form: StepForm, now: datetime
    ) -> editing.Shift | None:
        """Keep what was changed, or return whose mail would move: that is looked at first."""
        shift = editing.look(step=step, seen=form.seen, now=now)
        if shift and request.POST.get("agreed") != _in_hours(step):
            return shift
        moved = editing.save_step(step=step, seen=form.seen, now=now)
        words = {"step": step.name, "what": ", ".join(form.changed_data) or "-"}
        told = [gettext("Step %(step)s changed: %(what)s") % words]
        if moved:
            told.append(_moved(moved))
        self.log_change(request, step.sequence, ". ".join(told))
        messages.success(request, " ".join([gettext("Saved."), *told[1:]]))
        return None


def _in_hours(step: Step) -> str:
    return str(step.delay // timedelta(hours=1))


def _moved(people: int) -> str:
    sentence = ngettext(
        "%(count)s mail moved to its new time.", "%(count)s mails moved to their new time.", people
    )
    return sentence % {"count": f"{people:,}"}


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
