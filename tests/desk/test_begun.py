"""Two colleagues, or one and a partner, at the same page: the slower one undoes nothing unasked."""

from collections.abc import Callable
from typing import Any

import pytest
from django.forms import MultiWidget
from django.test import Client
from django.urls import reverse

from partners import embedding, linking
from partners.models import Drive, Partner, ReferralLink, User

SITE = "https://www.example.org"
UNDO = "yours would undo it"


@pytest.fixture
def desk(sam: User, desk_of: Callable[[User], Client]) -> Client:
    return desk_of(sam)


def page(row: Any) -> str:
    return reverse(f"admin:partners_{row._meta.model_name}_change", args=[row.pk])


def opened(desk: Client, row: Any) -> dict[str, Any]:
    """Return what a browser would send from this page as it is now."""
    context = desk.get(page(row)).context
    forms = [context["adminform"].form]
    for inline in context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.initial_forms]
    return {name: it for form in forms for bound in form for name, it in _sent(bound)}


def _sent(bound: Any) -> list[tuple[str, Any]]:
    value, widget = bound.value(), bound.field.widget
    if isinstance(widget, MultiWidget):
        parts = widget.decompress(value)
        return [(f"{bound.html_name}_{at}", it or "") for at, it in enumerate(parts)]
    if value is False:
        return []
    return [(bound.html_name, "" if value is None else value)]


def test_a_number_that_a_colleague_just_set_is_not_set_back(desk: Client, drive: Drive) -> None:
    slow = opened(desk, drive)
    quick = {"baseline": "9999", "baseline_source": "counted anew"}
    assert desk.post(page(drive), slow | quick).status_code == 302

    answer = desk.post(page(drive), slow | {"name": "Another name"})

    assert answer.status_code == 200
    told = answer.content.decode()
    assert UNDO in told
    assert f"{drive.baseline} → 9999" in told
    assert "counted anew" in told
    drive.refresh_from_db()
    assert (drive.baseline, drive.name == "Another name") == (9999, False)


def test_whoever_read_it_and_saves_once_more_has_their_way(desk: Client, drive: Drive) -> None:
    slow = opened(desk, drive) | {"baseline_source": "counted anew"}
    desk.post(page(drive), slow | {"name": "The name of the quick one"})
    slow |= {"name": "The name of the slow one"}
    refused = desk.post(page(drive), slow)

    began = refused.context["adminform"].form["began"].value()

    assert desk.post(page(drive), slow | {"began": began}).status_code == 302
    drive.refresh_from_db()
    assert drive.name == "The name of the slow one"


def test_what_a_partner_chose_in_the_portal_is_not_undone_by_an_open_page(
    desk: Client, partner: Partner
) -> None:
    slow = opened(desk, partner)
    embedding.allow(partner=partner, origins=[SITE])

    assert UNDO in desk.post(page(partner), slow | {"name": "A new name"}).content.decode()
    partner.refresh_from_db()
    assert partner.embed_origins == SITE


def test_a_link_that_its_partner_switched_off_stays_off(
    desk: Client, link: ReferralLink, drive: Drive
) -> None:
    slow = opened(desk, link)
    linking.switch_off(link=link, now=drive.opens_at)

    assert UNDO in desk.post(page(link), slow | {"label": "A new label"}).content.decode()
    link.refresh_from_db()
    assert link.switched_off_at == drive.opens_at


def test_the_same_change_by_two_is_one(desk: Client, partner: Partner) -> None:
    slow = opened(desk, partner) | {"name": "A new name"}

    assert [desk.post(page(partner), slow).status_code for _time in range(2)] == [302, 302]


def test_a_reader_is_shown_the_page(
    robin: User, partner: Partner, permit: Callable[..., User], desk_of: Callable[[User], Client]
) -> None:
    reader = desk_of(permit(robin, "view_partner", "view_drive", "view_referrallink"))

    answer = reader.get(page(partner))

    assert answer.status_code == 200
    assert "began" not in answer.content.decode()
