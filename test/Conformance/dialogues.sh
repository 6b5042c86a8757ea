#!/usr/bin/env bash
# The same questions as a real OpenStack Zed was asked, and the same answers, but for the differences that docs/differences explains.
# Its answers are recorded again by: dialogue.py dialogues/SERVICE.txt URL dialogues/SERVICE.zed.json record, with its administrator's OS_*.
. "$(dirname "$0")/lib"
check "the cloud comes up" "$top/nephos" up --fake --detach --state "$state" --listen 127.0.0.1:$port --no-classic-ports || finish
for service in identity image; do
  said=$top/test/Conformance/dialogues/$service
  as admin env OS_AUTH_URL=http://127.0.0.1:$port/identity/v3 python3 "$top/test/Conformance/dialogues/dialogue.py" \
    "$said.txt" http://127.0.0.1:$port/$service "$said.zed.json" compare "$top/docs/differences/$service.txt" > "$work/$service.out" 2>&1
  tally "$work/$service.out"; grep -A12 '^FAIL' "$work/$service.out" | grep '^ ' | head -n 60
done
finish
