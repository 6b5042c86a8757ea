#!/usr/bin/env bash
# Every command of the installed clients that is about images, once: openstack's and glance's own.
. "$(dirname "$0")/lib"
for program in openstack glance; do [ -x /usr/bin/$program ] || { skip image "$program is not installed"; finish; }; done
mkdir -p "$work/etc" "$work/one" "$work/two"; chmod 777 "$work/one" "$work/two"
cat > "$work/etc/image.conf" <<END
[DEFAULT]
enabled_backends = one:file, two:file, web:http
[one]
filesystem_store_datadir = $work/one
[two]
filesystem_store_datadir = $work/two
[import_filtering_opts]
allowed_networks = 127.0.0.0/8
allowed_ports =
END
check "the cloud comes up" "$top/nephos" up --fake --detach --state "$state" --listen 127.0.0.1:$port --no-classic-ports --config "$work/etc" || finish
as admin /usr/bin/python3 "$top/test/Conformance/image_clients.py" http://127.0.0.1:$port/image > "$work/clients.out" 2>&1
tally "$work/clients.out"
finish
