#!/usr/bin/env bash
# ClickHouse 26.9.2.1 (chdb 4.2.0, chdb-core 26.9.0): a search by a text index over an expression with a lambda works on parts that have
# the index, works on parts that have not, and fails where both lie side by side.
#
# An index may be left to merges (exclude_materialize_skip_indexes_on_insert), after which fresh parts without it beside merged parts
# with it are the usual state of a table. One expects a search to use the index where it is. The direct read from the text index, on
# by default, makes a default for parts without it out of the condition; with the lambda folded to a constant tuple that ends in code
# 43, "First argument for function arrayMap must be a function". query_plan_direct_read_from_text_index = 0 avoids it.
#
# Seen: "fresh: 1, merged: 1, both: code 43, both without the direct read: 1 2". Exit status 0 while that is so, 1 when it changes.
# Needs Python 3 with venv and a Python package index.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
python3 -m venv venv
venv/bin/pip -q install chdb==4.2.0 chdb-core==26.9.0
cat > search.py <<'PY'
import re
from chdb import session

ITEMS = "arrayMap((k, v) -> concat(k, '=', v), mapKeys(attributes), mapValues(attributes))"
s = session.Session("data")
s.query("CREATE DATABASE shop")
s.query(f"""CREATE TABLE shop.orders (n UInt64, attributes Map(String, String), INDEX items {ITEMS} TYPE text(tokenizer = 'array'))
    ENGINE = MergeTree ORDER BY n""")

def insert(n):
    s.query(f"INSERT INTO shop.orders SETTINGS exclude_materialize_skip_indexes_on_insert = 'items', async_insert = 0 VALUES ({n}, {{'user': 'ada'}})")

def search(settings=""):
    other = session.Session("data")  # nothing of an earlier failure
    try:
        return other.query(f"SELECT n FROM shop.orders WHERE has({ITEMS}, 'user=ada') ORDER BY n {settings} FORMAT TSV").data().split()
    except RuntimeError as e:
        return ["code " + re.search(r"Code: (\d+)", str(e))[1]]

insert(1)
fresh = search()
s.query("OPTIMIZE TABLE shop.orders FINAL")
merged = search()
insert(2)
both = search()
search()  # what a failed statement leaves in the session goes with the next one
without = search("SETTINGS query_plan_direct_read_from_text_index = 0")[-2:]
print(f"fresh: {' '.join(fresh)}, merged: {' '.join(merged)}, both: {' '.join(both)}, both without the direct read: {' '.join(without)}")
PY
seen=$(venv/bin/python search.py)
echo "$seen"
[ "$seen" = "fresh: 1, merged: 1, both: code 43, both without the direct read: 1 2" ]
