#!/usr/bin/env bash
# Everything that CI runs; goes on after a failure and ends with one summary. `check`, most of which is one
# process after the other, runs beside the tests and is told of in its turn.
set -uo pipefail
cd "$(dirname "$0")/.."
unset PARKBENCH_DATABASE_URL
# What tests write is thrown away: memory, where there is enough, spares them waiting for a disk.
memory="$(df --output=avail --block-size=1M /dev/shm 2>/dev/null | tail -n 1)"
[ ! -w /dev/shm ] || [ "${memory:-0}" -lt 2000 ] || export TMPDIR=/dev/shm
logs="$(mktemp -d -t parkbench-test.XXXXXX)"
mkdir "$logs/tests" && export PYTEST_DEBUG_TEMPROOT="$logs/tests"
# A suite of so many processes compiles each module once, aside when none may be left beside the code.
[ -z "${PYTHONDONTWRITEBYTECODE:-}" ] || export PYTHONPYCACHEPREFIX="$logs/compiled"
unset PYTHONDONTWRITEBYTECODE
# Never the folder of a node that somebody uses.
export PARKBENCH_HOME="$logs/home"
trap 'jobs -p | xargs -r kill 2>/dev/null; rm -rf "$logs"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
started=$SECONDS
failed=0
lines=()

stage() { # stage NAME COMMAND...
  local name="$1" from=$SECONDS said
  shift
  printf '\n=== %s\n' "$name"
  if "$@" 2>&1 | tee "$logs/$name.log"; then said=ok; else
    said=FAILED
    failed=$((failed + 1))
  fi
  lines+=("$(printf '%-12s %-7s %4d s' "$name" "$said" "$((SECONDS - from))")")
}

beside() { # beside NAME COMMAND...: runs it in the background, for `told NAME`
  local name="$1" from=$SECONDS status=0
  shift
  "$@" >"$logs/$name.beside" 2>&1 || status=$?
  echo "$((SECONDS - from))" >"$logs/$name.seconds"
  return "$status"
}

told() { # told NAME PID: waits for what runs beside, and shows what it said
  local name="$1" said=ok
  wait "$2" || said=FAILED
  [ "$said" = ok ] || failed=$((failed + 1))
  printf '\n=== %s\n' "$name"
  cat "$logs/$name.beside"
  lines+=("$(printf '%-12s %-7s %4d s, beside the tests' "$name" "$said" "$(cat "$logs/$name.seconds")")")
}

count() { # count WORD: the sum over the closing lines of all pytest runs
  local word="$1" log total=0 found
  for log in "$logs"/*.log; do
    found="$(grep -E '^(=+ )?[0-9]+ [a-z]+.* in [0-9.]+s' "$log" | tail -n 1 | grep -oE "[0-9]+ $word" | grep -oE '^[0-9]+')"
    total=$((total + ${found:-0}))
  done
  echo "$total"
}

# Tests that empty the database stand last, so that no worker may take over what stands before them.
workers=(-n 2 -q)
beside check make --no-print-directory --keep-going check &
check=$!
stage sqlite uv run --no-sync pytest tests -m "not browser and not postgres" "${workers[@]}"
told check "$check"
# What touches no database, or only those of nodes that it starts itself, has run already, and so have the pages
# and the sample node; `make campaign` looks at the pages on PostgreSQL too.
stage postgres scripts/with_postgres.sh uv run --no-sync pytest tests -m "not browser" "${workers[@]}" --only-database \
  --ignore=tests/views --ignore=tests/unit/site/test_demo.py
stage browser uv run --no-sync pytest tests/browser "${workers[@]}" --dist worksteal

printf '\n'
printf '%s\n' "${lines[@]}"
printf '=== %d passed, %d failed, %d errors, %d skipped in %d s; %d of %d stages failed ===\n' \
  "$(count passed)" "$(count failed)" "$(count 'errors?')" "$(count skipped)" "$((SECONDS - started))" \
  "$failed" "${#lines[@]}"
[ "$failed" -eq 0 ]
