#!/bin/sh
# Expected: openpyxl says of each hidden column that it is hidden; `column_dimensions["C"].hidden` is there to be asked.
# Happens: of columns that are hidden side by side only the first says so. Excel and XlsxWriter write B and C as one range, openpyxl keeps
#   the range under B, and C answers False. Given a width of its own, C is written twice, once hidden and once not.
# Why it matters: an agency that looks for hidden columns before it takes a price list finds one of two. The second is the price that the
#   clerk does not see, and it is read.
# Seen with openpyxl 3.1.5 and XlsxWriter 3.2.9 on 2026-11-30; exceljs 4.4.0 and SheetJS 0.18.5 say true for both.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install --quiet --disable-pip-version-check openpyxl==3.1.5 XlsxWriter==3.2.9
cat > "$dir/finding.py" <<'PY'
import io, re, sys, zipfile
import openpyxl, xlsxwriter

print("openpyxl 3.1.5, XlsxWriter 3.2.9")
file = io.BytesIO()
book = xlsxwriter.Workbook(file, {"in_memory": True})
sheet = book.add_worksheet()
sheet.write_row(0, 0, ["code", "old price", "price", "new price"])
sheet.set_column("B:C", None, None, {"hidden": True})
book.close()

def columns(file):
    return re.findall(r"<col [^>]*>", zipfile.ZipFile(file).read("xl/worksheets/sheet1.xml").decode())

print("in the file:", columns(file))
read = openpyxl.load_workbook(file).active
said = {letter: read.column_dimensions[letter].hidden for letter in "ABCD"}
print("hidden, says openpyxl:", said)
book = openpyxl.load_workbook(file)
book.active.column_dimensions["C"].width = 20
again = io.BytesIO()
book.save(again)
of_c = [col for col in columns(again) if 'max="3"' in col]
print("column C after a new width:", of_c)
if said != {"A": False, "B": True, "C": False, "D": False} or len(of_c) != 2:
    sys.exit("it behaves differently now")
PY
"$dir/venv/bin/python" "$dir/finding.py"
