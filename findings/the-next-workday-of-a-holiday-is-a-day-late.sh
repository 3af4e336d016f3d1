#!/bin/sh
# Expected: chinese_calendar's `find_workday(n, day)` is the n-th working day after `day`, from whatever day one counts.
# Happens: from a day that is worked it is; from a holiday or a weekend it moves to the next working day first and counts n from there,
#   so that n = 1 on 2026-10-01 is 2026-10-09, although 2026-10-08 is worked: one day more for whoever hands in on a day off.
# Why it matters: "within 10 working days" of an order, an objection, a delivery that happens on a Saturday comes out a day late, and
#   only then, so that a test with orders from Monday to Friday does not see it. The other side's clerk counts on a calendar.
# Seen with chinesecalendar 1.11.0 (Python 3) on 2026-11-30.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install --quiet --disable-pip-version-check chinesecalendar==1.11.0
cat > "$dir/finding.py" <<'PY'
import sys
from datetime import date, timedelta
from importlib.metadata import version

import chinese_calendar as calendar

print("chinesecalendar", version("chinesecalendar"))


def counted(n, day):
    """The n-th working day after `day`, by the library's own table."""
    while n:
        day += timedelta(days=1)
        n -= calendar.is_workday(day)
    return day


late = True
for text in ["2026-09-30", "2026-10-01", "2026-10-03", "2026-10-17", "2026-10-19"]:
    day = date.fromisoformat(text)
    found, right = calendar.find_workday(1, day), counted(1, day)
    off = calendar.is_holiday(day)
    print(text, "off  " if off else "works", "first working day after:", found, "on a calendar:", right)
    late &= (found > right) == off
sys.exit(0 if late else "it behaves differently now")
PY
"$dir/venv/bin/python" "$dir/finding.py"
