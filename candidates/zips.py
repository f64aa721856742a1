"""Which state a ZIP code lies in, from its first three digits.

Source of the ranges: the USPS list of three-digit ZIP prefixes (Labeling List L002), rewritten as
ranges. Military addresses (AA, AE, AP) and the territories are states here: people vote there.
"""

RANGES = """
005 NY 006-007 PR 008 VI 009 PR 010-027 MA 028-029 RI 030-038 NH 039-049 ME 050-054 VT 055 MA
056-059 VT 060-062 CT 063 CT 064-069 CT 070-089 NJ 090-098 AE 100-149 NY 150-196 PA 197-199 DE
200 DC 201 VA 202-205 DC 206-212 MD 214-219 MD 220-246 VA 247-268 WV 270-289 NC 290-299 SC
300-319 GA 320-339 FL 340 AA 341-342 FL 344 FL 346-347 FL 349 FL 350-352 AL 354-369 AL 370-385 TN
386-397 MS 398-399 GA 400-427 KY 430-459 OH 460-479 IN 480-499 MI 500-516 IA 520-528 IA 530-532 WI
534-535 WI 537-549 WI 550-551 MN 553-567 MN 569 DC 570-577 SD 580-588 ND 590-599 MT 600-620 IL
622-629 IL 630-631 MO 633-641 MO 644-658 MO 660-662 KS 664-679 KS 680-681 NE 683-693 NE
700-701 LA 703-708 LA 710-714 LA 716-729 AR 730-731 OK 733 TX 734-741 OK 743-749 OK 750-799 TX
800-816 CO 820-831 WY 832-838 ID 840-847 UT 850-853 AZ 855-857 AZ 859-860 AZ 863-865 AZ 870-871 NM
873-875 NM 877-884 NM 885 TX 889-891 NV 893-895 NV 897-898 NV 900-908 CA 910-928 CA 930-961 CA
962-966 AP 967-968 HI 969 GU 970-979 OR 980-986 WA 988-994 WA 995-999 AK
"""


def _by_prefix() -> dict[str, str]:
    table: dict[str, str] = {}
    words = RANGES.split()
    for span, state in zip(words[::2], words[1::2], strict=True):
        first, _, last = span.partition("-")
        table |= {f"{number:03}": state for number in range(int(first), int(last or first) + 1)}
    return table


STATE_BY_PREFIX = _by_prefix()
# Prefix 969 is shared by Guam and its neighbours; the fifth-digit ranges are theirs alone.
PACIFIC = {"96950": "MP", "96951": "MP", "96952": "MP", "96799": "AS"}


def state_of(zip_code: str) -> str | None:
    """Return the two letters of the state or territory; None where no such ZIP code exists."""
    return PACIFIC.get(zip_code) or STATE_BY_PREFIX.get(zip_code[:3])
