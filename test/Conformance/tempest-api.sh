#!/usr/bin/env bash
# Tests of Tempest against the API over pretended servers: its smoke tests, or those of the list given (tempest-passing.txt has all that pass).
. "$(dirname "$0")/lib"
check "the cloud comes up" "$top/nephos" up --fake --detach --state "$state" --listen 127.0.0.1:$port --no-classic-ports || finish
/usr/bin/python3 "$top/test/Conformance/tempest_run.py" "$state/admin-openrc" "$work/tempest" "${1:-$top/test/Conformance/tempest-smoke.txt}" > "$work/tempest.out" 2>&1
tally "$work/tempest.out"
finish
