// What the shell asks of the firmware.
#include "driver/abi/tqgpu_card.h"
#include "hal/tqgpu/shell/shell.h"

static uint64_t ask(uint64_t what, uint64_t argument) {
  register uint64_t a0 __asm__("a0") = argument;
  register uint64_t a7 __asm__("a7") = what;
  __asm__ volatile("ecall"
                   : "+r"(a0), "+r"(a7)
                   :
                   : "memory", "ra", "t0", "t1", "t2", "t3", "t4", "t5", "t6", "a1", "a2", "a3", "a4", "a5",
                     "a6");
  return a0;
}

int64_t next_block(void) { return (int64_t)ask(TQGPU_ECALL_NEXT_BLOCK, 0); }

uint64_t ticks(void) {
  uint64_t value;
  __asm__ volatile("rdtime %0" : "=r"(value));
  return value;
}

void end_dispatch(void) {
  for (;;) ask(TQGPU_ECALL_END, 0);
}

void raise_fault(hart* self, uint32_t kind, uint64_t payload, uint64_t pc) {
  self->report.fault_kind = kind;
  self->report.fault_payload = payload;
  self->report.fault_pc = pc;
  for (;;) ask(TQGPU_ECALL_FAULT, kind);
}
