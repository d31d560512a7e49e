# Needs BuildKit (the builder of Docker since 23; before: DOCKER_BUILDKIT=1). To fix the base to a digest:
#   docker build --build-arg BASE=debian:12-slim@sha256:… .
# Behind a proxy with certificates of its own, hand them over for the build alone; no layer keeps them:
#   docker build --secret id=ca,src=/etc/ssl/certs/ca-certificates.crt .
ARG BASE=debian:12-slim

FROM ${BASE} AS system
# skopeo asks for a policy before it copies anything. What it copies is named by digest, and seeder checks the bytes.
RUN export DEBIAN_FRONTEND=noninteractive \
 && apt-get update -qq \
 && apt-get install -qq -y --no-install-recommends ca-certificates python3 skopeo \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/* \
 && mkdir -p /etc/containers \
 && echo '{"default": [{"type": "insecureAcceptAnything"}]}' > /etc/containers/policy.json

FROM system AS build
RUN export DEBIAN_FRONTEND=noninteractive \
 && apt-get update -qq \
 && apt-get install -qq -y --no-install-recommends python3-venv
WORKDIR /build
COPY requirements requirements
RUN --mount=type=secret,id=ca \
    ca=/run/secrets/ca; if [ -s "$ca" ]; then export PIP_CERT="$ca"; fi \
 && python3 -m venv tools \
 && tools/bin/pip install --no-cache-dir --require-hashes -r requirements/build.txt \
 && python3 -m venv /opt/seeder \
 && /opt/seeder/bin/pip install --no-cache-dir --require-hashes -r requirements/runtime.txt
COPY pyproject.toml README.md LICENSE ./
COPY seeder seeder
RUN tools/bin/pip wheel -q --no-deps --no-build-isolation --wheel-dir dist . \
 && /opt/seeder/bin/pip install -q --no-deps --no-index dist/*.whl \
 && /opt/seeder/bin/pip uninstall -q -y pip setuptools

FROM system
COPY --from=build /opt/seeder /opt/seeder
RUN useradd --uid 1000 --create-home seeder
ENV PATH=/opt/seeder/bin:$PATH
USER 1000
WORKDIR /home/seeder
ENTRYPOINT ["seeder"]
