"""No code of a link is ever used for another, whichever door it comes through."""

import pytest
from django.db import IntegrityError

from candidates.signup import Answers
from partners.models import Credit, LinkCode, Partner, ReferralLink
from tests.conftest import SignUp


def test_a_code_that_was_given_up_belongs_to_its_link_for_ever(
    link: ReferralLink, partner: Partner
) -> None:
    ReferralLink.objects.filter(pk=link.pk).update(code="teach-insta")

    assert set(LinkCode.objects.values_list("code", "link")) == {
        ("teach-ig", link.pk),
        ("teach-insta", link.pk),
    }
    with pytest.raises(IntegrityError, match="link_code_is_never_reused"):
        ReferralLink.objects.create(partner=partner, code="teach-ig", label="Another")


def test_a_link_may_take_its_old_code_back(link: ReferralLink) -> None:
    for code in ("teach-insta", "teach-ig"):
        ReferralLink.objects.filter(pk=link.pk).update(code=code)

    assert LinkCode.objects.filter(link=link).count() == 2


def test_the_ledger_keeps_where_somebody_is_from(sign_up: SignUp, ada: Answers) -> None:
    candidate = sign_up(ada)

    line = Credit.objects.get(candidate_uuid=candidate.id)

    assert (line.state, line.office) == ("NY", "council")
    with pytest.raises(IntegrityError, match="append-only"):
        Credit.objects.update(state="TX")
