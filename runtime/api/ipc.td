// Memory and events of other processes.

def CU_IPC_HANDLE_SIZE : Constant<"64">;
def CUipcEventHandle_v1 : Struct<"CUipcEventHandle_st", [F<"char", "reserved", "[64]">]>;
def CUipcEventHandle : Typedef<"CUipcEventHandle_v1">;
def CUipcMemHandle_v1 : Struct<"CUipcMemHandle_st", [F<"char", "reserved", "[64]">]>;
def CUipcMemHandle : Typedef<"CUipcMemHandle_v1">;
def CUipcMem_flags : Enum<"CUipcMem_flags_enum", [V<"CU_IPC_MEM_LAZY_ENABLE_PEER_ACCESS", 1>]>;

let Noun = "ipc" in {
def cuIpcGetEventHandle : Driver<4010, [Out<"CUipcEventHandle", "pHandle">, Handle<"CUevent", "event">]>, Done;
def cuIpcOpenEventHandle : Driver<4010, [Out<"CUevent", "phEvent">, In<"CUipcEventHandle", "handle">]>, Done;
def cuIpcGetMemHandle : Driver<4010, [Out<"CUipcMemHandle", "pHandle">, In<"CUdeviceptr", "dptr">]>, Done;
def cuIpcOpenMemHandle_v2 : Driver<11000, [Out<"CUdeviceptr", "pdptr">, In<"CUipcMemHandle", "handle">,
    In<"unsigned int", "Flags">]>, Done;
def cuIpcCloseMemHandle : Driver<4010, [In<"CUdeviceptr", "dptr">]>, Done;
def cuIpcOpenMemHandle : Driver<4010, [Out<"CUdeviceptr", "pdptr">, In<"CUipcMemHandle", "handle">,
    In<"unsigned int", "Flags">]>, Alias<"cuIpcOpenMemHandle_v2">, Done;
}  // ipc
