// Levels 1, 2 and 3 of cuBLAS beside GEMM, in the four classic types, against loops on the host.
#include <cublas_v2.h>

#include <type_traits>

#include "check.h"

namespace {

template <typename T>
struct IsComplex : std::false_type {};
template <typename R>
struct IsComplex<std::complex<R>> : std::true_type {};
template <typename T>
struct Device {
  using type = T;
};
template <>
struct Device<std::complex<float>> {
  using type = cuComplex;
};
template <>
struct Device<std::complex<double>> {
  using type = cuDoubleComplex;
};
template <typename T>
auto Raw(T* p) {
  return reinterpret_cast<typename Device<T>::type*>(p);
}
template <typename T>
auto Raw(const T* p) {
  return reinterpret_cast<const typename Device<T>::type*>(p);
}

template <typename T>
T Value(uint32_t seed, uint32_t index) {
  if constexpr (IsComplex<T>::value) {
    return T(check::SmallInteger(seed, index, 4), check::SmallInteger(seed + 50, index, 4));
  } else {
    return T(check::SmallInteger(seed, index, 4));
  }
}
template <typename T>
std::vector<T> Values(uint32_t seed, size_t count) {
  std::vector<T> values(count);
  for (size_t i = 0; i < count; ++i) values[i] = Value<T>(seed, i);
  return values;
}
template <typename T>
T Conjugate(T x) {
  if constexpr (IsComplex<T>::value)
    return std::conj(x);
  else
    return x;
}

// The C interface spells the type in the name.
#define BY_TYPE(name, S, D, C, Z)                     \
  template <typename... A>                            \
  cublasStatus_t name(float, A... a) {                \
    return cublas##S(a...);                           \
  }                                                   \
  template <typename... A>                            \
  cublasStatus_t name(double, A... a) {               \
    return cublas##D(a...);                           \
  }                                                   \
  template <typename... A>                            \
  cublasStatus_t name(std::complex<float>, A... a) {  \
    return cublas##C(a...);                           \
  }                                                   \
  template <typename... A>                            \
  cublasStatus_t name(std::complex<double>, A... a) { \
    return cublas##Z(a...);                           \
  }
BY_TYPE(Axpy, Saxpy, Daxpy, Caxpy, Zaxpy)
BY_TYPE(Scal, Sscal, Dscal, Cscal, Zscal)
BY_TYPE(Copy, Scopy, Dcopy, Ccopy, Zcopy)
BY_TYPE(Swap, Sswap, Dswap, Cswap, Zswap)
BY_TYPE(Dot, Sdot, Ddot, Cdotc, Zdotc)
BY_TYPE(Nrm2, Snrm2, Dnrm2, Scnrm2, Dznrm2)
BY_TYPE(Asum, Sasum, Dasum, Scasum, Dzasum)
BY_TYPE(Iamax, Isamax, Idamax, Icamax, Izamax)
BY_TYPE(Iamin, Isamin, Idamin, Icamin, Izamin)
BY_TYPE(Gemv, Sgemv, Dgemv, Cgemv, Zgemv)
BY_TYPE(Ger, Sger, Dger, Cgerc, Zgerc)
BY_TYPE(Hemv, Ssymv, Dsymv, Chemv, Zhemv)
BY_TYPE(Trsv, Strsv, Dtrsv, Ctrsv, Ztrsv)
BY_TYPE(Trmv, Strmv, Dtrmv, Ctrmv, Ztrmv)
BY_TYPE(Gbmv, Sgbmv, Dgbmv, Cgbmv, Zgbmv)
BY_TYPE(Trsm, Strsm, Dtrsm, Ctrsm, Ztrsm)
BY_TYPE(Trmm, Strmm, Dtrmm, Ctrmm, Ztrmm)
BY_TYPE(Syrk, Ssyrk, Dsyrk, Csyrk, Zsyrk)
BY_TYPE(Syr2k, Ssyr2k, Dsyr2k, Csyr2k, Zsyr2k)
BY_TYPE(Symm, Ssymm, Dsymm, Csymm, Zsymm)
BY_TYPE(Geam, Sgeam, Dgeam, Cgeam, Zgeam)
BY_TYPE(Dgmm, Sdgmm, Ddgmm, Cdgmm, Zdgmm)
BY_TYPE(TrsmBatched, StrsmBatched, DtrsmBatched, CtrsmBatched, ZtrsmBatched)

template <typename T>
void RunVectors(const std::string& type, cublasHandle_t handle) {
  using Real = decltype(std::abs(T()));
  const int n = 1003;
  const T alpha = Value<T>(77, 3) + T(1);
  const double tolerance = sizeof(Real) == 4 ? 1e-5 : 1e-13;
  const std::vector<T> x = Values<T>(1, n), y = Values<T>(2, n);
  {
    check::Buffer<T> dx(x), dy(y);
    std::vector<T> expected = y;
    for (int i = 0; i < n / 2; ++i) expected[i] += alpha * x[2 * i];
    const int status = Axpy(T(), handle, n / 2, Raw(&alpha), Raw(dx.device), 2, Raw(dy.device), 1);
    check::Report(type + " axpy", status, check::WorstError(dy.Download(), expected), 0);
  }
  {
    check::Buffer<T> dx(x);
    std::vector<T> expected = x;
    for (T& value : expected) value *= alpha;
    const int status = Scal(T(), handle, n, Raw(&alpha), Raw(dx.device), 1);
    check::Report(type + " scal", status, check::WorstError(dx.Download(), expected), 0);
  }
  {
    check::Buffer<T> dx(x), dy(y), dz(static_cast<size_t>(n));
    const int status = Swap(T(), handle, n, Raw(dx.device), 1, Raw(dy.device), 1) +
                       Copy(T(), handle, n, Raw(dy.device), 1, Raw(dz.device), 1);
    check::Report(type + " swap and copy", status,
                  check::WorstError(dx.Download(), y) + check::WorstError(dz.Download(), x), 0);
  }
  {
    check::Buffer<T> dx(x), dy(y);
    T dot = 0, expected_dot = 0;
    Real norm = 0, sum = 0;
    double squares = 0, absolute = 0;
    int largest = 0, smallest = 0, expected_largest = 0, expected_smallest = 0;
    const auto magnitude = [](T v) { return std::fabs(std::real(v)) + std::fabs(std::imag(v)); };
    for (int i = 0; i < n; ++i) {
      expected_dot += Conjugate(x[i]) * y[i];
      squares += std::norm(x[i]);
      absolute += magnitude(x[i]);
      if (magnitude(x[i]) > magnitude(x[expected_largest])) expected_largest = i;
      if (magnitude(x[i]) < magnitude(x[expected_smallest])) expected_smallest = i;
    }
    int status = Dot(T(), handle, n, Raw(dx.device), 1, Raw(dy.device), 1, Raw(&dot));
    check::Report(type + " dot", status, std::abs(dot - expected_dot), 0);
    status = Nrm2(T(), handle, n, Raw(dx.device), 1, &norm);
    check::Report(type + " nrm2", status, std::fabs(norm / std::sqrt(squares) - 1), tolerance);
    status = Asum(T(), handle, n, Raw(dx.device), 1, &sum);
    check::Report(type + " asum", status, std::fabs(sum - absolute), 0);
    status = Iamax(T(), handle, n, Raw(dx.device), 1, &largest) +
             Iamin(T(), handle, n, Raw(dx.device), 1, &smallest);
    check::Report(type + " iamax and iamin", status,
                  std::abs(largest - 1 - expected_largest) + std::abs(smallest - 1 - expected_smallest), 0);
  }
}

// Dense m x n, column-major.
template <typename T>
struct Dense {
  Dense(int rows, int columns, std::vector<T> values)
      : rows(rows), columns(columns), values(std::move(values)) {}
  Dense(int rows, int columns) : Dense(rows, columns, std::vector<T>(static_cast<size_t>(rows) * columns)) {}
  T& operator()(int i, int j) { return values[i + static_cast<size_t>(j) * rows]; }
  const T& operator()(int i, int j) const { return values[i + static_cast<size_t>(j) * rows]; }
  int rows, columns;
  std::vector<T> values;
};
template <typename T>
Dense<T> operator*(const Dense<T>& a, const Dense<T>& b) {
  Dense<T> c(a.rows, b.columns);
  for (int j = 0; j < b.columns; ++j) {
    for (int l = 0; l < a.columns; ++l) {
      for (int i = 0; i < a.rows; ++i) c(i, j) += a(i, l) * b(l, j);
    }
  }
  return c;
}
template <typename T>
Dense<T> Transposed(const Dense<T>& a, bool conjugated = false) {
  Dense<T> t(a.columns, a.rows);
  for (int i = 0; i < a.rows; ++i) {
    for (int j = 0; j < a.columns; ++j) t(j, i) = conjugated ? Conjugate(a(i, j)) : a(i, j);
  }
  return t;
}
// The lower triangle alone, with a dominant diagonal that is a power of two, so that solving is exact.
template <typename T>
Dense<T> Lower(int n) {
  Dense<T> a(n, n, Values<T>(21, static_cast<size_t>(n) * n));
  for (int j = 0; j < n; ++j) {
    for (int i = 0; i <= j; ++i) a(i, j) = i == j ? T(2) : T(0);
    for (int i = j + 1; i < n; ++i) a(i, j) = (i + j) % 5 == 0 ? a(i, j) / T(8) : T(0);
  }
  return a;
}

template <typename T>
void RunMatrices(const std::string& type, cublasHandle_t handle) {
  using Real = decltype(std::abs(T()));
  const double tolerance = sizeof(Real) == 4 ? 2e-3 : 1e-11;
  const int m = 37, n = 70, k = 19;
  const T alpha = T(2), beta = T(-1), one = T(1);
  const Dense<T> a(m, n, Values<T>(11, m * n)), b(n, k, Values<T>(12, n * k)),
      square(m, m, Values<T>(13, m * m));
  const std::vector<T> x = Values<T>(14, n), y = Values<T>(15, m);
  const auto lower = CUBLAS_FILL_MODE_LOWER;
  check::Buffer<T> da(a.values), db(b.values), dsquare(square.values), dx(x);
  {
    check::Buffer<T> dy(y);
    const Dense<T> product = a * Dense<T>(n, 1, x);
    std::vector<T> expected(m);
    for (int i = 0; i < m; ++i) expected[i] = alpha * product.values[i] + beta * y[i];
    const int status = Gemv(T(), handle, CUBLAS_OP_N, m, n, Raw(&alpha), Raw(da.device), m, Raw(dx.device), 1,
                            Raw(&beta), Raw(dy.device), 1);
    check::Report(type + " gemv n", status, check::WorstError(dy.Download(), expected), 0);
  }
  {
    check::Buffer<T> dy(y), out(x);
    const Dense<T> product = Transposed(a, true) * Dense<T>(m, 1, y);
    std::vector<T> expected(n);
    for (int i = 0; i < n; ++i) expected[i] = alpha * product.values[i] + beta * x[i];
    const int status = Gemv(T(), handle, CUBLAS_OP_C, m, n, Raw(&alpha), Raw(da.device), m, Raw(dy.device), 1,
                            Raw(&beta), Raw(out.device), 1);
    check::Report(type + " gemv c", status, check::WorstError(out.Download(), expected), 0);
  }
  {
    check::Buffer<T> dy(y), out(a.values);
    Dense<T> expected = a;
    for (int j = 0; j < n; ++j) {
      for (int i = 0; i < m; ++i) expected(i, j) += alpha * y[i] * Conjugate(x[j]);
    }
    const int status =
        Ger(T(), handle, m, n, Raw(&alpha), Raw(dy.device), 1, Raw(dx.device), 1, Raw(out.device), m);
    check::Report(type + " ger", status, check::WorstError(out.Download(), expected.values), 0);
  }
  {
    Dense<T> full = square;  // Hermitian from its lower triangle
    for (int j = 0; j < m; ++j) {
      full(j, j) = T(std::real(full(j, j)));
      for (int i = 0; i < j; ++i) full(i, j) = Conjugate(full(j, i));
    }
    check::Buffer<T> dy(y), out(static_cast<size_t>(m));
    const T zero = T(0);
    const int status = Hemv(T(), handle, lower, m, Raw(&alpha), Raw(dsquare.device), m, Raw(dy.device), 1,
                            Raw(&zero), Raw(out.device), 1);
    Dense<T> expected = full * Dense<T>(m, 1, y);
    for (T& value : expected.values) value *= alpha;
    check::Report(type + " hemv", status, check::WorstError(out.Download(), expected.values), 0);
  }
  {
    const Dense<T> l = Lower<T>(m);
    const Dense<T> product = l * Dense<T>(m, 1, y);
    check::Buffer<T> dl(l.values), out(product.values);
    int status =
        Trsv(T(), handle, lower, CUBLAS_OP_N, CUBLAS_DIAG_NON_UNIT, m, Raw(dl.device), m, Raw(out.device), 1);
    check::Report(type + " trsv", status, check::WorstError(out.Download(), y), tolerance);
    check::Buffer<T> back(y);
    status = Trmv(T(), handle, lower, CUBLAS_OP_N, CUBLAS_DIAG_NON_UNIT, m, Raw(dl.device), m,
                  Raw(back.device), 1);
    check::Report(type + " trmv", status, check::WorstError(back.Download(), product.values), tolerance);
  }
  {
    const int kl = 2, ku = 3;  // band storage: element (i, j) at row ku + i - j of column j
    Dense<T> band(kl + ku + 1, m), full(m, m);
    for (int j = 0; j < m; ++j) {
      for (int i = std::max(0, j - ku); i <= std::min(m - 1, j + kl); ++i) {
        full(i, j) = square(i, j);
        band(ku + i - j, j) = square(i, j);
      }
    }
    check::Buffer<T> dband(band.values), dy(y), out(static_cast<size_t>(m));
    const T zero = T(0);
    const int status = Gbmv(T(), handle, CUBLAS_OP_N, m, m, kl, ku, Raw(&one), Raw(dband.device), band.rows,
                            Raw(dy.device), 1, Raw(&zero), Raw(out.device), 1);
    check::Report(type + " gbmv", status,
                  check::WorstError(out.Download(), (full * Dense<T>(m, 1, y)).values), 0);
  }
  for (const cublasOperation_t op : {CUBLAS_OP_N, CUBLAS_OP_C}) {
    const Dense<T> l = Lower<T>(n);
    const Dense<T> product = (op == CUBLAS_OP_N ? l : Transposed(l, true)) * b;
    check::Buffer<T> dl(l.values), out(product.values);
    int status = Trsm(T(), handle, CUBLAS_SIDE_LEFT, lower, op, CUBLAS_DIAG_NON_UNIT, n, k, Raw(&one),
                      Raw(dl.device), n, Raw(out.device), n);
    check::Report(type + (op == CUBLAS_OP_N ? " trsm n" : " trsm c"), status,
                  check::WorstError(out.Download(), b.values), tolerance);
    check::Buffer<T> back(static_cast<size_t>(n) * k);
    status = Trmm(T(), handle, CUBLAS_SIDE_LEFT, lower, op, CUBLAS_DIAG_NON_UNIT, n, k, Raw(&one),
                  Raw(dl.device), n, Raw(db.device), n, Raw(back.device), n);
    check::Report(type + (op == CUBLAS_OP_N ? " trmm n" : " trmm c"), status,
                  check::WorstError(back.Download(), product.values), tolerance);
  }
  {
    const Dense<T> product = Transposed(b) * b;
    check::Buffer<T> out(static_cast<size_t>(k) * k);
    const T zero = T(0);
    const int status = Syrk(T(), handle, lower, CUBLAS_OP_T, k, n, Raw(&alpha), Raw(db.device), n, Raw(&zero),
                            Raw(out.device), k);
    out.Download();
    double worst = 0;
    for (int j = 0; j < k; ++j) {
      for (int i = j; i < k; ++i)
        worst = std::max<double>(worst, std::abs(out.host[i + j * k] - alpha * product(i, j)));
    }
    check::Report(type + " syrk", status, worst, 0);
  }
  {
    const Dense<T> at = Transposed(a), c(n, m, Values<T>(16, m * n));
    const Dense<T> one_way = Transposed(at) * c, other_way = Transposed(c) * at;
    check::Buffer<T> dt(at.values), dc(c.values), out(static_cast<size_t>(m) * m);
    const T zero = T(0);
    const int status = Syr2k(T(), handle, lower, CUBLAS_OP_T, m, n, Raw(&one), Raw(dt.device), n,
                             Raw(dc.device), n, Raw(&zero), Raw(out.device), m);
    out.Download();
    double worst = 0;
    for (int j = 0; j < m; ++j) {
      for (int i = j; i < m; ++i)
        worst = std::max<double>(worst, std::abs(out.host[i + j * m] - one_way(i, j) - other_way(i, j)));
    }
    check::Report(type + " syr2k", status, worst, 0);
  }
  {
    Dense<T> full = square;
    for (int j = 0; j < m; ++j) {
      for (int i = 0; i < j; ++i) full(i, j) = full(j, i);
    }
    check::Buffer<T> out(static_cast<size_t>(m) * n);
    const T zero = T(0);
    const int status = Symm(T(), handle, CUBLAS_SIDE_LEFT, lower, m, n, Raw(&one), Raw(dsquare.device), m,
                            Raw(da.device), m, Raw(&zero), Raw(out.device), m);
    check::Report(type + " symm", status, check::WorstError(out.Download(), (full * a).values), 0);
  }
  {
    const Dense<T> c(n, m, Values<T>(17, m * n));
    check::Buffer<T> dc(c.values), out(static_cast<size_t>(m) * n), scaled(static_cast<size_t>(m) * n);
    int status = Geam(T(), handle, CUBLAS_OP_N, CUBLAS_OP_T, m, n, Raw(&alpha), Raw(da.device), m, Raw(&beta),
                      Raw(dc.device), n, Raw(out.device), m);
    Dense<T> expected = a, by_column = a;
    for (int j = 0; j < n; ++j) {
      for (int i = 0; i < m; ++i) {
        expected(i, j) = alpha * a(i, j) + beta * c(j, i);
        by_column(i, j) *= x[j];
      }
    }
    check::Report(type + " geam", status, check::WorstError(out.Download(), expected.values), 0);
    status = Dgmm(T(), handle, CUBLAS_SIDE_RIGHT, m, n, Raw(da.device), m, Raw(dx.device), 1,
                  Raw(scaled.device), m);
    check::Report(type + " dgmm", status, check::WorstError(scaled.Download(), by_column.values), 0);
  }
  {
    const Dense<T> l = Lower<T>(k);
    std::vector<T> products, solutions;
    const int batch = 3;
    for (int i = 0; i < batch; ++i) {
      const Dense<T> solution(k, 8, Values<T>(30 + i, k * 8));
      const Dense<T> product = l * solution;
      products.insert(products.end(), product.values.begin(), product.values.end());
      solutions.insert(solutions.end(), solution.values.begin(), solution.values.end());
    }
    check::Buffer<T> dl(l.values), out(products);
    using Pointer = typename Device<T>::type*;
    std::vector<Pointer> left, right;
    for (int i = 0; i < batch; ++i) {
      left.push_back(Raw(dl.device));
      right.push_back(Raw(out.device + i * k * 8));
    }
    check::Buffer<Pointer> dleft(left), dright(right);
    const int status = TrsmBatched(T(), handle, CUBLAS_SIDE_LEFT, lower, CUBLAS_OP_N, CUBLAS_DIAG_NON_UNIT, k,
                                   8, Raw(&one), dleft.device, k, dright.device, k, batch);
    check::Report(type + " trsm batched", status, check::WorstError(out.Download(), solutions), tolerance);
  }
}

template <typename T>
void Run(const char* type, cublasHandle_t handle) {
  RunVectors<T>(type, handle);
  RunMatrices<T>(type, handle);
}

}  // namespace

int main() {
  cublasHandle_t handle;
  if (const cublasStatus_t status = cublasCreate(&handle); status != CUBLAS_STATUS_SUCCESS) {
    std::printf("cublasCreate: %d\n", status);
    return 1;
  }
  Run<float>("f32", handle);
  Run<double>("f64", handle);
  Run<std::complex<float>>("c32", handle);
  Run<std::complex<double>>("c64", handle);
  cublasDestroy(handle);
  return check::ExitCode();
}
