#!/usr/bin/env bash
# Identity for its own clients: what scripts of the time of v2.0 did, every command of the command line, another key in between; and no secret
# of all that is in the logs.
. "$(dirname "$0")/lib"
mkdir "$work/etc"; bootstrap=hush-$(od -An -tx1 -N16 /dev/urandom | tr -d ' \n'); secrets=$work/secrets
printf '[DEFAULT]\nadmin_token = %s\n' "$bootstrap" > "$work/etc/identity.conf"
check "the cloud comes up" "$top/nephos" up --fake --detach --state "$state" --listen 127.0.0.1:$port --no-classic-ports --config "$work/etc" || finish
/usr/bin/python3 "$top/test/Conformance/identity_v2.py" http://127.0.0.1:$port/identity/v2.0 "$bootstrap" "$secrets" > "$work/v2.out" 2>&1
tally "$work/v2.out"
token=$(admin token issue -f value -c id); echo "$token" >> "$secrets"
check "another key seals the secrets" has 'sealed anew' nephos keys rotate --state "$state"
check "a token from before is good" env OS_AUTH_TYPE=token OS_AUTH_URL=http://127.0.0.1:$port/identity/v3 OS_TOKEN="$token" OS_PROJECT_NAME=admin OS_PROJECT_DOMAIN_ID=default openstack project list
/usr/bin/python3 "$top/test/Conformance/identity_client.py" "$state/admin-openrc" "$secrets" > "$work/client.out" 2>&1
tally "$work/client.out"

# The token in the path of v2.0, known and unknown, granted and refused.
for method in GET PUT DELETE; do curl -s -X $method -m 20 -H "X-Auth-Token: $token" "http://127.0.0.1:$port/identity/v2.0/tokens/$token/x" "http://127.0.0.1:$port/identity/v2.0/tokens/$token" > /dev/null; done
cat "$state/controller/state-key" >> "$secrets"; echo >> "$secrets"
many() { [ "$(grep -c . "$secrets")" -gt 20 ]; }
check "the run had many secrets" many
check "the log tells of it" grep -q /v2.0/tokens/ -r "$state/controller/log"
silent() { ! grep -rFf <(grep . "$secrets") "$@"; }
check "no secret is in the logs" silent "$state/log" "$state/controller/log"
check "the audit tells of it" has '"action":"authenticate".*"requestPath":"/v2.0/tokens"' nephos audit --action authenticate --json --state "$state"
nephos audit --json --state "$state" > "$work/audit"
check "no secret is in the audit" silent "$work/audit"
check "no secret is readable in the database" silent --text "$state/controller" --include='*.db*'
finish
