"""What a colleague does with a broadcast: one button each, logged, and said in words."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from candidates import broadcasts, sequences, texts, wording
from candidates.admin import copies
from candidates.admin.broadcast_forms import BroadcastForm, ReleaseForm, SayForm
from candidates.models import Broadcast
from candidates.overtaking import Overtaken
from candidates.texts import Place
from partners.models import User

ADD, CHANGE = "candidates.add_broadcast", "candidates.change_broadcast"
REFUSED: dict[type[Exception], Any] = {
    broadcasts.AlreadyReleased: _("It is released: nothing of it can be changed any more."),
    broadcasts.Stopped: _("It was stopped, for good."),
    broadcasts.NotCounted: _("Count first. A count is good for an hour, and for one audience."),
    broadcasts.Nobody: _("It would reach nobody. Nothing was released."),
    broadcasts.NothingToSay: _("Write the English text first: others get it in its place."),
    broadcasts.NotSeen: _("It was changed or counted since you opened this page. Read it again."),
    broadcasts.NeedsSecondPerson: _("You wrote or changed it, so a colleague has to release it."),
}


class DeedsMixin(admin.ModelAdmin):  # type: ignore[type-arg]
    show: Callable[..., HttpResponse]

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.deed_view)
        at = "<int:broadcast_id>/do/<slug:deed>/"
        return [path(at, view, name="candidates_broadcast_deed"), *super().get_urls()]

    def deed_view(self, request: HttpRequest, broadcast_id: int, deed: str) -> HttpResponse:
        """Do it on POST; whoever comes by address, as after a log-in, is led to the page."""
        if deed not in DEEDS:
            raise Http404
        needed, do = DEEDS[deed]
        user = request.user
        if not isinstance(user, User) or not user.has_perm(needed):
            raise PermissionDenied
        rows = Broadcast.objects.select_related("step__sequence")
        broadcast = get_object_or_404(rows, pk=broadcast_id)
        if request.method != "POST":
            return to_broadcast(broadcast)
        try:
            shown = do(self, request, broadcast, user)
        except tuple(REFUSED) as refused:
            messages.error(request, REFUSED[type(refused)])
            shown = None
        except wording.Refused as refused:
            messages.error(request, str(refused))
            shown = None
        return shown or to_broadcast(broadcast)

    def rename(self, request: HttpRequest, broadcast: Broadcast, user: User) -> Any:
        form = BroadcastForm(request.POST)
        if not form.is_valid():
            return self.show(request, broadcast, form=form)
        told: dict[str, Any] = {"name": form.cleaned_data["name"], "audience": form.audience}
        try:
            broadcasts.rewrite(
                broadcast=broadcast, **told, seen=form.seen, author=user, now=timezone.now()
            )
        except Overtaken as faster:
            broadcast = Broadcast.objects.select_related("step__sequence").get(pk=broadcast.pk)
            form.overtaken(faster.now, broadcast.drafted_by)
            return self.show(request, broadcast, form=form)
        return self.count(request, broadcast, user)

    def count(self, request: HttpRequest, broadcast: Broadcast, user: User) -> None:
        found = broadcasts.count(broadcast=broadcast, now=timezone.now())
        self.tell(request, broadcast, reached(found))

    def say(self, request: HttpRequest, broadcast: Broadcast, user: User) -> Any:
        form = SayForm(request.POST, auto_id="sent_%s")
        if "language" in form.errors:
            raise Http404  # nobody types that
        if not form.is_valid():
            return self.show(request, broadcast, words=form)
        try:
            told = form.cleaned_data
            broadcasts.say(broadcast=broadcast, **told, author=user, now=timezone.now())
        except wording.Refused as refused:
            form.refuse(refused)
            return self.show(request, broadcast, words=form)
        except texts.Outdated as outdated:
            form.overtaken(outdated.newest)
            return self.show(request, broadcast, words=form)
        return self.tell(request, broadcast, gettext("The words are saved."))

    def copy(self, request: HttpRequest, broadcast: Broadcast, user: User) -> None:
        code = request.POST.get("language", "")
        written = sequences.current_texts(steps=[broadcast.step])
        text = written.get((broadcast.step_id, code, None))
        if not text:
            raise Http404
        place = Place(broadcast.step, code)
        copies.send(request, place=place, subject=text.subject, body=text.body, user=user)

    def release(self, request: HttpRequest, broadcast: Broadcast, user: User) -> Any:
        form = ReleaseForm(request.POST, counted=broadcast.counted)
        if not form.is_valid():
            return self.show(request, broadcast, release=form)
        told = {it: form.cleaned_data[it] for it in ("seen", "counted_at")}
        try:
            number = broadcasts.release(
                broadcast=broadcast, **told, author=user, now=timezone.now()
            )
        except broadcasts.CountMoved as moved:
            text = ngettext(
                "It would reach %(n)s person now. Count again, and look.",
                "It would reach %(n)s people now. Count again, and look.",
                moved.people,
            )
            messages.error(request, text % {"n": f"{moved.people:,}"})
        else:
            text = ngettext("Released to %(n)s person.", "Released to %(n)s people.", number)
            self.tell(request, broadcast, text % {"n": f"{number:,}"})

    def pause(self, request: HttpRequest, broadcast: Broadcast, user: User) -> None:
        held = broadcasts.pause(broadcast=broadcast, now=timezone.now())
        text = ngettext(
            "Paused: %(n)s mail is held back.", "Paused: %(n)s mails are held back.", held
        )
        self.tell(request, broadcast, text % {"n": f"{held:,}"})

    def resume(self, request: HttpRequest, broadcast: Broadcast, user: User) -> None:
        due = broadcasts.resume(broadcast=broadcast)
        text = ngettext("Resumed: %(n)s mail is due.", "Resumed: %(n)s mails are due.", due)
        self.tell(request, broadcast, text % {"n": f"{due:,}"})

    def stop(self, request: HttpRequest, broadcast: Broadcast, user: User) -> None:
        ended = broadcasts.stop(broadcast=broadcast, now=timezone.now())
        text = ngettext(
            "Stopped for good: %(n)s mail will not be sent.",
            "Stopped for good: %(n)s mails will not be sent.",
            ended,
        )
        self.tell(request, broadcast, text % {"n": f"{ended:,}"})

    def tell(self, request: HttpRequest, broadcast: Broadcast, told: str) -> None:
        """Say it to whoever did it, and to whoever asks later."""
        self.log_change(request, broadcast, told)
        messages.success(request, told)

    def page(self, request: HttpRequest, name: str, context: dict[str, Any]) -> HttpResponse:
        whole = {**self.admin_site.each_context(request), "opts": self.opts, **context}
        return TemplateResponse(request, f"admin/candidates/broadcasts/{name}.html", whole)


DEEDS: dict[str, tuple[str, Callable[..., HttpResponse | None]]] = {
    "audience": (ADD, DeedsMixin.rename),
    "count": (ADD, DeedsMixin.count),
    "say": (ADD, DeedsMixin.say),
    "copy": (ADD, DeedsMixin.copy),
    "release": (CHANGE, DeedsMixin.release),
    "pause": (CHANGE, DeedsMixin.pause),
    "resume": (CHANGE, DeedsMixin.resume),
    "stop": (CHANGE, DeedsMixin.stop),
}


def reached(found: broadcasts.Count) -> str:
    """Say whom a broadcast would reach, and who is left out."""
    text = ngettext("%(n)s person would get it.", "%(n)s people would get it.", found.people)
    told = [text % {"n": f"{found.people:,}"}]
    left_out = (
        (found.suppressed, _("%(n)s left out: no mail may go to them any more.")),
        (found.withdrawn, _("%(n)s left out: they took back that we may write to them.")),
        (found.unconfirmed, _("%(n)s left out: they have not confirmed their address.")),
    )
    told += [str(sentence % {"n": f"{number:,}"}) for number, sentence in left_out if number]
    return " ".join(told)


def to_broadcast(broadcast: Broadcast) -> HttpResponse:
    return HttpResponseRedirect(reverse("admin:candidates_broadcast_change", args=[broadcast.pk]))
