// The threads of one fiber block, or of the blocks of one cluster: fibers, and what they wait for. A team
// runs on one OS thread from its start to its end.
//
// A lane is in one of these states: ready (its bit in Warp::ready), yielded, waiting (for a collective, a
// barrier or its cluster), exited. Fibers switch to each other directly where they can; the scheduler (Step)
// sees to the rest.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/cpu_abi.h"
#include "hal/cpu/fiber.h"

namespace tq::hal::cpu {

class GridWork;
class Runner;
class Team;
struct TeamBlock;
struct Warp;

inline constexpr uint32_t kWarpSize = TQ_CPU_WARP_SIZE;
inline constexpr uint32_t kBarriers = 16;
inline constexpr uint32_t kMaxCollectBytes = 128;

struct ThreadFiber {
  tq_cpu_thread thread;  // of lane 0 where a fiber runs a warp
  uint32_t lane;         // its bit in its Warp
  uint32_t threads;      // that it runs: 1, or those of a warp
  void* context;         // while it does not run
  Warp* warp;
  TeamBlock* block;
  Stack stack;
  int32_t exchange;  // index of the exchange whose values it may still read; -1: none
  uint32_t result;   // of the barrier that released it
  uint64_t cluster_phase;
  bool has_cluster_arrival;
};

// Lanes meeting in one collective, and their values until each has come to its next one.
struct Exchange {
  alignas(64) uint8_t values[kWarpSize * kMaxCollectBytes];
  uint32_t mask;  // asked for; 0: whoever comes
  uint32_t arrived;
  uint32_t holders;  // lanes that may still read
  uint32_t stride_bytes;
  bool is_open;     // not complete
  bool has_waited;  // without a mask: for lanes that gave way
  bool has_leader;  // a lane has come back
};

// Fibers that are scheduled together: the threads of a warp, or where a fiber runs a warp, up to 32 of those.
struct Warp {
  TeamBlock* block;
  uint32_t index;
  ThreadFiber* fibers;  // by lane
  uint32_t live, ready, yielded;
  int32_t any_exchange;     // open exchange of mask 0; -1: none
  uint64_t free_exchanges;  // bit per exchange; never more than one per lane plus one open
  std::vector<std::unique_ptr<Exchange>> exchanges;
};

struct Barrier {
  uint32_t arrived, expected;        // expected 0: every live thread of the block
  uint32_t true_count, false_count;  // of the lanes that reduce
  bool is_used;
  std::array<uint32_t, kWarpSize> waiting;   // lanes per warp
  std::array<uint32_t, kWarpSize> reducing;  // of these, who wants the reduction
  std::array<uint8_t, kWarpSize * kWarpSize> op;
};

struct TensorMemory {
  alignas(64) uint8_t bytes[TQ_CPU_TENSOR_MEMORY_BYTES];
};

struct TeamBlock {
  tq_cpu_block block;
  Team* team;
  uint32_t live;
  uint32_t ready_warps, yielded_warps;
  std::vector<Warp> warps;
  std::array<Barrier, kBarriers> barriers;
  std::unique_ptr<TensorMemory> tensor_memory;  // from its first use on, also by later blocks
};

class Team {
 public:
  enum class State { kFinished, kProgress, kStalled };

  Team() = default;
  ~Team();
  Team(const Team&) = delete;
  Team& operator=(const Team&) = delete;

  // Makes the fibers of unit `unit`. False when the system has no memory for their stacks.
  bool Start(Runner& runner, GridWork& work, uint64_t unit);
  // Runs until every thread has exited or the grid was stopped (kFinished), or until all that is left waits
  // for memory that other threads write (kStalled: nobody got on; kProgress: somebody did).
  State Step(Runner& runner);

  GridWork* work() const { return work_; }

  // For the services, on a fiber of this team.
  // The values when no other lane has come back with them, else null.
  uint8_t* Collect(ThreadFiber& self, uint32_t mask, const void* value, uint32_t size_bytes,
                   tq_cpu_lanes* lanes);
  // `true_count`, `false_count`: how many of its threads bring a value that is, or is not.
  uint32_t BarrierSync(ThreadFiber& self, uint32_t id, uint32_t thread_count, uint32_t op,
                       uint32_t true_count, uint32_t false_count);
  void BarrierArrive(ThreadFiber& self, uint32_t id, uint32_t thread_count);
  void ClusterArrive(ThreadFiber& self);
  void ClusterWait(ThreadFiber& self);
  void Yield(ThreadFiber& self);
  // Null: no block of that rank, or no memory for it.
  void* TensorMemoryOf(ThreadFiber& self, uint32_t rank);
  [[noreturn]] void Exit(ThreadFiber& self);

 private:
  void Configure(Runner& runner, uint32_t blocks, uint32_t threads, uint64_t stack_bytes);
  void Release(Runner& runner);
  State RunFibers(Runner& runner);
  void SwitchAway(ThreadFiber& self);
  ThreadFiber* NextOf(Warp& warp);
  ThreadFiber* Next();
  bool WakeYielded();
  void MakeReady(Warp& warp, uint32_t lanes);
  Exchange& OpenExchange(Warp& warp, uint32_t mask, uint32_t stride_bytes, int32_t* index);
  void CompleteExchange(Warp& warp, Exchange& exchange);
  void TryCompleteExchanges(Warp& warp);
  void TryCompleteBarrier(TeamBlock& block, Barrier& barrier);
  void TryCompleteCluster();
  static void FiberMain(void* argument);

  GridWork* work_ = nullptr;
  Runner* runner_ = nullptr;
  uint32_t live_ = 0;
  bool progress_ = false;  // some thread got past a wait, or ended, since the flag was cleared
  uint32_t block_count_ = 0, threads_ = 0;
  uint64_t stack_bytes_ = 0, local_bytes_ = 0;
  uint64_t shared_bytes_ = 0, shared_stride_ = 0;
  std::vector<std::unique_ptr<TeamBlock>> blocks_;
  std::unique_ptr<ThreadFiber[]> fibers_;
  uint32_t fiber_count_ = 0;
  std::vector<uint8_t*> shared_;
  uint32_t cluster_arrived_ = 0;
  uint64_t cluster_phase_ = 0;
  std::vector<ThreadFiber*> cluster_waiting_;
};

}  // namespace tq::hal::cpu
