"""The file of leads: everyone who agreed to be shared with one partner, and who no longer does.

The content is personal data, so it is kept here. Each line begins with the candidate's id, by which
the download asks once more and which it cuts away: no withdrawal is overtaken by a file.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from uuid import UUID

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from candidates import sharing
from candidates.models import Candidate, Consent, LeadExport, LeadFetch, Tombstone
from partners import exports
from partners.exports.working import Clock
from partners.models import Partner, User

STEP = 1000
NOBODY = ""  # where a line is about no candidate whom a download must ask for


def make(export: LeadExport, clock: Clock) -> None:
    """Write a thousand people at a time. Raises exports.LostClaim."""
    sheet, done = exports.Sheet(), 0
    total = sharing.count(partner=export.partner).shared
    with translation.override(export.language):
        sheet.add([NOBODY, *_header()])
        for page in _pages(export.partner):
            exports.advance(export=export, done=done, total=max(total, done), now=clock())
            for consent in page:
                sheet.add([consent.candidate_id.hex, *_cells(export.partner, consent)])
            done += len(page)
        for stone in sharing.gone(partner=export.partner).iterator(STEP):
            sheet.add([NOBODY, *_stone(_reference(stone), stone.at)])
    exports.advance(export=export, done=done, total=done, now=clock())
    exports.finish(export=export, content=sheet.close(), now=clock())


def fetch(*, partner: Partner, export_id: UUID, user: User, now: datetime) -> LeadExport | None:
    """Return a file that can be downloaded, and log who took it; None for every other one."""
    with transaction.atomic():
        export = exports.fetch(model=LeadExport, partner=partner, export_id=export_id, now=now)
        if export:
            LeadFetch.objects.create(export=export, user=user, at=now)
    return export


def download(*, export: LeadExport) -> Iterator[bytes]:
    """Return the file in parts, each as its people's consents are when that part leaves."""
    lines = exports.lines(bytes(export.content or b""))
    yield exports.MARK
    while part := list(islice(lines, STEP)):
        yield b"".join(_still_shared(export, part))


def _still_shared(export: LeadExport, part: Sequence[bytes]) -> Iterator[bytes]:
    people = {line[:32] for line in part if not line.startswith(b",")}
    ids = [UUID(hex=it.decode()) for it in people]
    shared = Consent.objects.shared_with(export.partner).filter(candidate__in=ids)
    still = {it.hex.encode() for it in shared.values_list("candidate_id", flat=True)}
    stones = _stones_instead(export, ids) if people - still else {}
    for line in part:
        key, _comma, shown = line.partition(b",")
        yield shown if key in still or not key else stones[key]


def _stones_instead(export: LeadExport, ids: Iterable[UUID]) -> dict[bytes, bytes]:
    """Return for each of these people the line that says no more than that they withdrew."""
    gone = Tombstone.objects.filter(partner=export.partner, candidate_uuid__in=ids)
    at = dict(gone.values_list("candidate_uuid", "at"))
    with translation.override(export.language):
        return {
            it.hex.encode(): exports.row(_stone(_reference_of(it, export.partner_id), at.get(it)))
            for it in ids
        }


def _pages(partner: Partner) -> Iterator[Sequence[Consent]]:
    page = sharing.leads(partner=partner)[:STEP]
    while rows := list(page):
        yield rows
        page = sharing.leads(partner=partner, after=sharing.place_of(rows[-1]))[:STEP]


def _reference(stone: Tombstone) -> str:
    return _reference_of(stone.candidate_uuid, stone.partner_id)


def _reference_of(candidate_id: UUID, partner_id: int) -> str:
    return sharing.reference(candidate_id=candidate_id, partner_id=partner_id)


def _header() -> list[str]:
    fields = {field.name: str(field.verbose_name) for field in Candidate._meta.concrete_fields}
    asked = ("first_name", "last_name", "email", "phone", "state", "zip_code", "office", "timeline")
    names = [fields[it] for it in (*asked, "motivation", "language", "stage")]
    words = [_("Reference"), _("sharing"), *names]
    words += [_("signed up (UTC)"), _("agreed (UTC)"), _("withdrew (UTC)")]
    return [word[:1].upper() + word[1:] for word in words]


def _cells(partner: Partner, consent: Consent) -> list[object]:
    person = consent.candidate
    return [
        _reference_of(person.pk, partner.pk),
        _("shared"),
        person.first_name,
        person.last_name,
        person.email,
        _phone(person.phone or ""),
        person.state,
        person.zip_code,
        person.get_office_display(),
        person.get_timeline_display(),
        person.motivation,
        person.get_language_display(),
        person.get_stage_display(),
        _moment(person.signed_up_at),
        _moment(consent.given_at),
        "",
    ]


def _stone(reference: str, at: datetime | None) -> list[object]:
    return [reference, _("withdrawn"), *[""] * 13, _moment(at) if at else ""]


def _phone(number: str) -> str:
    """Write an American number without the "+" that a spreadsheet would take for a formula."""
    if number.startswith("+1") and len(number) == len("+13125550100"):
        return f"({number[2:5]}) {number[5:8]}-{number[8:]}"
    return number


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M")
