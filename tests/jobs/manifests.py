"""Reads jobs/ as kustomize would, for what the base uses: resources, a generated ConfigMap, an image by digest."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

JOBS = Path(__file__).parents[2] / "jobs"


def kustomization() -> dict[str, Any]:
    return yaml.safe_load((JOBS / "kustomization.yaml").read_text())


def resources() -> dict[str, dict[str, Any]]:
    """The base's objects by kind."""
    named = [yaml.safe_load((JOBS / name).read_text()) for name in kustomization()["resources"]]
    return {resource["kind"]: resource for resource in [*named, _config_map()]}


def _config_map() -> dict[str, Any]:
    (generator,) = kustomization()["configMapGenerator"]
    content = {name: (JOBS / name).read_text() for name in generator["files"]}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": generator["name"]}, "data": content}


def pod() -> dict[str, Any]:
    """The spec of the CronJob's pod."""
    return resources()["CronJob"]["spec"]["jobTemplate"]["spec"]["template"]["spec"]


def container() -> dict[str, Any]:
    (only,) = pod()["containers"]
    return only
