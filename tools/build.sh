#!/usr/bin/env bash
# tools/build.sh PRESET [TARGET...]: installs packages, configures and builds. Shows progress in a line or two a
# minute where the output is no terminal; the whole of it goes to build/PRESET/build.log.
# Environment: TIANQIAO_CMAKE_ARGS, more arguments for the configuration.
set -euo pipefail
cd "$(dirname "$0")/.."

preset=$1
shift
dir=build/$preset
mkdir -p "$dir"

tools/install_packages.sh

echo "Configuring preset $preset"
# shellcheck disable=SC2086  # several arguments in one variable, on purpose
if ! cmake --preset "$preset" ${TIANQIAO_CMAKE_ARGS:-} >"$dir/configure.log" 2>&1; then
  tail -n 40 "$dir/configure.log" >&2
  echo "setup: the configuration failed; the lines above and $dir/configure.log say why" >&2
  exit 1
fi

echo "Building preset $preset with $(nproc) jobs"
if [[ -t 1 ]]; then
  exec ninja -C "$dir" -j"$(nproc)" "$@"
fi
export NINJA_STATUS='[%f/%t %e s] '
if ! ninja -C "$dir" -j"$(nproc)" "$@" 2>&1 | tee "$dir/build.log" | awk '
    /^\[[0-9]+\/[0-9]+ / {
      split(substr($1, 2), step, "/")
      tenth = int(10 * step[1] / step[2])
      if (tenth != shown) { shown = tenth; print "  " step[1] " of " step[2] " steps, " $2 " s"; fflush() }
    }'; then
  awk '/^FAILED:/ { show = 60 } show-- > 0' "$dir/build.log" >&2
  echo "setup: the build failed; the lines above and $dir/build.log say why" >&2
  exit 1
fi
