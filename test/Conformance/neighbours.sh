#!/usr/bin/env bash
# Two projects with the same range and the same server addresses on one host: each gets its own metadata, by router and by DHCP
# namespace, and they do not meet. Nothing comes in before a rule says so, and a false source address goes nowhere.
. "$(dirname "$0")/lib"
begin
# The API is https, with a key that only root reads; guests and their metadata must not notice.
(umask 077; openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=nephos-test -addext subjectAltName=IP:127.0.0.1 -keyout "$work/tls.key" -out "$work/tls.crt") 2> "$work/openssl.log"
up_options+=(--tls-cert "$work/tls.crt" --tls-key "$work/tls.key")
check "the cloud comes up" "$top/nephos" up --detach "${up_options[@]}" || finish
cp "$state/cloud-id" "$work/cloud-id"
check "clients are sent to https, and know the certificate" has 'public: https://' admin catalog list
ssh-keygen -q -t ed25519 -N '' -f "$work/key"

project() { # NAME: a user of that name in a project of that name, its openrc beside the others
  admin project create "$1" && admin user create --project "$1" --password "pw-$1" "$1" && admin role add --project "$1" --user "$1" member &&
    sed "s/=admin\$/=$1/; s/^export OS_PASSWORD=.*/export OS_PASSWORD=pw-$1/" "$state/admin-openrc" > "$state/$1-openrc"
}
os() { local who=$1; shift; as "$who" openstack "$@"; }
for who in red blue; do
  check "$who: project and user" project $who
  check "$who: network" os $who network create net
  check "$who: subnet" os $who subnet create --network net --subnet-range 10.77.0.0/24 sub
  check "$who: router" bash -c "$(declare -f as os); state=$state; os $who router create r && os $who router set --external-gateway public r && os $who router add subnet r sub"
  check "$who: key" os $who keypair create --public-key "$work/key.pub" key
  printf '#!/bin/sh\necho I-am-%s > /tmp/who\n' $who > "$work/$who.ud"
  check "$who: server" os $who server create --wait --image guest --flavor m1.nano --nic net-id="$(os $who network show -f value -c id net)",v4-fixed-ip=10.77.0.10 --key-name key --user-data "$work/$who.ud" vm
  check "$who: floating address" bash -c "$(declare -f as os); state=$state; os $who floating ip create public && os $who server add floating ip vm \$(os $who floating ip list -f value -c 'Floating IP Address')"
done
address() { os "$1" floating ip list -f value -c "Floating IP Address"; }
red=$(address red) blue=$(address blue)
login() { local to=$1; shift; inside ssh -i "$work/key" -o BatchMode=yes -o ConnectTimeout=3 -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR "cirros@$to" "$@"; }
ready() { os "$1" console log show vm | grep '@@guest ready' > /dev/null; }
for who in red blue; do check "$who: the guest is up" eventually 120 ready $who; done
refused() { ! inside ping -c 2 -W 1 "$1" && ! inside timeout 3 bash -c "exec 3<>/dev/tcp/$1/22"; }
check "default deny: no ping, no SSH" refused "$red"
for who in red blue; do
  check "$who: rules" bash -c "$(declare -f as os); state=$state; os $who security group rule create --proto tcp --dst-port 22 default && os $who security group rule create --proto icmp default"
done
check "after the rules: ping" eventually 30 inside ping -c 1 -W 1 "$red"
check "after the rules: SSH to red" eventually 60 login "$red" true
check "after the rules: SSH to blue" eventually 60 login "$blue" true
check "red ran its own user data" has I-am-red login "$red" cat /tmp/who
check "blue ran its own user data" has I-am-blue login "$blue" cat /tmp/who
check "red's metadata is red's" has I-am-red login "$red" curl -s http://169.254.169.254/openstack/latest/user_data
check "blue's metadata is blue's" has I-am-blue login "$blue" curl -s http://169.254.169.254/openstack/latest/user_data

# Without a router the DHCP namespace answers.
for who in red blue; do
  check "$who: a second network without a router" bash -c "$(declare -f as os); state=$state; os $who network create lone && os $who subnet create --network lone --subnet-range 10.78.0.0/24 --gateway none lone"
  port_of=$(os $who port create -f value -c id --network lone --fixed-ip ip-address=10.78.0.20 lone)
  check "$who: its card" os $who server add port vm "$port_of"
done
card='i=$(ls /sys/class/net | grep -v -e lo -e eth0 | head -n 1); sudo ip link set $i up; sudo udhcpc -q -n -i $i -s /etc/udhcpc.script -O staticroutes >/dev/null 2>&1; ip -4 route >&2; curl -s http://169.254.169.254/openstack/latest/user_data'
check "red's metadata by the DHCP namespace" eventually 30 has I-am-red login "$red" "$card"
check "blue's metadata by the DHCP namespace" eventually 30 has I-am-blue login "$blue" "$card"

# Another source address than the port's own.
check "a false source address goes nowhere" bash -c "$(declare -f login inside); run=$run work=$work; ! login $red 'sudo ip addr add 10.77.0.66/24 dev eth0; ping -c 2 -w 3 -I 10.77.0.66 10.77.0.1'"
check "the right one does" login "$red" ping -c 1 -w 3 10.77.0.1
finish
