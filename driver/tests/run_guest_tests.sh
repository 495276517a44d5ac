#!/usr/bin/env bash
# run_guest_tests.sh TEST_PROGRAM [FILTER] [SECONDS]: in the guest. Each case in a process of its own, so that one that upsets
# the kernel is known by name, and of at most SECONDS. With the module's KUnit suites, which have run when it was loaded, where
# the kernel has them. Lines of a case that begin with '# ' are figures, and shown. Ends with 'N passed, N failed'.
set -uo pipefail
program=${1:?usage: run_guest_tests.sh TEST_PROGRAM [FILTER] [SECONDS]}
passed=0
failed=0
for results in /sys/kernel/debug/kunit/tqgpu_*/results; do
  [[ -e $results ]] || continue
  # The last line is the suite's own.
  suite=$(awk '/^ *(not )?ok / {line = $0} END {print line}' "$results")
  if [[ $suite == ok\ * ]]; then
    ((++passed))
    echo "  ok      KUnit $(basename "$(dirname "$results")") ($(grep -c '^    ok ' "$results") cases)"
  else
    ((++failed))
    echo "  FAILED  KUnit $(basename "$(dirname "$results")")"
    cat "$results"
  fi
done
for name in $("$program" --gtest_list_tests --gtest_filter="${2:-*}" | awk '/^[^ ]/ {suite = $1} /^ / {print suite $1}'); do
  echo "tqgpu-test: $name" >/dev/kmsg
  if timeout "${3:-900}" "$program" --gtest_filter="$name" --gtest_brief=1 >/tmp/output 2>&1; then
    ((++passed))
    echo "  ok      $name"
    sed -n 's/^# /          /p' /tmp/output
  else
    ((++failed))
    echo "  FAILED  $name"
    cat /tmp/output
  fi
done
echo "guest: $passed passed, $failed failed"
((failed == 0))
