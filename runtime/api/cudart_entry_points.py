"""Renders libcudart's side of the entry points: thunks, declarations of implementations, the version script."""
from registry import declare, nouns, signature, symbols

GENERATED = "// Generated from runtime/api/*.td.\n"
MUST_NOT_BE_NULL = ("ptr", "str", "out", "inout")


def stream_param(function):
    return next((p["Name"] for p in function["Params"] if p["Type"] == "cudaStream_t"), None)


def takes_default_stream(function):
    """Whether the implementation is told which default stream its caller means."""
    return bool(function["Ptds"] or function["Ptsz"]) and stream_param(function) is None


def impl_params(function):
    params = ["cudaStream_t default_stream"] if takes_default_stream(function) else []
    return ", ".join(params + [declare(p["Type"], p["Name"]) for p in function["Params"]])


def is_written(function):
    return function["Status"] != "stub"


def render_impl_h(registry, noun):
    lines = [GENERATED + f"// What runtime/api/{noun}.td asks to be written by hand. Results are not null; stream 0 is",
             "// already replaced by the per-thread default stream where the caller means that.",
             "#pragma once", "", "#include <cuda_runtime_api.h>", "", "namespace tq::cudart::impl {", ""]
    for function in registry.runtime:
        if function["Noun"] == noun and is_written(function):
            lines.append(f'{function["Result"]} {function["!name"]}({impl_params(function)});')
    return "\n".join([*lines, "", "}  // namespace tq::cudart::impl", ""])


def implementation_call(function, per_thread):
    stream = stream_param(function)
    default = "cudaStreamPerThread" if per_thread else "cudaStreamLegacy"
    arguments = [default] if takes_default_stream(function) else []
    for param in function["Params"]:
        name = param["Name"]
        arguments.append(f"PerThread({name})" if per_thread and name == stream else name)
    return f'impl::{function["!name"]}({", ".join(arguments)})'


def forwarding_call(registry, function, per_thread):
    driver = registry.functions[function["ForwardsTo"]]
    twin = function["ForwardsTo"] + "_ptsz" if per_thread and driver["Ptsz"] else function["ForwardsTo"]
    arguments = ["::" + twin, *(p["Name"] for p in function["Params"])]
    return f'Forward({", ".join(arguments)})'


def body(registry, function, symbol, per_thread):
    if function["Result"] != "cudaError_t" or not function["Records"]:
        if is_written(function):
            yield f"  return {implementation_call(function, per_thread)};"
        else:
            yield f'  return NothingBehind<{function["Result"]}>("{symbol}");'
    elif is_written(function):
        checked = " ".join(f'{p["Name"]} == nullptr ||' for p in function["Params"] if p["Kind"] in MUST_NOT_BE_NULL)
        if checked:
            yield f'  if ({checked.removesuffix(" ||")}) return Record(cudaErrorInvalidValue);'
        yield f'  return Enter<{str(bool(function["NeedsContext"])).lower()}>([&] {{ return {implementation_call(function, per_thread)}; }});'
    elif function["ForwardsTo"]:
        yield f'  return Enter<{str(bool(function["NeedsContext"])).lower()}>([&] {{ return {forwarding_call(registry, function, per_thread)}; }});'
    else:
        yield f'  return NotImplemented("{symbol}");'


def render_thunks(registry, noun):
    lines = [GENERATED, f'#include "api/{noun}.h"', '#include "runtime/cudart/entry.h"', "",
             "using namespace tq::cudart;  // NOLINT: thunks only", "", 'extern "C" {']
    for function in registry.runtime:
        if function["Noun"] != noun:
            continue
        for symbol, _, per_thread in symbols(function):
            lines += [f'{function["Result"]} {symbol}({signature(function)}) {{', *body(registry, function, symbol, per_thread), "}", ""]
    return "\n".join([*lines, "}", ""])


def render_version_script(registry):
    names = sorted(symbol for function in registry.runtime for symbol, _, _ in symbols(function))
    return "libcudart.so.13 {\n  global:\n" + "".join(f"    {name};\n" for name in names) + "  local: *;\n};\n"


def runtime_nouns(registry):
    return nouns(registry.runtime)
