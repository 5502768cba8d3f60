#!/bin/sh
# Makes an image of the root's static busybox, without a network.
#
#   make-image.sh import NAME [CHANGE ...]     through `docker import --change`
#   make-image.sh load NAME CREATED CONFIG     through `docker load`: an image made at CREATED (RFC 3339)
set -eu
how=$1 name=$2
shift 2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# /usr/sbin/sshd stands for an SSH server: a program of that name, which `exec -a busybox` turns into any applet.
files() {
    mkdir -p "$work/fs/bin" "$work/fs/etc" "$work/fs/home/app" "$work/fs/root" "$work/fs/tmp" "$work/fs/usr/sbin"
    cp /bin/busybox "$work/fs/bin/busybox"
    cp /bin/busybox "$work/fs/usr/sbin/sshd"
    for applet in $(/bin/busybox --list); do
        [ "$applet" = busybox ] || ln -s busybox "$work/fs/bin/$applet"
    done
    printf 'root:x:0:0:root:/root:/bin/sh\napp:x:1000:1000:app:/home/app:/bin/sh\n' >"$work/fs/etc/passwd"
    printf 'root:x:0:\napp:x:1000:\n' >"$work/fs/etc/group"
    chmod 1777 "$work/fs/tmp"
    chown 1000:1000 "$work/fs/home/app"
    tar -C "$work/fs" -cf "$work/layer.tar" .
}

import() {
    for change in "$@"; do
        set -- "$@" --change "$change"
        shift
    done
    docker import "$@" "$work/layer.tar" "$name"
}

load() {
    layer=$(sha256sum "$work/layer.tar" | cut -d' ' -f1)
    architecture=$(docker version --format '{{.Server.Arch}}')
    printf '{"architecture":"%s","os":"linux","created":"%s","config":%s,"history":[{"created":"%s"}],
        "rootfs":{"type":"layers","diff_ids":["sha256:%s"]}}' \
        "$architecture" "$1" "$2" "$1" "$layer" >"$work/config.json"
    printf '[{"Config":"config.json","RepoTags":["%s:latest"],"Layers":["layer.tar"]}]' "$name" >"$work/manifest.json"
    tar -C "$work" -c manifest.json config.json layer.tar | docker load
}

files
"$how" "$@"
