"""Which forge a pipeline runs at, told by the variables that it sets."""

from __future__ import annotations

from collections.abc import Mapping

from reconciler.pipeline.azure import Azure, authorization
from reconciler.pipeline.gitlab import GitLab
from reconciler.pipeline.wire import ForgeError, Wire

GITLAB_TOKEN = "RECONCILER_GITLAB_TOKEN"
AZURE_TOKEN = "SYSTEM_ACCESSTOKEN"


def forge_of(environment: Mapping[str, str]) -> GitLab | Azure:
    """Return the forge of a GitLab CI job or an Azure Pipelines job; raises ForgeError that names what is missing."""
    if environment.get("GITLAB_CI"):
        number = environment.get("CI_MERGE_REQUEST_IID", "")
        token = _needed(
            environment, GITLAB_TOKEN, "an access token of the project, with the scope api, as a masked variable"
        )
        wire = Wire(_needed(environment, "CI_API_V4_URL"), {"PRIVATE-TOKEN": token})
        return GitLab(wire, _needed(environment, "CI_PROJECT_ID"), int(number) if number else None)
    if environment.get("TF_BUILD"):
        number = environment.get("SYSTEM_PULLREQUEST_PULLREQUESTID", "")
        token = _needed(
            environment, AZURE_TOKEN, "map it in the step: env: {SYSTEM_ACCESSTOKEN: $(System.AccessToken)}"
        )
        return Azure(
            Wire(_needed(environment, "SYSTEM_COLLECTIONURI"), {"Authorization": authorization(token)}),
            project=_needed(environment, "SYSTEM_TEAMPROJECT"),
            repository=environment.get("BUILD_REPOSITORY_ID", ""),
            number=int(number) if number else None,
            item_type=environment.get("RECONCILER_WORK_ITEM_TYPE") or "Issue",
            done=environment.get("RECONCILER_WORK_ITEM_DONE") or "Done",
        )
    raise ForgeError("this is neither a GitLab CI job nor an Azure Pipelines job (on GitHub, use the action)")


def _needed(environment: Mapping[str, str], name: str, advice: str = "") -> str:
    value = environment.get(name, "")
    if not value:
        raise ForgeError(f"{name} is not set" + (f": {advice}" if advice else ""))
    return value
