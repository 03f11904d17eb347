#!/usr/bin/env bash
# Makes up what is missing in secrets/. Containers read the files as users of their own, so the files are readable and
# the folder is closed.
set -euo pipefail
cd "$(dirname "$0")"
mkdir -p secrets
chmod 0700 secrets
make_secret() {
  [[ -e secrets/$1 ]] || printf %s "$2" >"secrets/$1"
  chmod 0444 "secrets/$1"
}
for name in redis-password postgres-password cluster-secret admin-password grafana-password; do
  make_secret "$name" "$(openssl rand -hex 24)"
done
make_secret postgres-user polypod
echo "The administrator's password is in secrets/admin-password, Grafana's in secrets/grafana-password."
