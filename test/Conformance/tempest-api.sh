#!/usr/bin/env bash
# Tests of Tempest against the API over pretended servers: all that pass of identity and image, and the smoke tests of every service; or those
# of the list given (tempest-passing.txt has all that pass).
. "$(dirname "$0")/lib"
list=${1:-$work/list}
[ $# != 0 ] || { cat "$top/test/Conformance/tempest-smoke.txt"; grep -E '^tempest\.api\.(identity|image)\.' "$top/test/Conformance/tempest-passing.txt"; } | sort -u > "$list"
check "the cloud comes up" "$top/nephos" up --fake --detach --state "$state" --listen 127.0.0.1:$port --no-classic-ports || finish
/usr/bin/python3 "$top/test/Conformance/tempest_run.py" "$state/admin-openrc" "$work/tempest" "$list" > "$work/tempest.out" 2>&1
tally "$work/tempest.out"
finish
