#!/bin/sh
# One database and one role per service; nobody else may even connect. Runs once, on an empty data volume.
set -eu

for service in schedule reporting energy; do
    variable=$(echo "${service}_DB_PASSWORD" | tr '[:lower:]' '[:upper:]')
    eval "password=\${$variable:-}"
    [ -n "$password" ] || { echo "$variable is empty" >&2; exit 1; }
    # The password goes by environment: an argument could be read in the list of processes.
    role=luwes_$service password=$password psql --no-psqlrc -q -v ON_ERROR_STOP=1 -U "${POSTGRES_USER:-postgres}" -d postgres <<'SQL'
\getenv role role
\getenv password password
create role :"role" login password :'password';
create database :"role" owner :"role" template template0 encoding 'UTF8';
revoke all on database :"role" from public;
SQL
done

psql --no-psqlrc -q -v ON_ERROR_STOP=1 -U "${POSTGRES_USER:-postgres}" -d postgres \
    -c "revoke connect on database postgres from public" -c "revoke connect on database template1 from public"
