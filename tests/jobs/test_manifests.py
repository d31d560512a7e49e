"""The manifests of jobs/ against Kubernetes' schemas, and against what seeder needs of them."""

from __future__ import annotations

import json
import subprocess

import kubernetes_validate
import pytest
import yaml

from tests.fixtures.building import ROOT
from tests.fixtures.tools import program
from tests.jobs import manifests

_POD_FAILURE_POLICY_IS_STABLE = "1.31"


@pytest.mark.parametrize("version", [_POD_FAILURE_POLICY_IS_STABLE, kubernetes_validate.latest_version()])
@pytest.mark.parametrize("kind", ["Namespace", "Secret", "ConfigMap", "NetworkPolicy", "CronJob"])
def test_fits_the_schema(kind: str, version: str) -> None:
    resource = manifests.resources()[kind]
    # Kustomize fills in the namespace; the schema does not ask for one.
    kubernetes_validate.validate(resource, version, strict=True)


def test_schema_check_finds_a_misspelt_key() -> None:
    resource = manifests.resources()["CronJob"]
    resource["spec"]["concurencyPolicy"] = "Forbid"
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(resource, kubernetes_validate.latest_version(), strict=True)


def test_kustomize_builds_the_base() -> None:
    kubectl = program("kubectl")
    built = subprocess.run([kubectl, "kustomize", manifests.JOBS], capture_output=True, text=True, check=True).stdout
    objects = {made["kind"]: made for made in yaml.safe_load_all(built)}
    for kind, made in objects.items():
        kubernetes_validate.validate(made, kubernetes_validate.latest_version(), strict=True)
        assert made["metadata"].get("namespace", "seeder") == "seeder", kind
    pod = objects["CronJob"]["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    assert pod["containers"][0]["image"].startswith("registry.example.com/training/seeder@sha256:")
    volumes = {volume["name"]: volume for volume in pod["volumes"]}
    assert volumes["catalog"]["configMap"]["name"] == objects["ConfigMap"]["metadata"]["name"]


def test_volumes_name_what_the_base_has() -> None:
    resources = manifests.resources()
    volumes = {volume["name"]: volume for volume in manifests.pod()["volumes"]}
    assert volumes["catalog"]["configMap"]["name"] == resources["ConfigMap"]["metadata"]["name"]
    assert volumes["auth"]["secret"]["secretName"] == resources["Secret"]["metadata"]["name"]
    assert {mount["name"] for mount in manifests.container()["volumeMounts"]} == set(volumes)


def test_the_network_policy_is_for_the_job_s_pods_and_lets_nobody_in() -> None:
    resources = manifests.resources()
    policy = resources["NetworkPolicy"]["spec"]
    labels = resources["CronJob"]["spec"]["jobTemplate"]["spec"]["template"]["metadata"]["labels"]
    assert policy["podSelector"]["matchLabels"].items() <= labels.items()
    assert policy["policyTypes"] == ["Ingress", "Egress"]
    assert "ingress" not in policy


def test_secret_is_an_auth_file_where_the_environment_says() -> None:
    environment = {variable["name"]: variable["value"] for variable in manifests.container()["env"]}
    secret = manifests.resources()["Secret"]
    assert secret["type"] == "kubernetes.io/dockerconfigjson"
    (key,) = secret["stringData"]
    assert environment["REGISTRY_AUTH_FILE"] == f"/auth/{key}"
    assert json.loads(secret["stringData"][key]) == {"auths": {}}


def test_writable_are_home_and_temporary_folder_alone() -> None:
    environment = {variable["name"]: variable["value"] for variable in manifests.container()["env"]}
    empty = {volume["name"] for volume in manifests.pod()["volumes"] if "emptyDir" in volume}
    writable = {mount["mountPath"] for mount in manifests.container()["volumeMounts"] if mount["name"] in empty}
    assert writable == {environment["HOME"], environment["TMPDIR"]}
    assert all(mount.get("readOnly") for mount in manifests.container()["volumeMounts"] if mount["name"] not in empty)


def test_runs_as_the_image_s_user_without_rights() -> None:
    pod, container = manifests.pod(), manifests.container()
    assert f"USER {pod['securityContext']['runAsUser']}\n" in (ROOT / "Dockerfile").read_text()
    assert pod["automountServiceAccountToken"] is False
    assert container["securityContext"]["readOnlyRootFilesystem"] is True
    assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}


def test_codes_that_a_retry_does_not_help_end_the_job() -> None:
    """The quota is spent (4), the catalog is wrong (2), a bug (3); other failures (1) are tried again."""
    job = manifests.resources()["CronJob"]["spec"]["jobTemplate"]["spec"]
    rules = [rule for rule in job["podFailurePolicy"]["rules"] if "onExitCodes" in rule]
    name = manifests.container()["name"]
    codes = {"containerName": name, "operator": "In", "values": [2, 3, 4]}
    assert rules == [{"action": "FailJob", "onExitCodes": codes}]
    assert manifests.pod()["restartPolicy"] == "Never"
