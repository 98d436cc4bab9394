#!/usr/bin/env bash
# ClickHouse 26.9.2.1 (chdb 4.4.0): a merge that finds the disk full puts a part of empty files in place of what it has read,
# says that all is well, and sums are 0 from then on.
#
# A merge reads parts that are whole and writes a new one beside them, and reserves room first. One expects a merge for which
# the room is not enough after all (here a column's codec has changed, so that the result is larger than what is read) to fail with
# "No space left on device" and to leave the table as it was: that is what the parts are for. It succeeds. Files that found no room have
# 0 bytes, and the part is active; reading a column of it gives zeros without an error. What it was made of is deleted 8 minutes
# later (old_parts_lifetime). Until then a restart mends it: the part is found broken and set aside, and its sources are taken back.
#
# Seen: "merge: no error; sum before 800080000, after 0". Exit status 0 while that is so, 1 when it changes.
# Needs root, loop devices, e2fsprogs, Python 3 with venv and a Python package index.
set -euo pipefail
dir=$(mktemp -d)
trap 'umount "$dir/at" 2>/dev/null || true; rm -rf "$dir"' EXIT
cd "$dir"
python3 -m venv venv
venv/bin/pip -q install chdb==4.4.0 chdb-core==26.9.0
mkdir at
truncate -s 128M image
mkfs.ext4 -q -m 0 image
mount -o loop image at
cat > merge.py <<'PY'
import os
from chdb import session
s = session.Session("at/db")
ask = lambda sql: s.query(sql).bytes().decode().strip()
columns = [f"c{n:02}" for n in range(30)]
ask("CREATE DATABASE shop ENGINE = Atomic")
ask("CREATE TABLE shop.sold (k UInt64, " + ", ".join(f"{c} UInt64 CODEC(ZSTD(3))" for c in columns) +
    ") ENGINE = MergeTree ORDER BY k SETTINGS min_bytes_for_wide_part = 0, min_rows_to_fsync_after_merge = 1")
ask("SYSTEM STOP MERGES shop.sold")
for part in range(4):
    ask(f"INSERT INTO shop.sold SELECT number, {', '.join(f'{part} + number' for _ in columns)} FROM numbers(20000)")
before = ask("SELECT sum(c29) FROM shop.sold")
for c in columns:
    ask(f"ALTER TABLE shop.sold MODIFY COLUMN {c} UInt64 CODEC(NONE)")
with open("at/ballast", "wb") as f:  # leaves 8 MB: twice what the merge reads, half of what it writes
    while (room := os.statvfs("at").f_bavail * os.statvfs("at").f_frsize - 8_000_000) > 0:
        f.write(bytes(min(room, 65536)))
        f.flush()
        os.fsync(f.fileno())
ask("SYSTEM START MERGES shop.sold")
merge = "no error"
try:
    ask("OPTIMIZE TABLE shop.sold FINAL")
except Exception as e:
    merge = str(e)
os.remove("at/ballast")
print(f"merge: {merge}; sum before {before}, after {ask('SELECT sum(c29) FROM shop.sold')}")
PY
venv/bin/python merge.py | tee out
grep -qx "merge: no error; sum before 800080000, after 0" out
