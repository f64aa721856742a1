"""Staff look at a drive under another model, and then write exactly what they saw."""

from collections import Counter
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission

from candidates import crediting, suspicion
from candidates.models import Touch
from partners import credits
from partners.models import Credit, Drive, Hold, Member, Partner, ReferralLink, User

pytestmark = pytest.mark.django_db
PAGE = "/admin/candidates/candidate/recompute/"


@pytest.fixture
def nurses(db: None) -> ReferralLink:
    partner = Partner.objects.create(name="Example Nurses", slug="nurses")
    return ReferralLink.objects.create(partner=partner, code="nurse-mail", label="E-mail")


@pytest.fixture
def came_twice(lead, link, nurses, now):
    """Raise a hand after two visits: the first through the nurses, the last through the voters."""

    def raise_hand(name: str, **fields):
        candidate = lead(name, **fields)
        for days, via in ((2, nurses), (1, link)):
            at = now - timedelta(days=days)
            Touch.objects.create(candidate=candidate, link=via, raw_code=via.code, at=at)
        return candidate

    return raise_hand


@pytest.fixture
def drive(db: None, now) -> Drive:
    return Drive.objects.current(now)


@pytest.fixture
def model(drive: Drive) -> dict[str, object]:
    return {"drive": drive.pk, "attribution": "first", "window_days": 30}


def net() -> Counter[str]:
    sums: Counter[str] = Counter()
    for code, amount in Credit.objects.values_list("link__code", "amount"):
        sums[code or ""] += amount
    return +sums


def seen(page) -> dict[str, object]:
    """What the form of a look sends, but for the reason."""
    question = page.context_data["question"]
    return {"until": question.until.isoformat(), "digest": page.context_data["outcome"].digest}


def shown(page) -> set[tuple[str, str, int, int, int]]:
    return {
        (str(it.partner or ""), it.kind, it.before, it.after, it.change)
        for it in page.context_data["rows"]
    }


def said(answer) -> str:
    return " ".join(str(it) for it in answer.context["messages"])


def test_what_was_seen_is_what_is_written_with_who_and_why(
    came_twice, lead, sam, desk_of, model, now
) -> None:
    ada = came_twice("Ada")
    came_twice("Bo"), lead("Cy", organic=True)
    credits.give(candidate_uuids=[ada.pk], kind=Credit.Kind.CONFIRMED, at=now)
    staff, lines = desk_of(sam), Credit.objects.count()

    look = staff.get(PAGE, model)
    assert Credit.objects.count() == lines
    told = shown(look)
    done = staff.post(PAGE, model | seen(look) | {"why": "Agreed in July"})

    assert told == {
        ("Example Nurses", "signed_up", 0, 2, 2),
        ("Example Voters", "signed_up", 2, 0, -2),
        ("Example Nurses", "confirmed", 0, 1, 1),
        ("Example Voters", "confirmed", 1, 0, -1),
    }
    assert (shown(done), done.context_data["is_written"]) == (told, True)
    assert net() == {"nurse-mail": 3, "": 1}
    written = Credit.objects.filter(kind="reassigned")
    assert set(written.values_list("author", flat=True)) == {sam.pk}
    reason = written.earliest("id").reason
    assert reason.startswith("recomputed (first, 30 days) because Agreed in July: first visit")


def test_when_the_ledger_moved_nothing_is_written_and_the_new_difference_is_shown(
    came_twice, sam, desk_of, model, now
) -> None:
    came_twice("Ada"), came_twice("Bo")
    staff = desk_of(sam)
    look = staff.get(PAGE, model)
    came_twice("Cy")
    gone = Credit.objects.earliest("id").candidate_uuid
    credits.void(candidate_uuids=[gone], reason="a joke", author=sam, now=now)
    lines = Credit.objects.count()

    again = staff.post(PAGE, model | seen(look) | {"why": "Agreed"})

    assert "moved since you looked" in said(again)
    assert Credit.objects.count() == lines
    assert (look.context_data["outcome"].moves, again.context_data["outcome"].moves) == (2, 2)
    assert look.context_data["outcome"].people == 2
    done = staff.post(PAGE, model | seen(again) | {"why": "Agreed"})
    assert (shown(done), done.context_data["is_written"]) == (shown(again), True)
    assert net() == {"nurse-mail": 2}


def test_who_signs_up_after_the_look_is_left_out_and_hinders_nobody(
    came_twice, sam, desk_of, model, monkeypatch
) -> None:
    came_twice("Ada")
    staff = desk_of(sam)
    look = staff.get(PAGE, model)
    later = look.context_data["question"].until + timedelta(seconds=1)
    monkeypatch.setattr("tests.desk.conftest.NOW", later)
    came_twice("Bo")

    done = staff.post(PAGE, model | seen(look) | {"why": "Agreed"})

    assert (done.context_data["is_written"], done.context_data["outcome"].people) == (True, 1)
    assert net() == {"nurse-mail": 1, "voters-bio": 1}


def test_sending_the_same_again_writes_nothing_more(came_twice, sam, desk_of, model) -> None:
    came_twice("Ada")
    staff = desk_of(sam)
    answers = model | seen(staff.get(PAGE, model)) | {"why": "Agreed"}

    staff.post(PAGE, answers)
    lines = Credit.objects.count()
    again = staff.post(PAGE, answers)

    assert Credit.objects.count() == lines
    assert b"Nothing changes" in again.content


def test_who_would_have_been_held_at_the_door_is_held_and_nobodys(
    came_twice, sam, desk_of, model, nurses
) -> None:
    came_twice("Ada", email_canonical="nora@example.org")
    nora = User.objects.create_user("nora@example.org", "long-enough-words")
    Member.objects.create(user=nora, partner=nurses.partner)
    suspicion.forget()
    staff = desk_of(sam)

    look = staff.get(PAGE, model)
    assert look.context_data["outcome"].holds == 1
    assert b"1 is held until somebody has looked." in look.content
    assert shown(look) == {
        ("", "signed_up", 0, 1, 1),
        ("Example Voters", "signed_up", 1, 0, -1),
    }
    staff.post(PAGE, model | seen(look) | {"why": "Agreed"})

    assert net() == {"": 1}
    hold = Hold.objects.get()
    assert (hold.link, hold.suspicion, hold.settled_at) == (nurses, "self_referral", None)
    credits.release(hold_ids=[hold.pk], author=sam, now=hold.held_at)
    assert net() == {"nurse-mail": 1}
    assert b"Nothing changes" in staff.get(PAGE, model).content


def test_a_number_leads_to_the_lines_it_is_the_sum_of(
    came_twice, sam, desk_of, model, nurses, drive
) -> None:
    came_twice("Ada"), came_twice("Bo")
    other = Drive.objects.create(
        name="Another", slug="another", day_on=drive.day_on, opens_at=drive.opens_at
    )
    first = Credit.objects.earliest("id")
    elsewhere = {"candidate_uuid": "a" * 32, "drive": other, "at": first.at}
    kinds = {"kind": "signed_up", "counts_as": "signed_up", "recorded_at": first.at}
    Credit.objects.create(link=nurses, partner=nurses.partner, **elsewhere, **kinds)
    staff = desk_of(sam)

    done = staff.post(PAGE, model | seen(staff.get(PAGE, model)) | {"why": "Agreed"})
    trace = f"of={nurses.partner_id}&amp;counts_as__exact=signed_up&amp;drive={drive.pk}"
    assert trace in done.content.decode()
    listed = staff.get("/admin/partners/credit/?" + trace.replace("&amp;", "&"))

    assert [value for _label, value in listed.context_data["totals"]] == [2]


@pytest.mark.parametrize("wrong", ["", "x", "9" * 30])
def test_a_drive_that_is_none_filters_nothing_and_breaks_nothing(
    lead, sam, desk_of, link, wrong
) -> None:
    lead("Ada")

    listed = desk_of(sam).get("/admin/partners/credit/", {"of": link.partner_id, "drive": wrong})

    assert listed.context_data["cl"].result_count == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"why": ""},
        {"why": "x" * (crediting.LONGEST_WHY + 1)},
        {"window_days": 0},
        {"window_days": crediting.LONGEST_WINDOW + 1},
        {"attribution": "all"},
        {"drive": "9" * 30},
        {"until": "yesterday"},
        {"digest": "0" * 64},
        {"digest": ""},
    ],
)
def test_what_cannot_be_meant_writes_nothing(came_twice, sam, desk_of, model, wrong) -> None:
    came_twice("Ada")
    staff = desk_of(sam)
    answers = model | seen(staff.get(PAGE, model)) | {"why": "Agreed"}

    assert staff.get(PAGE, {**model, **wrong}).status_code == 200
    assert staff.post(PAGE, answers | wrong).status_code == 200

    assert net() == {"voters-bio": 1}


def test_only_those_who_may_recompute_see_the_page_and_the_way_to_it(
    came_twice, reader, robin, sam, desk_of, model
) -> None:
    came_twice("Ada")
    answers = model | seen(desk_of(sam).get(PAGE, model)) | {"why": "Agreed"}

    refused = {
        desk_of(reader).get(PAGE, model).status_code,
        desk_of(reader).post(PAGE, answers).status_code,
    }
    assert refused == {403}
    assert PAGE not in desk_of(reader).get("/admin/").content.decode()
    assert net() == {"voters-bio": 1}
    robin.user_permissions.add(Permission.objects.get(codename="recompute_credit"))
    allowed = User.objects.get(pk=robin.pk)

    assert desk_of(allowed).get(PAGE, model).status_code == 200
    assert PAGE in desk_of(allowed).get("/admin/").content.decode()
    desk_of(allowed).post(PAGE, answers)
    assert net() == {"nurse-mail": 1}


def test_a_drive_that_is_too_large_for_a_page_is_left_to_the_command(
    came_twice, sam, desk_of, model, drive, monkeypatch
) -> None:
    came_twice("Ada"), came_twice("Bo")
    staff = desk_of(sam)
    answers = model | seen(staff.get(PAGE, model)) | {"why": "Agreed"}
    monkeypatch.setattr("candidates.crediting.recomputing.MOST_ON_A_PAGE", 1)
    command = f"./run manage recompute_credit --drive {drive.slug} --model first --window 30"

    pages = [staff.get(PAGE, model), staff.post(PAGE, answers)]

    for page in pages:
        assert command in page.content.decode()
        assert "outcome" not in page.context_data
    assert net() == {"voters-bio": 2}


def test_the_page_asks_first_and_proposes_what_is_in_use(sam, desk_of, drive) -> None:
    page = desk_of(sam).get(PAGE)

    initial = page.context_data["form"].initial
    assert initial == {"drive": drive, "attribution": "last", "window_days": 90}
    assert "question" not in page.context_data


@pytest.mark.parametrize("count", [1, 6])
def test_looking_takes_as_many_statements_for_many_as_for_one(
    came_twice, sam, desk_of, model, count, django_assert_max_num_queries
) -> None:
    for number in range(count):
        came_twice(f"Ada{number}")
    staff = desk_of(sam)

    with django_assert_max_num_queries(22):
        staff.get(PAGE, model)
