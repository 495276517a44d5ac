"""render.py REGISTRY.json OUT_DIR --docs DIR: writes all that is generated from the registry, the coverage page into
--docs; with --list prints the paths it would write into OUT_DIR. A file whose text has not changed keeps its time, so that little is rebuilt."""
import argparse
import os

import argument_cases
import coverage
import cudart_entry_points
import entry_points
import headers
import probes
import tables
from registry import RELEASES, Registry


def outputs(registry):
    yield "include/cuda.h", headers.render_cuda_h(registry)
    yield "include/driver_types.h", headers.render_driver_types_h(registry)
    yield "include/cuda_runtime_api.h", headers.render_cuda_runtime_api_h(registry)
    yield "api/resolve.h", entry_points.render_resolve_h(registry)
    for noun in entry_points.driver_nouns(registry):
        yield f"api/{noun}.h", entry_points.render_impl_h(registry, noun)
        yield f"api/{noun}_thunks.cc", entry_points.render_thunks(registry, noun)
    for noun in cudart_entry_points.runtime_nouns(registry):
        yield f"api/{noun}.h", cudart_entry_points.render_impl_h(registry, noun)
        yield f"api/{noun}_thunks.cc", cudart_entry_points.render_thunks(registry, noun)
    for release in RELEASES:
        yield f"api/libcudart_{release}.map", cudart_entry_points.render_version_script(registry, release)
        yield f"api/libcudart_{release}_thunks.cc", cudart_entry_points.render_release_thunks(registry, release)
        yield f"api/libcudart_{release}_symbols.inc", cudart_entry_points.render_symbols(registry, release)
    yield "api/proc_table.inc", tables.render_proc_table(registry)
    yield "api/libcuda.map", tables.render_version_script(registry)
    yield "api/error_codes.inc", tables.render_error_codes(registry, "CUresult")
    yield "api/cudart_error_codes.inc", tables.render_error_codes(registry, "cudaError_t")
    for prefix, runtime in (("", False), ("cudart_", True)):
        yield f"api/{prefix}trace_printers.h", tables.render_trace_printers_h(registry, runtime)
        yield f"api/{prefix}trace_printers.cc", tables.render_trace_printers_cc(registry, runtime)
    yield "api/argument_cases.inc", argument_cases.render_driver_cases(registry)
    yield "api/cudart_argument_cases.inc", argument_cases.render_runtime_cases(registry)
    yield "api/driver_symbols.inc", coverage.render_symbols(registry, registry.driver)
    yield "api/driver_layout.inc", probes.render_layout(registry, runtime=False)
    yield "api/runtime_layout.inc", probes.render_layout(registry, runtime=True)
    yield "api/driver_versions.inc", probes.render_versions(registry)


def write_if_changed(path, text):
    if os.path.exists(path):
        with open(path) as file:
            if file.read() == text:
                return
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as file:
        file.write(text)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("registry")
    parser.add_argument("out_dir")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--docs")
    what.add_argument("--list", action="store_true")
    options = parser.parse_args()
    registry = Registry(options.registry)
    for path, text in outputs(registry):
        full = os.path.join(options.out_dir, path)
        if options.list:
            print(full)
        else:
            write_if_changed(full, text)
    if options.docs:
        write_if_changed(os.path.join(options.docs, "api-coverage.md"), coverage.render_coverage(registry))


if __name__ == "__main__":
    main()
