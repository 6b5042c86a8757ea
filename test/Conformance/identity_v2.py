#!/usr/bin/env python3
"""Scripts of the time of v2.0 fill an identity: the same calls through the library that their command line was made of.

identity_v2.py URL TOKEN SECRETS: the URL of v2.0, the bootstrap token, and a file into which every secret goes that was used or given. Tenants, users with and without one, roles by name, services, endpoints with
three URLs; then the users log in, with and without a slash at the end, and their tokens are good in v3.
"""
import sys
import uuid
import warnings

warnings.simplefilter("ignore")
import requests
from keystoneclient.v2_0 import client

url, token, secrets_file = sys.argv[1:]
hidden = [token]
passed = failed = 0


def check(name, good, why=""):
    global passed, failed
    passed, failed = passed + bool(good), failed + (not good)
    print(f"ok   {name}" if good else f"FAIL {name}: {why}")


def fresh():
    hidden.append("hush-" + uuid.uuid4().hex)
    return hidden[-1]


def fill(k):
    tenants = {name: k.tenants.create(tenant_name=name) for name in ("adminTenant", "serviceTenant", "testTenant")}
    check("every tenant has an id", all(t.id for t in tenants.values()))
    boss = k.users.create(name="boss", password=boss_password, email="boss@example.org")
    tester = k.users.create(name="testuser", password=test_password, email="test@example.org", tenant_id=tenants["testTenant"].id)
    roles = {r.name: r for r in k.roles.list()}
    check("_member_ is there, though nobody made it", "_member_" in roles, roles.keys())
    check("whose tenant was named is a member of it", "_member_" in [r.name for r in k.roles.roles_for_user(tester, tenants["testTenant"])])
    for tenant in tenants.values():
        k.roles.add_user_role(boss, roles["admin"], tenant)
    serving = k.users.create(name="service_admin", password=fresh(), email="service@example.org")
    tenants["serviceTenant"].add_user(serving, roles["admin"])
    for name, kind, path in (("nova1", "compute1", ":8774/v2/%(tenant_id)s"), ("glance1", "image1", ":9292/v2")):
        service = k.services.create(name, kind, "described")
        address = "http://10.11.101.6" + path
        endpoint = k.endpoints.create("RegionOne", service.id, address, address, address)
        check(f"the endpoint of {kind} has its three URLs", [endpoint.publicurl, endpoint.internalurl, endpoint.adminurl] == [address] * 3, endpoint)
    return tenants


def log_in(tenants):
    for end in ("", "/"):
        mine = client.Client(username="testuser", password=test_password, tenant_name="testTenant", auth_url=url + end)
        check(f"testuser logs in at {url + end}", mine.auth_token)
        hidden.append(mine.auth_token)
        catalog = mine.service_catalog.get_endpoints(service_type="compute1")["compute1"][0]
        check("%(tenant_id)s is filled in", catalog["publicURL"].endswith(tenants["testTenant"].id), catalog)
        check("only own tenants are seen", [t.name for t in client.Client(token=mine.auth_token, endpoint=url).tenants.list()] == ["testTenant"])
    boss = client.Client(username="boss", password=boss_password, tenant_name="adminTenant", auth_url=url)
    check("the administrator is one", {t.name for t in client.Client(token=boss.auth_token, endpoint=url).tenants.list()} >= set(tenants))
    reply = requests.get(url.replace("v2.0", "v3") + "/users", headers={"X-Auth-Token": boss.auth_token}, timeout=30)
    check("the token is good in v3", reply.status_code == 200, reply.text)
    boss = client.Client(token=boss.auth_token, endpoint=url)
    tester = next(u for u in boss.users.list() if u.name == "testuser")
    another = fresh()
    boss.users.update_password(tester, another)
    check("with a new password the user logs in", client.Client(username="testuser", password=another, tenant_name="testTenant", auth_url=url).auth_token)
    boss.users.update_enabled(tester, False)
    try:
        client.Client(username="testuser", password=another, tenant_name="testTenant", auth_url=url)
        check("a disabled user is refused", False)
    except Exception as e:
        check("a disabled user is refused", getattr(e, "http_status", 0) == 401, e)


boss_password, test_password = fresh(), fresh()
log_in(fill(client.Client(token=token, endpoint=url)))
with open(secrets_file, "a") as file:
    file.writelines(f"{s}\n" for s in hidden)
print(f"{passed} passed, {failed} failed, 0 skipped")
sys.exit(failed > 0)
