// Five kernels as a CUDA program has them; their twins are in kernels.c.
extern "C" {

__global__ void triad(const float* a, const float* b, float* c, float scale, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) c[i] = a[i] + scale * b[i];
}

__global__ void stencil(const float* from, float* to, int n) {
  const int x = blockIdx.x * blockDim.x + threadIdx.x, y = blockIdx.y * blockDim.y + threadIdx.y;
  if (x < 1 || y < 1 || x >= n - 1 || y >= n - 1) return;
  const int at = y * n + x;
  to[at] = 0.2f * (from[at] + from[at - 1] + from[at + 1] + from[at - n] + from[at + n]);
}

// One sum for each block.
__global__ void reduction(const float* from, float* sums, int n) {
  __shared__ float part[256];
  const int thread = threadIdx.x;
  float sum = 0;
  for (int i = blockIdx.x * blockDim.x + thread; i < n; i += gridDim.x * blockDim.x) sum += from[i];
  part[thread] = sum;
  __syncthreads();
  for (int step = blockDim.x / 2; step > 0; step /= 2) {
    if (thread < step) part[thread] += part[thread + step];
    __syncthreads();
  }
  if (thread == 0) sums[blockIdx.x] = part[0];
}

// Squares, by tiles in shared memory; the side is a multiple of the tile's.
__global__ void multiply(const float* a, const float* b, float* c, int n) {
  __shared__ float tile_a[16][16], tile_b[16][16];
  const int x = threadIdx.x, y = threadIdx.y, column = blockIdx.x * 16 + x, row = blockIdx.y * 16 + y;
  float sum = 0;
  for (int tile = 0; tile < n; tile += 16) {
    tile_a[y][x] = a[row * n + tile + x];
    tile_b[y][x] = b[(tile + y) * n + column];
    __syncthreads();
#pragma unroll
    for (int k = 0; k < 16; ++k) sum += tile_a[y][k] * tile_b[k][x];
    __syncthreads();
  }
  c[row * n + column] = sum;
}

__global__ void histogram(const unsigned* from, unsigned* counts, int n) {
  __shared__ unsigned part[256];
  part[threadIdx.x] = 0;
  __syncthreads();
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x)
    atomicAdd(&part[from[i] & 255], 1);
  __syncthreads();
  atomicAdd(&counts[threadIdx.x], part[threadIdx.x]);
}

}  // extern "C"
