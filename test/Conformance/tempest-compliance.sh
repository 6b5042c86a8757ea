#!/usr/bin/env bash
# Tests of Tempest about the rules for passwords that an operator may switch on: lockout and history.
. "$(dirname "$0")/lib"
mkdir -p "$work/etc"
cat > "$work/etc/identity.conf" <<END
[security_compliance]
lockout_failure_attempts = 2
lockout_duration = 5
unique_last_password_count = 2
END
check "the cloud comes up" "$top/nephos" up --fake --detach --state "$state" --listen 127.0.0.1:$port --no-classic-ports --config "$work/etc" || finish
/usr/bin/python3 "$top/test/Conformance/tempest_run.py" "$state/admin-openrc" "$work/tempest" "$top/test/Conformance/tempest-compliance.txt" \
  --set identity-feature-enabled.security_compliance=true > "$work/tempest.out" 2>&1
tally "$work/tempest.out"
finish
