#!/usr/bin/env bash
# Nephos is killed, the host restarts, the database is a wrong one: what runs goes on, what ran comes back, nothing is destroyed.
. "$(dirname "$0")/lib"
begin
up() { "$top/nephos" up --detach "${up_options[@]}"; }
check "quickstart" "$top/nephos" quickstart --yes "${up_options[@]}" || finish
cp "$state/cloud-id" "$work/cloud-id"
fip=$(demo floating ip list -f value -c "Floating IP Address" | head -n 1)
id=$(demo server show -f value -c id demo)
login() { inside ssh -i "$state/demo-key" -o BatchMode=yes -o ConnectTimeout=3 -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR "cirros@$fip" "$@"; }
boot_id() { login cat /proc/sys/kernel/random/boot_id; }
emulator() { grep -lz "^NEPHOS_OWNER=$(cat "$work/cloud-id")/[^/]*/$id" /proc/[0-9]*/environ 2>/dev/null | head -n 1; }
kill_all() { # everything of Nephos itself, without a chance to say goodbye
  local main; main=$(cat "$state/pid")
  kill -9 $(pgrep -P "$main" -f 'nephos.dll controller') "$main"; eventually 10 bash -c "! kill -0 $main 2>/dev/null"
}

before=$(boot_id); process=$(emulator)
check "kill -9 of every process of Nephos" kill_all
check "the guest goes on" inside ping -c 3 -W 2 "$fip"
check "up again" up
check "the server is ACTIVE" eventually 30 has ACTIVE demo server show -f value -c status demo
check "the same process runs the guest" test "$(emulator)" = "$process"
check "the guest did not restart" test "$(boot_id)" = "$before"
check "it still obeys: reboot" demo server reboot --hard --wait demo
check "and answers" eventually 90 login true

check "down" "$top/nephos" down --state "$state"
check "the guest goes on while Nephos is down" inside ping -c 2 -W 2 "$fip"
mv "$state/controller/nephos.db" "$work/"; rm -f "$state"/controller/nephos.db-*
refused() { ! "$@"; }
check "up with an empty database is refused" refused up
check "an empty database destroys nothing" inside ping -c 2 -W 2 "$fip"
# As if restored from before the server was made.
rm -f "$state"/controller/nephos.db*; cp -a "$work/nephos.db" "$work/older.db"
/usr/bin/python3 -c 'import sqlite3, sys; db = sqlite3.connect(sys.argv[1]); db.execute("DELETE FROM compute_node_items WHERE kind = ?", ("server",)); db.execute("DELETE FROM compute_servers"); db.commit(); db.close()' "$work/older.db"
cp -a "$work/older.db" "$state/controller/nephos.db"
check "up with an older database" up
sleep 5
check "an older database destroys nothing" inside ping -c 2 -W 2 "$fip"
check "its disk is there" test -s "$state/node/guests/$id/disk"
orphans() { "$top/nephos" node orphans --state "$state"; [ $? = 1 ]; }
check "it is told of as an orphan" has "$id  process" orphans
check "the doctor tells of it" has '1 guest with processes or disks' "$top/nephos" doctor --state "$state"
check "down again" "$top/nephos" down --state "$state"
rm -f "$state"/controller/nephos.db*; cp -a "$work/nephos.db" "$state/controller/nephos.db"
check "up with the right one" up
check "the server is known again" eventually 30 has ACTIVE demo server show -f value -c status demo
check "and no orphan any more" has 'No orphans' "$top/nephos" node orphans --state "$state"
check "and answers still" login true

# The host restarts: processes, namespaces, links and rules are gone, and the boot id is new.
kill_all
for file in $(grep -lz "^NEPHOS_OWNER=$(cat "$work/cloud-id")/" /proc/[0-9]*/environ 2>/dev/null); do kill -9 "$(echo "$file" | cut -d/ -f3)"; done
traces | sed -n 's/^namespace //p' | while read -r n; do ip netns delete "$n"; done
ip netns delete $run; ip netns add $run; ip -n $run link set lo up
rm -rf "/run/nephos/$(cat "$work/cloud-id")"
check "up after the host restarted" env NEPHOS_BOOT_ID=11111111-2222-3333-4444-555555555555 "$top/nephos" up --detach "${up_options[@]}"
check "the server that ran runs again" eventually 60 has ACTIVE demo server show -f value -c status demo
check "and answers over the same address" eventually 90 login true

# A neighbour on the same host, with the same kinds of names.
other=(--state "$work/other" --listen 127.0.0.1:$((port + 1)) --no-classic-ports --external-cidr 10.99.$(($$ % 250)).0/24 --host-namespace $run)
mine=$(traces | sort)
check "a second cloud on the host" "$top/nephos" up --detach "${other[@]}"
check "it is removed again" "$top/nephos" reset --yes --state "$work/other"
check "the first one lost nothing" test "$(traces | sort)" = "$mine"
check "and answers" login true
finish
