"""Which time zone a ZIP code lies in, from its first three digits.

Source of the ranges: the time zones that the package `zipcodes` 3.0.0 states for each of 41,965
ZIP codes, the majority of each prefix taken; the centroids of the Census in `zip2info` 1.1.0 give
the same majority for every prefix. Zones whose clocks agree today are one zone here (Detroit is New
York, Boise is Denver). 31 prefixes are split by a border, so 246 ZIP codes, 0.6 %, read a clock
that is an hour off: in 324 377 374 373 401 426 427 465 469 475 479 498 499 (Eastern and Central),
575 576 585 586 677 678 690 691 692 798 799 (Central and Mountain), 835 979 (Mountain and Pacific),
860 865 (Arizona, and the Navajo Nation, which changes its clocks). The others, 967 969 995, are
named one by one below.

Soldiers and ships read their mail where most of them are: AE in Germany, AP in Japan; AA, the
Americas, goes by Miami. A code that no range holds, which the form refuses, reads the clock of
the middle of the country.
"""

from functools import cache
from typing import Final
from zoneinfo import ZoneInfo

RANGES = """
005 America/New_York 006-009 America/Puerto_Rico 010-089 America/New_York 090-098 Europe/Berlin
100-323 America/New_York 324-325 America/Chicago 326-349 America/New_York 350-372 America/Chicago
373-374 America/New_York 375 America/Chicago 376-379 America/New_York 380-397 America/Chicago
398-418 America/New_York 420-424 America/Chicago 425-426 America/New_York 427 America/Chicago
430-462 America/New_York 463-464 America/Chicago 465-475 America/New_York 476-477 America/Chicago
478-499 America/New_York 500-567 America/Chicago 569 America/New_York 570-575 America/Chicago
576-577 America/Denver 580-585 America/Chicago 586 America/Denver 587-588 America/Chicago
590-599 America/Denver 600-690 America/Chicago 691 America/Denver 692 America/Chicago
693 America/Denver 700-798 America/Chicago 799-834 America/Denver 835 America/Los_Angeles
836-837 America/Denver 838 America/Los_Angeles 840-847 America/Denver 850-864 America/Phoenix
865-885 America/Denver 889-961 America/Los_Angeles 962-966 Asia/Tokyo 967-968 Pacific/Honolulu
969 Pacific/Guam 970-978 America/Los_Angeles 979 America/Denver 980-994 America/Los_Angeles
995-999 America/Anchorage
"""
FAR_OUT: Final = {
    "96799": "Pacific/Pago_Pago",  # American Samoa, in a prefix of Hawaii
    "99546": "America/Adak",  # the Aleutians, in a prefix of Anchorage
    "99547": "America/Adak",
    "96939": "Pacific/Palau",  # Palau and the Marshalls, in the prefix of Guam
    "96940": "Pacific/Palau",
    "96960": "Pacific/Majuro",
    "96970": "Pacific/Majuro",
}
ELSEWHERE: Final = "America/Chicago"


@cache
def _by_prefix() -> dict[str, str]:
    table: dict[str, str] = {}
    words = RANGES.split()
    for span, zone in zip(words[::2], words[1::2], strict=True):
        first, _, last = span.partition("-")
        table |= {f"{number:03}": zone for number in range(int(first), int(last or first) + 1)}
    return table


def zone_of(zip_code: str) -> ZoneInfo:
    """Return the time zone that people at this ZIP code live by."""
    name = FAR_OUT.get(zip_code) or _by_prefix().get(zip_code[:3], ELSEWHERE)
    return ZoneInfo(name)
