// libtianqiao_audit.so: an auditor for the dynamic loader (rtld-audit(7)) that points every request for
// libcuda, and for libcudart when asked to, at our libraries. For programs out of reach of LD_LIBRARY_PATH:
// those with a DT_RPATH to NVIDIA's directories, and those that dlopen() by a whole path. A ptxas that a
// program brings and starts becomes ours: its machine code would run nowhere here.
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
#include <sys/stat.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))

static char directory[PATH_MAX];
static char cuda_path[PATH_MAX];
static bool redirects_cudart;

// Whether this process is a ptxas that is not `ours`.
static bool IsTheirPtxas(const char* ours) {
  char self[PATH_MAX];
  const ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
  if (length < 0) return false;
  self[length] = '\0';
  const char* slash = strrchr(self, '/');
  const char* base = slash != NULL ? slash + 1 : self;
  if (strcmp(base, "ptxas") != 0 && strcmp(base, "ptxas-blackwell") != 0) return false;
  struct stat theirs_status, ours_status;
  return stat("/proc/self/exe", &theirs_status) == 0 && stat(ours, &ours_status) == 0 &&
         (theirs_status.st_dev != ours_status.st_dev || theirs_status.st_ino != ours_status.st_ino);
}

// Starts our ptxas in place of this process, with its arguments. Comes back if that cannot be.
static void BecomeOurPtxas(void) {
  static char ours[PATH_MAX], words[1 << 16];
  static char* arguments[1 << 10];
  if (snprintf(ours, sizeof ours, "%s/../bin/ptxas", directory) >= (int)sizeof ours || !IsTheirPtxas(ours))
    return;
  FILE* file = fopen("/proc/self/cmdline", "r");
  if (file == NULL) return;
  const size_t size = fread(words, 1, sizeof words, file);
  fclose(file);
  if (size == 0 || size == sizeof words) return;  // cut
  size_t count = 0;
  for (size_t at = 0; at < size; at += strlen(words + at) + 1) {
    if (count + 1 == sizeof arguments / sizeof arguments[0]) return;
    arguments[count++] = words + at;
  }
  execv(ours, arguments);
}

EXPORT unsigned la_version(unsigned version) {
  Dl_info self;
  if (dladdr((const void*)&la_version, &self) == 0 || self.dli_fname == NULL) return 0;
  const char* slash = strrchr(self.dli_fname, '/');
  if (slash == NULL || (size_t)(slash - self.dli_fname) >= sizeof directory) return 0;
  memcpy(directory, self.dli_fname, (size_t)(slash - self.dli_fname));
  if (snprintf(cuda_path, sizeof cuda_path, "%s/libcuda.so.1", directory) >= (int)sizeof cuda_path) return 0;
  BecomeOurPtxas();
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
