"""Runs tests of Debian's Tempest against a cloud of ours and prints one line per test that did not pass, then the numbers.

tempest_run.py OPENRC WORK-FOLDER LIST [--guests] [--set SECTION.KEY=VALUE ...]

LIST holds names of tests, one per line (`#` begins a comment); one that is skipped or does not run did not pass either. With --guests
servers are real: Tempest logs in over SSH. --set changes a line of its configuration. With WRITE=FILE in the environment LIST is a file of regular expressions instead, and the tests that pass are written to FILE.
"""
import argparse
import configparser
import json
import os
import re
import subprocess
import sys
import urllib.request

import subunit
from testtools import StreamResult


def openrc(path):
    text = subprocess.run(["env", "-i", "bash", "-c", '. "$0"; env', path], capture_output=True, text=True, check=True).stdout
    return dict(line.split("=", 1) for line in text.splitlines() if line.startswith("OS_"))


class Cloud:
    def __init__(self, rc):
        self.url = rc["OS_AUTH_URL"].removesuffix("/identity")
        self.token = None
        user = {"name": rc["OS_USERNAME"], "password": rc["OS_PASSWORD"], "domain": {"id": "default"}}
        scope = {"project": {"name": rc["OS_PROJECT_NAME"], "domain": {"id": "default"}}}
        _, headers = self.call("POST", "/identity/v3/auth/tokens", {"auth": {"identity": {"methods": ["password"], "password": {"user": user}}, "scope": scope}})
        self.token = headers["X-Subject-Token"]

    def call(self, method, path, body=None):
        request = urllib.request.Request(self.url + path, method=method, data=None if body is None else json.dumps(body).encode())
        request.add_header("Content-Type", "application/json")
        if self.token:
            request.add_header("X-Auth-Token", self.token)
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request) as answer:
            data = answer.read()
            return json.loads(data) if data else None, answer.headers

    def get(self, path):
        return self.call("GET", path)[0]


def configuration(rc, folder, guests, changes):
    cloud = Cloud(rc)
    images = {i["name"]: i["id"] for i in cloud.get("/image/v2/images")["images"]}
    if "tempest-alt" not in images:
        body = {"name": "tempest-alt", "disk_format": "qcow2", "container_format": "bare", "visibility": "public"}
        images["tempest-alt"] = cloud.call("POST", "/image/v2/images", body)[0]["id"]
        source = urllib.request.Request(f"{cloud.url}/image/v2/images/{images['guest']}/file", headers={"X-Auth-Token": cloud.token})
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        data = opener.open(source).read()
        opener.open(urllib.request.Request(f"{cloud.url}/image/v2/images/{images['tempest-alt']}/file", method="PUT", data=data,
                                           headers={"X-Auth-Token": cloud.token, "Content-Type": "application/octet-stream"}))
    # What automatic networks are cut from.
    if not cloud.get("/network/v2.0/subnetpools?is_default=true")["subnetpools"]:
        pool = {"name": "tempest", "prefixes": ["10.200.0.0/16"], "default_prefixlen": 26, "is_default": True, "shared": True}
        cloud.call("POST", "/network/v2.0/subnetpools", {"subnetpool": pool})
    public = cloud.get("/network/v2.0/networks?name=public")["networks"][0]["id"]
    extensions = sorted(e["alias"] for e in cloud.get("/network/v2.0/extensions")["extensions"])
    newest = cloud.get("/compute/v2.1/")["version"]["version"]
    real, url = str(guests).lower(), cloud.url + "/identity/v3"
    settings = {
        "DEFAULT": {"log_dir": folder, "log_file": "tempest.log", "use_stderr": "false"},
        "oslo_concurrency": {"lock_path": folder + "/lock"},
        "auth": {"use_dynamic_credentials": "true", "create_isolated_networks": "true", "admin_username": "admin", "admin_project_name": "admin",
                 "admin_password": rc["OS_PASSWORD"], "admin_domain_name": "Default", "default_credentials_domain_name": "Default", "tempest_roles": "member"},
        "identity": {"auth_version": "v3", "uri": cloud.url + "/identity/v2.0", "uri_v3": url, "region": "RegionOne", "v3_endpoint_type": "public", "default_domain_id": "default"},
        "identity-feature-enabled": {"api_v2": "true", "api_v2_admin": "true", "application_credentials": "true", "access_rules": "true", "trust": "true",
                                     "domain_specific_drivers": "false", "security_compliance": "false"},
        "service_available": {"nova": "true", "neutron": "true", "glance": "true", "cinder": "false", "swift": "false", "horizon": "false"},
        "validation": {"run_validation": real, "image_ssh_user": "cirros", "connect_method": "floating", "connect_timeout": "120", "ping_timeout": "120", "ssh_timeout": "180"},
        "image": {"region": "RegionOne", "disk_formats": "qcow2,raw,ami,ari,aki,vhd,vmdk,vdi,iso,vhdx,ploop"},
        "image-feature-enabled": {"import_image": "true", "os_glance_reserved": "true"},
        "compute": {"region": "RegionOne", "image_ref": images["guest"], "image_ref_alt": images["tempest-alt"], "flavor_ref": "42", "flavor_ref_alt": "84",
                    "build_timeout": "180", "build_interval": "1" if guests else "0", "max_microversion": newest, "hypervisor_type": "QEMU" if guests else "fake",
                    "fixed_network_name": "private"},
        "compute-feature-enabled": {"resize": "false", "snapshot": "true", "cold_migration": "false", "live_migration": "false", "vnc_console": "false",
                                    "spice_console": "false", "console_output": "true", "rescue": "false", "suspend": "true", "pause": "true", "shelve": "false",
                                    "interface_attach": "true", "metadata_service": real, "config_drive": "true", "swap_volume": "false",
                                    "volume_multiattach": "false", "xenapi_apis": "true", "disk_config": "true", "scheduler_enabled_filters": "all"},
        "network": {"region": "RegionOne", "public_network_id": public, "floating_network_name": "public", "project_network_cidr": "10.100.0.0/16",
                    "project_network_mask_bits": "28", "build_timeout": "120"},
        "network-feature-enabled": {"api_extensions": ",".join(extensions), "ipv6": "true", "ipv6_subnet_attributes": "true", "port_security": "true", "floating_ips": "true"},
    }
    for change in changes:
        key, value = change.split("=", 1)
        settings[key.split(".")[0]][key.split(".", 1)[1]] = value
    config = configparser.RawConfigParser()
    config.optionxform = str
    for section, values in settings.items():
        if section != "DEFAULT":
            config.add_section(section)
        for key, value in values.items():
            config.set(section, key, value)
    os.makedirs(folder + "/etc", exist_ok=True)
    with open(folder + "/etc/tempest.conf", "w") as file:
        config.write(file)
    discover = os.path.dirname(os.path.abspath(__file__)) + "/discover"
    with open(folder + "/.stestr.conf", "w") as file:
        file.write(f"[DEFAULT]\ntest_path={discover}\ntop_dir={discover}\ngroup_regex=([^\\.]*\\.)*\n")


class Results(StreamResult):
    def __init__(self):
        super().__init__()
        self.status_of, self.text_of = {}, {}

    def status(self, test_id=None, test_status=None, file_name=None, file_bytes=None, **_):
        if not test_id:
            return
        if test_status in ("success", "fail", "skip", "uxsuccess", "xfail"):
            self.status_of[test_id] = test_status
        if file_bytes and file_name in ("traceback", "reason"):
            self.text_of[test_id] = self.text_of.get(test_id, "") + bytes(file_bytes).decode("utf-8", "replace")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("openrc"), parser.add_argument("folder"), parser.add_argument("list")
    parser.add_argument("--guests", action="store_true")
    parser.add_argument("--set", action="append", default=[])
    args = parser.parse_args()
    rc_file, folder, names = args.openrc, os.path.abspath(args.folder), args.list
    os.makedirs(folder, exist_ok=True)
    configuration(openrc(rc_file), folder, args.guests, args.set)
    os.chdir(folder)
    environment = {k: v for k, v in os.environ.items() if not k.startswith("OS_")} | {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}
    subprocess.run(["stestr", "init"], env=environment, capture_output=True)
    wanted = [line.split("#")[0].strip() for line in open(names)]
    wanted = [line for line in wanted if line]
    write = os.environ.get("WRITE")
    selection = ["--regex", "|".join(f"(?:{w})" for w in wanted)]
    if not write:
        # Names carry attributes in brackets that change with the package's release; only what stands before them is ours.
        with open("wanted", "w") as file:
            file.writelines(f"^{re.escape(w.split('[')[0])}(?:\\[|$)\n" for w in wanted)
        selection = ["--include-list", "wanted"]
    with open("results.subunit", "wb") as stream, open("errors", "wb") as errors:
        subprocess.run(["tempest", "run", "--config-file", "etc/tempest.conf", "--subunit", "--concurrency", os.environ.get("WORKERS", "2"), *selection],
                       env=environment, stdout=stream, stderr=errors)
    results = Results()
    with open("results.subunit", "rb") as stream:
        subunit.ByteStreamToStreamResult(stream, non_subunit_name="stdout").run(results)
    passed, failed, skipped = (sorted(t for t, s in results.status_of.items() if s == status) for status in ("success", "fail", "skip"))
    for test in failed:
        print(f"FAIL {test}: " + " | ".join(results.text_of.get(test, "").strip().splitlines()[-3:])[:600])
    # One that is listed and skipped, by itself or with its class, does not pass.
    absent = [] if write else sorted({w.split("[")[0] for w in wanted} - {t.split("[")[0] for t in passed + failed})
    for test in absent:
        own = (t for t in skipped if t.split("[")[0] == test or t == f"setUpClass ({test.rsplit('.', 1)[0]})")
        print(f"FAIL {test}: did not run. " + results.text_of.get(next(own, ""), "").strip()[:300])
    if write:
        with open(write, "w") as file:
            file.writelines(test.split("[")[0] + "\n" for test in passed if not test.startswith(("setUpClass", "tearDownClass")))
    if not results.status_of:
        print(open("errors", errors="replace").read()[-3000:])
    print(f"{len(passed)} passed, {len(failed) + len(absent)} failed, {len(skipped) if write else 0} skipped")
    return 1 if failed or absent or not passed else 0


sys.exit(main())
