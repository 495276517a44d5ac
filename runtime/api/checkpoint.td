// Checkpoint and restore of a process.

def CUprocessState : Enum<"CUprocessState_enum", [V<"CU_PROCESS_STATE_RUNNING", 0>,
    V<"CU_PROCESS_STATE_LOCKED", 1>, V<"CU_PROCESS_STATE_CHECKPOINTED", 2>, V<"CU_PROCESS_STATE_FAILED", 3>]>;
def CUcheckpointLockArgs : Struct<"CUcheckpointLockArgs_st", [F<"unsigned int", "timeoutMs">,
    F<"unsigned int", "reserved0">, F<"cuuint64_t", "reserved1", "[7]">]>;
def CUcheckpointCheckpointArgs : Struct<"CUcheckpointCheckpointArgs_st", [
    F<"cuuint64_t", "reserved", "[8]">]>;
def CUcheckpointGpuPair : Struct<"CUcheckpointGpuPair_st", [F<"CUuuid", "oldUuid">, F<"CUuuid", "newUuid">]>;
def CUcheckpointRestoreArgs : Struct<"CUcheckpointRestoreArgs_st", [F<"CUcheckpointGpuPair*", "gpuPairs">,
    F<"unsigned int", "gpuPairsCount">, F<"char", "reserved", "[44]">, F<"cuuint64_t", "reserved1">]>;
def CUcheckpointUnlockArgs : Struct<"CUcheckpointUnlockArgs_st", [F<"cuuint64_t", "reserved", "[8]">]>;

let Noun = "checkpoint" in {
def cuCheckpointProcessGetRestoreThreadId : Driver<12080, [In<"int", "pid">, Out<"int", "tid">]>, NoInit, Done;
def cuCheckpointProcessGetState : Driver<12080, [In<"int", "pid">,
    Out<"CUprocessState", "state">]>, NoInit, Done;
def cuCheckpointProcessLock : Driver<12080, [In<"int", "pid">,
    Opt<"CUcheckpointLockArgs*", "args">]>, NoInit, Done;
def cuCheckpointProcessCheckpoint : Driver<12080, [In<"int", "pid">,
    Opt<"CUcheckpointCheckpointArgs*", "args">]>, NoInit, Done;
def cuCheckpointProcessRestore : Driver<12080, [In<"int", "pid">,
    Opt<"CUcheckpointRestoreArgs*", "args">]>, NoInit, Done;
def cuCheckpointProcessUnlock : Driver<12080, [In<"int", "pid">,
    Opt<"CUcheckpointUnlockArgs*", "args">]>, NoInit, Done;
}  // checkpoint
