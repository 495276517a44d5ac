// A hart's way through a dispatch, and the structure that kernels know as their block.
#include "hal/tqgpu/shell/shell.h"

// What does not change from block to block.
void init_block(hart* self, tq_cpu_block* block) {
  const tq_shell_dispatch* dispatch = self->dispatch;
  *block = (tq_cpu_block){
      .services = &self->services,
      .params = (const uint8_t*)dispatch->params,
      .shared_size_bytes = dispatch->shared_bytes,
      .dynamic_shared_offset = dispatch->dynamic_shared_offset,
      .nctaid = dispatch->grid,
      .ntid = dispatch->block,
      .nclusterid = {dispatch->grid.x / dispatch->cluster.x, dispatch->grid.y / dispatch->cluster.y,
                     dispatch->grid.z / dispatch->cluster.z},
      .cluster_nctaid = dispatch->cluster,
      .grid_id = dispatch->grid_id,
      .worker_index = self->slot,
      .worker_count = self->slots,
      .env_regs = dispatch->flags & TQ_SHELL_COOPERATIVE ? self->env_regs : 0,
      .device = self,
  };
}

void place_block(const tq_shell_dispatch* dispatch, uint64_t unit_index, uint32_t rank, tq_cpu_block* block) {
  const tq_cpu_dim3 count = block->nclusterid, cluster = dispatch->cluster;
  const uint64_t row = unit_index / count.x;
  const tq_cpu_dim3 at = {(uint32_t)(unit_index % count.x), (uint32_t)(row % count.y),
                          (uint32_t)(row / count.y)};
  block->clusterid = at;
  block->cluster_ctaid =
      (tq_cpu_dim3){rank % cluster.x, rank / cluster.x % cluster.y, rank / (cluster.x * cluster.y)};
  block->ctaid =
      (tq_cpu_dim3){at.x * cluster.x + block->cluster_ctaid.x, at.y * cluster.y + block->cluster_ctaid.y,
                    at.z * cluster.z + block->cluster_ctaid.z};
}

// Kernels without fibers run on the hart's own stack.
static void run_loops(hart* self) {
  const tq_shell_dispatch* dispatch = self->dispatch;
  uint8_t* const slice = (uint8_t*)self;
  tq_cpu_block block;
  init_block(self, &block);
  block.shared_base = slice + TQ_SHELL_HART_BYTES;
  block.local_size_bytes = tq_shell_round_up(dispatch->stack_bytes, 4096);
  block.local_base = slice + dispatch->slice_bytes - block.local_size_bytes;
  self->report.block = (uint64_t)&block;
  self->report.thread = TQ_SHELL_LOOP_THREAD;
  const tq_cpu_block_entry entry = (tq_cpu_block_entry)dispatch->kernel;
  for (int64_t i; (i = next_block()) >= 0;) {
    // Blocks that each are a cluster stand in every rank's place.
    for (uint32_t rank = 0; rank < tq_shell_volume(dispatch->cluster); ++rank) {
      place_block(dispatch, (uint64_t)i, rank, &block);
      entry(&block);
    }
  }
}

void shell_main(tq_shell_dispatch* dispatch, uint64_t slot, uint64_t slots) {
  hart* self = (hart*)(dispatch->workspace + slot * dispatch->slice_bytes);
  // The thread pointer, which kernels have no use for, is for the service that is given no thread.
  __asm__ volatile("mv tp, %0" ::"r"(self));
  self->report.block = self->report.thread = 0;
  self->report.fault_kind = 0;
  self->dispatch = dispatch;
  self->device = (tq_shell_device*)dispatch->device;
  self->slot = (uint32_t)slot;
  self->slots = (uint32_t)slots;
  fill_services(&self->services);
  // Where CUDA's cooperative groups look for what the blocks of a grid meet at: halves of its address.
  const uint64_t workspace = (uint64_t)dispatch->grid_workspace;
  for (int i = 0; i < 32; ++i) self->env_regs[i] = 0;
  self->env_regs[1] = workspace >> 32;
  self->env_regs[2] = workspace & 0xffffffff;
  if (dispatch->flags & TQ_SHELL_FIBERS) {
    run_fibers(self);
  } else {
    run_loops(self);
  }
  end_dispatch();
}
