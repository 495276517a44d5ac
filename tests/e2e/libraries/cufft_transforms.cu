// cuFFT against a transform of our own in double precision: every kind of transform, one to three dimensions,
// powers, composites and primes, batches, strides, in place.
#include <cufft.h>
#include <cufftXt.h>

#include <cstring>

#include "check.h"

namespace {

using Number = std::complex<double>;
using Array = std::vector<Number>;

// By the definition along one axis, recursively by the smallest factor: exact enough and fast enough.
Array Transform(const Array& x, int sign) {
  const size_t n = x.size();
  size_t factor = n;
  for (size_t p = 2; p * p <= n; ++p) {
    if (n % p == 0) {
      factor = p;
      break;
    }
  }
  std::vector<Number> roots(n);
  for (size_t i = 0; i < n; ++i) roots[i] = std::polar(1.0, sign * 2 * M_PI * i / n);
  Array result(n);
  if (factor == n) {
    for (size_t i = 0; i < n; ++i) {
      for (size_t j = 0; j < n; ++j) result[i] += x[j] * roots[i * j % n];
    }
    return result;
  }
  const size_t rest = n / factor;
  for (size_t phase = 0; phase < factor; ++phase) {
    Array part(rest);
    for (size_t i = 0; i < rest; ++i) part[i] = x[i * factor + phase];
    part = Transform(part, sign);
    for (size_t i = 0; i < n; ++i) result[i] += part[i % rest] * roots[i * phase % n];
  }
  return result;
}
Array Transform(Array x, const std::vector<int>& sizes, int sign) {
  size_t stride = 1;
  for (size_t axis = sizes.size(); axis-- > 0;) {
    const size_t n = sizes[axis];
    for (size_t start = 0; start < x.size(); ++start) {
      if (start / stride % n != 0) continue;
      Array line(n);
      for (size_t i = 0; i < n; ++i) line[i] = x[start + i * stride];
      line = Transform(line, sign);
      for (size_t i = 0; i < n; ++i) x[start + i * stride] = line[i];
    }
    stride *= n;
  }
  return x;
}

size_t Count(const std::vector<int>& sizes) {
  size_t count = 1;
  for (int n : sizes) count *= n;
  return count;
}
Array RandomArray(size_t count, bool real, uint32_t seed) {
  Array x(count);
  for (size_t i = 0; i < count; ++i)
    x[i] = Number(check::Uniform(seed, i), real ? 0 : check::Uniform(seed + 1, i));
  return x;
}
std::string Name(const char* kind, const std::vector<int>& sizes, int batch) {
  std::string name = kind;
  for (size_t i = 0; i < sizes.size(); ++i) name += (i == 0 ? " " : "x") + std::to_string(sizes[i]);
  return batch == 1 ? name : name + " batch " + std::to_string(batch);
}
// The error of a transform grows with the logarithm of its size: 1e-6 of its largest value is some units in
// the last place.
double RelativeError(const Array& actual, const Array& expected) {
  double largest = 0;
  for (const Number& value : expected) largest = std::max(largest, std::abs(value));
  return check::WorstError(actual, expected) / largest;
}

template <typename Real>
struct Kind;
template <>
struct Kind<float> {
  static constexpr cufftType c2c = CUFFT_C2C, r2c = CUFFT_R2C, c2r = CUFFT_C2R;
  static constexpr const char* prefix = "f32 ";
  static constexpr double tolerance = 2e-6;
};
template <>
struct Kind<double> {
  static constexpr cufftType c2c = CUFFT_Z2Z, r2c = CUFFT_D2Z, c2r = CUFFT_Z2D;
  static constexpr const char* prefix = "f64 ";
  static constexpr double tolerance = 4e-15;
};
cufftResult Execute(cufftHandle plan, std::complex<float>* in, std::complex<float>* out, int direction) {
  return cufftExecC2C(plan, reinterpret_cast<cufftComplex*>(in), reinterpret_cast<cufftComplex*>(out),
                      direction);
}
cufftResult Execute(cufftHandle plan, std::complex<double>* in, std::complex<double>* out, int direction) {
  return cufftExecZ2Z(plan, reinterpret_cast<cufftDoubleComplex*>(in),
                      reinterpret_cast<cufftDoubleComplex*>(out), direction);
}
cufftResult Execute(cufftHandle plan, float* in, std::complex<float>* out) {
  return cufftExecR2C(plan, in, reinterpret_cast<cufftComplex*>(out));
}
cufftResult Execute(cufftHandle plan, double* in, std::complex<double>* out) {
  return cufftExecD2Z(plan, in, reinterpret_cast<cufftDoubleComplex*>(out));
}
cufftResult Execute(cufftHandle plan, std::complex<float>* in, float* out) {
  return cufftExecC2R(plan, reinterpret_cast<cufftComplex*>(in), out);
}
cufftResult Execute(cufftHandle plan, std::complex<double>* in, double* out) {
  return cufftExecZ2D(plan, reinterpret_cast<cufftDoubleComplex*>(in), out);
}

template <typename Real>
void Complex(std::vector<int> sizes, int batch, bool in_place = false) {
  const size_t count = Count(sizes);
  const Array x = RandomArray(count * batch, false, 3);
  check::Buffer<std::complex<Real>> in(std::vector<std::complex<Real>>(x.begin(), x.end())),
      out(in.host.size());
  cufftHandle plan;
  int status =
      cufftPlanMany(&plan, sizes.size(), sizes.data(), nullptr, 1, 0, nullptr, 1, 0, Kind<Real>::c2c, batch);
  for (const int direction : {CUFFT_FORWARD, CUFFT_INVERSE}) {
    in.host.assign(x.begin(), x.end());
    in.Upload();
    auto& result = in_place ? in : out;
    if (status == 0) status = Execute(plan, in.device, result.device, direction);
    result.Download();
    Array expected;
    for (int i = 0; i < batch; ++i) {
      const Array part =
          Transform(Array(x.begin() + i * count, x.begin() + (i + 1) * count), sizes, direction);
      expected.insert(expected.end(), part.begin(), part.end());
    }
    const std::string name = Name(direction == CUFFT_FORWARD ? "c2c forward" : "c2c inverse", sizes, batch);
    check::Report(Kind<Real>::prefix + name + (in_place ? " in place" : ""), status,
                  RelativeError(Array(result.host.begin(), result.host.end()), expected),
                  Kind<Real>::tolerance);
  }
  cufftDestroy(plan);
}

// The half of a real transform's result that is stored: the last axis up to n / 2.
Array Half(const Array& full, int last) {
  Array half;
  for (size_t row = 0; row < full.size() / last; ++row) {
    half.insert(half.end(), full.begin() + row * last, full.begin() + row * last + last / 2 + 1);
  }
  return half;
}

template <typename Real>
void RealToComplexAndBack(std::vector<int> sizes, int batch) {
  const size_t count = Count(sizes);
  const Array x = RandomArray(count * batch, true, 7);
  Array expected;
  for (int i = 0; i < batch; ++i) {
    const Array part =
        Half(Transform(Array(x.begin() + i * count, x.begin() + (i + 1) * count), sizes, -1), sizes.back());
    expected.insert(expected.end(), part.begin(), part.end());
  }
  std::vector<Real> real(x.size());
  for (size_t i = 0; i < x.size(); ++i) real[i] = static_cast<Real>(x[i].real());
  check::Buffer<Real> in(real), back(real.size());
  check::Buffer<std::complex<Real>> out(expected.size());
  cufftHandle plan;
  int status =
      cufftPlanMany(&plan, sizes.size(), sizes.data(), nullptr, 1, 0, nullptr, 1, 0, Kind<Real>::r2c, batch);
  if (status == 0) status = Execute(plan, in.device, out.device);
  out.Download();
  check::Report(Kind<Real>::prefix + Name("r2c", sizes, batch), status,
                RelativeError(Array(out.host.begin(), out.host.end()), expected), Kind<Real>::tolerance);
  cufftDestroy(plan);

  status =
      cufftPlanMany(&plan, sizes.size(), sizes.data(), nullptr, 1, 0, nullptr, 1, 0, Kind<Real>::c2r, batch);
  if (status == 0) status = Execute(plan, out.device, back.device);
  back.Download();
  Array scaled(back.host.size());
  for (size_t i = 0; i < scaled.size(); ++i) scaled[i] = back.host[i] / static_cast<double>(count);
  check::Report(Kind<Real>::prefix + Name("c2r", sizes, batch), status, RelativeError(scaled, x),
                Kind<Real>::tolerance);
  cufftDestroy(plan);
}

// Columns of a matrix: elements a stride apart, transforms side by side.
void Strided() {
  const int n = 48, columns = 5;
  const Array x = RandomArray(n * columns, false, 11);
  check::Buffer<std::complex<float>> in(std::vector<std::complex<float>>(x.begin(), x.end())),
      out(in.host.size());
  int size = n;
  cufftHandle plan;
  int status = cufftPlanMany(&plan, 1, &size, &size, columns, 1, &size, columns, 1, CUFFT_C2C, columns);
  if (status == 0) status = Execute(plan, in.device, out.device, CUFFT_FORWARD);
  out.Download();
  Array expected(x.size());
  for (int column = 0; column < columns; ++column) {
    Array line(n);
    for (int i = 0; i < n; ++i) line[i] = x[i * columns + column];
    line = Transform(line, -1);
    for (int i = 0; i < n; ++i) expected[i * columns + column] = line[i];
  }
  check::Report("f32 c2c strided", status, RelativeError(Array(out.host.begin(), out.host.end()), expected),
                2e-6);
  cufftDestroy(plan);
}

}  // namespace

int main() {
  for (const int n :
       {2, 3, 7, 8, 16, 31, 64, 97, 100, 128, 243, 256, 625, 1024, 1009, 2048, 2310, 4096, 6561}) {
    Complex<float>({n}, 1);
  }
  for (const int n : {5, 16, 60, 127, 343, 512, 1024, 1536}) Complex<double>({n}, 1);
  Complex<float>({64}, 7);
  Complex<float>({17}, 4, true);
  Complex<double>({256}, 3, true);
  Complex<float>({16, 24}, 1);
  Complex<float>({13, 32}, 2);
  Complex<double>({20, 15}, 1);
  Complex<float>({8, 12, 10}, 1);
  Complex<double>({7, 8, 9}, 2, true);
  for (const int n : {4, 15, 64, 101, 256, 1000, 4096}) RealToComplexAndBack<float>({n}, 1);
  for (const int n : {9, 32, 210, 512}) RealToComplexAndBack<double>({n}, 2);
  RealToComplexAndBack<float>({16, 18}, 1);
  RealToComplexAndBack<float>({11, 21}, 3);
  RealToComplexAndBack<double>({12, 14}, 1);
  RealToComplexAndBack<float>({6, 10, 16}, 1);
  RealToComplexAndBack<double>({5, 8, 6}, 1);
  Strided();
  return check::ExitCode();
}
