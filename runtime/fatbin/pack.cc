// tianqiao-fatbin: packs PTX into a fat binary, for clang's -fcuda-include-gpubinary.
#include <cstdio>
#include <cstring>
#include <deque>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "runtime/fatbin/write.h"

namespace {

constexpr char kUsage[] =
    "usage: tianqiao-fatbin [--codec=none|lz4|zstd] -o OUT.fatbin IN.ptx...\n"
    "Packs PTX files into one fat binary; architectures come from their .target directives.\n";

int Fail(const std::string& message) {
  std::fprintf(stderr, "tianqiao-fatbin: %s\n", message.c_str());
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  using tq::fatbin::Codec;
  std::string out_path;
  std::vector<std::string> in_paths;
  Codec codec = Codec::kZstd;
  for (int i = 1; i < argc; ++i) {
    const std::string arg = argv[i];
    if (arg == "-o" && i + 1 < argc) {
      out_path = argv[++i];
    } else if (arg == "--codec=none") {
      codec = Codec::kStored;
    } else if (arg == "--codec=lz4") {
      codec = Codec::kLz4;
    } else if (arg == "--codec=zstd") {
      codec = Codec::kZstd;
    } else if (arg == "--help") {
      std::fputs(kUsage, stdout);
      return 0;
    } else if (arg[0] == '-') {
      return Fail("unknown option " + arg + "\n" + kUsage);
    } else {
      in_paths.push_back(arg);
    }
  }
  if (out_path.empty() || in_paths.empty()) return Fail(std::string("wants an output and inputs\n") + kUsage);

  std::deque<std::string> texts;  // the images point into them
  std::vector<tq::fatbin::Image> images;
  for (const std::string& path : in_paths) {
    std::ifstream in(path, std::ios::binary);
    if (!in) return Fail(path + " cannot be read");
    texts.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
    const auto image = tq::fatbin::PtxImage(texts.back(), codec);
    if (!image.ok()) return Fail(path + ": " + std::string(image.status().message()));
    images.push_back(*image);
  }
  const auto bytes = tq::fatbin::WriteFatbin(images);
  if (!bytes.ok()) return Fail(std::string(bytes.status().message()));
  std::ofstream out(out_path, std::ios::binary);
  out.write(reinterpret_cast<const char*>(bytes->data()), static_cast<std::streamsize>(bytes->size()));
  out.close();
  return out ? 0 : Fail(out_path + " cannot be written");
}
