"""An initramfs for the guest: busybox, the kernel modules that are needed, our driver and its firmware, and an init that
mounts the host's root directory read-only and runs one command in it."""
import gzip
import lzma
import os
import re
import shlex

# What the guest needs besides the driver: its root directory comes over 9p.
ROOT_MODULES = ["virtio_pci", "9pnet_virtio", "9p"]
APPLETS = ["sh", "mount", "insmod", "rmmod", "cat", "echo", "poweroff", "chroot", "mkdir", "sleep", "dmesg", "ls", "ln",
           "stty"]
CACHE = "/tmp/tianqiao-cache"  # where the guest has the host's directory of compiled kernels, if it has it

INIT = """#!/bin/sh
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
mount -t debugfs debugfs /sys/kernel/debug
while read module options; do insmod /modules/$module $options || echo "TQ-GUEST-FAILED insmod $module"; done </modules/order
mount -t 9p -o trans=virtio,version=9p2000.L,ro,msize=262144,cache=loose root /root || echo "TQ-GUEST-FAILED mount"
mount -o rbind /proc /root/proc
mount -o rbind /sys /root/sys
mount -o rbind /dev /root/dev
mkdir -p /root/dev/shm
mount -t tmpfs tmpfs /root/dev/shm
mount -t tmpfs tmpfs /root/tmp
ln -s /proc/self/fd /dev/fd
mkdir /root%(cache)s
mount -t 9p -o trans=virtio,version=9p2000.L,msize=262144 cache /root%(cache)s 2>/dev/null
stty -F /dev/ttyS1 raw
stty -F /dev/ttyS2 raw
chroot /root /bin/sh -c '%(command)s' >/dev/ttyS1 2>/dev/ttyS2 </dev/null
echo "TQ-GUEST-EXIT $?"
if [ -e /sys/kernel/debug/kmemleak ]; then
  # An object counts as lost at the second scan, and only when it is some seconds old.
  for scan in 1 2; do echo scan >/sys/kernel/debug/kmemleak; sleep 6; done
  cat /sys/kernel/debug/kmemleak
fi
poweroff -f
"""


class Archive:
    """A cpio archive of the format that the kernel unpacks (newc)."""

    def __init__(self):
        self._data = bytearray()
        self._inode = 0
        self._directories = set()

    def _entry(self, name, mode, content=b"", device=(0, 0)):
        self._inode += 1
        fields = [self._inode, mode, 0, 0, 1, 0, len(content), 0, 0, *device, len(name) + 1, 0]
        self._data += b"070701" + b"".join(b"%08X" % field for field in fields) + name.encode() + b"\0"
        self._data += bytes(-len(self._data) % 4) + content
        self._data += bytes(-len(self._data) % 4)

    def directory(self, name):
        parent = os.path.dirname(name)
        if parent:
            self.directory(parent)
        if name not in self._directories:
            self._directories.add(name)
            self._entry(name, 0o40755)

    def file(self, name, content, mode=0o644):
        if os.path.dirname(name):
            self.directory(os.path.dirname(name))
        self._entry(name, 0o100000 | mode, content)

    def link(self, name, target):
        self._entry(name, 0o120777, target.encode())

    def device(self, name, major, minor):
        self._entry(name, 0o20600, device=(major, minor))

    def finish(self):
        self._entry("TRAILER!!!", 0)
        return gzip.compress(bytes(self._data), 1)


def _read_module(path):
    with open(path, "rb") as file:
        data = file.read()
    return lzma.decompress(data) if path.endswith(".xz") else data


def _module_name(path):
    return re.sub(r"\.ko(\.xz)?$", "", os.path.basename(path)).replace("-", "_")


def _find_modules(directory):
    found = {}
    for root, _, names in os.walk(directory):
        for name in names:
            if re.search(r"\.ko(\.xz)?$", name):
                found[_module_name(name)] = os.path.join(root, name)
    return found


def _in_load_order(wanted, paths):
    """Names and contents of `wanted` and all that they depend on, dependencies first."""
    order, seen = [], set()

    def visit(name):
        if name in seen or name not in paths:  # what there is no file for is built into the kernel
            return
        seen.add(name)
        data = _read_module(paths[name])
        match = re.search(rb"\0depends=([^\0]*)\0", data)
        for dependency in match.group(1).decode().split(",") if match else []:
            visit(dependency.replace("-", "_"))
        order.append((name, data))

    for name in wanted:
        visit(name)
    return order


def build(modules_directory, driver_module, firmware, command, directory, environment, module_options=""):
    """Returns the archive. `command` is a list of words, run in `directory` of the host's root."""
    paths = _find_modules(modules_directory)
    paths[_module_name(driver_module)] = driver_module
    archive = Archive()
    for name in ["bin", "proc", "sys", "dev", "root", "modules"]:
        archive.directory(name)
    archive.device("dev/console", 5, 1)
    with open("/bin/busybox", "rb") as file:
        archive.file("bin/busybox", file.read(), 0o755)
    for name in APPLETS:
        archive.link("bin/" + name, "busybox")
    order = _in_load_order(ROOT_MODULES + [_module_name(driver_module)], paths)
    for name, data in order:
        archive.file(f"modules/{name}.ko", data)
    options = {_module_name(driver_module): module_options}
    archive.file("modules/order", "".join(f"{name}.ko {options.get(name, '')}\n" for name, _ in order).encode())
    with open(firmware, "rb") as file:
        archive.file("lib/firmware/tqgpu/card.bin", file.read())
    words = [f"export {shlex.quote(f'{key}={value}')};" for key, value in environment.items()]
    line = " ".join(words + ["cd", shlex.quote(directory), "&& exec", *map(shlex.quote, command)])
    init = INIT % {"cache": CACHE, "command": line.replace("'", "'\\''")}
    archive.file("init", init.encode(), 0o755)
    return archive.finish()
