"""Names of variables that mean the same in every workshop."""

from __future__ import annotations

# What Educates gives at run time (session-manager): a workshop's own script cannot know better.
EDUCATES = frozenset(
    {"image_repository", "oci_image_cache", "assets_repository", "platform_arch", "cluster_domain", "workshop_name"}
    | {"workshop_version", "environment_name", "workshop_namespace", "training_portal", "ingress_domain"}
    | {"ingress_protocol", "ingress_port", "ingress_port_suffix", "workshop_image", "session_name", "session_id"}
    | {"session_namespace", "session_url", "session_hostname", "registry_host", "registry_username"}
    | {"registry_password", "registry_auth_token", "registry_secret", "registry_auth_file", "vcluster_namespace"}
)
