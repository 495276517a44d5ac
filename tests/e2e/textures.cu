// Textures and surfaces of the runtime API, against a model on the host: every element type, read mode,
// filter and address mode in two dimensions; the other geometries, mipmaps, gathering and copies by what they
// must give.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <type_traits>
#include <vector>

#define CHECK(call)                                                                                  \
  do {                                                                                               \
    const cudaError_t error = (call);                                                                \
    if (error != cudaSuccess) {                                                                      \
      std::fprintf(stderr, "%s:%d: %s: %s\n", __FILE__, __LINE__, #call, cudaGetErrorString(error)); \
      std::exit(1);                                                                                  \
    }                                                                                                \
  } while (false)

constexpr int kWidth = 7, kHeight = 5, kSamples = 512;

// ---- Two dimensions, all settings ----

template <typename Result>
__global__ void Sample2D(cudaTextureObject_t texture, const float2* at, Result* out) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < kSamples) out[i] = tex2D<Result>(texture, at[i].x, at[i].y);
}

int Place(int i, int n, cudaTextureAddressMode mode) {
  if (i >= 0 && i < n) return i;
  if (mode == cudaAddressModeClamp) return std::min(std::max(i, 0), n - 1);
  if (mode == cudaAddressModeBorder) return -1;
  if (mode == cudaAddressModeWrap) return ((i % n) + n) % n;
  const int period = ((i % (2 * n)) + 2 * n) % (2 * n);
  return period < n ? period : 2 * n - 1 - period;
}

template <typename Element>
double Value(Element element, bool normalized) {
  if (!normalized) return static_cast<double>(element);
  const double most = std::ldexp(1.0, 8 * sizeof(Element) - (std::is_signed<Element>::value ? 1 : 0)) - 1;
  return std::max(static_cast<double>(element) / most, -1.0);
}

template <typename Element>
double Model(const std::vector<Element>& texels, const cudaTextureDesc& desc, float2 at) {
  const bool normalized = desc.readMode == cudaReadModeNormalizedFloat;
  const int sizes[2] = {kWidth, kHeight};
  const float coordinates[2] = {at.x, at.y};
  int first[2], second[2];
  double weight[2] = {0, 0};
  for (int i = 0; i < 2; ++i) {
    cudaTextureAddressMode mode = desc.addressMode[i];
    if (!desc.normalizedCoords && mode != cudaAddressModeBorder) mode = cudaAddressModeClamp;
    double u = desc.normalizedCoords ? static_cast<double>(coordinates[i]) * sizes[i] : coordinates[i];
    if (desc.filterMode == cudaFilterModeLinear) u = std::floor((u - 0.5) * 256 + 0.5) / 256;
    const int index = static_cast<int>(std::floor(u));
    first[i] = Place(index, sizes[i], mode);
    second[i] = Place(index + 1, sizes[i], mode);
    if (desc.filterMode == cudaFilterModeLinear) weight[i] = u - index;
  }
  double sum = 0;
  for (int k = 0; k < 4; ++k) {
    const int x = k & 1 ? second[0] : first[0], y = k & 2 ? second[1] : first[1];
    const double w = (k & 1 ? weight[0] : 1 - weight[0]) * (k & 2 ? weight[1] : 1 - weight[1]);
    if (w == 0 || x < 0 || y < 0) continue;  // the border is black
    sum += w * Value(texels[y * kWidth + x], normalized);
  }
  return sum;
}

template <typename Element, typename Result>
void CompareSettings(const char* name, cudaTextureReadMode read_mode, bool can_filter) {
  std::vector<Element> texels(kWidth * kHeight);
  for (size_t i = 0; i < texels.size(); ++i)
    texels[i] = static_cast<Element>(i * 37 % 251) - static_cast<Element>(9);
  cudaArray_t array;
  const cudaChannelFormatDesc format = cudaCreateChannelDesc<Element>();
  CHECK(cudaMallocArray(&array, &format, kWidth, kHeight));
  const size_t row = kWidth * sizeof(Element);
  CHECK(cudaMemcpy2DToArray(array, 0, 0, texels.data(), row, row, kHeight, cudaMemcpyHostToDevice));
  cudaResourceDesc resource = {};
  resource.resType = cudaResourceTypeArray;
  resource.res.array.array = array;
  std::vector<float2> at(kSamples);
  float2* device_at;
  Result* device_out;
  CHECK(cudaMalloc(&device_at, kSamples * sizeof(float2)));
  CHECK(cudaMalloc(&device_out, kSamples * sizeof(Result)));
  int settings = 0, wrong = 0;
  for (int filter = 0; filter <= (can_filter ? 1 : 0); ++filter) {
    for (int mode = 0; mode < 4; ++mode) {
      for (int normalized = 0; normalized < 2; ++normalized, ++settings) {
        cudaTextureDesc desc = {};
        desc.addressMode[0] = desc.addressMode[1] = static_cast<cudaTextureAddressMode>(mode);
        desc.filterMode = static_cast<cudaTextureFilterMode>(filter);
        desc.readMode = read_mode;
        desc.normalizedCoords = normalized;
        for (int i = 0; i < kSamples; ++i) {
          const float x = (i * 7919 % 2003) / 2003.0f * 5 - 2, y = (i * 104729 % 1999) / 1999.0f * 5 - 2;
          at[i] = normalized ? float2{x, y} : float2{x * kWidth, y * kHeight};
        }
        CHECK(cudaMemcpy(device_at, at.data(), kSamples * sizeof(float2), cudaMemcpyHostToDevice));
        cudaTextureObject_t texture;
        CHECK(cudaCreateTextureObject(&texture, &resource, &desc, nullptr));
        Sample2D<Result><<<2, 256>>>(texture, device_at, device_out);
        std::vector<Result> out(kSamples);
        CHECK(cudaMemcpy(out.data(), device_out, kSamples * sizeof(Result), cudaMemcpyDeviceToHost));
        CHECK(cudaDestroyTextureObject(texture));
        for (int i = 0; i < kSamples; ++i) {
          const double want = Model(texels, desc, at[i]);
          const double got = static_cast<double>(out[i]);
          if (std::fabs(got - want) > 1e-5 * std::max(1.0, std::fabs(want))) ++wrong;
        }
      }
    }
  }
  std::printf("%s: %d settings, %d wrong\n", name, settings, wrong);
  CHECK(cudaFree(device_at));
  CHECK(cudaFree(device_out));
  CHECK(cudaFreeArray(array));
}

// ---- Other geometries ----

__global__ void SampleOthers(cudaTextureObject_t line, cudaTextureObject_t box, cudaTextureObject_t layers,
                             cudaTextureObject_t cube, cudaTextureObject_t pyramid, cudaTextureObject_t plane,
                             float* out) {
  int i = 0;
  out[i++] = tex1D<float>(line, 2.0f);
  out[i++] = tex3D<float>(box, 1.0f, 1.0f, 1.0f);
  out[i++] = tex2DLayered<float>(layers, 0.5f, 1.5f, 1);
  out[i++] = texCubemap<float>(cube, 0.1f, -2.0f, 0.3f);
  out[i++] = tex2DLod<float>(pyramid, 0.5f, 0.5f, 0.5f);
  out[i++] = tex2DGrad<float>(pyramid, 0.5f, 0.5f, float2{0.5f, 0}, float2{0, 0.5f});
  const float4 four = tex2Dgather<float4>(plane, 1.0f, 1.0f, 0);
  out[i++] = four.x, out[i++] = four.y, out[i++] = four.z, out[i++] = four.w;
}

cudaTextureObject_t Texture(const cudaResourceDesc& resource, cudaTextureFilterMode filter, bool normalized) {
  cudaTextureDesc desc = {};
  for (auto& mode : desc.addressMode) mode = cudaAddressModeClamp;
  desc.filterMode = filter;
  desc.mipmapFilterMode = cudaFilterModeLinear;
  desc.maxMipmapLevelClamp = 9;
  desc.normalizedCoords = normalized;
  cudaTextureObject_t texture;
  CHECK(cudaCreateTextureObject(&texture, &resource, &desc, nullptr));
  return texture;
}

cudaResourceDesc On(cudaArray_t array) {
  cudaResourceDesc resource = {};
  resource.resType = cudaResourceTypeArray;
  resource.res.array.array = array;
  return resource;
}

// Filled with 0, 1, 2 ... through a 3D copy.
cudaArray_t Counting(cudaExtent extent, unsigned flags) {
  const cudaChannelFormatDesc format = cudaCreateChannelDesc<float>();
  cudaArray_t array;
  CHECK(cudaMalloc3DArray(&array, &format, extent, flags));
  const size_t height = std::max<size_t>(extent.height, 1), depth = std::max<size_t>(extent.depth, 1);
  std::vector<float> texels(extent.width * height * depth);
  for (size_t i = 0; i < texels.size(); ++i) texels[i] = static_cast<float>(i);
  cudaMemcpy3DParms copy = {};
  copy.srcPtr = make_cudaPitchedPtr(texels.data(), extent.width * sizeof(float), extent.width, height);
  copy.dstArray = array;
  copy.extent = {extent.width, height, depth};
  copy.kind = cudaMemcpyHostToDevice;
  CHECK(cudaMemcpy3D(&copy));
  return array;
}

void Geometries() {
  const cudaChannelFormatDesc format = cudaCreateChannelDesc<float>();
  cudaMipmappedArray_t mipmap;
  CHECK(cudaMallocMipmappedArray(&mipmap, &format, {4, 4, 0}, 3));
  for (int i = 0; i < 3; ++i) {
    cudaArray_t level;
    CHECK(cudaGetMipmappedArrayLevel(&level, mipmap, i));
    const std::vector<float> texels(16, static_cast<float>(10 * i));
    const size_t side = 4 >> i;
    CHECK(cudaMemcpy2DToArray(level, 0, 0, texels.data(), side * 4, side * 4, side, cudaMemcpyHostToDevice));
  }
  cudaResourceDesc pyramid = {};
  pyramid.resType = cudaResourceTypeMipmappedArray;
  pyramid.res.mipmap.mipmap = mipmap;
  float* out;
  CHECK(cudaMallocManaged(&out, 16 * sizeof(float)));
  SampleOthers<<<1, 1>>>(Texture(On(Counting({8, 0, 0}, 0)), cudaFilterModeLinear, false),
                         Texture(On(Counting({2, 2, 2}, 0)), cudaFilterModeLinear, false),
                         Texture(On(Counting({2, 2, 2}, cudaArrayLayered)), cudaFilterModePoint, false),
                         Texture(On(Counting({1, 1, 6}, cudaArrayCubemap)), cudaFilterModePoint, true),
                         Texture(pyramid, cudaFilterModeLinear, true),
                         Texture(On(Counting({2, 2, 0}, cudaArrayTextureGather)), cudaFilterModePoint, false),
                         out);
  CHECK(cudaDeviceSynchronize());
  std::printf("1D %.2f, 3D %.2f, layer %.0f, face %.0f, between levels %.2f, by gradient %.2f\n", out[0],
              out[1], out[2], out[3], out[4], out[5]);
  std::printf("gathered %.0f %.0f %.0f %.0f\n", out[6], out[7], out[8], out[9]);
}

// ---- Memory as a texture, surfaces, copies ----

__global__ void FetchLine(cudaTextureObject_t line, int* out) {
  out[threadIdx.x] = tex1Dfetch<int>(line, static_cast<int>(threadIdx.x) - 2);
}

__global__ void Invert(cudaSurfaceObject_t from, cudaSurfaceObject_t to) {
  const int x = threadIdx.x, y = threadIdx.y;
  uchar4 texel;
  surf2Dread(&texel, from, x * 4, y);
  surf2Dwrite(uchar4{static_cast<unsigned char>(255 - texel.x), texel.y, texel.z, texel.w}, to, x * 4, y,
              cudaBoundaryModeZero);
}

void MemoryAndSurfaces() {
  int* line;
  CHECK(cudaMallocManaged(&line, 512));
  for (int i = 0; i < 4; ++i) line[i] = 5 * i + 1;
  cudaResourceDesc resource = {};
  resource.resType = cudaResourceTypeLinear;
  resource.res.linear.devPtr = line;
  resource.res.linear.desc = cudaCreateChannelDesc<int>();
  resource.res.linear.sizeInBytes = 4 * sizeof(int);
  int* out;
  CHECK(cudaMallocManaged(&out, 8 * sizeof(int)));
  FetchLine<<<1, 8>>>(Texture(resource, cudaFilterModePoint, false), out);
  CHECK(cudaDeviceSynchronize());
  std::printf("line:");
  for (int i = 0; i < 8; ++i) std::printf(" %d", out[i]);

  const cudaChannelFormatDesc format = cudaCreateChannelDesc<uchar4>();
  cudaArray_t from, to;
  CHECK(cudaMallocArray(&from, &format, 4, 4, cudaArraySurfaceLoadStore));
  CHECK(cudaMallocArray(&to, &format, 4, 4, cudaArraySurfaceLoadStore));
  unsigned char texels[64], inverted[64];
  for (int i = 0; i < 64; ++i) texels[i] = static_cast<unsigned char>(3 * i);
  CHECK(cudaMemcpy2DToArray(from, 0, 0, texels, 16, 16, 4, cudaMemcpyHostToDevice));
  cudaSurfaceObject_t read, write;
  const cudaResourceDesc from_desc = On(from), to_desc = On(to);
  CHECK(cudaCreateSurfaceObject(&read, &from_desc));
  CHECK(cudaCreateSurfaceObject(&write, &to_desc));
  Invert<<<1, dim3(4, 4)>>>(read, write);
  CHECK(cudaMemcpy2DArrayToArray(from, 4, 1, to, 0, 0, 8, 2));
  CHECK(cudaMemcpy2DFromArray(inverted, 16, from, 0, 0, 16, 4, cudaMemcpyDeviceToHost));
  int wrong = 0;
  for (int y = 0; y < 4; ++y) {
    for (int x = 0; x < 16; ++x) {
      const bool is_inside = x >= 4 && x < 12 && (y == 1 || y == 2);
      const int at = is_inside ? (y - 1) * 16 + x - 4 : y * 16 + x;
      const int want = is_inside && x % 4 == 0 ? 255 - texels[at] : texels[at];
      wrong += inverted[y * 16 + x] != want;
    }
  }
  std::printf("\nsurfaces: %d wrong\n", wrong);

  cudaChannelFormatDesc got;
  cudaExtent extent;
  unsigned flags;
  CHECK(cudaArrayGetInfo(&got, &extent, &flags, from));
  std::printf("array: %d %d %d %d bits of kind %d, %zu x %zu x %zu, flags %u\n", got.x, got.y, got.z, got.w,
              got.f, extent.width, extent.height, extent.depth, flags);
}

void Mistakes() {
  const cudaChannelFormatDesc words = cudaCreateChannelDesc<unsigned>(),
                              odd = {8, 16, 0, 0, cudaChannelFormatKindUnsigned};
  cudaArray_t array;
  std::printf("mistakes: %s", cudaGetErrorName(cudaMallocArray(&array, &odd, 4, 4)));
  CHECK(cudaMallocArray(&array, &words, 4, 4));
  const cudaResourceDesc resource = On(array);
  cudaTextureDesc desc = {};
  desc.readMode = cudaReadModeNormalizedFloat;
  cudaTextureObject_t texture;
  std::printf(" %s", cudaGetErrorName(cudaCreateTextureObject(&texture, &resource, &desc, nullptr)));
  desc.readMode = cudaReadModeElementType;
  desc.filterMode = cudaFilterModeLinear;
  std::printf(" %s", cudaGetErrorName(cudaCreateTextureObject(&texture, &resource, &desc, nullptr)));
  cudaSurfaceObject_t surface;
  std::printf(" %s\n", cudaGetErrorName(cudaCreateSurfaceObject(&surface, &resource)));
  CHECK(cudaFreeArray(array));
}

int main() {
  CompareSettings<unsigned char, unsigned char>("uchar", cudaReadModeElementType, false);
  CompareSettings<signed char, signed char>("schar", cudaReadModeElementType, false);
  CompareSettings<unsigned short, unsigned short>("ushort", cudaReadModeElementType, false);
  CompareSettings<short, short>("short", cudaReadModeElementType, false);
  CompareSettings<unsigned, unsigned>("uint", cudaReadModeElementType, false);
  CompareSettings<int, int>("int", cudaReadModeElementType, false);
  CompareSettings<float, float>("float", cudaReadModeElementType, true);
  CompareSettings<unsigned char, float>("normalized uchar", cudaReadModeNormalizedFloat, true);
  CompareSettings<signed char, float>("normalized schar", cudaReadModeNormalizedFloat, true);
  CompareSettings<unsigned short, float>("normalized ushort", cudaReadModeNormalizedFloat, true);
  CompareSettings<short, float>("normalized short", cudaReadModeNormalizedFloat, true);
  Geometries();
  MemoryAndSurfaces();
  Mistakes();
  return 0;
}
