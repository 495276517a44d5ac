// OpenGL interoperation is declared in cuda.h, without types of OpenGL.
#pragma once

#include "cuda.h"
