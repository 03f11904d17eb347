#!/bin/sh
# As much of the official image's entrypoint as the development database uses.
set -eu
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  user=$(cat "$POSTGRES_USER_FILE")
  initdb -D "$PGDATA" -U "$user" --pwfile="$POSTGRES_PASSWORD_FILE" --encoding=UTF8 --locale=C $POSTGRES_INITDB_ARGS
  echo 'host all all all scram-sha-256' >> "$PGDATA/pg_hba.conf"
  echo "CREATE DATABASE \"$POSTGRES_DB\";" | postgres --single -D "$PGDATA" postgres
fi
exec "$@" -D "$PGDATA" -c listen_addresses='*'
