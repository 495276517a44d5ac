// Our public headers against the toolkit's, where it is installed: what was compiled against the one runs
// with the other.
#include <gtest/gtest.h>

#include "tests/api/layout_row.h"

namespace {

TEST(Layout, AgreesWithTheToolkit) {
  const std::vector<LayoutRow> ours = OurLayout(), theirs = ToolkitLayout();
  ASSERT_EQ(ours.size(), theirs.size());
  ASSERT_GT(ours.size(), 1000u);
  for (size_t i = 0; i < ours.size(); ++i) {
    ASSERT_EQ(ours[i].what, theirs[i].what);
    EXPECT_EQ(ours[i].value, theirs[i].value) << ours[i].what;
  }
}

}  // namespace
