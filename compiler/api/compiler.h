// libtianqiao_compiler.so: PTX in, code object out. The one interface between the runtime and LLVM; C, so
// that the library is loaded only on the first miss of the kernel cache (loading LLVM costs tens of
// milliseconds).
//
// The library exports tq_compiler_entry alone. Every function is thread-safe; compiles run concurrently.
// No handles are shared with the HAL: the runtime passes the device's target description as text.
#ifndef TIANQIAO_COMPILER_API_COMPILER_H_
#define TIANQIAO_COMPILER_API_COMPILER_H_

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define TQ_COMPILER_ABI 1

typedef enum tq_compile_status {
  TQ_COMPILE_OK = 0,
  TQ_COMPILE_INVALID_PTX = 1,      // syntax or type error: the log says line and token
  TQ_COMPILE_UNSUPPORTED = 2,      // valid PTX (or newer than we know) that this compiler or target lacks
  TQ_COMPILE_UNRESOLVED = 3,       // an extern function that nothing defines
  TQ_COMPILE_NOT_FOUND = 4,        // no kernel of that name in the text
  TQ_COMPILE_INVALID_REQUEST = 5,  // unknown target, bad version
  TQ_COMPILE_OUT_OF_MEMORY = 6,
  TQ_COMPILE_INTERNAL = 7,  // a bug of ours; the log says where
} tq_compile_status;

// A run of whole lines of the module's text. Chunks are in the order of the text; together they hold the
// header
// (.version, .target, .address_size) and everything that the wanted symbols need. Not NUL-terminated.
typedef struct tq_ptx_chunk {
  const char* text;
  size_t size_bytes;
  uint32_t first_line;  // in the module's text, from 1
} tq_ptx_chunk;

typedef struct tq_compile_request {
  uint32_t size;  // sizeof(tq_compile_request) of the caller
  const tq_ptx_chunk* chunks;
  size_t chunk_count;
  const char* const* symbols;  // kernels and functions to export; at least one
  size_t symbol_count;
  const char* target;    // "x86_64-cpu"
  const char* features;  // e.g. "+avx512f,+avx2,..."; "" for the target's baseline
  const char* options;   // ptxas-style: "-O0", "-g", "--maxrregcount=N", "-lineinfo",
                         // and "--tier=scalar" (the default) or "--tier=vector"; unknown ones are ignored
  uint32_t optimization_level;  // 0..4 (CU_JIT_OPTIMIZATION_LEVEL); default 4 means -O2 of LLVM
  uint32_t flags;               // TQ_COMPILE_*
} tq_compile_request;

enum { TQ_COMPILE_PRINT_IR = 1 };  // log gets the SIMT IR and the final IR

typedef struct tq_compile_result {
  uint32_t size;
  uint8_t* code;  // a code object (base/code_object.h), freed by release(); NULL unless OK
  size_t code_size_bytes;
  char* log;  // NUL-terminated: errors, warnings, one per line as "ptx:LINE:COLUMN: error: text"; may be ""
} tq_compile_result;

typedef struct tq_compiler {
  uint32_t size;
  const char* version;  // TQ_COMPILER_VERSION of the generated compiler_version.h; part of the cache key,
                        // which the runtime computes without loading this library
  tq_compile_status (*compile)(const tq_compile_request* request, tq_compile_result* result);
  void (*release)(tq_compile_result* result);
} tq_compiler;

// Returns 0 and sets *out, or -1 when `abi` is not TQ_COMPILER_ABI.
int tq_compiler_entry(uint32_t abi, const tq_compiler** out);
typedef int (*tq_compiler_entry_fn)(uint32_t abi, const tq_compiler** out);

#ifdef __cplusplus
}
#endif
#endif  // TIANQIAO_COMPILER_API_COMPILER_H_
