"""The code on a poster leads to the link, on a screen and in print."""

import segno
from django.conf import settings

from partners import qr


def test_a_member_gets_the_code_of_a_link_to_look_at(as_olga, link):
    response = as_olga.get("/partners/river-valley/links/river-mail/qr.svg")

    assert response["Content-Type"] == "image/svg+xml"
    assert response.content == qr.svg(address=f"{settings.BASE_URL}/r/river-mail")


def test_a_member_gets_the_code_of_a_link_for_print(as_olga, link):
    response = as_olga.get("/partners/river-valley/links/river-mail/qr.png")

    assert response["Content-Disposition"] == 'attachment; filename="river-mail.png"'
    width = int.from_bytes(response.content[16:20], "big")
    assert response.content.startswith(b"\x89PNG")
    assert 1200 <= width < 1300


def test_a_quarter_of_the_code_may_be_lost():
    code = segno.make("https://example.org/r/river-mail", error=qr.ERROR_CORRECTION, micro=False)

    assert code.error in ("Q", "H")


def test_different_links_have_different_codes():
    assert qr.svg(address="https://example.org/r/a") != qr.svg(address="https://example.org/r/b")


def test_a_code_that_staff_typed_oddly_breaks_nothing(as_olga, link):
    link.code = 'odd/one"; x'
    link.save()

    page = as_olga.get("/partners/river-valley/").content.decode()
    address = page.partition('qr" id=')[2].partition('<a href="')[2].partition('"')[0]
    response = as_olga.get(address)

    assert response["Content-Disposition"] == 'attachment; filename="oddone-x.png"'
