// The kernels of kernels.cu as one writes them for the card by hand: a block is a loop over its threads, and
// another one behind each barrier (base/cpu_abi.h).
#include "base/cpu_abi.h"

#define PARAMS(type) const struct type* p = (const struct type*)block->params

struct triad {
  const float *a, *b;
  float* c;
  float scale;
  int n;
};

void triad(tq_cpu_block* block) {
  PARAMS(triad);
  const int begin = block->ctaid.x * block->ntid.x;
  int end = begin + (int)block->ntid.x;
  if (end > p->n) end = p->n;
  const float *a = p->a, *b = p->b, scale = p->scale;
  float* restrict c = p->c;
  for (int i = begin; i < end; ++i) c[i] = __builtin_fmaf(scale, b[i], a[i]);
}

struct stencil {
  const float* from;
  float* to;
  int n;
};

void stencil(tq_cpu_block* block) {
  PARAMS(stencil);
  const float* from = p->from;
  float* restrict to = p->to;
  const int n = p->n;
  for (unsigned ty = 0; ty < block->ntid.y; ++ty) {
    for (unsigned tx = 0; tx < block->ntid.x; ++tx) {
      const int x = block->ctaid.x * block->ntid.x + tx, y = block->ctaid.y * block->ntid.y + ty;
      if (x < 1 || y < 1 || x >= n - 1 || y >= n - 1) continue;
      const int at = y * n + x;
      to[at] = 0.2f * (from[at] + from[at - 1] + from[at + 1] + from[at - n] + from[at + n]);
    }
  }
}

struct reduction {
  const float* from;
  float* sums;
  int n;
};

void reduction(tq_cpu_block* block) {
  PARAMS(reduction);
  const float* from = p->from;
  float* restrict part = (float*)block->shared_base;
  const int n = p->n, threads = block->ntid.x, stride = block->nctaid.x * threads;
  for (int thread = 0; thread < threads; ++thread) {
    float sum = 0;
    for (int i = block->ctaid.x * threads + thread; i < n; i += stride) sum += from[i];
    part[thread] = sum;
  }
  for (int step = threads / 2; step > 0; step /= 2) {
    for (int thread = 0; thread < step; ++thread) part[thread] += part[thread + step];
  }
  p->sums[block->ctaid.x] = part[0];
}

struct multiply {
  const float *a, *b;
  float* c;
  int n;
};

enum { kTile = 16 };

void multiply(tq_cpu_block* block) {
  PARAMS(multiply);
  float (*restrict tile_a)[kTile] = (float (*)[kTile])block->shared_base;
  float (*restrict tile_b)[kTile] = tile_a + kTile;
  float sums[kTile][kTile] = {};
  const float *a = p->a, *b = p->b;
  const int n = p->n, first_row = block->ctaid.y * kTile, first_column = block->ctaid.x * kTile;
  for (int tile = 0; tile < n; tile += kTile) {
    for (int y = 0; y < kTile; ++y) {
      for (int x = 0; x < kTile; ++x) {
        tile_a[y][x] = a[(first_row + y) * n + tile + x];
        tile_b[y][x] = b[(tile + y) * n + first_column + x];
      }
    }
    for (int y = 0; y < kTile; ++y) {
      for (int x = 0; x < kTile; ++x) {
        float sum = sums[y][x];
        for (int k = 0; k < kTile; ++k) sum = __builtin_fmaf(tile_a[y][k], tile_b[k][x], sum);
        sums[y][x] = sum;
      }
    }
  }
  for (int y = 0; y < kTile; ++y) {
    for (int x = 0; x < kTile; ++x) p->c[(first_row + y) * n + first_column + x] = sums[y][x];
  }
}

struct histogram {
  const unsigned* from;
  unsigned* counts;
  int n;
};

void histogram(tq_cpu_block* block) {
  PARAMS(histogram);
  const unsigned* from = p->from;
  unsigned* counts = p->counts;
  unsigned* restrict part = (unsigned*)block->shared_base;
  const int n = p->n, threads = block->ntid.x, stride = block->nctaid.x * threads;
  for (int thread = 0; thread < threads; ++thread) part[thread] = 0;
  for (int thread = 0; thread < threads; ++thread) {
    for (int i = block->ctaid.x * threads + thread; i < n; i += stride) ++part[from[i] & 255];
  }
  for (int thread = 0; thread < threads; ++thread)
    __atomic_fetch_add(&counts[thread], part[thread], __ATOMIC_RELAXED);
}

// What a launch costs without a kernel: both sides have it.
void nothing(tq_cpu_block* block) { (void)block; }
