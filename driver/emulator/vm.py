#!/usr/bin/env python3
"""Boots the card and a guest with its kernel driver, and runs a program in the guest.

The guest sees the host's file system read-only, and a /tmp of its own; the program's output is this command's, and so is its
exit code. Everything runs under emulation: no KVM, no root.
"""
import argparse
import ctypes
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import initramfs

# What a healthy kernel never says.
SPLAT = re.compile(r"BUG:|WARNING:|Oops|KASAN|possible circular locking|UBSAN|unreferenced object|TQ-GUEST-FAILED|"
                   r"rcu: INFO: rcu_.* detected|general protection fault|Kernel panic")
VECTORS = 4
CARD_MAGIC = 0x55504751  # abi/tqgpu_card.h


def end_with_parent():
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


class Machine:
    """The server, the card and the guest, and their files. A context manager: nothing outlives it."""

    def __init__(self, arguments):
        self.arguments = arguments
        # Memory that two emulators share belongs into RAM.
        self.directory = tempfile.mkdtemp(prefix="tqgpu-vm-", dir="/dev/shm")
        self.processes = []

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        for process in reversed(self.processes):
            process.kill()
            process.wait()
        if self.arguments.keep:
            for name in ["console.log", "card.log"]:
                if os.path.exists(self.path(name)):
                    shutil.copy(self.path(name), self.arguments.keep)
        shutil.rmtree(self.directory, ignore_errors=True)

    def path(self, name):
        return os.path.join(self.directory, name)

    def start(self, command, **options):
        # A session of its own: Ctrl-C is for us, and ends the rest in order.
        process = subprocess.Popen(command, preexec_fn=end_with_parent, start_new_session=True, **options)
        self.processes.append(process)
        return process

    def start_server(self):
        server = self.start([os.path.join(self.arguments.build, "bin/tq-ivshmem-server"), self.path("ivshmem.sock"),
                             self.path("vram"), str(self.arguments.vram << 20), str(VECTORS)],
                            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        if server.stdout.readline() != "ready\n":
            raise SystemExit("vm: the ivshmem server does not start")

    def host_memory(self, name):
        return (f"memory-backend-file,id={name},share=on,size={self.arguments.memory}M,"
                f"mem-path={self.path('host')}")

    def start_card(self):
        self.start(["qemu-system-riscv64", "-M", "virt,aia=aplic-imsic",
                    "-cpu", "rv64,v=true,vext_spec=v1.0,vlen=512,elen=64", "-accel", "tcg,thread=multi",
                    "-smp", str(self.arguments.harts), "-m", "32M", "-display", "none", "-monitor", "none",
                    "-serial", "file:" + self.path("card.log"), "-net", "none",
                    "-bios", os.path.join(self.arguments.build, "card/rom.elf"),
                    "-chardev", f"socket,path={self.path('ivshmem.sock')},id=iv",
                    "-device", f"ivshmem-doorbell,chardev=iv,vectors={VECTORS}",
                    "-object", self.host_memory("host"), "-device", "ivshmem-plain,memdev=host"],
                   stdin=subprocess.DEVNULL)
        # The guest must not probe before the ROM has said what the card is: its magic is the first word.
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            with open(self.path("vram"), "rb") as vram:
                if int.from_bytes(vram.read(4), "little") == CARD_MAGIC:
                    return
            time.sleep(0.02)
        raise SystemExit("vm: the card's ROM does not start")

    def start_guest(self, archive, error_pipe):
        with open(self.path("initramfs.gz"), "wb") as file:
            file.write(archive)
        debug = " dyndbg=\"module tqgpu +p\"" if self.arguments.verbose else ""
        cache = []
        if self.arguments.cache:
            cache = ["-virtfs", f"local,path={self.arguments.cache},mount_tag=cache,security_model=none"]
        return self.start(
            ["qemu-system-x86_64", "-accel", "tcg,thread=multi", "-machine", "q35,memory-backend=ram",
             "-object", self.host_memory("ram"), "-m", f"{self.arguments.memory}M", "-smp", "2", "-cpu", "max",
             "-display", "none", "-no-reboot", "-net", "none",
             "-serial", "file:" + self.path("console.log"), "-serial", "stdio",
             "-serial", f"file:/proc/self/fd/{error_pipe}",
             "-monitor", f"unix:{self.path('monitor')},server,nowait",
             "-chardev", f"socket,path={self.path('ivshmem.sock')},id=iv",
             "-device", "pcie-root-port,id=slot0,slot=1,chassis=1",
             "-device", f"ivshmem-doorbell,bus=slot0,id=gpu0,chardev=iv,vectors={VECTORS}",
             "-virtfs", "local,path=/,mount_tag=root,security_model=none,readonly=on,multidevs=remap", *cache,
             "-kernel", os.path.join(self.arguments.kernel, "vmlinuz"), "-initrd", self.path("initramfs.gz"),
             # The check of the timer fails where the emulator waits for a processor.
             "-append", "console=ttyS0 panic=-1 iommu=off no_timer_check kfence.sample_interval=10 loglevel=7 "
             + self.arguments.append + debug],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, pass_fds=[error_pipe])

    def console(self):
        with open(self.path("console.log"), errors="replace") as file:
            return file.read()


def copy_output(stream, to):
    while data := os.read(stream.fileno(), 65536):
        to.write(data)
        to.flush()


def run(arguments):
    environment = {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "HOME": "/tmp",
                   **{key: value for key, value in os.environ.items()
                      if key.startswith("TIANQIAO_") or key == "LD_LIBRARY_PATH"}}
    if arguments.cache:
        environment["TIANQIAO_CACHE_DIR"] = initramfs.CACHE
    archive = initramfs.build(os.path.join(arguments.kernel, "modules"), arguments.module,
                              os.path.join(arguments.build, "card/firmware.bin"), arguments.program, os.getcwd(),
                              environment, arguments.module_options)
    with Machine(arguments) as machine:
        arguments.progress("starting the card and the guest ...")
        machine.start_server()
        machine.start_card()
        error_reader, error_writer = os.pipe()
        guest = machine.start_guest(archive, error_writer)
        os.close(error_writer)
        copiers = [threading.Thread(target=copy_output, args=streams, daemon=True)
                   for streams in [(guest.stdout, sys.stdout.buffer), (os.fdopen(error_reader, "rb"), sys.stderr.buffer)]]
        for copier in copiers:
            copier.start()
        try:
            guest.wait(arguments.timeout)
        except subprocess.TimeoutExpired:
            print(f"vm: the guest does not end within {arguments.timeout} s", file=sys.stderr)
        for copier in copiers:
            copier.join(5)
        console = machine.console()
        splats = [line for line in console.splitlines() if SPLAT.search(line)]
        code = re.search(r"TQ-GUEST-EXIT (\d+)", console)
        if splats or not code or arguments.verbose:
            sys.stderr.write(console)
        for line in splats:
            print("vm: the guest's kernel says:", line, file=sys.stderr)
        if not code or splats:
            return 125
        return int(code.group(1))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", required=True, help="build directory with the card's programs")
    parser.add_argument("--kernel", required=True, help="directory with vmlinuz and modules/ (fetch_kernel.sh)")
    parser.add_argument("--module", required=True, help="tqgpu.ko for that kernel")
    parser.add_argument("--harts", type=int, default=6, help="harts of the card, 3 to 32 (%(default)s)")
    parser.add_argument("--vram", type=int, default=256, help="MiB of video memory, a power of two (%(default)s)")
    parser.add_argument("--memory", type=int, default=1024, help="MiB of the guest, a power of two (%(default)s)")
    parser.add_argument("--timeout", type=int, default=300, help="seconds (%(default)s)")
    parser.add_argument("--append", default="", help="more of the guest kernel's command line")
    parser.add_argument("--keep", help="directory for the consoles of guest and card")
    parser.add_argument("--verbose", action="store_true", help="show the guest's console in any case")
    parser.add_argument("--module-options", default="", help="parameters of the kernel driver")
    parser.add_argument("--cache", help="directory of compiled kernels, which the guest may write")
    parser.add_argument("program", nargs="+")
    parser.set_defaults(progress=lambda text: None)
    sys.exit(run(parser.parse_args()))


if __name__ == "__main__":
    main()
