#!/usr/bin/env bash
# guest_test.sh BUILD_DIRECTORY CASES: runs the cases (run_cases.sh) in a guest with the emulated card, all in one boot.
# 77: not on this machine, and why.
set -uo pipefail
build=$(cd "${1:?usage: guest_test.sh BUILD_DIRECTORY CASES}" && pwd)
cases=${2:?usage: guest_test.sh BUILD_DIRECTORY CASES}
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

"$root/driver/emulator/build_module.sh" "$build" || exit $?
# A kernel that does not end is a case of these tests, and one that takes seconds is not.
exec python3 "$root/driver/emulator/vm.py" --build "$build" --kernel "$build/card/kernel" \
  --module "$build/card/module/tqgpu/tqgpu.ko" --module-options job_timeout_ms=5000 --timeout 560 --keep "$build/card" \
  -- "$root/tests/guest/run_cases.sh" "$cases"
