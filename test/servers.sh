#!/usr/bin/env bash
# The servers and programs that the tests run for real: found on PATH, or installed from Debian's packages where this
# user may, or named. npm brings the others.
set -euo pipefail

declare -A packages=([redis-server]=redis-server [psql]=postgresql-client [openssl]=openssl [chromium]=chromium [nginx]=nginx [promtool]=prometheus [pg_ctlcluster]=postgresql [mariadbd]=mariadb-server)
[[ -z ${CHROMIUM:-} ]] || unset 'packages[chromium]'
missing=()
for program in "${!packages[@]}"; do
  command -v "$program" >/dev/null || missing+=("${packages[$program]}")
done
# The interpreter that the tests of DB-GPT's scripts run, with its driver of MySQL.
"${PYTHON:-/usr/bin/python3}" -c 'import pymysql' 2>/dev/null || missing+=(python3-pymysql)
((${#missing[@]})) || exit 0

if [[ $EUID == 0 ]] && command -v apt-get >/dev/null; then
  echo "installing what the tests run: ${missing[*]}"
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
else
  echo "the tests need what is not on PATH: sudo apt-get install ${missing[*]}" >&2
  exit 1
fi
