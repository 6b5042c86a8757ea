"""The commands of OpenStack's own clients, one after the other in one process: a process for each would spend a second on its imports."""
import contextlib
import importlib.metadata
import io
import json
import sys
import traceback

passed, failed, used = 0, 0, {}


class Refused(Exception):
    """A command ended with a failure; the text is what it said."""


def _run(client, words, call):
    used.setdefault(client, []).append(words)
    said = io.StringIO()
    try:
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            code = call()
    except SystemExit as end:
        code = end.code
    except Exception as error:
        raise Refused(f"{' '.join(words)}: {type(error).__name__}: {error}\n{said.getvalue()}") from error
    if code:
        raise Refused(f"{' '.join(words)}: {code}\n{said.getvalue()}")
    return said.getvalue()


def openstack(*words):
    """What the command prints; Refused if it fails."""
    from openstackclient import shell
    return _run("openstack", words, lambda: shell.OpenStackShell().run(list(words)))


def shown(*words):
    """What the command shows, read."""
    return json.loads(openstack(*words, "-f", "json"))


def glance(*words):
    """What glance's own client prints."""
    from glanceclient import shell
    return _run("glance", words, lambda: shell.OpenStackImagesShell().main(list(words)))


def check(name, condition=True):
    global passed, failed
    if condition:
        passed += 1
    else:
        failed += 1
        print(f"FAIL {name}")


def refused(why, call, *words):
    """The command must fail, and say why."""
    try:
        out = call(*words)
    except Refused as error:
        out = str(error)
    check(f"{' '.join(words)} is refused: {out.strip()[-200:]}", why in out)


def part(what):
    """Runs a part of a script at once; what breaks it is one failure, and the next part goes on."""
    global failed
    try:
        what()
    except Exception:
        failed += 1
        print(f"FAIL {what.__name__}: {traceback.format_exc(limit=-1)}")
    return what


def commands_of(group):
    """Names of the commands that a plugin of the openstack client brings, as people type them."""
    return sorted(entry.name.replace("_", " ") for entry in importlib.metadata.entry_points(group=group))


def all_used(client, commands):
    """No command of the list may be left out."""
    tried = [tuple(word for word in call if not word.startswith("-")) for call in used.get(client, [])]
    for command in commands:
        words = tuple(command.split())
        check(f"{client} {command} is tried", any(words == call[at:at + len(words)] for call in tried for at in (0, 1)))


def finish():
    print(f"{passed} passed, {failed} failed, 0 skipped")
    sys.exit(failed != 0)
