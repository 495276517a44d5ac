// Texture fetches against a model written from the CUDA C++ Programming Guide, "Texture Fetching": every
// texel format, filter, address mode and number of dimensions; then cubes, gathering, comparison and levels
// of detail, by what their geometry demands.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <random>
#include <vector>

#include "base/texture_abi.h"
#include "compiler/devicelib/modes.h"
#include "gtest/gtest.h"
#include "tests/ptx/devicelib.h"
#include "tests/ptx/oracle.h"

namespace tq::devicelib {
namespace {

using oracle::BitCast;

struct Texel {
  tq_texel kind;
  int bytes;  // of a channel
  bool filtered;
};
constexpr Texel kTexels[] = {
    {TQ_TEXEL_U8, 1, false},    {TQ_TEXEL_U16, 2, false},
    {TQ_TEXEL_U32, 4, false},   {TQ_TEXEL_S8, 1, false},
    {TQ_TEXEL_S16, 2, false},   {TQ_TEXEL_S32, 4, false},
    {TQ_TEXEL_F16, 2, true},    {TQ_TEXEL_F32, 4, true},
    {TQ_TEXEL_UNORM8, 1, true}, {TQ_TEXEL_UNORM16, 2, true},
    {TQ_TEXEL_SNORM8, 1, true}, {TQ_TEXEL_SNORM16, 2, true},
    {TQ_TEXEL_SRGB8, 1, true},  {TQ_TEXEL_UNORM10_10_10_2, 1, true},
};

// An image in memory and its descriptor.
class Image {
 public:
  Image(const Texel& texel, int channels, int width, int height, int slices)
      : texel_(texel),
        channels_(channels),
        bytes_(static_cast<size_t>(TexelBytes()) * width * height * slices) {
    texture_.self = handle();
    texture_.kind = TQ_TEXTURE_TEXTURE;
    texture_.texel = static_cast<uint8_t>(texel.kind);
    texture_.channels = static_cast<uint8_t>(channels);
    texture_.texel_bytes = static_cast<uint8_t>(TexelBytes());
    texture_.level_count = 1;
    tq_texture_level& level = texture_.levels[0];
    level.address = reinterpret_cast<uintptr_t>(bytes_.data());
    level.width = static_cast<uint32_t>(width);
    level.height = static_cast<uint32_t>(height);
    level.slices = static_cast<uint32_t>(slices);
    level.row_pitch_bytes = static_cast<uint64_t>(TexelBytes()) * width;
    level.slice_pitch_bytes = level.row_pitch_bytes * height;
    for (int c = 0; c < 4; ++c) texture_.border[c] = texel.filtered ? BitCast<uint32_t>(0.25f + c) : 7u + c;
  }

  tq_texture& texture() { return texture_; }
  uint64_t handle() const { return reinterpret_cast<uintptr_t>(&texture_); }
  std::vector<uint8_t>& bytes() { return bytes_; }
  int TexelBytes() const { return texel_.kind == TQ_TEXEL_UNORM10_10_10_2 ? 4 : texel_.bytes * channels_; }
  int channels() const { return channels_; }
  const Texel& texel() const { return texel_; }

  void Randomize(std::mt19937_64& random) {
    for (uint8_t& byte : bytes_) byte = static_cast<uint8_t>(random());
    if (texel_.kind != TQ_TEXEL_F16 && texel_.kind != TQ_TEXEL_F32) return;
    std::uniform_real_distribution<float> value(-4, 4);
    for (size_t i = 0; i < bytes_.size(); i += static_cast<size_t>(texel_.bytes)) {
      const float x = value(random);
      if (texel_.bytes == 4) std::memcpy(&bytes_[i], &x, 4);
      const auto half = static_cast<uint16_t>(BitCast<uint32_t>(x) >> 13 & 0x3ff) | 0x3c00;  // 1 to 2
      if (texel_.bytes == 2) std::memcpy(&bytes_[i], &half, 2);
    }
  }

  // Channel c of a texel as the model knows it.
  double At(int x, int y, int z, int c) const {
    const tq_texture_level& level = texture_.levels[0];
    const uint8_t* bytes =
        &bytes_[static_cast<size_t>(z) * level.slice_pitch_bytes +
                static_cast<size_t>(y) * level.row_pitch_bytes + static_cast<size_t>(x) * TexelBytes()];
    if (texel_.kind == TQ_TEXEL_UNORM10_10_10_2) {
      uint32_t word;
      std::memcpy(&word, bytes, 4);
      return c == 3 ? (word >> 30) / 3.0 : (word >> (10 * c) & 1023) / 1023.0;
    }
    if (c >= channels_) return c == 3 ? 1 : 0;
    int64_t raw = 0;
    std::memcpy(&raw, bytes + c * texel_.bytes, static_cast<size_t>(texel_.bytes));
    const int64_t sign = raw << (64 - 8 * texel_.bytes) >> (64 - 8 * texel_.bytes);
    switch (texel_.kind) {
      case TQ_TEXEL_S8:
      case TQ_TEXEL_S16:
      case TQ_TEXEL_S32:
        return static_cast<double>(sign);
      case TQ_TEXEL_F16:
        return 1 + (raw & 0x3ff) / 1024.0;
      case TQ_TEXEL_F32:
        return BitCast<float>(static_cast<uint32_t>(raw));
      case TQ_TEXEL_UNORM8:
        return raw / 255.0;
      case TQ_TEXEL_UNORM16:
        return raw / 65535.0;
      case TQ_TEXEL_SNORM8:
        return std::max(sign / 127.0, -1.0);
      case TQ_TEXEL_SNORM16:
        return std::max(sign / 32767.0, -1.0);
      case TQ_TEXEL_SRGB8: {
        const double v = raw / 255.0;
        if (c == 3) return v;
        return v <= 0.04045 ? v / 12.92 : std::pow((v + 0.055) / 1.055, 2.4);
      }
      default:
        return static_cast<double>(raw);
    }
  }

 private:
  const Texel texel_;
  const int channels_;
  std::vector<uint8_t> bytes_;
  alignas(TQ_TEXTURE_ALIGN_BYTES) tq_texture texture_ = {};
};

// ---- The model ----

// Where index i lands in n texels: -1 is the border.
int Place(int i, int n, int mode) {
  if (i >= 0 && i < n) return i;
  switch (mode) {
    case TQ_ADDRESS_CLAMP:
      return i < 0 ? 0 : n - 1;
    case TQ_ADDRESS_WRAP:
      return ((i % n) + n) % n;
    case TQ_ADDRESS_MIRROR: {
      int at = i;
      while (at < 0 || at >= n) at = at < 0 ? -1 - at : 2 * n - 1 - at;
      return at;
    }
    default:
      return -1;
  }
}

struct Along {
  int first, second;
  double weight;
};

Along Split(double coordinate, int n, bool normalized, bool linear, int mode) {
  if (!normalized && mode != TQ_ADDRESS_BORDER) mode = TQ_ADDRESS_CLAMP;
  const double u = normalized ? coordinate * n : coordinate;
  if (!linear) return {Place(static_cast<int>(std::floor(u)), n, mode), 0, 0};
  // The guide's x_B, in fixed point with 8 fractional bits.
  const double b = std::floor((u - 0.5) * 256 + 0.5) / 256;
  const int i = static_cast<int>(std::floor(b));
  return {Place(i, n, mode), Place(i + 1, n, mode), b - i};
}

double Model(const Image& image, const tq_texture& t, int dimensions, const float* at, int slice, int c) {
  const bool normalized = t.flags & TQ_TEXTURE_NORMALIZED;
  const bool linear = t.filter == TQ_FILTER_LINEAR && (image.texel().filtered || image.texel().bytes < 4);
  const tq_texture_level& level = t.levels[0];
  const int sizes[3] = {static_cast<int>(level.width), static_cast<int>(level.height),
                        static_cast<int>(level.slices)};
  Along along[3] = {{0, 0, 0}, {0, 0, 0}, {slice, slice, 0}};
  for (int i = 0; i < dimensions; ++i)
    along[i] = Split(at[i], sizes[i], normalized, linear, t.address_mode[i]);
  double sum = 0;
  for (int k = 0; k < 8; ++k) {
    double weight = 1;
    int place[3];
    for (int i = 0; i < 3; ++i) {
      const bool second = k >> i & 1;
      place[i] = second ? along[i].second : along[i].first;
      weight *= second ? along[i].weight : 1 - along[i].weight;
    }
    if (weight == 0) continue;
    const bool outside = place[0] < 0 || place[1] < 0 || place[2] < 0;
    const double border =
        image.texel().filtered ? BitCast<float>(t.border[c]) : static_cast<double>(t.border[c]);
    sum += weight * (outside ? border : image.At(place[0], place[1], place[2], c));
  }
  return sum;
}

TexelBits Sample(const Image& image, int dimensions, uint32_t slice, const float* at) {
  constexpr auto kSample = std::array{tq_texture_sample_1d, tq_texture_sample_2d, tq_texture_sample_3d};
  return kSample[static_cast<size_t>(dimensions - 1)](
      image.handle(), image.handle(), slice, 0, static_cast<uint32_t>(dimensions), at[0], at[1], at[2], 0, 0);
}

TEST(Texture, EveryFormatFilterAndAddressMode) {
  std::mt19937_64 random(1);
  int count = 0;
  for (const Texel& texel : kTexels) {
    for (int channels : {1, 2, 4}) {
      if (texel.kind == TQ_TEXEL_UNORM10_10_10_2 && channels != 4) continue;
      Image image(texel, channels, 7, 5, 3);
      image.Randomize(random);
      tq_texture& t = image.texture();
      for (int setting = 0; setting < 2 * 2 * 4; ++setting) {
        t.flags = setting & 1 ? TQ_TEXTURE_NORMALIZED : 0;
        t.filter = setting & 2 ? TQ_FILTER_LINEAR : TQ_FILTER_NEAREST;
        for (uint8_t& mode : t.address_mode) mode = static_cast<uint8_t>(setting >> 2);
        const float reach = t.flags & TQ_TEXTURE_NORMALIZED ? 2.5f : 12.0f;
        std::uniform_real_distribution<float> coordinate(-reach, reach);
        for (int dimensions = 1; dimensions <= 3; ++dimensions) {
          for (int i = 0; i < 40; ++i, ++count) {
            const float at[3] = {coordinate(random), coordinate(random), coordinate(random)};
            const uint32_t slice = dimensions < 3 ? static_cast<uint32_t>(random() % 3) : 0;
            const TexelBits got = Sample(image, dimensions, slice, at);
            for (int c = 0; c < 4; ++c) {
              double want = Model(image, t, dimensions, at, static_cast<int>(slice), c);
              // Integers are filtered too and rounded; sums in single precision may be on either side of a
              // tie.
              const bool is_tie = std::fabs(std::fabs(want - std::trunc(want)) - 0.5) < 0.02;
              if (!texel.filtered) want = std::round(want);
              const bool is_signed = texel.kind >= TQ_TEXEL_S8 && texel.kind <= TQ_TEXEL_S32;
              const double value = texel.filtered ? BitCast<float>(got[c])
                                   : is_signed    ? static_cast<double>(static_cast<int32_t>(got[c]))
                                                  : static_cast<double>(got[c]);
              ASSERT_NEAR(value, want,
                          texel.filtered ? 2e-6
                          : is_tie       ? 1
                                         : 0)
                  << "texel " << texel.kind << ", " << channels << " channels, setting " << setting << ", "
                  << dimensions << "D (" << at[0] << ", " << at[1] << ", " << at[2] << ") channel " << c;
            }
          }
        }
      }
    }
  }
  EXPECT_GT(count, 70'000);
}

// The texel of the guide's own example of rounding: 2.49805 rounds up to the next pair of texels.
TEST(Texture, CoordinatesRoundToTheNearestOf256Steps) {
  Image image({TQ_TEXEL_F32, 4, true}, 1, 8, 1, 1);
  for (int i = 0; i < 8; ++i) reinterpret_cast<float*>(image.bytes().data())[i] = static_cast<float>(i);
  image.texture().filter = TQ_FILTER_LINEAR;
  image.texture().address_mode[0] = TQ_ADDRESS_CLAMP;
  const float just_above[3] = {2.49805f}, middle[3] = {2.5f}, third[3] = {2.0f + 0.5f + 85.4f / 256};
  EXPECT_EQ(BitCast<float>(Sample(image, 1, 0, just_above)[0]), 2.0f);
  EXPECT_EQ(BitCast<float>(Sample(image, 1, 0, middle)[0]), 2.0f);
  EXPECT_EQ(BitCast<float>(Sample(image, 1, 0, third)[0]), 2.0f + 85.0f / 256);
}

TEST(Texture, CoordinatesThatAreNoNumbersStayInside) {
  Image image({TQ_TEXEL_UNORM8, 1, true}, 4, 3, 3, 2);
  for (int mode = 0; mode < 4; ++mode) {
    for (uint8_t& m : image.texture().address_mode) m = static_cast<uint8_t>(mode);
    for (int filter = 0; filter < 2; ++filter) {
      image.texture().filter = static_cast<uint8_t>(filter);
      image.texture().flags = TQ_TEXTURE_NORMALIZED;
      for (float x : {NAN, INFINITY, -INFINITY, 3e38f, -3e38f, 1e20f, -1e-40f}) {
        const float at[3] = {x, x, x};
        for (int dimensions = 1; dimensions <= 3; ++dimensions) Sample(image, dimensions, 0xffffffff, at);
        tq_texture_sample_cube(image.handle(), image.handle(), 0xffffffff, 0, TQ_TEXTURE_CUBE, x, x, x, x, 0);
        tq_texture_gather(image.handle(), image.handle(), 5, 0x808080, 2, x, x, x, 0);
        tq_texture_lod(image.handle(), image.handle(), 3, x, x, x, x, x, x);
        tq_texture_lod_cube(image.handle(), x, x, x, x, x, x, x, x, x);
      }
    }
  }
}

TEST(Texture, OffsetsMoveByWholeTexels) {
  Image image({TQ_TEXEL_U32, 4, false}, 1, 16, 16, 1);
  for (uint32_t i = 0; i < 256; ++i) reinterpret_cast<uint32_t*>(image.bytes().data())[i] = i;
  for (uint8_t& m : image.texture().address_mode) m = TQ_ADDRESS_CLAMP;
  for (int dx = -8; dx <= 7; ++dx) {
    const auto offsets = static_cast<uint32_t>((dx & 255) | (-dx & 7) << 8);
    const TexelBits got =
        tq_texture_sample_2d(image.handle(), image.handle(), 0, offsets, 2, 8.5f, 3.5f, 0, 0, 0);
    EXPECT_EQ(got[0], static_cast<uint32_t>((3 + (-dx & 7)) * 16 + 8 + dx));
  }
}

TEST(Texture, IntegerCoordinatesNameTexels) {
  Image image({TQ_TEXEL_S16, 2, false}, 2, 4, 3, 2);
  std::mt19937_64 random(3);
  image.Randomize(random);
  image.texture().filter = TQ_FILTER_LINEAR;
  image.texture().flags = TQ_TEXTURE_NORMALIZED;
  for (uint8_t& m : image.texture().address_mode) m = TQ_ADDRESS_CLAMP;
  for (int x = -3; x < 7; ++x) {
    for (int y = -2; y < 5; ++y) {
      const TexelBits got = tq_texture_fetch(image.handle(), image.handle(), 1, x, y, 0, 0, 2);
      const int px = std::clamp(x, 0, 3), py = std::clamp(y, 0, 2);
      EXPECT_EQ(static_cast<int32_t>(got[0]), image.At(px, py, 1, 0));
      EXPECT_EQ(static_cast<int32_t>(got[1]), image.At(px, py, 1, 1));
      EXPECT_EQ(got[3], 1u);
    }
  }
  image.texture().flags = TQ_TEXTURE_BUFFER;
  EXPECT_EQ(tq_texture_fetch(image.handle(), image.handle(), 0, 4, 0, 0, 0, 1)[0], 0u);
  EXPECT_EQ(tq_texture_fetch(image.handle(), image.handle(), 0, -1, 0, 0, 0, 1)[3], 0u);
}

TEST(Texture, GatherTakesTheFootprintCounterClockwise) {
  Image image({TQ_TEXEL_U8, 1, false}, 4, 8, 8, 1);
  for (int y = 0; y < 8; ++y) {
    for (int x = 0; x < 8; ++x) {
      for (int c = 0; c < 4; ++c)
        image.bytes()[(y * 8 + x) * 4 + c] = static_cast<uint8_t>(c * 64 + y * 8 + x);
    }
  }
  for (uint8_t& m : image.texture().address_mode) m = TQ_ADDRESS_CLAMP;
  for (uint32_t c = 0; c < 4; ++c) {
    const uint32_t flags = 2 | c << TQ_TEXTURE_COMPONENT;
    const TexelBits got = tq_texture_gather(image.handle(), image.handle(), 0, 0, flags, 3.2f, 5.9f, 0, 0);
    // x_B = 2.7, y_B = 5.4: columns 2 and 3, rows 5 and 6.
    EXPECT_EQ(got[0], c * 64 + 6 * 8 + 2);
    EXPECT_EQ(got[1], c * 64 + 6 * 8 + 3);
    EXPECT_EQ(got[2], c * 64 + 5 * 8 + 3);
    EXPECT_EQ(got[3], c * 64 + 5 * 8 + 2);
  }
}

TEST(Texture, ComparisonsAreFiltered) {
  Image image({TQ_TEXEL_F32, 4, true}, 1, 2, 2, 1);
  const float depths[] = {0.1f, 0.5f, 0.6f, 0.9f};
  std::memcpy(image.bytes().data(), depths, sizeof depths);
  image.texture().filter = TQ_FILTER_LINEAR;
  for (uint8_t& m : image.texture().address_mode) m = TQ_ADDRESS_CLAMP;
  const auto compare = [&](float x, float y, float reference) {
    return BitCast<float>(tq_texture_sample_2d(image.handle(), image.handle(), 0, 0, 2 | TQ_TEXTURE_COMPARE,
                                               x, y, 0, 0, reference)[0]);
  };
  EXPECT_EQ(compare(1, 1, 0.5f), 0.75f);  // three of four are not below
  EXPECT_EQ(compare(1, 1, 0.95f), 0.0f);
  EXPECT_EQ(compare(1, 0.5f, 0.3f), 0.5f);
  EXPECT_EQ(compare(0.5f, 1.25f, 0.3f), 0.75f);
}

// Each texel of the cube holds the place of its middle on the cube with corners at -1 and 1: filtering is
// then linear interpolation of the direction itself.
class Cube : public testing::Test {
 protected:
  static constexpr int kSize = 8;
  Cube() : image_({TQ_TEXEL_F32, 4, true}, 4, kSize, kSize, 6) {
    auto* out = reinterpret_cast<float*>(image_.bytes().data());
    for (int face = 0; face < 6; ++face) {
      for (int y = 0; y < kSize; ++y) {
        for (int x = 0; x < kSize; ++x, out += 4) {
          const float s = (2 * x + 1.0f) / kSize - 1, t = (2 * y + 1.0f) / kSize - 1;
          // The table of the guide, solved for the direction.
          const float places[6][3] = {{1, -t, -s}, {-1, -t, s}, {s, 1, t},
                                      {s, -1, -t}, {s, -t, 1},  {-s, -t, -1}};
          std::memcpy(out, places[face], sizeof places[face]);
          out[3] = static_cast<float>(face);
        }
      }
    }
    image_.texture().filter = TQ_FILTER_LINEAR;
    image_.texture().flags = TQ_TEXTURE_NORMALIZED | TQ_TEXTURE_SEAMLESS;
    for (uint8_t& m : image_.texture().address_mode) m = TQ_ADDRESS_CLAMP;
  }

  std::array<float, 4> At(float x, float y, float z) {
    const TexelBits got =
        tq_texture_sample_cube(image_.handle(), image_.handle(), 0, 0, TQ_TEXTURE_CUBE, x, y, z, 0, 0);
    return {BitCast<float>(got[0]), BitCast<float>(got[1]), BitCast<float>(got[2]), BitCast<float>(got[3])};
  }

  Image image_;
};

TEST_F(Cube, FacesFollowTheMajorAxis) {
  image_.texture().filter = TQ_FILTER_NEAREST;
  std::mt19937_64 random(5);
  std::uniform_real_distribution<float> coordinate(-1, 1);
  for (int i = 0; i < 2000; ++i) {
    const float d[3] = {coordinate(random), coordinate(random), coordinate(random)};
    const float major = std::max({std::fabs(d[0]), std::fabs(d[1]), std::fabs(d[2])});
    const std::array<float, 4> got = At(d[0], d[1], d[2]);
    for (int c = 0; c < 3; ++c) ASSERT_NEAR(got[c], d[c] / major, 1.001 / kSize);
    const int axis = major == std::fabs(d[0]) ? 0 : major == std::fabs(d[1]) ? 1 : 2;
    EXPECT_EQ(got[3], static_cast<float>(2 * axis + (d[axis] < 0)));
  }
}

TEST_F(Cube, FiltersInsideOfFaces) {
  std::mt19937_64 random(6);
  std::uniform_real_distribution<float> coordinate(-0.87f, 0.87f);  // half a texel from the edges
  for (int axis = 0; axis < 3; ++axis) {
    for (int i = 0; i < 500; ++i) {
      float d[3] = {coordinate(random), coordinate(random), coordinate(random)};
      d[axis] = i & 1 ? 1.0f : -1.0f;
      const std::array<float, 4> got = At(3 * d[0], 3 * d[1], 3 * d[2]);
      for (int c = 0; c < 3; ++c) ASSERT_NEAR(got[c], d[c], 2.0 / kSize / 256);
    }
  }
}

TEST_F(Cube, IsSeamlessAtEdgesAndCorners) {
  constexpr float kInset = 1.0f / kSize;
  for (int axis = 0; axis < 3; ++axis) {
    for (int signs = 0; signs < 4; ++signs) {
      for (int step = 1; step < 2 * kSize - 1; ++step) {
        // On the middle of an edge both faces' outermost texels count half.
        float d[3];
        d[axis] = static_cast<float>(step) / kSize - 1;
        const int u = (axis + 1) % 3, v = (axis + 2) % 3;
        d[u] = signs & 1 ? 1.0f : -1.0f;
        d[v] = signs & 2 ? 1.0f : -1.0f;
        const std::array<float, 4> got = At(d[0], d[1], d[2]);
        ASSERT_NEAR(got[axis], d[axis], 1e-5) << axis << " " << signs << " " << step;
        ASSERT_NEAR(got[u], d[u] * (1 - kInset / 2), 1e-5) << axis << " " << signs << " " << step;
        ASSERT_NEAR(got[v], d[v] * (1 - kInset / 2), 1e-5) << axis << " " << signs << " " << step;
      }
    }
  }
  for (int corner = 0; corner < 8; ++corner) {
    const float d[3] = {corner & 1 ? 1.0f : -1.0f, corner & 2 ? 1.0f : -1.0f, corner & 4 ? 1.0f : -1.0f};
    const std::array<float, 4> got = At(d[0], d[1], d[2]);
    for (int c = 0; c < 3; ++c) EXPECT_NEAR(got[c], d[c] * (1 - 2 * kInset / 3), 1e-5) << corner;
  }
}

TEST_F(Cube, WithoutSeamlessFilteringStaysOnItsFace) {
  image_.texture().flags = TQ_TEXTURE_NORMALIZED;
  const std::array<float, 4> got = At(1, 0.999f, 0);
  EXPECT_EQ(got[3], 0.0f);
  EXPECT_NEAR(got[0], 1.0f, 1e-6);
  EXPECT_NEAR(got[1], 1 - 1.0f / kSize, 1e-5);
}

TEST(Texture, LevelsOfDetail) {
  // Level n of the pyramid is n everywhere.
  std::vector<float> levels[4];
  Image image({TQ_TEXEL_F32, 4, true}, 1, 8, 8, 1);
  tq_texture& t = image.texture();
  t.level_count = 4;
  for (uint32_t n = 0; n < 4; ++n) {
    const uint32_t size = 8 >> n;
    levels[n].assign(size * size, static_cast<float>(n));
    t.levels[n] = {
        reinterpret_cast<uintptr_t>(levels[n].data()), 4 * size, 4 * size * size, size, size, 1, 0};
  }
  for (uint8_t& m : t.address_mode) m = TQ_ADDRESS_CLAMP;
  t.flags = TQ_TEXTURE_NORMALIZED;
  t.max_lod = 99;
  const auto at = [&](float lod, uint32_t flags = TQ_TEXTURE_EXPLICIT_LOD) {
    return BitCast<float>(
        tq_texture_sample_2d(image.handle(), image.handle(), 0, 0, 2 | flags, 0.3f, 0.6f, 0, lod, 0)[0]);
  };
  EXPECT_EQ(at(0.4f), 0.0f);
  EXPECT_EQ(at(0.6f), 1.0f);
  EXPECT_EQ(at(17), 3.0f);
  EXPECT_EQ(at(-2), 0.0f);
  t.mip_filter = TQ_FILTER_LINEAR;
  EXPECT_EQ(at(1.25f), 1.25f);
  EXPECT_EQ(at(0.501f), 128.0f / 256);
  t.lod_bias = 1;
  EXPECT_EQ(at(1.25f), 2.25f);
  EXPECT_EQ(at(0, 0), 0.0f);  // the base level has no bias
  t.min_lod = 1.5f;
  t.max_lod = 2.0f;
  EXPECT_EQ(at(-9), 1.5f);
  EXPECT_EQ(at(9), 2.0f);
  EXPECT_EQ(at(NAN), 1.5f);
  // A step of four texels a pixel is level 2.
  EXPECT_NEAR(tq_texture_lod(image.handle(), image.handle(), 2, 0.5f, 0, 0, 0, 0.25f, 0), 2.0f, 1e-5);
  t.flags = 0;
  EXPECT_NEAR(tq_texture_lod(image.handle(), image.handle(), 2, 3.0f, 4.0f, 0, 1, 1, 0), std::log2(5.0f),
              1e-5);
  // Half a face of 8 texels to the side of a direction is 2 texels for a step of a half.
  EXPECT_NEAR(tq_texture_lod_cube(image.handle(), 0, 0, 1, 0.5f, 0, 0, 0, 0.1f, 0), 1.0f, 1e-5);
  EXPECT_NEAR(tq_texture_lod_cube(image.handle(), 0, 0, 2, 0, 0, 0.5f, 1.0f, 0, 0), 1.0f, 1e-5);
}

TEST(Texture, HandlesAreChecked) {
  Image image({TQ_TEXEL_F32, 4, true}, 1, 1, 1, 1);
  constexpr uint32_t kTexture = 1u << TQ_TEXTURE_TEXTURE;
  EXPECT_EQ(tq_texture_is_alive(image.handle(), kTexture), 1u);
  EXPECT_EQ(tq_texture_is_alive(image.handle() + 8, kTexture), 0u);
  EXPECT_EQ(tq_texture_is_alive(image.handle(), 1u << TQ_TEXTURE_SURFACE), 0u);
  EXPECT_EQ(tq_texture_kind_is(image.handle(), TQ_TEXTURE_TEXTURE), 1u);
  EXPECT_EQ(tq_texture_kind_is(image.handle(), TQ_TEXTURE_SAMPLER), 0u);
  alignas(TQ_TEXTURE_ALIGN_BYTES) tq_texture copy = image.texture();
  EXPECT_EQ(tq_texture_is_alive(reinterpret_cast<uintptr_t>(&copy), kTexture), 0u);
  image.texture().self = 0;
  EXPECT_EQ(tq_texture_is_alive(image.handle(), kTexture), 0u);
}

TEST(Surface, AddressesTrapClampOrVanish) {
  Image image({TQ_TEXEL_U16, 2, false}, 2, 5, 4, 3);
  image.texture().kind = TQ_TEXTURE_SURFACE;
  const tq_texture_level& level = image.texture().levels[0];
  const auto offset = [&](int x, int y, int z, uint32_t size, uint32_t scaled, uint32_t clamp) -> int64_t {
    const uint64_t address = tq_surface_address(image.handle(), x, y, z, size, scaled, clamp);
    return address == 0 ? -1 : static_cast<int64_t>(address - level.address);
  };
  EXPECT_EQ(offset(8, 2, 1, 4, 0, TQ_SURFACE_TRAP), 80 + 40 + 8);
  EXPECT_EQ(offset(3, 2, 1, 1, 1, TQ_SURFACE_ZERO), 80 + 40 + 12);
  for (uint32_t clamp : {TQ_SURFACE_TRAP, TQ_SURFACE_ZERO}) {
    EXPECT_EQ(offset(20, 0, 0, 4, 0, clamp), -1);
    EXPECT_EQ(offset(16, 0, 0, 8, 0, clamp), -1);  // the last four bytes alone are inside
    EXPECT_EQ(offset(-4, 0, 0, 4, 0, clamp), -1);
    EXPECT_EQ(offset(0, 4, 0, 4, 0, clamp), -1);
    EXPECT_EQ(offset(0, 0, 3, 4, 0, clamp), -1);
    EXPECT_EQ(offset(0, 0, -1, 4, 0, clamp), -1);
    EXPECT_EQ(offset(0x7fffffff, 0, 0, 4, 1, clamp), -1);
  }
  EXPECT_EQ(offset(400, 9, -7, 4, 0, TQ_SURFACE_CLAMP), 60 + 16);
  EXPECT_EQ(offset(-400, -9, 7, 8, 0, TQ_SURFACE_CLAMP), 160);
  EXPECT_EQ(offset(0, 0, 0, 32, 0, TQ_SURFACE_CLAMP), -1);  // no row is that long
}

TEST(Surface, FormattedStoresConvert) {
  struct Row {
    Texel texel;
    uint32_t value;
    uint32_t stored;
  };
  const auto f = [](float x) { return BitCast<uint32_t>(x); };
  const Row rows[] = {
      {{TQ_TEXEL_U8, 1, false}, 300, 255},
      {{TQ_TEXEL_S8, 1, false}, static_cast<uint32_t>(-300), 0x80},
      {{TQ_TEXEL_U16, 2, false}, 70000, 65535},
      {{TQ_TEXEL_S16, 2, false}, 40000, 32767},
      {{TQ_TEXEL_U32, 4, false}, 0xdeadbeef, 0xdeadbeef},
      {{TQ_TEXEL_F16, 2, true}, f(1.5f), 0x3e00},
      {{TQ_TEXEL_F32, 4, true}, f(-2.5f), f(-2.5f)},
      {{TQ_TEXEL_UNORM8, 1, true}, f(0.5f), 128},
      {{TQ_TEXEL_UNORM8, 1, true}, f(-3.0f), 0},
      {{TQ_TEXEL_UNORM8, 1, true}, f(NAN), 0},
      {{TQ_TEXEL_UNORM16, 2, true}, f(2.0f), 65535},
      {{TQ_TEXEL_SNORM8, 1, true}, f(-2.0f), 0x81},
      {{TQ_TEXEL_SNORM16, 2, true}, f(0.25f), 8192},
  };
  for (const Row& row : rows) {
    Image image(row.texel, 2, 2, 1, 1);
    const uint64_t second = image.texture().levels[0].address + static_cast<uint64_t>(image.TexelBytes());
    tq_surface_store(image.handle(), second, row.value, row.value, 1, 1);
    uint32_t stored = 0;
    std::memcpy(&stored, &image.bytes()[static_cast<size_t>(image.TexelBytes() + row.texel.bytes)],
                static_cast<size_t>(row.texel.bytes));
    EXPECT_EQ(stored, row.stored) << row.texel.kind << " of " << row.value;
    EXPECT_EQ(image.bytes()[0], 0);
  }
}

TEST(Texture, BlocksDecode) {
  Image image({TQ_TEXEL_BC1, 8, true}, 1, 1, 1, 1);
  tq_texture& t = image.texture();
  t.channels = 4;
  t.levels[0].width = t.levels[0].height = 4;
  const auto at = [&](int x, int y, int c) {
    return BitCast<float>(tq_texture_fetch(image.handle(), image.handle(), 0, x, y, 0, 0, 2)[c]);
  };
  // Red and blue; the codes of the first row are 0, 1, 2, 3.
  const uint8_t colors[] = {0x00, 0xf8, 0x1f, 0x00, 0xe4, 0, 0, 0x40};
  image.bytes().assign(colors, colors + 8);
  t.levels[0].address = reinterpret_cast<uintptr_t>(image.bytes().data());
  EXPECT_EQ(at(0, 0, 0), 1.0f);
  EXPECT_EQ(at(1, 0, 2), 1.0f);
  EXPECT_NEAR(at(2, 0, 0), 2 / 3.0, 1e-6);
  EXPECT_NEAR(at(3, 0, 0), 1 / 3.0, 1e-6);
  EXPECT_EQ(at(3, 3, 2), 1.0f);
  // The ends exchanged: three colours, and transparent black.
  std::swap_ranges(image.bytes().begin(), image.bytes().begin() + 2, image.bytes().begin() + 2);
  EXPECT_EQ(at(2, 0, 0), 0.5f);
  EXPECT_EQ(at(3, 0, 3), 0.0f);
  EXPECT_EQ(at(3, 0, 2), 0.0f);
  t.texel = TQ_TEXEL_BC4;
  t.texel_bytes = 8;
  image.bytes() = {200, 100, 0x88, 0xc6, 0xfa, 0, 0, 0};  // codes 0, 1, 2, 3, 4, 5, 6, 7 from the lowest bits
  t.levels[0].address = reinterpret_cast<uintptr_t>(image.bytes().data());
  EXPECT_NEAR(at(0, 0, 0), 200 / 255.0, 1e-6);
  EXPECT_NEAR(at(1, 0, 0), 100 / 255.0, 1e-6);
  EXPECT_NEAR(at(2, 0, 0), (6 * 200 + 1 * 100) / 7.0 / 255, 1e-6);
  EXPECT_NEAR(at(3, 1, 0), (1 * 200 + 6 * 100) / 7.0 / 255, 1e-6);
}

// Hashes of what an independent decoder (Pillow's) makes of 200 pseudo-random blocks in each mode of BC7.
TEST(Texture, Bc7DecodesInEveryMode) {
  constexpr uint64_t kHashes[8] = {0x373da301e0f1641a, 0x7890e21d4af6f508, 0xea1d61522adf978d,
                                   0xdde8261f5a323a01, 0x2d8025d305f7c920, 0x3e802f347db05f55,
                                   0xa5ae3d9ab2c6d84a, 0x74cecd3a58b75f46};
  Image image({TQ_TEXEL_BC7, 4, true}, 4, 1, 1, 1);
  tq_texture& t = image.texture();
  t.levels[0].width = t.levels[0].height = 4;
  for (uint32_t mode = 0; mode < 8; ++mode) {
    uint64_t state = mode + 1, hash = 0xcbf29ce484222325;
    for (int n = 0; n < 200; ++n) {
      uint32_t words[4];
      for (uint32_t& word : words) {
        state = state * 6364136223846793005 + 1442695040888963407;
        word = static_cast<uint32_t>(state >> 32);
      }
      std::memcpy(image.bytes().data(), words, sizeof words);
      uint8_t& first = image.bytes()[0];
      first = static_cast<uint8_t>((first & ~((2u << mode) - 1)) | 1u << mode);
      for (int texel = 0; texel < 16; ++texel) {
        const TexelBits got =
            tq_texture_fetch(image.handle(), image.handle(), 0, texel % 4, texel / 4, 0, 0, 2);
        for (int c = 0; c < 4; ++c) {
          const auto value = static_cast<uint64_t>(std::lround(BitCast<float>(got[c]) * 255));
          hash = (hash ^ value) * 0x100000001b3;
        }
      }
    }
    EXPECT_EQ(hash, kHashes[mode]) << "mode " << mode;
  }
}

}  // namespace
}  // namespace tq::devicelib
