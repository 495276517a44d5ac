#!/usr/bin/env bash
# guest_test.sh BUILD_DIRECTORY [stock|debug] [FILTER]: builds the kernel driver for Debian's stock 6.12 kernel, or for one
# with checkers and KUnit (build_debug_kernel.sh), and runs its tests in a guest with the emulated card. 77: not on this
# machine, and why.
set -uo pipefail
build=$(cd "${1:?usage: guest_test.sh BUILD_DIRECTORY [stock|debug] [FILTER]}" && pwd)
kind=${2:-stock}
driver=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

card=$build/card
timeout=1500
case_timeout=900
options=job_timeout_ms=4000 # endless kernels are waited for; the debug kernel is slower
filter=-GuestAllocationFailure.*:GuestEndurance.*
if [[ $kind == debug ]]; then
  card=$build/card/debug
  options=job_timeout_ms=6000
  filter=-GuestEndurance.*
fi
if [[ ${3:-} == GuestEndurance.* ]]; then
  timeout=3500
  case_timeout=3000
fi
"$driver/emulator/build_module.sh" "$build" "$kind" || exit $?
export TIANQIAO_TEST_MODULE=$card/module/tqgpu/tqgpu.ko
exec python3 "$driver/emulator/vm.py" --build "$build" --kernel "$card/kernel" --module "$TIANQIAO_TEST_MODULE" \
  --timeout "$timeout" --keep "$card" --module-options "$options" \
  -- "$driver/tests/run_guest_tests.sh" "$build/tests/tqgpu_guest_test" "${3:-$filter}" \
  "$case_timeout"
