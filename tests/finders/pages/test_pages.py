from pathlib import PurePosixPath
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seeder.discover.examine import Examined, examine
from seeder.finders import pages
from seeder.finders.finding import Assigned, Built
from seeder.model.occurrence import Context, Mention
from seeder.syntax.text import Text

PAGE = "workshop/content/01-page.md"


def look(text: str, path: str = PAGE) -> Examined:
    data = text.encode()
    found = examine(PurePosixPath(path), data)
    for mention in found.mentions:
        for part in mention.parts:
            assert data[part.span.start : part.span.end].decode() == part.text
    return found


def mentions(text: str, path: str = PAGE) -> list[Mention]:
    return look(text, path).mentions


def pulled(text: str, path: str = PAGE) -> list[str]:
    return sorted(mention.text for mention in mentions(text, path) if mention.pulled)


def fence(info: str, body: str, lead: str = "") -> str:
    return f"# Page\n\n{lead}\n\n```{info}\n{body}\n```\n\nMore.\n"


PODS = "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - name: a\n    image: a:1"

# educates-training-platform: project-docs/workshop-content/workshop-instructions.md
ACTIONS = {
    "execute": ("execute", "docker pull a:1", ["a:1"]),
    "execute-2": ("execute-2", "docker pull a:1", ["a:1"]),
    "execute-all": ("execute-all", "docker pull a:1", ["a:1"]),
    "several lines": ("execute", "cd x\ndocker pull a:1\ndocker pull b:1", ["a:1", "b:1"]),
    "blanks after": ("execute ", "docker pull a:1", ["a:1"]),
    "terminal:execute": ("terminal:execute", "command: docker pull a:1\nsession: 2", ["a:1"]),
    "block scalar": ("terminal:execute", "command: |-\n  docker pull a:1 &&\n  docker pull b:1", ["a:1", "b:1"]),
    "quoted": ("terminal:execute", 'command: "docker pull a:1"', ["a:1"]),
    "description": ("terminal:execute", "description: docker pull b:1\ncommand: docker pull a:1", ["a:1"]),
    "terminal:execute-all": ("terminal:execute-all", "command: docker pull a:1", ["a:1"]),
    "terminal:input": ("terminal:input", "text: docker pull a:1", ["a:1"]),
    "input that is none": ("terminal:input", "text: FROM raw_data:x", []),
    "copy, command": ("copy", "docker pull a:1", ["a:1"]),
    "copy, manifest": ("copy", PODS, ["a:1"]),
    "copy, Dockerfile": ("copy", "FROM a:1\nRUN ls", ["a:1"]),
    "copy, word": ("copy", "nginx", []),
    "copy-and-edit": ("copy-and-edit", "docker run a:1", ["a:1"]),
    "workshop:copy": ("workshop:copy", "text: docker pull a:1", ["a:1"]),
    "workshop:copy, manifest": ("workshop:copy", "text: |\n  " + PODS.replace("\n", "\n  "), ["a:1"]),
    "append-lines-to-file": (
        "editor:append-lines-to-file",
        "file: ~/p.yaml\ntext: |\n  " + PODS.replace("\n", "\n  "),
        ["a:1"],
    ),
    "piece of a manifest": (
        "editor:append-lines-to-file",
        "file: ~/p.yaml\ntext: |\n      - name: b\n        image: b/c:1",
        ["b/c:1"],
    ),
    "create-file": ("editor:create-file", "file: ~/Dockerfile\ntext: |\n  FROM a:1\n  RUN ls", ["a:1"]),
    "create a script": ("editor:create-file", "file: ~/x.sh\ntext: |\n  docker pull a:1", ["a:1"]),
    "create a page's text": ("editor:create-file", "file: ~/x.txt\ntext: |\n  image: a:1", []),
    "insert-lines-before-line": (
        "editor:insert-lines-before-line",
        "file: ~/Dockerfile\nline: 1\ntext: FROM a:1",
        ["a:1"],
    ),
    "insert-lines-after-line": (
        "editor:insert-lines-after-line",
        "file: ~/Dockerfile\nline: 1\ntext: FROM a:1",
        ["a:1"],
    ),
    "append-lines-after-match": (
        "editor:append-lines-after-match",
        "file: ~/p.yaml\nmatch: containers\ntext: |\n  - name: b\n    image: b:1",
        ["b:1"],
    ),
    "a stage that stands above": (
        "editor:append-lines-to-file",
        "file: ~/Dockerfile\ntext: COPY --from=build /a /b",
        [],
    ),
    "insert-value-into-yaml": (
        "editor:insert-value-into-yaml",
        "file: ~/p.yaml\npath: spec.containers\nvalue:\n- name: nginx\n  image: nginx:latest",
        ["nginx:latest"],
    ),
    "yaml-set-value": ("editor:yaml-set-value", "file: ~/p.yaml\npath: spec.containers[0].image\nvalue: a:1", ["a:1"]),
    "yaml-set-value of something": ("editor:yaml-set-value", "file: ~/p.yaml\npath: metadata.name\nvalue: a:1", []),
    "yaml-add-item": (
        "editor:yaml-add-item",
        "file: ~/p.yaml\npath: spec.containers\nvalue:\n  name: b\n  image: busybox:latest",
        ["busybox:latest"],
    ),
    "yaml-replace-item": (
        "editor:yaml-replace-item",
        "file: ~/p.yaml\npath: spec.containers[name=a]\nvalue: {name: a, image: nginx:1.25}",
        ["nginx:1.25"],
    ),
    "replace-matching-text": (
        "editor:replace-matching-text",
        "file: ~/p.yaml\nmatch: nginx:1.19\nreplacement: nginx:1.21",
        ["nginx:1.21"],
    ),
    "replace-matching-text, more": (
        "editor:replace-matching-text",
        'file: ~/p.yaml\nmatch: "image: (.*)"\nreplacement: "image: nginx:latest"\nisRegex: true',
        ["nginx:latest"],
    ),
    "replace-matching-text of something": (
        "editor:replace-matching-text",
        "file: ~/p.yaml\nmatch: 'replicas: 1'\nreplacement: 'replicas: 2'",
        [],
    ),
    "replace-text-selection": (
        "editor:replace-text-selection",
        "file: ~/p.yaml\ntext: ghcr.io/a/b:1",
        ["ghcr.io/a/b:1"],
    ),
    "replace-text-selection of something": ("editor:replace-text-selection", "file: ~/p.yaml\ntext: apps/v1", []),
    "select-matching-text": ("editor:select-matching-text", 'file: ~/p.yaml\ntext: "image: nginx:1.27"', []),
    "open-file": ("editor:open-file", "file: ~/a/b:1", []),
    "execute-command": ("editor:execute-command", "command: docker.pull\nargs: [a:1]", []),
    "open-url": ("dashboard:open-url", "url: https://hub.docker.com/_/nginx", []),
    "execute-test": ("examiner:execute-test", "name: x\nargs:\n- nginx:1.27", []),
    "section": ("section:begin", "title: docker pull a:1", []),
    "hugo parameter": ("execute", "docker pull {{< param registry_host >}}/a:1", ["{{< param registry_host >}}/a:1"]),
    "liquid variable": ("execute", "docker pull {{ registry_host }}/a:1", ["{{ registry_host }}/a:1"]),
    "percent variable": ("execute", "docker pull %registry_host%/a:1", ["%registry_host%/a:1"]),
    "variable in YAML": (
        "terminal:execute",
        "command: docker pull {{ registry_host }}/a:1",
        ["{{ registry_host }}/a:1"],
    ),
    "heredoc": ("execute", "kubectl apply -f - <<EOF\n" + PODS + "\nEOF", ["a:1"]),
    "file": ("execute", "cat <<EOF > Dockerfile\nFROM a:1\nEOF", ["a:1"]),
}


@pytest.mark.parametrize(("info", "body", "expected"), ACTIONS.values(), ids=ACTIONS)
def test_actions(info, body, expected):
    assert pulled(fence(info, body)) == expected


@pytest.mark.parametrize(
    "line", ["$ cat <<E\n", "$ cat <<E\nE\n", "$ cat <<E\n> a\n", "`a\n", "b`{{exec}}\n", '<pre data-file="x">\n']
)
def test_a_page_is_looked_through_once(line):
    before = process_time()
    pulled(fence("console", line * 4_000) if line.startswith("$") else line * 4_000)
    assert process_time() - before < 3


SHOWN = {
    "bash": ("bash", "docker pull a:1", "", ["a:1"]),
    "shell with a prompt": (
        "shell",
        "[~/exercises] $ docker run --rm a:1\nUnable to find image 'b:1' locally",
        "",
        ["a:1"],
    ),
    "console": ("console", "$ docker pull a:1 \\\n> --quiet\ndocker pull b:1\n", "", ["a:1"]),
    "a text that a command takes": (
        "console",
        "$ cat <<E | sh\ndocker pull a:1\nE\ndocker pull b:1\n$ cat <<MORE | sh\ndocker pull c:1",
        "",
        ["a:1"],
    ),
    "root's prompt": ("console", "# docker pull a:1\nUsing default tag: latest", "", ["a:1"]),
    "a comment in a script": ("bash", "# docker pull a:1", "", []),
    "user and host": ("", "root@host:~# docker pull a:1\nuser@host:/tmp$ docker pull b:1", "", ["a:1", "b:1"]),
    "a container's prompt": ("", "docker run -it a:1 sh\n/ # ls\ndocker pull c:1", "", ["a:1"]),
    "a shell's prompt": ("", "bash-5.1# docker pull a:1\n/ # docker pull b:1\noutput", "", ["a:1", "b:1"]),
    "bare prompt": ("", "> docker pull a:1\nUsing default tag: latest", "", ["a:1"]),
    "docker, commands": ("docker", "docker pull a:1", "", ["a:1"]),
    "docker, a Dockerfile": ("docker", "FROM a:1\nRUN ls", "Create a Dockerfile:", ["a:1"]),
    "language with settings": ("bash {linenos=true}", "docker pull a:1", "", ["a:1"]),
    "language as a class": ("{.bash .copy}", "docker pull a:1", "", ["a:1"]),
    "language and more": ("yaml,title=x", PODS, "Create a file with:", ["a:1"]),
    "no language": ("", "docker pull a:1", "Run:", ["a:1"]),
    "text": ("text", "docker pull a:1", "", []),
    "output": ("", "Status: Downloaded newer image for a:1\nREPOSITORY TAG\na 1", "", []),
    "build log": ("", "#4 [1/3] FROM docker.io/library/a:1@sha256:abc\nStep 1/9 : FROM b:1", "", []),
    "sql": ("sql", "SELECT * FROM raw_sensors", "", []),
    "sql without language": ("", "SELECT *\nFROM raw_sensors", "", []),
    "manifest, a goal": ("yaml", PODS, "The file should contain:", ["a:1"]),
    "manifest, a look": ("yaml", PODS, "Once you change it, you will see:", []),
    "manifest, a look and a task": ("yaml", PODS, "Here is the manifest. Put it into `pod.yaml`:", ["a:1"]),
    "manifest, said nothing": ("yaml", PODS, "The deployment:", ["a:1"]),
    "manifest, output": ("", PODS, "This should yield:", []),
    "manifest to write": ("yaml", PODS, "Create a file named `pod.yaml` with this:", ["a:1"]),
    "manifest to apply": ("yaml", PODS, "Apply the following to the cluster:", ["a:1"]),
    "manifest to edit": ("yaml", PODS, "1. Edit `pod.yaml` and add an `env` section:", ["a:1"]),
    "Dockerfile, shown": ("dockerfile", "FROM a:1\nRUN ls", "You should see:", []),
    "Dockerfile to create": ("dockerfile", "FROM a:1\nRUN ls", "Create the following `Dockerfile`:", ["a:1"]),
    "Dockerfile to write": ("dockerfile", "FROM a:1\nRUN ls", "Write this to the Dockerfile:", ["a:1"]),
    "java": ("java", "docker pull a:1", "", []),
    "inline": ("", "", "Run `docker pull a:1` now.", []),
    "prose": ("", "", "The image docker.io/a/b:1 is used. docker pull a:1 pulls it.", []),
}


@pytest.mark.parametrize(("info", "body", "lead", "expected"), SHOWN.values(), ids=SHOWN)
def test_what_a_page_shows(info, body, lead, expected):
    assert pulled(fence(info, body, lead)) == expected


@pytest.mark.parametrize("lead", ["The deployment:", "The file should contain:"])
def test_a_manifest_of_which_nothing_is_said_or_a_goal_alone_is_not_changed(lead):
    (mention,) = mentions(fence("yaml", PODS, lead))
    assert mention.pulled
    assert "does not say" in mention.reason


def test_what_a_task_comes_to_is_the_learner_s():
    (mention,) = mentions(fence("yaml", PODS, "Edit `pod.yaml` so that it looks like this:"))
    assert (mention.pulled, mention.reason) == (True, "")


def test_a_manifest_that_the_page_s_command_made_is_the_learner_s():
    made = fence("bash", "kubectl run x --image=a:1 --dry-run=client -o yaml > x.yaml")
    assert pulled(made + fence("yaml", PODS, "The final spec should be similar to:")) == ["a:1", "a:1"]
    assert pulled(made + fence("", PODS, "The output should be similar to:")) == ["a:1"]


def test_context():
    found = mentions(fence("execute", "docker pull a:1") + fence("copy", PODS))
    assert {mention.context for mention in found} == {Context.INSTRUCTIONS_COMMAND, Context.POD_SPEC}


def test_commands_of_a_page_share_their_variables():
    text = fence("execute", "IMG=a:1") + fence("execute", "docker pull $IMG")
    (mention,) = mentions(text)
    assert [part.text for part in mention.parts] == ["a:1"]


def test_a_search_text_is_coupled_to_its_file():
    body = 'file: ~/exercises/pod.yaml\ntext: "image: nginx:1.27"'
    (mention,) = mentions(fence("editor:select-matching-text", body))
    assert (mention.text, mention.pulled, mention.coupled_to) == ("nginx:1.27", False, "~/exercises/pod.yaml")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("ghcr.io/a/b", "ghcr.io/a/b"),
        ("FROM golang", "golang"),
        ("'- image: nginx'", "nginx"),
        ("'image:'", None),
        ("'replicas: 1'", None),
        ("apps/v1", None),
        ("src/app.py", None),
        ("'8080:80'", None),
        ("https://example.com/a", None),
    ],
)
def test_which_search_texts_are_names(text, name):
    found = mentions(fence("editor:select-matching-text", f"file: ~/x\ntext: {text}") + "docker image FROM ")
    assert [mention.text for mention in found] == ([name] if name else [])


def test_what_replaces_a_selected_name_is_one():
    select = fence("editor:select-matching-text", "file: ~/x.yaml\ntext: nginx:1.27")
    replace = fence("editor:replace-text-selection", "file: ~/x.yaml\ntext: httpd")
    assert pulled(select + replace) == ["httpd"]
    assert pulled("image\n" + replace) == []


INLINE = {
    "a command to click": ("Now `docker run a:1`{{execute}} it.", ["a:1"]),
    "a command to copy": ("Now ``kubectl create deployment x --image=a:1``{{copy}}.", ["a:1"]),
    "a name to copy": ("Make a pod of the image `ghcr.io/a/b:1`{{copy}}.", []),
    "a field to copy": ("Add `image: a:1`{{copy}} to it.", []),
    "a command alone": ("1. `docker run a:1`", ["a:1"]),
    "a session alone": ("Type:\n\n`$ docker run a:1`", ["a:1"]),
    "a field alone": ("Add:\n\n`image: a:1`", []),
    "a command in a sentence": ("What would `docker run a:1` do?", []),
    "a command in a heading": ("## `docker run a:1`", []),
    "a command in a table": ("| `docker run a:1` | runs it |", []),
}


@pytest.mark.parametrize(("text", "expected"), INLINE.values(), ids=INLINE)
def test_commands_in_prose(text, expected):
    assert pulled(f"# Page\n\n{text}\n\nMore.\n") == expected


def test_actions_in_prose_make_a_page():
    assert pulled("Say `ls`{{execute}}.\n" + fence("bash", "docker pull a:1"), "lab/01.md") == ["a:1"]
    assert pulled("`ls`\n" + fence("bash", "docker pull a:1"), "lab/01.md") == []


@pytest.mark.parametrize(
    ("lead", "expected"),
    [
        ("`kubectl get pod a -o yaml`{{execute}}", []),
        ("Now `cat pod.yaml`{{execute}}.", []),
        ("`kubectl get pod a -o yaml`", []),
        ("`cat pod.yaml`{{execute}}, and add to it:", ["a:1"]),
        ("`vi pod.yaml`{{execute}}", ["a:1"]),
        ("`cat pod.yaml`{{execute}}\n\nWrite one:", ["a:1"]),
    ],
)
def test_what_a_command_in_prose_prints(lead, expected):
    assert pulled(fence("yaml", PODS, lead)) == expected


def test_asciidoc():
    text = ":img: a:1\n\n[source,bash,role=execute]\n----\ndocker pull b:1\n----\n\n....\ndocker pull c:1\n....\n"
    found = look(text, "workshop/content/x.adoc")
    assert [mention.text for mention in found.mentions] == ["b:1"]
    assert found.assigned == [Assigned("img", "a:1")]


AUTHORS = """README.md docs/CONTRIBUTING.md exercises/README.md notes/design.md INSTRUCTIONS.md step-1.md
.hidden/web/step-1.md docs/step-1.md install/instructions.md 00_setup/instructions.md instructors/exercise.md
web/exercise-1/README.md web/solution-overview.md web/build-instructions.md web/docker.instructions.md web/steps.md
web/lab.md web/exercises/01.md web/step-by-step.md web/task-list.md web/redissolution.md docs/operator/step-1.md
deploy/instructions.md release/step-2.md scripts/instructions.md v1.2/instructions.md collaboration/step-1.md
trainer/exercise-1.md labs-setup/step-1.md"""
LEARNERS = (
    "Chapter2/A first pod/Instructions.md",
    "02/instructions.md",
    "3. Pods/step-1.md",
    "part 2/exercise.md",
    "02-web/exercise_2.md",
    "labs/web/solution.md",
    "labs/lab-01.md",
    "deployments/03 solutions.md",
    "docs/web/1.1 hands-on.md",
    "web-labs/step3.markdown",
    "docs/tutorials/pods/step1.md",
    "web/task-2.md.in",
)


@pytest.mark.parametrize("path", AUTHORS.split())
def test_documentation_is_for_authors(path):
    found = mentions(fence("bash", "docker pull a:1"), path)
    assert [(mention.text, mention.pulled) for mention in found] == [("a:1", False)]


def test_pages_elsewhere_are_known_by_their_actions():
    assert pulled(fence("execute", "docker pull a:1"), "lab/01.md") == ["a:1"]


@pytest.mark.parametrize("path", LEARNERS)
def test_pages_elsewhere_are_known_by_what_they_are_called(path):
    assert pulled(fence("bash", "docker pull a:1"), path) == ["a:1"]


def test_what_a_page_builds():
    found = look(fence("execute", "docker build -t greeting .\ndocker run greeting"))
    assert found.built == [Built("greeting")]


@pytest.mark.parametrize("name", ["config.yaml", "modules.yaml", "workshop.yaml"])
def test_parameters(name):
    keys = {"config.yaml": "params:", "modules.yaml": "config:\n  vars:", "workshop.yaml": "vars:"}
    text = f"{keys[name]}\n  - name: app_image\n    value: ghcr.io/a/b:1\n  - name: x\n    value: 1\n"
    found = look(text, f"workshop/{name}")
    assert found.assigned == [Assigned("app_image", "ghcr.io/a/b:1"), Assigned("x", "1")]
    assert [mention.text for mention in found.mentions] == ["ghcr.io/a/b:1"]


BODIES = st.sampled_from(
    [
        "command: ",
        "text: |\n",
        "file: x\n",
        "docker pull a:1\n",
        "match: ",
        "value:\n",
        "- image: b\n",
        "'",
        '"',
        "{",
        ": ",
        "\n",
        "  ",
        "<<EOF\n",
        "FROM x\n",
        "{{< x >}}",
        "é",
    ]
)
INFOS = st.sampled_from([name for name, _, _ in ACTIONS.values()] + ["yaml", "", "bash", "dockerfile"])


@given(st.lists(st.tuples(INFOS, st.lists(BODIES, max_size=6).map("".join)), max_size=4))
def test_any_blocks_end(found):
    mentions("docker image " + "".join(fence(info, body) for info, body in found))


@given(st.binary(max_size=200))
def test_any_bytes_end(data):
    from seeder.finders.finding import Source

    list(pages.find(Source(path=PurePosixPath("x.md"), text=Text.of(b"docker\n```\n" + data))))


def test_a_manifest_for_a_file_that_a_command_has_made_keeps_what_it_is_once_both_are_rewritten():
    page = fence("bash", "kubectl run a --image=NAME $DR > a.yaml") + fence("yaml", PODS.replace("a:1", "NAME"))
    name = "registry.example.com/library/a:latest"
    assert pulled(page.replace("NAME", "a")) == ["a", "a"]
    typed = page.replace("NAME", name, 1).replace("NAME", f"{name}@sha256:{'0' * 64}")
    assert pulled(typed) == [name, f"{name}@sha256:{'0' * 64}"]
