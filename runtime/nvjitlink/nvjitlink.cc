// nvJitLink over cuLink*: what it calls a cubin is the image that cuLinkComplete makes, PTX inside. LTO-IR
// becomes PTX first.
#include "runtime/nvjitlink/nvjitlink.h"

#include <cuda.h>

#include <charconv>
#include <cstring>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/nvjitlink/lto_ir.h"

struct nvJitLink {
  CUlinkState state = nullptr;
  std::vector<std::string> options;
  std::vector<tq::nvjitlink::LtoIrUnit> lto_units;  // until they are compiled, all at once
  std::string lto_ptx;                              // what became of them
  std::string errors;
  std::vector<char> image;
  char log[4096] = {};  // cuLink's; it holds on to the address
};

namespace {

// cuLink* wants a current context; nvJitLink does not. Lends the first device's where there is none.
class BorrowedContext {
 public:
  BorrowedContext() {
    CUcontext current = nullptr;
    if (cuInit(0) != CUDA_SUCCESS || cuCtxGetCurrent(&current) != CUDA_SUCCESS || current != nullptr) return;
    if (cuDevicePrimaryCtxRetain(&current, 0) != CUDA_SUCCESS) return;
    is_borrowed_ = cuCtxPushCurrent(current) == CUDA_SUCCESS;
    if (!is_borrowed_) cuDevicePrimaryCtxRelease(0);
  }
  BorrowedContext(const BorrowedContext&) = delete;
  BorrowedContext& operator=(const BorrowedContext&) = delete;
  ~BorrowedContext() {
    if (!is_borrowed_) return;
    CUcontext ignored;
    cuCtxPopCurrent(&ignored);
    cuDevicePrimaryCtxRelease(0);
  }

 private:
  bool is_borrowed_ = false;
};

// How the options begin that say how machine code is made, or what link-time optimisation may do: theirs to
// obey.
constexpr std::string_view kWithoutEffect[] = {
    "-maxrregcount=",
    "-time",
    "-verbose",
    "-lto",
    "-ptx",
    "-O",
    "-g",
    "-lineinfo",
    "-ftz=",
    "-prec-div=",
    "-prec-sqrt=",
    "-fma=",
    "-kernels-used=",
    "-variables-used=",
    "-optimize-unused-variables",
    "-Xptxas",
    "-Xnvvm",
    "-split-compile=",
    "-split-compile-extended=",
    "-jump-table-density=",
    "-no-cache",
    "-device-stack-protector",
    "-dynamic-debug",
    "-minimal-debug-info",
    "-nocache",
    "-r",
};

bool IsArchitecture(std::string_view value) {
  for (std::string_view prefix : {"sm_", "compute_"}) {
    if (!value.starts_with(prefix)) continue;
    value.remove_prefix(prefix.size());
    unsigned number = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
    const std::string_view rest(end, value.data() + value.size() - end);
    return error == std::errc() && number >= 10 && (rest.empty() || rest == "a" || rest == "f");
  }
  return false;
}

nvJitLinkResult CheckOptions(uint32_t count, const char* const* options) {
  bool has_arch = false;
  for (uint32_t i = 0; i < count; ++i) {
    if (options[i] == nullptr) return NVJITLINK_ERROR_NULL_INPUT;
    std::string_view option = options[i];
    if (option.starts_with("--")) option.remove_prefix(1);
    if (option.starts_with("-arch=")) {
      has_arch = true;
      if (!IsArchitecture(option.substr(6))) return NVJITLINK_ERROR_UNRECOGNIZED_ARCH;
      continue;
    }
    bool is_known = false;
    for (const std::string_view known : kWithoutEffect) is_known |= option.starts_with(known);
    if (!is_known) return NVJITLINK_ERROR_UNRECOGNIZED_OPTION;
  }
  return has_arch ? NVJITLINK_SUCCESS : NVJITLINK_ERROR_MISSING_ARCH;
}

// Appends what went wrong, with what cuLink* wrote on it.
nvJitLinkResult Failed(nvJitLink& link, std::string_view what, CUresult error, nvJitLinkResult result) {
  const char* name = nullptr;
  cuGetErrorName(error, &name);
  link.errors.append(what).append(": ").append(name != nullptr ? name : "unknown error").append("\n");
  link.errors.append(link.log, strnlen(link.log, sizeof(link.log)));
  link.log[0] = '\0';
  return result;
}

// What the bytes are, for NVJITLINK_INPUT_ANY.
nvJitLinkInputType KindOf(std::string_view bytes) {
  if (bytes.starts_with("!<arch>\n")) return NVJITLINK_INPUT_LIBRARY;
  if (bytes.starts_with("\x50\xED\x55\xBA")) return NVJITLINK_INPUT_FATBIN;
  if (bytes.starts_with("\x7F\x45LF")) return NVJITLINK_INPUT_OBJECT;
  return NVJITLINK_INPUT_PTX;
}

bool ToCuda(nvJitLinkInputType kind, CUjitInputType* type) {
  switch (kind) {
    case NVJITLINK_INPUT_CUBIN:
      *type = CU_JIT_INPUT_CUBIN;
      return true;
    case NVJITLINK_INPUT_PTX:
      *type = CU_JIT_INPUT_PTX;
      return true;
    case NVJITLINK_INPUT_FATBIN:
      *type = CU_JIT_INPUT_FATBINARY;
      return true;
    case NVJITLINK_INPUT_OBJECT:
      *type = CU_JIT_INPUT_OBJECT;
      return true;
    case NVJITLINK_INPUT_LIBRARY:
      *type = CU_JIT_INPUT_LIBRARY;
      return true;
    default:
      return false;
  }
}

nvJitLinkResult SizeOfLog(const nvJitLink* link, const std::string& log, size_t* size) {
  if (link == nullptr || size == nullptr) return NVJITLINK_ERROR_NULL_INPUT;
  *size = log.size() + 1;
  return NVJITLINK_SUCCESS;
}

}  // namespace

extern "C" {

nvJitLinkResult nvJitLinkCreate(nvJitLinkHandle* handle, uint32_t numOptions, const char* const* options) {
  if (handle == nullptr || (numOptions != 0 && options == nullptr)) return NVJITLINK_ERROR_NULL_INPUT;
  *handle = nullptr;
  if (const nvJitLinkResult result = CheckOptions(numOptions, options); result != NVJITLINK_SUCCESS)
    return result;
  const BorrowedContext context;
  auto link = std::make_unique<nvJitLink>();
  link->options.assign(options, options + numOptions);
  CUjit_option names[] = {CU_JIT_ERROR_LOG_BUFFER, CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES};
  void* values[] = {link->log, reinterpret_cast<void*>(sizeof(link->log))};
  if (cuLinkCreate(2, names, values, &link->state) != CUDA_SUCCESS) return NVJITLINK_ERROR_INTERNAL;
  *handle = link.release();  // until nvJitLinkDestroy
  return NVJITLINK_SUCCESS;
}

nvJitLinkResult nvJitLinkDestroy(nvJitLinkHandle* handle) {
  if (handle == nullptr || *handle == nullptr) return NVJITLINK_ERROR_NULL_INPUT;
  const BorrowedContext context;
  cuLinkDestroy((*handle)->state);
  delete *handle;
  *handle = nullptr;
  return NVJITLINK_SUCCESS;
}

nvJitLinkResult nvJitLinkAddData(nvJitLinkHandle handle, nvJitLinkInputType inputType, const void* data,
                                 size_t size, const char* name) {
  if (handle == nullptr || data == nullptr) return NVJITLINK_ERROR_NULL_INPUT;
  const std::string_view bytes(static_cast<const char*>(data), size);
  const std::string input = name != nullptr ? name : "input";
  if (inputType == NVJITLINK_INPUT_ANY) inputType = KindOf(bytes);
  if (inputType == NVJITLINK_INPUT_LTOIR) {
    handle->lto_units.push_back({input, std::string(bytes)});
    return NVJITLINK_SUCCESS;
  }
  CUjitInputType type;
  if (!ToCuda(inputType, &type)) return NVJITLINK_ERROR_UNRECOGNIZED_INPUT;
  const BorrowedContext context;
  const CUresult error =
      cuLinkAddData(handle->state, type, const_cast<void*>(data), size, input.c_str(), 0, nullptr, nullptr);
  if (error == CUDA_SUCCESS) return NVJITLINK_SUCCESS;
  return Failed(
      *handle, input, error,
      error == CUDA_ERROR_INVALID_PTX ? NVJITLINK_ERROR_PTX_COMPILE : NVJITLINK_ERROR_INVALID_INPUT);
}

nvJitLinkResult nvJitLinkAddFile(nvJitLinkHandle handle, nvJitLinkInputType inputType, const char* fileName) {
  if (handle == nullptr || fileName == nullptr) return NVJITLINK_ERROR_NULL_INPUT;
  std::ifstream file(fileName, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (!file.is_open() || file.bad()) {
    handle->errors += std::string(fileName) + ": the file cannot be read\n";
    return NVJITLINK_ERROR_INVALID_INPUT;
  }
  return nvJitLinkAddData(handle, inputType, bytes.data(), bytes.size(), fileName);
}

nvJitLinkResult nvJitLinkComplete(nvJitLinkHandle handle) {
  if (handle == nullptr) return NVJITLINK_ERROR_NULL_INPUT;
  if (!handle->lto_units.empty()) {
    if (!tq::nvjitlink::CompileLtoIr(handle->lto_units, handle->options, handle->lto_ptx, handle->errors)) {
      return NVJITLINK_ERROR_NVVM_COMPILE;
    }
    handle->lto_units.clear();
    const nvJitLinkResult result = nvJitLinkAddData(handle, NVJITLINK_INPUT_PTX, handle->lto_ptx.c_str(),
                                                    handle->lto_ptx.size() + 1, "PTX of the LTO-IR");
    if (result != NVJITLINK_SUCCESS) return result;
  }
  const BorrowedContext context;
  void* image = nullptr;
  size_t size = 0;
  if (const CUresult error = cuLinkComplete(handle->state, &image, &size); error != CUDA_SUCCESS) {
    return Failed(*handle, "linking", error, NVJITLINK_ERROR_FINALIZE);
  }
  handle->image.assign(static_cast<const char*>(image), static_cast<const char*>(image) + size);
  return NVJITLINK_SUCCESS;
}

nvJitLinkResult nvJitLinkGetLinkedCubinSize(nvJitLinkHandle handle, size_t* size) {
  if (handle == nullptr || size == nullptr) return NVJITLINK_ERROR_NULL_INPUT;
  *size = handle->image.size();
  return handle->image.empty() ? NVJITLINK_ERROR_FINALIZE : NVJITLINK_SUCCESS;
}

nvJitLinkResult nvJitLinkGetLinkedCubin(nvJitLinkHandle handle, void* cubin) {
  if (handle == nullptr || cubin == nullptr) return NVJITLINK_ERROR_NULL_INPUT;
  if (handle->image.empty()) return NVJITLINK_ERROR_FINALIZE;
  std::memcpy(cubin, handle->image.data(), handle->image.size());
  return NVJITLINK_SUCCESS;
}

// PTX comes out of LTO-IR alone (nvJitLink, "-ptx").
nvJitLinkResult nvJitLinkGetLinkedPtxSize(nvJitLinkHandle handle, size_t* size) {
  if (handle == nullptr || size == nullptr) return NVJITLINK_ERROR_NULL_INPUT;
  *size = handle->lto_ptx.size() + 1;
  return handle->lto_ptx.empty() ? NVJITLINK_ERROR_FINALIZE : NVJITLINK_SUCCESS;
}

nvJitLinkResult nvJitLinkGetLinkedPtx(nvJitLinkHandle handle, char* ptx) {
  if (handle == nullptr || ptx == nullptr) return NVJITLINK_ERROR_NULL_INPUT;
  if (handle->lto_ptx.empty()) return NVJITLINK_ERROR_FINALIZE;
  std::memcpy(ptx, handle->lto_ptx.c_str(), handle->lto_ptx.size() + 1);
  return NVJITLINK_SUCCESS;
}

nvJitLinkResult nvJitLinkGetErrorLogSize(nvJitLinkHandle handle, size_t* size) {
  return handle == nullptr ? NVJITLINK_ERROR_NULL_INPUT : SizeOfLog(handle, handle->errors, size);
}

nvJitLinkResult nvJitLinkGetErrorLog(nvJitLinkHandle handle, char* log) {
  if (handle == nullptr || log == nullptr) return NVJITLINK_ERROR_NULL_INPUT;
  std::memcpy(log, handle->errors.c_str(), handle->errors.size() + 1);
  return NVJITLINK_SUCCESS;
}

nvJitLinkResult nvJitLinkGetInfoLogSize(nvJitLinkHandle handle, size_t* size) {
  return SizeOfLog(handle, "", size);
}

nvJitLinkResult nvJitLinkGetInfoLog(nvJitLinkHandle handle, char* log) {
  if (handle == nullptr || log == nullptr) return NVJITLINK_ERROR_NULL_INPUT;
  *log = '\0';
  return NVJITLINK_SUCCESS;
}

nvJitLinkResult nvJitLinkVersion(unsigned int* major, unsigned int* minor) {
  if (major == nullptr || minor == nullptr) return NVJITLINK_ERROR_NULL_INPUT;
  *major = TQ_NVJITLINK_MAJOR;
  *minor = TQ_NVJITLINK_MAJOR == 12 ? 9 : 0;
  return NVJITLINK_SUCCESS;
}

// Programs compiled against nvJitLink's header call names with the header's version in them.
#define TQ_ALIAS(name, version) extern __typeof(name) __##name##_##version __attribute__((alias(#name)))
#define TQ_NAMES_OF(version)                      \
  TQ_ALIAS(nvJitLinkCreate, version);             \
  TQ_ALIAS(nvJitLinkDestroy, version);            \
  TQ_ALIAS(nvJitLinkAddData, version);            \
  TQ_ALIAS(nvJitLinkAddFile, version);            \
  TQ_ALIAS(nvJitLinkComplete, version);           \
  TQ_ALIAS(nvJitLinkGetLinkedCubinSize, version); \
  TQ_ALIAS(nvJitLinkGetLinkedCubin, version);     \
  TQ_ALIAS(nvJitLinkGetLinkedPtxSize, version);   \
  TQ_ALIAS(nvJitLinkGetLinkedPtx, version);       \
  TQ_ALIAS(nvJitLinkGetErrorLogSize, version);    \
  TQ_ALIAS(nvJitLinkGetErrorLog, version);        \
  TQ_ALIAS(nvJitLinkGetInfoLogSize, version);     \
  TQ_ALIAS(nvJitLinkGetInfoLog, version)
#if TQ_NVJITLINK_MAJOR == 12
TQ_NAMES_OF(12_0);
TQ_NAMES_OF(12_1);
TQ_NAMES_OF(12_2);
TQ_NAMES_OF(12_3);
TQ_NAMES_OF(12_4);
TQ_NAMES_OF(12_5);
TQ_NAMES_OF(12_6);
TQ_NAMES_OF(12_7);
TQ_NAMES_OF(12_8);
TQ_NAMES_OF(12_9);
#else
TQ_NAMES_OF(13_0);
TQ_NAMES_OF(13_1);
TQ_NAMES_OF(13_2);
TQ_NAMES_OF(13_3);
TQ_NAMES_OF(13_4);
TQ_NAMES_OF(13_5);
TQ_NAMES_OF(13_6);
TQ_NAMES_OF(13_7);
TQ_NAMES_OF(13_8);
TQ_NAMES_OF(13_9);
#endif
}
