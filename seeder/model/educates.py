"""What Educates calls things in every workshop: the API groups of its resources, and its variables."""

from __future__ import annotations

import re
from collections.abc import Iterable

GROUP = "training.educates.dev"
GROUPS = frozenset({GROUP, "training.eduk8s.io", "learningcenter.tanzu.vmware.com"})  # and what it was before

# What it gives at run time (session-manager): a workshop's own script cannot know better.
VARIABLES = frozenset(
    {"image_repository", "oci_image_cache", "assets_repository", "platform_arch", "cluster_domain", "workshop_name"}
    | {"workshop_version", "environment_name", "workshop_namespace", "training_portal", "ingress_domain"}
    | {"ingress_protocol", "ingress_port", "ingress_port_suffix", "workshop_image", "session_name", "session_id"}
    | {"session_namespace", "session_url", "session_hostname", "registry_host", "registry_username"}
    | {"registry_password", "registry_auth_token", "registry_secret", "registry_auth_file", "vcluster_namespace"}
)

# What can be given by name (`--set NAME=VALUE`); a template's own expression, such as `.Values.image`, is none.
_NAME = re.compile(r"[A-Za-z_][\w.-]*\Z")


def is_platforms(names: Iterable[str]) -> bool:
    """Whether the platform fills in all of them."""
    return VARIABLES.issuperset(names)


def is_templates(names: Iterable[str]) -> bool:
    """Whether a template works one of them out, from values that are found where they stand."""
    return any(not _NAME.match(name) for name in names)


def is_authors(names: Iterable[str]) -> bool:
    """Whether the author has to give a value."""
    names = tuple(names)
    return not (is_platforms(names) or is_templates(names))
