#!/usr/bin/env bash
# Identity for its own clients: what scripts of the time of v2.0 did.
. "$(dirname "$0")/lib"
mkdir "$work/etc"; printf '[DEFAULT]\nadmin_token = openstack\n' > "$work/etc/identity.conf"
check "the cloud comes up" "$top/nephos" up --fake --detach --state "$state" --listen 127.0.0.1:$port --no-classic-ports --config "$work/etc" || finish
/usr/bin/python3 "$top/test/Conformance/identity_v2.py" http://127.0.0.1:$port/identity/v2.0 openstack > "$work/v2.out" 2>&1
tally "$work/v2.out"
finish
