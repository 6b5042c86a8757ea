#!/usr/bin/env python3
"""Behind a reverse proxy with another host, port, scheme and a path before everything, openstacksdk finds its way.

behind_proxy.py STATE CLOUD PORT PREFIX CERTIFICATE KEY: plays the proxy on PORT for the cloud at CLOUD (host:port), fills a project and lists
everything one at a time. (That every single link is right is tested without a proxy, in Nephos.Tests.)
"""
import http.client
import http.server
import re
import ssl
import sys
import threading

import openstack

state, cloud, port, prefix, certificate, key = sys.argv[1:]
public = f"https://localhost:{port}{prefix}"
passed = failed = 0


def check(name, good, why=""):
    global passed, failed
    passed, failed = passed + bool(good), failed + (not good)
    print(f"ok   {name}" if good else f"FAIL {name}: {why}")


class Proxy(http.server.BaseHTTPRequestHandler):
    """As nginx with `location PREFIX/ { proxy_pass http://CLOUD/; }`: strips the prefix, sets its own Host."""

    protocol_version = "HTTP/1.1"
    outside, elsewhere = set(), set()

    def forward(self):
        if not self.path.startswith(prefix + "/"):
            Proxy.outside.add(f"{self.command} {self.path}")
            return self.answer(404, [], b"outside of the prefix")
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        upstream = http.client.HTTPConnection(cloud, timeout=60)
        headers = {k: v for k, v in self.headers.items() if k.lower() not in ("host", "connection", "content-length")}
        upstream.request(self.command, self.path[len(prefix):], body or None, headers)
        reply = upstream.getresponse()
        for name in ("Location", "WWW-Authenticate"):
            for url in re.findall(r"[a-z]+://[^\"]*|^/.*", reply.getheader(name, "")):
                if not url.startswith(public + "/"):
                    Proxy.elsewhere.add(f"{name}: {url} of {self.command} {self.path}")
        self.answer(reply.status, [h for h in reply.getheaders() if h[0].lower() not in ("connection", "transfer-encoding", "content-length", "date")], reply.read())
        upstream.close()

    def answer(self, status, headers, body):
        self.send_response_only(status)
        for name, value in headers:
            self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = forward

    def log_message(self, *_):
        pass


def serve():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", int(port)), Proxy)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()


def connect():
    rc = dict(re.findall(r"^export (OS_[A-Z_]+)='?([^'\n]*)'?$", open(f"{state}/admin-openrc").read(), re.M))
    check("the openrc names the public URL", rc["OS_AUTH_URL"] == f"{public}/identity", rc["OS_AUTH_URL"])
    return openstack.connect(
        auth_url=rc["OS_AUTH_URL"], username="admin", password=rc["OS_PASSWORD"], project_name="admin", user_domain_id="default", project_domain_id="default",
        region_name=rc["OS_REGION_NAME"], cacert=certificate, load_envvars=False, load_yaml_config=False)


def fill(c):
    """Three of most things."""
    image = c.image.find_image("guest")
    for n in "abc":
        net = c.network.create_network(name=f"net-{n}")
        c.network.create_subnet(network_id=net.id, cidr=f"10.1.{ord(n)}.0/24", ip_version=4)
        c.network.create_router(name=f"router-{n}")
        c.network.create_security_group(name=f"group-{n}")
        c.network.create_subnet_pool(name=f"pool-{n}", prefixes=[f"10.{ord(n)}.0.0/16"])
        c.network.create_address_scope(name=f"scope-{n}", ip_version=4)
        c.network.create_ip(floating_network_id=c.network.find_network("public").id)
        c.compute.create_keypair(name=f"key-{n}")
        c.compute.create_flavor(name=f"flavor-{n}", ram=64, disk=1, vcpus=1)
        c.compute.create_aggregate(name=f"aggregate-{n}")
        c.compute.create_server_group(name=f"sg-{n}", policy="affinity")
        c.compute.create_server(name=f"server-{n}", image_id=image.id, flavor_id="84", networks=[{"uuid": net.id}])
        c.image.create_image(name=f"image-{n}", disk_format="raw", container_format="bare", data=b"x" * 100)
        c.placement.create_resource_provider(name=f"provider-{n}")
        c.identity.create_user(name=f"user-{n}", password="Correct-horse-9")
        c.identity.create_project(name=f"project-{n}")
        c.identity.create_group(name=f"group-{n}")
    for server in c.compute.servers():
        c.compute.wait_for_server(server)


def lists(c):
    """By the SDK's own paging: one at a time gives what all at once gives."""
    for service, names in {
        "compute": ["servers", "flavors", "hypervisors"],
        "network": ["networks", "subnets", "ports", "routers", "security_groups", "security_group_rules", "ips", "subnet_pools", "address_scopes", "agents"],
        "image": ["images"],
    }.items():
        for name in names:
            ask = getattr(getattr(c, service), name)
            whole, pages = [x.id for x in ask()], [x.id for x in ask(limit=1)]
            check(f"{service} {name} one at a time ({len(whole)})", len(whole) > 0 and sorted(whole) == sorted(pages), f"{len(pages)} of {len(whole)}")


serve()
c = connect()
fill(c)
lists(c)
check("no header leads off the public URL", not Proxy.elsewhere, "\n     ".join(sorted(Proxy.elsewhere)))
check("no client left the prefix", not Proxy.outside, "\n     ".join(sorted(Proxy.outside)))
print(f"{passed} passed, {failed} failed, 0 skipped")
sys.exit(failed > 0)
