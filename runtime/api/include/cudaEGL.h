// EGL interoperation is declared in cuda.h, without types of EGL.
#pragma once

#include "cuda.h"
