// The card's boot ROM and firmware, driven as the kernel driver drives them.
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "driver/tests/emulated_card.h"
#include "gtest/gtest.h"

extern "C" {
#include "driver/tests/kernels/kernels.h"
#include "driver/tqgpu/tqgpu_pt.h"
}

namespace tq::emulator {
namespace {

constexpr int kHarts = 6;  // command processor, four for compute, one for copies
constexpr uint64_t kCodeVa = 0x10000000, kArgumentsVa = 0x20000000, kStackVa = 0x30000000,
                   kDataVa = 0x40000000, kHostVa = 0x7f0000000000, kStreamVa = 0x50000000;
constexpr uint64_t kStackStride = 16384, kDataBytes = 8 << 20;
constexpr uint64_t kRead = TQGPU_PTE_READ, kWrite = TQGPU_PTE_READ | TQGPU_PTE_WRITE,
                   kExecute = TQGPU_PTE_READ | TQGPU_PTE_EXECUTE;

// One card for all tests, and one address space on it. A test that breaks the card boots it again.
class CardTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    card_ = std::make_unique<EmulatedCard>(kHarts);
    ASSERT_TRUE(card_->ok()) << "the emulator does not start; is qemu-system-misc installed?";
  }
  static void TearDownTestSuite() { card_.reset(); }

  void SetUp() override {
    if (card_->control()->boot_state != TQGPU_BOOT_RUNNING) {
      ASSERT_EQ(card_->control()->boot_state, uint32_t{TQGPU_BOOT_ROM}) << card_->Log();
      ASSERT_TRUE(card_->BootFirmware(ReadFile(TQ_CARD_FIRMWARE)));
    }
    heap_ = TQGPU_HEAP_OFFSET;
    pt_ = {card_->vram(), card_->control()->vram_address, Allocate(4096)};
    code_ = MapVram(kCodeVa, 65536, kExecute);
    arguments_ = MapVram(kArgumentsVa, 4096, kWrite);
    MapVram(kStackVa, kStackStride * kHarts, kWrite);
    data_ = MapVram(kDataVa, kDataBytes, kWrite);
    stream_ = MapVram(kStreamVa, 65536, kWrite);
    Map(kHostVa, kDataBytes, card_->control()->host_address, kWrite);
    host_ = card_->host();
    const std::vector<uint8_t> code = ReadFile(TQ_CARD_KERNELS);
    ASSERT_FALSE(code.empty());
    memcpy(code_, code.data(), code.size());
    ASSERT_EQ(Control(TQGPU_RING_INVALIDATE_CODE, CardAddress(code_), 65536), TQGPU_COMPLETION_OK);
  }

  uint64_t Allocate(uint64_t bytes) {
    const uint64_t offset = heap_;
    heap_ += (bytes + 4095) / 4096 * 4096;
    memset(card_->vram() + offset, 0, bytes);
    return offset;
  }
  uint64_t CardAddress(const uint8_t* vram) {
    return card_->control()->vram_address + static_cast<uint64_t>(vram - card_->vram());
  }
  void Map(uint64_t va, uint64_t bytes, uint64_t address, uint64_t rights) {
    tqgpu_pt_pool pool = {};
    for (uint32_t i = tqgpu_pt_map_pages(va, bytes); i > 0; --i)
      tqgpu_pt_pool_push(&pt_, &pool, Allocate(4096));
    tqgpu_pt_map(&pt_, &pool, va, bytes, address, rights);
  }
  uint8_t* MapVram(uint64_t va, uint64_t bytes, uint64_t rights) {
    uint8_t* memory = card_->vram() + Allocate(bytes);
    Map(va, bytes, CardAddress(memory), rights);
    return memory;
  }

  uint32_t Control(tqgpu_ring_op op, uint64_t address = 0, uint64_t size = 0) {
    tqgpu_ring_entry entry{};
    entry.op = op;
    entry.address = address;
    entry.size = size;
    return card_->Wait(TQGPU_ENGINE_CONTROL, card_->Submit(TQGPU_ENGINE_CONTROL, entry)).status;
  }

  template <typename Packet>
  void Emit(Packet packet, tqgpu_packet_op op) {
    packet.header = {op, sizeof packet};
    memcpy(stream_ + stream_bytes_, &packet, sizeof packet);
    stream_bytes_ += sizeof packet;
  }
  void EmitDispatch(const test_arguments& arguments, uint64_t blocks) {
    memcpy(arguments_, &arguments, sizeof arguments);
    tqgpu_packet_dispatch packet{};
    packet.entry = kCodeVa;
    packet.argument = kArgumentsVa;
    packet.block_count = blocks;
    packet.stack = kStackVa;
    packet.stack_stride = kStackStride;
    Emit(packet, TQGPU_PACKET_DISPATCH);
  }
  uint32_t SubmitStream(tqgpu_engine_class engine) {
    tqgpu_ring_entry entry{};
    entry.op = TQGPU_RING_EXECUTE;
    entry.satp = tqgpu_pt_satp(&pt_, 1);
    entry.address = kStreamVa;
    entry.size = stream_bytes_;
    entry.context = 77;
    stream_bytes_ = 0;
    return card_->Submit(engine, entry);
  }
  tqgpu_completion RunStream(tqgpu_engine_class engine = TQGPU_ENGINE_COMPUTE) {
    return card_->Wait(engine, SubmitStream(engine));
  }
  // In a slot, with arguments, stacks and a stream of its own. Returns its number.
  uint32_t SubmitLong(uint32_t slot, const test_arguments& arguments, uint64_t blocks = 1) {
    const uint64_t stack = kStackVa + (slot + 1) * 0x100000, at = 1024 + slot * 64,
                   stream = 8192 + slot * 256;
    MapVram(stack, kStackStride * kHarts, kWrite);
    memcpy(arguments_ + at, &arguments, sizeof arguments);
    tqgpu_packet_dispatch packet{};
    packet.header = {TQGPU_PACKET_DISPATCH, sizeof packet};
    packet.entry = kCodeVa;
    packet.argument = kArgumentsVa + at;
    packet.block_count = blocks;
    packet.stack = stack;
    packet.stack_stride = kStackStride;
    memcpy(stream_ + stream, &packet, sizeof packet);
    tqgpu_ring_entry entry{};
    entry.satp = tqgpu_pt_satp(&pt_, 1);
    entry.address = kStreamVa + stream;
    entry.size = sizeof packet;
    entry.context = 100 + slot;
    return card_->SubmitSlot(slot, entry);
  }
  uint32_t Run(const test_arguments& arguments, uint64_t blocks = 1) {
    EmitDispatch(arguments, blocks);
    return RunStream().status;
  }

  static std::unique_ptr<EmulatedCard> card_;
  uint64_t heap_ = 0;
  tqgpu_pt pt_{};
  uint8_t *code_ = nullptr, *arguments_ = nullptr, *data_ = nullptr, *stream_ = nullptr, *host_ = nullptr;
  uint64_t stream_bytes_ = 0;
};
std::unique_ptr<EmulatedCard> CardTest::card_;

TEST_F(CardTest, SaysWhatItIs) {
  EXPECT_EQ(card_->control()->abi, uint32_t{TQGPU_CARD_ABI});
  EXPECT_EQ(card_->control()->hart_count, uint32_t{kHarts});
  EXPECT_EQ(card_->control()->vector_bytes, 64u);
  EXPECT_EQ(card_->control()->vram_size, EmulatedCard::kVramBytes);
  EXPECT_EQ(card_->control()->host_size, EmulatedCard::kHostBytes);
  EXPECT_EQ(card_->control()->engine[TQGPU_ENGINE_COMPUTE].hart_count, 4u);
  EXPECT_EQ(card_->control()->engine[TQGPU_ENGINE_COPY].hart_count, 1u);
  EXPECT_NE(card_->Log().find("firmware runs"), std::string::npos);
}

TEST_F(CardTest, HeartBeats) {
  const uint64_t before = card_->control()->heartbeat;
  EXPECT_TRUE(card_->WaitUntil([&] { return card_->control()->heartbeat > before + 2; }, 10000));
  EXPECT_GE(card_->control()->temperature_mc, 30000u);
}

TEST_F(CardTest, AddsVectorsFromVideoAndHostMemory) {
  constexpr uint64_t kCount = 10000;
  float* a = reinterpret_cast<float*>(data_);
  float* b = reinterpret_cast<float*>(host_);
  for (uint64_t i = 0; i < kCount; ++i) a[i] = static_cast<float>(i), b[i] = 0.5f;
  EXPECT_EQ(Run({KERNEL_ADD, kDataVa, kHostVa, kHostVa + (1 << 20), kCount, 256}, 40), TQGPU_COMPLETION_OK);
  const float* c = reinterpret_cast<const float*>(host_ + (1 << 20));
  for (uint64_t i = 0; i < kCount; ++i) ASSERT_EQ(c[i], static_cast<float>(i) + 0.5f) << i;
}

TEST_F(CardTest, EveryBlockRunsOnce) {
  EXPECT_EQ(Run({KERNEL_COUNT, kDataVa, 0, 0, 5000, 0}, 5000), TQGPU_COMPLETION_OK);
  for (int i = 0; i < 5000; ++i) ASSERT_EQ(reinterpret_cast<uint64_t*>(data_)[i], 1u) << i;
}

TEST_F(CardTest, AllHartsOfTheEngineTakePart) {
  EXPECT_EQ(Run({KERNEL_SLOTS, kDataVa, 0, 0, 0, 0}, 100), TQGPU_COMPLETION_OK);
  for (int slot = 0; slot < 4; ++slot) EXPECT_EQ(reinterpret_cast<uint64_t*>(data_)[slot], 4u);
  EXPECT_EQ(reinterpret_cast<uint64_t*>(data_)[4], 0u);
}

TEST_F(CardTest, NothingIsLeftInRegisters) {
  reinterpret_cast<uint64_t*>(data_)[0] = ~0ull;
  EXPECT_EQ(Run({KERNEL_REGISTERS, kDataVa, 0, 0, 0, 0}), TQGPU_COMPLETION_OK);
  EXPECT_EQ(reinterpret_cast<uint64_t*>(data_)[0], 0u);
}

TEST_F(CardTest, PacketsRunInOrder) {
  // Fill, count on top of it, copy the result, write behind it, and say when.
  tqgpu_packet_fill fill{};
  fill.destination = kDataVa;
  fill.row_bytes = 4096;
  fill.rows = 1;
  fill.pattern = 0x20;
  fill.pattern_bytes = 8;
  Emit(fill, TQGPU_PACKET_FILL);
  EmitDispatch({KERNEL_COUNT, kDataVa, 0, 0, 512, 0}, 1024);
  tqgpu_packet_copy copy{};
  copy.destination = kHostVa;
  copy.source = kDataVa;
  copy.row_bytes = 4096;
  copy.rows = 1;
  Emit(copy, TQGPU_PACKET_COPY);
  tqgpu_packet_write write{};
  write.destination = kHostVa + 8;
  write.value = 0x1234567890;
  write.value_bytes = 4;
  Emit(write, TQGPU_PACKET_WRITE);
  tqgpu_packet_timestamp timestamp{};
  timestamp.destination = kHostVa + 4096;
  Emit(timestamp, TQGPU_PACKET_TIMESTAMP);
  const tqgpu_completion completion = RunStream();
  EXPECT_EQ(completion.status, TQGPU_COMPLETION_OK);
  const uint64_t* result = reinterpret_cast<const uint64_t*>(host_);
  EXPECT_EQ(result[0], 0x22u);
  EXPECT_EQ(result[1], 0x34567890u);
  EXPECT_EQ(result[511], 0x22u);
  EXPECT_GE(result[512], completion.start_ticks);
  EXPECT_LE(result[512], completion.end_ticks);
  EXPECT_GT(completion.instructions, 5000u);
}

TEST_F(CardTest, CopiesAndFillsRowsOfAnySizeAndAlignment) {
  for (uint64_t i = 0; i < kDataBytes; ++i) host_[i] = static_cast<uint8_t>(i * 7 + (i >> 8));
  struct Case {
    uint64_t bytes, rows, source_pitch, destination_pitch, source, destination;
  };
  for (const Case& c : {Case{1, 1, 0, 0, 0, 0}, Case{13, 7, 64, 17, 3, 5},
                        Case{200000, 3, 262144, 200001, 1, 0}, Case{4096, 100, 4096, 4096, 0, 0}}) {
    memset(data_, 0xee, kDataBytes);
    tqgpu_packet_copy copy{};
    copy.destination = kDataVa + 4096 + c.destination;
    copy.source = kHostVa + c.source;
    copy.row_bytes = c.bytes;
    copy.rows = c.rows;
    copy.destination_pitch = c.destination_pitch;
    copy.source_pitch = c.source_pitch;
    Emit(copy, TQGPU_PACKET_COPY);
    ASSERT_EQ(RunStream(TQGPU_ENGINE_COPY).status, TQGPU_COMPLETION_OK);
    std::vector<uint8_t> expected(kDataBytes, 0xee);
    for (uint64_t row = 0; row < c.rows; ++row) {
      memcpy(&expected[4096 + c.destination + row * c.destination_pitch],
             host_ + c.source + row * c.source_pitch, c.bytes);
    }
    ASSERT_EQ(memcmp(data_, expected.data(), kDataBytes), 0) << c.bytes << " x " << c.rows;
  }
  for (uint32_t bytes : {1, 2, 4, 8}) {
    memset(data_, 0, 65536);
    tqgpu_packet_fill fill{};
    fill.destination = kDataVa + bytes;  // not always aligned to 8
    fill.row_bytes = bytes * 33;
    fill.rows = 3;
    fill.destination_pitch = 1024;
    fill.pattern = 0x8877665544332211;
    fill.pattern_bytes = bytes;
    Emit(fill, TQGPU_PACKET_FILL);
    ASSERT_EQ(RunStream(TQGPU_ENGINE_COPY).status, TQGPU_COMPLETION_OK);
    for (uint64_t row = 0; row < 3; ++row) {
      for (uint64_t i = 0; i < bytes * 33; ++i) {
        ASSERT_EQ(data_[bytes + row * 1024 + i], 0x11 * (i % bytes + 1)) << bytes << " at " << i;
      }
      EXPECT_EQ(data_[bytes + row * 1024 + bytes * 33], 0);
    }
  }
}

TEST_F(CardTest, PageFaultNamesItsPlace) {
  EXPECT_EQ(Run({KERNEL_STORE, 0xdead000, 0, 0, 3, 0}, 4), TQGPU_COMPLETION_FAULT);
  const tqgpu_fault_record fault = card_->LastFault();
  EXPECT_EQ(fault.cause, 15u);
  EXPECT_EQ(fault.address, 0xdead000u);
  EXPECT_GE(fault.pc, kCodeVa);
  EXPECT_LT(fault.pc, kCodeVa + 65536);
  EXPECT_EQ(fault.block, 3u);
  EXPECT_EQ(fault.context, 77u);
  EXPECT_EQ(fault.unit, TQGPU_FAULT_UNIT_KERNEL);
  EXPECT_TRUE(card_->WaitForCard(TQGPU_HOST_VECTOR_FAULT, 5000));
  EXPECT_EQ(Run({KERNEL_COUNT, kDataVa, 0, 0, 8, 0}, 8), TQGPU_COMPLETION_OK) << "the card goes on";
}

TEST_F(CardTest, RightsAreKept) {
  Map(0x60000000, 4096, CardAddress(data_), kRead);
  EXPECT_EQ(Run({KERNEL_STORE, 0x60000000, 0, 0, 0, 0}), TQGPU_COMPLETION_FAULT);
  EXPECT_EQ(card_->LastFault().cause, 15u) << "a store to memory that is read-only";
  EXPECT_EQ(Run({KERNEL_JUMP, kDataVa, 0, 0, 0, 0}), TQGPU_COMPLETION_FAULT);
  EXPECT_EQ(card_->LastFault().cause, 12u) << "a jump to memory that is no code";
  EXPECT_EQ(Run({KERNEL_STORE, kCodeVa, 0, 0, 0, 0}), TQGPU_COMPLETION_FAULT);
  EXPECT_EQ(card_->LastFault().cause, 15u) << "a store to code";
}

TEST_F(CardTest, FirmwareAndDevicesAreFencedOff) {
  Map(0x60000000, 4096, 0x80200000, kWrite);  // as a driver with a hole in it would
  EXPECT_EQ(Run({KERNEL_STORE, 0x60000000, 0, 0, 0, 0}), TQGPU_COMPLETION_FAULT);
  EXPECT_EQ(card_->LastFault().cause, 7u);
  Map(0x60001000, 4096, 0x100000, kWrite);
  EXPECT_EQ(Run({KERNEL_STORE, 0x60001000, 0, 0, 0, 0}), TQGPU_COMPLETION_FAULT);
  EXPECT_EQ(card_->LastFault().cause, 7u);
}

TEST_F(CardTest, OtherExceptions) {
  EXPECT_EQ(Run({KERNEL_ILLEGAL, 0, 0, 0, 0, 0}), TQGPU_COMPLETION_FAULT);
  EXPECT_EQ(card_->LastFault().cause, 2u);
  EXPECT_EQ(Run({KERNEL_TRAP, 0, 0, 0, 0x55, 0}), TQGPU_COMPLETION_FAULT);
  EXPECT_EQ(card_->LastFault().cause, TQGPU_FAULT_CAUSE_ECALL);
  EXPECT_EQ(card_->LastFault().argument, 0x55u);
}

TEST_F(CardTest, BadStreams) {
  tqgpu_packet_write write{};
  Emit(write, static_cast<tqgpu_packet_op>(99));
  EXPECT_EQ(RunStream().status, TQGPU_COMPLETION_BAD_STREAM);
  write.header = {TQGPU_PACKET_WRITE, sizeof write};
  memcpy(stream_, &write, sizeof write);
  stream_bytes_ = sizeof write - 8;  // cut off
  EXPECT_EQ(RunStream().status, TQGPU_COMPLETION_BAD_STREAM);
  write.header.size_bytes = 0;
  memcpy(stream_, &write, sizeof write);
  stream_bytes_ = sizeof write;
  EXPECT_EQ(RunStream().status, TQGPU_COMPLETION_BAD_STREAM);
  EmitDispatch({KERNEL_EMPTY, 0, 0, 0, 0, 0}, 1);
  EXPECT_EQ(RunStream(TQGPU_ENGINE_COPY).status, TQGPU_COMPLETION_BAD_STREAM)
      << "no kernels on the copy engine";
  tqgpu_ring_entry entry{};
  entry.op = TQGPU_RING_EXECUTE;
  entry.satp = tqgpu_pt_satp(&pt_, 1);
  entry.address = 0x123456000;
  entry.size = 64;
  EXPECT_EQ(card_->Wait(TQGPU_ENGINE_COMPUTE, card_->Submit(TQGPU_ENGINE_COMPUTE, entry)).status,
            TQGPU_COMPLETION_FAULT)
      << "the stream itself is not mapped";
  EXPECT_EQ(card_->LastFault().unit, TQGPU_FAULT_UNIT_STREAM);
  write.header.size_bytes = sizeof write;
  write.destination = 0xdead000;
  Emit(write, TQGPU_PACKET_WRITE);
  EXPECT_EQ(RunStream().status, TQGPU_COMPLETION_FAULT);
  EXPECT_EQ(card_->LastFault().address, 0xdead000u);
}

TEST_F(CardTest, CopyFaultNamesItsAddress) {
  tqgpu_packet_copy copy{};
  copy.destination = kDataVa;
  copy.source = 0xdead000;
  copy.row_bytes = 64;
  copy.rows = 1;
  Emit(copy, TQGPU_PACKET_COPY);
  EXPECT_EQ(RunStream(TQGPU_ENGINE_COPY).status, TQGPU_COMPLETION_FAULT);
  EXPECT_EQ(card_->LastFault().unit, TQGPU_FAULT_UNIT_COPY);
  EXPECT_EQ(card_->LastFault().cause, 13u);
  EXPECT_EQ(card_->LastFault().address, 0xdead000u);
}

TEST_F(CardTest, EndlessKernelIsCancelledAndEnginesAreApart) {
  EmitDispatch({KERNEL_SPIN, 0, 0, 0, 0, 0}, 4);
  const uint32_t seqno = SubmitStream(TQGPU_ENGINE_COMPUTE);
  EXPECT_EQ(card_->Wait(TQGPU_ENGINE_COMPUTE, seqno, 300).status, 0xffffffffu);
  stream_bytes_ = 4096;  // the first stream is still read
  uint8_t* first = stream_;
  stream_ += 4096;
  tqgpu_packet_fill fill{};
  fill.destination = kDataVa;
  fill.row_bytes = 64;
  fill.rows = 1;
  fill.pattern = 1;
  fill.pattern_bytes = 1;
  stream_bytes_ = 0;
  Emit(fill, TQGPU_PACKET_FILL);
  tqgpu_ring_entry entry{};
  entry.op = TQGPU_RING_EXECUTE;
  entry.satp = tqgpu_pt_satp(&pt_, 1);
  entry.address = kStreamVa + 4096;
  entry.size = stream_bytes_;
  EXPECT_EQ(card_->Wait(TQGPU_ENGINE_COPY, card_->Submit(TQGPU_ENGINE_COPY, entry)).status,
            TQGPU_COMPLETION_OK)
      << "copies overlap with kernels";
  EXPECT_EQ(Control(TQGPU_RING_INVALIDATE_TLB), TQGPU_COMPLETION_OK) << "also of harts that are at work";
  card_->control()->engine[TQGPU_ENGINE_COMPUTE].cancel_seqno = seqno;
  card_->RingCard(TQGPU_VECTOR_CANCEL);
  EXPECT_EQ(card_->Wait(TQGPU_ENGINE_COMPUTE, seqno).status, TQGPU_COMPLETION_CANCELLED);
  stream_ = first;
  stream_bytes_ = 0;
  EXPECT_EQ(Run({KERNEL_COUNT, kDataVa, 0, 0, 8, 0}, 8), TQGPU_COMPLETION_OK);
}

TEST_F(CardTest, FaultOfOneHartEndsTheOthers) {
  // Block 0 faults, the others would run for ever.
  EXPECT_EQ(Run({KERNEL_STORE_OR_SPIN, 0xdead000, 0, 0, 0, 0}, 4), TQGPU_COMPLETION_FAULT);
  EXPECT_EQ(card_->LastFault().address, 0xdead000u);
}

TEST_F(CardTest, LongWorkAndTheRingShareTheHarts) {
  const uint32_t first = SubmitLong(0, {KERNEL_COUNT_ALL, kDataVa + 4096, 0, 0, 0, 0});
  const uint32_t second = SubmitLong(5, {KERNEL_COUNT_ALL, kDataVa + 8192, 0, 0, 0, 0});
  const volatile uint64_t* counters[] = {reinterpret_cast<uint64_t*>(data_ + 4096),
                                         reinterpret_cast<uint64_t*>(data_ + 8192)};
  for (int round = 1; round <= 20; ++round) {
    EXPECT_EQ(Run({KERNEL_COUNT, kDataVa, 0, 0, 8, 0}, 8), TQGPU_COMPLETION_OK) << round;
    ASSERT_EQ(reinterpret_cast<uint64_t*>(data_)[0], static_cast<uint64_t>(round));
  }
  for (const volatile uint64_t* counter : counters) {
    for (int hart = 0; hart < 4; ++hart) {
      const uint64_t before = counter[hart];
      EXPECT_TRUE(card_->WaitUntil([&] { return counter[hart] > before; }, 10000)) << hart;
    }
  }
  card_->CancelSlot(0, first);
  const tqgpu_slot cancelled = card_->WaitSlot(0, first);
  EXPECT_EQ(cancelled.status, TQGPU_COMPLETION_CANCELLED);
  EXPECT_GT(cancelled.slices, 2u);
  EXPECT_GT(cancelled.run_ticks, 0u);
  const uint64_t stopped = counters[0][0], before = counters[1][0];
  EXPECT_TRUE(card_->WaitUntil([&] { return counters[1][0] > before; }, 10000)) << "the other goes on";
  EXPECT_EQ(counters[0][0], stopped);
  card_->CancelSlot(5, second);
  EXPECT_EQ(card_->WaitSlot(5, second).status, TQGPU_COMPLETION_CANCELLED);
}

TEST_F(CardTest, WhatWasPutAwayGoesOnUnchanged) {
  constexpr uint64_t kBlocks = 8, kRounds = 300000;
  // Alone, which nothing interrupts.
  ASSERT_EQ(Run({KERNEL_MIX, kDataVa, kRounds, 1, 0, 0}, kBlocks), TQGPU_COMPLETION_OK);
  ASSERT_EQ(Run({KERNEL_MIX, kDataVa + 4096, kRounds, 1000, 0, 0}, kBlocks), TQGPU_COMPLETION_OK);
  EmitDispatch({KERNEL_MIX, kDataVa + 8192, kRounds, 1, 0, 0}, kBlocks);
  const uint32_t seqno = SubmitStream(TQGPU_ENGINE_COMPUTE);
  const uint32_t slot_seqno = SubmitLong(3, {KERNEL_MIX, kDataVa + 12288, kRounds, 1000, 0, 0}, kBlocks);
  EXPECT_EQ(card_->Wait(TQGPU_ENGINE_COMPUTE, seqno).status, TQGPU_COMPLETION_OK);
  const tqgpu_slot slot = card_->WaitSlot(3, slot_seqno);
  EXPECT_EQ(slot.status, TQGPU_COMPLETION_OK);
  EXPECT_GT(slot.slices, 2u) << "it was interrupted";
  EXPECT_EQ(memcmp(data_ + 8192, data_, 8 * kBlocks), 0);
  EXPECT_EQ(memcmp(data_ + 12288, data_ + 4096, 8 * kBlocks), 0);
  EXPECT_NE(memcmp(data_ + 8192, data_ + 12288, 8 * kBlocks), 0);
}

TEST_F(CardTest, LongWorkFaultsAndSlotsAreUsedAgain) {
  for (int round = 0; round < 3; ++round) {
    const uint32_t fault = SubmitLong(15, {KERNEL_STORE, 0xdead000, 0, 0, 0, 0});
    EXPECT_EQ(card_->WaitSlot(15, fault).status, TQGPU_COMPLETION_FAULT);
    EXPECT_EQ(card_->LastFault().context, 100u + 15);
    EXPECT_EQ(card_->LastFault().packet, kStreamVa + 8192 + 15 * 256);
    EXPECT_EQ(card_->LastFault().engine, TQGPU_ENGINE_LONG);
    const uint32_t good = SubmitLong(15, {KERNEL_COUNT, kDataVa, 0, 0, 8, 0}, 8);
    EXPECT_EQ(card_->WaitSlot(15, good).status, TQGPU_COMPLETION_OK);
    EXPECT_EQ(reinterpret_cast<uint64_t*>(data_)[7], round + 1u);
  }
}

TEST_F(CardTest, UnmappedPageIsForgottenByARunningKernel) {
  Map(0x60000000, 4096, CardAddress(data_), kWrite);
  EmitDispatch({KERNEL_SPIN, 0x60000000, 0, 0, 0, 0}, 1);
  const uint32_t seqno = SubmitStream(TQGPU_ENGINE_COMPUTE);
  EXPECT_EQ(card_->Wait(TQGPU_ENGINE_COMPUTE, seqno, 200).status, 0xffffffffu);
  tqgpu_pt_pool pool = {};
  tqgpu_pt_unmap(&pt_, &pool, 0x60000000, 4096);
  EXPECT_EQ(Control(TQGPU_RING_INVALIDATE_TLB), TQGPU_COMPLETION_OK);
  EXPECT_EQ(card_->Wait(TQGPU_ENGINE_COMPUTE, seqno).status, TQGPU_COMPLETION_FAULT);
  EXPECT_EQ(card_->LastFault().address, 0x60000000u);
}

TEST_F(CardTest, NewCodeRunsAfterInvalidation) {
  // Code that the card has run is replaced by the host: the second run must see it.
  uint8_t* page = MapVram(0x60000000, 4096, kExecute);
  const uint32_t code_return = 0x00008067, code_illegal = 0;
  memcpy(page, &code_return, 4);
  ASSERT_EQ(Control(TQGPU_RING_INVALIDATE_CODE, CardAddress(page), 4096), TQGPU_COMPLETION_OK);
  EXPECT_EQ(Run({KERNEL_JUMP, 0x60000000, 0, 0, 0, 0}), TQGPU_COMPLETION_OK);
  memcpy(page, &code_illegal, 4);
  ASSERT_EQ(Control(TQGPU_RING_INVALIDATE_CODE, CardAddress(page), 4096), TQGPU_COMPLETION_OK);
  EXPECT_EQ(Run({KERNEL_JUMP, 0x60000000, 0, 0, 0, 0}), TQGPU_COMPLETION_FAULT);
}

TEST_F(CardTest, RingWrapsAround) {
  for (int i = 0; i < 200; ++i) ASSERT_EQ(Control(TQGPU_RING_NOP), TQGPU_COMPLETION_OK) << i;
  EXPECT_EQ(Control(TQGPU_RING_INVALIDATE_CODE, 0x80200000, 4096), TQGPU_COMPLETION_BAD_STREAM);
}

TEST_F(CardTest, LostCompletionAndStoppedHeartCanBeInjected) {
  card_->control()->inject = TQGPU_INJECT_DROP_COMPLETION;
  tqgpu_ring_entry nop{};
  const uint32_t seqno = card_->Submit(TQGPU_ENGINE_CONTROL, nop);
  EXPECT_EQ(card_->Wait(TQGPU_ENGINE_CONTROL, seqno, 300).status, 0xffffffffu);
  EXPECT_EQ(Control(TQGPU_RING_NOP), TQGPU_COMPLETION_OK) << "the next one is told again";

  card_->control()->inject = TQGPU_INJECT_STOP_HEARTBEAT;
  usleep(300000);
  const uint64_t before = card_->control()->heartbeat;
  usleep(500000);
  EXPECT_EQ(card_->control()->heartbeat, before);
  const uint32_t boots = card_->control()->boot_count;
  card_->RingCard(TQGPU_VECTOR_RESET);
  EXPECT_TRUE(card_->WaitUntil([&] { return card_->control()->boot_count == boots + 1; }, 20000));
}

TEST_F(CardTest, RomRefusesBrokenImages) {
  const uint32_t boots = card_->control()->boot_count;
  card_->RingCard(TQGPU_VECTOR_RESET);
  ASSERT_TRUE(card_->WaitUntil(
      [&] {
        return card_->control()->boot_count == boots + 1 && card_->control()->boot_state == TQGPU_BOOT_ROM;
      },
      20000));
  const std::vector<uint8_t> good = ReadFile(TQ_CARD_FIRMWARE);
  std::vector<uint8_t> bad = good;
  bad[good.size() / 2] ^= 1;
  card_->PutFirmware(bad);
  EXPECT_TRUE(card_->WaitUntil([&] { return card_->control()->boot_state == TQGPU_BOOT_BAD_CRC; }, 10000));
  bad = good;
  bad[0] ^= 1;
  card_->PutFirmware(bad);
  EXPECT_TRUE(card_->WaitUntil([&] { return card_->control()->boot_state == TQGPU_BOOT_BAD_HEADER; }, 10000));
  EXPECT_TRUE(card_->BootFirmware(good)) << "and takes the next one";
}

}  // namespace
}  // namespace tq::emulator
