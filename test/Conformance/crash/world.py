"""What there is of a cloud: on its host, in its folder, in its database. Two looks are compared to find what was left behind."""
import collections
import functools
import hashlib
import json
import os
import re
import sqlite3
import subprocess

# They tell what was, and grow.
HISTORY = ("_operations", "_operation_steps", "_instance_actions", "_tombstones", "_events", "_counters", "_changes", "_incarnations", "_migrations", "_quota_usage", "_node_items")
COUNTERS = re.compile(r" ?\[[0-9]+:[0-9]+\]")


def run(*command):
    return subprocess.run(command, capture_output=True, text=True).stdout


class World:
    def __init__(self, cloud, namespace):
        self.state, self.namespace = cloud.state, namespace

    @functools.cached_property
    def cloud(self):
        return open(self.state + "/cloud-id").read().strip()

    def look(self):
        """Everything that must be as before once a server is gone, as lines; each with how often it is there."""
        return collections.Counter([*self.processes(), *self.networks(self.namespace), *self.namespaces(), *self.groups(), *self.files(), *self.rows()])

    def processes(self):
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                found = re.search(rb"(?:^|\0)NEPHOS_OWNER=(" + self.cloud.encode() + rb"/(?!role/)[^\0]*)", open(f"/proc/{pid}/environ", "rb").read())
                if found and " Z" not in open(f"/proc/{pid}/stat").read().rpartition(")")[2][:2]:
                    yield "process " + found[1].decode()
            except OSError:
                pass  # It ended while we looked.

    def networks(self, namespace):
        inside = ("nsenter", "--net=/run/netns/" + namespace)
        for link in json.loads(run(*inside, "ip", "-j", "-d", "address") or "[]"):
            addresses = sorted(a["local"] for a in link["addr_info"] if a["scope"] != "link")
            yield f"link of {namespace}: {link['ifname']} {link.get('ifalias')} master {link.get('master')} mtu {link['mtu']} {link['operstate']} {addresses}"
        for route in run(*inside, "ip", "route").splitlines():
            yield f"route of {namespace}: {route.strip()}"
        for tool in ("iptables", "ip6tables", "ebtables"):
            table = ""
            for line in run(*inside, tool + "-save").splitlines():
                if line.startswith("*"):
                    table = line[1:]
                elif line[:1] in (":", "-"):
                    yield f"{tool} of {namespace}: {table} {COUNTERS.sub('', line)}"
        for line in run(*inside, "ipset", "save").splitlines():
            yield f"set of {namespace}: {re.sub(' (hashsize|bucketsize|initval) [^ ]+', '', line)}"
        yield f"forwarding of {namespace}: " + run(*inside, "sysctl", "-n", "net.ipv4.ip_forward", "net.ipv6.conf.default.accept_ra").replace("\n", " ")

    def namespaces(self):
        for name in sorted(os.listdir("/run/netns")):
            if name != self.namespace and f"nephos:{self.cloud}:" in run("ip", "-n", name, "-d", "link", "show", "dev", "lo"):
                yield f"namespace {name}"
                yield from self.networks(name)

    def groups(self):
        for folder, folders, _ in os.walk("/sys/fs/cgroup"):
            if folder.endswith("/nephos"):
                folders[:] = [f for f in folders if f == self.cloud]
            elif folder.endswith("/nephos/" + self.cloud):
                yield from (f"group {folder}/{name}" for name in folders)

    def files(self):
        for top in (self.state + "/node", f"/run/nephos/{self.cloud}"):
            for folder, _, names in os.walk(top):
                yield f"folder {folder}"
                for name in names:
                    path = os.path.join(folder, name)
                    if "/bases/" in path and path.endswith(".raw"):
                        continue  # Kept for the next server.
                    # What DHCP servers read has to be right; the rest has to be there.
                    told = "/dhcp/" in path and name not in ("log", "leases", "pid") and os.path.isfile(path)
                    yield f"file {path}" + (" " + hashlib.md5(open(path, "rb").read()).hexdigest() if told else "")
        for name in os.listdir(self.state + "/controller/images"):
            yield f"image {name}"

    def rows(self):
        for table, columns in self.tables:
            if not table.endswith(HISTORY):
                living = " WHERE deleted_at IS NULL" if "deleted_at" in columns else \
                    " WHERE image_id IN (SELECT id FROM image_images WHERE deleted_at IS NULL)" if table.startswith("image_") and "image_id" in columns else ""
                yield f"rows of {table}: {self.query(f'SELECT COUNT(*) FROM {table}{living}')[0][0]}"
            if table.endswith("_node_items"):
                for kind, count in self.query(f"SELECT kind, COUNT(*) FROM {table} WHERE wanted = 1 GROUP BY kind"):
                    yield f"wanted {kind}: {count}"
            if table.endswith("_quota_usage"):
                yield from (f"usage of {table}: {row}" for row in self.query(f"SELECT * FROM {table} WHERE in_use <> 0 OR reserved <> 0"))

    def unfinished(self):
        """Operations under way, what nodes should have and is not worked out yet, and orders that the node has not confirmed."""
        lines = [f"network_stale: {row}" for row in self.query("SELECT kind, id FROM network_stale")]
        for table, _ in self.tables:
            if table.endswith("_operations"):
                lines += [f"{table}: {row}" for row in self.query(f"SELECT kind, status, step, resource FROM {table} WHERE ended_at IS NULL")]
            if table.endswith("_node_items"):
                lines += [f"{table}: {row}" for row in self.query(f"SELECT kind, id, wanted, error FROM {table} WHERE wanted = 0 AND (observed_present OR observed_generation < generation OR error IS NOT NULL)")]
        return lines

    def steps(self, kind):
        """The steps that the last operation of a kind has gone through."""
        return [r[0] for r in self.query("SELECT step FROM compute_operation_steps WHERE operation_id = (SELECT id FROM compute_operations WHERE kind = ? ORDER BY created_at DESC LIMIT 1) ORDER BY number", kind)]

    @functools.cached_property
    def tables(self):
        """Names, and the columns of each."""
        rows = self.query("SELECT m.name, p.name FROM sqlite_master m, pragma_table_info(m.name) p WHERE m.type = 'table' ORDER BY m.name")
        return [(table, [c for t, c in rows if t == table]) for table in sorted({t for t, _ in rows})]

    def query(self, sql, *values):
        db = sqlite3.connect(f"file:{self.state}/controller/nephos.db?mode=ro", uri=True, timeout=10)
        try:
            return db.execute(sql, values).fetchall()
        finally:
            db.close()


def differences(before, now):
    return [f"- {line}" for line in (before - now).elements()] + [f"+ {line}" for line in (now - before).elements()]
