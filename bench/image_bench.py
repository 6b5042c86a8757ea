#!/usr/bin/env python3
"""Measures images beside what the host itself can do: upload and download of a large one beside the disk's own speed, exports beside a bare
qemu-img. Prints one line per figure, as bench/nephos_bench.py.

Usage: source an openrc file; bench/image_bench.py [--mebibytes 1024] [--rounds 3] [SECTION ...]        sections: transfer convert (default: both)
Any cloud with the image service of OpenStack can be measured for `transfer`; `convert` needs our export, and
a cloud whose hosts are not pretended (`up`, not `dev`). The figures hold when the cloud is on
this host and its staging area on the file system of --folder. Everything made is removed again.
"""
import argparse, json, os, subprocess, sys, tempfile, time, urllib.request

ap = argparse.ArgumentParser()
ap.add_argument("--mebibytes", type=int, default=1024)
ap.add_argument("--folder", help="where the files for comparison are made; best on the cloud's own file system")
ap.add_argument("--rounds", type=int, default=3, help="of each conversion; the least time counts")
ap.add_argument("section", nargs="*")
args = ap.parse_args()
BLOCK = 1 << 20


def say(what, value, unit, goal=""):
    print(json.dumps({"what": what, "value": round(value, 3), "unit": unit, "goal": goal}), flush=True)


def timed(work):
    began = time.monotonic()
    result = work()
    return time.monotonic() - began, result


def request(method, url, token=None, body=None, kind="application/json"):
    headers = {"Content-Type": kind}
    if token: headers["X-Auth-Token"] = token
    if hasattr(body, "fileno"): headers["Content-Length"] = str(os.fstat(body.fileno()).st_size)
    return urllib.request.urlopen(urllib.request.Request(url, data=body, method=method, headers=headers), timeout=3600)


class Images:
    """The image service, as the openrc file says."""

    def __init__(self):
        env = os.environ
        user = {"name": env["OS_USERNAME"], "domain": {"id": env.get("OS_USER_DOMAIN_ID", "default")}, "password": env["OS_PASSWORD"]}
        scope = {"project": {"name": env["OS_PROJECT_NAME"], "domain": {"id": env.get("OS_PROJECT_DOMAIN_ID", "default")}}}
        auth = {"auth": {"identity": {"methods": ["password"], "password": {"user": user}}, "scope": scope}}
        url = env["OS_AUTH_URL"].rstrip("/")
        answer = request("POST", (url if url.endswith("/v3") else url + "/v3") + "/auth/tokens", body=json.dumps(auth).encode())
        self.token = answer.headers["X-Subject-Token"]
        service = next(s for s in json.load(answer)["token"]["catalog"] if s["type"] == "image")
        self.url = next(e["url"] for e in service["endpoints"] if e["interface"] == "public").rstrip("/") + "/v2/images"

    def upload(self, path):
        body = json.dumps({"name": "bench", "disk_format": "raw", "container_format": "bare"}).encode()
        image = json.load(request("POST", self.url, self.token, body))["id"]
        with open(path, "rb") as file: request("PUT", f"{self.url}/{image}/file", self.token, file, "application/octet-stream").read()
        return image

    def read(self, path):
        size = 0
        with request("GET", f"{self.url}/{path}", self.token) as answer:
            while block := answer.read(BLOCK): size += len(block)
        return size

    def delete(self, image):
        request("DELETE", f"{self.url}/{image}", self.token)


def make(path):
    """A disk as they are: two thirds data that does not compress, one third zeros."""
    with open(path, "wb") as file:
        for n in range(args.mebibytes): file.write(bytes(BLOCK) if n % 3 == 2 else os.urandom(BLOCK))
        os.fsync(file.fileno())


def disk_write(path, source):
    with open(source, "rb") as data, open(path, "wb") as file:
        while block := data.read(BLOCK): file.write(block)
        os.fsync(file.fileno())


def transfer(images, path, folder):
    size = args.mebibytes
    took, _ = timed(lambda: disk_write(os.path.join(folder, "copy"), path))
    say("disk write with fsync", size / took, "MiB/s")
    took, image = timed(lambda: images.upload(path))
    say("image upload", size / took, "MiB/s", "85 % of the smaller of disk and hashes")
    took, read = timed(lambda: images.read(f"{image}/file"))
    assert read == size << 20, "the download is not as long as the upload"
    say("image download", size / took, "MiB/s")
    images.delete(image)


FORMATS = {"qcow2": ["-O", "qcow2"], "qcow2 compressed": ["-c", "-O", "qcow2"], "vmdk": ["-O", "vmdk"], "vmdk-stream": ["-O", "vmdk", "-o", "subformat=streamOptimized"], "vhd": ["-O", "vpc", "-o", "force_size=on"], "vhdx": ["-O", "vhdx"]}


def convert(images, path, folder):
    image = images.upload(path)
    for name, options in FORMATS.items():
        out = os.path.join(folder, "converted")
        ways = {
            "qemu-img": lambda: subprocess.run(["qemu-img", "convert", "-f", "raw", *options, path, out], check=True),
            "export": lambda: images.read(f"{image}/export?format={name.split()[0]}" + ("&compress=true" if " " in name else "")),
        }
        took = {way: [] for way in ways}
        for turn in range(args.rounds):
            for way in list(ways)[:: -1 if turn % 2 else 1]:
                # Neither pays for what the other left to be written.
                os.sync()
                took[way].append(timed(ways[way])[0])
                if way == "qemu-img": os.remove(out)
        say(f"qemu-img to {name}", min(took["qemu-img"]), "s")
        say(f"export to {name}", min(took["export"]), "s", "qemu-img and one reading of the result")
    images.delete(image)


sections = {"transfer": transfer, "convert": convert}
with tempfile.TemporaryDirectory(prefix="image-bench-", dir=args.folder) as folder:
    service, source = Images(), os.path.join(folder, "disk")
    make(source)
    for section in args.section or sections: sections[section](service, source, folder)
