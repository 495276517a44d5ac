// GEMM of NVIDIA's cuBLAS against the host, for shapes that take it through different kernels.
#include <cublas_v2.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <vector>

static cublasStatus_t Gemm(cublasHandle_t handle, cublasOperation_t op, int m, int n, int k, const float* a,
                           const float* b, float* c) {
  const float one = 1, zero = 0;
  return cublasSgemm(handle, op, CUBLAS_OP_N, m, n, k, &one, a, op == CUBLAS_OP_N ? m : k, b, k, &zero, c, m);
}
static cublasStatus_t Gemm(cublasHandle_t handle, cublasOperation_t op, int m, int n, int k, const double* a,
                           const double* b, double* c) {
  const double one = 1, zero = 0;
  return cublasDgemm(handle, op, CUBLAS_OP_N, m, n, k, &one, a, op == CUBLAS_OP_N ? m : k, b, k, &zero, c, m);
}

template <typename T>
void Run(const char* name, cublasHandle_t handle, cublasOperation_t op, int m, int n, int k) {
  std::vector<T> a(m * k), b(k * n), c(m * n);
  for (size_t i = 0; i < a.size(); ++i) a[i] = static_cast<T>(static_cast<int>(i * 7 % 13) - 6);
  for (size_t i = 0; i < b.size(); ++i) b[i] = static_cast<T>(static_cast<int>(i * 5 % 11) - 5);
  T *da, *db, *dc;
  cudaMalloc(&da, a.size() * sizeof(T));
  cudaMalloc(&db, b.size() * sizeof(T));
  cudaMalloc(&dc, c.size() * sizeof(T));
  cudaMemcpy(da, a.data(), a.size() * sizeof(T), cudaMemcpyHostToDevice);
  cudaMemcpy(db, b.data(), b.size() * sizeof(T), cudaMemcpyHostToDevice);
  const cublasStatus_t status = Gemm(handle, op, m, n, k, da, db, dc);
  cudaMemcpy(c.data(), dc, c.size() * sizeof(T), cudaMemcpyDeviceToHost);
  double worst = 0;  // small integers: every order of summation gives the same
  for (int j = 0; j < n; ++j) {
    for (int i = 0; i < m; ++i) {
      double sum = 0;
      for (int l = 0; l < k; ++l)
        sum += static_cast<double>(op == CUBLAS_OP_N ? a[i + l * m] : a[l + i * k]) * b[l + j * k];
      worst = std::max(worst, std::fabs(sum - c[i + j * m]));
    }
  }
  std::printf("%s %s %dx%dx%d: status %d, worst error %g\n", name, op == CUBLAS_OP_N ? "n" : "t", m, n, k,
              status, worst);
  cudaFree(da);
  cudaFree(db);
  cudaFree(dc);
}

int main() {
  cublasHandle_t handle;
  if (const cublasStatus_t status = cublasCreate(&handle); status != CUBLAS_STATUS_SUCCESS) {
    std::printf("cublasCreate: %d\n", status);
    return 1;
  }
  const int shapes[][3] = {{16, 16, 16}, {64, 64, 64}, {130, 70, 33}};
  for (const auto& shape : shapes) {
    for (cublasOperation_t op : {CUBLAS_OP_N, CUBLAS_OP_T}) {
      Run<float>("sgemm", handle, op, shape[0], shape[1], shape[2]);
      Run<double>("dgemm", handle, op, shape[0], shape[1], shape[2]);
    }
  }
  cublasDestroy(handle);
  return 0;
}
