"""Organisations that ask to become partners, and what staff decide."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import translation
from django.utils.text import slugify
from django.utils.translation import gettext

from partners import joining, letters, linking
from partners.models import Application, Letter, LinkCode, Member, Partner, ReferralLink, User

LONGEST_SLUG = 36  # leaves room for a number, in a link's code as well


class AlreadyDecided(Exception):
    """Somebody approved or declined it before."""


class NameTaken(Exception):
    """Another partner has this name: staff settle which of them it is."""


@dataclass(frozen=True, slots=True)
class Answers:
    """What an organisation tells of itself."""

    organisation: str
    contact_name: str
    contact_email: str
    website: str
    expected_sign_ups: int


def agreement() -> str:
    """Return the wording that is ticked, and kept with the application."""
    return gettext(
        "We ask people honestly to think about running, promise nobody anything in return, and see "
        "only those people's answers who said yes to us by name."
    )


def apply(*, answers: Answers, agreed_wording: str, language: str, now: datetime) -> None:
    """Keep the application. The same one, sent again while it is undecided, is one."""
    Application.objects.get_or_create(
        organisation=answers.organisation,
        contact_email=answers.contact_email,
        decided_at=None,
        defaults=asdict(answers)
        | {"agreed_wording": agreed_wording, "language": language, "applied_at": now},
    )


@transaction.atomic
def approve(*, application_id: int, by: User, now: datetime) -> Partner:
    """Make the partner with its first link, and invite who applied to manage it.

    Raises AlreadyDecided and NameTaken; whatever is raised, nothing was made.
    """
    application = _undecided(application_id)
    partner = _make_partner(application)
    with translation.override(application.language):
        label = gettext("Our first link")
    ReferralLink.objects.create(partner=partner, code=_free_code(partner.slug), label=label)
    _decide(application, by, now, partner=partner)
    joining.invite(
        partner=partner,
        email=application.contact_email,
        role=Member.Role.MANAGER,
        by=by,
        language=application.language,
        now=now,
    )
    return partner


@transaction.atomic
def decline(*, application_id: int, by: User, now: datetime) -> None:
    """Say no, by a letter. Raises AlreadyDecided."""
    application = _undecided(application_id)
    _decide(application, by, now, partner=None)
    letters.owe(
        kind=Letter.Kind.DECLINED,
        recipient=application.contact_email,
        language=application.language,
        facts={"application": application.pk},
        key=f"declined:{application.pk}",
        now=now,
    )


def _undecided(application_id: int) -> Application:
    application = Application.objects.select_for_update().get(pk=application_id)
    if application.decided_at:
        raise AlreadyDecided
    return application


def _decide(application: Application, by: User, now: datetime, partner: Partner | None) -> None:
    application.decided_at, application.decided_by, application.partner = now, by, partner
    application.save(update_fields=["decided_at", "decided_by", "partner"])


def _make_partner(application: Application) -> Partner:
    name = application.organisation
    if Partner.objects.filter(name__iexact=name).exists():
        raise NameTaken
    slugs = Partner.objects.all()
    slug = _free(
        slugify(name)[:LONGEST_SLUG] or "partner", lambda it: slugs.filter(slug=it).exists()
    )
    try:
        with transaction.atomic():
            return Partner.objects.create(name=name, slug=slug, website=application.website)
    except IntegrityError as taken:
        raise NameTaken from taken


def _free_code(wish: str) -> str:
    codes = LinkCode.objects.all()
    return _free(wish, lambda it: it in linking.RESERVED or codes.filter(code=it).exists())


def _free(wish: str, is_taken: Callable[[str], bool]) -> str:
    """Return this name, or the first of name-2, name-3 ... that nobody ever had."""
    name, number = wish, 1
    while is_taken(name):
        number += 1
        name = f"{wish}-{number}"
    return name
