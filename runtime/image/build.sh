#!/usr/bin/env bash
# Builds the image with whatever builder is here: build.sh [TAG]. Status 3: there is none, or it can't get the bases.
set -euo pipefail
cd "$(dirname "$0")/../.."
tag=${1:-polypod-runtime:$(node -p "require('./runtime/package.json').version")}

for builder in docker podman buildah; do
  command -v "$builder" >/dev/null && "$builder" info >/dev/null 2>&1 && break
  builder=
done
[[ -n $builder ]] || { echo "no image is built: there is no docker, podman or buildah that works" >&2; exit 3; }

for base in $(sed -n 's/^ARG [A-Z]*_IMAGE=//p' runtime/Dockerfile); do
  timeout 300 "$builder" pull "$base" >/dev/null 2>&1 || {
    echo "no image is built: $builder can't pull $base" >&2
    exit 3
  }
done
"$builder" build -f runtime/Dockerfile -t "$tag" --build-arg "REVISION=$(git rev-parse HEAD)" .
