#!/usr/bin/env bash
# Nephos is killed at every step of making and removing a server, with real emulators, networks and files, and started again: the server
# ends ACTIVE, in ERROR with a reason, or absent, and once it is deleted the host, the folder and the database are as before.
# Usage: kill-at-every-step.sh [all | N/OF] [--skip COUNT] [--moments COUNT] [--only TEXT]; without a word a sixth of the points, another with each commit.
. "$(dirname "$0")/lib"
begin
part=${1:-}; [ $# = 0 ] || shift
if [ -z "$part" ]; then commit=$(git -C "$top" rev-parse HEAD 2> /dev/null || echo 0); part=$((16#${commit:0:6}))/6; fi
echo "part $part"
python3 "$top/test/Conformance/crash/points.py" "$work" $run --part "${part/all/0/1}" "$@" -- "${up_options[@]}" > "$work/points.out" 2>&1
grep '^ok ' "$work/points.out"
tally "$work/points.out"
finish
