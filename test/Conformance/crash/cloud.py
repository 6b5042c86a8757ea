"""A real cloud that is started, used over HTTP, killed and started again."""
import http.client
import json
import os
import re
import subprocess
import time
import urllib.error
import urllib.request

PROGRAMS = ["ip", "nsenter", "setpriv", "prlimit", "qemu-img", "genisoimage"]


class Refused(Exception):
    """An answer that is no success."""
    def __init__(self, status, text):
        super().__init__(f"{status} {text[:300]}")
        self.status = status


class Gone(Exception):
    """Nobody answers."""


class Cloud:
    def __init__(self, options, work):
        self.options, self.state = options, options[options.index("--state") + 1]
        self.url = "http://" + options[options.index("--listen") + 1]
        self.shims = work + "/shims"
        # Where both processes read it, and may remove it.
        self.order = self.state + "/controller/die-here"
        self.process, self.controller, self.token, self.said = None, None, None, work + "/up.log"
        os.makedirs(self.shims)
        for program in PROGRAMS:
            os.symlink(os.path.dirname(os.path.abspath(__file__)) + "/shim", f"{self.shims}/{program}")

    # Life and death

    def start(self):
        environment = {**os.environ, "PATH": f"{self.shims}:{os.environ['PATH']}", "NEPHOS_CRASH": "@" + self.order}
        program = os.environ["NEPHOS_TOP"] + "/artifacts/bin/Nephos/release/nephos.dll"
        with open(self.said, "w") as said:
            self.process = subprocess.Popen(["dotnet", program, "up", "--crash-points", *self.options], env=environment, stdin=subprocess.DEVNULL, stdout=said, stderr=said)
        until(lambda: "The cloud answers at" in open(self.said).read() or self.process.poll() is not None, 60, "the cloud does not come up")
        if self.process.poll() is not None:
            raise AssertionError(f"it does not start: {open(self.said).read()}")
        self.controller = self.child("controller")

    def arm(self, point):
        """Makes it die there, once."""
        self.disarm()
        if point.kind == "step":
            write(self.order, f"{point.name}/{point.where}\n")
        elif point.kind == "program":
            write(self.shims + "/victims", f"{self.process.pid} {'' if point.alone else self.controller}\n")
            write(self.shims + "/armed", f"{point.name} {point.where}\n")

    def count(self):
        """Programs are counted from now on."""
        self.disarm()
        write(self.shims + "/armed", "1000000 never\n")

    def disarm(self):
        """Gives the programs that were run since."""
        ran = open(self.shims + "/log", errors="replace").read().splitlines() if os.path.exists(self.shims + "/log") else []
        for path in (self.order, self.shims + "/armed", self.shims + "/fired/at", self.shims + "/log"):
            if os.path.exists(path):
                os.unlink(path)
        if os.path.exists(self.shims + "/fired"):
            os.rmdir(self.shims + "/fired")
        return ran

    def dead(self):
        """Its node, or its controller: each is a process."""
        return self.process.poll() is not None or state_of(self.controller) in (None, "Z", "X")

    def kill(self):
        """As a power cut does."""
        for pid in (self.process.pid, self.controller, self.child("controller")):
            kill(pid)
        self.process.wait()
        until(lambda: state_of(self.controller) in (None, "Z", "X"), 10, "a killed process does not end")

    def reborn(self):
        """Its supervisor starts a controller that died alone."""
        until(lambda: self.child("controller") not in (None, self.controller), 30, "the controller is not started again")
        self.controller = self.child("controller")
        until(self.answers, 30, "the controller does not answer again")

    def answers(self):
        try:
            return bool(self.get("/compute/v2.1/flavors"))
        except (Gone, Refused):
            return False

    def stop(self):
        self.process.terminate()
        self.process.wait(60)

    def child(self, role):
        for pid in os.listdir("/proc"):
            if pid.isdigit():
                try:
                    if open(f"/proc/{pid}/cmdline").read().split("\0")[2:3] == [role] and f"\nPPid:\t{self.process.pid}\n" in open(f"/proc/{pid}/status").read():
                        return int(pid)
                except OSError:
                    pass  # It ended while we looked.
        return None

    def errors(self):
        """The last ones in its logs."""
        for name in ("controller/log/controller.log", "log/node.log", "log/nephos.log"):
            if os.path.exists(f"{self.state}/{name}"):
                yield from [line[:600].rstrip() for line in open(f"{self.state}/{name}") if '"level":"error"' in line][-3:]

    # The API

    def log_in(self, openrc="demo-openrc"):
        rc = dict(re.findall(r"^export (OS_\w+)='?([^'\n]*)'?$", open(f"{self.state}/{openrc}").read(), re.M))
        user = {"name": rc["OS_USERNAME"], "password": rc["OS_PASSWORD"], "domain": {"id": "default"}}
        scope = {"project": {"name": rc["OS_PROJECT_NAME"], "domain": {"id": "default"}}}
        self.token = None
        body = {"auth": {"identity": {"methods": ["password"], "password": {"user": user}}, "scope": scope}}
        self.token = self.open("POST", "/identity/v3/auth/tokens", json.dumps(body).encode(), "application/json").headers["X-Subject-Token"]

    def open(self, method, path, data=None, kind=None):
        request = urllib.request.Request(self.url + path, method=method, data=data)
        request.add_header("OpenStack-API-Version", "compute 2.93")
        if kind:
            request.add_header("Content-Type", kind)
        if self.token:
            request.add_header("X-Auth-Token", self.token)
        try:
            return urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=30)
        except urllib.error.HTTPError as error:
            raise Refused(error.code, error.read().decode(errors="replace")) from None
        except (OSError, http.client.HTTPException) as error:
            raise Gone(str(error)) from None

    def call(self, method, path, body=None):
        with self.open(method, path, None if body is None else json.dumps(body).encode(), "application/json") as answer:
            try:
                data = answer.read()
            except (OSError, http.client.HTTPException) as error:
                raise Gone(str(error)) from None
            return json.loads(data) if data else None

    def get(self, path):
        return self.call("GET", path)

    def servers(self):
        return self.get("/compute/v2.1/servers/detail")["servers"]

    def image(self, name, data):
        """The id of an image of a project's own."""
        image = self.call("POST", "/image/v2/images", {"name": name, "disk_format": "qcow2", "container_format": "bare"})["id"]
        self.open("PUT", f"/image/v2/images/{image}/file", data, "application/octet-stream").close()
        return image


def until(holds, seconds, otherwise):
    end = time.monotonic() + seconds
    while not (result := holds()):
        if time.monotonic() > end:
            raise AssertionError(otherwise() if callable(otherwise) else otherwise)
        time.sleep(0.03)
    return result


def write(path, text):
    """At one stroke."""
    with open(path + ".new", "w") as file:
        file.write(text)
    os.chmod(path + ".new", 0o644)
    os.rename(path + ".new", path)


def state_of(pid):
    try:
        return open(f"/proc/{pid}/stat").read().rpartition(")")[2].split()[0]
    except OSError:
        return None


def kill(pid):
    if pid:
        try:
            os.kill(pid, 9)
        except ProcessLookupError:
            pass
