from __future__ import annotations

import pytest

from seeder.errors import InvalidReferenceError
from seeder.finders.variables import canonical, expand, is_mutable, is_name

KNOWN = {"TAG": "1.2", "EMPTY": "", "INNER": "${TAG}"}


@pytest.mark.parametrize(
    ("text", "expected", "unresolved"),
    [
        ("nginx:${TAG}", "nginx:1.2", ()),
        ("nginx:$TAG", "nginx:1.2", ()),
        ("nginx:${INNER}", "nginx:1.2", ()),
        ("nginx:${OTHER:-1.27}", "nginx:1.27", ()),
        ("nginx:${OTHER-1.27}", "nginx:1.27", ()),
        ("nginx:${EMPTY:-1.27}", "nginx:1.27", ()),
        ("${A:-${B:-nginx}}:1", "nginx:1", ()),
        ("nginx${TAG:+-alpine}", "nginx-alpine", ()),
        ("nginx:${OTHER:?must be set}", "nginx:${OTHER:?must be set}", ("OTHER",)),
        ("$(image_repository)/x:$(v)", "$(image_repository)/x:$(v)", ("image_repository", "v")),
        ("{{< param registry_host >}}/x", "{{< param registry_host >}}/x", ("registry_host",)),
        ("{{ .Values.image }}", "{{ .Values.image }}", (".Values.image",)),
        ("%registry_host%/x", "%registry_host%/x", ("registry_host",)),
    ],
)  # fmt: skip
def test_known_variables_are_put_in(text: str, expected: str, unresolved: tuple[str, ...]) -> None:
    expansion = expand(text, KNOWN.get)
    assert (expansion.text, expansion.unresolved) == (expected, unresolved)


def test_a_variable_that_names_itself_ends() -> None:
    assert expand("$A", {"A": "$A$A"}.get).unresolved


@pytest.mark.parametrize(
    ("text", "expected", "is_open"),
    [
        ("nginx", "docker.io/library/nginx:latest", False),
        ("nginx:${TAG}", "docker.io/library/nginx:${TAG}", False),
        ("ghcr.io/a/x-$(platform_arch)-files:1.0", "ghcr.io/a/x-$(platform_arch)-files:1.0", False),
        ("ghcr.io/a/${NAME}", "ghcr.io/a/${NAME}", False),
        ("ghcr.io/${ORG}/x", "ghcr.io/${ORG}/x:latest", False),
        ("$(image_repository)/x", "$(image_repository)/x:latest", True),
        ("${R}${P}:${V}", "${R}${P}:${V}", True),
        ("{{ .Values.image }}", "{{ .Values.image }}", True),
        ("reg.${DOMAIN}/app:1", "reg.${DOMAIN}/app:1", True),
        ("nginx@${DIGEST}", "docker.io/library/nginx@${DIGEST}", False),
    ],
)
def test_the_canonical_form_keeps_variables(text: str, expected: str, is_open: bool) -> None:
    name = canonical(text)
    assert (name.canonical, name.is_open) == (expected, is_open)


@pytest.mark.parametrize("text", ["", "a b", "https://x/y.png", "UPPER", "$(x)/UPPER Case", "a\nb", "x" * 5000])
def test_other_texts_are_no_names(text: str) -> None:
    assert not is_name(text)
    with pytest.raises(InvalidReferenceError):
        canonical("a b")


def test_a_fault_is_told_in_the_words_of_the_workshop() -> None:
    with pytest.raises(
        InvalidReferenceError, match=r"'acme/lab:1\.0:\$\(tag\)' is no image reference: 'acme/lab:1\.0'"
    ):
        canonical("acme/lab:1.0:$(tag)")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("docker.io/library/nginx:latest", True),
        ("docker.io/library/nginx:1", True),
        ("docker.io/library/nginx:v1.27-alpine", True),
        ("docker.io/library/nginx:1.27.3", False),
        ("docker.io/library/nginx:latest@sha256:" + "0" * 64, False),
        ("docker.io/library/nginx:${TAG}", None),
        ("ghcr.io/a/${NAME}", None),
        ("$(image_repository)/x:develop", True),
        ("host:5000/a/b:2.0.1", False),
    ],
)
def test_what_may_move(name: str, expected: bool | None) -> None:
    assert is_mutable(name) is expected
