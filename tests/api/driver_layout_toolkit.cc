#include <cuda.h>
#include <cudaProfiler.h>

#include "tests/api/layout_row.h"

#define LAYOUT_FUNCTION ToolkitLayout
#define LAYOUT_LIST "api/driver_layout.inc"
#include "tests/api/layout_rows.inc"
