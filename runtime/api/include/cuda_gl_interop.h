// OpenGL interoperation is declared in cuda_runtime_api.h, without types of OpenGL.
#pragma once

#include "cuda_runtime_api.h"
