"""Fetches NVIDIA's runtime libraries of older CUDA versions from the Python package index, as test input.

usage: fetch_cudart.py DIRECTORY PACKAGE==VERSION LIBRARY
Leaves DIRECTORY/LIBRARY, or DIRECTORY/LIBRARY.missing with the reason. Exits 0 in both cases: without a network the
tests that want the library are skipped, and everything else is built.
"""
import pathlib
import subprocess
import sys
import tempfile
import zipfile


def fetch(requirement, library, target):
    with tempfile.TemporaryDirectory() as scratch:
        subprocess.run(
            [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps", "--retries",
             "1", "--timeout", "30", "--only-binary=:all:", "--dest", scratch, requirement],
            check=True, timeout=240, capture_output=True, text=True)
        wheel = next(pathlib.Path(scratch).glob("*.whl"))
        with zipfile.ZipFile(wheel) as archive:
            member = next(name for name in archive.namelist() if name.endswith("/" + library))
            target.write_bytes(archive.read(member))


def main():
    directory, requirement, library = sys.argv[1:]
    target = pathlib.Path(directory) / library
    missing = target.with_name(library + ".missing")
    target.parent.mkdir(parents=True, exist_ok=True)
    missing.unlink(missing_ok=True)
    if target.exists():
        return
    try:
        fetch(requirement, library, target)
    except subprocess.CalledProcessError as error:
        reason = (error.stderr.strip().splitlines() or ["no message"])[-1]
        missing.write_text(f"{requirement} cannot be downloaded ({reason})\n")
    except (subprocess.TimeoutExpired, StopIteration, OSError, zipfile.BadZipFile) as error:
        missing.write_text(f"{requirement} cannot be downloaded ({type(error).__name__}: {error})\n")


if __name__ == "__main__":
    main()
