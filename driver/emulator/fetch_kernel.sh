#!/usr/bin/env bash
# fetch_kernel.sh DIRECTORY: Debian's stock 6.12 kernel and its modules, unpacked into DIRECTORY (vmlinuz, modules/,
# version). Nothing is installed. Does nothing if it is there already.
set -euo pipefail
directory=${1:?usage: fetch_kernel.sh DIRECTORY}
[[ -f $directory/version ]] && exit 0
package=$(apt-cache depends linux-image-6.12-amd64 | awk '/Depends:/ {print $2; exit}')
version=${package#linux-image-}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
(cd "$scratch" && apt-get -o DPkg::Lock::Timeout=500 download "$package" >/dev/null)
dpkg-deb -x "$scratch"/linux-image-*.deb "$scratch/unpacked"
mkdir -p "$directory"
cp "$scratch/unpacked/boot/vmlinuz-$version" "$directory/vmlinuz"
rm -rf "$directory/modules"
mv "$scratch/unpacked/lib/modules/$version" "$directory/modules"
echo "$version" >"$directory/version"
