#!/usr/bin/env bash
# build_module.sh BUILD_DIRECTORY: the stock kernel in BUILD_DIRECTORY/card/kernel and the driver for it in
# BUILD_DIRECTORY/card/module. 77: not on this machine, and why.
set -uo pipefail
build=${1:?usage: build_module.sh BUILD_DIRECTORY}
driver=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

if ! "$driver/emulator/fetch_kernel.sh" "$build/card/kernel"; then
  echo "build_module: the package linux-image-6.12-amd64 cannot be downloaded"
  exit 77
fi
version=$(<"$build/card/kernel/version")
headers=/lib/modules/$version/build
if [[ ! -d $headers ]]; then
  echo "build_module: no headers of kernel $version; install linux-headers-6.12-amd64"
  exit 77
fi
# The kernel's build writes beside its sources: it gets copies.
mkdir -p "$build/card/module"
cp -ru "$driver/abi" "$driver/uapi" "$driver/tqgpu" "$build/card/module/"
if ! make -s -C "$headers" M="$build/card/module/tqgpu" modules >"$build/card/module/build.log" 2>&1; then
  cat "$build/card/module/build.log"
  exit 1
fi
