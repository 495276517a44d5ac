#include "driver/tests/emulated_card.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "absl/strings/str_cat.h"

namespace tq::emulator {
namespace {

constexpr int kBootMs = 30000;

// One message of the ivshmem protocol; *fd is -1 where none came with it.
bool Receive(int socket, int64_t* value, int* fd) {
  iovec data{value, sizeof *value};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  msghdr message{};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  *fd = -1;
  if (recvmsg(socket, &message, MSG_CMSG_CLOEXEC) != sizeof *value) return false;
  const cmsghdr* header = CMSG_FIRSTHDR(&message);
  if (header && header->cmsg_type == SCM_RIGHTS) memcpy(fd, CMSG_DATA(header), sizeof *fd);
  return true;
}

uint8_t* MapFile(const std::string& path, uint64_t bytes) {
  Descriptor file(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (file.get() < 0 || ftruncate(file.get(), static_cast<off_t>(bytes)) != 0) return nullptr;
  void* memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file.get(), 0);
  return memory == MAP_FAILED ? nullptr : static_cast<uint8_t*>(memory);
}

pid_t StartEmulator(const std::string& directory, int hart_count, bool counts_instructions) {
  std::vector<std::string> words = {
      "qemu-system-riscv64",
      "-M",
      "virt,aia=aplic-imsic",
      "-cpu",
      "rv64,v=true,vext_spec=v1.0,vlen=512,elen=64",
      "-accel",
      counts_instructions ? "tcg,thread=single" : "tcg,thread=multi",
      "-smp",
      absl::StrCat(hart_count),
      "-m",
      "32M",
      "-display",
      "none",
      "-serial",
      absl::StrCat("file:", directory, "/uart.log"),
      "-monitor",
      "none",
      "-bios",
      TQ_CARD_ROM,
      "-net",
      "none",
      "-chardev",
      absl::StrCat("socket,path=", directory, "/ivshmem.sock,id=iv"),
      "-device",
      absl::StrCat("ivshmem-doorbell,chardev=iv,vectors=", int{TQGPU_VECTOR_COUNT}),
      "-object",
      absl::StrCat("memory-backend-file,id=host,share=on,size=", EmulatedCard::kHostBytes,
                   ",mem-path=", directory, "/host"),
      "-device",
      "ivshmem-plain,memdev=host"};
  if (counts_instructions) words.insert(words.end(), {"-icount", "shift=0"});
  std::vector<char*> arguments;
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  const pid_t child = fork();
  if (child == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    execvp(arguments[0], arguments.data());
    _exit(127);
  }
  return child;
}

}  // namespace

std::vector<uint8_t> ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

EmulatedCard::EmulatedCard(int hart_count, bool counts_instructions) {
  // Memory that two emulators share belongs into RAM.
  char pattern[] = "/dev/shm/tqgpu-test-XXXXXX";
  if (!mkdtemp(pattern)) return;
  directory_ = pattern;
  const std::string socket_path = directory_ + "/ivshmem.sock";
  if (!IvshmemServer::Create(socket_path, directory_ + "/vram", kVramBytes, TQGPU_VECTOR_COUNT, &server_)
           .ok()) {
    return;
  }
  stop_ = Descriptor(eventfd(0, EFD_CLOEXEC));
  server_thread_ = std::thread([this] { server_.Serve(stop_.get()).IgnoreError(); });
  vram_ = MapFile(directory_ + "/vram", kVramBytes);
  host_ = MapFile(directory_ + "/host", kHostBytes);
  if (!vram_ || !host_) return;
  emulator_ = StartEmulator(directory_, hart_count, counts_instructions);
  if (!WaitUntil([this] { return control()->magic == TQGPU_CARD_MAGIC; }, kBootMs)) return;
  peer_ = control()->card_peer;
  ok_ = Connect(socket_path);
}

EmulatedCard::~EmulatedCard() {
  if (emulator_ > 0) {
    kill(emulator_, SIGKILL);
    waitpid(emulator_, nullptr, 0);
  }
  if (server_thread_.joinable()) {
    eventfd_write(stop_.get(), 1);
    server_thread_.join();
  }
  if (vram_) munmap(vram_, kVramBytes);
  if (host_) munmap(host_, kHostBytes);
  std::error_code ignored;
  if (!directory_.empty()) std::filesystem::remove_all(directory_, ignored);
}

bool EmulatedCard::Connect(const std::string& socket_path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  memcpy(address.sun_path, socket_path.data(), socket_path.size());
  socket_ = Descriptor(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (connect(socket_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) return false;
  int64_t value, own;
  int fd;
  if (!Receive(socket_.get(), &value, &fd) || !Receive(socket_.get(), &own, &fd)) return false;
  if (!Receive(socket_.get(), &value, &fd)) return false;
  Descriptor memory(fd);
  while (own_vectors_.size() < TQGPU_VECTOR_COUNT) {
    if (!Receive(socket_.get(), &value, &fd) || fd < 0) return false;
    if (value == own) {
      own_vectors_.emplace_back(fd);
    } else if (value == peer_) {
      card_vectors_.emplace_back(fd);
    }
  }
  control()->host_peer = static_cast<uint32_t>(own);
  return card_vectors_.size() == TQGPU_VECTOR_COUNT;
}

void EmulatedCard::RingCard(tqgpu_card_vector vector) {
  std::atomic_thread_fence(std::memory_order_seq_cst);
  eventfd_write(card_vectors_[vector].get(), 1);
}

bool EmulatedCard::WaitForCard(tqgpu_host_vector vector, int timeout_ms) {
  pollfd polled{own_vectors_[vector].get(), POLLIN, 0};
  eventfd_t value;
  return poll(&polled, 1, timeout_ms) == 1 && eventfd_read(polled.fd, &value) == 0;
}

void EmulatedCard::PutFirmware(std::span<const uint8_t> image) {
  memcpy(vram_ + TQGPU_FIRMWARE_OFFSET, image.data(), image.size());
  RingCard(TQGPU_VECTOR_BOOT);
}

bool EmulatedCard::BootFirmware(std::span<const uint8_t> image) {
  PutFirmware(image);
  std::fill(std::begin(next_seqno_), std::end(next_seqno_), 1);
  return WaitUntil([this] { return control()->boot_state == TQGPU_BOOT_RUNNING; }, kBootMs);
}

uint32_t EmulatedCard::Submit(tqgpu_engine_class engine, tqgpu_ring_entry entry) {
  entry.seqno = next_seqno_[engine]++;
  const uint32_t tail = control()->engine[engine].tail;
  memcpy(vram_ + TQGPU_RING_OFFSET(engine) + tail % TQGPU_RING_ENTRIES * sizeof entry, &entry, sizeof entry);
  std::atomic_thread_fence(std::memory_order_seq_cst);
  control()->engine[engine].tail = tail + 1;
  RingCard(TQGPU_VECTOR_RING);
  return entry.seqno;
}

tqgpu_completion EmulatedCard::Wait(tqgpu_engine_class engine, uint32_t seqno, int timeout_ms) {
  const auto done = [&] { return static_cast<int32_t>(control()->engine[engine].done_seqno - seqno) >= 0; };
  for (int waited = 0; !done() && waited < timeout_ms; waited += 100) {
    WaitForCard(TQGPU_HOST_VECTOR_COMPLETION, 100);
  }
  tqgpu_completion completion{};
  completion.status = 0xffffffff;
  if (!done()) return completion;
  memcpy(&completion,
         vram_ + TQGPU_COMPLETION_OFFSET(engine) + seqno % TQGPU_RING_ENTRIES * sizeof completion,
         sizeof completion);
  return completion;
}

uint32_t EmulatedCard::SubmitSlot(uint32_t slot, const tqgpu_ring_entry& entry) {
  volatile tqgpu_slot& to = slots()[slot];
  const uint32_t seqno = next_seqno_[TQGPU_ENGINE_LONG]++;
  to.satp = entry.satp;
  to.address = entry.address;
  to.size = entry.size;
  to.context = entry.context;
  std::atomic_thread_fence(std::memory_order_seq_cst);
  to.seqno = seqno;
  RingCard(TQGPU_VECTOR_RING);
  return seqno;
}

void EmulatedCard::CancelSlot(uint32_t slot, uint32_t seqno) {
  slots()[slot].cancel_seqno = seqno;
  RingCard(TQGPU_VECTOR_CANCEL);
}

tqgpu_slot EmulatedCard::WaitSlot(uint32_t slot, uint32_t seqno, int timeout_ms) {
  for (int waited = 0; slots()[slot].done_seqno != seqno && waited < timeout_ms; waited += 100) {
    WaitForCard(TQGPU_HOST_VECTOR_COMPLETION, 100);
  }
  tqgpu_slot result{};
  result.status = 0xffffffff;
  if (slots()[slot].done_seqno == seqno) {
    memcpy(&result, vram_ + TQGPU_SLOT_OFFSET + slot * sizeof result, sizeof result);
  }
  return result;
}

tqgpu_fault_record EmulatedCard::LastFault() {
  tqgpu_fault_record record;
  const uint32_t slot = (control()->fault_tail - 1) % TQGPU_FAULT_COUNT;
  memcpy(&record, vram_ + TQGPU_FAULT_OFFSET + slot * sizeof record, sizeof record);
  return record;
}

std::string EmulatedCard::Log() {
  const uint32_t written = control()->log_tail;
  return std::string(reinterpret_cast<const char*>(vram_ + TQGPU_LOG_OFFSET),
                     std::min<uint32_t>(written, TQGPU_LOG_SIZE));
}

}  // namespace tq::emulator
