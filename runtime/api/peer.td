// Access between devices.

let Noun = "peer" in {
def cuDeviceCanAccessPeer : Driver<4000, [Out<"int", "canAccessPeer">, Handle<"CUdevice", "dev">,
    Handle<"CUdevice", "peerDev">]>, NoContext, Done;
def cuCtxEnablePeerAccess : Driver<4000, [Handle<"CUcontext", "peerContext">, In<"unsigned int", "Flags">]>,
    Done;
def cuCtxDisablePeerAccess : Driver<4000, [Handle<"CUcontext", "peerContext">]>, Done;
def cuDeviceGetP2PAttribute : Driver<8000, [Out<"int", "value">, In<"CUdevice_P2PAttribute", "attrib">,
    Handle<"CUdevice", "srcDevice">, Handle<"CUdevice", "dstDevice">]>, NoContext, Done;
def cuDeviceGetP2PAtomicCapabilities : Driver<13000, [Out<"unsigned int", "capabilities">,
    Array<"const CUatomicOperation*", "operations", "count">, In<"unsigned int", "count">,
    Handle<"CUdevice", "srcDevice">, Handle<"CUdevice", "dstDevice">]>, NoContext, Done;
}  // peer
