#include "runtime/nvml/session.h"

// Most take more arguments than the device. A C function may leave those that it does not read undeclared:
// the caller removes them (System V ABI, calling sequence).
#define TQ_NVML_ABSENT(name)                                               \
  extern "C" nvmlReturn_t name(nvmlDevice_t device) {                      \
    return tq::nvml::Ask(device, [] { return NVML_ERROR_NOT_SUPPORTED; }); \
  }
#include "runtime/nvml/absent.def"
