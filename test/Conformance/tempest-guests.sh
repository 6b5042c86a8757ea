#!/usr/bin/env bash
# The scenarios of Tempest with real guests and SSH. Everything, Tempest too, lives in one network namespace, whose host is the cloud's.
. "$(dirname "$0")/lib"
begin
check "the cloud comes up" inside "$top/nephos" up --detach --state "$state" --listen 127.0.0.1:8700 --no-classic-ports --external-cidr "$range" || finish
WORKERS=1 inside /usr/bin/python3 "$top/test/Conformance/tempest_run.py" "$state/admin-openrc" "$work/tempest" "${1:-$top/test/Conformance/tempest-guests.txt}" --guests > "$work/tempest.out" 2>&1
tally "$work/tempest.out"
finish
