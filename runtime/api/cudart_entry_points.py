"""Renders libcudart's side of the entry points: thunks, declarations of implementations, the version script."""
from registry import RELEASES, declare, nouns, runtime_symbols, signature

GENERATED = "// Generated from runtime/api/*.td.\n"
MUST_NOT_BE_NULL = ("ptr", "str", "out", "inout")
SONAMES = {11: "libcudart.so.11.0", 12: "libcudart.so.12", 13: "libcudart.so.13"}
# Nouns whose types are in no public header.
TYPES = {"cudart_legacy": "runtime/cudart/legacy_types.h", "cudart_texture_reference": "runtime/cudart/legacy_types.h"}


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
             "#pragma once", "", "#include <cuda_runtime_api.h>", ""]
    if noun in TYPES:
        lines += [f'#include "{TYPES[noun]}"', ""]
    lines += ["namespace tq::cudart::impl {", ""]
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
    elif function["Answer"]:
        checked = " ".join(f'{p["Name"]} == nullptr ||' for p in function["Params"] if p["Kind"] in MUST_NOT_BE_NULL)
        if checked:
            yield f'  if ({checked.removesuffix(" ||")}) return Record(cudaErrorInvalidValue);'
        yield f'  return Enter<{str(bool(function["NeedsContext"])).lower()}>([&] {{ return {function["Answer"]}; }});'
    else:
        yield f'  return NotImplemented("{symbol}");'


def is_renamed(function):
    return bool(function["Names"])


def render_thunks(registry, noun):
    """Thunks of the entry points that have the same name in each release that has them: all releases share them."""
    lines = [GENERATED, f'#include "api/{noun}.h"', '#include "runtime/cudart/entry.h"', "",
             "using namespace tq::cudart;  // NOLINT: thunks only", "", 'extern "C" {']
    for function in registry.runtime:
        if function["Noun"] != noun or is_renamed(function):
            continue
        for symbol, per_thread in runtime_symbols(function, RELEASES[-1]):
            lines += [f'{function["Result"]} {symbol}({signature(function)}) {{', *body(registry, function, symbol, per_thread), "}", ""]
    return "\n".join([*lines, "}", ""])


def render_release_thunks(registry, release):
    """The others. One name may have another prototype in our header, so that only the assembler learns it."""
    renamed = [f for f in registry.runtime if is_renamed(f)]
    lines = [GENERATED, *(f'#include "api/{noun}.h"' for noun in nouns(renamed)), '#include "runtime/cudart/entry.h"', "",
             "using namespace tq::cudart;  // NOLINT: thunks only", ""]
    for function in renamed:
        for symbol, per_thread in runtime_symbols(function, release):
            declaration = f'{function["Result"]} Thunk_{symbol}({signature(function)})'
            lines += [f'__attribute__((visibility("default"))) {declaration} asm("{symbol}");',
                      f"{declaration} {{", *body(registry, function, symbol, per_thread), "}", ""]
    return "\n".join(lines)


def exported(registry, release):
    return sorted(symbol for function in registry.runtime for symbol, _ in runtime_symbols(function, release))


def render_version_script(registry, release):
    names = exported(registry, release)
    return SONAMES[release] + " {\n  global:\n" + "".join(f"    {name};\n" for name in names) + "  local: *;\n};\n"


def render_symbols(registry, release):
    return GENERATED + "".join(f"SYMBOL({name})\n" for name in exported(registry, release))


def runtime_nouns(registry):
    return nouns(registry.runtime)
