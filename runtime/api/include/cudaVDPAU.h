// VDPAU interoperation is declared in cuda.h, without types of VDPAU.
#pragma once

#include "cuda.h"
