from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seeder.finders import shell
from seeder.finders.finding import Assigned, Built, Finding, Source, Unparsed
from seeder.finders.formats import formats_of
from seeder.model.occurrence import Context, Mention, Puller, Role, Spelling
from seeder.syntax.text import Text


def find(text: str, **source) -> list[Finding]:
    data = text.encode()
    found = list(shell.find(Source(path=PurePosixPath("x.sh"), text=Text.of(data), kind="shell", **source)))
    for finding in found:
        for part in finding.parts if isinstance(finding, Mention) else ():
            assert data[part.span.start : part.span.end].decode() == part.text
    return found


def mentions(text: str) -> list[Mention]:
    return [finding for finding in find(text) if isinstance(finding, Mention)]


def pulled(text: str) -> list[str]:
    return sorted(mention.text for mention in mentions(text) if mention.pulled)


PULLS = {
    # docker run: docs.docker.com/reference/cli/docker/container/run
    "run": ("docker run nginx", ["nginx"]),
    "run with a command": ("docker run nginx:1.27 redis alpine", ["nginx:1.27"]),
    "run with short options": ("docker run -it --rm -p 80:80 -v $PWD:/x nginx sh", ["nginx"]),
    "run with joined short options": ("docker run -itp 80:80 -p8080:80 nginx", ["nginx"]),
    "run with long options": ("docker run --name web --network=host --entrypoint sh -e A=b nginx", ["nginx"]),
    "run with an option's value quoted": ("docker run -e \"A=b c\" --health-cmd 'curl x' nginx", ["nginx"]),
    "run by digest": (f"docker run nginx@sha256:{'a' * 64}", [f"nginx@sha256:{'a' * 64}"]),
    "container run": ("docker container run -d nginx", ["nginx"]),
    "create": ("docker create --name x nginx", ["nginx"]),
    "global options": ("docker -H tcp://x:2375 --context c run nginx", ["nginx"]),
    "options in a variable": ("docker run $DOCKER_OPTS nginx", ["nginx"]),
    "options in a known variable": ('OPTS="-d -p 80:80"\ndocker run $OPTS nginx', ["nginx"]),
    "pull": ("docker pull -q --platform linux/amd64 ghcr.io/a/b:1", ["ghcr.io/a/b:1"]),
    "image pull": ("docker image pull a/b", ["a/b"]),
    "build": ("docker build -t a/b:1 -f Dockerfile.x .", []),
    "build with a base": ("docker build --build-arg BASE_IMAGE=alpine:3 --build-arg X=a/b:1 .", ["alpine:3"]),
    "build context": ("docker buildx build --build-context base=docker-image://alpine:3 .", ["alpine:3"]),
    "push": ("docker push a/b:1", []),
    "tag": ("docker tag nginx:1 localhost:5000/nginx:1", ["nginx:1"]),
    "commit": ("docker commit web a/b:1", []),
    "rmi": ("docker rmi -f nginx:1 3f4e5d6c7a8b", ["nginx:1"]),
    "image inspect": ("docker image inspect nginx", ["nginx"]),
    "inspect of a container": ("docker inspect web", []),
    "inspect of an image": ("docker inspect -f '{{.Id}}' nginx:1", ["nginx:1"]),
    "history, save": ("docker history nginx; docker save -o x.tar nginx:1", ["nginx", "nginx:1"]),
    "containers": ("docker exec web ls; docker logs web; docker cp web:/a b; docker rm web", []),
    "lists": ("docker images -q; docker ps -a; docker search nginx; docker login ghcr.io", []),
    "compose": ("docker compose up -d web; docker-compose pull web", []),
    "models are none": ("docker model pull ai/smollm2:360M; ollama run llama3:8b", []),
    "manifest": ("docker manifest inspect nginx:1; docker buildx imagetools inspect nginx:2", ["nginx:1", "nginx:2"]),
    "service": ("docker service create --name web --replicas 3 nginx:1 sh", ["nginx:1"]),
    "service update": ("docker service update --image nginx:2 web", ["nginx:2"]),
    "podman": ("podman run --rm --userns keep-id -d docker.io/library/nginx", ["docker.io/library/nginx"]),
    "nerdctl": ("nerdctl -n k8s.io pull nginx", ["nginx"]),
    "buildah": ("c=$(buildah from --name x alpine:3)", ["alpine:3"]),
    "buildah bud": ("buildah bud -t a/b .", []),
    "dive": ("dive nginx:1", ["nginx:1"]),
    "ctr, crictl": (
        "ctr -n k8s.io images pull docker.io/library/a:1; crictl pull b:1",
        ["b:1", "docker.io/library/a:1"],
    ),
    "kind": (
        "kind load docker-image a/b:1 --name x; kind create cluster --image kindest/node:v1.31.0",
        ["a/b:1", "kindest/node:v1.31.0"],
    ),
    # kubernetes
    "kubectl run": ("kubectl run x --image=nginx --port 80 -- sh -c ls", ["nginx"]),
    "kubectl run, blank": ("kubectl run x --image nginx:1", ["nginx:1"]),
    "kubectl create deployment": ("kubectl -n a create deployment x --image=a:1 --image=b:2", ["a:1", "b:2"]),
    "kubectl create job": ("kubectl create job x --image=busybox -- date", ["busybox"]),
    "kubectl set image": ("kubectl set image deployment/x web=nginx:1 side=a/b:2 --record", ["a/b:2", "nginx:1"]),
    "kubectl set image, kind apart": ("kubectl set image deployment x *=nginx:1 -n y", ["nginx:1"]),
    "kubectl debug": ("kubectl debug -it x --image=busybox:1.28 --target=y", ["busybox:1.28"]),
    "kubectl after dashes": ("kubectl run x --image=a -- tool --image=b", ["a"]),
    "kubectl exec": ("kubectl exec x -- docker pull nginx", ["nginx"]),
    "an alias": ("k run x --image=nginx $DR > x.yaml", ["nginx"]),
    "an alias we do not know": ("kc create deployment x --image=nginx", ["nginx"]),
    "oc": ("oc new-app centos/python-311~https://github.com/a/b", ["centos/python-311"]),
    "oc import": ("oc import-image x --from=quay.io/a/b:1 --confirm", ["quay.io/a/b:1"]),
    "kn": ("kn service create x --image a/b --port 8080 --env T=W", ["a/b"]),
    "tanzu": (
        "tanzu package repository add x --url projects.registry.vmware.com/a/b:1 -n y",
        ["projects.registry.vmware.com/a/b:1"],
    ),
    "helm set": ("helm install x bitnami/nginx --set image.repository=a/b --set image.tag=1.2", ["a/b:1.2"]),
    "helm set in one": (
        "helm upgrade x y --set a.image.registry=quay.io,a.image.repository=b/c,a.image.tag=1",
        ["quay.io/b/c:1"],
    ),
    "helm set, whole": ("helm install x y --set web.image=a/b:1,replicas=2", ["a/b:1"]),
    "helm tag alone": ("helm install x y --set image.tag=1.2", []),
    "helm chart": ("helm repo add bitnami https://x; helm install x bitnami/nginx", []),
    # registries' own tools
    "skopeo copy": ("skopeo copy --dest-tls-verify=false docker://a/b:1 docker://r.example.com/b:1", ["a/b:1"]),
    "skopeo from a file": ("skopeo copy oci-archive:x.tar docker://r.example.com/b:1", []),
    "skopeo inspect": ("skopeo inspect --raw docker://docker.io/a/b:1 | jq .", ["docker.io/a/b:1"]),
    "skopeo list-tags": ("skopeo list-tags docker://docker.io/a/b", ["docker.io/a/b"]),
    "skopeo sync": ("skopeo sync --src docker --dest dir a/b:1 /tmp/x", ["a/b:1"]),
    "crane": ("crane digest a/b:1; crane cp c/d:1 r.example.com/d:1; crane pull e/f x.tar", ["a/b:1", "c/d:1", "e/f"]),
    "oras": ("oras pull ghcr.io/a/b:1 -o x; oras push ghcr.io/a/c:1 f.txt", ["ghcr.io/a/b:1"]),
    "imgpkg": ("imgpkg pull -i ghcr.io/a/b:1 -o x; imgpkg push -i ghcr.io/a/c -f .", ["ghcr.io/a/b:1"]),
    "imgpkg copy": ("imgpkg copy -b a/b:1 --to-repo r.example.com/b", ["a/b:1"]),
    "scanners": (
        "trivy image --severity HIGH nginx:1; grype a/b:1; cosign verify --key k c/d:1",
        ["a/b:1", "c/d:1", "nginx:1"],
    ),
    "scanners of files": ("trivy fs .; syft dir:.", []),
    # builders
    "pack": (
        "pack build app --path . --builder a/builder:base --buildpack docker://b/c:1",
        ["a/builder:base", "b/c:1"],
    ),
    "pack config": ("pack config default-builder a/builder:base", ["a/builder:base"]),
    "spring boot": ("./mvnw spring-boot:build-image -Dspring-boot.build-image.imageName=a/b:1", []),
    "jib": (
        "mvn compile jib:build -Dimage=r.example.com/a -Djib.from.image=eclipse-temurin:21",
        ["eclipse-temurin:21"],
    ),
    # the shell around them
    "sudo, env, time": ("sudo -E docker pull a; env A=b docker pull b; time docker pull c", ["a", "b", "c"]),
    "timeout, xargs": ("timeout 60 docker pull a; echo x | xargs -n 1 docker pull", ["a", "x"]),
    "several a line": (
        "docker pull a && docker pull b || docker pull c; docker pull d & docker pull e | cat",
        list("abcde"),
    ),
    "conditions": ("if ! docker pull a; then docker pull b; else docker pull c; fi", list("abc")),
    "substitutions": ('x=$(docker pull a) y=`docker pull b` echo "$(docker pull c)" > /dev/null', list("abc")),
    "quoted script": ("bash -c 'docker pull a && docker pull \"b\"'; ssh host docker pull c", list("abc")),
    "continuations": ("docker run \\\n  -d \\  \n  --name x \\\n  nginx:1", ["nginx:1"]),
    "comment": ("# docker pull a\ndocker pull b # docker pull c", ["b"]),
    "a word of another command": ("echo docker pull a; man docker run", []),
    "quotes": ("docker pull 'a:1'; docker pull \"b:1\"", ["a:1", "b:1"]),
    "variable": ('IMG=nginx:1\ndocker pull $IMG; docker run "${IMG}"', ["nginx:1"]),
    "variable with a default": ("docker pull ${IMG:-nginx:1}", ["nginx:1"]),
    "variable in a name": ("V=1.2\ndocker pull a/b:$V", ["a/b:1.2"]),
    "unknown host": ("docker pull $REGISTRY_HOST/b:1", ["$REGISTRY_HOST/b:1"]),
    "unknown tag": ("docker pull a/b:${TAG}", ["a/b:${TAG}"]),
    "array": ('A=(a:1 "b:2"\n  c:3 # d:4\n)\nfor i in "${A[@]}"; do docker pull "$i"; done', ["a:1", "b:2", "c:3"]),
    "array by number": ("A=(a:1 b:2)\ndocker pull ${A[1]}", ["b:2"]),
    "declared array": ("declare -a A=(a:1 b:2)\nfor i in ${A[*]}; do docker pull $i; done", ["a:1", "b:2"]),
    "word list": ('L="a:1\nb:2"\nfor i in $L; do docker pull $i; done', ["a:1", "b:2"]),
    "loop": ("for i in a:1 b:2; do\n docker pull $i\ndone", ["a:1", "b:2"]),
    "loop over parts of names": (
        "for i in a b; do docker pull ghcr.io/x/$i:1; done",
        ["ghcr.io/x/a:1", "ghcr.io/x/b:1"],
    ),
    "function": ('get() {\n docker pull "$1"\n}\nget a:1\nget b:1', ["a:1", "b:1"]),
    "function with a name of its own": (
        'function get {\n local i=$1\n docker pull "quay.io/$i"\n}\nget a:1',
        ["quay.io/a:1"],
    ),
    "function over its arguments": ('get() { for i in "$@"; do docker pull $i; done; }\nget a:1 b:1', ["a:1", "b:1"]),
    "function that is not called": ("get() { docker pull a:1; }", ["a:1"]),
    "list in a document": ("while read -r i; do\n docker pull $i\ndone <<EOF\na:1\n# c:1\nb:1\nEOF", ["a:1", "b:1"]),
    "list through a pipe": ("cat <<EOF | while read i; do docker pull $i; done\na:1\nb:1\nEOF", ["a:1", "b:1"]),
    "list into xargs": ("cat <<EOF | xargs -I {} docker pull {}\na:1\nb:1\nEOF", ["a:1", "b:1"]),
    "printed list": ("printf '%s\\n' a:1 b:1 | xargs -n1 docker pull", ["a:1", "b:1"]),
    "scout, sbom": (
        "docker scout cves registry://a:1; docker scout quickview b:1; docker sbom c:1",
        ["a:1", "b:1", "c:1"],
    ),
    "scout of a file": ("docker scout cves archive://x.tar", []),
    "trust, manifest": ("docker trust inspect a:1; docker manifest create x:1 b:1", ["a:1", "x:1"]),
    "imagetools create": ("docker buildx imagetools create -t x:1 a:1 b:1", ["a:1", "b:1"]),
    "buildx by its own name": ("docker-buildx build --build-context b=docker-image://a:1 .", ["a:1"]),
    "builds": ("podman build --from a:1 -t x .; docker builder build -t y .", ["a:1"]),
    "inspect by type": ("docker inspect --type image a; docker inspect --type=container b", ["a"]),
    "a root file system": ("podman run --rootfs /tmp/x sh", []),
    "podman's transports": ("podman pull docker://a:1; podman push b:1 docker://r.example.com/b:1", ["a:1"]),
    "clusters": (
        "k3d image import a:1; minikube image pull b:1; minikube start --base-image c:1",
        ["a:1", "b:1", "c:1"],
    ),
    "dive build": ("dive build --build-arg BASE=a:1 .; dive docker-archive://x.tar", ["a:1"]),
    "ctr run": ("ctr run --rm docker.io/library/a:1 x; ctr images push b:1", ["docker.io/library/a:1"]),
    "kubectl patch": ("kubectl debug x --copy-to=y --set-image=*=a:1", ["a:1"]),
    "oc new-app": ("oc new-app a/b:1; oc new-app mysql; oc new-app https://github.com/a/b", ["a/b:1"]),
    "oc adm": (
        "oc adm release info q.io/a/r:4.12 --commits; oc adm release extract --tools q.io/a/x:4; oc adm top nodes; "
        "oc adm release mirror -a auth.json --from=q.io/a/m:4 --to=r.example.com/x "
        "--to-release-image=r.example.com/x:4; oc adm catalog mirror -a auth.json q.io/a/c:v4 r.example.com:5000/olm; "
        "oc adm catalog mirror file://x r.example.com/y",
        ["q.io/a/c:v4", "q.io/a/m:4", "q.io/a/r:4.12", "q.io/a/x:4"],
    ),
    "oc create imagestreamtag": (
        "oc create istag x:1 --from-image=q.io/a/b:1; oc create imagestreamtag y:1 --from=x:1; oc create is z",
        ["q.io/a/b:1"],
    ),
    "opm": (
        "opm index add --bundles q.io/a/b:1,q.io/a/c:2 -f q.io/a/i:1 -t r.example.com/x:1; opm render q.io/a/d:1; "
        "opm index add -b q.io/a/e:1 --from-index q.io/a/k:1 -t x:1; opm validate ./catalog; opm serve x -p 50051; "
        "opm index prune -f q.io/a/p:1 -p one,two -t r.example.com/x:2; opm generate dockerfile c -i q.io/a/g:1",
        [f"q.io/a/{name}" for name in ("b:1", "c:2", "d:1", "e:1", "g:1", "i:1", "k:1", "p:1")],
    ),
    "bootc": ("sudo bootc switch q.io/a/b:1; bootc status; bootc upgrade --check", ["q.io/a/b:1"]),
    "build arguments": (
        "docker build --build-arg BUILDER=q.io/a/b:1 --build-arg SITE=https://q.io/a/s:1 --build-arg PROXY=q.io:3128 "
        "--build-arg BASE=a/c --build-arg JAR=target/app-1.0.jar --build-arg HOST=q.io/a --build-arg X .",
        ["a/c", "q.io/a/b:1"],
    ),
    "oc new-build": (
        "oc new-build quay.io/a/b:1 --binary --name x; oc new-build a/c:2~https://github.com/a/b -l app=d/e; "
        "oc new-build --strategy=docker --binary; oc new-build . --to=r/s:1; oc new-build nodejs:16~https://github.com/a/b",
        ["a/c:2", "quay.io/a/b:1"],
    ),
    "oc new-build with an image for its source": (
        "oc new-build php~https://github.com/a/b --context-dir a/b --build-env X=c/d --source-image=quay.io/a/s:1 "
        "--source-image-path=/x:y; oc new-app github.com/a/b; oc new-app ~/a/b; oc new-app a/b.git",
        ["quay.io/a/s:1"],
    ),
    "oc new-app with a builder": (
        "oc new-app dotnet:3.1~https://github.com/a/b; oc new-app a/python:3~https://github.com/a/b",
        ["a/python:3"],
    ),
    "ports that no option takes": (
        "docker run -P 8080:80 a:1; podman run -d 127.0.0.1:53:53/udp b:1; docker run 2048:1 sh; docker run c:1 80:80",
        ["2048:1", "a:1", "b:1", "c:1"],
    ),
    "oc tag": ("oc tag --source=docker a/b:1 x:1; oc tag c:1 y:1", ["a/b:1"]),
    "flux": ("flux pull artifact oci://a/b:1 -o x; flux push artifact oci://a/c:1 -f .", ["a/b:1"]),
    "gcloud": ("gcloud run deploy x --image=gcr.io/a/b:1", ["gcr.io/a/b:1"]),
    "kp": (
        "kp clusterstack create x --build-image a/b:1 --run-image a/r:1; kp clusterstore add s -b a/c:1",
        ["a/b:1", "a/c:1", "a/r:1"],
    ),
    "kp image": ("kp image create x --tag r.example.com/x --git https://x", []),
    "pack, more": ("pack buildpack pull a/b:1; pack rebase app:1; pack builder create my:1 -c x", ["a/b:1", "app:1"]),
    "gradle": ("./gradlew bootBuildImage --builder=a/b:1 --imageName=x", ["a/b:1"]),
    "skopeo to the machine": (
        "skopeo copy docker-daemon:a:1 docker://r.example.com/a:1; skopeo delete docker://x/y:1",
        ["a:1"],
    ),
    "crane, more": (
        "crane append -b a:1 -t b:1 -f x; crane push x.tar c:1; crane ls d/e; crane tag f:1 new",
        ["a:1", "d/e", "f:1"],
    ),
    "oras, more": (
        "oras manifest fetch a/b:1; oras cp c:1 r.example.com/c:1; oras repo tags d/e; oras attach f:1 x",
        ["a/b:1", "c:1", "d/e"],
    ),
    "imgpkg tags": ("imgpkg tag list -i a/b; imgpkg describe -b c/d:1", ["a/b", "c/d:1"]),
    "signing": ("cosign sign --key k a:1; cosign tree b:1; grype registry:c:1", ["b:1", "c:1"]),
    "associative array": (
        'declare -A A=([x]=a:1 [y]="b:1")\nfor i in "${A[@]}"; do docker pull $i; done',
        ["a:1", "b:1"],
    ),
    "lines of a document": (
        'mapfile -t A <<EOF\na:1\nb:1\nEOF\nfor i in "${A[@]}"; do docker pull $i; done',
        ["a:1", "b:1"],
    ),
    "array into xargs": ("A=(a:1 b:1)\nprintf '%s\\n' \"${A[@]}\" | xargs -n1 docker pull", ["a:1", "b:1"]),
    "alias": ("alias d=docker dk='sudo docker'\nd pull a:1\ndk run b:1", ["a:1", "b:1"]),
    "alias of itself": ("alias docker='docker -H x'\ndocker pull a:1", ["a:1"]),
    "command in a variable": (
        'CMD=podman\n$CMD pull a:1\n"${CMD}" run b:1\n${X:-docker} pull c:1',
        ["a:1", "b:1", "c:1"],
    ),
    "unknown tool": ("kc set image deploy/x web=a:1", ["a:1"]),
    "ancestor": ("docker ps -q --filter ancestor=a:1", ["a:1"]),
    "kubectl plugin": ("kubectl rollout status x; kubectl argo rollouts set image x web=a:1", ["a:1"]),
    "kubectl dry run": (
        "kubectl run x --dry-run --image=a:1 -o yaml; kubectl run -i --tty y --image=b:1",
        ["a:1", "b:1"],
    ),
    "kustomize": ("kustomize edit set image app=quay.io/a:1 b:2", ["b:2", "quay.io/a:1"]),
    "ytt": ("ytt -f . -v app_image=quay.io/a:1 -v name=b:1", ["quay.io/a:1"]),
    "az": (
        "az acr build -t a:1 .; az acr import -n x --source docker.io/b:1 --image b:1; az container create --image c:1",
        ["c:1", "docker.io/b:1"],
    ),
    "argocd": (
        "argocd app set x --kustomize-image a=quay.io/a:1 --helm-set image.repository=b/c",
        ["b/c", "quay.io/a:1"],
    ),
    "knative functions": ("func deploy --image quay.io/a:1; kn func build --image quay.io/b", []),
    "s2i, apptainer": ("s2i build . a/builder:1 app; apptainer pull docker://b:1", ["a/builder:1", "b:1"]),
    "make's variables": ("docker pull $(REGISTRY)/a:1", ["$(REGISTRY)/a:1"]),
    "page variable": ("docker run {{< param registry_host >}}/x:1", ["{{< param registry_host >}}/x:1"]),
    "placeholders": ("docker run <image>; docker pull IMAGE; docker pull [image]; docker run ...", []),
    "snapshot of a project": (
        "docker run demo:0.0.1-SNAPSHOT; docker run me/demo:0.0.1-SNAPSHOT",
        ["me/demo:0.0.1-SNAPSHOT"],
    ),
    "apostrophe": ("You don't\ndocker pull a\nit's fine\ndocker pull b", ["a", "b"]),
    "a quote without end": ('echo "hello\ndocker pull a', ["a"]),
    "windows": ("docker.exe pull a\r\ndocker pull b\r\n", ["a", "b"]),
}


@pytest.mark.parametrize(("text", "expected"), PULLS.values(), ids=PULLS)
def test_what_is_pulled(text, expected):
    assert pulled(text) == expected


def test_helm_charts_are_named_with_their_version():
    (mention,) = mentions("helm install x oci://ghcr.io/a/b --version 1.2.3")
    assert mention.context is Context.HELM_OCI
    assert mention.text == "ghcr.io/a/b:1.2.3"
    assert [(part.role, part.text) for part in mention.parts] == [(Role.NAME, "ghcr.io/a/b")]


HELM = {
    "pull": ("helm pull oci://ghcr.io/a/b --version 1.0.0", ["ghcr.io/a/b:1.0.0"]),
    "without version": ("helm pull oci://ghcr.io/a/b", ["ghcr.io/a/b:$(version)"]),
    "upgrade": (
        "helm upgrade --install x oci://r.example.com:5000/a --version=2.0.0 -n y",
        ["r.example.com:5000/a:2.0.0"],
    ),
    "template": ("helm template oci://ghcr.io/a/b --version 1.0.0 | kubectl apply -f -", ["ghcr.io/a/b:1.0.0"]),
    "show": ("helm show values oci://ghcr.io/a/b --version 1.0.0", ["ghcr.io/a/b:1.0.0"]),
    "dependency": ("helm dependency update ./chart", []),
    "on Docker Hub": (
        "helm install x oci://registry-1.docker.io/bitnamicharts/a",
        ["registry-1.docker.io/bitnamicharts/a:$(version)"],
    ),
    "range": ('helm pull oci://ghcr.io/a/b --version "^1.2"', ["ghcr.io/a/b:$(version)"]),
    "push": ("helm push x.tgz oci://ghcr.io/a", []),
    "login": ("helm registry login ghcr.io -u x", []),
    "old pull": ("helm chart pull ghcr.io/a/b:1.0.0", ["ghcr.io/a/b:1.0.0"]),
    "old export": ("helm chart export ghcr.io/a/b:1.0.0", ["ghcr.io/a/b:1.0.0"]),
    "old push": ("helm chart push ghcr.io/a/b:1.0.0", []),
    "over lines": ("helm install x \\\n oci://ghcr.io/a/b \\\n --version 1.0.0", ["ghcr.io/a/b:1.0.0"]),
    "variable": ("V=1.2.0\nhelm pull oci://ghcr.io/a/b --version $V", ["ghcr.io/a/b:1.2.0"]),
    "unknown version": ("helm pull oci://ghcr.io/a/b --version $V", ["ghcr.io/a/b:$V"]),
    "unknown host": ("helm pull oci://$HOST/a/b --version 1.0.0", ["$HOST/a/b:1.0.0"]),
    "repository chart": ("helm pull bitnami/nginx --version 1.0.0", []),
    "url chart": ("helm install x https://example.com/x.tgz", []),
    "local chart": ("helm install x ./chart", []),
    "uninstall": ("helm uninstall x", []),
}


@pytest.mark.parametrize(("text", "expected"), HELM.values(), ids=HELM)
def test_helm(text, expected):
    found = [mention for mention in mentions(text) if mention.pulled]
    assert [mention.text for mention in found] == expected
    assert all(mention.context is Context.HELM_OCI for mention in found)


@pytest.mark.parametrize(
    ("text", "built"),
    [
        ("docker build -t a/b:1 --tag=c .", ["a/b:1", "c"]),
        ("docker tag x:1 y:1", ["y:1"]),
        ("docker commit web a", ["a"]),
        ("podman push a docker://r.example.com/a:1", ["a", "r.example.com/a:1"]),
        ("skopeo copy docker://a docker-daemon:b:1", ["b:1"]),
        ("pack build app", ["app"]),
        ("./gradlew bootBuildImage --imageName=a/b", ["a/b"]),
        ("IMG=a/b:1; docker build -t $IMG .", ["a/b:1"]),
    ],
)
def test_what_is_built(text, built):
    assert [finding.name for finding in find(text) if isinstance(finding, Built)] == built


@pytest.mark.parametrize(
    ("text", "kind", "body"),
    [
        ("kubectl apply -f - <<EOF\nimage: x\nEOF", "yaml", "image: x\n"),
        ("cat <<'EOF' | kubectl apply -f -\nimage: x\nEOF", "yaml", "image: x\n"),
        ("cat > a/Dockerfile <<EOF\nFROM x\nEOF", "file:a/Dockerfile", "FROM x\n"),
        ("cat <<EOF > pod.yaml\nimage: x\nEOF", "file:pod.yaml", "image: x\n"),
        ("cat <<EOF | tee pod.yaml\nimage: x\nEOF", "file:pod.yaml", "image: x\n"),
        ("sudo tee -a pod.yaml <<-EOF\n\timage: x\n\tEOF", "file:pod.yaml", "\timage: x\n"),
        ("docker build -t x - <<EOF\nFROM a\nEOF", "dockerfile", "FROM a\n"),
        ("docker compose -f - up <<EOF\nimage: x\nEOF", "compose", "image: x\n"),
        ("ssh host <<EOF\ndocker pull x\nEOF", "shell", "docker pull x\n"),
        ("echo 'FROM x' > Dockerfile", "file:Dockerfile", "FROM x"),
        ("kubectl run x --overrides='{\"image\": 1}'", "yaml", '{"image": 1}'),
        ("IMG=x:1\nkubectl apply -f - <<EOF\nimage: $IMG\nEOF", "yaml", "image: x:1\n"),
        ("IMG=x:1\nkubectl apply -f - <<'EOF'\nimage: $IMG\nEOF", "yaml", "image: $IMG\n"),
    ],
)
def test_documents(text, kind, body):
    (source,) = [finding for finding in find(text) if isinstance(finding, Source)]
    assert (source.kind, source.text.content) == (kind, body)


def test_what_other_files_see():
    found = find("export IMG=a:1\nLOCAL=b\necho 'X=c:1' >> $WORKSHOP_ENV\ndocker version")
    assert [finding for finding in found if isinstance(finding, Assigned)] == [
        Assigned("IMG", "a:1"),
        Assigned("X", "c:1"),
    ]


@pytest.mark.parametrize(
    ("text", "puller", "spelling"),
    [
        ("docker pull a", Puller.DOCKERD, Spelling.COMMAND),
        ("docker rmi a", Puller.NONE, Spelling.COMMAND),
        ("kubectl run x --image=a", Puller.KUBELET, Spelling.COMMAND),
        ("skopeo inspect docker://a", Puller.CLI, Spelling.DIGEST_ONLY),
        ("imgpkg pull -i a", Puller.IMGPKG, Spelling.COMMAND),
        ("pack build x --builder a", Puller.BUILD, Spelling.COMMAND),
    ],
)
def test_who_pulls(text, puller, spelling):
    mention = next(mention for mention in mentions(text) if mention.pulled)
    assert (mention.pulled_by, mention.spelling) == (puller, spelling)


def test_the_outer_place_gives_the_context():
    (mention,) = find("docker pull a", context=Context.INSTRUCTIONS_COMMAND)
    assert isinstance(mention, Mention)
    assert mention.context is Context.INSTRUCTIONS_COMMAND


def test_a_variable_is_changed_where_its_value_stands():
    (mention,) = mentions("IMG='a:1'\ndocker pull $IMG")
    assert [(part.text, part.line) for part in mention.parts] == [("a:1", 1)]


def test_a_name_whose_tag_comes_from_elsewhere_is_changed_up_to_the_tag():
    (mention,) = mentions("V=1\ndocker pull quay.io/a:$V")
    assert not mention.reason
    assert [(part.role, part.text) for part in mention.parts] == [(Role.NAME, "quay.io/a")]


def test_a_name_in_pieces_is_changed_where_it_is_used():
    (mention,) = mentions("H=quay.io\ndocker pull $H/a")
    assert not mention.reason
    assert [(part.role, part.text) for part in mention.parts] == [(Role.REFERENCE, "$H/a")]


def test_a_name_in_pieces_is_not_changed_in_a_function_or_a_loop():
    for text in ("f() { docker pull quay.io/$1; }\nf a", "for i in a b; do docker pull quay.io/$i; done"):
        assert all(mention.reason for mention in mentions(text))


def test_names_that_share_their_letters_are_told_apart():
    found = mentions("for i in a b; do docker pull quay.io/$i:1; done")
    assert [(mention.text, mention.parts[0].text, bool(mention.reason)) for mention in found] == [
        ("quay.io/a:1", "a", True),
        ("quay.io/b:1", "b", True),
    ]


@pytest.mark.parametrize(
    ("path", "content", "expected"),
    [
        ("a.sh", "docker pull a", 1),
        ("workshop/setup.d/01-x.sh", "docker pull a", 1),
        ("workshop/setup.d/pull", "docker pull a", 1),
        ("workshop/profile", "docker pull a", 1),
        ("workshop/examiner/tests/check", "docker pull a", 1),
        ("bin/check", "#!/usr/bin/env bash\ndocker pull a", 1),
        ("bin/check", "#!/bin/sh -e\ndocker pull a", 1),
        ("bin/check", "#!/usr/bin/env python3\ndocker pull a", 0),
        ("LICENSE", "docker pull a", 0),
        ("notes.txt", "docker pull a", 0),
    ],
)
def test_which_files(path, content, expected):
    source = Source(path=PurePosixPath(path), text=Text.of(content.encode()))
    is_asked = "shell" in [form.module for form in formats_of(path)]
    assert len(list(shell.find(source)) if is_asked else []) == expected


PIECES = st.sampled_from(
    [
        "docker ",
        "run ",
        "pull ",
        "a:1 ",
        "$",
        "(",
        ")",
        "`",
        '"',
        "'",
        "<<E\n",
        "E\n",
        "\n",
        "\\",
        "{",
        "}",
        "x=",
        "=(",
        "${",
        "|",
        "&",
        ";",
        "#",
        "for i in ",
        " do ",
        "kubectl ",
        "--image=",
        "helm ",
        "--set ",
        "oci://",
        "é",
        "\x00",
    ]
)


@given(st.lists(PIECES, max_size=40).map("".join))
def test_any_order_of_pieces_ends(text):
    find("docker " + text)


@given(st.binary(max_size=200))
def test_any_bytes_end(data):
    list(shell.find(Source(path=PurePosixPath("x"), text=Text.of(b"docker " + data), kind="shell")))


@pytest.mark.parametrize(
    "script",
    [
        "V=(docker pull $V a b c)\n" + "W=($V/$V)\nV=($W x$V y)\n" * 300,
        'L="' + "a b " * 5000 + '"\nX=(' + "$L " * 5000 + ")\ndocker pull $X\n",
        'L="' + "a b " * 5000 + '"\nfor i in ' + "$L " * 5000 + "; do docker pull $i; done\n",
        "printf '" + "a b " * 5000 + "' | xargs docker pull\n",
    ],
)
def test_values_of_values_stay_within_bounds(script):
    """Without bounds each of these takes minutes."""
    assert len(mentions(script)) <= 400


def test_a_script_that_nobody_wrote_is_listed_and_not_read():
    text = Text.of(b"docker pull a\n" * 310_000)
    found = list(shell.find(Source(path=PurePosixPath("x.sh"), text=text)))
    assert found == [Unparsed("a script of more than 4 MiB is not read")]
