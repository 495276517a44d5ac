// Draws the Mandelbrot set into mandelbrot.png (or the file named on the command line). Neighbouring threads
// run for very different numbers of iterations: the classic divergent kernel.
#include <cuda_runtime.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

#define CHECK(call)                                                                                  \
  do {                                                                                               \
    const cudaError_t error = (call);                                                                \
    if (error != cudaSuccess) {                                                                      \
      std::fprintf(stderr, "%s:%d: %s: %s\n", __FILE__, __LINE__, #call, cudaGetErrorString(error)); \
      std::exit(1);                                                                                  \
    }                                                                                                \
  } while (false)

constexpr int kWidth = 480, kHeight = 320;
constexpr int kIterations = 200;

__host__ __device__ int EscapeTime(float real, float imaginary) {
  float x = 0.0f, y = 0.0f;
  for (int i = 0; i < kIterations; ++i) {
    const float xx = x * x, yy = y * y;
    if (xx + yy > 4.0f) return i;
    y = 2.0f * x * y + imaginary;
    x = xx - yy + real;
  }
  return kIterations;
}

__host__ __device__ int EscapeTimeOfPixel(int column, int row) {
  return EscapeTime(-2.25f + 3.0f * (column + 0.5f) / kWidth, 1.0f - 2.0f * (row + 0.5f) / kHeight);
}

__global__ void Mandelbrot(int* escape_times) {
  const int column = blockIdx.x * blockDim.x + threadIdx.x;
  const int row = blockIdx.y * blockDim.y + threadIdx.y;
  if (column < kWidth && row < kHeight) escape_times[row * kWidth + column] = EscapeTimeOfPixel(column, row);
}

// A PNG file (ISO/IEC 15948) without compression: zlib's "stored" blocks.
class PngWriter {
 public:
  // `rgb` holds width * height * 3 bytes.
  static bool Write(const char* path, const std::vector<uint8_t>& rgb, int width, int height) {
    PngWriter png;
    static constexpr uint8_t kSignature[] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
    png.file_.assign(kSignature, kSignature + sizeof kSignature);

    std::vector<uint8_t> header;
    PutBigEndian(header, width);
    PutBigEndian(header, height);
    header.insert(header.end(), {8, 2, 0, 0, 0});  // 8 bits, RGB, no interlace
    png.Chunk("IHDR", header);

    std::vector<uint8_t> lines;
    for (int row = 0; row < height; ++row) {
      lines.push_back(0);  // no filter
      lines.insert(lines.end(), rgb.begin() + row * width * 3, rgb.begin() + (row + 1) * width * 3);
    }
    png.Chunk("IDAT", Store(lines));
    png.Chunk("IEND", {});

    std::FILE* file = std::fopen(path, "wb");
    if (file == nullptr) return false;
    const bool written = std::fwrite(png.file_.data(), 1, png.file_.size(), file) == png.file_.size();
    return std::fclose(file) == 0 && written;
  }

 private:
  static void PutBigEndian(std::vector<uint8_t>& out, uint32_t value) {
    for (int shift = 24; shift >= 0; shift -= 8) out.push_back(value >> shift);
  }

  static std::vector<uint8_t> Store(const std::vector<uint8_t>& data) {
    std::vector<uint8_t> stream = {0x78, 0x01};
    uint32_t a = 1, b = 0;  // Adler-32
    for (uint8_t byte : data) {
      a = (a + byte) % 65521;
      b = (b + a) % 65521;
    }
    for (size_t at = 0; at < data.size();) {
      const size_t size = data.size() - at < 0xffff ? data.size() - at : 0xffff;
      stream.push_back(at + size == data.size());  // the last block says so
      for (const size_t field : {size, ~size}) {
        stream.push_back(field & 0xff);
        stream.push_back((field >> 8) & 0xff);
      }
      stream.insert(stream.end(), data.begin() + at, data.begin() + at + size);
      at += size;
    }
    PutBigEndian(stream, b << 16 | a);
    return stream;
  }

  void Chunk(const char* type, const std::vector<uint8_t>& data) {
    PutBigEndian(file_, data.size());
    const size_t begin = file_.size();
    file_.insert(file_.end(), type, type + 4);
    file_.insert(file_.end(), data.begin(), data.end());
    uint32_t crc = ~0u;
    for (size_t i = begin; i < file_.size(); ++i) {
      crc ^= file_[i];
      for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
    }
    PutBigEndian(file_, ~crc);
  }

  std::vector<uint8_t> file_;
};

int main(int argc, char** argv) {
  const char* path = argc > 1 ? argv[1] : "mandelbrot.png";
  std::vector<int> escape_times(kWidth * kHeight);
  int* device_escape_times;
  CHECK(cudaMalloc(&device_escape_times, escape_times.size() * sizeof(int)));
  const dim3 block(32, 8);
  const dim3 grid((kWidth + block.x - 1) / block.x, (kHeight + block.y - 1) / block.y);
  Mandelbrot<<<grid, block>>>(device_escape_times);
  CHECK(cudaGetLastError());
  CHECK(cudaMemcpy(escape_times.data(), device_escape_times, escape_times.size() * sizeof(int),
                   cudaMemcpyDeviceToHost));
  CHECK(cudaFree(device_escape_times));

  // Near the set's border the last bit of a sum decides, and host and device may contract sums differently.
  int inside = 0, different = 0;
  std::vector<uint8_t> rgb;
  for (int row = 0; row < kHeight; ++row) {
    for (int column = 0; column < kWidth; ++column) {
      const int time = escape_times[row * kWidth + column];
      inside += time == kIterations;
      different += time != EscapeTimeOfPixel(column, row);
      const uint8_t shade = time == kIterations ? 0 : 55 + time;
      rgb.insert(rgb.end(), {shade, static_cast<uint8_t>(shade / 2), static_cast<uint8_t>(255 - shade)});
    }
  }
  if (!PngWriter::Write(path, rgb, kWidth, kHeight)) {
    std::fprintf(stderr, "mandelbrot: %s cannot be written\n", path);
    return 1;
  }
  const bool right = different < kWidth * kHeight / 500;
  std::printf("mandelbrot: %d x %d pixels, %.1f %% inside the set, %s the host's picture\n", kWidth, kHeight,
              100.0 * inside / (kWidth * kHeight), right ? "agrees with" : "differs from");
  return right ? 0 : 1;
}
