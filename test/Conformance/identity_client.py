#!/usr/bin/env python3
"""Every command of identity that the installed command line has, once against a cloud, in one process.

identity_client.py OPENRC SECRETS: as its user. A command that this file forgets is a failure; those of federation are named as absent. Every
secret that was used or given is written into the file SECRETS, one a line: no log may hold one.
"""
import contextlib
import io
import json
import os
import re
import subprocess
import sys
import uuid
import warnings
from importlib.metadata import entry_points

warnings.simplefilter("ignore")
from openstackclient import shell

ABSENT = ("federation_", "identity_provider_", "mapping_", "service_provider_")
passed = failed = 0
hidden = []
exercised = set()
known = {tuple(e.name.split("_")) for e in entry_points(group="openstack.identity.v3")}


def check(name, good, why=""):
    global passed, failed
    passed, failed = passed + bool(good), failed + (not good)
    print(f"ok   {name}" if good else f"FAIL {name}: {why}")


def hide(secret):
    """The secret, remembered."""
    hidden.append(secret)
    return secret


def fresh():
    return hide("hush-" + uuid.uuid4().hex)


class Client:
    """One start of the command line, then many commands."""

    def __init__(self, **settings):
        for name in [n for n in os.environ if n.startswith("OS_")]:
            del os.environ[name]
        os.environ.update(settings)
        self.shell = shell.OpenStackShell()
        self.first = True

    def run(self, *words):
        out, err = io.StringIO(), io.StringIO()
        self.shell.stdout, self.shell.stderr = out, err
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            # The first one logs in and loads the commands; debug makes an error an exception.
            code = self.shell.run(list(words)) if self.first else self.shell.run_subcommand(list(words))
        self.first = False
        return code, out.getvalue(), err.getvalue()

    def __call__(self, text, *words, give=None):
        """`text` holds the command and its plain options; `words` come after. With `give` what is shown comes back, and its column of that name."""
        words = text.split() + [part for w in words for part in (str(w).split() if str(w).startswith("--") else [str(w)])]
        command = max((k for k in known if tuple(words[: len(k)]) == k), key=len, default=None)
        if command is not None:
            exercised.add(command)
        show = give is not None
        try:
            code, out, err = self.run(*words, *(["-f", "json"] if show else []))
        except BaseException as e:
            code, out, err = 1, "", repr(e)
        check(" ".join(words[: len(command)] if command else words), code == 0, f"{words} {out} {err}"[-600:])
        if not show:
            return out
        try:
            shown = json.loads(out)
        except ValueError:
            return None if give else []
        return shown if not give or isinstance(shown, list) else shown.get(give)


def as_user(command, settings):
    """In a process of its own: the library keeps the first user's connections with its classes."""
    done = subprocess.run(["openstack", *command.split()], capture_output=True, text=True, env={"PATH": "/usr/bin:/bin"} | settings)
    exercised.add(max((k for k in known if tuple(command.split()[: len(k)]) == k), key=len))
    check(" ".join(command.split()[:3]), done.returncode == 0, done.stderr[-600:])
    return done.stdout


def people(c, password):
    domain = c("domain create --description d dom", give="id")
    c("domain set --description changed dom")
    check("the domain changed", c("domain show dom", give="description") == "changed")
    check("the domain is listed", any(d["ID"] == domain for d in c("domain list", give="")))
    project = c("project create --domain dom --property colour=red --tag t1 proj", give="id")
    c("project set --domain dom --name proj2 --tag t2", project)
    check("the project has its tags", set(c("project show", project, give="tags")) == {"t1", "t2"})
    check("the project is found by a tag", [p["ID"] for p in c("project list --domain dom --tags t2", give="")] == [project])
    user = c("user create --domain dom --project", project, "--password", password, "--email", "e@example.org", "usr", give="id")
    c("user set --domain dom --email f@example.org", user)
    check("the user changed", c("user show", user, give="email") == "f@example.org")
    check("the user is listed", [u["ID"] for u in c("user list --domain dom", give="")] == [user])
    group = c("group create --domain dom grp", give="id")
    c("group set --description changed", group)
    check("the group changed", c("group show", group, give="description") == "changed")
    c("group list --domain dom", give="")
    c("group add user", group, user)
    check("the group contains the user", "usr in group grp" in c(f"group contains user --group-domain dom --user-domain dom grp usr"))
    c("group remove user", group, user)
    return domain, project, user, group


def roles(c, project, user):
    one, two = c("role create one", give="id"), c("role create --description d two", give="id")
    c("role set --name uno", one)
    check("the role changed", c("role show uno", give="id") == one)
    check("the role is listed", {one, two} <= {r["ID"] for r in c("role list", give="")})
    c("implied role create uno --implied-role two", give="")
    check("the implied role is listed", any(r["Prior Role ID"] == one and r["Implied Role ID"] == two for r in c("implied role list", give="")))
    c("role add --project", project, "--user", user, "uno")
    effective = c("role assignment list --effective --project", project, "--user", user, give="")
    check("the implied role is effective", {r["Role"] for r in effective} == {one, two}, effective)
    c("implied role delete uno --implied-role two")
    c("role remove --project", project, "--user", user, "uno")
    c("role delete uno two")


def catalog(c, project):
    region = c("region create --description d elsewhere", give="region")
    c("region set --description changed elsewhere")
    check("the region changed", c("region show elsewhere", give="description") == "changed")
    check("the region is listed", any(r["Region"] == region for r in c("region list", give="")))
    service = c("service create --name svc kind", give="id")
    c("service set --description changed", service)
    check("the service changed", c("service show", service, give="description") == "changed")
    check("the service is listed", any(s["ID"] == service for s in c("service list", give="")))
    endpoint = c("endpoint create --region elsewhere", service, "public", "http://example.org/%(tenant_id)s", give="id")
    c("endpoint set --url http://example.org/v2", endpoint)
    check("the endpoint changed", c("endpoint show", endpoint, give="url") == "http://example.org/v2")
    c("endpoint add project", endpoint, project)
    check("the endpoint is the project's", [e["ID"] for e in c("endpoint list --project", project, give="")] == [endpoint])
    c("endpoint remove project", endpoint, project)
    with open("filters.json", "w") as file:
        json.dump({"service_id": service}, file)
    group = c("endpoint group create --description d eps filters.json", give="id")
    c("endpoint group set --description changed", group)
    check("the endpoint group changed", c("endpoint group show", group, give="description") == "changed")
    c("endpoint group add project", group, project)
    check("the endpoint group is the project's", [g["ID"] for g in c("endpoint group list --project", project, give="")] == [group])
    c("endpoint group remove project", group, project)
    c("endpoint group delete", group)
    check("identity is in the catalog", any(s["Type"] == "identity" for s in c("catalog list", give="")))
    check("the catalog shows identity", c("catalog show identity", give="type") == "identity")
    return region, service, endpoint


def limits(c, service, project):
    registered = c("registered limit create --service", service, "--default-limit", 10, "things", give="id")
    c("registered limit set --default-limit 20", registered, give="")
    check("the registered limit changed", c("registered limit show", registered, give="default_limit") == 20)
    check("the registered limit is listed", any(r["ID"] == registered for r in c("registered limit list", give="")))
    limit = c("limit create --project", project, "--service", service, "--resource-limit", 5, "things", give="id")
    c("limit set --resource-limit 6", limit, give="")
    check("the limit changed", c("limit show", limit, give="resource_limit") == 6)
    c("limit list", give="")
    c("limit delete", limit)
    c("registered limit delete", registered)


def secrets(c, rc, user):
    project = rc["OS_PROJECT_NAME"]
    credential = c("credential create --type cert", user, fresh(), give="id")
    blob = fresh()
    c("credential set --type x --data", blob, "--user", user, credential)
    check("the credential changed", c("credential show", credential, give="blob") == blob)
    check("the credential is listed", any(r["ID"] == credential for r in c("credential list", give="")))
    c("credential delete", credential)
    keys = c("ec2 credentials create", give="")
    access, _ = keys["access"], hide(keys["secret"])
    check("the ec2 keys are shown", c("ec2 credentials show", access, give="access") == access)
    check("the ec2 keys are listed", any(r["Access"] == access for r in c("ec2 credentials list", give="")))
    c("ec2 credentials delete", access)
    c("application credential create --secret", fresh(), "--access-rules", json.dumps([{"service": "compute", "method": "GET", "path": "/v2.1/servers"}]), "appcred", give="id")
    check("the application credential is shown", c("application credential show appcred", give="name") == "appcred")
    check("the application credential is listed", any(r["Name"] == "appcred" for r in c("application credential list", give="")))
    rule = c("access rule list", give="")[0]["ID"]
    check("the access rule is shown", c("access rule show", rule, give="path") == "/v2.1/servers")
    c("application credential delete appcred")
    c("access rule delete", rule)
    trust = c("trust create --project", project, "--role member --impersonate", rc["OS_USERNAME"], user, give="id")
    check("the trust is shown", c("trust show", trust, give="id") == trust)
    check("the trust is listed", any(r["ID"] == trust for r in c("trust list", give="")))
    c("trust delete", trust)
    policy_file = "policy.json"
    with open(policy_file, "w") as file:
        file.write("{}")
    policy = c("policy create --type application/json", policy_file, give="id")
    c("policy set --type text/plain", policy)
    check("the policy changed", c("policy show", policy, give="type") == "text/plain")
    check("the policy is listed", any(r["ID"] == policy for r in c("policy list", give="")))
    c("policy delete", policy)


def oauth(c, rc):
    consumer = c("consumer create --description d", give="")
    hide(consumer["secret"])
    c("consumer set --description changed", consumer["id"])
    check("the consumer changed", c("consumer show", consumer["id"], give="description") == "changed")
    check("the consumer is listed", any(r["ID"] == consumer["id"] for r in c("consumer list", give="")))
    project = c("project show", rc["OS_PROJECT_NAME"], give="id")
    asked = c("request token create --consumer-key", consumer["id"], "--consumer-secret", consumer["secret"], "--project", project, give="")
    hide(asked["secret"])
    verifier = c("request token authorize --request-key", asked["id"], "--role member", give="oauth_verifier")
    given = c("access token create --consumer-key", consumer["id"], "--consumer-secret", consumer["secret"], "--request-key", asked["id"],
              "--request-secret", asked["secret"], "--verifier", verifier, give="")
    check("the access token has a secret", given and hide(given["secret"]), given)
    c("consumer delete", consumer["id"])


def main(path, secrets_file):
    rc = dict(re.findall(r"^export (OS_[A-Z0-9_]+)='?([^'\n]*)'?$", open(path).read(), re.M))
    os.chdir(os.path.dirname(os.path.abspath(path)))
    c = Client(**rc)
    hide(rc["OS_PASSWORD"])
    check("a token is issued", hide(c("token issue", give="id")))
    first, second = fresh(), fresh()
    domain, project, user, group = people(c, first)
    roles(c, project, user)
    region, service, endpoint = catalog(c, project)
    limits(c, service, project)
    secrets(c, rc, user)
    oauth(c, rc)
    # The user, for what users do themselves.
    c("role add --project", project, "--user", user, "member")
    own = {k: v for k, v in rc.items() if k in ("OS_AUTH_URL", "OS_IDENTITY_API_VERSION", "OS_REGION_NAME")} | {
        "OS_USERNAME": "usr", "OS_USER_DOMAIN_NAME": "dom", "OS_PROJECT_ID": project}
    as_user(f"user password set --original-password {first} --password {second}", own | {"OS_PASSWORD": first})
    token = hide(as_user("token issue -f value -c id", own | {"OS_PASSWORD": second}).strip())
    as_user("token revoke " + token, own | {"OS_PASSWORD": second})
    c("endpoint delete", endpoint)
    c("service delete", service)
    c("region delete", region)
    c("group delete", group)
    c("user delete", user)
    c("project delete", project)
    c("domain set --disable", domain)
    c("domain delete", domain)
    absent = {k for k in known if "_".join(k).startswith(ABSENT)}
    forgotten = known - exercised - absent
    check(f"none of {len(known) - len(absent)} commands is forgotten", not forgotten, sorted(" ".join(k) for k in forgotten))
    with open(secrets_file, "a") as file:
        file.writelines(f"{s}\n" for s in hidden if s)
    print(f"absent, as federation is: {', '.join(sorted({'_'.join(k).rsplit('_', 1)[0].replace('_', ' ') for k in absent}))}")
    print(f"{passed} passed, {failed} failed, 0 skipped")
    return failed > 0


sys.exit(main(*sys.argv[1:]))
