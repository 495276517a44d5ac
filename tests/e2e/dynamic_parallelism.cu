// Kernels that launch kernels: in depth, with streams and events of the device, fire-and-forget and tail
// launches, copies and fills, and two programs that live on it, a quicksort and a quadtree.
#include <cstdio>
#include <cstdlib>

#define CHECK(call)                                              \
  do {                                                           \
    cudaError_t error = (call);                                  \
    if (error != cudaSuccess) {                                  \
      std::printf("%s: %s\n", #call, cudaGetErrorString(error)); \
      std::exit(1);                                              \
    }                                                            \
  } while (0)

// ---- A tree of grids: each block launches one of the next generation ----

__device__ int g_blocks[8];

__global__ void Descend(int depth, int most) {
  if (threadIdx.x != 0) return;
  atomicAdd(&g_blocks[depth], 1);
  if (depth < most) Descend<<<2, 4>>>(depth + 1, most);
}

// ---- Order: a log of who ran after whom ----

__device__ int g_log[32], g_logged;

__global__ void Log(int who) { g_log[atomicAdd(&g_logged, 1)] = who; }

__global__ void LogThenLaunch(int who) {
  g_log[atomicAdd(&g_logged, 1)] = who;
  Log<<<1, 1>>>(who + 1);
}

__global__ void Order() {
  cudaStream_t stream;
  cudaEvent_t event;
  cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking);
  cudaEventCreateWithFlags(&event, cudaEventDisableTiming);
  Log<<<1, 1, 0, cudaStreamTailLaunch>>>(90);
  Log<<<1, 1, 0, cudaStreamTailLaunch>>>(91);
  LogThenLaunch<<<1, 1, 0, stream>>>(10);
  Log<<<1, 1, 0, stream>>>(12);
  cudaEventRecord(event, stream);
  cudaStreamWaitEvent(0, event, 0);
  Log<<<1, 1>>>(20);
  Log<<<1, 1, 0, cudaStreamFireAndForget>>>(30);
  cudaStreamDestroy(stream);
  cudaEventDestroy(event);
}

// ---- Memory and errors ----

__global__ void __launch_bounds__(1024) Fill(int* data, int count, int value) {
  for (int i = threadIdx.x; i < count; i += blockDim.x) data[i] = value;
}

__global__ void Move(int* a, int* b, int count, int* errors) {
  Fill<<<1, 32>>>(a, count, 7);
  cudaMemcpyAsync(b, a, count * sizeof(int), cudaMemcpyDeviceToDevice, 0);
  cudaMemsetAsync(a, 1, count * sizeof(int) / 2, 0);
  Fill<<<1, 5000>>>(a, count, 9);  // no block is that large
  errors[0] = cudaPeekAtLastError();
  errors[1] = cudaGetLastError();
  errors[2] = cudaGetLastError();
  int device = -1, count_of_devices = 0;
  errors[3] = cudaGetDevice(&device) + cudaGetDeviceCount(&count_of_devices);
  errors[4] = device * 100 + (count_of_devices > 0);
  void* heap = nullptr;
  errors[5] = cudaMalloc(&heap, 64);
  errors[6] = heap != nullptr;
  errors[7] = cudaFree(heap);
}

// ---- What a kernel may ask, and copies of three dimensions ----

__global__ void Ask(int* answers) {
  size_t heap = 0;
  int version = 0, blocks = 0;
  cudaFuncCache cache = cudaFuncCachePreferL1;
  cudaFuncAttributes attributes;
  answers[0] = cudaDeviceGetLimit(&heap, cudaLimitMallocHeapSize) == cudaSuccess && heap != 0;
  answers[1] = cudaDeviceGetCacheConfig(&cache) == cudaSuccess && cache == cudaFuncCachePreferNone;
  answers[2] = cudaRuntimeGetVersion(&version) == cudaSuccess && version >= 11000;
  answers[3] = cudaFuncGetAttributes(&attributes, Fill) == cudaSuccess &&
               attributes.maxThreadsPerBlock == 1024 && attributes.sharedSizeBytes == 0;
  answers[4] =
      cudaOccupancyMaxActiveBlocksPerMultiprocessor(&blocks, Fill, 64, 0) == cudaSuccess && blocks > 0;
  answers[5] = cudaDeviceGetLimit(&heap, static_cast<cudaLimit>(1000)) == cudaErrorInvalidValue;
  answers[6] = cudaGetLastError() == cudaErrorInvalidValue;
}

// Boxes of 4 slices of 4 rows of 16 bytes.
__global__ void MoveBoxes(char* a, char* b) {
  cudaMemset3DAsync(cudaPitchedPtr{a, 16, 16, 4}, 7, cudaExtent{8, 2, 3}, 0);
  cudaMemcpy3DParms copy = {};
  copy.srcPtr = cudaPitchedPtr{a, 16, 16, 4};
  copy.srcPos = cudaPos{4, 1, 1};
  copy.dstPtr = cudaPitchedPtr{b, 16, 16, 4};
  copy.dstPos = cudaPos{0, 0, 1};
  copy.extent = cudaExtent{6, 2, 3};
  copy.kind = cudaMemcpyDeviceToDevice;
  cudaMemcpy3DAsync(&copy, 0);
}

// ---- Quicksort: each grid parts its range and launches one for each side ----

__global__ void Quicksort(unsigned* data, int left, int right, int depth) {
  if (depth > 20 || right - left < 16) {
    for (int i = left + 1; i <= right; ++i) {
      unsigned value = data[i];
      int j = i - 1;
      for (; j >= left && data[j] > value; --j) data[j + 1] = data[j];
      data[j + 1] = value;
    }
    return;
  }
  unsigned pivot = data[(left + right) / 2];
  int low = left, high = right;
  while (low <= high) {
    while (data[low] < pivot) ++low;
    while (data[high] > pivot) --high;
    if (low <= high) {
      unsigned swapped = data[low];
      data[low++] = data[high];
      data[high--] = swapped;
    }
  }
  cudaStream_t one, other;
  if (left < high) {
    cudaStreamCreateWithFlags(&one, cudaStreamNonBlocking);
    Quicksort<<<1, 1, 0, one>>>(data, left, high, depth + 1);
    cudaStreamDestroy(one);
  }
  if (low < right) {
    cudaStreamCreateWithFlags(&other, cudaStreamNonBlocking);
    Quicksort<<<1, 1, 0, other>>>(data, low, right, depth + 1);
    cudaStreamDestroy(other);
  }
}

// ---- Quadtree: points are counted into four quarters in shared memory, and each quarter that holds many is
// parted on ----

struct Point {
  float x, y;
};
struct Box {
  float x, y, size;
};

__device__ int g_leaves, g_points_in_leaves, g_deepest;

__global__ void BuildQuadtree(const Point* from, Point* to, int count, Box box, int depth) {
  __shared__ int sizes[4], offsets[4];
  const int quarter_limit = 12;
  if (count <= quarter_limit || depth == 10) {
    if (threadIdx.x == 0) {
      atomicAdd(&g_leaves, 1);
      atomicAdd(&g_points_in_leaves, count);
      atomicMax(&g_deepest, depth);
    }
    return;
  }
  if (threadIdx.x < 4) sizes[threadIdx.x] = 0;
  __syncthreads();
  const float half = box.size / 2;
  for (int i = threadIdx.x; i < count; i += blockDim.x) {
    int quarter = (from[i].x >= box.x + half) + 2 * (from[i].y >= box.y + half);
    atomicAdd(&sizes[quarter], 1);
  }
  __syncthreads();
  if (threadIdx.x == 0) {
    for (int q = 0, sum = 0; q < 4; ++q) offsets[q] = sum, sum += sizes[q];
  }
  __syncthreads();
  for (int i = threadIdx.x; i < count; i += blockDim.x) {
    int quarter = (from[i].x >= box.x + half) + 2 * (from[i].y >= box.y + half);
    to[atomicAdd(&offsets[quarter], 1)] = from[i];
  }
  __syncthreads();
  if (threadIdx.x < 4) {
    const int q = threadIdx.x, begin = offsets[q] - sizes[q];
    Box part = {box.x + (q & 1) * half, box.y + (q >> 1) * half, half};
    BuildQuadtree<<<1, 32>>>(to + begin, const_cast<Point*>(from) + begin, sizes[q], part, depth + 1);
  }
}

static void ShowAnswersAndBoxes() {
  int *answers, host[7];
  char *a, *b, image[256];
  CHECK(cudaMalloc(&answers, sizeof(host)));
  CHECK(cudaMalloc(&a, sizeof(image)));
  CHECK(cudaMalloc(&b, sizeof(image)));
  CHECK(cudaMemset(a, 1, sizeof(image)));
  CHECK(cudaMemset(b, 0, sizeof(image)));
  Ask<<<1, 1>>>(answers);
  MoveBoxes<<<1, 1>>>(a, b);
  CHECK(cudaMemcpy(host, answers, sizeof(host), cudaMemcpyDeviceToHost));
  CHECK(cudaMemcpy(image, b, sizeof(image), cudaMemcpyDeviceToHost));
  std::printf("answers:");
  for (int answer : host) std::printf(" %d", answer);
  std::printf("\nboxes:");
  for (int slice = 0; slice < 4; ++slice) {
    int sum = 0;
    for (int i = 0; i < 64; ++i) sum += image[slice * 64 + i];
    std::printf(" %d", sum);
  }
  std::printf("\n");
  CHECK(cudaFree(answers));
  CHECK(cudaFree(a));
  CHECK(cudaFree(b));
}

int main() {
  ShowAnswersAndBoxes();
  Descend<<<1, 4>>>(0, 5);
  CHECK(cudaDeviceSynchronize());
  int blocks[8];
  CHECK(cudaMemcpyFromSymbol(blocks, g_blocks, sizeof(blocks)));
  std::printf("generations:");
  for (int i = 0; i < 6; ++i) std::printf(" %d", blocks[i]);

  Order<<<1, 1>>>();
  Log<<<1, 1>>>(99);  // the parent has not ended before its children have
  int log[32], logged = 0;
  CHECK(cudaMemcpyFromSymbol(log, g_log, sizeof(log)));
  CHECK(cudaMemcpyFromSymbol(&logged, g_logged, sizeof(logged)));
  auto place = [&](int who) {
    for (int i = 0; i < logged; ++i) {
      if (log[i] == who) return i;
    }
    return -1;
  };
  bool in_order = place(10) < place(11) && place(11) < place(12) && place(12) < place(20) && place(30) >= 0 &&
                  place(90) > place(20) && place(90) > place(30) && place(91) == place(90) + 1 &&
                  place(99) == 7;
  std::printf("\norder: %d of %d, %s\n", logged, 8, in_order ? "kept" : "broken");

  const int count = 1000;
  int *a, *b, *errors, moved[2][count], told[8];
  CHECK(cudaMalloc(&a, count * sizeof(int)));
  CHECK(cudaMalloc(&b, count * sizeof(int)));
  CHECK(cudaMalloc(&errors, sizeof(told)));
  Move<<<1, 1>>>(a, b, count, errors);
  CHECK(cudaMemcpy(moved[0], a, sizeof(moved[0]), cudaMemcpyDeviceToHost));
  CHECK(cudaMemcpy(moved[1], b, sizeof(moved[1]), cudaMemcpyDeviceToHost));
  CHECK(cudaMemcpy(told, errors, sizeof(told), cudaMemcpyDeviceToHost));
  std::printf("moved: %x %x, copied: %d %d\nerrors:", moved[0][0], moved[0][count - 1], moved[1][0],
              moved[1][count - 1]);
  for (int error : told) std::printf(" %d", error);

  const int unsorted = 3000;
  unsigned *data, sorted[unsorted], seed = 1;
  for (unsigned& value : sorted) value = (seed = seed * 1664525u + 1013904223u) >> 8;
  CHECK(cudaMalloc(&data, sizeof(sorted)));
  CHECK(cudaMemcpy(data, sorted, sizeof(sorted), cudaMemcpyHostToDevice));
  Quicksort<<<1, 1>>>(data, 0, unsorted - 1, 0);
  CHECK(cudaMemcpy(sorted, data, sizeof(sorted), cudaMemcpyDeviceToHost));
  int wrong = 0;
  for (int i = 1; i < unsorted; ++i) wrong += sorted[i - 1] > sorted[i];
  std::printf("\nquicksort: %d out of order\n", wrong);

  const int points = 2000;
  static Point host[points];
  for (Point& point : host) {
    point.x = ((seed = seed * 1664525u + 1013904223u) >> 8) / 16777216.0f;
    point.y = ((seed = seed * 1664525u + 1013904223u) >> 8) / 16777216.0f;
  }
  Point *from, *to;
  CHECK(cudaMalloc(&from, sizeof(host)));
  CHECK(cudaMalloc(&to, sizeof(host)));
  CHECK(cudaMemcpy(from, host, sizeof(host), cudaMemcpyHostToDevice));
  BuildQuadtree<<<1, 32>>>(from, to, points, Box{0, 0, 1}, 0);
  CHECK(cudaDeviceSynchronize());
  int leaves, in_leaves, deepest;
  CHECK(cudaMemcpyFromSymbol(&leaves, g_leaves, sizeof(int)));
  CHECK(cudaMemcpyFromSymbol(&in_leaves, g_points_in_leaves, sizeof(int)));
  CHECK(cudaMemcpyFromSymbol(&deepest, g_deepest, sizeof(int)));
  // The same on the host.
  int expected_leaves = 0, expected_deepest = 0;
  struct Part {
    static void Run(Point* from, int count, Box box, int depth, int* leaves, int* deepest) {
      if (count <= 12 || depth == 10) {
        ++*leaves;
        if (depth > *deepest) *deepest = depth;
        return;
      }
      float half = box.size / 2;
      Point* quarter = static_cast<Point*>(std::malloc(sizeof(Point) * count));
      for (int q = 0; q < 4; ++q) {
        int size = 0;
        for (int i = 0; i < count; ++i) {
          if ((from[i].x >= box.x + half) + 2 * (from[i].y >= box.y + half) == q) quarter[size++] = from[i];
        }
        Run(quarter, size, Box{box.x + (q & 1) * half, box.y + (q >> 1) * half, half}, depth + 1, leaves,
            deepest);
      }
      std::free(quarter);
    }
  };
  Part::Run(host, points, Box{0, 0, 1}, 0, &expected_leaves, &expected_deepest);
  std::printf("quadtree: %d points, leaves %s, depth %s\n", in_leaves,
              leaves == expected_leaves ? "match" : "differ",
              deepest == expected_deepest ? "matches" : "differs");
  return 0;
}
