// One transformer block of GPT-2, forward: y = x + Attention(LayerNorm(x)), out = y + Mlp(LayerNorm(y)).
// Small sizes, made up weights, compared with the same computation on the host in double precision.
#include <cuda_runtime.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <vector>

#define CHECK(call)                                                                                  \
  do {                                                                                               \
    const cudaError_t error = (call);                                                                \
    if (error != cudaSuccess) {                                                                      \
      std::fprintf(stderr, "%s:%d: %s: %s\n", __FILE__, __LINE__, #call, cudaGetErrorString(error)); \
      std::exit(1);                                                                                  \
    }                                                                                                \
  } while (false)

constexpr int kTokens = 24;
constexpr int kWidth = 64;  // of a token's vector
constexpr int kHeads = 4;
constexpr int kHeadWidth = kWidth / kHeads;
constexpr int kHidden = 4 * kWidth;  // of the MLP
constexpr int kWarp = 32;
constexpr unsigned kAllLanes = 0xffffffffu;
constexpr float kEpsilon = 1e-5f;

__device__ float SumOfWarp(float value) {
  for (int distance = kWarp / 2; distance > 0; distance /= 2)
    value += __shfl_xor_sync(kAllLanes, value, distance);
  return value;
}

__device__ float MaximumOfWarp(float value) {
  for (int distance = kWarp / 2; distance > 0; distance /= 2) {
    value = fmaxf(value, __shfl_xor_sync(kAllLanes, value, distance));
  }
  return value;
}

// One warp normalises one token.
__global__ void LayerNorm(const float* in, const float* gain, const float* bias, float* out) {
  in += blockIdx.x * kWidth;
  out += blockIdx.x * kWidth;
  float sum = 0.0f;
  for (int i = threadIdx.x; i < kWidth; i += kWarp) sum += in[i];
  const float mean = SumOfWarp(sum) / kWidth;
  float squares = 0.0f;
  for (int i = threadIdx.x; i < kWidth; i += kWarp) squares += (in[i] - mean) * (in[i] - mean);
  const float scale = rsqrtf(SumOfWarp(squares) / kWidth + kEpsilon);
  for (int i = threadIdx.x; i < kWidth; i += kWarp) out[i] = (in[i] - mean) * scale * gain[i] + bias[i];
}

__device__ float Gelu(float x) {  // the tanh form that GPT-2 uses
  return 0.5f * x * (1.0f + tanhf(0.7978845608f * (x + 0.044715f * x * x * x)));
}

struct Identity {
  __device__ static float Apply(float value) { return value; }
};
struct GeluActivation {
  __device__ static float Apply(float value) { return Gelu(value); }
};

// out[token][column] = activation(in[token] . weight[:, column] + bias[column]) (+ residual). A block
// computes one token, with the token's vector in shared memory.
template <typename Activation>
__global__ void Linear(const float* in, const float* weight, const float* bias, const float* residual,
                       float* out, int in_width, int out_width) {
  extern __shared__ float token[];
  for (int i = threadIdx.x; i < in_width; i += blockDim.x) token[i] = in[blockIdx.x * in_width + i];
  __syncthreads();
  for (int column = threadIdx.x; column < out_width; column += blockDim.x) {
    float sum = bias[column];
    for (int i = 0; i < in_width; ++i) sum += token[i] * weight[i * out_width + column];
    sum = Activation::Apply(sum);
    if (residual != nullptr) sum += residual[blockIdx.x * out_width + column];
    out[blockIdx.x * out_width + column] = sum;
  }
}

// Causal attention: one warp per query and head; a query sees itself and the tokens before it. `qkv` holds
// query, key and value of a token side by side.
__global__ void Attention(const float* qkv, float* out) {
  __shared__ float weights[kTokens];
  const int query = blockIdx.x, head = blockIdx.y, lane = threadIdx.x;
  const float* q = qkv + query * 3 * kWidth + head * kHeadWidth;
  const float* keys = qkv + kWidth + head * kHeadWidth;
  const float* values = qkv + 2 * kWidth + head * kHeadWidth;

  float highest = -INFINITY;
  for (int key = lane; key <= query; key += kWarp) {
    float score = 0.0f;
    for (int i = 0; i < kHeadWidth; ++i) score += q[i] * keys[key * 3 * kWidth + i];
    weights[key] = score * rsqrtf(static_cast<float>(kHeadWidth));
    highest = fmaxf(highest, weights[key]);
  }
  highest = MaximumOfWarp(highest);
  float sum = 0.0f;
  for (int key = lane; key <= query; key += kWarp) {
    weights[key] = expf(weights[key] - highest);
    sum += weights[key];
  }
  sum = SumOfWarp(sum);
  __syncwarp();  // every lane's weights are visible to all
  for (int i = lane; i < kHeadWidth; i += kWarp) {
    float mixed = 0.0f;
    for (int key = 0; key <= query; ++key) mixed += weights[key] * values[key * 3 * kWidth + i];
    out[query * kWidth + head * kHeadWidth + i] = mixed / sum;
  }
}

// Weights on the host, and a copy on the device.
struct Tensor {
  std::vector<float> host;
  float* device = nullptr;

  // Values around `center` that repeat from run to run.
  Tensor(size_t count, float center, float spread) : host(count) {
    static unsigned state = 11;
    for (float& value : host) {
      state = state * 1664525u + 1013904223u;
      value = center + spread * (static_cast<float>(state >> 8) / (1 << 23) - 1.0f);
    }
    CHECK(cudaMalloc(&device, count * sizeof(float)));
    CHECK(cudaMemcpy(device, host.data(), count * sizeof(float), cudaMemcpyHostToDevice));
  }
  Tensor(const Tensor&) = delete;
  ~Tensor() { cudaFree(device); }
};

using Vector = std::vector<double>;

Vector HostLayerNorm(const Vector& in, const Tensor& gain, const Tensor& bias) {
  Vector out(in.size());
  for (int t = 0; t < kTokens; ++t) {
    double mean = 0, variance = 0;
    for (int i = 0; i < kWidth; ++i) mean += in[t * kWidth + i] / kWidth;
    for (int i = 0; i < kWidth; ++i) variance += std::pow(in[t * kWidth + i] - mean, 2) / kWidth;
    for (int i = 0; i < kWidth; ++i) {
      out[t * kWidth + i] =
          (in[t * kWidth + i] - mean) / std::sqrt(variance + kEpsilon) * gain.host[i] + bias.host[i];
    }
  }
  return out;
}

Vector HostLinear(const Vector& in, const Tensor& weight, const Tensor& bias, int in_width, int out_width) {
  Vector out(kTokens * out_width);
  for (int t = 0; t < kTokens; ++t) {
    for (int column = 0; column < out_width; ++column) {
      double sum = bias.host[column];
      for (int i = 0; i < in_width; ++i) sum += in[t * in_width + i] * weight.host[i * out_width + column];
      out[t * out_width + column] = sum;
    }
  }
  return out;
}

Vector HostAttention(const Vector& qkv) {
  Vector out(kTokens * kWidth);
  for (int head = 0; head < kHeads; ++head) {
    for (int query = 0; query < kTokens; ++query) {
      Vector weights(query + 1);
      double sum = 0;
      for (int key = 0; key <= query; ++key) {
        double score = 0;
        for (int i = head * kHeadWidth; i < (head + 1) * kHeadWidth; ++i) {
          score += qkv[query * 3 * kWidth + i] * qkv[key * 3 * kWidth + kWidth + i];
        }
        weights[key] = std::exp(score / std::sqrt(static_cast<double>(kHeadWidth)));
        sum += weights[key];
      }
      for (int i = head * kHeadWidth; i < (head + 1) * kHeadWidth; ++i) {
        for (int key = 0; key <= query; ++key) {
          out[query * kWidth + i] += weights[key] / sum * qkv[key * 3 * kWidth + 2 * kWidth + i];
        }
      }
    }
  }
  return out;
}

int main() {
  const Tensor x(kTokens * kWidth, 0.0f, 1.0f);
  const Tensor gain1(kWidth, 1.0f, 0.1f), shift1(kWidth, 0.0f, 0.1f);
  const Tensor qkv_weight(kWidth * 3 * kWidth, 0.0f, 0.3f), qkv_bias(3 * kWidth, 0.0f, 0.1f);
  const Tensor out_weight(kWidth * kWidth, 0.0f, 0.2f), out_bias(kWidth, 0.0f, 0.1f);
  const Tensor gain2(kWidth, 1.0f, 0.1f), shift2(kWidth, 0.0f, 0.1f);
  const Tensor up_weight(kWidth * kHidden, 0.0f, 0.2f), up_bias(kHidden, 0.0f, 0.1f);
  const Tensor down_weight(kHidden * kWidth, 0.0f, 0.1f), down_bias(kWidth, 0.0f, 0.1f);
  Tensor normed(kTokens * kWidth, 0, 0), qkv(kTokens * 3 * kWidth, 0, 0), mixed(kTokens * kWidth, 0, 0);
  Tensor y(kTokens * kWidth, 0, 0), hidden(kTokens * kHidden, 0, 0), out(kTokens * kWidth, 0, 0);

  constexpr int kThreads = 64;
  constexpr size_t kWidthBytes = kWidth * sizeof(float), kHiddenBytes = kHidden * sizeof(float);
  LayerNorm<<<kTokens, kWarp>>>(x.device, gain1.device, shift1.device, normed.device);
  Linear<Identity><<<kTokens, kThreads, kWidthBytes>>>(normed.device, qkv_weight.device, qkv_bias.device,
                                                       nullptr, qkv.device, kWidth, 3 * kWidth);
  Attention<<<dim3(kTokens, kHeads), kWarp>>>(qkv.device, mixed.device);
  Linear<Identity><<<kTokens, kThreads, kWidthBytes>>>(mixed.device, out_weight.device, out_bias.device,
                                                       x.device, y.device, kWidth, kWidth);
  LayerNorm<<<kTokens, kWarp>>>(y.device, gain2.device, shift2.device, normed.device);
  Linear<GeluActivation><<<kTokens, kThreads, kWidthBytes>>>(normed.device, up_weight.device, up_bias.device,
                                                             nullptr, hidden.device, kWidth, kHidden);
  Linear<Identity><<<kTokens, kThreads, kHiddenBytes>>>(hidden.device, down_weight.device, down_bias.device,
                                                        y.device, out.device, kHidden, kWidth);
  CHECK(cudaGetLastError());
  CHECK(cudaMemcpy(out.host.data(), out.device, out.host.size() * sizeof(float), cudaMemcpyDeviceToHost));

  const Vector host_x(x.host.begin(), x.host.end());
  Vector host_y = HostLinear(HostAttention(HostLinear(HostLayerNorm(host_x, gain1, shift1), qkv_weight,
                                                      qkv_bias, kWidth, 3 * kWidth)),
                             out_weight, out_bias, kWidth, kWidth);
  for (size_t i = 0; i < host_y.size(); ++i) host_y[i] += host_x[i];
  Vector host_hidden = HostLinear(HostLayerNorm(host_y, gain2, shift2), up_weight, up_bias, kWidth, kHidden);
  for (double& h : host_hidden) h = 0.5 * h * (1 + std::tanh(0.7978845608 * (h + 0.044715 * h * h * h)));
  const Vector host_out = HostLinear(host_hidden, down_weight, down_bias, kHidden, kWidth);

  double largest = 0;
  for (size_t i = 0; i < host_out.size(); ++i) {
    largest = std::fmax(largest, std::fabs(out.host[i] - (host_out[i] + host_y[i])));
  }
  const bool right = largest < 2e-5;
  std::printf("gpt2_block: %d tokens of %d values, first %.3f %.3f %.3f\n", kTokens, kWidth, out.host[0],
              out.host[1], out.host[2]);
  std::printf("gpt2_block: largest difference from the host %s 2e-5\n", right ? "below" : "above");
  return right ? 0 : 1;
}
