#include "hal/cpu/team.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <new>

#include "hal/cpu/device.h"
#include "hal/cpu/executable.h"
#include "hal/cpu/fault.h"
#include "hal/cpu/grid.h"
#include "hal/cpu/runner.h"
#include "hal/cpu/stack_trace.h"
#include "hal/cpu/vm.h"

namespace tq::hal::cpu {
namespace {

uint32_t LaneMask(uint32_t count) { return count >= 32 ? ~0u : (1u << count) - 1; }

}  // namespace

Team::~Team() = default;  // stacks belong to the runner's cache, which outlives its teams' use

void Team::FiberMain(void* argument) {
  TraceArrive(nullptr);
  auto& self = *static_cast<ThreadFiber*>(argument);
  const auto entry = reinterpret_cast<tq_cpu_thread_entry>(
      reinterpret_cast<uintptr_t>(self.block->team->work_->kernel().entry));
  entry(&self.thread);
  self.block->team->Exit(self);
}

void Team::Configure(Runner& runner, uint32_t blocks, uint32_t threads, uint64_t stack_bytes) {
  if (blocks == block_count_ && threads == threads_ && stack_bytes == stack_bytes_) return;
  Release(runner);
  block_count_ = blocks;
  threads_ = threads;
  stack_bytes_ = stack_bytes;
  fiber_count_ = blocks * threads;
  fibers_ = std::make_unique<ThreadFiber[]>(fiber_count_);
  const uint32_t warp_count = (threads + kWarpSize - 1) / kWarpSize;
  for (uint32_t b = 0; b < blocks; ++b) {
    auto block = std::make_unique<TeamBlock>();
    block->team = this;
    block->warps.resize(warp_count);
    for (uint32_t w = 0; w < warp_count; ++w) {
      Warp& warp = block->warps[w];
      warp.block = block.get();
      warp.index = w;
      warp.fibers = &fibers_[b * threads + w * kWarpSize];
    }
    for (uint32_t t = 0; t < threads; ++t) {
      ThreadFiber& fiber = fibers_[b * threads + t];
      fiber.warp = &block->warps[t / kWarpSize];
      fiber.block = block.get();
      fiber.stack = runner.stacks.Take(stack_bytes);
    }
    blocks_.push_back(std::move(block));
  }
}

void Team::Release(Runner& runner) {
  for (uint32_t i = 0; i < fiber_count_; ++i) {
    if (fibers_[i].stack.base != nullptr) runner.stacks.Give(fibers_[i].stack);
  }
  fibers_.reset();
  fiber_count_ = 0;
  blocks_.clear();
}

bool Team::Start(Runner& runner, GridWork& work, uint64_t unit) {
  const hal_dispatch& dispatch = work.dispatch();
  const uint64_t page = 4096;
  // What one fiber runs: a thread, or a warp.
  const uint32_t width = work.kernel().HasWarpFibers() ? kWarpSize : 1;
  local_bytes_ = (uint64_t{work.kernel().record.local_bytes} * width + page - 1) & ~(page - 1);
  const uint32_t block_threads = work.block_threads();
  const uint32_t threads = (block_threads + width - 1) / width;
  // What a warp spills is as many times larger as there are fewer fibers.
  Configure(runner, work.cluster_size(), threads,
            work.vm()->stack_bytes.load(std::memory_order_relaxed) * width + local_bytes_);
  work_ = &work;
  runner_ = &runner;
  live_ = fiber_count_;
  cluster_arrived_ = 0;
  cluster_phase_ = 0;
  cluster_waiting_.clear();
  shared_bytes_ = std::max<uint64_t>(work.shared_bytes(), 16);
  // One piece for the whole cluster, so that the distance of any two of its windows fits in 32 bits, as
  // .shared::cluster addresses do.
  shared_stride_ = (shared_bytes_ + Runner::kSharedAlign - 1) & ~(Runner::kSharedAlign - 1);
  uint8_t* const shared = runner.TakeShared(shared_stride_ * block_count_);
  shared_.clear();
  if (shared == nullptr) return false;
  for (uint32_t b = 0; b < block_count_; ++b) shared_.push_back(shared + b * shared_stride_);
  for (uint32_t b = 0; b < block_count_; ++b) {
    TeamBlock& block = *blocks_[b];
    work.InitBlock(runner, &block.block);
    work.PlaceBlock(unit, b, &block.block);
    block.block.shared_base = shared_[b];
    block.block.cluster_shared_bases = block_count_ > 1 ? shared_.data() : nullptr;
    block.live = block_threads;
    block.ready_warps = block.yielded_warps = 0;
    if (block.tensor_memory != nullptr) {
      std::memset(block.tensor_memory->bytes + sizeof block.tensor_memory->bytes - TQ_CPU_TENSOR_STATE_BYTES,
                  0, TQ_CPU_TENSOR_STATE_BYTES);
    }
    for (Barrier& barrier : block.barriers) {
      if (barrier.is_used) barrier = {};
    }
    for (Warp& warp : block.warps) {
      const uint32_t lanes = LaneMask(std::min(threads - warp.index * kWarpSize, kWarpSize));
      warp.live = warp.ready = lanes;
      warp.yielded = 0;
      warp.any_exchange = -1;
      warp.free_exchanges = 0;
      for (size_t i = 0; i < warp.exchanges.size(); ++i) {
        warp.exchanges[i]->is_open = false;
        warp.exchanges[i]->holders = 0;
        warp.free_exchanges |= uint64_t{1} << i;
      }
      block.ready_warps |= 1u << warp.index;
    }
    for (uint32_t t = 0; t < threads; ++t) {
      ThreadFiber& fiber = fibers_[b * threads + t];
      if (fiber.stack.base == nullptr) return false;
      const uint32_t first = t * width;
      fiber.lane = t % kWarpSize;
      fiber.threads = std::min(width, block_threads - first);
      fiber.thread = {.block = &block.block,
                      .tid = {first % dispatch.block.x, first / dispatch.block.x % dispatch.block.y,
                              first / (dispatch.block.x * dispatch.block.y)},
                      .linear_tid = first,
                      .lane = first % kWarpSize,
                      .warp = first / kWarpSize,
                      .local_base = fiber.stack.base,
                      .local_size_bytes = fiber.stack.size_bytes,
                      .fiber = &fiber};
      fiber.exchange = -1;
      fiber.has_cluster_arrival = false;
      fiber.context = PrepareStack(fiber.stack, t, FiberMain, &fiber);
    }
  }
  return true;
}

void* Team::TensorMemoryOf(ThreadFiber& self, uint32_t rank) {
  if (rank != TQ_CPU_OWN_BLOCK && rank >= block_count_) return nullptr;
  TeamBlock& block = rank == TQ_CPU_OWN_BLOCK ? *self.block : *blocks_[rank];
  if (block.tensor_memory == nullptr) block.tensor_memory.reset(new (std::nothrow) TensorMemory());
  return block.tensor_memory.get();
}

void Team::MakeReady(Warp& warp, uint32_t lanes) {
  if (lanes == 0) return;
  warp.ready |= lanes;
  warp.block->ready_warps |= 1u << warp.index;
  progress_ = true;
}

// The lowest ready lane of the warp. When none is ready, the lanes that gathered in a mask-less collective
// have all come that will; lanes that only gave way to others have one turn before.
ThreadFiber* Team::NextOf(Warp& warp) {
  if (warp.ready == 0 && warp.any_exchange >= 0) {
    Exchange& exchange = *warp.exchanges[static_cast<size_t>(warp.any_exchange)];
    if (warp.yielded != 0 && !exchange.has_waited) {
      exchange.has_waited = true;
      warp.ready = warp.yielded;
      warp.yielded = 0;
      warp.block->yielded_warps &= ~(1u << warp.index);
    } else {
      CompleteExchange(warp, exchange);
      warp.any_exchange = -1;
    }
  }
  if (warp.ready == 0) {
    warp.block->ready_warps &= ~(1u << warp.index);
    return nullptr;
  }
  const int lane = std::countr_zero(warp.ready);
  warp.ready &= warp.ready - 1;
  return &warp.fibers[lane];
}

ThreadFiber* Team::Next() {
  for (const auto& block : blocks_) {
    while (block->ready_warps != 0) {
      ThreadFiber* fiber = NextOf(block->warps[static_cast<size_t>(std::countr_zero(block->ready_warps))]);
      if (fiber != nullptr) return fiber;
    }
  }
  return nullptr;
}

bool Team::WakeYielded() {
  bool any = false;
  for (const auto& block : blocks_) {
    for (; block->yielded_warps != 0; block->yielded_warps &= block->yielded_warps - 1) {
      Warp& warp = block->warps[static_cast<size_t>(std::countr_zero(block->yielded_warps))];
      warp.ready |= warp.yielded;
      warp.yielded = 0;
      block->ready_warps |= 1u << warp.index;
      any = true;
    }
  }
  return any;
}

Team::State Team::Step(Runner& runner) {
  progress_ = false;
  runner.work = work_;
  runner.image = work_->kernel().exec->image.get();
  runner.grid_start_ns.store(work_->start_ns.load(std::memory_order_relaxed), std::memory_order_relaxed);
  const State state = RunFibers(runner);
  runner.grid_start_ns.store(0, std::memory_order_relaxed);
  runner.fiber = nullptr;
  if (state != State::kFinished) return state;
  if (!shared_.empty()) runner.GiveShared(shared_[0], shared_stride_ * shared_.size());
  shared_.clear();
  return State::kFinished;
}

Team::State Team::RunFibers(Runner& runner) {
  while (live_ != 0 && !work_->is_stopped()) {
    if (runner.IsOverdue()) {
      runner.pending = {.kind = HAL_FAULT_TIMEOUT};
      work_->OnFault(runner);
      break;
    }
    ThreadFiber* fiber = Next();
    if (fiber == nullptr) {
      if (WakeYielded()) return progress_ ? State::kProgress : State::kStalled;
      runner.pending = {.kind = HAL_FAULT_DEADLOCK};
      std::strcpy(runner.pending.message,
                  "No thread of the block can go on: all wait at barriers or for lanes.");
      runner.block = &blocks_[0]->block;
      runner.fiber = nullptr;
      work_->OnFault(runner);
      break;
    }
    runner.fiber = fiber;
    runner.block = &fiber->block->block;
    if (!runner.Enter(fiber->context, fiber->stack)) {
      work_->OnFault(runner);
      break;
    }
  }
  return State::kFinished;
}

// Leaves the fiber, which somebody will make ready again.
void Team::SwitchAway(ThreadFiber& self) {
  ThreadFiber* next = work_->is_stopped() ? nullptr : NextOf(*self.warp);
  if (next == &self) return;
  void* resume = nullptr;
  if (next != nullptr) runner_->fiber = next;
  TraceLeave(next != nullptr ? next->stack : runner_->own_stack, &resume);
  tq_fiber_switch(&self.context, next != nullptr ? next->context : runner_->scheduler);
  TraceArrive(resume);
}

void Team::Yield(ThreadFiber& self) {
  self.warp->yielded |= 1u << self.lane;
  self.block->yielded_warps |= 1u << self.warp->index;
  SwitchAway(self);
}

void Team::Exit(ThreadFiber& self) {
  Warp& warp = *self.warp;
  TeamBlock& block = *self.block;
  warp.live &= ~(1u << self.lane);
  block.live -= self.threads;
  --live_;
  progress_ = true;
  if (self.has_cluster_arrival) --cluster_arrived_;
  TryCompleteExchanges(warp);
  for (Barrier& barrier : block.barriers) {
    if (barrier.is_used) TryCompleteBarrier(block, barrier);
  }
  TryCompleteCluster();
  SwitchAway(self);
  __builtin_unreachable();
}

}  // namespace tq::hal::cpu
