"""Kills Nephos at every point of making and removing a server, with everything real, and looks at what is left after the next start.

points.py WORK-FOLDER NAMESPACE [--part N/OF] [--skip COUNT] [--moments COUNT] [--only TEXT] [--list] -- OPTIONS-OF-UP

A point is a step of an operation or of the node (before it, inside: done and not written down, after it), a program that Nephos runs on the
host (before it, inside, after it), or a moment. All of Nephos dies at once, as with the host's power; or alone the process that is at work.
"""
import os
import pwd
import random
import sys
import time
from dataclasses import dataclass
from itertools import zip_longest

from cloud import Cloud, Gone, Refused, until
from world import World, differences

PLACES = ("before", "inside", "after")
OPERATION = {"create": "CreateServer", "delete": "DeleteServer"}
# What of the node's work belongs to making a server, and what to removing it.
NODE = {"create": ("switch", "dhcp", "Define", "Power"), "delete": ("Remove", "remove-port", "remove-members", "remove-group", "dhcp")}


@dataclass(frozen=True)
class Point:
    verb: str  # create, delete
    kind: str  # step, program, moment
    name: str
    where: str
    alone: bool = False
    fails: bool = False  # the server cannot be built, so that steps are taken back

    def __str__(self):
        return f"{self.verb} {self.kind} {self.name} {self.where}{' alone' if self.alone else ''}"


class Lives:
    """A cloud that dies again and again."""

    def __init__(self, cloud, world):
        self.cloud, self.world, self.passed, self.failed = cloud, world, 0, 0

    def prepare(self, disk):
        """An image of nothing, a flavor as small as can be, and one life of a server, which leaves what a project gets with its first one."""
        cloud = self.cloud
        cloud.start()
        cloud.log_in("admin-openrc")
        self.flavor = cloud.call("POST", "/compute/v2.1/flavors", {"flavor": {"name": "speck", "ram": 16, "vcpus": 1, "disk": 1}})["flavor"]["id"]
        cloud.log_in()
        self.image, self.lost = cloud.image("nothing", disk), cloud.image("lost", disk)
        os.unlink(f"{cloud.state}/controller/images/{self.lost}")
        self.network = cloud.get("/network/v2.0/networks?name=private")["networks"][0]["id"]
        self.create()
        self.settle()
        self.delete()
        self.settle()
        self.before = self.world.look()

    # The verbs

    def create(self, fails=False):
        self.cloud.call("POST", "/compute/v2.1/servers", {"server": {
            "name": "vm", "flavorRef": self.flavor, "imageRef": self.lost if fails else self.image, "networks": [{"uuid": self.network}], "config_drive": True}})

    def delete(self, _=False):
        for server in self.cloud.servers():
            self.cloud.call("DELETE", "/compute/v2.1/servers/" + server["id"])

    def under_way(self):
        return self.world.unfinished() + [f"server {s['status']}, {s['OS-EXT-STS:task_state']}" for s in self.cloud.servers() if s["status"] == "BUILD" or s["OS-EXT-STS:task_state"]]

    def rests(self):
        try:
            return not self.under_way()
        except (Gone, Refused):
            return False

    def settle(self):
        until(self.rests, 120, lambda: f"not at rest: {self.under_way()}")

    # The points

    def points(self, verb):
        self.forget_bases()
        self.cloud.count()
        getattr(self, verb)()
        self.settle()
        ran = self.cloud.disarm()
        programs = len(ran)
        if verb == "create":
            self.check_users(ran)
        for where in PLACES:
            for alone in (False, True):
                yield from (Point(verb, "step", f"{OPERATION[verb]}/{step}", where, alone) for step in self.world.steps(OPERATION[verb]))
                yield from (Point(verb, "step", f"Node/{step}", where, alone) for step in NODE[verb])
                yield from (Point(verb, "program", str(number), where, alone) for number in range(1, programs + 1))

    def check_users(self, ran):
        """Whom a hostile image takes over owns nothing of a guest's."""
        for program, user in ((" convert ", "nephos-image"), (" qemu-system-x86_64 ", "nephos-guest")):
            lines = [line for line in ran if program in line]
            if not lines or any(f"--reuid {pwd.getpwnam(user).pw_uid} " not in line for line in lines):
                raise AssertionError(f"{program.strip()} does not run as {user}: {lines}")

    def points_of_undoing(self):
        self.create(fails=True)
        self.settle()
        steps = sorted({s for s in self.world.steps(OPERATION["create"]) if s.startswith("undo-")})
        self.delete()
        self.settle()
        return [Point("create", "step", f"{OPERATION['create']}/{step}", where, alone, fails=True) for step in steps for where in PLACES for alone in (False, True)]

    def forget_bases(self):
        """So that the next server's has to be fetched."""
        for name in os.listdir(self.cloud.state + "/node/bases"):
            os.unlink(f"{self.cloud.state}/node/bases/{name}")

    # Lives and deaths

    def live(self, create, delete):
        """A server is made and removed; Nephos dies at a point of each, unless that is None."""
        self.forget_bases()
        if create:
            self.die(create)
        else:
            self.create()
        self.settle()
        result = self.built(create)
        # One that was not answered may not have been heard.
        if not delete or not self.die(delete) and self.heard_of_nothing():
            self.delete()
        self.settle()
        if servers := self.cloud.servers():
            raise AssertionError(f"the server is not gone: {servers[0]['status']}")
        until(lambda: not differences(self.before, self.world.look()), 20, lambda: "left behind:\n     " + "\n     ".join(differences(self.before, self.world.look())))
        return result

    def heard_of_nothing(self):
        self.settle()
        return bool(self.cloud.servers())

    def die(self, point):
        """Does it, dies there, lives again. False if what was asked for was not answered."""
        cloud, answered = self.cloud, True
        cloud.arm(point)
        try:
            getattr(self, point.verb)(point.fails)
            if point.kind == "moment":
                time.sleep(float(point.name))
                cloud.kill()
        except Gone:
            answered = False
        until(lambda: cloud.dead() or self.rests(), 60, lambda: f"neither dies nor rests: {self.under_way()}")
        # It may have come to rest just before it dies.
        if point.kind == "step":
            until(cloud.dead, 10, "it never came there")
        time.sleep(0.05)
        cloud.disarm()
        if not cloud.dead():
            return answered
        if point.alone and cloud.process.poll() is None:
            cloud.reborn()
        else:
            if not point.alone:
                cloud.kill()
            cloud.process.wait()
            cloud.start()
        return answered

    def built(self, point):
        servers = self.cloud.servers()
        if not servers and point:
            return "absent"
        [server] = servers
        status, fault = server["status"], server.get("fault", {}).get("message")
        if not (status == "ACTIVE" and not (point and point.fails) or status == "ERROR" and fault):
            raise AssertionError(f"the server is {status}, fault {fault}")
        running = [p for p in self.world.processes() if p.endswith("/guest/" + server["id"])]
        if len(running) != (status == "ACTIVE"):
            raise AssertionError(f"the server is {status} and its processes are {running}")
        return status if status == "ACTIVE" or point and point.fails else f"ERROR: {fault}"

    def try_to_live(self, create, delete):
        began, names = time.monotonic(), [str(p) for p in (create, delete) if p]
        try:
            result = self.live(create, delete)
            self.passed += len(names)
            print(f"ok   {', '.join(names)}: {result} ({time.monotonic() - began:.1f} s)", flush=True)
        except Exception as error:
            self.failed += 1
            print(f"FAIL {', '.join(names)}: {type(error).__name__} {error}", *self.cloud.errors(), sep="\n     ", flush=True)
            self.recover()

    def recover(self):
        """One failure must not make all others fail."""
        self.cloud.disarm()
        self.cloud.kill()
        self.cloud.start()
        self.delete()
        until(lambda: not self.cloud.servers(), 30, "the server does not go")
        self.settle()
        time.sleep(2)
        self.before = self.world.look()


def main():
    words, options = sys.argv[1:sys.argv.index("--")], sys.argv[sys.argv.index("--") + 1:]
    option = lambda name, default: words[words.index(name) + 1] if name in words else default
    folder = words[0]
    cloud = Cloud(options, folder)
    lives = Lives(cloud, World(cloud, words[1]))
    os.system(f"qemu-img create -q -f qcow2 {folder}/disk.qcow2 1M")
    lives.prepare(open(folder + "/disk.qcow2", "rb").read())
    create, delete = list(lives.points("create")), list(lives.points("delete"))
    create += lives.points_of_undoing()
    chance = random.Random(option("--seed", None))
    for points, verb in ((create, "create"), (delete, "delete")):
        points[:] = [p for p in points if option("--only", "") in str(p)]
        points += [Point(verb, "moment", f"{chance.random() * 1.2:.3f}", "any") for _ in range(int(option("--moments", "0")))]
    part, parts = map(int, option("--part", "0/1").split("/"))
    pairs = list(zip_longest(create, delete))[part % parts::parts][int(option("--skip", "0")):]
    for pair in pairs:
        print(*pair, sep="; ") if "--list" in words else lives.try_to_live(*pair)
    cloud.stop()
    print(f"{lives.passed} passed, {lives.failed} failed, 0 skipped")
    return 1 if lives.failed else 0


sys.exit(main())
