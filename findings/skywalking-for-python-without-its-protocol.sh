#!/bin/sh
# SkyWalking's agent for Python as pip installs it.
#
# Version: apache-skywalking 1.3.0, the newest on PyPI in November 2026, with Python 3.10 or newer.
# Said:    "pip install apache-skywalking", then `from skywalking import agent, config` and agent.start()
#          (its README, Quick Start).
# Seen:    ModuleNotFoundError: No module named 'skywalking.protocol'. The wheel has none of the files that are made
#          of the protocol's .proto (1.2.0 has 63), so no program starts with it. Output below, at the end.
#
# It needs Python with pip and its registry, and nothing of Throughline. It fails if this is no longer so.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
for version in 1.2.0 1.3.0; do
	"$dir/venv/bin/pip" install -q --disable-pip-version-check "apache-skywalking==$version"
	said=$("$dir/venv/bin/python" -c 'from skywalking import agent; print("it can start")' 2>&1 | tail -n 1)
	echo "$version: $said"
done
case $said in
*"No module named 'skywalking.protocol'"*) ;;
*) exit 1 ;;
esac

# 1.2.0: it can start
# 1.3.0: ModuleNotFoundError: No module named 'skywalking.protocol'
