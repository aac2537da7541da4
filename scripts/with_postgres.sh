#!/usr/bin/env bash
# with_postgres.sh COMMAND...: runs the command with PARKBENCH_DATABASE_URL naming a private PostgreSQL,
# which is started for it in a temporary folder and thrown away after it. Passes on the exit code.
set -euo pipefail
[ "$#" -gt 0 ] || {
  echo "Usage: scripts/with_postgres.sh COMMAND..." >&2
  exit 2
}

bin=""
for found in $(command -v initdb || true) $(printf '%s\n' /usr/lib/postgresql/*/bin/initdb | sort -rV); do
  if [ -x "$found" ]; then
    bin="$(dirname "$(readlink -f "$found")")"
    break
  fi
done
[ -n "$bin" ] || {
  echo "No PostgreSQL found on this machine. Run scripts/bootstrap.sh, which installs it." >&2
  exit 1
}

folder="$(mktemp -d -t parkbench-postgres.XXXXXX)"
as=()
if [ "$(id -u)" -eq 0 ]; then # initdb refuses to run as root
  owner=nobody
  id postgres >/dev/null 2>&1 && owner=postgres
  chown "$owner" "$folder"
  as=(runuser -u "$owner" --)
fi

stop() {
  [ ! -f "$folder/data/postmaster.pid" ] ||
    (cd / && "${as[@]}" "$bin/pg_ctl" -D "$folder/data" -m immediate -w stop >/dev/null) || true
  rm -rf "$folder"
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

password="$(python3 -c 'import secrets; print(secrets.token_hex(16))')"
(umask 077 && printf '%s\n' "$password" >"$folder/password")
[ "${#as[@]}" -eq 0 ] || chown "$owner" "$folder/password"
cd_and() { (cd "$folder" && "${as[@]}" "$@"); }
cd_and "$bin/initdb" -D "$folder/data" -U parkbench --pwfile="$folder/password" --encoding=UTF8 --locale=C.UTF-8 \
  --auth-local=scram-sha-256 --auth-host=scram-sha-256 --no-sync >"$folder/initdb.log" 2>&1 || {
  cat "$folder/initdb.log" >&2
  exit 1
}
rm -f "$folder/password"
# A database that lives for one run need not survive a power cut: no fsync, no full pages.
cat >>"$folder/data/postgresql.conf" <<SETTINGS
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
dynamic_shared_memory_type = mmap
max_connections = 100
fsync = off
synchronous_commit = off
full_page_writes = off
autovacuum_naptime = 10s
log_min_messages = fatal
SETTINGS

port=""
for _ in 1 2 3 4 5; do # a port that was free a moment ago may be taken by now
  try="$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')"
  if cd_and "$bin/pg_ctl" -D "$folder/data" -l "$folder/data/server.log" -o "-p $try" -w -t 60 start >/dev/null 2>&1; then
    port="$try"
    break
  fi
done
[ -n "$port" ] || {
  echo "PostgreSQL did not start:" >&2
  cat "$folder/data/server.log" >&2
  exit 1
}
PGPASSWORD="$password" "$bin/createdb" -h 127.0.0.1 -p "$port" -U parkbench parkbench

export PARKBENCH_DATABASE_URL="postgresql://parkbench:$password@127.0.0.1:$port/parkbench"
status=0
"$@" || status=$?
exit "$status"
