#include "tools/kernel_catalog/kernel_catalog.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <set>

#include "absl/strings/str_cat.h"
#include "runtime/fatbin/write.h"

namespace tq::tools {
namespace {

// A module of `count` kernels, each longer than the one before.
std::string Module(int count) {
  std::string text = ".version 8.5\n.target sm_80\n.address_size 64\n.global .u32 counter;\n";
  for (int i = 0; i < count; ++i) {
    absl::StrAppend(&text, ".visible .entry k", i, "()\n{\n\t.reg .u32 %r;\n");
    for (int j = 0; j <= i; ++j) absl::StrAppend(&text, "\tmov.u32 %r, ", j, ";\n");
    absl::StrAppend(&text, i == 0 ? "\tst.global.u32 [counter], %r;\n" : "", "\tret;\n}\n");
  }
  return text;
}

std::string WriteFile(const std::string& name, std::string_view bytes) {
  const std::string path = testing::TempDir() + name;
  std::ofstream(path, std::ios::binary) << bytes;
  return path;
}

std::string WriteFatbinFile(const std::string& name, const std::string& text) {
  const auto image = fatbin::PtxImage(text, fatbin::Codec::kZstd);
  const auto bytes = fatbin::WriteFatbin({&*image, 1});
  return WriteFile(name, {reinterpret_cast<const char*>(bytes->data()), bytes->size()});
}

TEST(KernelCatalog, ListsKernelsOfTextAndFatBinaries) {
  KernelCatalog catalog;
  ASSERT_TRUE(catalog.Add(WriteFile("a.ptx", Module(3))).ok());
  ASSERT_TRUE(catalog.Add(WriteFatbinFile("b.fatbin", Module(5))).ok());
  ASSERT_EQ(catalog.files().size(), 2u);
  EXPECT_EQ(catalog.files()[0].kernels, 3u);
  EXPECT_EQ(catalog.files()[1].kernels, 5u);
  EXPECT_EQ(catalog.kernels()[4].name(), "k1");
  EXPECT_EQ(catalog.FileOf(catalog.kernels()[4]).path, catalog.files()[1].path);
}

TEST(KernelCatalog, ExtractsAKernelWithWhatItNames) {
  KernelCatalog catalog;
  ASSERT_TRUE(catalog.Add(WriteFile("a.ptx", Module(2))).ok());
  const auto first = catalog.Extract(catalog.kernels()[0]);
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(first->target, "sm_80");
  EXPECT_THAT(first->ptx, testing::HasSubstr(".global .u32 counter"));
  const auto second = catalog.Extract(catalog.kernels()[1]);
  EXPECT_THAT(second->ptx, testing::Not(testing::HasSubstr("counter")));
  EXPECT_THAT(second->ptx, testing::Not(testing::HasSubstr("k0")));
}

TEST(KernelCatalog, SampleIsSpreadOverFilesAndSizes) {
  KernelCatalog catalog;
  ASSERT_TRUE(catalog.Add(WriteFile("a.ptx", Module(2))).ok());
  ASSERT_TRUE(catalog.Add(WriteFile("b.ptx", Module(40))).ok());
  const auto sample = catalog.Sample(12, 1);
  ASSERT_EQ(sample.size(), 12u);
  EXPECT_EQ(sample, catalog.Sample(12, 1));
  EXPECT_NE(sample, catalog.Sample(12, 2));
  std::set<std::string_view> of_b;
  for (const CatalogKernel* kernel : sample) {
    if (catalog.images()[kernel->image].file == 1) of_b.insert(kernel->name());
  }
  // Two of the small file, ten different ones of the other: one of each tenth, and the largest.
  EXPECT_EQ(of_b.size(), 10u);
  EXPECT_TRUE(of_b.contains("k39"));
  EXPECT_TRUE(of_b.contains("k0") || of_b.contains("k1") || of_b.contains("k2") || of_b.contains("k3"));
  EXPECT_EQ(catalog.Sample(1000, 1).size(), 42u);
}

TEST(KernelCatalog, DamagedTextIsAnErrorOfItsFile) {
  KernelCatalog catalog;
  ASSERT_TRUE(catalog.Add(WriteFile("a.ptx", ".version 8.5\n.target sm_80\n.entry k() {")).ok());
  EXPECT_EQ(catalog.files()[0].errors.size(), 1u);
  EXPECT_TRUE(catalog.kernels().empty());
  EXPECT_EQ(catalog.Add("/nonexistent").code(), absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace tq::tools
