#include "hal/cpu/grid.h"

#include <sched.h>

#include <algorithm>
#include <bit>
#include <memory>

#include "hal/cpu/clock.h"
#include "hal/cpu/device.h"
#include "hal/cpu/executable.h"
#include "hal/cpu/fault.h"
#include "hal/cpu/runner.h"
#include "hal/cpu/services.h"
#include "hal/cpu/team.h"
#include "hal/cpu/vm.h"

namespace tq::hal::cpu {
namespace {

constexpr uint32_t kStallsBeforeParking = 64;
constexpr uint32_t kMeasureEvery = 64;  // inline runs: reading the clock costs as much as an empty kernel

tq_cpu_dim3 ClusterOf(const hal_dispatch& dispatch) {
  const hal_dim3& cluster = dispatch.cluster;
  return {std::max(cluster.x, 1u), std::max(cluster.y, 1u), std::max(cluster.z, 1u)};
}

uint64_t Volume(const hal_dim3& dim) { return uint64_t{dim.x} * dim.y * dim.z; }

struct LoopCall {
  GridWork* work;
  tq_cpu_block block;
  uint64_t begin, end;
  uint64_t next;  // where the loop ended
};

void RunBlocks(void* context) {
  auto& call = *static_cast<LoopCall*>(context);
  const auto entry =
      reinterpret_cast<tq_cpu_block_entry>(reinterpret_cast<uintptr_t>(call.work->kernel().entry));
  uint64_t& i = call.next;
  for (i = call.begin; i < call.end && !call.work->is_stopped(); ++i) {
    if (call.work->IsTooLongInline(i - call.begin)) break;
    for (uint32_t rank = 0; rank < call.work->cluster_size(); ++rank) {
      call.work->PlaceBlock(i, rank, &call.block);
      entry(&call.block);
    }
  }
}

std::unique_ptr<Team> TakeTeam(Runner& runner) {
  if (runner.idle_teams.empty()) return std::make_unique<Team>();
  std::unique_ptr<Team> team = std::move(runner.idle_teams.back());
  runner.idle_teams.pop_back();
  return team;
}

}  // namespace

uint64_t UnitsOf(const hal_dispatch& dispatch) {
  const tq_cpu_dim3 cluster = ClusterOf(dispatch);
  return uint64_t{dispatch.grid.x / cluster.x} * (dispatch.grid.y / cluster.y) *
         (dispatch.grid.z / cluster.z);
}

uint64_t ThreadsOf(const hal_dispatch& dispatch) { return Volume(dispatch.grid) * Volume(dispatch.block); }

GridWork::GridWork(hal_queue* queue, hal_vm* vm, const hal_dispatch& dispatch, int32_t grid_priority)
    : Work(queue, UnitsOf(dispatch)),
      vm_(vm),
      dispatch_(dispatch),
      cluster_(ClusterOf(dispatch)),
      cluster_size_(cluster_.x * cluster_.y * cluster_.z),
      block_threads_(static_cast<uint32_t>(Volume(dispatch.block))),
      shared_bytes_(dispatch.kernel->SharedBytes(dispatch.dynamic_shared_bytes)) {
  priority = grid_priority;
  waits_on_others = is_cooperative() || dispatch.kernel->WaitsOnOthers();
  const auto workspace = reinterpret_cast<uintptr_t>(&workspace_);
  env_regs_[1] = workspace >> 32;
  env_regs_[2] = workspace & 0xffffffff;
}

void GridWork::InitBlock(const Runner& runner, tq_cpu_block* block) const {
  *block = {};
  block->services = &Services();
  block->params = static_cast<const uint8_t*>(dispatch_.params);
  block->shared_size_bytes = static_cast<uint32_t>(shared_bytes_);
  block->dynamic_shared_offset = kernel().DynamicSharedOffset();
  block->nctaid = {dispatch_.grid.x, dispatch_.grid.y, dispatch_.grid.z};
  block->ntid = {dispatch_.block.x, dispatch_.block.y, dispatch_.block.z};
  block->cluster_nctaid = cluster_;
  block->nclusterid = {dispatch_.grid.x / cluster_.x, dispatch_.grid.y / cluster_.y,
                       dispatch_.grid.z / cluster_.z};
  block->grid_id = dispatch_.grid_id;
  block->worker_index = runner.worker_index;
  block->worker_count = vm_->device->pool->worker_count();
  block->device = vm_;
  if (is_cooperative()) block->env_regs = env_regs_;
}

void GridWork::PlaceBlock(uint64_t unit, uint32_t rank, tq_cpu_block* block) const {
  const tq_cpu_dim3 count = block->nclusterid;
  block->clusterid.x = static_cast<uint32_t>(unit % count.x);
  const uint64_t row = unit / count.x;
  block->clusterid.y = static_cast<uint32_t>(row % count.y);
  block->clusterid.z = static_cast<uint32_t>(row / count.y);
  if (cluster_size_ == 1) {
    block->ctaid = block->clusterid;
    return;
  }
  block->cluster_ctaid = {rank % cluster_.x, rank / cluster_.x % cluster_.y,
                          rank / (cluster_.x * cluster_.y)};
  block->ctaid = {block->clusterid.x * cluster_.x + block->cluster_ctaid.x,
                  block->clusterid.y * cluster_.y + block->cluster_ctaid.y,
                  block->clusterid.z * cluster_.z + block->cluster_ctaid.z};
}

void GridWork::OnFault(Runner& runner) {
  // One record per grid: what follows the first fault is its consequence.
  if (Stop(runner.pending.kind)) ReportFault(runner, vm_, this);
}

bool GridWork::IsTooLongInline(uint64_t ran) const {
  return inline_end_ns != 0 && ran != 0 && std::has_single_bit(ran) && NowNs() >= inline_end_ns;
}

// Units that a stopped grid leaves out count as ended.
uint64_t GridWork::RunLoop(Runner& runner, uint64_t begin, uint64_t end) {
  LoopCall call;
  call.work = this;
  call.begin = begin;
  call.end = end;
  call.next = begin;
  const uint64_t shared_size = std::max<uint64_t>(shared_bytes_, 16);
  InitBlock(runner, &call.block);
  call.block.shared_base = runner.TakeShared(shared_size);
  // A warp-wide kernel keeps the local variables of 32 threads at once.
  const size_t stack_bytes = (1 << 20) + uint64_t{kernel().record.local_bytes} * TQ_CPU_WARP_SIZE;
  runner.PrepareLoopStack(stack_bytes);
  call.block.local_base = runner.loop_stack.base;
  call.block.local_size_bytes = runner.loop_stack.size_bytes;
  runner.block = &call.block;
  runner.image = kernel().exec->image.get();
  runner.grid_start_ns.store(start_ns.load(std::memory_order_relaxed), std::memory_order_relaxed);
  const bool ok = call.block.shared_base != nullptr && runner.Call(this, RunBlocks, &call);
  if (!ok) OnFault(runner);
  runner.grid_start_ns.store(0, std::memory_order_relaxed);
  runner.block = nullptr;
  runner.image = nullptr;
  runner.GiveShared(call.block.shared_base, shared_size);
  return ok && !is_stopped() ? call.next - begin : end - begin;
}

// Blocks that wait for other blocks stay with a worker, which goes on with others in between. A borrowed
// thread stays with them: nothing runs on it that waits for ever.
uint64_t GridWork::RunTeams(Runner& runner, uint64_t begin, uint64_t end) {
  uint64_t ended = 0;
  for (uint64_t i = begin; i < end; ++i) {
    if (is_stopped()) return ended + (end - i);
    if (IsTooLongInline(i - begin)) return ended;
    std::unique_ptr<Team> team = TakeTeam(runner);
    if (!team->Start(runner, *this, i)) {
      runner.pending = {.kind = HAL_FAULT_STACK_OVERFLOW};
      OnFault(runner);
      return ended + (end - i);
    }
    if (is_cooperative() && runner.is_worker && queue != nullptr) {
      runner.residents.push_back(std::move(team));
      continue;
    }
    uint32_t stalls = 0;
    Team::State state = team->Step(runner);
    while (state != Team::State::kFinished) {
      if (state == Team::State::kStalled && ++stalls % kStallsBeforeParking == 0) {
        if (runner.is_worker && queue != nullptr) break;
        sched_yield();
      }
      CpuRelax();
      state = team->Step(runner);
    }
    if (state != Team::State::kFinished) {
      runner.residents.push_back(std::move(team));
      continue;
    }
    runner.idle_teams.push_back(std::move(team));
    ++ended;
  }
  return ended;
}

uint64_t GridWork::RunUnits(Runner& runner, uint64_t begin, uint64_t end) {
  return kernel().IsFiber() ? RunTeams(runner, begin, end) : RunLoop(runner, begin, end);
}

uint64_t GridWork::Run(Runner& runner, uint64_t begin, uint64_t end) {
  if (is_stopped()) return end - begin;
  if (queue == nullptr) return RunUnits(runner, begin, end);
  const uint64_t begin_ns = NowNs();
  CheckFaultHandlers(begin_ns);
  const uint64_t ended = RunUnits(runner, begin, end);
  const uint64_t units = end - begin;
  const uint64_t elapsed_ns = NowNs() - begin_ns;
  busy_ns.fetch_add(elapsed_ns, std::memory_order_relaxed);
  if (!waits_on_others && ended == units && !is_stopped()) {
    dispatch_.kernel->AddMeasurement(static_cast<double>(elapsed_ns) /
                                     static_cast<double>(units * cluster_size_ * block_threads_));
  }
  return ended;
}

uint64_t EstimateInlineNs(const hal_dispatch& dispatch) {
  const double thread_ns = dispatch.kernel->ThreadNs();
  if (thread_ns == 0 || dispatch.kernel->WaitsOnOthers() ||
      (dispatch.flags & HAL_DISPATCH_COOPERATIVE) != 0) {
    return UINT64_MAX;
  }
  return static_cast<uint64_t>(std::min(thread_ns * static_cast<double>(ThreadsOf(dispatch)), 1e18));
}

uint64_t RunInline(Runner& runner, hal_vm* vm, const hal_dispatch& dispatch) {
  hal_kernel& kernel = *dispatch.kernel;
  GridWork work(nullptr, vm, dispatch, 0);
  const bool measures = kernel.inline_runs.fetch_add(1, std::memory_order_relaxed) % kMeasureEvery == 0;
  const uint64_t begin_ns = measures || work.total > 1 ? NowNs() : 0;
  if (measures) CheckFaultHandlers(begin_ns);
  // Twice the longest that anybody estimates: the estimate is of other arguments.
  if (work.total > 1) work.inline_end_ns = begin_ns + 2 * kInlineColdNs;
  if (vm->device->options.watchdog_ms != 0) work.start_ns.store(NowNs(), std::memory_order_relaxed);
  ++runner.inline_depth;
  const uint64_t ran = work.Run(runner, 0, work.total);
  --runner.inline_depth;
  const bool is_whole = ran == work.total;
  if (is_whole) vm->device->grids_completed.fetch_add(1, std::memory_order_relaxed);
  if (!measures && is_whole) return ran;
  const uint64_t elapsed_ns = NowNs() - begin_ns;
  const uint64_t threads = ran * work.cluster_size() * work.block_threads();
  vm->device->busy_ns.fetch_add(is_whole ? elapsed_ns * kMeasureEvery : elapsed_ns,
                                std::memory_order_relaxed);
  kernel.AddMeasurement(static_cast<double>(elapsed_ns) / static_cast<double>(threads));
  return ran;
}

}  // namespace tq::hal::cpu
