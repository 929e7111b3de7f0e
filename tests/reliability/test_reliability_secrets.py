"""Marked passwords and tokens, every command loud, in success and failure: they turn up only where they belong."""

from __future__ import annotations

import signal
import sys

import pytest

from reconciler.cli.commands import SUMMARIES
from reconciler.simulator.faults import parse_faults
from reconciler.simulator.world import Account
from tests.reliability.grounds import Ground
from tests.reliability.mortal import Moment
from tests.reliability.processes import Ended, finish, start
from tests.reliability.secret_forms import forms, found

ACCOUNT = 'Acc/ount+P"ss\\w<or>d&99?'
FROM_ENVIRONMENT = 'Env/Blue+Heron"47\\11<é>&'
FROM_FILE = "File=Grey%20Owl'8812+/ß"
FROM_COMMAND = "Cmd/Red+Kite&5523\"'="
LOUD = ("-v", "--debug")

USERS = """\
---
apiVersion: maxcontact/v1
kind: User
metadata: {name: filed}
spec: {firstName: Fi, lastName: Led, rolePlanId: 2, password: {file: ../secrets/filed}}
---
apiVersion: maxcontact/v1
kind: User
metadata: {name: commanded}
spec: {firstName: Com, lastName: Manded, rolePlanId: 2, password: {command: [PYTHON, ../secrets/tell.py]}}
---
apiVersion: maxcontact/v1
kind: User
metadata: {name: generated}
spec: {firstName: Gene, lastName: Rated, rolePlanId: 2, password: {generate: true}}
"""


class Search:
    """Runs commands loudly on a ground full of secrets, and looks for these in all that they print and leave."""

    def __init__(self, ground: Ground) -> None:
        self.ground = ground
        self.tokens: set[str] = set()
        self.texts: dict[str, str] = {}
        self.commands: set[str] = set()
        ground.tenant.before = self._remember
        with ground.tenant.edit() as world:
            world.accounts = {"simulator": Account(ACCOUNT)}
            world.changed()
        ground.secrets.update(AGENT_PASSWORD=FROM_ENVIRONMENT, RECONCILER_PASSWORD=ACCOUNT)
        secrets = ground.folder.parent / "secrets"
        secrets.mkdir()
        (secrets / "filed").write_text(FROM_FILE + "\nanother line\n", encoding="utf-8")
        tell = f"import sys; sys.stdout.buffer.write({FROM_COMMAND.encode()!r})"
        (secrets / "tell.py").write_text(tell, encoding="utf-8")
        text = (ground.folder / "ground.yaml").read_text(encoding="utf-8")
        ground.write(text + USERS.replace("PYTHON", sys.executable))

    def _remember(self, method: str, path: str) -> None:
        self.tokens |= set(self.ground.tenant.world.tokens)

    def run(self, *words: str, code: int | None = 0, moment: Moment | None = None, **variables: str) -> Ended:
        """Run a command with -v and --debug, and keep what it printed; its exit code may be anybody's with None."""
        ended = self.ground.nursery.run(
            self.ground.folder, *words, *LOUD, variables=self.ground.variables() | variables, moment=moment
        )
        self.commands.add(words[0])
        self.texts[f"{len(self.texts)}: {' '.join(words)}"] = ended.out + ended.err
        assert code is None or ended.code == code, ended
        return ended

    def end(self, *more: str) -> None:
        """Search everything that was printed and left, but for the token cache, which is what keeps tokens."""
        tenant, folder = self.ground.tenant, self.ground.folder
        self._remember("", "")
        cache, own = folder / ".cache", folder.parent / "secrets"
        files = [path for path in folder.parent.rglob("*") if path.is_file() and not {cache, own} & set(path.parents)]
        texts = self.texts | {str(path): path.read_bytes().decode("utf-8", "replace") for path in files}
        texts["the simulator's log"] = repr([(each.path, each.body, each.status) for each in tenant.log])
        made = set(tenant.world.passwords.values())
        planted = {ACCOUNT, FROM_ENVIRONMENT, FROM_FILE, FROM_COMMAND, *made, *more}
        assert found(planted | self.tokens, texts) == []
        for kept in cache.rglob("tokens/*"):
            assert kept.parent.stat().st_mode & 0o077 == 0, f"{kept.parent} can be read by others"
            assert kept.stat().st_mode & 0o077 == 0, f"{kept} can be read by others"
            if kept.is_file():
                assert found(planted, {str(kept): kept.read_text(encoding="utf-8")}) == []


@pytest.fixture
def search(ground: Ground) -> Search:
    """Plant the secrets."""
    return Search(ground)


def reports(command: str, *formats: str) -> list[str]:
    """Return the options that write a report of each format."""
    return [word for form in formats for word in ("--report", f"{form}={command}.{form}")]


def test_every_command_when_all_goes_well(search: Search) -> None:
    """A whole week of work, with every report."""
    run, ground = search.run, search.ground
    run("init", "../started")
    run("validate", *reports("validate", "json", "junit", "sarif"))
    run("fmt", "--check", ".", code=1)
    run("schema", "user")
    run("doctor", *reports("doctor", "json"))
    run("plan", "--out", "saved.plan", *reports("plan", "text", "json", "markdown", "html"))
    run("show", "saved.plan", "--format", "json")
    run("graph", "saved.plan")
    run("apply", "--dry-run", "--format", "json")
    run("apply", "saved.plan", "-y", *reports("apply", "text", "json", "markdown", "html"))
    assert {FROM_ENVIRONMENT, FROM_FILE, FROM_COMMAND} <= set(ground.tenant.world.passwords.values())
    ground.rewrite("password: {env: AGENT_PASSWORD}", "password: {env: AGENT_PASSWORD, rotation: 2}")
    ground.rewrite("{file: ../secrets/filed}", "{file: ../secrets/filed, rotation: 2}")
    run("apply", "-y", "--format", "json", "--log-format", "json")
    run("drift", "--all", *reports("drift", "json", "markdown", "html", "junit", "sarif"))
    run("export", "../exported")
    run("emergency", "enable", "-y", "--reason", "a drill")
    run("emergency", "status")
    run("emergency", "disable", "-y")
    for words in (("list",), ("show", "User/jane"), ("pull",), ("mv", "List/spare", "List/other"), ("unlock",)):
        pulled = run("state", *words)
        if words == ("pull",):
            (ground.folder / "pulled.json").write_text(pulled.out, encoding="utf-8")
    run("state", "push", "pulled.json", "--force")
    run("state", "rm", "List/spare")
    run("log")
    run("log", "verify")
    run("explain", "User.password")
    run("completion", "bash")
    run("diff", "--between", "tenant", "tenant", code=None)
    search.end()
    assert set(SUMMARIES) <= search.commands | {"simulator", "demo"}, "a command is not tried here"


def test_the_embedded_simulator_keeps_no_users_password(search: Search) -> None:
    """Whoever tries real manifests out on `simulator://` leaves no password on the disk."""
    search.run("apply", "-y", RECONCILER_URL="simulator://")
    search.run("plan", "--detailed-exitcode", RECONCILER_URL="simulator://")
    search.end()
    assert list(search.ground.ledger_file.parent.glob("*.simulator.json"))


def test_the_simulator_and_the_demo(search: Search) -> None:
    """The commands that serve: an account's password from the environment is not shown."""
    variables = search.ground.variables() | {"MAXCONTACT_SIMULATOR_PASSWORD": ACCOUNT}
    process = start(search.ground.folder, "simulator", "--port", "0", "--login", "me", *LOUD, variables=variables)
    assert process.stdout is not None
    url = process.stdout.readline().strip()
    search.run("plan", RECONCILER_URL=url, RECONCILER_LOGIN="me")
    process.send_signal(signal.SIGINT)
    ended = finish(process)
    assert ended.code == 0, ended
    search.texts["simulator"] = ended.out + ended.err
    search.run("demo")
    search.end()


@pytest.mark.parametrize(
    ("fault", "only"),
    [
        (f"POST /management/users=refuse:the password {FROM_FILE} is too weak", "User/filed"),
        (f"POST /management/users=refuse:{FROM_ENVIRONMENT} was used before", "User/sam"),
        ("POST /management/users=500-after", "User/*"),
        ("POST /management/users=drop-after", "User/*"),
        ("POST /management/users=truncated", "*/*"),
        ("POST /management/users=html-after", "*/*"),
        ("* /management/*:9+=403", "*/*"),
        ("* /management/*:12=expire", "*/*"),
    ],
)
def test_when_the_server_goes_wrong(fault: str, only: str, search: Search) -> None:
    """A server that quotes, breaks off or refuses brings nothing to light, with a traceback or without."""
    search.ground.tenant.faults = parse_faults(fault)
    for form in ("text", "html"):
        ended = search.ground.nursery.run(
            search.ground.folder,
            *("apply", "-y", "--only", only, "--format", form, *LOUD),
            variables=search.ground.variables(),
        )
        search.texts[form] = ended.out + ended.err
    search.end()


def test_when_the_run_itself_goes_wrong(search: Search) -> None:
    """A wrong password, nobody there, a state that can't be written, a missing source, a crash inside."""
    wrong = "Wrong/but+Secret=77?<&>"
    search.run("plan", code=1, RECONCILER_PASSWORD=wrong)
    search.run("doctor", code=1, RECONCILER_PASSWORD=wrong)
    search.run("plan", "--timeout", "1", code=1, RECONCILER_URL="http://127.0.0.1:9")
    search.run("apply", "-y", code=1, RECONCILER_PASSWORD="Pässwörd-nicht-ASCII")
    search.run("plan", code=1, RECONCILER_URL=f"https://user:{wrong}@127.0.0.1")
    (search.ground.folder / "occupied").write_text("", encoding="utf-8")
    search.run("apply", "-y", code=1, RECONCILER_STATE=str(search.ground.folder / "occupied" / "ledger.json"))
    search.run("apply", "-y", code=1, AGENT_PASSWORD="")
    for number in (0, 20, 60):
        moment = Moment(folder=str(search.ground.ledger_file.parent), number=number, when="raise")
        ended = search.run("apply", "-y", code=1, moment=moment)
        assert "not foreseen" in ended.err or "not foreseen" in ended.out
    search.ground.write(f"password: {FROM_ENVIRONMENT!r}\n  broken: [")
    search.run("validate", code=1)
    search.ground.write("")
    search.end(wrong, "Pässwörd-nicht-ASCII")


def test_the_search_finds(search: Search) -> None:
    """A secret that got into a file would be found, in each of its forms."""
    for form in sorted({*forms(ACCOUNT), *forms(FROM_ENVIRONMENT)}):
        (search.ground.folder / "leak.txt").write_text(f"so it is {form}.", encoding="utf-8")
        with pytest.raises(AssertionError):
            search.end()
