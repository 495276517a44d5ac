"""Checks that every #include of ours points down the layers. Prints one line per offence; exits 1 if there is one."""
import re
import subprocess
import sys

# A directory may include itself and what stands behind it here. The longest matching prefix decides.
MAY_INCLUDE = {
    "base": [],
    "compiler": ["base"],
    "hal": ["base"],
    "hal/tqgpu": ["base", "hal/include", "hal/sized.h", "hal/format_printf.h", "driver/abi", "driver/uapi"],
    "hal/cpu": ["base", "hal/include", "hal/sized.h", "hal/format_printf.h"],
    "hal/null": ["base", "hal/include", "hal/sized.h"],
    "runtime": ["base", "compiler", "hal"],
    "runtime/fatbin": ["base"],
    "runtime/toolkit": [],
    "driver": [],
    "samples": [],
    "tools": ["base", "compiler", "hal", "runtime"],
    "bench": ["base", "compiler", "hal", "runtime", "tools"],
    "bench/card": ["base", "compiler", "tests/card"],
    "tests": ["base", "compiler", "hal", "runtime", "tools"],
    "tests/card": ["base", "compiler", "hal", "driver", "tests/ptx"],
}
OURS = {path.split("/")[0] for path in MAY_INCLUDE}
# LLVM is loaded on the first cache miss only; what libcuda links must not pull it in.
LLVM_FREE = ("base/", "compiler/index/", "compiler/cache/", "hal/", "runtime/", "tools/tianqiao/")


def owner(path):
    return max((p for p in MAY_INCLUDE if path.startswith(p + "/")), key=len, default=None)


def offences(path):
    place = owner(path)
    for number, line in enumerate(open(path, encoding="utf-8"), 1):
        match = re.match(r'\s*#\s*include\s*["<]([^">]+)[">]', line)
        if not match or place is None:
            continue
        target = match.group(1)
        if target == "tianqiao/hal.h":
            target = "hal/include/tianqiao/hal.h"
        allowed = [place, *MAY_INCLUDE[place]]
        if target.split("/")[0] in OURS and not any(f"{target}/".startswith(f"{a}/") for a in allowed):
            yield f"{path}:{number}: {place}/ may not include {target} (allowed: {', '.join(allowed)})"
        if target.startswith("llvm/") and path.startswith(LLVM_FREE):
            yield f"{path}:{number}: {place}/ must stay free of LLVM ({target})"


def main():
    files = subprocess.run(["git", "ls-files", "*.h", "*.c", "*.cc", "*.cu"], check=True, capture_output=True, text=True)
    found = [offence for path in files.stdout.split() for offence in offences(path)]
    print("\n".join(found), end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
