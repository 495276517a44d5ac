#!/usr/bin/env bash
# run_and_compare.sh EXPECTED COMMAND...: passes when the command exits with 0 and its output is EXPECTED, to the byte.
set -uo pipefail

expected=$1
shift
actual=$(mktemp)
trap 'rm -f "$actual"' EXIT

"$@" >"$actual"
code=$?
if ! diff -u --label expected --label actual "$expected" "$actual"; then
  echo "the output differs from $expected (exit code $code)"
  exit 1
fi
if ((code != 0)); then
  echo "the output is as expected, but the exit code is $code"
fi
exit "$code"
