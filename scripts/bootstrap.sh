#!/usr/bin/env bash
# Installs what a bare Debian lacks: uv, PostgreSQL and Chromium. Says nothing when all of it is there.
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/.tools/bin:${HOME:-}/.local/bin:$PATH"

has() { command -v "$1" >/dev/null 2>&1; }

has_postgres() {
  has initdb && return 0
  local found
  for found in /usr/lib/postgresql/*/bin/initdb; do
    [ -x "$found" ] && return 0
  done
  return 1
}

has_chromium() { [ -n "${PARKBENCH_CHROMIUM:-}" ] || has chromium || has chromium-browser || has google-chrome; }

install_packages() {
  local become=()
  if [ "$(id -u)" -ne 0 ]; then
    has sudo || {
      echo "Please install these packages as root, then try again: $*" >&2
      exit 1
    }
    become=(sudo)
  fi
  has apt-get || {
    echo "This machine has no apt-get. Please install by its own means, then try again: $*" >&2
    exit 1
  }
  echo "Installing $*"
  "${become[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -qq
  "${become[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@"
}

missing=()
for tool in make git python3; do
  has "$tool" || missing+=("$tool")
done
has uv || python3 -c 'import ensurepip, venv' 2>/dev/null || missing+=(python3-venv)
has_postgres || missing+=(postgresql)
has_chromium || missing+=(chromium)
[ "${#missing[@]}" -eq 0 ] || install_packages "${missing[@]}"

python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
  echo "Parkbench needs Python 3.11 or newer; python3 here is $(python3 --version)." >&2
  exit 1
}
if ! has uv; then
  echo "Installing uv into .tools"
  python3 -m venv .tools
  .tools/bin/python -m pip install --quiet --disable-pip-version-check 'uv>=0.9'
fi
