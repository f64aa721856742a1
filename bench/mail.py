"""How fast mail leaves and is planned, and what a claim costs before a long queue."""

import argparse
import sys
import time

import claiming
import debts
import ground
import lanes
import planning
import sending

PEOPLE = 200_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=6, choices=range(1, 13))
    parser.add_argument("--only", choices=("sending", "lanes", "claiming", "planning"))
    parser.add_argument("--small", action="store_true", help="a tenth of the people and rows")
    parser.add_argument("--strict", action="store_true", help="exit with 1 when a goal is missed")
    wanted = parser.parse_args()
    began = time.monotonic()
    are_met = True
    with ground.prepared():
        debts.furnish(PEOPLE // (10 if wanted.small else 1))
        print("furnished", file=sys.stderr)
        if wanted.only in (None, "sending"):
            are_met &= sending.measure(wanted.rounds)
        if wanted.only in (None, "lanes"):
            are_met &= lanes.measure(lanes.BACKLOG // (10 if wanted.small else 1))
        if wanted.only in (None, "claiming"):
            are_met &= claiming.measure(claiming.SIZES[: 2 if wanted.small else 3])
        if wanted.only in (None, "planning"):
            are_met &= planning.measure()
        from django.db import connections  # noqa: PLC0415

        connections.close_all()
    print(f"{time.monotonic() - began:.0f} s in all.")
    sys.exit(wanted.strict and not are_met)


if __name__ == "__main__":
    main()
