// libtianqiao_audit.so: an auditor for the dynamic loader (rtld-audit(7)) that points every request for
// libcuda, and for libcudart when asked to, at our libraries. For programs out of reach of LD_LIBRARY_PATH:
// those with a DT_RPATH to NVIDIA's directories, and those that dlopen() by a whole path.
//
// The loader runs this in a link namespace of its own, before anything else of the process exists: no C++
// runtime, no allocation after la_version.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <limits.h>
#include <link.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))

static char directory[PATH_MAX];
static char cuda_path[PATH_MAX];
static bool redirects_cudart;

EXPORT unsigned la_version(unsigned version) {
  Dl_info self;
  if (dladdr((const void*)&la_version, &self) == 0 || self.dli_fname == NULL) return 0;
  const char* slash = strrchr(self.dli_fname, '/');
  if (slash == NULL || (size_t)(slash - self.dli_fname) >= sizeof directory) return 0;
  memcpy(directory, self.dli_fname, (size_t)(slash - self.dli_fname));
  if (snprintf(cuda_path, sizeof cuda_path, "%s/libcuda.so.1", directory) >= (int)sizeof cuda_path) return 0;
  const char* wish = getenv("TIANQIAO_AUDIT_CUDART");
  redirects_cudart = wish != NULL && strcmp(wish, "1") == 0;
  return version < LAV_CURRENT ? version : LAV_CURRENT;
}

// One slot per runtime generation: the loader keeps the pointer only until it has opened the file, but may
// ask for two libraries in turn.
static char* CudartPath(const char* base) {
  static struct {
    const char* name;
    char path[PATH_MAX];
  } runtimes[] = {{"libcudart.so.11.0", ""}, {"libcudart.so.12", ""}, {"libcudart.so.13", ""}};
  for (size_t i = 0; i < sizeof runtimes / sizeof runtimes[0]; ++i) {
    if (strcmp(base, runtimes[i].name) != 0) continue;
    const int length = snprintf(runtimes[i].path, PATH_MAX, "%s/cudart/%s", directory, base);
    return length < PATH_MAX && access(runtimes[i].path, R_OK) == 0 ? runtimes[i].path : NULL;
  }
  return NULL;
}

EXPORT char* la_objsearch(const char* name, uintptr_t* cookie, unsigned flag) {
  (void)cookie;
  (void)flag;
  const char* slash = strrchr(name, '/');
  const char* base = slash != NULL ? slash + 1 : name;
  if (strcmp(base, "libcuda.so.1") == 0 || strcmp(base, "libcuda.so") == 0) return cuda_path;
  if (redirects_cudart && strncmp(base, "libcudart.so", strlen("libcudart.so")) == 0) {
    char* path = CudartPath(base);
    if (path != NULL) return path;
  }
  return (char*)name;
}
