// OpenACC on the device, compiled by GCC: gangs, workers and vectors, whose partial results cross the warp.
#include <openacc.h>
#include <stdio.h>

#define N 300

int main(void) {
  static float a[N], b[N];
  static int grid[20][N];
  float sum = 0;
  for (int i = 0; i < N; i++) {
    a[i] = (float)i;
    b[i] = 2.0f * (float)i;
  }
#pragma acc parallel loop copy(a) copyin(b) reduction(+ : sum)
  for (int i = 0; i < N; i++) {
    a[i] += b[i];
    sum += a[i];
  }
  printf("device: %d, sum: %.0f, last: %.0f\n", acc_get_device_type() == acc_device_nvidia, sum, a[N - 1]);

  int total = 0, largest = -1;
#pragma acc parallel copyout(grid) copy(total, largest) num_gangs(5) num_workers(4) vector_length(32)
  {
#pragma acc loop gang reduction(+ : total) reduction(max : largest)
    for (int i = 0; i < 20; i++) {
      int row = 0;
#pragma acc loop worker vector reduction(+ : row) reduction(max : largest)
      for (int j = 0; j < N; j++) {
        grid[i][j] = i * j;
        row += grid[i][j];
        if (grid[i][j] > largest) largest = grid[i][j];
      }
      total += row;
    }
  }
  printf("total: %d, largest: %d, corner: %d\n", total, largest, grid[19][N - 1]);

  int hits = 0;
#pragma acc parallel loop copy(hits)
  for (int i = 0; i < N; i++) {
    if (i % 7 == 0) {
#pragma acc atomic update
      hits++;
    }
  }
  printf("hits: %d\n", hits);
  return 0;
}
