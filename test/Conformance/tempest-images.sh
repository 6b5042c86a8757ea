#!/usr/bin/env bash
# Tests of Tempest about images that want more than a cloud as it is installed: two stores, a cache, a web server to import from, a second address.
. "$(dirname "$0")/lib"
mkdir -p "$work/etc" "$work/one" "$work/two" "$work/web"; chmod 777 "$work/one" "$work/two"
head -c 100000 /dev/urandom > "$work/web/image"
# It takes a free port and says which.
/usr/bin/python3 -u -m http.server --bind 127.0.0.1 --directory "$work/web" 0 > "$work/web.out" 2>&1 & web=$!
end() { kill $web; finish; }
eventually 30 grep -qs " port " "$work/web.out"
web_port=$(sed -nE 's/.* port ([0-9]+).*/\1/p' "$work/web.out" | head -n 1)
cat > "$work/etc/image.conf" <<END
[DEFAULT]
enabled_backends = one:file, two:file, web:http
show_multiple_locations = true
show_image_direct_url = true
# Long enough to be seen in the queue.
cache_prefetcher_interval = 10
[one]
filesystem_store_datadir = $work/one
[two]
filesystem_store_datadir = $work/two
[import_filtering_opts]
allowed_networks = 127.0.0.0/8
allowed_ports =
END
check "the cloud comes up" "$top/nephos" up --fake --detach --state "$state" --listen 127.0.0.1:$port --no-classic-ports --config "$work/etc" || end
check "a service for the second address" admin service create --name image_remote image_remote
check "the second address" admin endpoint create --region RegionOne image_remote public "http://127.0.0.1:$port/image"
/usr/bin/python3 "$top/test/Conformance/tempest_run.py" "$state/admin-openrc" "$work/tempest" "$top/test/Conformance/tempest-images.txt" \
  --set image.http_image="http://127.0.0.1:$web_port/image" --set image.image_caching_enabled=true --set image-feature-enabled.manage_locations=true \
  --set image.alternate_image_endpoint=image_remote > "$work/tempest.out" 2>&1
tally "$work/tempest.out"
end
