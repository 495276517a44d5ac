// Data types of the maths libraries are declared in driver_types.h.
#pragma once

#include "driver_types.h"
