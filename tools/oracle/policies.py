#!/usr/bin/env python3
"""Prints, as JSON, the rules that upstream's services declare: policies.py FOLDER SERVICE

FOLDER holds the sources of the newest nova, neutron, neutron-lib, keystone, glance and placement side by side (or Debian's unpacked
python3-* packages). Only the modules that declare rules are executed, and what they import besides is replaced by something that does nothing.
"""
import importlib
import importlib.abc
import importlib.machinery
import json
import os
import pkgutil
import sys
import types
from unittest import mock

PACKAGES = {
    "compute": "nova.policies",
    "network": "neutron.conf.policies",
    "identity": "keystone.common.policies",
    "image": "glance.policies",
    "placement": "placement.policies",
}
# Where some of a service's rules get their texts from.
TEXTS = {"network": "neutron_lib.policy"}


class Rule:
    def __init__(self, name=None, check_str=None, description="", operations=None, scope_types=None, deprecated_rule=None, **_):
        self.name, self.check_str, self.scope_types, self.deprecated_rule = name, check_str, scope_types, deprecated_rule
        self.operations = operations or []

    def facts(self):
        old = self.deprecated_rule
        operations = [f"{m} {o['path']}" for o in self.operations for m in ([o["method"]] if isinstance(o["method"], str) else o["method"])]
        return {"name": self.name, "check": self.check_str, "scopes": self.scope_types, "deprecated": old.check_str if old else None, "operations": operations}


class Documented(Rule):
    def __init__(self, name, check_str, description, operations, scope_types=None, deprecated_rule=None, **_):
        super().__init__(name, check_str, description, operations, scope_types, deprecated_rule)


class Stub(types.ModuleType):
    __path__ = []
    __all__ = []

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return mock.MagicMock(name=name)


class Stubs(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Stands in for every module but the packages on the way to the rules."""

    def __init__(self, wanted):
        self.wanted = wanted

    def find_spec(self, name, path=None, target=None):
        top = name.split(".")[0]
        if top in sys.stdlib_module_names or any(name == w or name.startswith(w + ".") for w in self.wanted):
            return None
        return importlib.machinery.ModuleSpec(name, self, is_package=True)

    def create_module(self, spec):
        module = Stub(spec.name)
        if any(w.startswith(spec.name + ".") for w in self.wanted):
            module.__path__ = [os.path.join(p, *spec.name.split(".")) for p in sys.path]
        if spec.name == "oslo_policy.policy":
            module.RuleDefault, module.DocumentedRuleDefault, module.DeprecatedRule = Rule, Documented, Rule
        return module

    def exec_module(self, module):
        pass


def main(folder, service):
    package = PACKAGES[service]
    sys.path.insert(0, folder)
    texts = [t for t in [TEXTS.get(service)] if t and os.path.isdir(os.path.join(folder, *t.split(".")))]
    sys.meta_path.insert(0, Stubs([package, *texts]))
    policy = importlib.import_module("oslo_policy.policy")
    sys.modules["oslo_policy"].policy = policy
    for text in texts:
        importlib.import_module(text)
    rules = {}
    place = os.path.join(folder, *package.split("."))
    for module in sorted(m.name for m in pkgutil.iter_modules([place])):
        found = importlib.import_module(f"{package}.{module}")
        if not hasattr(found, "list_rules"):
            continue
        for rule in found.list_rules():
            rules[rule.name] = rule.facts()
    print("[\n" + ",\n".join(json.dumps(rules[n]) for n in sorted(rules)) + "\n]")


main(*sys.argv[1:])
