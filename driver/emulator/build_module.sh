#!/usr/bin/env bash
# build_module.sh BUILD_DIRECTORY [stock|debug]: a kernel in BUILD_DIRECTORY/card/kernel (debug: card/debug/kernel) and the
# driver for it in card/module (card/debug/module). 77: not on this machine, and why.
set -uo pipefail
build=$(cd "${1:?usage: build_module.sh BUILD_DIRECTORY [stock|debug]}" && pwd)
kind=${2:-stock}
driver=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
card=$build/card
[[ $kind == debug ]] && card=$build/card/debug
kernel=$card/kernel
module=$card/module
options=()

case $kind in
  stock)
    if ! "$driver/emulator/fetch_kernel.sh" "$kernel"; then
      echo "build_module: the package linux-image-6.12-amd64 cannot be downloaded"
      exit 77
    fi
    headers=/lib/modules/$(<"$kernel/version")/build
    if [[ ! -d $headers ]]; then
      echo "build_module: no headers of kernel $(<"$kernel/version"); install linux-headers-6.12-amd64"
      exit 77
    fi
    ;;
  debug)
    "$driver/emulator/build_debug_kernel.sh" "$kernel" || exit $?
    headers=$kernel/build
    options=(CONFIG_TQGPU_KUNIT=y)
    ;;
  *)
    echo "build_module: there is no kernel $kind"
    exit 2
    ;;
esac
# The kernel's build writes beside its sources: it gets copies.
mkdir -p "$module"
cp -ru "$driver/abi" "$driver/uapi" "$driver/tqgpu" "$module/"
if ! make -s -C "$headers" M="$module/tqgpu" "${options[@]}" modules >"$module/build.log" 2>&1; then
  cat "$module/build.log"
  exit 1
fi
