#!/usr/bin/env bash
# ClickHouse 26.9.2.1 (chdb 4.2.0, chdb-core 26.9.0): an insert that is repeated after a kill -9 is taken as known, and its row is
# nowhere.
#
# A MergeTree table with non_replicated_deduplication_window drops an insert whose insert_deduplication_token it knows, so that a
# client whose answer was lost can send it again. One expects the token to be known only of inserts that the table has. The line in
# deduplication_logs/ is written before the part's directory is renamed into its place, and is read at the next start without a
# look at the part. A process that is killed between the two leaves a token without a part: the client's repeat answers without an
# error, and the table stays empty. With fsync_after_insert and fsync_part_directory, as here, the time between the two is that of
# some fsyncs; the line itself is never synced (issue 111577 tells of the other side of that, a repeat that is taken twice).
#
# Seen: "killed: 137; the repeat: no error; rows: 0". Exit status 0 while that is so, 1 when it changes.
# Needs Python 3 with venv, strace (it kills the process at that rename) and a Python package index.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
python3 -m venv venv
venv/bin/pip -q install chdb==4.2.0 chdb-core==26.9.0
cat > insert.py <<'PY'
from chdb import session
s = session.Session("data")
s.query("CREATE DATABASE IF NOT EXISTS shop")
s.query("""CREATE TABLE IF NOT EXISTS shop.orders UUID '11111111-2222-4333-8444-555555555555' (day Date, n UInt64) ENGINE = MergeTree
    PARTITION BY day ORDER BY n SETTINGS non_replicated_deduplication_window = 100, fsync_after_insert = 1, fsync_part_directory = 1""")
s.query("INSERT INTO shop.orders SETTINGS insert_deduplication_token = 'order 1', async_insert = 0 VALUES ('2026-01-02', 1)")
print(s.query("SELECT count() FROM shop.orders").data().strip())
PY
part="$dir/data/store/111/11111111-2222-4333-8444-555555555555/tmp_insert_20260102_1_1_0/"
killed=0
strace -f -qq -o /dev/null -P "$part" -e trace=rename -e inject=rename:signal=SIGKILL venv/bin/python insert.py || killed=$?
rows=$(venv/bin/python insert.py)
echo "killed: $killed; the repeat: no error; rows: $rows"
[ "$killed" = 137 ] && [ "$rows" = 0 ]
