#!/usr/bin/env bash
# The main job: quickstart, then everything a first user does with the unmodified openstack client, down to SSH into a guest.
. "$(dirname "$0")/lib"
begin
quickstart() { "$top/nephos" quickstart --yes "${up_options[@]}"; }
check "quickstart ends with a server that answers SSH" quickstart || finish
cat "$work/out"
check "quickstart may be run again" quickstart
cp "$state/cloud-id" "$work/cloud-id"
check "the files for people are private" test "$(stat -c %a "$state/admin-openrc" "$state/demo-openrc" "$state/clouds.yaml" | sort -u)" = 600
check "no password is in the logs" bash -c "! grep -rqF -f <(sed -n \"s/^export OS_PASSWORD='\\(.*\\)'/\\1/p\" '$state/admin-openrc' '$state/demo-openrc') '$state/log' '$state/controller/log'"
check "the API runs as the user nephos" bash -c "pgrep -u nephos -f nephos.dll >/dev/null"

# Identity
check "token issue" admin token issue -f value -c id
check "catalog list" has compute admin catalog list
check "project create" admin project create --description "A team" team
check "user create" admin user create --project team --password "p4ss w0rd" alice
check "role add" admin role add --user alice --project team member
check "role assignment list" has alice admin role assignment list --names --project team
check "flavors are seeded" has m1.tiny admin flavor list --all
# Image
head -c 3000000 /dev/urandom > "$work/blob"
check "image create from a file" demo image create --disk-format raw --container-format bare --file "$work/blob" blob
check "image create from standard input" bash -c ". '$state/demo-openrc'; openstack image create --disk-format raw --container-format bare blob2 < '$work/blob'"
check "image save gives the same bytes" bash -c ". '$state/demo-openrc'; openstack image save --file '$work/blob.back' blob2 && cmp '$work/blob' '$work/blob.back'"
check "image list" has 'guest-uec ' demo image list
# Network
check "keypair create" bash -c ". '$state/demo-openrc'; (umask 077; openstack keypair create k1 > '$work/k1')"
check "network create" demo network create net1
check "subnet create" demo subnet create --network net1 --subnet-range 10.9.0.0/24 --dns-nameserver 192.0.2.53 sub1
check "router create" demo router create r1
check "router set gateway" demo router set --external-gateway public r1
check "router add subnet" demo router add subnet r1 sub1
check "security group create" demo security group create sg1
check "rule for SSH" demo security group rule create --proto tcp --dst-port 22 sg1
check "flavor create" admin flavor create --ram 160 --disk 1 --vcpus 1 tiny1
# Compute
printf '#!/bin/sh\necho ran-by-user-data > /tmp/ud\n' > "$work/ud"
check "server create --wait" demo server create --wait --image guest --flavor tiny1 --network net1 --security-group sg1 --key-name k1 --user-data "$work/ud" --property a=b web-1
id=$(demo server show -f value -c id web-1)
check "server list" has "web-1.*ACTIVE" demo server list
check "server show" has "10\.9\.0\." demo server show web-1
check "floating ip create" demo floating ip create public
fip=$(demo floating ip list -f value -c "Floating IP Address" --status DOWN | head -n 1)
check "server add floating ip" demo server add floating ip web-1 "$fip"
login() { inside ssh -i "$work/k1" -o BatchMode=yes -o ConnectTimeout=3 -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR "cirros@$fip" "$@"; }
check "SSH with the key" eventually 90 login true
check "the guest's name is the server's" has '^web-1$' login hostname
check "user data ran" eventually 60 has ran-by-user-data login cat /tmp/ud
check "the guest reaches the metadata service" has "$id" login curl -s http://169.254.169.254/openstack/latest/meta_data.json
check "ping is refused: no rule" bash -c "! nsenter --net=/run/netns/$run ping -c 2 -W 1 $fip"
check "rule for ping" demo security group rule create --proto icmp sg1
check "ping is allowed by the rule" eventually 30 inside ping -c 1 -W 1 "$fip"
check "console log show" has 'guest|login' demo console log show web-1
check "stop" demo server stop web-1
check "SHUTOFF" eventually 60 has SHUTOFF demo server show -f value -c status web-1
check "start" demo server start web-1
check "SSH again" eventually 90 login true
check "a guest that powers off becomes SHUTOFF" bash -c "$(declare -f login inside); run=$run work=$work fip=$fip; login sudo poweroff; true"
check "SHUTOFF by the guest" eventually 60 has SHUTOFF demo server show -f value -c status web-1
# The triple
check "server from kernel, RAM disk and root" demo server create --wait --image guest-uec --flavor m1.micro --network net1 --key-name k1 uec-1
check "its console shows a boot" eventually 60 has 'login|lease' demo console log show uec-1

# Away with it
for s in web-1 uec-1 demo; do check "server delete $s" demo server delete --wait $s; done
demo floating ip delete $(demo floating ip list -f value -c ID)
check "router remove subnet" demo router remove subnet r1 sub1
check "router delete" demo router delete r1
check "network delete" demo network delete net1
check "security group delete" demo security group delete sg1
check "the seeded router is taken apart" bash -c ". '$state/demo-openrc'; openstack router remove subnet router1 private-subnet && openstack router delete router1 && openstack network delete private"
# The frame (the bridge of the external range, chains that every port hangs on) stays as long as the cloud runs.
nothing() { local left; left=$(traces | grep -vE ':external:|^chain n[0-9a-f]{4}-(_[a-z]+[0-9a-f]|ext|forward|host|leave|post|zones)$' || true); [ -z "$left" ] || { echo "$left"; return 1; }; }
check "nothing is left on the host" eventually 20 nothing
check "no allocation is left" bash -c ". '$state/admin-openrc'; [ \"\$(openstack hypervisor stats show -f value -c running_vms 2>/dev/null || echo 0)\" = 0 ]"
check "status" nephos status --state "$state"
check "down" nephos down --state "$state"
check "reset" nephos reset --yes --state "$state"
after() { local left; left=$(traces); [ -z "$left" ] && [ ! -e "$state" ] || { echo "$left"; return 1; }; }
check "reset leaves nothing" after
finish
