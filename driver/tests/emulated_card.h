// The card's emulator with this process in the host's place: its video memory, its doorbells and its
// bus-master window, without a kernel in between. What the firmware does is tested here; what the driver
// does, in a guest.
#ifndef TIANQIAO_DRIVER_TESTS_EMULATED_CARD_H_
#define TIANQIAO_DRIVER_TESTS_EMULATED_CARD_H_

#include <sys/types.h>

#include <cstdint>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "driver/abi/tqgpu_card.h"
#include "driver/emulator/ivshmem_server.h"

namespace tq::emulator {

class EmulatedCard {
 public:
  static constexpr uint64_t kVramBytes = 64 << 20;
  static constexpr uint64_t kHostBytes = 64 << 20;

  // Starts the emulator and waits for its boot ROM. Check ok().
  // `counts_instructions`: counters are of instructions, exact and slow; else they are of the host's time.
  explicit EmulatedCard(int hart_count, bool counts_instructions = false);
  ~EmulatedCard();
  EmulatedCard(const EmulatedCard&) = delete;
  EmulatedCard& operator=(const EmulatedCard&) = delete;

  bool ok() const { return ok_; }
  volatile tqgpu_card_control* control() { return reinterpret_cast<volatile tqgpu_card_control*>(vram_); }
  uint8_t* vram() { return vram_; }
  uint8_t* host() { return host_; }

  void RingCard(tqgpu_card_vector vector);
  // Waits until the card has rung `vector`. False: not within the time.
  bool WaitForCard(tqgpu_host_vector vector, int timeout_ms);
  // Waits until `condition` holds, looking often.
  template <typename Condition>
  bool WaitUntil(Condition condition, int timeout_ms) {
    for (int i = 0; i < timeout_ms; ++i) {
      if (condition()) return true;
      usleep(1000);
    }
    return condition();
  }

  void PutFirmware(std::span<const uint8_t> image);
  bool BootFirmware(std::span<const uint8_t> image);

  // Writes a ring entry, gives it the next number, and rings. Returns the number.
  uint32_t Submit(tqgpu_engine_class engine, tqgpu_ring_entry entry);
  // Waits for the end of `seqno`. Returns its completion; status 0xffffffff: it did not end in time.
  tqgpu_completion Wait(tqgpu_engine_class engine, uint32_t seqno, int timeout_ms = 30000);
  // Long-running work: puts a stream into a slot that is free and rings. Returns its number.
  uint32_t SubmitSlot(uint32_t slot, const tqgpu_ring_entry& entry);
  void CancelSlot(uint32_t slot, uint32_t seqno);
  // As Wait().
  tqgpu_slot WaitSlot(uint32_t slot, uint32_t seqno, int timeout_ms = 30000);
  // The newest fault record.
  tqgpu_fault_record LastFault();
  std::string Log();

 private:
  volatile tqgpu_slot* slots() { return reinterpret_cast<volatile tqgpu_slot*>(vram_ + TQGPU_SLOT_OFFSET); }
  bool Connect(const std::string& socket_path);

  std::string directory_;
  IvshmemServer server_;
  std::thread server_thread_;
  Descriptor stop_, socket_;
  pid_t emulator_ = -1;
  std::vector<Descriptor> own_vectors_, card_vectors_;
  uint8_t* vram_ = nullptr;
  uint8_t* host_ = nullptr;
  uint32_t next_seqno_[TQGPU_ENGINE_COUNT] = {1, 1, 1, 1};
  uint32_t peer_ = 0;
  bool ok_ = false;
};

std::vector<uint8_t> ReadFile(const std::string& path);

}  // namespace tq::emulator

#endif  // TIANQIAO_DRIVER_TESTS_EMULATED_CARD_H_
