// Stands for a vendor's libcuda.so.1 in a directory that programs name: the one that must not be used.
int cuInit(unsigned flags) { return flags == 0 ? 0 : 1; }

int cuDriverGetVersion(int* version) {
  *version = 42;
  return 0;
}
