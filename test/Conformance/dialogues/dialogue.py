#!/usr/bin/env python3
"""Holds a dialogue with a cloud, and compares its answers with those that another cloud gave.

dialogue.py FILE URL RECORD record     asks, and writes the answers into RECORD
dialogue.py FILE URL RECORD compare DIFFERENCES
                                       asks, and prints each difference that DIFFERENCES does not explain, and each explanation without one
With OS_AUTH_URL, OS_PASSWORD ... of an administrator in the environment; URL is the service's, without the version.

A dialogue has a request a line: [as NAME] METHOD PATH [{BODY}] [Header: VALUE;] [=> NAME=path.in.answer, ...]. $NAME stands for what was kept;
`as` for the token that was kept under the name (admin: the environment's; nobody: none). `text:VALUE` as body is sent as it is. Lines that
begin with # are headings. What differs from run to run (ids, times, addresses, secrets) is recorded as what it is, not what it says; the words
of error messages are not recorded at all.
"""
import json
import os
import re
import secrets
import sys
import urllib.error
import urllib.parse
import urllib.request
import uuid

UUID = re.compile(r"^(req-)?([0-9a-f]{32}|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$")
TIME = re.compile(r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?(Z|\+00:00)?$")
# Of these it counts that they are there.
HEADERS = ("x-subject-token", "location", "www-authenticate", "openstack-auth-receipt", "content-md5")
LINE = re.compile(r"^(?:as (?P<who>\S+) )?(?P<method>[A-Z]+) (?P<path>\S+)(?: (?P<body>\{.*\}|\[\{.*\}\]|\[\]|text:\S*))?(?: (?P<headers>[A-Z][A-Za-z-]+: [^;]*;(?: [A-Z][A-Za-z-]+: [^;]*;)*))?(?: => (?P<keep>.+))?$")


class Dialogue:
    def __init__(self, url):
        self.url = url.rstrip("/")
        # So that it can be held again with the same cloud.
        self.kept = {"run": "run" + secrets.token_hex(8), "fixed": str(uuid.uuid4())}

    def log_in(self):
        env = os.environ
        user = {"name": env["OS_USERNAME"], "password": env["OS_PASSWORD"], "domain": {"id": "default"}}
        scope = {"project": {"name": env["OS_PROJECT_NAME"], "domain": {"id": "default"}}}
        body = {"auth": {"identity": {"methods": ["password"], "password": {"user": user}}, "scope": scope}}
        request = urllib.request.Request(env["OS_AUTH_URL"] + "/auth/tokens", json.dumps(body).encode(), {"Content-Type": "application/json"})
        with urllib.request.urlopen(request) as answer:
            self.kept["admin"] = answer.headers["X-Subject-Token"]
            token = json.load(answer)["token"]
            self.kept |= {"admin_user": token["user"]["id"], "admin_project": token["project"]["id"]}

    def fill(self, text):
        return re.sub(r"\$([a-z][a-z0-9_]*)", lambda m: str(self.kept.get(m[1], m[0])), text)

    def ask(self, line):
        said = LINE.match(line)
        if not said:
            raise SystemExit(f"not understood: {line}")
        who, body = said["who"] or "admin", self.fill(said["body"] or "")
        request = urllib.request.Request(self.url + self.fill(said["path"]), method=said["method"])
        if body:
            request.data = (body[5:] if body.startswith("text:") else body).encode()
            request.add_header("Content-Type", "application/json")
        if who != "nobody":
            request.add_header("X-Auth-Token", self.kept.get(who, "unknown-" + who))
        for header in filter(None, (h.strip() for h in self.fill(said["headers"] or "").split(";"))):
            name, value = (part.strip() for part in header.split(":", 1))
            request.remove_header(name.capitalize())
            request.add_header(name, value or "absent")
        try:
            answer = urllib.request.build_opener(urllib.request.ProxyHandler({}), NoRedirect).open(request, timeout=120)
        except urllib.error.HTTPError as error:
            answer = error
        data = answer.read()
        try:
            content = json.loads(data) if data else None
        except ValueError:
            content = f"text of {len(data)}" if answer.status < 400 else "text"
        for keep in filter(None, (k.strip() for k in (said["keep"] or "").split(","))):
            name, _, path = keep.partition("=")
            self.kept[name] = answer.headers.get(path[7:], "") if path.startswith("header.") else dig(content, path)
        return answer.status, {h: self.plain(answer.headers[h]) if h == "location" else True for h in HEADERS if answer.headers.get(h)}, self.plain(content)

    def plain(self, value, name=""):
        """What would be the same in another cloud."""
        if isinstance(value, dict):
            if set(value) == {"error"} and isinstance(value["error"], dict):
                return {"error": {k: "<message>" if k == "message" else v for k, v in value["error"].items()}}
            return {self.plain(k): self.plain(v, k) for k, v in sorted(value.items()) if k not in ("catalog",)}
        if isinstance(value, list):
            return sorted((self.plain(v, name) for v in value), key=lambda v: json.dumps(v, sort_keys=True))
        if not isinstance(value, str):
            return value
        for kept, secret in sorted(self.kept.items(), key=lambda k: -len(str(k[1]))):
            if secret and len(str(secret)) >= 16:
                value = value.replace(str(secret), f"<{kept}>")
        value = value.replace(self.url, "<url>")
        value = re.sub(r"https?://[^/]+(/identity|/image)?(?=/v[23])", "<url>", value)
        if UUID.match(value):
            return "<id>"
        if TIME.match(value):
            return "<time>"
        if name == "description" and " " in value or name in ("secret", "blob", "oauth_token", "oauth_token_secret", "audit_ids") or len(value) > 150 or len(value.split()) > 3:
            return "<text>"
        return re.sub(r"[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "<id>", value)


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


def dig(content, path):
    for part in path.split("."):
        if content is None:
            return ""
        content = content[int(part)] if isinstance(content, list) and part.isdigit() and int(part) < len(content) else content.get(part) if isinstance(content, dict) else None
    return "" if content is None else content


def differences(there, here, path="body"):
    if isinstance(there, dict) and isinstance(here, dict):
        for key in sorted({*there, *here}):
            if key not in here:
                yield f"{path}.{key} is missing, there: {json.dumps(there[key])[:120]}"
            elif key not in there:
                yield f"{path}.{key} is not there, here: {json.dumps(here[key])[:120]}"
            else:
                yield from differences(there[key], here[key], f"{path}.{key}")
    elif isinstance(there, list) and isinstance(here, list) and len(there) == len(here):
        for number, pair in enumerate(zip(there, here)):
            yield from differences(*pair, f"{path}[{number}]")
    elif there != here:
        yield f"{path} is {json.dumps(here)[:160]}, there: {json.dumps(there)[:160]}"


def main():
    file, url, record, verb, *rest = sys.argv[1:]
    dialogue = Dialogue(url)
    dialogue.log_in()
    lines = [line.strip() for line in open(file) if line.strip() and not line.startswith("#")]
    if len(lines) != len(set(lines)):
        raise SystemExit("asked twice: " + next(l for l in lines if lines.count(l) > 1))
    answers = {line: dialogue.ask(line) for line in lines}
    if verb == "record":
        with open(record, "w") as out:
            out.write("{\n" + ",\n".join(f"{json.dumps(line)}: {json.dumps(answer, sort_keys=True)}" for line, answer in answers.items()) + "\n}\n")
        return 0
    recorded = json.load(open(record))
    # "REQUEST | DIFFERENCE -- why": both are the beginnings of what they explain; * for any request.
    explained = [tuple(p.strip() for p in re.split(r" \| | -- ", l.strip(), maxsplit=2)) for l in open(rest[0]) if l.strip() and not l.startswith("#")]
    used, passed, failed = set(), 0, 0
    for line in lines:
        if line not in recorded:
            print(f"FAIL {line}: not recorded")
            failed += 1
            continue
        (status, headers, body), (status_here, headers_here, body_here) = recorded[line], answers[line]
        found = [] if status == status_here else [f"status is {status_here}, there: {status}"]
        # Of a refusal it counts which; the service's error body is a format that tests of their own look after.
        if status < 400 or status_here == status:
            found += [*differences(headers, headers_here, "header"), *differences(body, body_here)]
        unknown = []
        for one in found:
            reasons = [e for e in explained if (e[0] == "*" or line.startswith(e[0])) and one.startswith(e[1])]
            used.update(reasons)
            unknown += [] if reasons else [one]
        passed, failed = passed + (not unknown), failed + bool(unknown)
        if unknown:
            print(f"FAIL {line}", *unknown, sep="\n     ")
    for entry in explained:
        if entry not in used:
            failed += 1
            print(f"FAIL no longer so: {' | '.join(entry[:2])}")
    print(f"{passed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


sys.exit(main())
