#!/usr/bin/env bash
# guest_test.sh BUILD_DIRECTORY [FILTER]: builds the kernel driver for Debian's stock 6.12 kernel and runs its tests in a
# guest with the emulated card. 77: not on this machine, and why.
set -uo pipefail
build=$(cd "${1:?usage: guest_test.sh BUILD_DIRECTORY [FILTER]}" && pwd)
driver=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

"$driver/emulator/build_module.sh" "$build" || exit $?
exec python3 "$driver/emulator/vm.py" --build "$build" --kernel "$build/card/kernel" \
  --module "$build/card/module/tqgpu/tqgpu.ko" --timeout 500 --keep "$build/card" \
  -- "$driver/tests/run_guest_tests.sh" "$build/tests/tqgpu_guest_test" "${2:-*}"
