// The proof that NVIDIA's runtime asks of the driver when it starts: a keyed hash (HMAC, RFC 2104, over MD2,
// RFC 1319) of the process, the thread, the addresses of two export tables, the time and the identity of each
// device. It stops accidents, not attackers: both sides hold the key.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace tq::cuda {

using Md2Digest = std::array<uint8_t, 16>;

Md2Digest Md2(std::span<const uint8_t> message);
// The block of MD2 is 16 bytes; `key` is no longer than that.
Md2Digest HmacMd2(std::span<const uint8_t> key, std::span<const uint8_t> message);

struct DeviceIdentity {
  std::array<uint8_t, 16> uuid;
  int32_t pci_domain, pci_bus, pci_device;
};

// What is hashed besides the devices, in this order.
struct IntegrityQuery {
  uint32_t driver_version;
  uint32_t runtime_version;  // CUDART_VERSION + 0, 1 or 2: 0 and 1 have fixed answers
  uint32_t process_id;
  uint32_t thread_id;  // low half of pthread_self()
  const void* cudart_table;
  const void* integrity_table;
  const void* integrity_function;
  uint64_t unix_seconds;
};

Md2Digest AnswerIntegrityQuery(const IntegrityQuery& query, const std::vector<DeviceIdentity>& devices);

}  // namespace tq::cuda
