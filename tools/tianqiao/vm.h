// `tianqiao vm`: runs programs in a virtual machine that has the emulated card. What it does is in
// driver/emulator/run.py; this finds it.
#pragma once

namespace tq {

// Does not return when it starts. `arguments` are those behind `vm`, ended by a null pointer. Otherwise says
// why on stderr and returns the exit code.
int RunInMachine(char** arguments);

}  // namespace tq
