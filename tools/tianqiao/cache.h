// `tianqiao cache`: the compiled kernels on disk.
#pragma once

namespace tq {

// Each prints what it found or did, and returns the exit code.
int ShowCache();
int ClearCache();
int VerifyCache();  // reads every entry; damaged ones are removed, and are no failure

}  // namespace tq
