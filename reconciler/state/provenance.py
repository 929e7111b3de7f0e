"""Where a run comes from: its commit, its approval and whom it acts for."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

from reconciler.model.record import Provenance

APPROVAL = "RECONCILER_APPROVAL"

_COMMITS = ("GIT_COMMIT", "GITHUB_SHA", "CI_COMMIT_SHA", "BUILD_SOURCEVERSION", "BITBUCKET_COMMIT")
_ACTORS = ("GITHUB_ACTOR", "GITLAB_USER_LOGIN", "BUILD_REQUESTEDFOR", "BITBUCKET_STEP_TRIGGERER_UUID", "BUILD_USER_ID")
_GITHUB_PULL = re.compile(r"refs/pull/(\d+)/")
_LOGIN = re.compile(r"//[^/@\s]*@")
_PATIENCE = 5.0
_LONGEST = 500


def provenance_of(environment: Mapping[str, str], directory: str | Path) -> Provenance:
    """
    Return what is known of where a run in this configuration directory comes from.

    The commit is the pipeline's, else that of the directory's working tree, marked when it has changes. The approval is
    RECONCILER_APPROVAL, else the pull request or the pipeline's run. A login in a url is left out.
    """
    return Provenance(
        commit=_first(environment, _COMMITS) or _working_tree(directory),
        approval=_LOGIN.sub("//", _approval(environment))[:_LONGEST],
        actor=_first(environment, _ACTORS),
    )


def _first(environment: Mapping[str, str], names: tuple[str, ...]) -> str:
    return next((environment[name].strip()[:_LONGEST] for name in names if environment.get(name, "").strip()), "")


def _approval(environment: Mapping[str, str]) -> str:
    given = environment.get
    if given(APPROVAL, "").strip():
        return given(APPROVAL, "").strip()
    if given("GITHUB_REPOSITORY"):
        place = f"{given('GITHUB_SERVER_URL', 'https://github.com')}/{given('GITHUB_REPOSITORY')}"
        pull = _GITHUB_PULL.match(given("GITHUB_REF", ""))
        return f"{place}/pull/{pull.group(1)}" if pull else f"{place}/actions/runs/{given('GITHUB_RUN_ID', '')}"
    if given("CI_MERGE_REQUEST_IID"):
        return f"{given('CI_MERGE_REQUEST_PROJECT_URL', '')}/-/merge_requests/{given('CI_MERGE_REQUEST_IID')}"
    if given("SYSTEM_TEAMFOUNDATIONCOLLECTIONURI"):
        place = f"{given('SYSTEM_TEAMFOUNDATIONCOLLECTIONURI', '')}{given('SYSTEM_TEAMPROJECT', '')}"
        return f"{place}/_build/results?buildId={given('BUILD_BUILDID', '')}"
    return given("CI_PIPELINE_URL", "") or given("BUILD_URL", "")


def _working_tree(directory: str | Path) -> str:
    commit = _git(directory, "rev-parse", "HEAD")
    if not commit:
        return ""
    return f"{commit} with uncommitted changes" if _git(directory, "status", "--porcelain", "--", ".") else commit


def _git(directory: str | Path, *words: str) -> str:
    try:
        answer = subprocess.run(
            ["git", "-C", str(directory), *words], capture_output=True, text=True, check=False, timeout=_PATIENCE
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return answer.stdout.strip() if answer.returncode == 0 else ""
