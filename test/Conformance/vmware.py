"""Packages of machines through the API of a real cloud. Arguments: the test guest's disk, and a folder."""
import hashlib
import io
import json
import os
import re
import subprocess
import sys
import tarfile
import time
import urllib.error
import urllib.request

guest, folder = sys.argv[1:]
# The cloud is on this host, whatever proxy leads elsewhere.
urllib.request.install_opener(urllib.request.build_opener(urllib.request.ProxyHandler({})))
passed = failed = 0


def request(method, url, body=None, kind="application/json"):
    headers = {"X-Auth-Token": token, "Content-Type": kind} if token else {"Content-Type": kind}
    data = body if body is None or isinstance(body, bytes) or hasattr(body, "read") else json.dumps(body).encode()
    if hasattr(body, "fileno"):
        headers["Content-Length"] = str(os.fstat(body.fileno()).st_size)
    try:
        with urllib.request.urlopen(urllib.request.Request(url, data=data, method=method, headers=headers), timeout=300) as answer:
            text = answer.read()
            return answer.status, json.loads(text) if text and "json" in answer.headers.get("Content-Type", "") else text, answer.headers
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read().decode(), refused.headers


def check(name, condition, why=""):
    global passed, failed
    if condition:
        passed += 1
        print("ok  ", name, flush=True)
    else:
        failed += 1
        print(f"FAIL {name}: {str(why)[-1500:]}", flush=True)
    return condition


def finish():
    print(f"{passed} passed, {failed} failed, 0 skipped")
    sys.exit(1 if failed else 0)


def need(name, condition, why=""):
    check(name, condition, why) or finish()


def eventually(look, seconds=240):
    end = time.monotonic() + seconds
    while not (found := look()) and time.monotonic() < end:
        time.sleep(0.2)
    return found


token = None
env = os.environ
login = {"auth": {"identity": {"methods": ["password"], "password": {"user": {"name": env["OS_USERNAME"], "domain": {"id": "default"}, "password": env["OS_PASSWORD"]}}},
                  "scope": {"project": {"name": env["OS_PROJECT_NAME"], "domain": {"id": "default"}}}}}
status, answer, headers = request("POST", env["OS_AUTH_URL"].rstrip("/").removesuffix("/v3") + "/v3/auth/tokens", login)
token = headers["X-Subject-Token"]
urls = {s["type"]: next(e["url"] for e in s["endpoints"] if e["interface"] == "public").rstrip("/") for s in answer["token"]["catalog"]}
images, compute, network = urls["image"] + "/v2/images", urls["compute"], urls["network"] + "/v2.0"


def imported(name, path, container, **properties):
    """An image of a file, by way of an import; as it is when that has ended."""
    made = request("POST", images, {"name": name, "disk_format": "vmdk", "container_format": container, **properties})[1]["id"]
    with open(path, "rb") as file:
        request("PUT", f"{images}/{made}/stage", file, "application/octet-stream")
    request("POST", f"{images}/{made}/import", {"method": {"name": "glance-direct"}})
    ended = lambda: next((t for t in request("GET", f"{images}/{made}/tasks")[1]["tasks"] if t["status"] in ("success", "failure")), None)
    task = eventually(ended)
    need(f"{name} is imported", task and task["status"] == "success", task)
    return request("GET", f"{images}/{made}")[1]


def flavor(name, ram, disk):
    return request("POST", compute + "/flavors", {"flavor": {"name": name, "ram": ram, "vcpus": 1, "disk": disk}})[1]["flavor"]["id"]


def server(name, image, size):
    return request("POST", compute + "/servers", {"server": {"name": name, "imageRef": image["id"], "flavorRef": size, "networks": [{"uuid": net}]}})


def console(made):
    """What it showed so far; why it shows nothing while it is being built."""
    answer = request("POST", f"{compute}/servers/{made}/action", {"os-getConsoleOutput": {}})[1]
    return answer if isinstance(answer, str) else answer["output"]


def state(made):
    return request("GET", f"{compute}/servers/{made}")[1]["server"]


def boots(name, image, size, *shown):
    status, made, _ = server(name, image, size)
    need(f"{name} is accepted", status == 202, made)
    made = made["server"]["id"]
    eventually(lambda: "@@guest ready" in console(made) or state(made)["status"] == "ERROR")
    check(f"{name} boots", "@@guest ready" in console(made), f"{state(made).get('fault')} {console(made)}")
    for text in shown:
        check(f"{name} shows {text}", text in console(made))
    request("DELETE", f"{compute}/servers/{made}")


def package(path, disk, virtual, firmware):
    """A package as another product makes one, around a stream-optimized disk."""
    with open(disk, "rb") as file:
        data = file.read()
    item = lambda kind, rest: f"<Item><rasd:ElementName>x</rasd:ElementName><rasd:ResourceType>{kind}</rasd:ResourceType>{rest}</Item>"
    ovf = f"""<?xml version="1.0"?>
<Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1" xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1" xmlns:vmw="http://www.vmware.com/schema/ovf"
  xmlns:rasd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData">
<References><File ovf:href="disk.vmdk" ovf:id="f"/></References><DiskSection><Info>d</Info><Disk ovf:capacity="{virtual}" ovf:diskId="d" ovf:fileRef="f"/></DiskSection>
<VirtualSystem ovf:id="vm"><Info>m</Info><VirtualHardwareSection><Info>h</Info>
{item(4, "<rasd:InstanceID>1</rasd:InstanceID><rasd:AllocationUnits>byte * 2^20</rasd:AllocationUnits><rasd:VirtualQuantity>256</rasd:VirtualQuantity>")}
{item(6, "<rasd:InstanceID>2</rasd:InstanceID><rasd:ResourceSubType>lsilogic</rasd:ResourceSubType>")}
{item(17, "<rasd:InstanceID>3</rasd:InstanceID><rasd:Parent>2</rasd:Parent><rasd:HostResource>ovf:/disk/d</rasd:HostResource>")}
<vmw:Config ovf:required="false" vmw:key="firmware" vmw:value="{firmware}"/></VirtualHardwareSection></VirtualSystem></Envelope>""".encode()
    manifest = "".join(f"SHA256({n})= {hashlib.sha256(b).hexdigest()}\n" for n, b in (("vm.ovf", ovf), ("disk.vmdk", data))).encode()
    with tarfile.open(path, "w", format=tarfile.USTAR_FORMAT) as tar:
        for name, content in (("vm.ovf", ovf), ("vm.mf", manifest), ("disk.vmdk", data)):
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))


def converted(virtual=None):
    """The test guest's disk, stream-optimized, perhaps on a larger disk."""
    raw, disk = os.path.join(folder, "guest.raw"), os.path.join(folder, "guest.vmdk")
    subprocess.run(["qemu-img", "convert", "-O", "raw", guest, raw], check=True)
    if virtual:
        os.truncate(raw, virtual)
    subprocess.run(["qemu-img", "convert", "-f", "raw", "-O", "vmdk", "-o", "subformat=streamOptimized", raw, disk], check=True)
    return disk


net = request("POST", network + "/networks", {"network": {"name": "n"}})[1]["network"]["id"]
request("POST", network + "/subnets", {"subnet": {"network_id": net, "ip_version": 4, "cidr": "10.77.0.0/24"}})
small, large, flat = flavor("v-small", 160, 2), flavor("v-large", 256, 2), flavor("v-flat", 256, 1)

# Out and in again.
ova = os.path.join(folder, "guest.ova")
out = subprocess.run([env["NEPHOS_TOP"] + "/nephos", "image", "export", "guest", "--format", "ova", "--output", ova], capture_output=True, text=True)
need("the guest is exported", out.returncode == 0 and tarfile.open(ova).getnames()[0].endswith(".ovf"), out.stderr)
back = imported("back", ova, "ova", min_ram=0)
check("it is a disk again", (back["disk_format"], back["container_format"], back["status"]) == ("vmdk", "bare", "active"), back)
boots("a server of what was exported", back, small)

# A machine of another product, on 2 GiB of disk and 256 MiB of memory, with UEFI.
disk = converted(2 << 30)
efi = os.path.join(folder, "efi.ova")
package(efi, disk, 2 << 30, "efi")
# The test guest has drivers for virtio alone: what the user says counts more than the package.
machine = imported("machine", efi, "ova", hw_disk_bus="virtio", hw_vif_model="virtio")
check("its needs are the package's", (machine["min_disk"], machine["min_ram"], machine["hw_firmware_type"], machine["hw_disk_bus"]) == (2, 256, "uefi", "virtio"), machine)
status, text, _ = server("x", machine, small)
check("a flavor with too little memory is refused", status == 400 and "Flavor's memory is too small for requested image." in str(text), text)
status, text, _ = server("x", machine, flat)
check("a flavor with too small a disk is refused", status == 400 and re.search("Flavor's disk is too small for requested image. Flavor disk is 1073741824 bytes, image is 2147483648 bytes.", str(text)), text)
boots("a server with UEFI", machine, large, "BdsDxe")

# The disk by itself.
boots("a server of a stream-optimized VMDK", imported("vmdk", disk, "bare"), small)
finish()
