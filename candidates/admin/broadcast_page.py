"""What stands on the page of one broadcast: for whom, in which words, and how far it is."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from candidates import broadcasts, pauses, previews, sequences, wording
from candidates.admin import frames
from candidates.admin.broadcast_forms import BroadcastForm, ReleaseForm, SayForm
from candidates.broadcasts import Standing
from candidates.models import Broadcast, FollowUp, Lane, StepText
from candidates.models.candidates import Office, Stage, Timeline
from candidates.texts import Place
from partners.models import Partner

SECONDS = 10
# In the order in which a mail comes through them.
STATES = (
    FollowUp.State.DUE,
    FollowUp.State.HELD,
    FollowUp.State.SENDING,
    FollowUp.State.SENT,
    FollowUp.State.FAILED,
    FollowUp.State.SUPPRESSED,
    FollowUp.State.NEEDLESS,
)


def context(
    *,
    broadcast: Broadcast,
    user: Any,
    form: BroadcastForm | None = None,
    words: SayForm | None = None,
    release: ReleaseForm | None = None,
) -> dict[str, Any]:
    """`form`, `words` and `release` are what somebody sent that was not taken."""
    texts = sequences.current_texts(steps=[broadcast.step])
    progress = broadcasts.progress(broadcast=broadcast, now=timezone.now())
    standing = broadcasts.standing(broadcast=broadcast, left=progress.left)
    is_draft = standing == Standing.DRAFT
    return {
        "title": broadcast.step.name,
        "broadcast": broadcast,
        "standing": standing,
        "is_going": standing in (Standing.GOING, Standing.PAUSED),
        "seconds": SECONDS,
        "may_draft": is_draft and user.has_perm("candidates.add_broadcast"),
        "may_release": user.has_perm("candidates.change_broadcast"),
        "is_mine": broadcasts.is_of(broadcast=broadcast, user=user),
        "form": form or BroadcastForm.of(broadcast),
        "terms": list(_terms(broadcast)),
        "texts": [_text(texts, broadcast, it, words) for it in settings.LANGUAGES],
        "views": list(_views(texts, broadcast, user)) if is_draft else [],
        "release": release or _release(broadcast, texts),
        "is_ready": broadcast.counted and (broadcast.step_id, "en", None) in texts,
        "progress": progress,
        "lane": pauses.paused().get(Lane.BULK),
        "states": [(it, it.label, progress.counts.get(it, 0)) for it in STATES],
        "as_of": timezone.now(),
    }


def _release(broadcast: Broadcast, texts: sequences.Texts) -> ReleaseForm:
    seen = ",".join(str(it.pk) for it in texts.values())
    counted_at = broadcast.counted_at.isoformat() if broadcast.counted_at else ""
    initial = {"seen": seen, "counted_at": counted_at}
    return ReleaseForm(counted=broadcast.counted, initial=initial)


def _text(
    texts: sequences.Texts, broadcast: Broadcast, language: tuple[str, Any], sent: SayForm | None
) -> tuple[Any, StepText | None, SayForm]:
    """One language: its name, what is said in it, and the form for that."""
    code, name = language
    text = texts.get((broadcast.step_id, code, None))
    if sent and sent.data.get("language") == code:
        return name, text, sent
    initial = {"language": code, "seen": text.version if text else 0}
    initial |= {"subject": text.subject, "body": text.body} if text else {}
    return name, text, SayForm(initial=initial, auto_id=f"{code}_%s")


def _views(texts: sequences.Texts, broadcast: Broadcast, user: Any) -> Iterator[frames.View]:
    """Show each text as it would reach somebody invented, and the newest lead of its language."""
    for code, name in settings.LANGUAGES:
        text = texts.get((broadcast.step_id, code, None))
        if not text:
            continue
        place = Place(broadcast.step, code)
        readers = [previews.invented(place=place, now=timezone.now())]
        if user.has_perm("candidates.view_candidate"):
            lead = previews.find(email="", language=code)
            readers += [lead] if lead else []
        for reader in readers:
            with suppress(wording.Refused):  # a rule came after it: say so at the release
                letter = previews.write(
                    place=place, subject=text.subject, body=text.body, reader=reader
                )
                yield frames.view(f"{reader.candidate} ({name})", letter)


def _terms(broadcast: Broadcast) -> Any:
    """Say whom it is for, as lines of a question and its answers."""
    labels: tuple[tuple[Any, list[str], dict[str, Any]], ...] = (
        (_("Stages"), broadcast.stages, dict(Stage.choices)),
        (_("Offices"), broadcast.offices, dict(Office.choices)),
        (_("When they would run"), broadcast.timelines, dict(Timeline.choices)),
        (_("Languages"), broadcast.languages, dict(settings.LANGUAGES)),
        (_("States and territories"), broadcast.states, {}),
    )
    for label, chosen, names in labels:
        if chosen:
            yield label, ", ".join(str(names.get(it, it)) for it in chosen)
    if broadcast.partners:
        partners = Partner.objects.filter(pk__in=broadcast.partners).order_by("name")
        yield _("Partners"), ", ".join(partners.values_list("name", flat=True))
    for label, day in (
        (_("Signed up from"), broadcast.signed_up_from),
        (_("Signed up until"), broadcast.signed_up_until),
    ):
        if day:
            yield label, day
