#!/bin/sh
# Expected: a pinyin library with word lists reads the names of common drugs: 炔 in 左炔诺孕酮 is quē, 泊 in 卡泊芬净 bó.
# Happens: 炔 is guì (an old meaning that no drug has), 泊 is pō, 芎 in 川芎 qióng, 粘 in 多粘菌素 zhān. The first reading is the one that
#   initials and sort keys are made of, so 左炔诺孕酮 becomes zgnyt; while 白术, 枸橼, 丹参 and 阿胶 come out right, which hides it.
# Why it matters: a clerk finds drugs by the initials one says. Contraceptives and caspofungin are not found (zqnyt, kbfj), and in a list
#   by pinyin they stand where nobody looks; the hospital believes that the drug is not listed and buys another.
# Seen with pypinyin 0.55.0 (Python 3) on 2026-11-30; crate pinyin 0.11.0 has the same first readings.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install --quiet --disable-pip-version-check pypinyin==0.55.0
cat > "$dir/finding.py" <<'PY'
import sys
from importlib.metadata import version

from pypinyin import lazy_pinyin

print("pypinyin", version("pypinyin"))
same = True
for name, said, known in [
    ("左炔诺孕酮", "zuo que nuo yun tong", "zuo gui nuo yun tong"),
    ("炔雌醇", "que ci chun", "gui ci chun"),
    ("卡泊芬净", "ka bo fen jing", "ka po fen jing"),
    ("川芎", "chuan xiong", "chuan qiong"),
    ("多粘菌素", "duo nian jun su", "duo zhan jun su"),
    ("白术", "bai zhu", "bai zhu"),
    ("枸橼酸", "ju yuan suan", "ju yuan suan"),
]:
    read = " ".join(lazy_pinyin(name))
    print(f"{name}: one says {said}, read as {read}", "" if read == said else "<- wrong")
    same &= read == known
sys.exit(0 if same else "it behaves differently now")
PY
"$dir/venv/bin/python" "$dir/finding.py"
