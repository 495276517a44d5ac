// Prints which libcuda it got. OPENS_BY_PATH: opens the library by its whole path; otherwise it is linked
// with it, and finds it by a DT_RPATH. Ends as its argument says: an exit code, or "abort".
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int cuDriverGetVersion(int* version);

static int Ask(int* version) {
#ifdef OPENS_BY_PATH
  void* library = dlopen(OPENS_BY_PATH, RTLD_NOW);
  int (*get)(int*) = library == NULL ? NULL : (int (*)(int*))dlsym(library, "cuDriverGetVersion");
  return get == NULL ? -1 : get(version);
#else
  return cuDriverGetVersion(version);
#endif
}

int main(int argc, char** argv) {
  int version = -1;
  if (Ask(&version) != 0) return 3;
  printf("%d\n", version);
  fflush(stdout);
  if (argc < 2) return 0;
  if (strcmp(argv[1], "abort") == 0) abort();
  return atoi(argv[1]);
}
