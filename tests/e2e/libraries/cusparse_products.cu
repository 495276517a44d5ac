// cuSPARSE: products of sparse matrices with vectors, dense and sparse matrices, triangular solves, and
// conversions between formats, against loops over the dense matrix.
#include <cusparse.h>

#include <algorithm>
#include <type_traits>

#include "check.h"

namespace {

cusparseHandle_t handle;

template <typename T>
constexpr cudaDataType kType = std::is_same_v<T, float>                 ? CUDA_R_32F
                               : std::is_same_v<T, double>              ? CUDA_R_64F
                               : std::is_same_v<T, std::complex<float>> ? CUDA_C_32F
                                                                        : CUDA_C_64F;
template <typename T>
constexpr bool kComplex = !std::is_floating_point_v<T>;
template <typename T>
T Value(uint32_t seed, uint32_t i) {
  if constexpr (kComplex<T>)
    return T(check::SmallInteger(seed, i, 4), check::SmallInteger(seed + 1, i, 4));
  else
    return T(check::SmallInteger(seed, i, 4));
}
template <typename T>
std::vector<T> Values(uint32_t seed, size_t count) {
  std::vector<T> values(count);
  for (size_t i = 0; i < count; ++i) values[i] = Value<T>(seed, i);
  return values;
}

// A matrix with about one element in eight, empty rows and one full row, in every form that the tests need.
template <typename T>
struct Sparse {
  Sparse(int rows, int columns, uint32_t seed)
      : rows(rows), columns(columns), dense(static_cast<size_t>(rows) * columns) {
    offsets.push_back(0);
    for (int i = 0; i < rows; ++i) {
      for (int j = 0; j < columns; ++j) {
        const uint32_t at = i * columns + j;
        if (i % 7 == 3 || (i != 5 && check::Hash(seed * 31 + at) % 8 != 0)) continue;
        T value = Value<T>(seed, at);
        if (value == T(0)) value = T(1);
        dense[at] = value;
        column_of.push_back(j);
        row_of.push_back(i);
        values.push_back(value);
      }
      offsets.push_back(values.size());
    }
  }
  int64_t Count() const { return values.size(); }
  T At(int i, int j) const { return dense[static_cast<size_t>(i) * columns + j]; }

  int rows, columns;
  std::vector<T> dense, values;
  std::vector<int> offsets, row_of, column_of;
};

// A sparse matrix on the device, in CSR or COO.
template <typename T>
struct OnDevice {
  OnDevice(const Sparse<T>& from, bool csr)
      : first(csr ? from.offsets : from.row_of), second(from.column_of), values(from.values) {
    if (csr) {
      cusparseCreateCsr(&descriptor, from.rows, from.columns, from.Count(), first.device, second.device,
                        values.device, CUSPARSE_INDEX_32I, CUSPARSE_INDEX_32I, CUSPARSE_INDEX_BASE_ZERO,
                        kType<T>);
    } else {
      cusparseCreateCoo(&descriptor, from.rows, from.columns, from.Count(), first.device, second.device,
                        values.device, CUSPARSE_INDEX_32I, CUSPARSE_INDEX_BASE_ZERO, kType<T>);
    }
  }
  ~OnDevice() { cusparseDestroySpMat(descriptor); }
  check::Buffer<int> first, second;
  check::Buffer<T> values;
  cusparseSpMatDescr_t descriptor;
};

template <typename T>
std::string Name(const char* what) {
  static const char* const kNames[] = {"f32 ", "f64 ", "c32 ", "c64 "};
  return kNames[kType<T> == CUDA_R_32F   ? 0
                : kType<T> == CUDA_R_64F ? 1
                : kType<T> == CUDA_C_32F ? 2
                                         : 3] +
         std::string(what);
}

template <typename T>
void SpMv(const Sparse<T>& a, bool csr, cusparseOperation_t op, cusparseSpMVAlg_t algorithm,
          const char* name) {
  const bool transposed = op != CUSPARSE_OPERATION_NON_TRANSPOSE;
  const int in = transposed ? a.rows : a.columns, out = transposed ? a.columns : a.rows;
  const T alpha = T(2), beta = T(-3);
  const std::vector<T> x = Values<T>(40, in), y = Values<T>(42, out);
  OnDevice<T> da(a, csr);
  check::Buffer<T> dx(x), dy(y);
  cusparseDnVecDescr_t vx, vy;
  cusparseCreateDnVec(&vx, in, dx.device, kType<T>);
  cusparseCreateDnVec(&vy, out, dy.device, kType<T>);
  size_t bytes = 0;
  int status =
      cusparseSpMV_bufferSize(handle, op, &alpha, da.descriptor, vx, &beta, vy, kType<T>, algorithm, &bytes);
  check::Buffer<char> work(bytes + 1);
  if (status == 0)
    status = cusparseSpMV(handle, op, &alpha, da.descriptor, vx, &beta, vy, kType<T>, algorithm, work.device);
  std::vector<T> expected(out);
  for (int i = 0; i < out; ++i) expected[i] = beta * y[i];
  for (int i = 0; i < a.rows; ++i) {
    for (int j = 0; j < a.columns; ++j) {
      if (!transposed)
        expected[i] += alpha * a.At(i, j) * x[j];
      else
        expected[j] += alpha * a.At(i, j) * x[i];
    }
  }
  check::Report(Name<T>(name), status, check::WorstError(dy.Download(), expected), 0);
  cusparseDestroyDnVec(vx);
  cusparseDestroyDnVec(vy);
}

template <typename T>
void SpMm(const Sparse<T>& a, bool csr, cusparseSpMMAlg_t algorithm, const char* name) {
  const int n = 9;
  const T alpha = T(3), beta = T(1);
  const std::vector<T> b = Values<T>(44, a.columns * n), c = Values<T>(46, a.rows * n);
  OnDevice<T> da(a, csr);
  check::Buffer<T> db(b), dc(c);
  cusparseDnMatDescr_t mb, mc;
  cusparseCreateDnMat(&mb, a.columns, n, a.columns, db.device, kType<T>, CUSPARSE_ORDER_COL);
  cusparseCreateDnMat(&mc, a.rows, n, a.rows, dc.device, kType<T>, CUSPARSE_ORDER_COL);
  const auto plain = CUSPARSE_OPERATION_NON_TRANSPOSE;
  size_t bytes = 0;
  int status = cusparseSpMM_bufferSize(handle, plain, plain, &alpha, da.descriptor, mb, &beta, mc, kType<T>,
                                       algorithm, &bytes);
  check::Buffer<char> work(bytes + 1);
  if (status == 0)
    status = cusparseSpMM(handle, plain, plain, &alpha, da.descriptor, mb, &beta, mc, kType<T>, algorithm,
                          work.device);
  std::vector<T> expected = c;
  for (int column = 0; column < n; ++column) {
    for (int i = 0; i < a.rows; ++i) {
      for (int j = 0; j < a.columns; ++j)
        expected[i + column * a.rows] += alpha * a.At(i, j) * b[j + column * a.columns];
    }
  }
  check::Report(Name<T>(name), status, check::WorstError(dc.Download(), expected), 0);
  cusparseDestroyDnMat(mb);
  cusparseDestroyDnMat(mc);
}

template <typename T>
void SpGemm(const Sparse<T>& a, const Sparse<T>& b) {
  const T one = T(1), zero = T(0);
  const auto plain = CUSPARSE_OPERATION_NON_TRANSPOSE;
  const auto algorithm = CUSPARSE_SPGEMM_DEFAULT;
  OnDevice<T> da(a, true), db(b, true);
  check::Buffer<int> offsets(static_cast<size_t>(a.rows) + 1);
  cusparseSpMatDescr_t c;
  cusparseCreateCsr(&c, a.rows, b.columns, 0, offsets.device, nullptr, nullptr, CUSPARSE_INDEX_32I,
                    CUSPARSE_INDEX_32I, CUSPARSE_INDEX_BASE_ZERO, kType<T>);
  cusparseSpGEMMDescr_t plan;
  cusparseSpGEMM_createDescr(&plan);
  size_t bytes = 0;
  int status = cusparseSpGEMM_workEstimation(handle, plain, plain, &one, da.descriptor, db.descriptor, &zero,
                                             c, kType<T>, algorithm, plan, &bytes, nullptr);
  check::Buffer<char> estimate(bytes + 1);
  if (status == 0)
    status = cusparseSpGEMM_workEstimation(handle, plain, plain, &one, da.descriptor, db.descriptor, &zero, c,
                                           kType<T>, algorithm, plan, &bytes, estimate.device);
  bytes = 0;
  if (status == 0)
    status = cusparseSpGEMM_compute(handle, plain, plain, &one, da.descriptor, db.descriptor, &zero, c,
                                    kType<T>, algorithm, plan, &bytes, nullptr);
  check::Buffer<char> work(bytes + 1);
  if (status == 0)
    status = cusparseSpGEMM_compute(handle, plain, plain, &one, da.descriptor, db.descriptor, &zero, c,
                                    kType<T>, algorithm, plan, &bytes, work.device);
  int64_t rows = 0, columns = 0, count = 0;
  cusparseSpMatGetSize(c, &rows, &columns, &count);
  check::Buffer<int> indices(static_cast<size_t>(count) + 1);
  check::Buffer<T> values(static_cast<size_t>(count) + 1);
  cusparseCsrSetPointers(c, offsets.device, indices.device, values.device);
  if (status == 0)
    status = cusparseSpGEMM_copy(handle, plain, plain, &one, da.descriptor, db.descriptor, &zero, c, kType<T>,
                                 algorithm, plan);
  offsets.Download();
  indices.Download();
  values.Download();
  std::vector<T> dense(static_cast<size_t>(a.rows) * b.columns), expected(dense.size());
  for (int i = 0; i < a.rows; ++i) {
    for (int at = offsets.host[i]; at < offsets.host[i + 1] && at < count; ++at)
      dense[i * b.columns + indices.host[at]] += values.host[at];
    for (int l = 0; l < a.columns; ++l) {
      for (int j = 0; j < b.columns; ++j) expected[i * b.columns + j] += a.At(i, l) * b.At(l, j);
    }
  }
  check::Report(Name<T>("spgemm"), status, check::WorstError(dense, expected), 0);
  cusparseSpGEMM_destroyDescr(plan);
  cusparseDestroySpMat(c);
}

template <typename T>
void Sddmm(const Sparse<T>& pattern) {
  const int k = 12;
  const T one = T(1), zero = T(0);
  const std::vector<T> a = Values<T>(50, pattern.rows * k), b = Values<T>(52, k * pattern.columns);
  OnDevice<T> c(pattern, true);
  check::Buffer<T> da(a), db(b);
  cusparseDnMatDescr_t ma, mb;
  cusparseCreateDnMat(&ma, pattern.rows, k, k, da.device, kType<T>, CUSPARSE_ORDER_ROW);
  cusparseCreateDnMat(&mb, k, pattern.columns, pattern.columns, db.device, kType<T>, CUSPARSE_ORDER_ROW);
  const auto plain = CUSPARSE_OPERATION_NON_TRANSPOSE;
  size_t bytes = 0;
  int status = cusparseSDDMM_bufferSize(handle, plain, plain, &one, ma, mb, &zero, c.descriptor, kType<T>,
                                        CUSPARSE_SDDMM_ALG_DEFAULT, &bytes);
  check::Buffer<char> work(bytes + 1);
  if (status == 0)
    status = cusparseSDDMM(handle, plain, plain, &one, ma, mb, &zero, c.descriptor, kType<T>,
                           CUSPARSE_SDDMM_ALG_DEFAULT, work.device);
  std::vector<T> expected(pattern.values.size());
  for (size_t at = 0; at < expected.size(); ++at) {
    for (int l = 0; l < k; ++l)
      expected[at] += a[pattern.row_of[at] * k + l] * b[l * pattern.columns + pattern.column_of[at]];
  }
  check::Report(Name<T>("sddmm"), status, check::WorstError(c.values.Download(), expected), 0);
  cusparseDestroyDnMat(ma);
  cusparseDestroyDnMat(mb);
}

// The lower triangle of a sparse matrix, and 2 on the diagonal.
template <typename T>
void SpSv(int n) {
  Sparse<T> l(n, n, 60);
  std::vector<T> dense(static_cast<size_t>(n) * n), values;
  std::vector<int> offsets = {0}, indices;
  for (int i = 0; i < n; ++i) {
    for (int j = 0; j <= i; ++j) {
      const T value = i == j ? T(2) : l.At(i, j) / T(8);
      if (value == T(0)) continue;
      dense[i * n + j] = value;
      indices.push_back(j);
      values.push_back(value);
    }
    offsets.push_back(values.size());
  }
  const std::vector<T> solution = Values<T>(61, n);
  std::vector<T> right(n);
  for (int i = 0; i < n; ++i) {
    for (int j = 0; j <= i; ++j) right[i] += dense[i * n + j] * solution[j];
  }
  check::Buffer<int> doffsets(offsets), dindices(indices);
  check::Buffer<T> dvalues(values), db(right), dx(static_cast<size_t>(n));
  cusparseSpMatDescr_t a;
  cusparseCreateCsr(&a, n, n, values.size(), doffsets.device, dindices.device, dvalues.device,
                    CUSPARSE_INDEX_32I, CUSPARSE_INDEX_32I, CUSPARSE_INDEX_BASE_ZERO, kType<T>);
  cusparseFillMode_t lower = CUSPARSE_FILL_MODE_LOWER;
  cusparseDiagType_t diagonal = CUSPARSE_DIAG_TYPE_NON_UNIT;
  cusparseSpMatSetAttribute(a, CUSPARSE_SPMAT_FILL_MODE, &lower, sizeof(lower));
  cusparseSpMatSetAttribute(a, CUSPARSE_SPMAT_DIAG_TYPE, &diagonal, sizeof(diagonal));
  cusparseDnVecDescr_t vb, vx;
  cusparseCreateDnVec(&vb, n, db.device, kType<T>);
  cusparseCreateDnVec(&vx, n, dx.device, kType<T>);
  cusparseSpSVDescr_t plan;
  cusparseSpSV_createDescr(&plan);
  const T one = T(1);
  const auto plain = CUSPARSE_OPERATION_NON_TRANSPOSE;
  const auto algorithm = CUSPARSE_SPSV_ALG_DEFAULT;
  size_t bytes = 0;
  int status = cusparseSpSV_bufferSize(handle, plain, &one, a, vb, vx, kType<T>, algorithm, plan, &bytes);
  check::Buffer<char> work(bytes + 1);
  if (status == 0)
    status = cusparseSpSV_analysis(handle, plain, &one, a, vb, vx, kType<T>, algorithm, plan, work.device);
  if (status == 0) status = cusparseSpSV_solve(handle, plain, &one, a, vb, vx, kType<T>, algorithm, plan);
  check::Report(Name<T>("spsv"), status, check::WorstError(dx.Download(), solution),
                sizeof(T) < 16 && !std::is_same_v<T, double> ? 1e-2 : 1e-10);
  cusparseSpSV_destroyDescr(plan);
  cusparseDestroyDnVec(vb);
  cusparseDestroyDnVec(vx);
  cusparseDestroySpMat(a);
}

template <typename T>
void Conversions(const Sparse<T>& a) {
  OnDevice<T> csr(a, true);
  check::Buffer<T> dense(a.dense.size());
  cusparseDnMatDescr_t matrix;
  cusparseCreateDnMat(&matrix, a.rows, a.columns, a.columns, dense.device, kType<T>, CUSPARSE_ORDER_ROW);
  size_t bytes = 0;
  int status = cusparseSparseToDense_bufferSize(handle, csr.descriptor, matrix,
                                                CUSPARSE_SPARSETODENSE_ALG_DEFAULT, &bytes);
  check::Buffer<char> work(bytes + 1);
  if (status == 0)
    status = cusparseSparseToDense(handle, csr.descriptor, matrix, CUSPARSE_SPARSETODENSE_ALG_DEFAULT,
                                   work.device);
  check::Report(Name<T>("csr to dense"), status, check::WorstError(dense.Download(), a.dense), 0);

  check::Buffer<int> offsets(a.offsets.size());
  cusparseSpMatDescr_t back;
  cusparseCreateCsr(&back, a.rows, a.columns, 0, offsets.device, nullptr, nullptr, CUSPARSE_INDEX_32I,
                    CUSPARSE_INDEX_32I, CUSPARSE_INDEX_BASE_ZERO, kType<T>);
  status = cusparseDenseToSparse_bufferSize(handle, matrix, back, CUSPARSE_DENSETOSPARSE_ALG_DEFAULT, &bytes);
  check::Buffer<char> work_back(bytes + 1);
  if (status == 0)
    status = cusparseDenseToSparse_analysis(handle, matrix, back, CUSPARSE_DENSETOSPARSE_ALG_DEFAULT,
                                            work_back.device);
  int64_t rows = 0, columns = 0, count = 0;
  cusparseSpMatGetSize(back, &rows, &columns, &count);
  check::Buffer<int> indices(static_cast<size_t>(count));
  check::Buffer<T> values(static_cast<size_t>(count));
  cusparseCsrSetPointers(back, offsets.device, indices.device, values.device);
  if (status == 0)
    status = cusparseDenseToSparse_convert(handle, matrix, back, CUSPARSE_DENSETOSPARSE_ALG_DEFAULT,
                                           work_back.device);
  check::Report(Name<T>("dense to csr"), status,
                check::WorstError(values.Download(), a.values) + (indices.Download() == a.column_of ? 0 : 1) +
                    (offsets.Download() == a.offsets ? 0 : 1),
                0);
  cusparseDestroyDnMat(matrix);
  cusparseDestroySpMat(back);

  std::vector<int> csc_offsets(a.columns + 1), csc_rows;
  std::vector<T> csc_values;
  for (int j = 0; j < a.columns; ++j) {
    for (int i = 0; i < a.rows; ++i) {
      if (a.At(i, j) == T(0)) continue;
      csc_rows.push_back(i);
      csc_values.push_back(a.At(i, j));
    }
    csc_offsets[j + 1] = csc_rows.size();
  }
  check::Buffer<int> doffsets(csc_offsets.size()), drows(csc_rows.size());
  check::Buffer<T> dvalues(csc_values.size());
  const auto algorithm = CUSPARSE_CSR2CSC_ALG1;
  status = cusparseCsr2cscEx2_bufferSize(handle, a.rows, a.columns, a.Count(), csr.values.device,
                                         csr.first.device, csr.second.device, dvalues.device, doffsets.device,
                                         drows.device, kType<T>, CUSPARSE_ACTION_NUMERIC,
                                         CUSPARSE_INDEX_BASE_ZERO, algorithm, &bytes);
  check::Buffer<char> work_csc(bytes + 1);
  if (status == 0) {
    status =
        cusparseCsr2cscEx2(handle, a.rows, a.columns, a.Count(), csr.values.device, csr.first.device,
                           csr.second.device, dvalues.device, doffsets.device, drows.device, kType<T>,
                           CUSPARSE_ACTION_NUMERIC, CUSPARSE_INDEX_BASE_ZERO, algorithm, work_csc.device);
  }
  check::Report(Name<T>("csr to csc"), status,
                check::WorstError(dvalues.Download(), csc_values) + (drows.Download() == csc_rows ? 0 : 1) +
                    (doffsets.Download() == csc_offsets ? 0 : 1),
                0);
}

void Indices(const Sparse<float>& a) {
  check::Buffer<int> rows(a.row_of), offsets(a.offsets), out(a.offsets.size()), back(a.row_of.size());
  int status = cusparseXcoo2csr(handle, rows.device, a.Count(), a.rows, out.device, CUSPARSE_INDEX_BASE_ZERO);
  check::Report("coo to csr", status, out.Download() == a.offsets ? 0 : 1, 0);
  status = cusparseXcsr2coo(handle, offsets.device, a.Count(), a.rows, back.device, CUSPARSE_INDEX_BASE_ZERO);
  check::Report("csr to coo", status, back.Download() == a.row_of ? 0 : 1, 0);
}

template <typename T>
void Run() {
  const auto plain = CUSPARSE_OPERATION_NON_TRANSPOSE, transposed = CUSPARSE_OPERATION_TRANSPOSE;
  const Sparse<T> a(61, 85, 1), b(85, 40, 2), wide(200, 150, 3);
  SpMv(a, true, plain, CUSPARSE_SPMV_CSR_ALG1, "spmv csr");
  SpMv(wide, true, plain, CUSPARSE_SPMV_CSR_ALG2, "spmv csr, deterministic");
  SpMv(a, true, transposed, CUSPARSE_SPMV_ALG_DEFAULT, "spmv csr transposed");
  SpMv(a, false, plain, CUSPARSE_SPMV_COO_ALG1, "spmv coo");
  SpMv(a, false, plain, CUSPARSE_SPMV_COO_ALG2, "spmv coo, deterministic");
  SpMm(a, true, CUSPARSE_SPMM_CSR_ALG1, "spmm csr");
  SpMm(a, true, CUSPARSE_SPMM_CSR_ALG3, "spmm csr, deterministic");
  SpMm(a, false, CUSPARSE_SPMM_COO_ALG1, "spmm coo");
  SpGemm(a, b);
  Sddmm(a);
  SpSv<T>(70);
  Conversions(a);
}

}  // namespace

int main() {
  if (const cusparseStatus_t status = cusparseCreate(&handle); status != CUSPARSE_STATUS_SUCCESS) {
    std::printf("cusparseCreate: %d\n", status);
    return 1;
  }
  Run<float>();
  Run<double>();
  Run<std::complex<float>>();
  Run<std::complex<double>>();
  Indices(Sparse<float>(61, 85, 1));
  cusparseDestroy(handle);
  return check::ExitCode();
}
