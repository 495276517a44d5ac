#!/usr/bin/env bash
# link_and_run.sh LIBRARY OBJECT EXPECTED TIANQIAO [ARGS...]: links OBJECT with an old runtime library and runs the
# result under `tianqiao run`. Skipped when the library could not be fetched.
set -euo pipefail

library=$1 object=$2 expected=$3 tianqiao=$4
shift 4
if [[ ! -e $library ]]; then
  echo "SKIPPED: $(cat "$library.missing" 2>/dev/null || echo "$library was not fetched")"
  exit 0
fi
directory=$(dirname "$library")
program=$object.$(basename "$library")
clang++-22 "$object" "$library" -Wl,-rpath,"$directory" -o "$program"
exec "$(dirname "$0")/../../samples/run_and_compare.sh" "$expected" "$tianqiao" run "$program" "$@"
