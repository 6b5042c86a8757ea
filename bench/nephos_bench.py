#!/usr/bin/env python3
"""Measures what goals are set for: start, memory, tokens, lists, servers, images, boots. Prints one line per figure.

Usage: bench/nephos_bench.py [SECTION ...]        sections: startup memory tokens lists servers images boot pages (default: all)
It starts a cloud of its own (`./nephos up --detach`) in a temporary folder on a free port and removes it again. Needs python3 and, for
throughput, wrk. `--real` uses real guests and networks (root); otherwise the drivers only pretend. `boot` needs `--real`. Throughput is
measured after as many seconds of warming up: the program compiles what is hot while it runs.
"""
import argparse, concurrent.futures, ctypes, hashlib, json, os, re, shutil, socket, statistics, subprocess, sys, tempfile, threading, time, urllib.request

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
NEPHOS = os.path.join(ROOT, "nephos")
ap = argparse.ArgumentParser()
ap.add_argument("--real", action="store_true")
ap.add_argument("--seconds", type=int, default=8)
ap.add_argument("--samples", type=int, default=7, help="guests that are booted, one after another")
ap.add_argument("--host-namespace", help="let the cloud live in this network namespace (real guests)")
ap.add_argument("--external-cidr", help="range of the external network (real guests)")
ap.add_argument("--state", help="measure a cloud that runs already, kept in this folder")
ap.add_argument("section", nargs="*")
args = ap.parse_args()


def say(what, value, unit, goal=""):
    print(json.dumps({"what": what, "value": round(value, 3), "unit": unit, "goal": goal}), flush=True)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Cloud:
    """A cloud of our own, or one that runs already."""

    def __init__(self, real):
        self.own = args.state is None
        self.state = args.state or tempfile.mkdtemp(prefix="nephos-bench-")
        if self.own:
            os.chmod(self.state, 0o755)  # the API runs as a user of its own
        self.flags = [] if real else ["--fake"]
        if args.host_namespace:
            self.flags += ["--host-namespace", args.host_namespace]
        if args.external_cidr:
            self.flags += ["--external-cidr", args.external_cidr]
        if self.own:
            self.port = free_port()
            self.up()
        with open(os.path.join(self.state, "admin-openrc")) as f:
            self.env = dict(re.findall(r"export (OS_\w+)='?([^'\n]*)'?", f.read()))
        self.auth = self.env["OS_AUTH_URL"].rstrip("/").removesuffix("/v3") + "/v3"
        self.login()

    def up(self):
        subprocess.run([NEPHOS, "up", "--detach", "--state", self.state, "--listen", f"127.0.0.1:{self.port}", "--no-classic-ports", *self.flags],
                       check=True, stdout=subprocess.DEVNULL)

    def down(self):
        subprocess.run([NEPHOS, "down", "--state", self.state], check=True, stdout=subprocess.DEVNULL)

    def remove(self):
        if self.own:
            subprocess.run([NEPHOS, "reset", "--yes", "--state", self.state], stdout=subprocess.DEVNULL)
            shutil.rmtree(self.state, ignore_errors=True)

    def call(self, method, url, body=None, raw=None, headers=None):
        data = raw if raw is not None else json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(url, data, {"X-Auth-Token": self.token, "Content-Type": "application/json" if raw is None else "application/octet-stream", **(headers or {})}, method=method)
        with urllib.request.urlopen(request, timeout=300) as answer:
            text = answer.read()
            return answer, json.loads(text) if text[:1] in b"{[" and text else text

    def login(self):
        self.token = ""
        body = {"auth": {"identity": {"methods": ["password"], "password": {"user": {"name": self.env["OS_USERNAME"], "password": self.env["OS_PASSWORD"],
                "domain": {"name": self.env.get("OS_USER_DOMAIN_NAME", "Default")}}}},
                "scope": {"project": {"name": self.env["OS_PROJECT_NAME"], "domain": {"name": self.env.get("OS_PROJECT_DOMAIN_NAME", "Default")}}}}}
        answer, token = self.call("POST", self.auth + "/auth/tokens", body)
        self.token = answer.headers["X-Subject-Token"]
        self.user, self.project = token["token"]["user"]["id"], token["token"]["project"]["id"]
        self.ep = {s["type"]: next(e["url"] for e in s["endpoints"] if e["interface"] == "public") for s in token["token"]["catalog"]}

    def pids(self):
        """Every process that carries this state folder in its arguments, and their children."""
        found = set()
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{pid}/cmdline", "rb") as f:
                    if self.state.encode() in f.read():
                        found.add(int(pid))
                with open(f"/proc/{pid}/stat") as f:
                    if int(f.read().rsplit(")", 1)[1].split()[1]) in found:
                        found.add(int(pid))
            except OSError:
                pass
        found.discard(os.getpid())
        return found


def wrk(what, url, headers, goal, connections=8):
    if not shutil.which("wrk"):
        return print(json.dumps({"what": what, "skipped": "wrk is not installed"}))
    command = ["wrk", "-t1", f"-c{connections}", f"-d{args.seconds}s", "--latency", *sum((["-H", f"{k}: {v}"] for k, v in headers.items()), []), url]
    subprocess.run(command, capture_output=True, check=True)
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    p50 = re.search(r"50%\s+([\d.]+)(us|ms|s)", text)
    failed = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
    say(what, float(re.search(r"Requests/sec:\s+([\d.]+)", text)[1]), "requests/s" + (f" ({failed[1]} failed)" if failed else ""), goal)
    say(what + ", p50", float(p50[1]) * {"us": 0.001, "ms": 1, "s": 1000}[p50[2]], "ms", "< 1")


def startup(c):
    times = []
    for _ in range(3):
        c.down()
        began = time.monotonic()
        c.up_process = subprocess.Popen([NEPHOS, "up", "--state", c.state, "--listen", f"127.0.0.1:{c.port}", "--no-classic-ports", *c.flags], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while True:
            try:
                c.call("GET", c.auth + "/auth/tokens", headers={"X-Subject-Token": c.token})
                break
            except OSError:
                time.sleep(0.01)
        times.append(time.monotonic() - began)
    say("cold start of an existing state to the first answered request", statistics.median(times), "s", "< 2")
    c.down()
    c.up()


def memory(c):
    time.sleep(10)
    total, names = 0, []
    for pid in c.pids():
        try:
            with open(f"/proc/{pid}/smaps_rollup") as f:
                pss = int(re.search(r"^Pss:\s+(\d+)", f.read(), re.M)[1]) / 1024
            with open(f"/proc/{pid}/comm") as f:
                names.append(f"{f.read().strip()} {pss:.0f}")
            total += pss
        except OSError:
            pass
    say("idle memory, PSS of all processes (" + ", ".join(names) + ")", total, "MiB", "< 300")


def tokens(c):
    url = c.auth + "/auth/tokens"
    headers = {"X-Auth-Token": c.token, "X-Subject-Token": c.token}
    wrk("token validation with catalog", url, headers, "> 20000")
    _, role = c.call("GET", c.auth + "/roles?name=reader")
    grant = f"{c.auth}/projects/{c.project}/users/{c.user}/roles/{role['roles'][0]['id']}"
    over = threading.Event()

    def change():
        changes = 0
        while not over.is_set():
            c.call("PUT", grant)
            c.call("DELETE", grant)
            changes += 2
            over.wait(0.1)
        say("role assignments changed meanwhile", changes, "changes")

    changer = threading.Thread(target=change)
    changer.start()
    wrk("token validation while role assignments change", url, headers, "> 20000")
    over.set()
    changer.join()


def lists(c):
    for i in range(10):
        c.call("POST", c.ep["network"] + "/v2.0/networks", {"network": {"name": f"bench-{i}"}})
        c.call("POST", c.ep["image"] + "/v2/images", {"name": f"bench-{i}"})
    head = {"X-Auth-Token": c.token}
    wrk("list of 10 images", c.ep["image"] + "/v2/images?limit=10", head, "> 5000")
    wrk("list of 10 networks", c.ep["network"] + "/v2.0/networks?limit=10", head, "> 5000")
    wrk("list of 10 flavors", c.ep["compute"] + "/flavors?limit=10", head, "> 5000")
    wrk("list of users", c.auth + "/users", head, "> 5000")


def pages(c):
    """Lists of 10,000: whole, the first page of 100, and the last one."""
    domain = c.call("GET", c.auth + "/users/" + c.user)[1]["user"]["domain_id"]
    for what, url, body in (
        ("users", c.auth + "/users", lambda i: {"user": {"name": f"bench-{i}", "domain_id": domain}}),
        ("projects", c.auth + "/projects", lambda i: {"project": {"name": f"bench-{i}", "domain_id": domain}}),
        ("images", c.ep["image"] + "/v2/images", lambda i: {"name": f"bench-{i}"}),
        ("networks", c.ep["network"] + "/v2.0/networks", None)):
        if body is None:
            c.call("PUT", f"{c.ep['network']}/v2.0/quotas/{c.project}", {"quota": {"network": -1}})
            for i in range(100):
                c.call("POST", url, {"networks": [{"name": f"bench-{i}-{k}"} for k in range(100)]})
        else:
            with concurrent.futures.ThreadPoolExecutor(4) as pool:
                list(pool.map(lambda i: c.call("POST", url, body(i)), range(10_000)))

        def page(query):
            times = []
            for _ in range(12):
                began = time.monotonic()
                got = c.call("GET", url + query)[1]
                times.append(time.monotonic() - began)
            return statistics.median(times[2:]) * 1000, got[what]

        say(f"first page of 100 of 10,000 {what}", page("?limit=100")[0], "ms")
        # The last page begins behind the marker that the pages before lead to.
        marker, walked, began = "", 0, time.monotonic()
        while rows := c.call("GET", f"{url}?limit=100{marker}")[1][what]:
            last, walked, marker = marker, walked + len(rows), f"&marker={rows[-1]['id']}"
        say(f"all {walked} {what} by pages of 100", (time.monotonic() - began) * 1000, "ms")
        say(f"last page of {what}", page(f"?limit=100{last}")[0], "ms")
        if what != "images":  # never answers more than 1,000 at once
            took, rows = page("")
            say(f"all {len(rows)} {what} at once", took, "ms")


def wait_active(c, server, limit=120, pause=0.005):
    end = time.monotonic() + limit
    while time.monotonic() < end:
        _, body = c.call("GET", f"{c.ep['compute']}/servers/{server}")
        if body["server"]["status"] == "ACTIVE":
            return
        if body["server"]["status"] == "ERROR":
            raise RuntimeError(body["server"].get("fault"))
        time.sleep(pause)
    raise RuntimeError("not active in time")


def servers(c):
    nova = c.ep["compute"]
    _, images = c.call("GET", c.ep["image"] + "/v2/images?status=active")
    if images["images"]:
        image = images["images"][0]["id"]
    else:
        _, made = c.call("POST", c.ep["image"] + "/v2/images", {"name": "bench", "disk_format": "raw", "container_format": "bare"})
        c.call("PUT", f"{c.ep['image']}/v2/images/{made['id']}/file", raw=b"\0" * (1 << 20))
        image = made["id"]
    c.call("PUT", f"{nova}/os-quota-sets/{c.project}", {"quota_set": {"instances": -1, "cores": -1, "ram": -1}})
    c.call("PUT", f"{c.ep['network']}/v2.0/quotas/{c.project}", {"quota": {"port": -1}})
    _, net = c.call("POST", c.ep["network"] + "/v2.0/networks", {"network": {"name": "bench-servers"}})
    c.call("POST", c.ep["network"] + "/v2.0/subnets", {"subnet": {"network_id": net["network"]["id"], "ip_version": 4, "cidr": "10.77.0.0/16"}})
    c.call("POST", nova + "/flavors", {"flavor": {"name": "bench", "id": "bench", "ram": 64, "vcpus": 1, "disk": 1}})

    def create(_):
        began = time.monotonic()
        _, body = c.call("POST", nova + "/servers", {"server": {"name": "bench", "imageRef": image, "flavorRef": "bench", "networks": [{"uuid": net["network"]["id"]}]}})
        wait_active(c, body["server"]["id"])
        return body["server"]["id"], time.monotonic() - began

    create(0)
    one = [create(i)[1] for i in range(20)]
    say("server create to ACTIVE, p50", statistics.median(one) * 1000, "ms", "< 50" if not args.real else "< 2000")
    began = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(20) as pool:
        list(pool.map(create, range(100)))
    say("100 servers in parallel until all ACTIVE", time.monotonic() - began, "s", "< 3")
    for _ in range(9):
        c.call("POST", nova + "/servers", {"server": {"name": "many", "imageRef": image, "flavorRef": "bench", "min_count": 98, "max_count": 98, "networks": [{"uuid": net["network"]["id"]}]}})
    end = time.monotonic() + 180
    while time.monotonic() < end:
        _, page = c.call("GET", nova + "/servers?status=BUILD&limit=1")
        if not page["servers"]:
            break
        time.sleep(0.5)
    times = []
    for _ in range(40):
        request = urllib.request.Request(nova + "/servers/detail?limit=1000", headers={"X-Auth-Token": c.token})
        began = time.monotonic()
        with urllib.request.urlopen(request) as answer:
            page = answer.read()
        times.append(time.monotonic() - began)
    say(f"list of {len(json.loads(page)['servers'])} servers detailed, {len(page) >> 10} KiB, p50", statistics.median(times[10:]) * 1000, "ms", "< 50")


def inside(work):
    """Runs in the cloud's network namespace, in a thread of its own."""
    def run():
        if args.host_namespace:
            with open(f"/run/netns/{args.host_namespace}") as f:
                if ctypes.CDLL(None, use_errno=True).setns(f.fileno(), 0) != 0:
                    raise OSError(ctypes.get_errno(), "setns")
        return work()
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        return pool.submit(run).result()


def banner(address, limit=60):
    """Waits for the first words of the SSH server."""
    end = time.monotonic() + limit
    while time.monotonic() < end:
        try:
            with socket.create_connection((address, 22), 0.2) as s:
                s.settimeout(5)
                if s.recv(16).startswith(b"SSH-"):
                    return
        except OSError:
            time.sleep(0.02)
    raise RuntimeError(f"{address} does not answer")


def boot(c):
    if not args.real:
        return print(json.dumps({"what": "boot", "skipped": "needs --real"}))
    nova, neutron = c.ep["compute"], c.ep["network"] + "/v2.0"
    image = c.call("GET", c.ep["image"] + "/v2/images?name=guest&status=active")[1]["images"][0]["id"]
    named = lambda kind, name: c.call("GET", f"{neutron}/{kind}?name={name}")[1][kind][0]["id"]
    public = named("networks", "public")
    network = c.call("POST", neutron + "/networks", {"network": {"name": "bench-boot"}})[1]["network"]["id"]
    subnet = c.call("POST", neutron + "/subnets", {"subnet": {"network_id": network, "ip_version": 4, "cidr": "10.88.0.0/24"}})[1]["subnet"]["id"]
    router = c.call("POST", neutron + "/routers", {"router": {"name": "bench-boot", "external_gateway_info": {"network_id": public}}})[1]["router"]["id"]
    c.call("PUT", f"{neutron}/routers/{router}/add_router_interface", {"subnet_id": subnet})
    group = c.call("POST", neutron + "/security-groups", {"security_group": {"name": "bench-boot"}})[1]["security_group"]["id"]
    c.call("POST", neutron + "/security-group-rules", {"security_group_rule": {"security_group_id": group, "direction": "ingress", "protocol": "tcp", "port_range_min": 22, "port_range_max": 22}})
    actives, answers = [], []
    for i in range(args.samples + 1):
        began = time.monotonic()
        server = c.call("POST", nova + "/servers", {"server": {"name": "bench-boot", "imageRef": image, "flavorRef": "84", "networks": [{"uuid": network}], "security_groups": [{"name": "bench-boot"}]}})[1]["server"]["id"]
        wait_active(c, server, pause=0.02)
        active = time.monotonic() - began
        port = c.call("GET", f"{neutron}/ports?device_id={server}")[1]["ports"][0]["id"]
        floating = c.call("POST", neutron + "/floatingips", {"floatingip": {"floating_network_id": public, "port_id": port}})[1]["floatingip"]
        inside(lambda: banner(floating["floating_ip_address"]))
        answer = time.monotonic() - began
        c.call("DELETE", f"{neutron}/floatingips/{floating['id']}")
        c.call("DELETE", f"{nova}/servers/{server}")
        while c.call("GET", f"{nova}/servers/detail?name=bench-boot")[1]["servers"]:
            time.sleep(0.1)
        if i:  # the first one puts the image into the node's cache
            actives.append(active), answers.append(answer)
        else:
            say("first boot of an image: POST to ACTIVE", active, "s")
    for what, times, goal in (("ACTIVE", actives, "< 2"), ("SSH answering", answers, "< 8")):
        say(f"POST to {what}, {len(times)} guests one after another, p50", statistics.median(times), "s", goal)
        say(f"POST to {what}, slowest", max(times), "s")


def images(c):
    glance, size = c.ep["image"] + "/v2/images", 1 << 30
    data = os.urandom(1 << 20) * (size >> 20)
    began = time.monotonic()
    hashlib.md5(data).digest()
    md5 = size / (time.monotonic() - began) / 1e6
    began = time.monotonic()
    hashlib.sha512(data).digest()
    sha = size / (time.monotonic() - began) / 1e6
    path = os.path.join(c.state, "bench.data")
    began = time.monotonic()
    with open(path, "wb") as f:
        f.write(data)
        os.fsync(f.fileno())
    disk = size / (time.monotonic() - began) / 1e6
    os.unlink(path)
    say("this host: MD5, SHA-512, disk with fsync: the least", min(md5, sha, disk), "MB/s")
    ups, downs = [], []
    for _ in range(3):
        _, made = c.call("POST", glance, {"name": "bench", "disk_format": "raw", "container_format": "bare"})
        url = f"{glance}/{made['id']}/file"
        began = time.monotonic()
        c.call("PUT", url, raw=data)
        ups.append(size / (time.monotonic() - began) / 1e6)
        began = time.monotonic()
        subprocess.run(["curl", "-sS", "-o", "/dev/null", "-H", f"X-Auth-Token: {c.token}", url], check=True)
        downs.append(size / (time.monotonic() - began) / 1e6)
        c.call("DELETE", f"{glance}/{made['id']}")
    say("image upload, 1 GiB", statistics.median(ups), "MB/s", ">= 85 % of the least above")
    say("image download, 1 GiB from page cache", statistics.median(downs), "MB/s", "> 1000")


SECTIONS = dict(startup=startup, memory=memory, tokens=tokens, lists=lists, servers=servers, images=images, boot=boot, pages=pages)
cloud = Cloud(args.real)
try:
    for name in args.section or SECTIONS:
        SECTIONS[name](cloud)
finally:
    cloud.remove()
