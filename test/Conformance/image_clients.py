"""Image through its clients. Argument: the service's URL."""
import hashlib
import http.server
import os
import pty
import re
import sys
import tempfile
import threading
import time

import openstack as sdk

from clients import all_used, check, commands_of, finish, glance, openstack, part, refused, shown

url = sys.argv[1]
# What is not a terminal is taken for an image's data.
os.dup2(pty.openpty()[1], 0)
folder = tempfile.mkdtemp()
data = os.path.join(folder, "data")
with open(data, "wb") as file:
    file.write(bytes(range(256)) * 64)


class Web(http.server.BaseHTTPRequestHandler):
    def do_HEAD(self):
        self.send_response(200)
        self.send_header("Content-Length", "16384")
        self.end_headers()

    def do_GET(self):
        self.do_HEAD()
        self.wfile.write(bytes(range(256)) * 64)

    def log_message(self, *_):
        pass


web = http.server.HTTPServer(("127.0.0.1", 0), Web)
port = web.server_port
threading.Thread(target=web.serve_forever, daemon=True).start()


def field(table, name):
    """A value of a table that glance printed."""
    found = re.search(rf"^\|\s+{re.escape(name)}\s+\|\s+(.*?)\s+\|\s*$", table, re.M)
    return found.group(1) if found else None


def made(*more):
    return field(glance("image-create", "--disk-format", "raw", "--container-format", "bare", *more), "id")


def eventually(condition):
    end = time.monotonic() + 120
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.1)
    return True


def active(image):
    return eventually(lambda: field(glance("image-show", image), "status") == "active")


@part
def images_of_openstack():
    image = shown("image", "create", "--disk-format", "raw", "--container-format", "bare", "--file", data, "--property", "os_distro=debian", "--tag", "t1", "--private", "one")
    image = shown("image", "show", image["id"])
    check("an image is created with data", image["status"] == "active" and image["size"] == 16384 and image["tags"] == ["t1"])
    check("it is listed", "one" in [i["Name"] for i in shown("image", "list", "--long", "--tag", "t1", "--property", "os_distro=debian")])
    openstack("image", "set", "--name", "uno", "--property", "a=b", "--tag", "t2", "--min-disk", "2", "--shared", image["id"])
    now = shown("image", "show", "uno")
    check("it is changed", now["min_disk"] == 2 and now["properties"]["a"] == "b" and sorted(now["tags"]) == ["t1", "t2"])
    openstack("image", "unset", "--property", "a", "--tag", "t2", image["id"])
    now = shown("image", "show", image["id"])
    check("and back", "a" not in now["properties"] and now["tags"] == ["t1"])
    member = shown("image", "add", "project", image["id"], "demo")
    check("it is shared", member["status"] == "pending")
    check("with one project", [m["Member ID"] for m in shown("image", "member", "list", image["id"])] == [member["member_id"]])
    openstack("image", "set", "--deactivate", image["id"])
    check("it is deactivated", shown("image", "show", image["id"])["status"] == "deactivated")
    openstack("image", "set", "--activate", image["id"])
    openstack("image", "remove", "project", image["id"], "demo")
    check("it is not shared any more", shown("image", "member", "list", image["id"]) == [])
    saved = os.path.join(folder, "saved")
    openstack("image", "save", "--file", saved, image["id"])
    with open(saved, "rb") as kept, open(data, "rb") as sent:
        check("its data comes back", kept.read() == sent.read())
    openstack("image", "delete", image["id"])
    refused("No Image found", openstack, "image", "show", image["id"])
    all_used("openstack", commands_of("openstack.image.v2"))


@part
def images():
    image = made("--name", "two", "--visibility", "shared")
    glance("image-upload", "--file", data, image)
    check("an image is uploaded", field(glance("image-show", image), "status") == "active")
    check("it is listed", image in glance("image-list", "--limit", "100"))
    check("it is changed", field(glance("image-update", image, "--name", "dos", "--property", "k=v"), "k") == "v")
    glance("image-tag-update", image, "tag")
    check("it is tagged", "tag" in glance("image-show", image))
    glance("image-tag-delete", image, "tag")
    glance("image-deactivate", image)
    check("it is deactivated", field(glance("image-show", image), "status") == "deactivated")
    glance("image-reactivate", image)
    glance("image-download", "--file", os.path.join(folder, "got"), image)
    check("it is downloaded", os.path.getsize(os.path.join(folder, "got")) == 16384)
    check("its attributes are explained", "container_format" in glance("explain", "image"))
    glance("member-create", image, "somebody")
    check("it is shared", "somebody" in glance("member-list", "--image-id", image))
    check("with one that waits", "pending" in glance("member-get", image, "somebody"))
    glance("member-update", image, "somebody", "accepted")
    check("and takes it", "accepted" in glance("member-list", "--image-id", image))
    glance("member-delete", image, "somebody")
    check("and is forgotten", "somebody" not in glance("member-list", "--image-id", image))
    for words in (("location-add", "--url", "http://example.org/x", image), ("location-update", "--url", "http://example.org/x", image), ("location-delete", "--url", "http://example.org/x", image)):
        refused("locations", glance, *words)
    check("its use is counted", "image_size_total" in glance("usage"))
    glance("image-delete", image)
    refused("No image found", glance, "image-show", image)


@part
def imports():
    check("ways to import are told", "web-download" in glance("import-info"))
    check("stores are told", '"two"' in glance("stores-info").replace("'", '"') or "two" in glance("stores-info"))
    image = made("--name", "three")
    glance("image-stage", "--file", data, image)
    glance("image-import", image, "--import-method", "glance-direct", "--stores", "one,two")
    check("staged data is imported", active(image))
    check("its task is told", "success" in glance("image-tasks", image))
    glance("stores-delete", "--store", "one", image)
    check("a store is emptied", field(glance("image-show", image), "stores") == "two")
    glance("image-create-via-import", "--name", "four", "--disk-format", "raw", "--container-format", "bare", "--import-method", "web-download", "--uri", f"http://127.0.0.1:{port}/disk")
    task = glance("task-create", "--type", "import", "--input",
                  '{"import_from": "http://127.0.0.1:%d/disk", "import_from_format": "raw", "image_properties": {"name": "five", "disk_format": "raw", "container_format": "bare"}}' % port)
    check("a task succeeds", eventually(lambda: field(glance("task-show", field(task, "id")), "status") == "success"))
    check("tasks are listed", field(task, "id") in glance("task-list"))


@part
def locations():
    """The installed clients have no words for it: their library asks."""
    service = sdk.connect().image
    image = made("--name", "placed")
    place = f"http://127.0.0.1:{port}/disk"
    answer = service.post(f"/images/{image}/locations", json={"url": place, "validation_data": {}})
    check("a new image's place is said", answer.status_code == 202)
    check("it is active", active(image))
    check("its hash is made behind", eventually(lambda: service.get(f"/images/{image}").json()["os_hash_value"] == hashlib.sha512(bytes(range(256)) * 64).hexdigest()))
    check("its task is told", "success" in glance("image-tasks", image))
    check("services are told where it is", service.get(f"/images/{image}/locations").json() == [{"url": place, "metadata": {"store": "web"}}])
    glance("image-download", "--file", os.path.join(folder, "placed"), image)
    check("it is downloaded", os.path.getsize(os.path.join(folder, "placed")) == 16384)
    check("it is said once", service.post(f"/images/{image}/locations", json={"url": place}).status_code == 409)
    glance("image-delete", image)


@part
def cache():
    image = made("--name", "six", "--file", data)
    direct = ("--os-image-url", url)
    glance(*direct, "cache-queue", image)
    check("an image is queued or cached", eventually(lambda: re.search(rf"{image}\s+\|\s+cached", glance(*direct, "cache-list"))))
    glance(*direct, "cache-delete", image)
    check("and removed", image not in glance(*direct, "cache-list"))
    glance(*direct, "cache-queue", image)
    glance(*direct, "cache-clear")
    check("the cache is cleared", image not in glance(*direct, "cache-list"))


@part
def definitions():
    space = ("My::Space",)
    glance("md-namespace-create", *space, "--visibility", "public", "--description", "d")
    check("the catalog is there", "OS::Compute::Libvirt" in glance("md-namespace-list"))
    check("a namespace is changed", "new" in glance("md-namespace-update", *space, "--description", "new", "--visibility", "public"))
    check("and shown", "new" in glance("md-namespace-show", *space))
    with open(os.path.join(folder, "space.json"), "w") as file:
        file.write('{"namespace": "My::Other", "properties": {"p": {"title": "P", "type": "string"}}}')
    check("one is read from a file", "My::Other" in glance("md-namespace-import", "--file", os.path.join(folder, "space.json")))
    check("types are listed", "OS::Nova::Flavor" in glance("md-resource-type-list"))
    glance("md-resource-type-associate", *space, "--name", "OS::Nova::Flavor", "--prefix", "hw:")
    check("a type is associated", "hw:" in glance("md-namespace-resource-type-list", *space))
    glance("md-resource-type-deassociate", *space, "OS::Nova::Flavor")
    schema = '{"type": "string", "description": "%s"}'
    glance("md-property-create", *space, "--name", "prop", "--title", "T", "--schema", schema % "a")
    glance("md-property-update", *space, "prop", "--title", "T2", "--schema", schema % "b")
    check("a property is shown", "T2" in glance("md-property-show", *space, "prop"))
    check("and listed", "prop" in glance("md-property-list", *space))
    glance("md-property-delete", *space, "prop")
    glance("md-namespace-properties-delete", *space)
    glance("md-object-create", *space, "--name", "obj", "--schema", '{"properties": {"x": {"title": "X", "type": "string"}}}')
    glance("md-object-update", *space, "obj", "--name", "obj", "--schema", '{"properties": {"x": {"title": "XX", "type": "string"}}}')
    check("an object is shown", '["x"]' in glance("md-object-show", *space, "obj"))
    check("with its property", "XX" in glance("md-object-property-show", *space, "obj", "x"))
    check("and listed", "obj" in glance("md-object-list", *space))
    glance("md-object-delete", *space, "obj")
    glance("md-namespace-objects-delete", *space)
    glance("md-tag-create", *space, "--name", "tag")
    glance("md-tag-create-multiple", *space, "--names", "a,b", "--delim", ",")
    glance("md-tag-update", *space, "a", "--name", "c")
    check("a tag is shown", "c" in glance("md-tag-show", *space, "c"))
    check("and listed", "| b" in glance("md-tag-list", *space))
    glance("md-tag-delete", *space, "c")
    glance("md-namespace-tags-delete", *space)
    glance("md-namespace-delete", "My::Other")
    glance("md-namespace-delete", *space)
    refused("not found", glance, "md-namespace-show", *space)


from glanceclient.v2 import shell as glances  # noqa: E402
all_used("glance", sorted(name[3:].replace("_", "-") for name in dir(glances) if name.startswith("do_")))
finish()
