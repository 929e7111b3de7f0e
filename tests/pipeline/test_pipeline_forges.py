"""GitLab and Azure DevOps: the note or thread is updated, the issue or work item opened and closed."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from reconciler.pipeline.forge import keyed, marker_of
from reconciler.pipeline.wire import ForgeError, Wire

TOKEN = "glpat-not-for-anybody-else"
PLAN = "<!-- reconciler:plan:production -->\n## Plan\n"
ME, SOMEBODY = {"id": 11}, {"id": 12}


@dataclass(slots=True)
class Project:
    """What a forge keeps of one project."""

    notes: list[dict[str, Any]] = field(default_factory=list)
    issues: list[dict[str, Any]] = field(default_factory=list)

    def gitlab(self, method: str, path: str, body: Any) -> Any:
        """Answer as GitLab's API does."""
        place, query = urlsplit(path).path, parse_qs(urlsplit(path).query)
        if place == "/user":
            return ME
        found = re.fullmatch(r"/projects/5/(merge_requests/7/notes|issues)(?:/(\d+))?(/notes)?", place)
        assert found, path
        rows, key = (self.issues, "iid") if found[1] == "issues" else (self.notes, "id")
        if found[3]:
            self.notes.append({"id": 900 + len(self.notes), "body": body["body"], "author": ME})
            return self.notes[-1]
        if method == "GET":
            page = int(query["page"][0])
            wanted = [each for each in rows if key == "id" or each["state"] == query["state"][0]]
            return wanted[(page - 1) * 100 : page * 100]
        if method == "POST":
            rows.append({key: len(rows) + 1, "author": ME, "state": "opened"} | body)
            return rows[-1]
        (row,) = [each for each in rows if each[key] == int(found[2])]
        row |= body
        if body.get("state_event") == "close":
            row["state"] = "closed"
        return row

    def azure(self, method: str, path: str, body: Any) -> Any:
        """Answer as Azure DevOps' API does."""
        place = urlsplit(path).path
        if place == "/_apis/connectionData":
            return {"authenticatedUser": ME}
        if place.endswith("/threads"):
            if method == "GET":
                return {"value": self.notes}
            comment = {"id": 1, "author": ME, **body["comments"][0]}
            self.notes.append({"id": len(self.notes) + 1, "comments": [comment]})
            return self.notes[-1]
        if found := re.search(r"/threads/(\d+)/comments/1$", place):
            self.notes[int(found[1]) - 1]["comments"][0] |= body
            return {}
        if place.endswith("/wiql"):
            tag = re.search(r"CONTAINS '([^']+)'", body["query"])
            done = re.search(r"<> '([^']+)'", body["query"])
            assert tag is not None
            assert done is not None
            open_ones = [each for each in self.issues if each["Tags"] == tag[1] and each.get("State") != done[1]]
            return {"workItems": [{"id": each["id"]} for each in open_ones]}
        fields = {each["path"].rpartition(".")[2]: each["value"] for each in body}
        if method == "POST":
            assert place.endswith("/workitems/$Issue")
            self.issues.append({"id": len(self.issues) + 1} | fields)
            return self.issues[-1]
        self.issues[int(place.rpartition("/")[2]) - 1] |= fields
        return {}


@pytest.fixture(params=["gitlab", "azure"])
def job(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Project, dict[str, str], str]]:
    """Give a forge, the environment of a job there, and which one it is."""
    project = Project()
    answer = getattr(project, request.param)

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length)) if length else None
            content = json.dumps(answer(self.command, self.path, body)).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = do_PATCH = _answer

        def log_message(self, format: str, *args: Any) -> None:
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    url = f"http://127.0.0.1:{server.server_address[1]}"
    gitlab = {"GITLAB_CI": "true", "CI_API_V4_URL": url, "CI_PROJECT_ID": "5", "CI_MERGE_REQUEST_IID": "7"}
    azure = {"TF_BUILD": "True", "SYSTEM_COLLECTIONURI": f"{url}/", "SYSTEM_TEAMPROJECT": "Contact centre"}
    azure |= {"BUILD_REPOSITORY_ID": "r", "SYSTEM_PULLREQUEST_PULLREQUESTID": "7", "SYSTEM_ACCESSTOKEN": TOKEN}
    environment = gitlab | {"RECONCILER_GITLAB_TOKEN": TOKEN} if request.param == "gitlab" else azure
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield project, environment | {"NO_PROXY": "127.0.0.1"}, request.param
    server.shutdown()
    server.server_close()
    thread.join()


def call(folder: Path, environment: dict[str, str], *words: str) -> str:
    """Run the pipeline's own command and return what it told."""
    done = subprocess.run(
        [sys.executable, "-I", "-m", "reconciler.pipeline", *words],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert done.returncode == 0, done.stderr
    assert TOKEN not in done.stdout + done.stderr
    return done.stderr


def test_a_report_is_one_comment(job: tuple[Project, dict[str, str], str], tmp_path: Path) -> None:
    """Created once, left alone when it says the same, updated when it does not; somebody else's words stay."""
    project, environment, _ = job
    first = keyed(PLAN, "contact-centre").partition("\n")[0]
    foreign: dict[str, Any] = {"id": 1, "body": first, "author": SOMEBODY}
    project.notes.append(foreign | {"comments": [{"id": 1, "author": SOMEBODY, "content": first}]})
    report = tmp_path / "plan.md"
    report.write_text(PLAN, encoding="utf-8")
    words = ("comment", "plan.md", "--place", "contact-centre")
    assert call(tmp_path, environment, *words).startswith("comment: created")
    assert call(tmp_path, environment, *words).startswith("comment: unchanged")
    report.write_text(PLAN + "more\n", encoding="utf-8")
    assert call(tmp_path, environment, *words).startswith("comment: updated")
    assert len(project.notes) == 2
    assert project.notes[0]["body"] == first
    assert "more" in json.dumps(project.notes[1])


def test_an_issue_comes_and_goes_with_the_drift(job: tuple[Project, dict[str, str], str], tmp_path: Path) -> None:
    """Opened with drift, one only, updated while it lasts, closed when it is gone, and not opened without any."""
    project, environment, forge = job

    def drift(found: bool, text: str) -> str:
        (tmp_path / "drift.json").write_text(
            json.dumps({"drift": found, "target": {"name": "production"}}), encoding="utf-8"
        )
        (tmp_path / "drift.md").write_text(f"<!-- reconciler:drift:production -->\n{text}\n", encoding="utf-8")
        return call(tmp_path, environment, "issue", "drift.json", "drift.md")

    assert drift(False, "calm").startswith("issue: none")
    assert drift(True, "one <b>").startswith("issue: created")
    assert drift(True, "two").startswith("issue: updated")
    assert len(project.issues) == 1
    assert "two" in json.dumps(project.issues[0])
    assert drift(False, "calm").startswith("issue: closed")
    assert project.issues[0].get("state") == "closed" if forge == "gitlab" else project.issues[0]["State"] == "Done"
    assert drift(True, "again").startswith("issue: created")
    assert len(project.issues) == 2


@pytest.mark.parametrize("environment", [{}, {"GITLAB_CI": "true"}, {"TF_BUILD": "True"}])
def test_a_job_that_lacks_something_is_told_what(environment: dict[str, str], tmp_path: Path) -> None:
    """What is not set is named, with what to do about it; no traceback."""
    (tmp_path / "plan.md").write_text(PLAN, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-I", "-m", "reconciler.pipeline", "comment", "plan.md"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("error: ")
    assert "Traceback" not in done.stderr


def test_counts_for_gitlab(tmp_path: Path) -> None:
    """What comes, changes and goes, as GitLab shows it beside a merge request."""
    names = ("create", "update", "adopt", "associate", "disassociate", "activate", "deactivate", "setStatus", "setType")
    (tmp_path / "plan.json").write_text(json.dumps({"summary": dict.fromkeys(names, 1)}), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-I", "-m", "reconciler.pipeline", "counts", "plan.json"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout) == {"create": 3, "update": 4, "delete": 2}


def test_a_token_does_not_travel_in_clear() -> None:
    """Plain http is for loopback only."""
    with pytest.raises(ForgeError, match="not https"):
        Wire("http://gitlab.example/api/v4", {"PRIVATE-TOKEN": TOKEN})


@pytest.mark.parametrize("place", ["a", "a/b", "--> @all", "a\nb"])
def test_the_marker_stays_one_hidden_line(place: str) -> None:
    """Whatever a directory is called, the marker is one comment line, and the same each time."""
    body = keyed(PLAN, place)
    assert body.count("\n") == PLAN.count("\n")
    assert re.fullmatch(r"<!-- reconciler:plan:production --><!-- in [\w./-]+ -->", marker_of(body))


def test_a_text_without_marker_is_no_report() -> None:
    """What could never be found again is not written."""
    with pytest.raises(ValueError, match="marker"):
        keyed("# A page\n", "")
