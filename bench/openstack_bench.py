#!/usr/bin/env python3
"""The same operations against any OpenStack cloud: the same script for Nephos and for the original. Prints a JSON line per figure.

Usage: . openrc; bench/openstack_bench.py [--label X] [--scale 1.0] [SECTION ...] > x.jsonl    sections: identity image upload network compute cli rows
       bench/openstack_bench.py --table nephos.jsonl original.jsonl                            prints both side by side (Markdown)
Takes OS_* of an administrator. Needs python3-requests; wrk for throughput, and the openstack client for `cli`. Where the project's quotas are
too small for 100 servers it raises them. `rows` is run only when named: it leaves 10,000 users, projects and images behind for the next run of it.
"""
import argparse, concurrent.futures, json, os, re, shutil, statistics, subprocess, sys, tempfile, threading, time, uuid

ap = argparse.ArgumentParser()
ap.add_argument("--label", default="cloud")
ap.add_argument("--scale", type=float, default=1.0, help="multiplies the repetitions")
ap.add_argument("--seconds", type=int, default=8, help="of wrk")
ap.add_argument("--mebibytes", type=int, default=256, help="of the image of `upload`")
ap.add_argument("--table", nargs="+", metavar="FILE")
ap.add_argument("section", nargs="*")
args = ap.parse_args()


def table(files):
    runs = [[json.loads(line) for line in open(f) if line.startswith("{")] for f in files]
    figures = [{r["op"]: f"{r['median_ms']:g} ms" if "median_ms" in r else f"{r['per_s']:g}/s" for r in run if "median_ms" in r or "per_s" in r} for run in runs]
    print("| operation | " + " | ".join(run[0]["label"] for run in runs) + " |\n| --- |" + " --- |" * len(runs))
    for op in dict.fromkeys(op for f in figures for op in f):
        print(f"| {op} | " + " | ".join(f.get(op, "") for f in figures) + " |")


if args.table:
    sys.exit(table(args.table))
import requests

env, local, name = os.environ, threading.local(), "bench-" + uuid.uuid4().hex[:6]
auth_url = env["OS_AUTH_URL"].rstrip("/").removesuffix("/v3") + "/v3"


def domain(kind):
    return {"id": env[f"OS_{kind}_DOMAIN_ID"]} if env.get(f"OS_{kind}_DOMAIN_ID") else {"name": env.get(f"OS_{kind}_DOMAIN_NAME", "Default")}


LOGIN = {"auth": {"identity": {"methods": ["password"], "password": {"user": {"name": env["OS_USERNAME"], "password": env["OS_PASSWORD"], "domain": domain("USER")}}},
                  "scope": {"project": {"name": env["OS_PROJECT_NAME"], "domain": domain("PROJECT")}}}}


def call(method, url, body=None, ok=range(200, 300), headers=None, **more):
    if not hasattr(local, "session"):
        local.session = requests.Session()
        local.session.trust_env = False
    answer = local.session.request(method, url, json=body, headers={"X-Auth-Token": token, **(headers or {})}, timeout=300, verify=env.get("OS_CACERT", True), **more)
    if answer.status_code not in ok:
        raise RuntimeError(f"{method} {url}: {answer.status_code} {answer.text[:300]}")
    return answer


def login():
    return call("POST", auth_url + "/auth/tokens", LOGIN)


token = ""
first = login()
token, facts = first.headers["X-Subject-Token"], first.json()["token"]
project = facts["project"]["id"]
endpoints = {s["type"]: next(e["url"].rstrip("/") for e in s["endpoints"] if e["interface"] == "public") for s in facts["catalog"]}
glance = endpoints["image"].removesuffix("/v2") + "/v2"
neutron = endpoints["network"].removesuffix("/v2.0") + "/v2.0"
nova = endpoints["compute"]


def say(op, **figures):
    print(json.dumps({"label": args.label, "op": op, **figures, "load": round(os.getloadavg()[0], 1)}), flush=True)


def took(work):
    began = time.perf_counter()
    result = work()
    return (time.perf_counter() - began) * 1000, result


def times(op, ms):
    say(op, n=len(ms), median_ms=round(statistics.median(ms), 2), worst_ms=round(max(ms), 2))


def repeat(op, count, work, warm=3):
    for _ in range(warm):
        work()
    times(op, [took(work)[0] for _ in range(max(2, int(count * args.scale)))])


def rate(op, url, headers=None, post=None):
    if not shutil.which("wrk"):
        return say(op, skipped="wrk is not installed")
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        command = ["wrk", "-t1", "-c8", f"-d{args.seconds}s", "--timeout", "30s", *sum((["-H", f"{k}: {v}"] for k, v in {"X-Auth-Token": token, **(headers or {})}.items()), []), url]
        if post:
            script.write(f"wrk.method = 'POST'\nwrk.body = [[{json.dumps(post)}]]\nwrk.headers['Content-Type'] = 'application/json'\n")
            script.flush()
            command[1:1] = ["-s", script.name]
        subprocess.run(command, capture_output=True)
        text = subprocess.run(command, capture_output=True, text=True).stdout
    failed = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
    say(op, per_s=float(re.search(r"Requests/sec:\s+([\d.]+)", text)[1]), failed=int(failed[1]) if failed else 0)


def until(get, wanted, pause=0.05, limit=180):
    end = time.monotonic() + limit
    while (seen := get()) != wanted:
        if seen == "ERROR" or time.monotonic() > end:
            raise RuntimeError(f"{seen} instead of {wanted}")
        time.sleep(pause)


def identity():
    repeat("token by password", 30, login)
    again = {"auth": {"identity": {"methods": ["token"], "token": {"id": token}}, "scope": LOGIN["auth"]["scope"]}}
    repeat("token by a token", 100, lambda: call("POST", auth_url + "/auth/tokens", again))
    rate("token by a token, 8 connections", auth_url + "/auth/tokens", post=again)
    repeat("validate a token", 200, lambda: call("GET", auth_url + "/auth/tokens", headers={"X-Subject-Token": token}))
    repeat("list projects", 100, lambda: call("GET", auth_url + "/projects"))
    rate("validate a token, 8 connections", auth_url + "/auth/tokens", {"X-Subject-Token": token})


def new_image():
    return call("POST", glance + "/images", {"name": name, "disk_format": "raw", "container_format": "bare"}).json()["id"]


def upload_to(image, data):
    call("PUT", f"{glance}/images/{image}/file", data=data, headers={"Content-Type": "application/octet-stream"})


def image():
    made = [new_image() for _ in range(5)]
    repeat("list images", 200, lambda: call("GET", glance + "/images"))
    rate("list images, 8 connections", glance + "/images")
    creates, deletes = [], []
    for _ in range(max(2, int(30 * args.scale))):
        ms, one = took(new_image)
        creates.append(ms)
        deletes.append(took(lambda: call("DELETE", f"{glance}/images/{one}"))[0])
    times("create an image", creates), times("delete an image", deletes)
    for one in made:
        call("DELETE", f"{glance}/images/{one}")


def upload():
    data, ups, downs = os.urandom(1 << 20) * args.mebibytes, [], []
    for _ in range(3):
        one = new_image()
        ups.append(took(lambda: upload_to(one, data))[0])

        def download():
            with call("GET", f"{glance}/images/{one}/file", stream=True) as answer:
                assert sum(len(c) for c in answer.iter_content(1 << 20)) == len(data)
        downs.append(took(download)[0])
        call("DELETE", f"{glance}/images/{one}")
    times(f"upload {args.mebibytes} MiB", ups), times(f"download {args.mebibytes} MiB", downs)


def new_network(cidr):
    network = call("POST", neutron + "/networks", {"network": {"name": name}}).json()["network"]["id"]
    call("POST", neutron + "/subnets", {"subnet": {"network_id": network, "ip_version": 4, "cidr": cidr}})
    return network


def drop_network(network):
    for _ in range(40):
        if call("DELETE", f"{neutron}/networks/{network}", ok=range(200, 600)).status_code in (204, 404):
            return
        time.sleep(0.5)


def network():
    keep = new_network("10.99.0.0/16")
    repeat("list networks", 150, lambda: call("GET", neutron + "/networks"))
    rate("list networks, 8 connections", neutron + "/networks")
    seen = {op: [] for op in ("create a network", "create a subnet", "create a port", "change a port", "delete a port", "delete a network")}

    def note(op, work):
        ms, answer = took(work)
        seen[op].append(ms)
        return answer
    for _ in range(max(2, int(20 * args.scale))):
        one = note("create a network", lambda: call("POST", neutron + "/networks", {"network": {"name": name}})).json()["network"]["id"]
        note("create a subnet", lambda: call("POST", neutron + "/subnets", {"subnet": {"network_id": one, "ip_version": 4, "cidr": "10.98.0.0/24"}}))
        port = note("create a port", lambda: call("POST", neutron + "/ports", {"port": {"network_id": one}})).json()["port"]["id"]
        note("change a port", lambda: call("PUT", f"{neutron}/ports/{port}", {"port": {"name": "x"}}))
        note("delete a port", lambda: call("DELETE", f"{neutron}/ports/{port}"))
        note("delete a network", lambda: call("DELETE", f"{neutron}/networks/{one}"))
    for op, ms in seen.items():
        times(op, ms)
    drop_network(keep)


def compute():
    call("PUT", f"{nova}/os-quota-sets/{project}", {"quota_set": {"instances": -1, "cores": -1, "ram": -1}})
    call("PUT", f"{neutron}/quotas/{project}", {"quota": {"port": -1}})
    flavor = call("POST", nova + "/flavors", {"flavor": {"name": name, "ram": 64, "vcpus": 1, "disk": 1}}).json()["flavor"]["id"]
    picture, net = env.get("BENCH_IMAGE") or new_image(), new_network("10.97.0.0/16")
    if not env.get("BENCH_IMAGE"):
        upload_to(picture, b"\0" * (1 << 20))
    url = lambda server: f"{nova}/servers/{server}"
    post = lambda: call("POST", nova + "/servers", {"server": {"name": name, "flavorRef": flavor, "imageRef": picture, "networks": [{"uuid": net}]}}).json()["server"]["id"]
    status = lambda server: call("GET", url(server)).json()["server"]["status"]
    gone = lambda server: call("GET", url(server), ok=(200, 404)).status_code

    def create(pause=0.05):
        began = time.perf_counter()
        server = post()
        accepted = time.perf_counter() - began
        until(lambda: status(server), "ACTIVE", pause)
        return server, accepted * 1000, (time.perf_counter() - began) * 1000

    def remove(servers):
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda s: call("DELETE", url(s)), servers))
            list(pool.map(lambda s: until(lambda: gone(s), 404, 0.3), servers))
    posts, actives, goes = [], [], []
    for _ in range(max(2, int(12 * args.scale))):
        server, accepted, active = create()
        posts.append(accepted), actives.append(active)
        goes.append(took(lambda: (call("DELETE", url(server)), until(lambda: gone(server), 404)))[0])
    times("create a server, call", posts), times("create a server, until ACTIVE", actives), times("delete a server, until gone", goes)
    for count, workers in ((20, 20), (100, 8)):
        with concurrent.futures.ThreadPoolExecutor(workers) as pool:
            ms, made = took(lambda: [s for s, _, _ in pool.map(lambda _: create(0.3), range(count))])
        times(f"{count} servers by {workers} clients, until all are ACTIVE", [ms])
        if count == 100:
            repeat("list 100 servers in detail", 20, lambda: call("GET", nova + "/servers/detail"))
            repeat("show a server", 60, lambda: call("GET", url(made[0])))
            rate("list 100 servers in detail, 8 connections", nova + "/servers/detail")
        remove(made)
    drop_network(net)
    call("DELETE", f"{nova}/flavors/{flavor}")
    if not env.get("BENCH_IMAGE"):
        call("DELETE", f"{glance}/images/{picture}")


def cli():
    client = shutil.which("openstack", path="/usr/bin:/bin") or shutil.which("openstack")
    if not client:
        return say("cli", skipped="no openstack client")
    for words in ("token issue", "server list", "image list", "network list"):
        repeat(f"openstack {words}", 5, lambda: subprocess.run([client, *words.split(), "-f", "json"], check=True, capture_output=True), warm=1)


def rows():
    """Lists of 10,000. Users have no passwords: nobody waits for 10,000 hashes."""
    count = int(10_000 * args.scale)
    images = glance + "/images?limit=1000"
    domain_id = facts["user"]["domain"]["id"]

    def images_of_all():
        page, seen = images, []
        while page:
            answer = call("GET", page).json()
            seen += answer["images"]
            page = answer.get("next") and glance.removesuffix("/v2") + answer["next"]
        return seen

    def fill(seen, url, body):
        have = {r["name"] for r in seen}
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda n: call("POST", url, body(n)), [n for n in (f"row-{i:05}" for i in range(count)) if n not in have]))
    for kind in ("users", "projects"):
        url = f"{auth_url}/{kind}"
        fill(call("GET", url).json()[kind], url, lambda n: {kind[:-1]: {"name": n, "domain_id": domain_id}})
        repeat(f"list {count} {kind}", 8, lambda: call("GET", url), warm=1)
        repeat(f"find one of {count} {kind} by name", 50, lambda: call("GET", f"{url}?name=row-{count // 2:05}"))
    fill(images_of_all(), glance + "/images", lambda n: {"name": n})
    repeat(f"first 100 of {count} images", 30, lambda: call("GET", glance + "/images?limit=100"))
    repeat(f"1,000 of {count} images", 8, lambda: call("GET", images), warm=1)
    repeat(f"all {count} images by pages of 1,000", 3, images_of_all, warm=1)
    repeat(f"find one of {count} images by name", 50, lambda: call("GET", f"{glance}/images?name=row-{count // 2:05}"))


SECTIONS = dict(identity=identity, image=image, upload=upload, network=network, compute=compute, cli=cli)
for section in args.section or SECTIONS:
    try:
        {**SECTIONS, "rows": rows}[section]()
    except Exception as e:
        say("section " + section, error=f"{type(e).__name__}: {e}"[:500])
