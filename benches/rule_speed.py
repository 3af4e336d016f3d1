#!/usr/bin/env python3
"""Speed of `jicai rule injection-price` beside DuckDB: the same rows, the same sums in integers, CSV to CSV.

    pip install duckdb
    cargo build --release
    python3 benches/rule_speed.py [--rows 1000000] [--runs 7] [--binary target/release/jicai]

Both run as whole processes on one core with one thread, in turn, so that a disturbance meets both; the median counts.
The two results are compared row by row before anything is measured.
"""

import argparse
import csv
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time

DUCKDB = """
import duckdb, sys
source, target = sys.argv[1], sys.argv[2]
db = duckdb.connect()
db.execute("SET threads = 1")
db.execute(f'''
COPY (
  SELECT id, name, pack_price, pack_qty,
         (CASE WHEN p % (100 * n) = 0 OR p > 20000 * n THEN p // (100 * n) ELSE p // (100 * n) + 1 END)
           ::DECIMAL(18, 0) * 0.01 AS unit_price,
         CASE WHEN p % (100 * n) = 0 THEN 'exact' WHEN p > 20000 * n THEN 'truncate' ELSE 'up' END AS branch,
         '' AS error
  FROM (
    SELECT *, (pack_price * 10000)::BIGINT AS p, pack_qty AS n
    FROM read_csv('{source}', header = true, columns = {{
      'id': 'VARCHAR', 'name': 'VARCHAR', 'pack_price': 'DECIMAL(16,4)', 'pack_qty': 'BIGINT'}})
  )
) TO '{target}' (HEADER, DELIMITER ',')
''')
"""


def make(path, rows):
    """Rows as a province has them: prices of two to four decimals, packs of 1 to 200."""
    dice = random.Random(20240708)
    names = ["注射用头孢曲松钠", "氯化钠注射液", "葡萄糖注射液", "注射用青霉素钠", "盐酸利多卡因注射液"]
    with open(path, "w", encoding="utf-8", newline="") as out:
        out.write("id,name,pack_price,pack_qty\n")
        for n in range(rows):
            whole = dice.choice((9, 99, 999, 9_999))
            price = f"{dice.randint(0, whole)}.{dice.randint(1, 9999):04d}"
            if dice.random() < 0.9:
                price = price[:-2] if price[:-2] != "0.00" else "0.01"
            out.write(f"L{n:07d},{dice.choice(names)},{price},{dice.choice((1, 2, 3, 5, 6, 10, 20, 30, 50, 100, 200))}\n")


def run(command):
    """Seconds of the whole process."""
    start = time.perf_counter()
    subprocess.run(command, check=True)
    return time.perf_counter() - start


def peak_kib(command):
    """Most resident memory of one run."""
    report = (
        "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True);"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    return int(subprocess.check_output([sys.executable, "-c", report, *command]))


def same(ours, theirs):
    """Fails at the first row whose unit price or branch differs."""
    with open(ours, encoding="utf-8") as one, open(theirs, encoding="utf-8") as two:
        for number, (a, b) in enumerate(zip(csv.DictReader(one), csv.DictReader(two), strict=True)):
            left, right = (a["unit_price"], a["branch"]), (f"{float(b['unit_price']):.2f}", b["branch"])
            if left != right:
                sys.exit(f"row {number}: {left} is not {right}: {a}")


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--rows", type=int, default=1_000_000)
    options.add_argument("--runs", type=int, default=7)
    options.add_argument("--binary", default="target/release/jicai")
    given = options.parse_args()
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    with tempfile.TemporaryDirectory() as folder:
        source, ours, theirs = (os.path.join(folder, name) for name in ("in.csv", "ours.csv", "theirs.csv"))
        make(source, given.rows)
        jicai = [given.binary, "rule", "injection-price", source, "--output", ours]
        duckdb = [sys.executable, "-c", DUCKDB, source, theirs]
        run(jicai), run(duckdb)
        same(ours, theirs)
        times = [(run(jicai), run(duckdb)) for _ in range(given.runs)]
        fast, slow = (statistics.median(column) for column in zip(*times))
        print(f"rows                {given.rows:>12,}   ({os.path.getsize(source) / 2**20:.1f} MiB, same result)")
        print(f"jicai               {fast:>12.3f} s {given.rows / fast:>14,.0f} rows/s {peak_kib(jicai) / 1024:>8.1f} MiB")
        print(f"duckdb, one thread  {slow:>12.3f} s {given.rows / slow:>14,.0f} rows/s {peak_kib(duckdb) / 1024:>8.1f} MiB")
        print(f"jicai is {slow / fast:.2f} times as fast (median of {given.runs} runs in turn, one core)")


if __name__ == "__main__":
    main()
