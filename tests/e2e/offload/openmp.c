// OpenMP on the device, compiled by GCC: its runtime is dozens of PTX modules that libgomp joins by cuLink*.
#include <omp.h>
#include <stdio.h>

#define N 1000

#pragma omp declare target
static int scale = 3;
static int Scaled(int x) { return scale * x; }
#pragma omp end declare target

int main(void) {
  int on_host = 1;
#pragma omp target map(from : on_host)
  on_host = omp_is_initial_device();
  printf("devices: %d, on the host: %d\n", omp_get_num_devices() > 0, on_host);

  double x[N], sum = 0;
  for (int i = 0; i < N; i++) x[i] = i;
#pragma omp target teams distribute parallel for map(tofrom : x) map(tofrom : sum) reduction(+ : sum)
  for (int i = 0; i < N; i++) {
    x[i] = 2 * x[i] + 1;
    sum += x[i];
  }
  printf("sum: %.0f, last: %.0f\n", sum, x[N - 1]);

  int squares[64], threads = 0, entries = 0;
#pragma omp target map(from : squares) map(tofrom : threads, entries)
#pragma omp parallel num_threads(8)
  {
#pragma omp single
    threads = omp_get_num_threads();
#pragma omp critical
    entries++;
#pragma omp for schedule(dynamic, 4)
    for (int i = 0; i < 64; i++) squares[i] = Scaled(i * i);
  }
  printf("threads: %d, entries: %d, squares: %d %d\n", threads, entries, squares[5], squares[63]);

  float dot = 0, a[256], b[256];
  for (int i = 0; i < 256; i++) a[i] = (float)i, b[i] = 0.5f;
#pragma omp target map(to : a, b) map(tofrom : dot)
#pragma omp simd reduction(+ : dot)
  for (int i = 0; i < 256; i++) dot += a[i] * b[i];
  printf("dot: %.1f\n", dot);
  return 0;
}
