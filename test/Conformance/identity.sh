#!/usr/bin/env bash
# Identity for its own clients: what scripts of the time of v2.0 did, every command of the command line, and another key in between.
. "$(dirname "$0")/lib"
mkdir "$work/etc"; printf '[DEFAULT]\nadmin_token = openstack\n' > "$work/etc/identity.conf"
check "the cloud comes up" "$top/nephos" up --fake --detach --state "$state" --listen 127.0.0.1:$port --no-classic-ports --config "$work/etc" || finish
/usr/bin/python3 "$top/test/Conformance/identity_v2.py" http://127.0.0.1:$port/identity/v2.0 openstack > "$work/v2.out" 2>&1
tally "$work/v2.out"
token=$(admin token issue -f value -c id)
check "another key seals the secrets" has 'sealed anew' nephos keys rotate --state "$state"
check "a token from before is good" env OS_AUTH_TYPE=token OS_AUTH_URL=http://127.0.0.1:$port/identity/v3 OS_TOKEN="$token" OS_PROJECT_NAME=admin OS_PROJECT_DOMAIN_ID=default openstack project list
/usr/bin/python3 "$top/test/Conformance/identity_client.py" "$state/admin-openrc" > "$work/client.out" 2>&1
tally "$work/client.out"
finish
