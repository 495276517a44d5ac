// Dense factorisations of cuSOLVER, each judged by what it promises: the factors give the matrix back, Q is
// orthogonal, the solution solves.
#include <cusolverDn.h>

#include <algorithm>
#include <memory>

#include "check.h"

namespace {

cusolverDnHandle_t handle;

template <typename T>
struct Type;
template <>
struct Type<float> {
  using Real = float;
  using Raw = float;
  static constexpr cudaDataType type = CUDA_R_32F, real = CUDA_R_32F;
  static constexpr const char* name = "f32 ";
};
template <>
struct Type<double> {
  using Real = double;
  using Raw = double;
  static constexpr cudaDataType type = CUDA_R_64F, real = CUDA_R_64F;
  static constexpr const char* name = "f64 ";
};
template <>
struct Type<std::complex<float>> {
  using Real = float;
  using Raw = cuComplex;
  static constexpr cudaDataType type = CUDA_C_32F, real = CUDA_R_32F;
  static constexpr const char* name = "c32 ";
};
template <>
struct Type<std::complex<double>> {
  using Real = double;
  using Raw = cuDoubleComplex;
  static constexpr cudaDataType type = CUDA_C_64F, real = CUDA_R_64F;
  static constexpr const char* name = "c64 ";
};
template <typename T>
constexpr double kTolerance = sizeof(typename Type<T>::Real) == 4 ? 2e-5 : 4e-14;

using Number = std::complex<double>;

// Column-major, in double precision; what the checks compute with.
struct Matrix {
  Matrix(int rows, int columns) : rows(rows), columns(columns), values(static_cast<size_t>(rows) * columns) {}
  template <typename T>
  Matrix(int rows, int columns, const std::vector<T>& from)
      : rows(rows),
        columns(columns),
        values(from.begin(), from.begin() + static_cast<size_t>(rows) * columns) {}
  Number& operator()(int i, int j) { return values[i + static_cast<size_t>(j) * rows]; }
  const Number& operator()(int i, int j) const { return values[i + static_cast<size_t>(j) * rows]; }
  int rows, columns;
  std::vector<Number> values;
};
Matrix operator*(const Matrix& a, const Matrix& b) {
  Matrix c(a.rows, b.columns);
  for (int j = 0; j < b.columns; ++j) {
    for (int l = 0; l < a.columns; ++l) {
      for (int i = 0; i < a.rows; ++i) c(i, j) += a(i, l) * b(l, j);
    }
  }
  return c;
}
Matrix Adjoint(const Matrix& a) {
  Matrix t(a.columns, a.rows);
  for (int i = 0; i < a.rows; ++i) {
    for (int j = 0; j < a.columns; ++j) t(j, i) = std::conj(a(i, j));
  }
  return t;
}
Matrix Identity(int n) {
  Matrix one(n, n);
  for (int i = 0; i < n; ++i) one(i, i) = 1;
  return one;
}
// The largest difference of two elements beside the largest element.
double Distance(const Matrix& a, const Matrix& b) {
  double largest = 1;
  for (const Number& value : b.values) largest = std::max(largest, std::abs(value));
  return check::WorstError(a.values, b.values) / largest;
}
// The part of a square or tall matrix on and above (or below) the diagonal.
Matrix Triangle(const Matrix& a, bool upper, bool unit) {
  const int n = std::min(a.rows, a.columns);
  Matrix t(upper ? n : a.rows, upper ? a.columns : n);
  for (int j = 0; j < t.columns; ++j) {
    for (int i = 0; i < t.rows; ++i) {
      if (i == j)
        t(i, j) = unit ? Number(1) : a(i, j);
      else if ((i < j) == upper)
        t(i, j) = a(i, j);
    }
  }
  return t;
}

template <typename T>
std::vector<T> Random(int rows, int columns, uint32_t seed) {
  std::vector<T> values(static_cast<size_t>(rows) * columns);
  for (size_t i = 0; i < values.size(); ++i) {
    if constexpr (std::is_floating_point_v<T>)
      values[i] = static_cast<T>(check::Uniform(seed, i));
    else
      values[i] = T(check::Uniform(seed, i), check::Uniform(seed + 1, i));
  }
  return values;
}
// Hermitian; with `positive`, its eigenvalues are positive.
template <typename T>
std::vector<T> Hermitian(int n, bool positive, uint32_t seed) {
  const Matrix r(n, n, Random<T>(n, n, seed));
  const Matrix a = r * Adjoint(r);
  std::vector<T> values(a.values.size());
  for (int j = 0; j < n; ++j) {
    for (int i = 0; i < n; ++i) {
      Number value = positive ? a(i, j) + (i == j ? 1.0 : 0.0) : r(i, j) + std::conj(r(j, i));
      if constexpr (std::is_floating_point_v<T>)
        values[i + j * n] = static_cast<T>(value.real());
      else
        values[i + j * n] = T(value);
    }
  }
  return values;
}

// Buffers for a call of the 64-bit interface: sizes first, then the call.
struct Workspace {
  template <typename Size>
  explicit Workspace(Size size) {
    status = size(&device_bytes, &host_bytes);
    device.reset(new check::Buffer<char>(device_bytes + 1));
    host.resize(host_bytes + 1);
  }
  int status;
  size_t device_bytes = 0, host_bytes = 0;
  std::unique_ptr<check::Buffer<char>> device;
  std::vector<char> host;
};

template <typename T>
void Report(const char* name, int n, int status, check::Buffer<int>& info, double error) {
  info.Download();
  check::Report(std::string(Type<T>::name) + name + " " + std::to_string(n),
                status != 0 ? status : info.host[0], error, kTolerance<T> * n);
}

template <typename T>
void Lu(cusolverDnParams_t params, int n) {
  const int columns = 3;
  const std::vector<T> values = Random<T>(n, n, 1), right = Random<T>(n, columns, 2);
  check::Buffer<T> a(values), b(right);
  check::Buffer<int64_t> pivots(static_cast<size_t>(n));
  check::Buffer<int> info(1);
  const auto type = Type<T>::type;
  Workspace work([&](size_t* device, size_t* host) {
    return cusolverDnXgetrf_bufferSize(handle, params, n, n, type, a.device, n, type, device, host);
  });
  int status = work.status;
  if (status == 0) {
    status =
        cusolverDnXgetrf(handle, params, n, n, type, a.device, n, pivots.device, type, work.device->device,
                         work.device_bytes, work.host.data(), work.host_bytes, info.device);
  }
  a.Download();
  pivots.Download();
  const Matrix factors(n, n, a.host);
  Matrix product = Triangle(factors, false, true) * Triangle(factors, true, false);
  for (int i = n; i-- > 0;) {
    const int other = static_cast<int>(pivots.host[i]) - 1;
    if (other < 0 || other >= n) continue;
    for (int j = 0; j < n; ++j) std::swap(product(i, j), product(other, j));
  }
  Report<T>("lu", n, status, info, Distance(product, Matrix(n, n, values)));
  if (status == 0) {
    status = cusolverDnXgetrs(handle, params, CUBLAS_OP_N, n, columns, type, a.device, n, pivots.device, type,
                              b.device, n, info.device);
  }
  Report<T>(
      "lu solve", n, status, info,
      Distance(Matrix(n, n, values) * Matrix(n, columns, b.Download()), Matrix(n, columns, right)) / 10);
}

template <typename T>
void Cholesky(cusolverDnParams_t params, int n) {
  const int columns = 2;
  const std::vector<T> values = Hermitian<T>(n, true, 5), right = Random<T>(n, columns, 6);
  check::Buffer<T> a(values), b(right);
  check::Buffer<int> info(1);
  const auto type = Type<T>::type;
  const auto lower = CUBLAS_FILL_MODE_LOWER;
  Workspace work([&](size_t* device, size_t* host) {
    return cusolverDnXpotrf_bufferSize(handle, params, lower, n, type, a.device, n, type, device, host);
  });
  int status = work.status;
  if (status == 0) {
    status = cusolverDnXpotrf(handle, params, lower, n, type, a.device, n, type, work.device->device,
                              work.device_bytes, work.host.data(), work.host_bytes, info.device);
  }
  const Matrix l = Triangle(Matrix(n, n, a.Download()), false, false);
  Report<T>("cholesky", n, status, info, Distance(l * Adjoint(l), Matrix(n, n, values)));
  if (status == 0)
    status = cusolverDnXpotrs(handle, params, lower, n, columns, type, a.device, n, type, b.device, n,
                              info.device);
  Report<T>("cholesky solve", n, status, info,
            Distance(Matrix(n, n, values) * Matrix(n, columns, b.Download()), Matrix(n, columns, right)));
}

// The C interface spells the type in the name.
cusolverStatus_t OrgqrSize(int m, int n, float* a, float* tau, int* size) {
  return cusolverDnSorgqr_bufferSize(handle, m, n, n, a, m, tau, size);
}
cusolverStatus_t OrgqrSize(int m, int n, double* a, double* tau, int* size) {
  return cusolverDnDorgqr_bufferSize(handle, m, n, n, a, m, tau, size);
}
cusolverStatus_t OrgqrSize(int m, int n, cuComplex* a, cuComplex* tau, int* size) {
  return cusolverDnCungqr_bufferSize(handle, m, n, n, a, m, tau, size);
}
cusolverStatus_t OrgqrSize(int m, int n, cuDoubleComplex* a, cuDoubleComplex* tau, int* size) {
  return cusolverDnZungqr_bufferSize(handle, m, n, n, a, m, tau, size);
}
cusolverStatus_t Orgqr(int m, int n, float* a, float* tau, float* work, int size, int* info) {
  return cusolverDnSorgqr(handle, m, n, n, a, m, tau, work, size, info);
}
cusolverStatus_t Orgqr(int m, int n, double* a, double* tau, double* work, int size, int* info) {
  return cusolverDnDorgqr(handle, m, n, n, a, m, tau, work, size, info);
}
cusolverStatus_t Orgqr(int m, int n, cuComplex* a, cuComplex* tau, cuComplex* work, int size, int* info) {
  return cusolverDnCungqr(handle, m, n, n, a, m, tau, work, size, info);
}
cusolverStatus_t Orgqr(int m, int n, cuDoubleComplex* a, cuDoubleComplex* tau, cuDoubleComplex* work,
                       int size, int* info) {
  return cusolverDnZungqr(handle, m, n, n, a, m, tau, work, size, info);
}

template <typename T>
void Qr(cusolverDnParams_t params, int m, int n) {
  using Raw = typename Type<T>::Raw;
  const std::vector<T> values = Random<T>(m, n, 8);
  check::Buffer<T> a(values), tau(static_cast<size_t>(n));
  check::Buffer<int> info(1);
  const auto type = Type<T>::type;
  Workspace work([&](size_t* device, size_t* host) {
    return cusolverDnXgeqrf_bufferSize(handle, params, m, n, type, a.device, m, type, tau.device, type,
                                       device, host);
  });
  int status = work.status;
  if (status == 0) {
    status =
        cusolverDnXgeqrf(handle, params, m, n, type, a.device, m, type, tau.device, type, work.device->device,
                         work.device_bytes, work.host.data(), work.host_bytes, info.device);
  }
  const Matrix r = Triangle(Matrix(m, n, a.Download()), true, false);
  int size = 0;
  Raw* raw = reinterpret_cast<Raw*>(a.device);
  Raw* scales = reinterpret_cast<Raw*>(tau.device);
  if (status == 0) status = OrgqrSize(m, n, raw, scales, &size);
  check::Buffer<Raw> scratch(static_cast<size_t>(size) + 1);
  if (status == 0) status = Orgqr(m, n, raw, scales, scratch.device, size, info.device);
  const Matrix q(m, n, a.Download());
  Report<T>("qr", n, status, info, Distance(q * r, Matrix(m, n, values)));
  Report<T>("qr orthogonal", n, status, info, Distance(Adjoint(q) * q, Identity(n)));
}

template <typename T>
void Eigen(cusolverDnParams_t params, int n) {
  using Real = typename Type<T>::Real;
  const std::vector<T> values = Hermitian<T>(n, false, 10);
  check::Buffer<T> a(values);
  check::Buffer<Real> w(static_cast<size_t>(n));
  check::Buffer<int> info(1);
  const auto type = Type<T>::type, real = Type<T>::real;
  const auto vectors = CUSOLVER_EIG_MODE_VECTOR;
  const auto lower = CUBLAS_FILL_MODE_LOWER;
  Workspace work([&](size_t* device, size_t* host) {
    return cusolverDnXsyevd_bufferSize(handle, params, vectors, lower, n, type, a.device, n, real, w.device,
                                       type, device, host);
  });
  int status = work.status;
  if (status == 0) {
    status = cusolverDnXsyevd(handle, params, vectors, lower, n, type, a.device, n, real, w.device, type,
                              work.device->device, work.device_bytes, work.host.data(), work.host_bytes,
                              info.device);
  }
  const Matrix v(n, n, a.Download());
  w.Download();
  Matrix scaled = v;
  for (int j = 0; j < n; ++j) {
    for (int i = 0; i < n; ++i) scaled(i, j) *= w.host[j];
  }
  Report<T>("syevd", n, status, info, Distance(Matrix(n, n, values) * v, scaled));
  Report<T>("syevd orthogonal", n, status, info, Distance(Adjoint(v) * v, Identity(n)));
  Report<T>("syevd ascending", n, status, info, std::is_sorted(w.host.begin(), w.host.end()) ? 0 : 1);
}

template <typename T>
void Svd(cusolverDnParams_t params, int m, int n) {
  using Real = typename Type<T>::Real;
  const std::vector<T> values = Random<T>(m, n, 12);
  check::Buffer<T> a(values), u(static_cast<size_t>(m) * n), vt(static_cast<size_t>(n) * n);
  check::Buffer<Real> s(static_cast<size_t>(n));
  check::Buffer<int> info(1);
  const auto type = Type<T>::type, real = Type<T>::real;
  Workspace work([&](size_t* device, size_t* host) {
    return cusolverDnXgesvd_bufferSize(handle, params, 'S', 'S', m, n, type, a.device, m, real, s.device,
                                       type, u.device, m, type, vt.device, n, type, device, host);
  });
  int status = work.status;
  if (status == 0) {
    status = cusolverDnXgesvd(handle, params, 'S', 'S', m, n, type, a.device, m, real, s.device, type,
                              u.device, m, type, vt.device, n, type, work.device->device, work.device_bytes,
                              work.host.data(), work.host_bytes, info.device);
  }
  const Matrix left(m, n, u.Download()), right(n, n, vt.Download());
  s.Download();
  Matrix scaled = left;
  for (int j = 0; j < n; ++j) {
    for (int i = 0; i < m; ++i) scaled(i, j) *= s.host[j];
  }
  Report<T>("gesvd", n, status, info, Distance(scaled * right, Matrix(m, n, values)));
  Report<T>("gesvd orthogonal", n, status, info,
            Distance(Adjoint(left) * left, Identity(n)) + Distance(right * Adjoint(right), Identity(n)));
  Report<T>("gesvd descending", n, status, info, std::is_sorted(s.host.rbegin(), s.host.rend()) ? 0 : 1);
}

template <typename T>
void Run(int n) {
  cusolverDnParams_t params;
  cusolverDnCreateParams(&params);
  Lu<T>(params, n);
  Cholesky<T>(params, n);
  Qr<T>(params, n + 11, n);
  Eigen<T>(params, n);
  Svd<T>(params, n + 5, n);
  cusolverDnDestroyParams(params);
}

}  // namespace

int main() {
  if (const cusolverStatus_t status = cusolverDnCreate(&handle); status != CUSOLVER_STATUS_SUCCESS) {
    std::printf("cusolverDnCreate: %d\n", status);
    return 1;
  }
  Run<float>(5);
  Run<double>(33);
  Run<std::complex<float>>(17);
  Run<std::complex<double>>(12);
  cusolverDnDestroy(handle);
  return check::ExitCode();
}
