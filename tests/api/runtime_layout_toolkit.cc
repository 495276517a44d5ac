#include <cuda_profiler_api.h>
#include <cuda_runtime_api.h>
#include <library_types.h>

#include "tests/api/layout_row.h"

#define LAYOUT_FUNCTION ToolkitLayout
#define LAYOUT_LIST "api/runtime_layout.inc"
#include "tests/api/layout_rows.inc"
