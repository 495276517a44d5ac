#!/usr/bin/env bash
# Installs what tools/packages.txt lists and this machine lacks. Asks apt only when something is missing, so that a
# machine without a network, but with the packages, builds.
set -euo pipefail
cd "$(dirname "$0")/.."

wanted=$(grep -v '^#' tools/packages.txt)
missing=()
for package in $wanted; do
  state=$(dpkg-query -W -f '${db:Status-Abbrev}' "$package" 2>/dev/null || true)
  [[ $state == ii* ]] || missing+=("$package")
done
if ((${#missing[@]} == 0)); then
  exit 0
fi

if ! command -v apt-get >/dev/null; then
  echo "setup: this machine has no apt-get (Debian 12 is needed). Install these packages by hand: ${missing[*]}" >&2
  exit 1
fi
as_root=()
if ((EUID != 0)); then
  if ! command -v sudo >/dev/null; then
    echo "setup: these packages are missing and neither root nor sudo is at hand: ${missing[*]}" >&2
    exit 1
  fi
  as_root=(sudo)
fi

log=$(mktemp)
trap 'rm -f "$log"' EXIT
apt() {
  # Another apt may hold the lock on a busy machine; a dropped connection is worth a second try.
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get -o DPkg::Lock::Timeout=500 -o Acquire::Retries=3 -q "$@" >"$log" 2>&1 || {
    tail -n 20 "$log" >&2
    echo "setup: apt-get $1 failed; the lines above say why. Wanted: ${missing[*]}" >&2
    exit 1
  }
}
echo "Installing ${#missing[@]} packages: ${missing[*]}"
apt update
apt install -y --no-install-recommends "${missing[@]}"
