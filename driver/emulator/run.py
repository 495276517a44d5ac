#!/usr/bin/env python3
"""tianqiao vm: CUDA programs on the domestic GPU, emulated, in a virtual machine.

The program sees this machine's files, which it cannot change, and a /tmp of its own. What it prints, and its exit code, are
the command's. The machine takes 10 seconds to start; everything is emulated, so programs run some 50 times slower than on
this machine's processor.
"""
import argparse
import os
import shutil
import signal
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import vm

# What has to be installed, and the Debian package that it is in.
PROGRAMS = {"qemu-system-riscv64": "qemu-system-misc", "qemu-system-x86_64": "qemu-system-x86", "make": "make",
            "apt-get": "apt", "dpkg-deb": "dpkg"}
FILES = {"/bin/busybox": "busybox-static"}


class Missing(Exception):
    """Something that the user can install."""


def check_programs():
    packages = [package for program, package in PROGRAMS.items() if not shutil.which(program)]
    packages += [package for path, package in FILES.items() if not os.path.exists(path)]
    if packages:
        raise Missing(f"packages are missing; install them: apt-get install {' '.join(packages)}")


def say(arguments, text):
    if not arguments.quiet:
        print(f"tianqiao: {text}", file=sys.stderr, flush=True)


def cache_directory():
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return os.path.join(base, "tianqiao")


def machine_directory(prefix):
    """Where the guest's kernel and the module for it are kept: a build tree has a place for them."""
    return prefix if os.access(os.path.join(prefix, "card"), os.W_OK) else os.path.join(cache_directory(), "vm")


def prepare(arguments):
    """The guest's kernel and the kernel driver for it. Seconds once, nothing afterwards."""
    emulator = os.path.dirname(os.path.abspath(__file__))
    directory = machine_directory(arguments.prefix)
    os.makedirs(directory, exist_ok=True)
    if not os.path.exists(os.path.join(directory, "card/kernel/version")):
        say(arguments, "fetching Debian's kernel 6.12 for the guest (100 MB, once) ...")
    done = subprocess.run([os.path.join(emulator, "build_module.sh"), directory], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode != 0:
        raise Missing(done.stdout.strip() or "the kernel driver cannot be built")
    return os.path.join(directory, "card")


def check_visible(arguments):
    """The guest has a few directories of its own in the place of this machine's."""
    program = shutil.which(arguments.program[0]) or arguments.program[0]
    for path in [arguments.prefix, os.getcwd() + "/", program]:
        place = os.path.abspath(path) + ("/" if path.endswith("/") else "")
        own = next((own for own in ["/tmp/", "/dev/", "/proc/", "/sys/"] if place.startswith(own) and place != own), None)
        if own:
            raise Missing(f"'{os.path.abspath(path)}' does not exist in the machine, which has a {own[:-1]} of its own")


def run(arguments):
    check_programs()
    check_visible(arguments)
    card = prepare(arguments)
    command = [os.path.join(arguments.prefix, "bin/tianqiao"), "run", "--hal", "tqgpu", *arguments.program]
    machine = argparse.Namespace(
        build=arguments.prefix, kernel=os.path.join(card, "kernel"),
        module=os.path.join(card, "module/tqgpu/tqgpu.ko"), module_options=arguments.module_options,
        harts=arguments.harts, vram=arguments.vram, memory=arguments.memory, timeout=arguments.timeout,
        append="", keep=arguments.keep, verbose=arguments.verbose, program=command,
        cache=os.environ.get("TIANQIAO_CACHE_DIR") or cache_directory(), progress=lambda text: say(arguments, text))
    os.makedirs(machine.cache, exist_ok=True)
    return vm.run(machine)


def parse():
    parser = argparse.ArgumentParser(prog="tianqiao vm", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--prefix", required=True, help=argparse.SUPPRESS)
    commands = parser.add_subparsers(dest="command", required=True)
    command = commands.add_parser("run", help="run a program", description=__doc__,
                                  formatter_class=argparse.RawDescriptionHelpFormatter)
    command.add_argument("--harts", type=int, default=6, help="harts of the card, 3 to 32 (%(default)s)")
    command.add_argument("--vram", type=int, default=256, help="MiB of video memory, a power of two (%(default)s)")
    command.add_argument("--memory", type=int, default=1024, help="MiB of the guest, a power of two (%(default)s)")
    command.add_argument("--timeout", type=int, default=None, help="seconds after which the machine is stopped (never)")
    command.add_argument("--module-options", default="", help="parameters of the kernel driver")
    command.add_argument("--keep", metavar="DIR", help="directory for the consoles of guest and card")
    command.add_argument("--quiet", action="store_true", help="say nothing but what the program says")
    command.add_argument("--verbose", action="store_true", help="show the guest's console in any case")
    command.add_argument("program", nargs=argparse.REMAINDER, metavar="PROGRAM [ARGS...]")
    arguments = parser.parse_args()
    if arguments.program[:1] == ["--"]:
        del arguments.program[0]
    if not arguments.program:
        command.error("which program?")
    return arguments


def main():
    arguments = parse()
    # Like Ctrl-C: the machine is taken down on the way out.
    signal.signal(signal.SIGTERM, lambda *unused: sys.exit(128 + signal.SIGTERM))
    try:
        sys.exit(run(arguments))
    except Missing as missing:
        print(f"tianqiao: {missing}", file=sys.stderr)
        sys.exit(126)
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)


if __name__ == "__main__":
    main()
