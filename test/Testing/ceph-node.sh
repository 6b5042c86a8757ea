#!/bin/bash
# One node of a real Ceph on loopback: a monitor, a disk in memory (whatever the file system here can), a pool named images. It lives as long as its standard input is
# open, and then removes its folder. Usage: ceph-node.sh FOLDER PORT
set -eu
trap '' INT
folder=$1 port=$2
cd "$folder"
exec 2>>log
trap 'kill -9 $(jobs -p) 2>/dev/null; wait; cd /; rm -rf "$folder"' EXIT
mkdir mon osd
fsid=$(cat /proc/sys/kernel/random/uuid) disk=$(cat /proc/sys/kernel/random/uuid)
cat >ceph.conf <<EOF
[global]
fsid = $fsid
mon_host = v2:127.0.0.1:$port
keyring = $folder/keyring
[mon]
mon_data = $folder/mon
mon_data_avail_crit = 1
mon_data_avail_warn = 1
paxos_propose_interval = 0.05
paxos_min_wait = 0.01
mon_allow_pool_size_one = true
osd_pool_default_size = 1
osd_pool_default_min_size = 1
osd_pool_default_pg_num = 1
osd_pool_default_pg_autoscale_mode = off
osd_crush_chooseleaf_type = 0
[osd]
osd_data = $folder/osd
osd_objectstore = memstore
memstore_device_bytes = 4294967296
osd_class_load_list = *
osd_class_default_list = *
EOF
sed '/^\[mon\]/,$d' ceph.conf >client.conf
cat >>ceph.conf <<EOF
[global]
public_network = 127.0.0.0/8
run_dir = $folder
crash_dir = $folder
admin_socket =
ms_bind_ipv6 = false
ms_bind_msgr1 = false
log_file =
log_to_stderr = true
debug_rocksdb = 0
EOF
export CEPH_CONF=$folder/ceph.conf
key() { ceph-authtool keyring --gen-key "$@" >/dev/null; }
ceph-authtool --create-keyring keyring >/dev/null
key -n mon. --cap mon 'allow *'
key -n client.admin --cap mon 'allow *' --cap osd 'allow *'
key -n client.glance --cap mon 'profile rbd' --cap osd 'profile rbd'
key -n osd.0 --cap mon 'allow profile osd' --cap osd 'allow *'
monmaptool --create --fsid "$fsid" --addv a "[v2:127.0.0.1:$port]" monmap >>log
ceph-mon --mkfs -i a --monmap monmap --keyring keyring >>log
# What happens to this shell happens to them.
daemon() { setpriv --pdeathsig KILL "$@" >>log </dev/null & }
daemon ceph-mon -f -i a
ceph --connect-timeout 240 osd new "$disk" 0 >>log
ceph osd pool create images 1 >>log </dev/null & pool=$!
ceph-osd --mkfs -i 0 --osd-uuid "$disk" >>log
daemon ceph-osd -f -i 0
wait $pool
# Waits until the disk serves the pool.
rados --pool images put ready keyring >>log
rados --pool images rm ready >>log
echo ready
cat >/dev/null
