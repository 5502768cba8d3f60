#!/bin/sh
# Builds one engine's private world and stays its PID 1.
#
#   start-engine.sh enter LOWER DIR GROUP [NAME=VALUE ...] dockerd [ARGUMENT ...]
#
# LOWER is a prepared root, never written to. DIR holds this run's state, and `run` with the socket. GROUP names the
# run's own cgroup subtree (`parent/child`). Standard input is a pipe that the test holds: when it closes, all ends.
set -eu
stage=$1 lower=$2 dir=$3 group=$4
shift 4
cgroups=/sys/fs/cgroup

fail() { echo "testbed: $*" >&2; exit 1; }

# Stage 1, still in the host's namespaces: step into the cgroup subtree, so that a cgroup namespace starts there.
enter_cgroup_v1() {
    for controller in "$cgroups"/*; do
        [ -e "$controller/cgroup.procs" ] && [ ! -L "$controller" ] || continue
        mkdir -p "$controller/$group"
        if [ -e "$controller/cpuset.cpus" ]; then
            for part in "$controller/${group%/*}" "$controller/$group"; do
                cat "$controller/cpuset.cpus" >"$part/cpuset.cpus"
                cat "$controller/cpuset.mems" >"$part/cpuset.mems"
            done
        fi
        echo $$ >"$controller/$group/cgroup.procs"
    done
}

# The unified hierarchy hands a controller on only where every level above does, and to groups without processes.
hand_on_controllers() {
    for controller in $(cat "$1/cgroup.controllers"); do
        echo "+$controller" >"$1/cgroup.subtree_control" 2>/dev/null || true
    done
}

enter_cgroup_v2() {
    mkdir -p "$cgroups/$group"
    hand_on_controllers "$cgroups"
    hand_on_controllers "$cgroups/${group%/*}"
    echo $$ >"$cgroups/$group/cgroup.procs"
}

enter() {
    if [ -e "$cgroups/cgroup.procs" ]; then enter_cgroup_v2; else enter_cgroup_v1; fi
    exec unshare --mount --net --pid --cgroup --fork --kill-child --propagation private -- \
        /bin/sh "$0" boot "$lower" "$dir" "$group" "$@"
}

# Stage 2, PID 1 of the new world.
mount_overlay() {
    mkdir -p "$dir/state/upper" "$dir/state/work" "$dir/state/docker" "$dir/state/containerd"
    mount -t overlay overlay -o "lowerdir=$lower,upperdir=$dir/state/upper,workdir=$dir/state/work" "$dir/root"
}

# An upper folder that is itself on an overlay is refused; a tmpfs never is.
mount_root() {
    mount_overlay 2>/dev/null && return
    mount -t tmpfs tmpfs "$dir/state" && mount_overlay || fail "this machine cannot mount an overlay"
}

mount_cgroups() {
    list=$(cat /proc/self/mounts)
    umount -R "$root$cgroups"
    if ! echo "$list" | grep -q "^[^ ]* $cgroups/[^ ]* cgroup "; then
        mount -t cgroup2 cgroup2 "$root$cgroups"
        mkdir "$root$cgroups/init"
        echo 1 >"$root$cgroups/init/cgroup.procs"
        hand_on_controllers "$root$cgroups"
        return
    fi
    mount -t tmpfs -o mode=755 tmpfs "$root$cgroups"
    echo "$list" | while read -r _ path type options _; do
        case $path in "$cgroups"/*) ;; *) continue ;; esac
        [ -d "$root$path" ] || mkdir "$root$path"
        case $type in
            cgroup) mount -t cgroup -o "$(controllers "$options")" cgroup "$root$path" ;;
            cgroup2) mount -t cgroup2 cgroup2 "$root$path" ;;
        esac
    done
}

# The options of a v1 mount that name its hierarchy.
controllers() {
    echo "$1" | tr , '\n' | grep -vxE 'r[wo]|nosuid|nodev|noexec|relatime|noatime|xattr|clone_children|release_agent=.*' |
        paste -s -d, -
}

mount_world() {
    root=$dir/root
    mount_root
    mount -t proc proc "$root/proc"
    mount --rbind /sys "$root/sys"
    mount_cgroups
    mount --rbind /dev "$root/dev"
    mount --bind "$dir/run" "$root/run"
    mkdir -p "$root/var/lib/docker" "$root/var/lib/containerd" "$root/run/lock" "$root/etc/docker"
    mount --bind "$dir/state/docker" "$root/var/lib/docker"
    mount --bind "$dir/state/containerd" "$root/var/lib/containerd"
    if [ -s "$dir/daemon.json" ]; then cp "$dir/daemon.json" "$root/etc/docker/daemon.json"; fi
}

boot() {
    mount_world
    cd "$root"
    mkdir -p .host
    # runc pivots too, which it may only do where the root is a mount point: a plain chroot is not enough.
    pivot_root . .host
    cd /
    umount -l /.host
    rmdir /.host
    ip link set lo up
    exec 3<&0 </dev/null
    trap 'exit 1' TERM
    { cat <&3 >/dev/null; kill -TERM 1; } &
    exec 3<&-
    serve "$@"
    while [ -e /run/stopped ]; do
        : >/run/ended
        while [ -e /run/stopped ]; do sleep 0.02; done
        rm /run/ended
        serve "$@"
    done
}

# Until the daemon ends. A test that ends it on purpose has made /run/stopped.
serve() {
    env "$@" &
    wait "$!" || true
}

"$stage" "$@"
