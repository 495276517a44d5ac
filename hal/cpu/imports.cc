#include "hal/cpu/imports.h"

#include <cmath>
#include <cstring>
#include <unordered_map>

extern "C" {
// Of libgcc: 128-bit integer arithmetic.
__int128 __divti3(__int128, __int128);
__int128 __modti3(__int128, __int128);
unsigned __int128 __udivti3(unsigned __int128, unsigned __int128);
unsigned __int128 __umodti3(unsigned __int128, unsigned __int128);
}

namespace tq::hal::cpu {
namespace {

struct HostFunction {
  const char* name;
  void* address;
};

// For C functions, and for the overloaded ones of <cmath> by their C names.
#define HOST(function) {#function, reinterpret_cast<void*>(&::function)}
// clang-format off
const HostFunction kFunctions[] = {
    HOST(memcpy), HOST(memmove), HOST(memset), HOST(memcmp),
    HOST(__divti3), HOST(__modti3), HOST(__udivti3), HOST(__umodti3),
#define HOST_DOUBLE(function) {#function, reinterpret_cast<void*>(static_cast<double (*)(double)>(&::function))}
#define HOST_DOUBLE2(function) {#function, reinterpret_cast<void*>(static_cast<double (*)(double, double)>(&::function))}
    HOST_DOUBLE(sin), HOST_DOUBLE(cos), HOST_DOUBLE(tan), HOST_DOUBLE(tanh), HOST_DOUBLE(exp), HOST_DOUBLE(exp2),
    HOST_DOUBLE(log), HOST_DOUBLE(log2), HOST_DOUBLE(log10), HOST_DOUBLE(sqrt), HOST_DOUBLE(floor), HOST_DOUBLE(ceil),
    HOST_DOUBLE(trunc), HOST_DOUBLE(round), HOST_DOUBLE(rint), HOST_DOUBLE(nearbyint), HOST_DOUBLE(fabs),
    HOST_DOUBLE2(fmod), HOST_DOUBLE2(pow), HOST_DOUBLE2(fmin), HOST_DOUBLE2(fmax), HOST_DOUBLE2(copysign),
    {"fma", reinterpret_cast<void*>(static_cast<double (*)(double, double, double)>(&::fma))},
    {"ldexp", reinterpret_cast<void*>(static_cast<double (*)(double, int)>(&::ldexp))},
    HOST(sinf), HOST(cosf), HOST(tanf), HOST(tanhf), HOST(expf), HOST(exp2f), HOST(logf), HOST(log2f), HOST(log10f),
    HOST(sqrtf), HOST(floorf), HOST(ceilf), HOST(truncf), HOST(roundf), HOST(rintf), HOST(nearbyintf), HOST(fabsf),
    HOST(fmodf), HOST(powf), HOST(fminf), HOST(fmaxf), HOST(copysignf), HOST(fmaf), HOST(ldexpf),
    HOST(roundeven), HOST(roundevenf),
};
// clang-format on

}  // namespace

std::optional<uint64_t> FindHostFunction(const std::string& name) {
  static const auto* table = [] {
    auto* result = new std::unordered_map<std::string, uint64_t>;
    for (const HostFunction& function : kFunctions) {
      result->emplace(function.name, reinterpret_cast<uint64_t>(function.address));
    }
    return result;
  }();
  const auto it = table->find(name);
  if (it == table->end()) return std::nullopt;
  return it->second;
}

}  // namespace tq::hal::cpu
