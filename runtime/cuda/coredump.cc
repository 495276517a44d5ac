#include "runtime/core/coredump.h"

#include <cuda.h>

#include <cstring>
#include <string>

#include "absl/strings/str_cat.h"
#include "api/coredump.h"
#include "base/status.h"
#include "runtime/core/context.h"
#include "runtime/core/coredump_pipe.h"
#include "runtime/core/error.h"

namespace tq::cuda::impl {

using core::Context;
using core::CoredumpSettings;
using core::CudaError;

namespace {

constexpr size_t kMostFileBytes = 1023;

struct FlagRow {
  CUcoredumpSettings attribute;
  bool CoredumpSettings::* flag;
};
constexpr FlagRow kFlags[] = {
    {CU_COREDUMP_ENABLE_ON_EXCEPTION, &CoredumpSettings::on_exception},
    {CU_COREDUMP_TRIGGER_HOST, &CoredumpSettings::trigger_host},
    {CU_COREDUMP_LIGHTWEIGHT, &CoredumpSettings::lightweight},
    {CU_COREDUMP_ENABLE_USER_TRIGGER, &CoredumpSettings::user_trigger},
};

absl::Status NoSuch(CUcoredumpSettings attribute) {
  return CudaError(CUDA_ERROR_INVALID_VALUE, absl::StrCat("there is no coredump attribute ", attribute));
}

// With no place for it, says how much is needed.
absl::Status Give(const void* from, size_t bytes, void* value, size_t* size) {
  if (value != nullptr && *size < bytes) {
    return CudaError(CUDA_ERROR_INVALID_VALUE,
                     absl::StrCat("the value takes ", bytes, " bytes (", *size, ")"));
  }
  if (value != nullptr) std::memcpy(value, from, bytes);
  *size = bytes;
  return absl::OkStatus();
}

absl::Status Get(const CoredumpSettings& settings, CUcoredumpSettings attribute, void* value, size_t* size) {
  for (const FlagRow& row : kFlags) {
    if (row.attribute == attribute) return Give(&(settings.*row.flag), sizeof(bool), value, size);
  }
  switch (attribute) {
    case CU_COREDUMP_FILE:
      return Give(settings.file.c_str(), settings.file.size() + 1, value, size);
    case CU_COREDUMP_PIPE:
      return Give(settings.pipe.c_str(), settings.pipe.size() + 1, value, size);
    case CU_COREDUMP_GENERATION_FLAGS:
      return Give(&settings.generation_flags, sizeof settings.generation_flags, value, size);
    default:
      return NoSuch(attribute);
  }
}

absl::Status CheckSize(size_t size, size_t wanted) {
  if (size == wanted) return absl::OkStatus();
  return CudaError(CUDA_ERROR_INVALID_VALUE, absl::StrCat("the value is of ", wanted, " bytes (", size, ")"));
}

absl::Status Set(CoredumpSettings& settings, CUcoredumpSettings attribute, const void* value, size_t size) {
  if (value == nullptr) return CudaError(CUDA_ERROR_INVALID_VALUE, "the value is null");
  for (const FlagRow& row : kFlags) {
    if (row.attribute != attribute) continue;
    RETURN_IF_ERROR(CheckSize(size, sizeof(bool)));
    settings.*row.flag = *static_cast<const bool*>(value);
    return absl::OkStatus();
  }
  switch (attribute) {
    case CU_COREDUMP_FILE:
    case CU_COREDUMP_PIPE: {
      const auto* const text = static_cast<const char*>(value);
      const size_t length = strnlen(text, size);
      if (length == 0 || length > kMostFileBytes) {
        return CudaError(CUDA_ERROR_INVALID_VALUE,
                         absl::StrCat("a name has 1 to ", kMostFileBytes, " bytes (", length, ")"));
      }
      (attribute == CU_COREDUMP_FILE ? settings.file : settings.pipe).assign(text, length);
      return absl::OkStatus();
    }
    case CU_COREDUMP_GENERATION_FLAGS: {
      RETURN_IF_ERROR(CheckSize(size, sizeof settings.generation_flags));
      constexpr unsigned kKnown = CU_COREDUMP_LIGHTWEIGHT_FLAGS | CU_COREDUMP_SKIP_ABORT;
      const unsigned flags = *static_cast<const unsigned*>(value);
      if ((flags & ~kKnown) != 0) {
        return CudaError(CUDA_ERROR_INVALID_VALUE,
                         absl::StrCat("the generation flags are invalid (0x", absl::Hex(flags), ")"));
      }
      settings.generation_flags = flags;
      return absl::OkStatus();
    }
    default:
      return NoSuch(attribute);
  }
}

}  // namespace

absl::Status cuCoredumpGetAttribute(CUcoredumpSettings attrib, void* value, size_t* size) {
  ASSIGN_OR_RETURN(const Context* const context, Context::CurrentChecked());
  return Get(CoredumpSettings::Of(*context), attrib, value, size);
}

absl::Status cuCoredumpGetAttributeGlobal(CUcoredumpSettings attrib, void* value, size_t* size) {
  return Get(CoredumpSettings::Global(), attrib, value, size);
}

absl::Status cuCoredumpSetAttribute(CUcoredumpSettings attrib, void* value, size_t* size) {
  ASSIGN_OR_RETURN(Context* const context, Context::CurrentChecked());
  if (attrib == CU_COREDUMP_ENABLE_USER_TRIGGER || attrib == CU_COREDUMP_PIPE) {
    return CudaError(CUDA_ERROR_NOT_PERMITTED, "the pipe is of the process, not of a context");
  }
  CoredumpSettings settings = CoredumpSettings::Of(*context);
  RETURN_IF_ERROR(Set(settings, attrib, value, *size));
  CoredumpSettings::SetFor(*context, settings);
  return absl::OkStatus();
}

absl::Status cuCoredumpSetAttributeGlobal(CUcoredumpSettings attrib, void* value, size_t* size) {
  CoredumpSettings settings = CoredumpSettings::Global();
  RETURN_IF_ERROR(Set(settings, attrib, value, *size));
  CoredumpSettings::SetGlobal(settings);
  core::WatchCoredumpPipe();
  return absl::OkStatus();
}

}  // namespace tq::cuda::impl
