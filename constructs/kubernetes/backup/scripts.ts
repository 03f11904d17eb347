/** Files of the account, below this folder: `username` and `password`. */
export const ACCOUNT = '/run/secrets/polypod/database';
/** The volume that holds backups. */
export const BACKUPS = '/backups';

/** The rest of what libpq must know is in its own variables. Processes see the password, manifests do not. */
const PREAMBLE = `set -euo pipefail
umask 077
PGUSER=$(cat "$ACCOUNT/username")
PGPASSWORD=$(cat "$ACCOUNT/password")
export PGUSER PGPASSWORD
cd "$BACKUPS"
`;

/**
 * Dumps the database, in bash with PostgreSQL's own programs. A dump gets its name only once it is complete and has
 * been read again to its end; only then do the oldest go.
 */
export const BACKUP_SCRIPT = `${PREAMBLE}rm -f -- "$NAME"-*.dump.part
file="$NAME-$(date -u +%Y%m%dT%H%M%SZ).dump"
trap 'rm -f -- "$file.part"' EXIT
pg_dump --format=custom --no-owner --no-privileges --lock-wait-timeout=60s --file="$file.part"
pg_restore --list "$file.part" >/dev/null
pg_restore --file=/dev/null "$file.part"
sync "$file.part"
mv "$file.part" "$file"
echo "$file: $(stat -c %s "$file") bytes"
ls -1 | grep -E "^$NAME-[0-9]{8}T[0-9]{6}Z[.]dump$" | sort -r | tail -n +"$((KEEP + 1))" | while read -r old; do
  rm -- "$old"
  echo "$old removed: $KEEP are kept"
done
`;

/** Restores the newest dump, or the one that BACKUP names, into a database without tables: all of it or nothing. */
export const RESTORE_SCRIPT = `${PREAMBLE}file="\${BACKUP:-$(ls -1 | grep -E "^$NAME-[0-9]{8}T[0-9]{6}Z[.]dump$" | sort | tail -n 1 || true)}"
if [ -z "$file" ] || [ ! -f "$file" ]; then
  echo "There is no backup \${file:-of $NAME}. There are:" >&2
  ls -1 >&2
  exit 1
fi
tables=$(psql --no-psqlrc --tuples-only --no-align --quiet --command "
  SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
    AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
    AND n.nspname NOT LIKE 'pg_temp%'
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')")
if [ "$tables" != 0 ]; then
  echo "The database is not empty ($tables tables, views and sequences): nothing was changed." >&2
  exit 1
fi
echo "Restoring $file"
pg_restore --exit-on-error --single-transaction --no-owner --no-privileges --no-comments --dbname="$PGDATABASE" "$file"
echo "Done."
`;
