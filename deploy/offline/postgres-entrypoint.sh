#!/bin/bash
# What docker-compose.yml relies on in PostgreSQL's own image: at the first start a cluster with the
# superuser's password, then the files of /docker-entrypoint-initdb.d, on a socket only.
set -euo pipefail

if [ "$1" = postgres ] && [ ! -s "$PGDATA/PG_VERSION" ]; then
  user=${POSTGRES_USER:-postgres}
  initdb --username="$user" --auth-local=trust --auth-host=scram-sha-256 \
    --pwfile=<(printf '%s\n' "${POSTGRES_PASSWORD:?}")
  echo "host all all all scram-sha-256" >> "$PGDATA/pg_hba.conf"
  pg_ctl --wait start --options="-c listen_addresses=''"
  if [ -n "${POSTGRES_DB:-}" ]; then createdb --username="$user" "$POSTGRES_DB"; fi
  shopt -s nullglob
  for file in /docker-entrypoint-initdb.d/*.sql; do
    psql --no-psqlrc --username="$user" --dbname=postgres --set=ON_ERROR_STOP=1 --file="$file"
  done
  pg_ctl --wait --mode=fast stop
fi
if [ "$1" = postgres ]; then
  exec "$@" -c 'listen_addresses=*'
fi
exec "$@"
