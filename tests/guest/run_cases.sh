#!/usr/bin/env bash
# run_cases.sh CASES: in the guest. CASES has a line for each case: name, file with the expected output or -, command.
# Ends with 'N passed, N failed'.
set -uo pipefail
cases=${1:?usage: run_cases.sh CASES}
passed=0
failed=0
while read -r name expected command; do
  echo "guest-test: $name" >/dev/kmsg
  started=$SECONDS
  timeout 240 bash -c "$command" >/tmp/output 2>/tmp/errors </dev/null
  code=$?
  if ((code == 0)) && { [[ $expected == - ]] || cmp -s /tmp/output "$expected"; }; then
    ((++passed))
    echo "  ok      $name ($((SECONDS - started)) s)"
  else
    ((++failed))
    echo "  FAILED  $name (exit code $code)"
    [[ $expected == - ]] || diff "$expected" /tmp/output
    tail -n 60 /tmp/output /tmp/errors
  fi
done <"$cases"
echo "guest: $passed passed, $failed failed"
((failed == 0))
