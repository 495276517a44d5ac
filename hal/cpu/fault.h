// Faults of kernels. A signal or a service call ends the kernel, never the process: the handler returns into
// the scheduler of the thread (Runner::Enter gives false), where the fault becomes a record, poisons the
// address space and stops the grid. Signals that are not a kernel's go to the handler that was there before.
#pragma once

#include <cstdint>

#include "base/cpu_abi.h"
#include "hal/include/tianqiao/hal.h"

namespace tq::hal::cpu {

class GridWork;
class Runner;

// Takes SIGSEGV, SIGBUS, SIGFPE, SIGILL and SIGTRAP; again when the application replaced a handler since.
// Costs five system calls: CheckFaultHandlers is the cheap form for every launch, which looks once in a
// while.
void InstallFaultHandlers();
void CheckFaultHandlers(uint64_t now_ns);

// Gives the calling thread an alternate signal stack unless it has one; the result is for RemoveSignalStack.
void* InstallSignalStack();
void RemoveSignalStack(void* stack);

// Turns runner.pending into a fault record of `vm`. `grid` is null for copies and the like.
void ReportFault(Runner& runner, hal_vm* vm, const GridWork* grid);

// Ends the kernel that runs on this thread. `pc` is an address in it.
[[noreturn]] void RaiseFault(hal_fault_kind kind, uint64_t address, uint64_t pc, const char* message);

// Makes a runner look whether its work was stopped or is overdue, even if the kernel never yields.
void InterruptRunner(const Runner& runner);

}  // namespace tq::hal::cpu
