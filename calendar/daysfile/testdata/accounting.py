"""Holidays of Japan and the days of accounting that follow from them, worked
out by the `holidays` package and by nothing of this project.

    accounting.py FROM TO

A line a holiday, then a line a rule and day: the nominal day and where it
moves, on days of the calendar (national) and of banks (bank).
"""
import calendar
import sys
from datetime import date, timedelta

import holidays

first, last = int(sys.argv[1]), int(sys.argv[2])
listed = holidays.Japan(years=range(first - 1, last + 2), language="ja")


def national(d):
    return d.weekday() < 5 and d not in listed


def bank(d):
    return national(d) and (d.month, d.day) not in {(12, 31), (1, 1), (1, 2), (1, 3)}


def moved(d, by, is_open):
    while not is_open(d):
        d += timedelta(days=by)
    return d


def months():
    for y in range(first, last + 1):
        for m in range(1, 13):
            yield y, m, calendar.monthrange(y, m)[1]


for d in sorted(listed):
    if first <= d.year <= last:
        print("holiday", d, f"{d:%a}", listed[d])
for y, m, end in months():
    for n in (5, 10, 15, 20, 25, end):
        d = date(y, m, n)
        print("gotobi", d, f"{d:%a}", *(moved(d, by, o) for o in (national, bank) for by in (-1, 1)))
for y, m, end in months():
    for name, is_open in (("national", national), ("bank", bank)):
        days = [d for d in (date(y, m, n) for n in range(1, end + 1)) if is_open(d)]
        print("business", f"{y}-{m:02}", name, days[0], days[2], days[-1], days[-2])
