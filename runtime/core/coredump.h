// Core dumps of devices: a file about a kernel that faults, on request (CUDA driver API, "Coredump Attributes
// Control API"). An ELF core file: notes named TIANQIAO, of text, say which device, kernel, thread and line;
// segments hold the context's device memory at its addresses. What the program does not set is as the CUDA_*
// variables of the environment say. Thread-safe.
#pragma once

#include <cuda.h>

#include <string>

#include "absl/status/status.h"
#include "hal/include/tianqiao/hal.h"

namespace tq::core {

class Context;

// Types of notes.
inline constexpr unsigned kCoredumpNoteDevice = 1;
inline constexpr unsigned kCoredumpNoteFault = 2;

struct CoredumpSettings {
  bool on_exception = false;
  bool trigger_host = true;   // the process is aborted when the file is written
  bool lightweight = false;   // no memory
  bool user_trigger = false;  // coredump_pipe.h; of the process
  std::string file;           // %h: host, %p: process, %t: time in seconds
  std::string pipe;
  unsigned generation_flags = CU_COREDUMP_DEFAULT_FLAGS;

  // What a context has that sets nothing of its own.
  static CoredumpSettings Global();
  static void SetGlobal(const CoredumpSettings& settings);
  static CoredumpSettings Of(const Context& context);
  static void SetFor(Context& context, const CoredumpSettings& settings);
};

// A kernel of the context has faulted, with a CUresult: writes the file, if one is asked for.
void DumpCoreOnFault(Context& context, const hal_fault& fault, int error);

// Somebody asks for it: a file of each context, as it is at the moment. The first has the name of the
// settings, the others have their numbers behind it.
void DumpCoresOnRequest();

// %h, %p and %t replaced.
std::string ExpandCoredumpName(const std::string& pattern);

}  // namespace tq::core
