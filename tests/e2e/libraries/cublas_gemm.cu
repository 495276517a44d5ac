// cublasGemmEx and its batched forms in every pair of types, against sums on the host. Elements are small
// integers: whatever the order of summation and the format between, the result is exact.
#include <cublas_v2.h>
#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_fp8.h>

#include "check.h"
#include "element.h"

namespace {

using check::Load;
using check::SizeOf;
using check::Store;

using Number = std::complex<double>;

struct Combination {
  const char* name;
  cudaDataType in, out;
  cublasComputeType_t compute;
  cudaDataType scale;
};
const Combination kCombinations[] = {
    {"f32", CUDA_R_32F, CUDA_R_32F, CUBLAS_COMPUTE_32F, CUDA_R_32F},
    {"f32 pedantic", CUDA_R_32F, CUDA_R_32F, CUBLAS_COMPUTE_32F_PEDANTIC, CUDA_R_32F},
    {"f32 as tf32", CUDA_R_32F, CUDA_R_32F, CUBLAS_COMPUTE_32F_FAST_TF32, CUDA_R_32F},
    {"f32 as f16", CUDA_R_32F, CUDA_R_32F, CUBLAS_COMPUTE_32F_FAST_16F, CUDA_R_32F},
    {"f32 as bf16", CUDA_R_32F, CUDA_R_32F, CUBLAS_COMPUTE_32F_FAST_16BF, CUDA_R_32F},
    {"f64", CUDA_R_64F, CUDA_R_64F, CUBLAS_COMPUTE_64F, CUDA_R_64F},
    {"c32", CUDA_C_32F, CUDA_C_32F, CUBLAS_COMPUTE_32F, CUDA_C_32F},
    {"c32 as tf32", CUDA_C_32F, CUDA_C_32F, CUBLAS_COMPUTE_32F_FAST_TF32, CUDA_C_32F},
    {"c64", CUDA_C_64F, CUDA_C_64F, CUBLAS_COMPUTE_64F, CUDA_C_64F},
    {"f16 in f16", CUDA_R_16F, CUDA_R_16F, CUBLAS_COMPUTE_16F, CUDA_R_16F},
    {"f16 in f32", CUDA_R_16F, CUDA_R_16F, CUBLAS_COMPUTE_32F, CUDA_R_32F},
    {"f16 to f32", CUDA_R_16F, CUDA_R_32F, CUBLAS_COMPUTE_32F, CUDA_R_32F},
    {"bf16 in f32", CUDA_R_16BF, CUDA_R_16BF, CUBLAS_COMPUTE_32F, CUDA_R_32F},
    {"bf16 to f32", CUDA_R_16BF, CUDA_R_32F, CUBLAS_COMPUTE_32F, CUDA_R_32F},
    {"s8 to s32", CUDA_R_8I, CUDA_R_32I, CUBLAS_COMPUTE_32I, CUDA_R_32I},
    {"s8 to f32", CUDA_R_8I, CUDA_R_32F, CUBLAS_COMPUTE_32F, CUDA_R_32F},
};

bool IsComplex(cudaDataType type) { return type == CUDA_C_32F || type == CUDA_C_64F; }
void Encode(cudaDataType type, Number x, char* at) {
  const float real = static_cast<float>(x.real());
  switch (type) {
    case CUDA_R_8I:
      return Store(at, static_cast<int8_t>(real));
    case CUDA_R_16F:
      return Store(at, __float2half(real));
    case CUDA_R_16BF:
      return Store(at, __float2bfloat16(real));
    case CUDA_R_32I:
      return Store(at, static_cast<int32_t>(real));
    case CUDA_R_64F:
      return Store(at, x.real());
    case CUDA_C_32F:
      return Store(at, std::complex<float>(x));
    case CUDA_C_64F:
      return Store(at, x);
    default:
      return Store(at, real);
  }
}
Number Decode(cudaDataType type, const char* at) {
  switch (type) {
    case CUDA_R_16F:
      return __half2float(Load<__half>(at));
    case CUDA_R_16BF:
      return __bfloat162float(Load<__nv_bfloat16>(at));
    case CUDA_R_32I:
      return Load<int32_t>(at);
    case CUDA_R_64F:
      return Load<double>(at);
    case CUDA_C_32F:
      return Number(Load<std::complex<float>>(at));
    case CUDA_C_64F:
      return Load<Number>(at);
    default:
      return Load<float>(at);
  }
}

// Values of a column-major matrix and their encoding.
struct Matrix {
  Matrix(cudaDataType type, int rows, int columns, int batch, uint32_t seed, int limit)
      : type(type),
        rows(rows),
        columns(columns),
        values(static_cast<size_t>(rows) * columns * batch),
        bytes(values.size() * SizeOf(type)) {
    for (size_t i = 0; i < values.size(); ++i) {
      values[i] = Number(check::SmallInteger(seed, i, limit),
                         IsComplex(type) ? check::SmallInteger(seed + 1, i, limit) : 0);
      Encode(type, values[i], &bytes.host[i * SizeOf(type)]);
    }
    bytes.Upload();
  }
  size_t Stride() const { return static_cast<size_t>(rows) * columns; }

  cudaDataType type;
  int rows, columns;
  std::vector<Number> values;
  check::Buffer<char> bytes;
};

Number At(const Matrix& matrix, cublasOperation_t op, size_t batch, int row, int column) {
  if (op == CUBLAS_OP_N)
    return matrix.values[batch * matrix.Stride() + row + static_cast<size_t>(column) * matrix.rows];
  const Number value =
      matrix.values[batch * matrix.Stride() + column + static_cast<size_t>(row) * matrix.rows];
  return op == CUBLAS_OP_C ? std::conj(value) : value;
}

enum class Form { kSingle, kStrided, kPointers };

void Run(cublasHandle_t handle, const Combination& types, cublasOperation_t op_a, cublasOperation_t op_b,
         int m, int n, int k, Form form) {
  const int batch = form == Form::kSingle ? 1 : 3;
  Matrix a(types.in, op_a == CUBLAS_OP_N ? m : k, op_a == CUBLAS_OP_N ? k : m, batch, 1, 3);
  Matrix b(types.in, op_b == CUBLAS_OP_N ? k : n, op_b == CUBLAS_OP_N ? n : k, batch, 5, 2);
  Matrix c(types.out, m, n, batch, 9, 4);
  char alpha[16], beta[16];
  const bool complex = IsComplex(types.scale);
  const Number alpha_value(2, complex ? 1 : 0), beta_value(-1, complex ? 2 : 0);
  Encode(types.scale, alpha_value, alpha);
  Encode(types.scale, beta_value, beta);

  cublasStatus_t status;
  if (form == Form::kSingle) {
    status = cublasGemmEx(handle, op_a, op_b, m, n, k, alpha, a.bytes.device, types.in, a.rows,
                          b.bytes.device, types.in, b.rows, beta, c.bytes.device, types.out, m, types.compute,
                          CUBLAS_GEMM_DEFAULT);
  } else if (form == Form::kStrided) {
    status = cublasGemmStridedBatchedEx(handle, op_a, op_b, m, n, k, alpha, a.bytes.device, types.in, a.rows,
                                        a.Stride(), b.bytes.device, types.in, b.rows, b.Stride(), beta,
                                        c.bytes.device, types.out, m, c.Stride(), batch, types.compute,
                                        CUBLAS_GEMM_DEFAULT);
  } else {
    std::vector<void*> pointers[3];
    Matrix* matrices[] = {&a, &b, &c};
    for (int which = 0; which < 3; ++which) {
      for (int i = 0; i < batch; ++i) {
        pointers[which].push_back(matrices[which]->bytes.device +
                                  i * matrices[which]->Stride() * SizeOf(matrices[which]->type));
      }
    }
    check::Buffer<void*> pa(pointers[0]), pb(pointers[1]), pc(pointers[2]);
    status = cublasGemmBatchedEx(handle, op_a, op_b, m, n, k, alpha, pa.device, types.in, a.rows, pb.device,
                                 types.in, b.rows, beta, pc.device, types.out, m, batch, types.compute,
                                 CUBLAS_GEMM_DEFAULT);
    cudaDeviceSynchronize();
  }
  c.bytes.Download();

  double worst = 0;
  for (int i = 0; i < batch; ++i) {
    for (int column = 0; column < n; ++column) {
      for (int row = 0; row < m; ++row) {
        Number sum = 0;
        for (int l = 0; l < k; ++l) sum += At(a, op_a, i, row, l) * At(b, op_b, i, l, column);
        const size_t index = i * c.Stride() + row + static_cast<size_t>(column) * m;
        char rounded[16];
        Encode(types.out, alpha_value * sum + beta_value * c.values[index], rounded);
        const double error = std::abs(Decode(types.out, rounded) -
                                      Decode(types.out, &c.bytes.host[index * SizeOf(types.out)]));
        if (!(error <= worst)) worst = error;
      }
    }
  }
  static const char* const kForms[] = {"", " strided", " pointers"};
  char name[96];
  snprintf(name, sizeof(name), "%s %c%c %dx%dx%d%s", types.name, "ntc"[op_a], "ntc"[op_b], m, n, k,
           kForms[static_cast<int>(form)]);
  check::Report(name, status, worst, 0);
}

}  // namespace

int main(int argc, char** argv) {
  cublasHandle_t handle;
  if (const cublasStatus_t status = cublasCreate(&handle); status != CUBLAS_STATUS_SUCCESS) {
    std::printf("cublasCreate: %d\n", status);
    return 1;
  }
  const cublasOperation_t n = CUBLAS_OP_N, t = CUBLAS_OP_T, c = CUBLAS_OP_C;
  for (const Combination& types : kCombinations) {
    if (argc > 1 && std::string(argv[1]) != types.name) continue;
    Run(handle, types, t, n, 64, 32, 128, Form::kSingle);
    // At 32 to 64 columns cuBLAS takes a kernel for integers that it carries as machine code alone, and for
    // strided complex numbers as tf32 it knows no kernel at all for a capability above 12.x
    // (docs/libraries.md).
    const bool tf32_complex = types.in == CUDA_C_32F && types.compute == CUBLAS_COMPUTE_32F_FAST_TF32;
    if (types.compute == CUBLAS_COMPUTE_32I) {
      Run(handle, types, n, n, 128, 128, 128, Form::kSingle);
    } else {
      Run(handle, types, n, n, 64, 64, 64, Form::kSingle);
      Run(handle, types, n, n, 130, 70, 33, Form::kSingle);
    }
    if (types.in != CUDA_R_8I) {
      Run(handle, types, n, t, 67, 33, 19, Form::kSingle);
      Run(handle, types, t, IsComplex(types.in) ? c : t, 31, 50, 21, Form::kSingle);
      Run(handle, types, n, n, 5, 1, 77, Form::kSingle);
    }
    if (!tf32_complex) Run(handle, types, t, n, 32, 16, 48, Form::kStrided);
    Run(handle, types, n, n, 16, 20, 24, Form::kPointers);
  }
  cublasDestroy(handle);
  return check::ExitCode();
}
