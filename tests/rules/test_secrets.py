"""Which texts are taken for credentials, which are not, and that none is ever printed."""

from __future__ import annotations

import base64
import json
from pathlib import Path, PurePosixPath

import pytest

from seeder.lint import examine
from seeder.model.pin import Lock
from seeder.report import github, sarif
from seeder.report.lint import Tree, lint_document, lint_text
from seeder.rules import RULES
from seeder.run.lint import lint_trees
from tests.rules.trees import linted, write

# Put together here, so that no scanner takes this file for what it is about.
ANY = "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bD0fG3hJ6kL9nP2rS5tV8xY1zC4eF7gI0aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bD0"
AWS = f"wJ/{ANY[:36]}+"
LOGIN = base64.b64encode(b"robot:hunter22").decode()
JWT = ".".join(
    base64.urlsafe_b64encode(text).decode().rstrip("=")
    for text in (b'{"alg":"RS256"}', b'{"iss":"kubernetes/serviceaccount","sub":"xy"}', ANY.encode())
)
BEGIN = "-----BEGIN {}PRIVATE KEY-----"
PEM = f"{BEGIN.format('RSA ')}\nMII{ANY[:61]}\n"


def b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def places(text: str, name: str = "exercises/run.sh") -> list[int]:
    facts = examine(PurePosixPath(name), text.encode(), [RULES["credentials-in-files"]])
    return [each.problem.place.line for each in facts.found]


FOUND = {
    # log-ins of registries
    "auths as block YAML": f"auths:\n  ghcr.io:\n    auth: {LOGIN}\n",
    "auths as block YAML in a list": "- auths:\n    quay.io:5000:\n      username: robot\n      password: hunter22\n",
    "auths as flow YAML": "auths: {ghcr.io: {username: robot, password: hunter22}}\n",
    "auths in a string": '\nconfig: "{\\"auths\\":{\\"ghcr.io\\":{\\"auth\\":\\"' + LOGIN + '\\"}}}"\n',
    "a token of auths for a registry": '{"auths": {"acr.io": {"registrytoken": "hunter22"}}}',
    "a token of auths": '{"auths": {"acr.io": {"identitytoken": "hunter22"}}}',
    "a .dockercfg in base64": f".dockercfg: {b64(json.dumps({'ghcr.io': {'auth': LOGIN}}))}\n",
    "a .dockercfg as text": f".dockercfg: |\n  {{'ghcr.io': {{'auth': '{LOGIN}'}}}}\n".replace("'", '"'),
    "a config in a block": f".dockerconfigjson: |\n  {b64(json.dumps({'auths': {'ghcr.io': {'auth': LOGIN}}}))}\n",
    "a key of values": "registryPassword: hunter22\n",
    "a name that begins as one of a set-up": "DOCKER_INITIATIVE_PASSWORD=hunter22\n",
    "a key of TAP": "kp_default_repository_password: hunter22\n",
    "skopeo's password": "skopeo copy --src-password hunter22 docker://a/b docker://c/d\n",
    "skopeo's token": "skopeo inspect --registry-token=hunter22 docker://a/b\n",
    "a .netrc": "machine ghcr.io\n  login robot\n  password hunter22\n",
    "a builder's Secret": "kind: Secret\nmetadata:\n  annotations:\n    tekton.dev/docker-0: https://ghcr.io\n"
    "stringData:\n  username: me\n  password: hunter22\n",
    "a builder's Secret in base64": "kind: Secret\nmetadata:\n  annotations:\n    kpack.io/docker: https://ghcr.io\n"
    f"data:\n  password: {b64('hunter22')}\n",
    "a command that a page shows in its text": "Then type `docker login -u robot -p hunter22 ghcr.io` to log in.\n",
    # clouds
    "AWS in variables": f"export AWS_SECRET_ACCESS_KEY={AWS}\n",
    "AWS in a file": f"[default]\naws_secret_access_key = {AWS}\n",
    "AWS in a pod": f"env:\n- name: AWS_SECRET_ACCESS_KEY\n  value: {AWS}\n",
    "AWS in a flow": f"env: [{{name: AWS_SECRET_ACCESS_KEY, value: '{AWS}'}}]\n",
    "AWS as JSON": f'{{"SecretAccessKey": "{AWS}"}}\n',
    "AWS by a command": f"aws configure set aws_secret_access_key {AWS}\n",
    "Azure's storage": f"DefaultEndpointsProtocol=https;AccountKey={ANY[:86]}==;\n",
    "Azure's registry": f"docker login x.azurecr.io -u x -p {ANY[:42]}+ACRab12cd\n",
    "Google's key": f"key: AIza{ANY[:35]}\n",
    "DigitalOcean": f"doctl auth init -t dop_v1_{'0f1e2d3c4b5a6978' * 4}\n",
    # tokens
    "GitHub": f"export X=ghp_{ANY[:36]}\n",
    "GitLab's deploy token": f"x: gldt-{ANY[:20]}\n",
    "npm": f"//npm.acme.example/:_authToken=npm_{ANY[:36]}\n",
    "OpenShift": f"oc login --token=sha256~{ANY[:43]} --server=https://api.x.com:6443\n",
    "in a query": f"curl 'https://ghcr.io/x?scope=a&access_token={ANY[:24]}'\n",
    "a signed address": f"wget https://x.blob.core.windows.net/a?sv=2022&sig={ANY[:40]}%3D\n",
    # keys
    "a private key": PEM,
    "a private key in YAML": "x: |\n  " + PEM.replace("\n", "\n  "),
    "a private key in JSON": '{"private_key": "' + PEM.replace("\n", "\\n") + '"}',
    "a private key of OpenSSH": PEM.replace("RSA", "OPENSSH"),
    "a private key in base64": f"tls.key: {b64(PEM)}\n",
    "age": f"AGE-SECRET-KEY-1{'QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7LQPZRY9X8GF2TVDW0S3JN54KHCE'}\n",
    # clusters
    "a kubeconfig's token": "apiVersion: v1\nkind: Config\nusers:\n- name: a\n  user:\n    token: hunter22hunter22\n",
    "a kubeconfig's password": "apiVersion: v1\nkind: Config\nusers:\n- name: a\n  user:\n    password: hunter22\n",
    "a kubeconfig's key": f"kind: Config\nusers:\n- user: {{client-key-data: {b64(PEM)}}}\n",
    "a service account's token": f"kubectl --token={JWT} get pods\n",
}  # fmt: skip

LEFT = {
    "variables": 'docker login ghcr.io -u me -p "$PASSWORD"\nexport REGISTRY_PASSWORD=${PASSWORD:-x}\n',
    "pages": "docker login ghcr.io -u me -p {{< param registry_password >}}\n",
    "classic pages": "docker login ghcr.io -u me -p %registry_password%\n",
    "Educates": "- name: IMGPKG_PASSWORD\n  value: $(registry_password)\n",
    "ytt": "registry_password: #@ data.values.password\n",
    "charts": "registryPassword: {{ .Values.password | quote }}\n",
    "nothing": "registry_password: \nregistry_token: ''\ndocker_password: null\n",
    "angles": "docker login ghcr.io -u <you> -p <password>\nauths: {ghcr.io: {auth: <base64>}}\n",
    "words": "".join(
        f"docker login ghcr.io -u me -p {word}\n"
        for word in ("password", "PASSWORD", "changeme", "change-me", "your-password", "my_token", "token-goes-here",
                     "xxxxx", "****", "secret", "password123", "testpassword", "example", "REDACTED", "DOCKER_PASSWORD")
    ),
    "a stand-in in base64": f"auths:\n  ghcr.io:\n    auth: {b64('user:password')}\n",
    "base64 of nothing": f".dockerconfigjson: {b64('{}')}\nx: {{auths: {{ghcr.io: {{auth: {b64(':')}}}}}}}\n",
    "base64 of no log-ins": f".dockerconfigjson: {b64(json.dumps({'auths': {}}))}\n",
    "base64 of a variable": f".dockerconfigjson: {b64(json.dumps({'auths': {'ghcr.io': {'auth': '$AUTH'}}}))}\n",
    "base64 of a certificate": f"tls.crt: {b64(PEM.replace('RSA PRIVATE KEY', 'CERTIFICATE'))}\n",
    "a config in a program": 'config = {"auths": {registry.address: {"auth": basic}}}\n',
    "a printed config": 'printf \'{"auths":{"%s":{"auth":"%s"}}}\' "$HOST" "$AUTH"\n',
    "the machine's own registry": "docker login localhost:5000 -p hunter22\ndocker login registry -p hunter22\n",
    "the session's own registry": f'{{"auths": {{"registry-$(session_name)": {{"auth": "{LOGIN}"}}}}}}\n',
    "AWS's own example": "AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\n",
    "a bucket of the exercise": "AWS_SECRET_ACCESS_KEY=minio123\n",
    "the name of an AWS key": "AWS_ACCESS_KEY_ID=AKIA2E0A8F3B244C9986\n",
    "Azure's emulator": "AccountKey="
    "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==\n",
    "made up tokens": f"ghp_{'x' * 36}\nglpat-{'x' * 20}\n"
    f"dckr_pat_{'1234567890' * 3}\nghp_{'abcdefghij1234567890' * 2}\n",
    "a key left out": f"{BEGIN.format('')}\n...\n-----END PRIVATE KEY-----\n",
    "a key with a password": f"{BEGIN.format('ENCRYPTED ')}\n{ANY[:64]}\n",
    "a key with headers": f"{BEGIN.format('RSA ')}\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES\n\n{ANY[:64]}\n",
    "a public key": f"-----BEGIN PUBLIC KEY-----\n{ANY[:64]}\n",
    "words of keys": "The file begins with -----BEGIN PRIVATE KEY----- and is secret.\n",
    "a token of another issuer": ".".join(("eyJhbGciOiJIUzI1NiJ9", "eyJzdWIiOiIxMjM0NTY3ODkwIn0", ANY[:43])) + "\n",
    "a kubeconfig with variables": "kind: Config\nusers:\n- user:\n    token: $TOKEN\n    password: <password>\n",
    "users of another document": "kind: Config\n---\nusers:\n- user:\n    token: hunter22hunter22\n",
    "a configuration of something else": "kind: Config\ntoken: hunter22hunter22\n",
    "a builder's Secret with a stand-in in base64": "kind: Secret\nmetadata:\n  annotations:\n"
    f"    kpack.io/docker: https://ghcr.io\ndata:\n  password: {b64('changeme')}\n",
    "a Secret of the exercise": "kind: Secret\nstringData:\n  username: app\n  password: hunter22\n",
    "a Secret for the session's registry": "kind: Secret\nmetadata:\n  annotations:\n"
    "    kpack.io/docker: https://${REGISTRY_HOST}/v1/\nstringData:\n  password: hunter22\n",
    "another document's password": "kind: Secret\nmetadata:\n  annotations:\n    tekton.dev/git-0: https://github.com\n"
    "---\nkind: ConfigMap\ndata:\n  password: hunter22\n",
    "a notebook's address": f"http://127.0.0.1:8888/?token={ANY[:40]}\nhttp://localhost:8888/?token={ANY[:40]}\n",
    "an address with a variable": "https://oauth2:$TOKEN@gitlab.com/a/b\nhttps://x.io/?token=${TOKEN}\n",
    "what a command prints": "podman login -u me -p `oc whoami -t` quay.io\noras login -p \"`cat /run/pw`\" ghcr.io\n",
    "a server's set-up": "- DOCKER_STORE_INIT_PASSWORD=hunter22\n- docker_store_initial_token=hunter22x\n",
    "a database": "psql postgresql://app:app12345@db:5432/app\nMYSQL_PASSWORD=hunter22\n",
}  # fmt: skip


@pytest.mark.parametrize("name", FOUND)
def test_a_credential_is_found_once(name: str) -> None:
    assert len(places(FOUND[name])) == 1


@pytest.mark.parametrize("name", LEFT)
def test_what_is_none_is_left_in_peace(name: str) -> None:
    assert places(LEFT[name]) == []


def test_the_old_file_of_docker_is_one_map() -> None:
    assert places(json.dumps({"ghcr.io": {"auth": LOGIN}}), ".dockercfg") == [1]
    assert places("{}", ".dockercfg") == []


def test_a_key_of_the_exercise_is_allowed_where_it_stands(tmp_path: Path) -> None:
    (found,) = linted(tmp_path, {"exercises/tls.key": f"# seeder: allow credentials-in-files of the lab\n{PEM}"})
    assert found.reason == "of the lab"


def test_no_form_prints_a_secret(tmp_path: Path) -> None:
    """Nor does the name of a registry that is keyed by an address with a user in it."""
    texts = {f"exercises/{at}.txt": text for at, text in enumerate(FOUND.values())}
    write(
        tmp_path, {**texts, "exercises/c.json": '{"auths": {"https://me:hunter22@ghcr.io": {"password": "hunter22"}}}'}
    )
    seen = lint_trees([tmp_path], {}, Lock(), list(RULES.values()))
    trees = [Tree(str(tree.root), tree.found, tree.unread) for tree in seen]
    said = [lint_text(trees, []), sarif.rendered(trees, RULES), github.commands(trees)]
    said.append(json.dumps(lint_document(trees, [], 1)))
    assert sum(len(tree.found) for tree in trees) > len(FOUND)
    for text in said:
        assert not [secret for secret in ("hunter22", LOGIN, AWS, ANY[:20], JWT) if secret in text]
