# Sourced: a container engine for the tests. Needs debian.sh.

engine_answers() { have docker && docker version --format '{{.Server.Version}}' >/dev/null 2>&1; }

# start_engine: one of our own, in a folder of its own, unless one answers; DOCKER_HOST then names it.
# Fails where there is no dockerd, or it does not come up (its log goes to standard error).
start_engine() {
    if engine_answers; then return 0; fi
    if [ "$(id -u)" != 0 ] || ! have dockerd; then return 1; fi
    ENGINE_DIR=$(mktemp -d -t seeder-engine.XXXXXX)
    export DOCKER_HOST=unix://$ENGINE_DIR/docker.sock
    PATH="$PATH:/usr/sbin:/sbin" dockerd --host "$DOCKER_HOST" --data-root "$ENGINE_DIR/data" \
        --exec-root "$ENGINE_DIR/exec" --pidfile "$ENGINE_DIR/pid" >"$ENGINE_DIR/log" 2>&1 </dev/null &
    ENGINE_PID=$!
    local left=120
    until engine_answers; do
        left=$((left - 1))
        if [ "$left" = 0 ] || ! kill -0 "$ENGINE_PID" 2>/dev/null; then
            tail -n 20 "$ENGINE_DIR/log" >&2
            return 1
        fi
        sleep 0.5
    done
}

# stop_engine: ends what start_engine started, by its id, and removes its folder. The engine leaves mounts behind (its
# network namespace, once it ran on the host's), which go first; what cannot be removed does not fail the tests.
stop_engine() {
    if [ -z "${ENGINE_PID:-}" ]; then return 0; fi
    kill "$ENGINE_PID" 2>/dev/null || true
    wait "$ENGINE_PID" 2>/dev/null || true
    awk -v under="$ENGINE_DIR/" 'index($2, under) == 1 { print $2 }' /proc/self/mounts | sort -r |
        while read -r mounted; do umount -l "$mounted" || true; done
    rm -rf "$ENGINE_DIR" || true
}
