"""The options of docker and its kin that take a value."""

from __future__ import annotations

from seeder.finders.commands.use import option_set

# docs.docker.com/reference/cli, docs.podman.io, nerdctl's command reference; options without a value are left out.
# What podman and buildah take before the verb and behind it.
_ANYWHERE = option_set(
    "cgroup-manager default-mounts-file events-backend imagestore log-level registries-conf registries-conf-dir root "
    "runroot storage-driver storage-opt tmpdir userns-gid-map userns-uid-map"
)
GLOBAL = _ANYWHERE | option_set(
    "H host c context config l tlscacert tlscert tlskey n namespace a address snapshotter connection url"
)
RUN = _ANYWHERE | option_set(
    "add-host annotation a attach blkio-weight blkio-weight-device cap-add cap-drop cgroup-parent cgroupns cidfile "
    "cpu-period cpu-quota cpu-rt-period cpu-rt-runtime c cpu-shares cpus cpuset-cpus cpuset-mems detach-keys device "
    "device-cgroup-rule device-read-bps device-read-iops device-write-bps device-write-iops dns dns-opt dns-option "
    "dns-search domainname entrypoint e env env-file expose gpus group-add health-cmd health-interval health-retries "
    "health-start-interval health-start-period health-timeout h hostname ip ip6 ipc isolation kernel-memory l label "
    "label-file link link-local-ip log-driver log-opt mac-address m memory memory-reservation memory-swap "
    "memory-swappiness mount name net network net-alias network-alias oom-score-adj pid pids-limit platform p publish "
    "pull restart runtime security-opt shm-size stop-signal stop-timeout storage-opt sysctl tmpfs ulimit u user userns "
    "uts v volume volume-driver volumes-from w workdir "
    # podman and nerdctl
    "arch authfile cert-dir cgroup-conf chrootdirs conmon-pidfile creds decryption-key env-merge gidmap group-entry "
    "hooks-dir hostuser image-volume init-ctr init-path os passwd-entry personality pidfile pod pod-id-file "
    "preserve-fds rdt-class requires retry retry-delay sdnotify seccomp-policy secret subgidname subuidname systemd "
    "timeout tz uidmap umask unsetenv variant verify cosign-key ipfs-address "
    # docker service create
    "config constraint container-label credential-spec endpoint-mode generic-resource host limit-cpu limit-memory "
    "limit-pids mode placement-pref replicas replicas-max-per-node reserve-cpu reserve-memory restart-condition "
    "restart-delay restart-max-attempts restart-window rollback-delay update-delay update-parallelism group"
)
# `--pull` takes no value here but one behind `=`, nor does it with `build`.
FROM = RUN - {"--pull"} | {"--format"}
PULL = _ANYWHERE | option_set(
    "platform arch os variant authfile cert-dir creds decryption-key policy retry retry-delay verify cosign-key unpack"
)
BUILD = _ANYWHERE | option_set(
    "add-host annotation allow attest build-arg build-context builder cache-from cache-to cgroup-parent cpu-period "
    "cpu-quota c cpu-shares cpuset-cpus cpuset-mems f file iidfile label l m memory memory-swap metadata-file network "
    "no-cache-filter o output platform progress provenance sbom secret security-opt shm-size ssh t tag target ulimit "
    "call arch authfile cap-add cap-drop cert-dir cpp-flag creds decryption-key device dns env from format "
    "ignorefile isolation jobs logfile manifest os runtime sign-by timestamp userns v volume variant"
)
COMMON = _ANYWHERE | option_set(
    "format f filter last n o output a author c change m message platform type s size sort t tag file authfile creds"
)
SCAN = COMMON | option_set(
    "only-severity only-package only-package-type only-cve-id only-stage only-metric only-policy ref to stream "
    "to-env env org epss-date epss-percentile epss-score vex-author vex-location"
)
