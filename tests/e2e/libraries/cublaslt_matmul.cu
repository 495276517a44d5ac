// cublasLtMatmul: eight-bit floats, integers scaled to eight bits, and epilogues, against sums on the host.
#include <cublasLt.h>
#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_fp8.h>

#include <algorithm>

#include "check.h"
#include "element.h"

namespace {

using check::Load;
using check::SizeOf;
using check::Store;

cublasLtHandle_t handle;
constexpr size_t kWorkspace = 1 << 22;
void* workspace;

void Encode(cudaDataType type, float x, char* at) {
  switch (type) {
    case CUDA_R_8I:
      return Store(at, static_cast<int8_t>(std::min(127.f, std::max(-128.f, std::nearbyint(x)))));
    case CUDA_R_8F_E4M3:
      return Store(at, __nv_fp8_e4m3(x));
    case CUDA_R_8F_E5M2:
      return Store(at, __nv_fp8_e5m2(x));
    case CUDA_R_16F:
      return Store(at, __float2half(x));
    case CUDA_R_16BF:
      return Store(at, __float2bfloat16(x));
    case CUDA_R_32I:
      return Store(at, static_cast<int32_t>(x));
    default:
      return Store(at, x);
  }
}
float Decode(cudaDataType type, const char* at) {
  switch (type) {
    case CUDA_R_8I:
      return Load<int8_t>(at);
    case CUDA_R_8F_E4M3:
      return static_cast<float>(Load<__nv_fp8_e4m3>(at));
    case CUDA_R_8F_E5M2:
      return static_cast<float>(Load<__nv_fp8_e5m2>(at));
    case CUDA_R_16F:
      return __half2float(Load<__half>(at));
    case CUDA_R_16BF:
      return __bfloat162float(Load<__nv_bfloat16>(at));
    case CUDA_R_32I:
      return static_cast<float>(Load<int32_t>(at));
    default:
      return Load<float>(at);
  }
}

struct Case {
  const char* name;
  cudaDataType a, b, d;
  cublasComputeType_t compute;
  cudaDataType scale;
  int m, n, k;
  cublasLtEpilogue_t epilogue = CUBLASLT_EPILOGUE_DEFAULT;
};

// D = epilogue(2 * A^T * B + bias), column-major.
void Run(const Case& test) {
  const int m = test.m, n = test.n, k = test.k;
  std::vector<float> a(k * m), b(k * n), bias(m);
  check::Buffer<char> da(a.size() * SizeOf(test.a)), db(b.size() * SizeOf(test.b)),
      dd(static_cast<size_t>(m) * n * SizeOf(test.d));
  check::Buffer<char> dbias(m * SizeOf(test.d));
  for (size_t i = 0; i < a.size(); ++i)
    Encode(test.a, a[i] = check::SmallInteger(1, i, 2), &da.host[i * SizeOf(test.a)]);
  for (size_t i = 0; i < b.size(); ++i)
    Encode(test.b, b[i] = check::SmallInteger(2, i, 2), &db.host[i * SizeOf(test.b)]);
  for (int i = 0; i < m; ++i)
    Encode(test.d, bias[i] = check::SmallInteger(3, i, 5), &dbias.host[i * SizeOf(test.d)]);
  da.Upload();
  db.Upload();
  dbias.Upload();

  cublasLtMatmulDesc_t operation;
  cublasLtMatmulDescCreate(&operation, test.compute, test.scale);
  const cublasOperation_t transposed = CUBLAS_OP_T;
  cublasLtMatmulDescSetAttribute(operation, CUBLASLT_MATMUL_DESC_TRANSA, &transposed, sizeof(transposed));
  cublasLtMatmulDescSetAttribute(operation, CUBLASLT_MATMUL_DESC_EPILOGUE, &test.epilogue,
                                 sizeof(test.epilogue));
  const bool has_bias =
      test.epilogue == CUBLASLT_EPILOGUE_BIAS || test.epilogue == CUBLASLT_EPILOGUE_RELU_BIAS;
  if (has_bias) {
    cublasLtMatmulDescSetAttribute(operation, CUBLASLT_MATMUL_DESC_BIAS_POINTER, &dbias.device,
                                   sizeof(dbias.device));
  }
  cublasLtMatrixLayout_t la, lb, ld;
  cublasLtMatrixLayoutCreate(&la, test.a, k, m, k);
  cublasLtMatrixLayoutCreate(&lb, test.b, k, n, k);
  cublasLtMatrixLayoutCreate(&ld, test.d, m, n, m);
  cublasLtMatmulPreference_t preference;
  cublasLtMatmulPreferenceCreate(&preference);
  cublasLtMatmulPreferenceSetAttribute(preference, CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, &kWorkspace,
                                       sizeof(kWorkspace));
  cublasLtMatmulHeuristicResult_t found;
  int count = 0;
  int status =
      cublasLtMatmulAlgoGetHeuristic(handle, operation, la, lb, ld, ld, preference, 1, &found, &count);
  char alpha[4], beta[4];
  Encode(test.scale, 2, alpha);
  Encode(test.scale, 0, beta);
  if (status == 0) {
    status = cublasLtMatmul(handle, operation, alpha, da.device, la, db.device, lb, beta, dd.device, ld,
                            dd.device, ld, &found.algo, workspace, kWorkspace, nullptr);
  }
  dd.Download();
  double worst = 0;
  for (int j = 0; j < n; ++j) {
    for (int i = 0; i < m; ++i) {
      float sum = 0;
      for (int l = 0; l < k; ++l) sum += a[l + i * k] * b[l + j * k];
      sum = 2 * sum + (has_bias ? bias[i] : 0);
      if (test.epilogue == CUBLASLT_EPILOGUE_RELU || test.epilogue == CUBLASLT_EPILOGUE_RELU_BIAS)
        sum = std::max(sum, 0.f);
      char rounded[4];
      Encode(test.d, sum, rounded);
      const double error =
          std::fabs(Decode(test.d, rounded) - Decode(test.d, &dd.host[(i + j * m) * SizeOf(test.d)]));
      if (!(error <= worst)) worst = error;
    }
  }
  check::Report(
      std::string(test.name) + " " + std::to_string(m) + "x" + std::to_string(n) + "x" + std::to_string(k),
      status, worst, 0);
  cublasLtMatmulPreferenceDestroy(preference);
  cublasLtMatrixLayoutDestroy(la);
  cublasLtMatrixLayoutDestroy(lb);
  cublasLtMatrixLayoutDestroy(ld);
  cublasLtMatmulDescDestroy(operation);
}

}  // namespace

int main() {
  if (const cublasStatus_t status = cublasLtCreate(&handle); status != CUBLAS_STATUS_SUCCESS) {
    std::printf("cublasLtCreate: %d\n", status);
    return 1;
  }
  cudaMalloc(&workspace, kWorkspace);
  const auto f32 = CUBLAS_COMPUTE_32F;
  const auto e4m3 = CUDA_R_8F_E4M3, e5m2 = CUDA_R_8F_E5M2;
  const Case cases[] = {
      {"f32", CUDA_R_32F, CUDA_R_32F, CUDA_R_32F, f32, CUDA_R_32F, 40, 24, 56},
      {"f32 relu", CUDA_R_32F, CUDA_R_32F, CUDA_R_32F, f32, CUDA_R_32F, 64, 32, 32, CUBLASLT_EPILOGUE_RELU},
      {"f16 bias", CUDA_R_16F, CUDA_R_16F, CUDA_R_16F, f32, CUDA_R_32F, 64, 48, 32, CUBLASLT_EPILOGUE_BIAS},
      {"bf16 bias relu", CUDA_R_16BF, CUDA_R_16BF, CUDA_R_16BF, f32, CUDA_R_32F, 64, 64, 64,
       CUBLASLT_EPILOGUE_RELU_BIAS},
      {"e4m3 to bf16", e4m3, e4m3, CUDA_R_16BF, f32, CUDA_R_32F, 64, 32, 64},
      {"e4m3 to f16", e4m3, e4m3, CUDA_R_16F, f32, CUDA_R_32F, 32, 32, 128},
      {"e4m3 to f32", e4m3, e4m3, CUDA_R_32F, f32, CUDA_R_32F, 64, 64, 64},
      {"e4m3 e5m2 to bf16", e4m3, e5m2, CUDA_R_16BF, f32, CUDA_R_32F, 64, 64, 32},
      {"e5m2 e4m3 to f32", e5m2, e4m3, CUDA_R_32F, f32, CUDA_R_32F, 64, 64, 32},
      {"s8 to s32", CUDA_R_8I, CUDA_R_8I, CUDA_R_32I, CUBLAS_COMPUTE_32I, CUDA_R_32I, 128, 128, 128},
      {"s8 to s8", CUDA_R_8I, CUDA_R_8I, CUDA_R_8I, CUBLAS_COMPUTE_32I, CUDA_R_32F, 128, 128, 128},
  };
  for (const Case& test : cases) Run(test);
  cublasLtDestroy(handle);
  return check::ExitCode();
}
