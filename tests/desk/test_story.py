"""The story of a lead names what somebody said when signing up again."""

from candidates import signup, story
from candidates.consent import Agreement
from candidates.models import Consent
from candidates.signup import Answers
from partners.models import ReferralLink
from partners.touches import Touch
from tests.conftest import NOON, SignUp


def test_what_a_repeat_agreed_to_and_where_it_came_from_is_told(
    sign_up: SignUp, ada: Answers, link: ReferralLink
) -> None:
    candidate = sign_up(ada)
    signup.sign_up(
        answers=ada,
        agreements=[Agreement(Consent.Purpose.SHARE, "They may see it.", link.partner_id)],
        touches=[Touch("teach-ig", "", NOON)],
        now=NOON,
    )

    again = next(it for it in story.tell(candidate=candidate, now=NOON) if it.kind == "again")

    assert again.detail == "They may see it. · teach-ig"
