// Profiler control is declared in cuda.h.
#pragma once

#include "cuda.h"
