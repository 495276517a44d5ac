// Stands for a ptxas that a program brings.
#include <stdio.h>

int main(void) {
  puts("theirs");
  return 0;
}
