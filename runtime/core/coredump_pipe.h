// Core dumps that somebody outside asks for: whatever is written to a named pipe makes the process write one
// of each of its contexts (CUDA driver API, "Coredump Attributes Control API", CU_COREDUMP_PIPE).
// Thread-safe.
#pragma once

namespace tq::core {

// Makes the pipe and the thread that waits on it, once, if the settings of the process ask for it. Called
// when they change, and with each context.
void WatchCoredumpPipe();

}  // namespace tq::core
