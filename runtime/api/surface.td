// Surfaces.

let Noun = "surface" in {
def cuSurfRefSetArray : Driver<3000, [Handle<"CUsurfref", "hSurfRef">, Handle<"CUarray", "hArray">,
    In<"unsigned int", "Flags">]>, Done;
def cuSurfRefGetArray : Driver<3000, [Out<"CUarray", "phArray">, Handle<"CUsurfref", "hSurfRef">]>, Done;
def cuSurfObjectCreate : Driver<5000, [Out<"CUsurfObject", "pSurfObject">,
    Ptr<"const CUDA_RESOURCE_DESC*", "pResDesc">]>, Done;
def cuSurfObjectDestroy : Driver<5000, [In<"CUsurfObject", "surfObject">]>, Done;
def cuSurfObjectGetResourceDesc : Driver<5000, [Out<"CUDA_RESOURCE_DESC", "pResDesc">,
    In<"CUsurfObject", "surfObject">]>, Done;
}  // surface
