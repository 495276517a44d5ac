// Device versions of the mathematical functions that PTX has an instruction for, and of expf and tanhf (CUDA
// C++ Programming Guide, "Mathematical Functions": errors of at most 2 ulp).
#ifndef TIANQIAO_MATH_H_
#define TIANQIAO_MATH_H_

// The host's C library declares functions of the same names; clang tells the two apart by their target, but
// wants the same language linkage.
#include <math.h>

#define TIANQIAO_DEVICE static __device__ __forceinline__

extern "C" {

TIANQIAO_DEVICE float fabsf(float x) { return __builtin_fabsf(x); }
TIANQIAO_DEVICE float floorf(float x) { return __builtin_floorf(x); }
TIANQIAO_DEVICE float ceilf(float x) { return __builtin_ceilf(x); }
TIANQIAO_DEVICE float truncf(float x) { return __builtin_truncf(x); }
TIANQIAO_DEVICE float rintf(float x) { return __builtin_rintf(x); }
TIANQIAO_DEVICE float fminf(float x, float y) { return __nvvm_fmin_f(x, y); }
TIANQIAO_DEVICE float fmaxf(float x, float y) { return __nvvm_fmax_f(x, y); }
TIANQIAO_DEVICE float fmaf(float x, float y, float z) { return __nvvm_fma_rn_f(x, y, z); }
TIANQIAO_DEVICE float sqrtf(float x) { return __nvvm_sqrt_rn_f(x); }
TIANQIAO_DEVICE float rsqrtf(float x) { return __nvvm_rsqrt_approx_f(x); }

TIANQIAO_DEVICE double fabs(double x) { return __builtin_fabs(x); }
TIANQIAO_DEVICE double floor(double x) { return __builtin_floor(x); }
TIANQIAO_DEVICE double ceil(double x) { return __builtin_ceil(x); }
TIANQIAO_DEVICE double trunc(double x) { return __builtin_trunc(x); }
TIANQIAO_DEVICE double rint(double x) { return __builtin_rint(x); }
TIANQIAO_DEVICE double fmin(double x, double y) { return __nvvm_fmin_d(x, y); }
TIANQIAO_DEVICE double fmax(double x, double y) { return __nvvm_fmax_d(x, y); }
TIANQIAO_DEVICE double fma(double x, double y, double z) { return __nvvm_fma_rn_d(x, y, z); }
TIANQIAO_DEVICE double sqrt(double x) { return __nvvm_sqrt_rn_d(x); }

// The fast ones (CUDA C++ Programming Guide, "Intrinsic Functions"): a multiplication and the instruction.
TIANQIAO_DEVICE float __expf(float x) { return __nvvm_ex2_approx_f(x * 0x1.715476p+0f); }
TIANQIAO_DEVICE float __logf(float x) { return __nvvm_lg2_approx_f(x) * 0x1.62e43p-1f; }
TIANQIAO_DEVICE float __sinf(float x) { return __nvvm_sin_approx_f(x); }
TIANQIAO_DEVICE float __cosf(float x) { return __nvvm_cos_approx_f(x); }
TIANQIAO_DEVICE float __fdividef(float x, float y) { return __nvvm_div_approx_f(x, y); }

// x = n ln 2 + r with |r| <= ln 2 / 2; e^x = 2^n e^r, and a Taylor polynomial of degree 7 for e^r errs by
// under 1e-8.
TIANQIAO_DEVICE float expf(float x) {
  const float clamped = fminf(fmaxf(x, -104.0f), 89.0f);  // beyond: zero and infinity all the same
  const float n = rintf(clamped * 0x1.715476p+0f);
  const float r =
      fmaf(n, -0x1.7f7d1cp-20f, fmaf(n, -0x1.62e4p-1f, clamped));  // ln 2, the high part and the rest
  float power = 1.0f / 5040;
  power = fmaf(power, r, 1.0f / 720);
  power = fmaf(power, r, 1.0f / 120);
  power = fmaf(power, r, 1.0f / 24);
  power = fmaf(power, r, 1.0f / 6);
  power = fmaf(power, r, 0.5f);
  power = fmaf(power, r, 1.0f);
  power = fmaf(power, r, 1.0f);
  // Times 2^n in two steps, because n may be beyond the exponents of normal numbers.
  const int half = static_cast<int>(n) / 2, rest = static_cast<int>(n) - half;
  power *= __builtin_bit_cast(float, (half + 127) << 23);
  power *= __builtin_bit_cast(float, (rest + 127) << 23);
  return x == x ? power : x;
}

// Near zero 1 - 2 / (e^2x + 1) would cancel: there the Taylor series up to x^13, below 1e-8 off at 0.4.
TIANQIAO_DEVICE float tanhf(float x) {
  const float size = fabsf(x);
  if (size < 0.4f) {
    const float square = x * x;
    float series = 21844.0f / 6081075;
    series = fmaf(series, square, -1382.0f / 155925);
    series = fmaf(series, square, 62.0f / 2835);
    series = fmaf(series, square, -17.0f / 315);
    series = fmaf(series, square, 2.0f / 15);
    series = fmaf(series, square, -1.0f / 3);
    return fmaf(series * square, x, x);
  }
  return __builtin_copysignf(1.0f - 2.0f / (expf(2.0f * size) + 1.0f), x);
}

}  // extern "C"

#undef TIANQIAO_DEVICE

#endif  // TIANQIAO_MATH_H_
