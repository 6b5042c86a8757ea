#!/usr/bin/env bash
# A cloud with a public URL, behind a proxy that strips a path and speaks https under another name: openstacksdk and the command line find their way.
. "$(dirname "$0")/lib"
proxy=$((port + 1)); while ss -ltn | grep ":$proxy " > /dev/null; do proxy=$((proxy + 1)); done
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost -keyout "$work/tls.key" -out "$work/tls.crt" 2> "$work/openssl.log"
check "the cloud comes up" "$top/nephos" up --fake --detach --state "$state" --listen 127.0.0.1:$port --no-classic-ports --public-url "https://localhost:$proxy/some/cloud" || finish
/usr/bin/python3 "$top/test/Conformance/behind_proxy.py" "$state" 127.0.0.1:$port $proxy /some/cloud "$work/tls.crt" "$work/tls.key" > "$work/proxy.out" 2>&1
tally "$work/proxy.out"
finish
