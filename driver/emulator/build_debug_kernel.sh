#!/usr/bin/env bash
# build_debug_kernel.sh DIRECTORY: a 6.12 kernel with KASAN, lockdep, kmemleak, DMA-API checks, fault injection and
# KUnit, from Debian's package linux-source-6.12, in DIRECTORY as fetch_kernel.sh lays one out, and what modules are
# built against in DIRECTORY/build. Takes about 8 minutes on 2 cores, once: builds are kept in ~/.cache/tianqiao by
# the package's version and the configuration. 77: not on this machine, and why.
set -euo pipefail
directory=${1:?usage: build_debug_kernel.sh DIRECTORY}
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source=/usr/src/linux-source-6.12.tar.xz
for tool in bc flex bison make gcc; do
  command -v "$tool" >/dev/null || { echo "build_debug_kernel: the command $tool is missing"; exit 77; }
done
if [[ ! -f $source ]]; then
  echo "build_debug_kernel: the package linux-source-6.12 is not installed"
  exit 77
fi

package=$(dpkg-query -W -f '${Version}' linux-source-6.12)
key=$( (echo "$package"; cat "$here/debug_kernel.config" "${BASH_SOURCE[0]}") | sha256sum | cut -c1-16)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/tianqiao/debug-kernel-$key
mkdir -p "$(dirname "$cache")"
exec 9>"$cache.lock"
flock 9
if [[ ! -f $cache/version ]]; then
  echo "Building the debug kernel $package (about 8 minutes, once)"
  rm -rf "$cache"
  mkdir -p "$cache/build"
  tar -xf "$source" -C "$cache/build" --strip-components=1
  cd "$cache/build"
  # Parts of DRM that have no question of their own come with whoever selects them.
  cat >>drivers/gpu/drm/Kconfig <<'KCONFIG'

config DRM_TQGPU_NEEDS
	bool "What the out-of-tree driver tqgpu stands on"
	depends on DRM=y && PCI && MMU
	select CRC32
	select DRM_BUDDY
	select DRM_EXEC
	select DRM_GEM_SHMEM_HELPER
	select DRM_GPUVM
	select DRM_SCHED
	select MMU_NOTIFIER
	select WANT_DEV_COREDUMP
KCONFIG
  make -s tinyconfig
  scripts/kconfig/merge_config.sh -m .config "$here/debug_kernel.config" >/dev/null
  make -s olddefconfig
  for line in $(grep -o '^CONFIG_[A-Z0-9_]*=y' "$here/debug_kernel.config"); do
    grep -q "^$line$" .config || echo "build_debug_kernel: the kernel has no $line"
  done
  make -s -j"$(nproc)" bzImage modules >"$cache/build.log" 2>&1 || { tail -30 "$cache/build.log"; exit 1; }
  cp arch/x86/boot/bzImage "$cache/vmlinuz"
  mkdir -p "$cache/modules"
  # Modules need the headers, the generated files and the build's own tools, not what the kernel was made of.
  find . -path ./scripts -prune -o -path ./tools -prune -o -type f \
    \( -name '*.c' -o -name '*.o' -o -name '*.a' -o -name '*.cmd' -o -name '*.S' \) -print0 | xargs -0 rm -f
  rm -rf Documentation sound vmlinux
  make -s kernelrelease >"$cache/version"
fi
mkdir -p "$(dirname "$directory")"
ln -sfn "$cache" "$directory"
