"""Whoever gets our mail gets it by their own clock."""

from datetime import UTC, datetime, timedelta

import pytest

from candidates import zips, zones

EASTERN, CENTRAL, MOUNTAIN, PACIFIC = (
    f"America/{city}" for city in ("New_York", "Chicago", "Denver", "Los_Angeles")
)
# The clocks of each state; where a border runs through it, the other side's too.
CLOCKS = {
    EASTERN: "CT DC DE GA MA MD ME NC NH NJ NY OH PA RI SC VA VT WV AA MI FL IN KY TN",
    CENTRAL: "AL AR IA IL LA MN MO MS OK WI FL IN KY TN KS ND NE SD TX",
    MOUNTAIN: "CO MT NM UT WY ID OR ND NE SD TX AZ",
    "America/Phoenix": "AZ",
    PACIFIC: "CA NV WA OR ID",
    "America/Anchorage": "AK",
    "Pacific/Honolulu": "HI",
    "America/Puerto_Rico": "PR VI",
    "Pacific/Guam": "GU",
    "Europe/Berlin": "AE",
    "Asia/Tokyo": "AP",
}


def test_every_state_and_territory_reads_its_own_clocks() -> None:
    found: dict[str, set[str]] = {}
    for prefix, state in zips.STATE_BY_PREFIX.items():
        found.setdefault(zones.zone_of(f"{prefix}00").key, set()).add(state)

    assert found == {zone: set(states.split()) for zone, states in CLOCKS.items()}


@pytest.mark.parametrize(
    ("place", "zip_code", "zone"),
    [
        ("New York", "10001", EASTERN),
        ("Louisville", "40202", EASTERN),
        ("Detroit", "48201", EASTERN),
        ("Knoxville", "37902", EASTERN),
        ("Memphis", "38103", CENTRAL),
        ("Pensacola", "32501", CENTRAL),
        ("Gary", "46402", CENTRAL),
        ("El Paso", "79901", MOUNTAIN),
        ("Rapid City", "57701", MOUNTAIN),
        ("Boise", "83702", MOUNTAIN),
        ("Phoenix", "85001", "America/Phoenix"),
        ("Las Vegas", "89101", PACIFIC),
        ("Coeur d'Alene", "83814", PACIFIC),
        ("Honolulu", "96813", "Pacific/Honolulu"),
        ("Juneau", "99801", "America/Anchorage"),
        ("Atka in the Aleutians", "99547", "America/Adak"),
        ("San Juan", "00901", "America/Puerto_Rico"),
        ("Charlotte Amalie", "00802", "America/Puerto_Rico"),
        ("Hagåtña", "96910", "Pacific/Guam"),
        ("Saipan", "96950", "Pacific/Guam"),
        ("Pago Pago", "96799", "Pacific/Pago_Pago"),
        ("Ramstein", "09094", "Europe/Berlin"),
        ("Yokosuka", "96349", "Asia/Tokyo"),
        ("a post in the Americas", "34002", EASTERN),
        ("nowhere", "00000", CENTRAL),
        ("nothing", "", CENTRAL),
    ],
)
def test_a_place_has_its_zone(place: str, zip_code: str, zone: str) -> None:
    assert zones.zone_of(zip_code).key == zone


def test_arizona_stays_when_its_neighbors_change_their_clocks() -> None:
    winter, summer = (datetime(2026, month, 1, tzinfo=UTC) for month in (1, 7))

    phoenix, window_rock = (zones.zone_of(zip_code) for zip_code in ("85001", "86515"))

    assert winter.astimezone(phoenix).utcoffset() == summer.astimezone(phoenix).utcoffset()
    assert summer.astimezone(window_rock).utcoffset() == timedelta(hours=-6)
