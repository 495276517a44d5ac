#include "driver/tests/guest/client.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace tq::driver {
namespace {

std::vector<char> ReadAll(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

}  // namespace

int LoadModule() {
  const char* path = std::getenv("TIANQIAO_TEST_MODULE");
  const int file = open(path != nullptr ? path : "", O_RDONLY | O_CLOEXEC);
  if (file < 0) return -errno;
  const long result = syscall(SYS_finit_module, file, "", 0);
  const int error = errno;
  close(file);
  return result == 0 ? 0 : -error;
}

Client::Client() {
  if (!node.ok()) return;
  vm = node.CreateVm();
  queue = node.CreateQueue(vm);
  copy_queue = node.CreateQueue(vm, DRM_TQGPU_QUEUE_COPY);
  code = node.Create(65536);
  arguments = node.Create(kPage);
  stack = node.Create(kStackStride * 33);
  data = node.Create(kDataBytes);
  host = node.Create(kDataBytes, DRM_TQGPU_PLACE_SYSTEM);
  stream = node.Create(65536);
  const std::vector<char> image = ReadAll(TQ_CARD_KERNELS);
  if (!code.data || !host.data || !stream.data || image.empty()) return;
  memcpy(code.data, image.data(), image.size());
  ok = node.Map(vm, code, kCodeVa, DRM_TQGPU_BIND_EXECUTE) == 0 &&
       node.Map(vm, arguments, kArgumentsVa) == 0 && node.Map(vm, stack, kStackVa) == 0 &&
       node.Map(vm, data, kDataVa) == 0 && node.Map(vm, host, kHostVa) == 0 &&
       node.Map(vm, stream, kStreamVa) == 0;
}

Client::~Client() {
  for (const Buffer* buffer : {&code, &arguments, &stack, &data, &host, &stream}) {
    if (buffer->data != nullptr) munmap(buffer->data, buffer->size);
  }
}

}  // namespace tq::driver
