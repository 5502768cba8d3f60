#!/bin/sh
# Builds an image without a network. Beside the Dockerfile lie app.conf, and app.tar with app.txt in it.
#
#   build-image.sh NAME DOCKERFILE     the Dockerfile's text
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
printf '%s\n' "$2" >"$work/Dockerfile"
echo setting=1 >"$work/app.conf"
echo text >"$work/app.txt"
tar -C "$work" -cf "$work/app.tar" app.txt
docker build --network=none -t "$1" "$work"
