// A process as CUDA's would be, for tests: an address space with code, stacks and data, and queues.
#ifndef TIANQIAO_DRIVER_TESTS_GUEST_CLIENT_H_
#define TIANQIAO_DRIVER_TESTS_GUEST_CLIENT_H_

#include <cstdint>
#include <cstring>

#include "driver/tests/guest/render_node.h"

extern "C" {
#include "driver/tests/kernels/kernels.h"
}

namespace tq::driver {

inline constexpr uint64_t kCodeVa = 0x10000000, kArgumentsVa = 0x20000000, kStackVa = 0x30000000,
                          kDataVa = 0x40000000, kHostVa = 0x60000000, kStreamVa = 0x50000000;
inline constexpr uint64_t kStackStride = 16384, kDataBytes = 4 << 20;
inline constexpr uint64_t kPage = 4096;

// Loads the driver that the guest began with. 0 or -errno.
int LoadModule();

class Client {
 public:
  // Look at `ok` first.
  Client();
  // A mapping keeps the file open, and with it everything.
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // Puts the stream into memory at a place of its own and submits it.
  int Submit(const Stream& commands, uint64_t* point, bool copies = false) {
    const uint64_t offset = stream_used;
    memcpy(stream.data + offset, commands.bytes().data(), commands.bytes().size());
    stream_used = (stream_used + commands.bytes().size()) % 32768;
    return node.Submit(copies ? copy_queue : queue, kStreamVa + offset, commands.bytes().size(), point);
  }
  int Run(const Stream& commands, bool copies = false) {
    uint64_t point = 0;
    const int result = Submit(commands, &point, copies);
    return result != 0 ? result : node.Wait(point);
  }
  Stream Dispatch(const test_arguments& values, uint64_t blocks = 1) {
    memcpy(arguments.data, &values, sizeof values);
    tqgpu_packet_dispatch packet{};
    packet.entry = kCodeVa;
    packet.argument = kArgumentsVa;
    packet.block_count = blocks;
    packet.stack = kStackVa;
    packet.stack_stride = kStackStride;
    return Stream().Add(packet, TQGPU_PACKET_DISPATCH);
  }
  uint64_t* words() { return reinterpret_cast<uint64_t*>(data.data); }
  bool Works() {
    memset(data.data, 0, 64);
    return Run(Dispatch({KERNEL_COUNT, kDataVa, 0, 0, 8, 0}, 80)) == 0 && words()[0] == 10 &&
           words()[7] == 10;
  }

  RenderNode node;
  uint32_t vm = 0, queue = 0, copy_queue = 0;
  Buffer code, arguments, stack, data, host, stream;
  uint64_t stream_used = 0;
  bool ok = false;
};

}  // namespace tq::driver

#endif  // TIANQIAO_DRIVER_TESTS_GUEST_CLIENT_H_
