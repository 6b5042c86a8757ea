#!/usr/bin/env bash
# Somebody without any right on this host tests OpenStack tooling: `dev` and `up --fake`, and what `up` says instead of failing half way.
. "$(dirname "$0")/lib"
mkdir "$work/home"; chmod 711 "$work"
# As root this becomes a user who owns nothing but that home.
plain() { (cd / && env -i HOME="$work/home" PATH=/usr/local/bin:/usr/bin:/bin LANG=C.UTF-8 "${become[@]}" "$@"); }
become=()
if [ "$(id -u)" = 0 ]; then chown 65534:65534 "$work/home"; become=(setpriv --reuid=65534 --regid=65534 --clear-groups --no-new-privs); fi
plain test -r "$top/nephos" -a -r "$top/artifacts/.built" || { skip ordinary-user "an ordinary user cannot read $top"; finish; }

refused() { ! plain "$top/nephos" up 2>&1; }
check "up says that it needs root, and what does not" has 'need root' refused
check "and names dev" has 'nephos dev' refused
plain "$top/nephos" dev --listen 127.0.0.1:$port --no-classic-ports > "$work/dev.out" 2>&1 &
check "dev is ready" eventually 60 grep -q 'Ctrl.C' "$work/dev.out"
folder=$(sed -n 's|^  source \(.*\)/admin-openrc.*|\1|p' "$work/dev.out")
check "it is nobody's business but the user's" test "$(stat -c '%u %a' "$folder")" = "$([ "$(id -u)" = 0 ] && echo 65534 || id -u) 700"
asked() { (. "$folder/demo-openrc"; exec openstack "$@"); }
check "the client is served" has public asked network list
check "a server is pretended" asked server create --wait --image guest --flavor m1.nano --network private vm1
check "status" has '1 ACTIVE' plain "$top/nephos" status --state "$folder"
kill -INT "$(cat "$folder/pid")"
gone() { [ ! -e "$folder" ]; }
check "its end removes everything" eventually 20 gone
check "no socket of it is left" test -z "$(find /tmp /run -maxdepth 3 -type s -user 65534 -path '*nephos*' 2>/dev/null)"

# In the user's own place, kept.
mine=$work/home/.local/share/nephos
check "up --fake in the background" plain "$top/nephos" up --fake --detach --listen 127.0.0.1:$port --no-classic-ports
check "its state is in the user's data folder" plain test -s "$mine/admin-openrc"
check "status finds it" has "127.0.0.1:$port" plain "$top/nephos" status
check "down" plain "$top/nephos" down
check "reset" plain "$top/nephos" reset --yes
check "reset leaves nothing" test ! -e "$mine"
finish
