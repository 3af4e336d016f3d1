#!/bin/sh
# Expected: flatten-tool makes open-contracting JSON of what a publisher sees in the workbook, or says that it took more.
# Happens: the rows of hidden and very hidden sheets, and hidden rows of visible ones, become releases like all others, without a word on
#   either stream. What was hidden in the list of bids because it is not public yet, or is last year's, is published.
# Why it matters: agencies keep the estimate or the losing bids in hidden sheets and rows of the file from which they publish.
# Seen with flattentool 0.28.0, openpyxl 3.1.5 on 2026-11-30.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install --quiet --disable-pip-version-check flattentool==0.28.0 openpyxl==3.1.5
cat > "$dir/workbook.py" <<'PY'
import sys
import openpyxl

book = openpyxl.Workbook()
sheet = book.active
sheet.title = "releases"
heads = ["ocid", "id", "tender/title"]
for row in [heads, ["ocds-1", "1", "a visible row"], ["ocds-2", "2", "a hidden row"]]:
    sheet.append(row)
sheet.row_dimensions[3].hidden = True
for state in ["hidden", "veryHidden"]:
    other = book.create_sheet(state)
    other.sheet_state = state
    other.append(heads)
    other.append(["ocds-" + state, state, "a row of a sheet that is " + state])
book.save(sys.argv[1])
PY
"$dir/venv/bin/python" "$dir/workbook.py" "$dir/bids.xlsx"
"$dir/venv/bin/flatten-tool" unflatten "$dir/bids.xlsx" -f xlsx --root-list-path releases -o "$dir/releases.json" 2> "$dir/said"
echo "flattentool 0.28.0, openpyxl 3.1.5; it said: '$(cat "$dir/said")'"
"$dir/venv/bin/python" - "$dir/releases.json" <<'PY'
import json, sys

titles = [release["tender"]["title"] for release in json.load(open(sys.argv[1]))["releases"]]
print("\n".join(titles))
if titles != ["a visible row", "a hidden row", "a row of a sheet that is hidden", "a row of a sheet that is veryHidden"]:
    sys.exit("it behaves differently now")
PY
