#include "tools/tianqiao-ptx/parallel.h"

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>

#include "absl/strings/str_cat.h"

namespace tq::tools {
namespace {

constexpr size_t kChunk = 8;  // neighbours often share a text
constexpr size_t kNone = ~size_t{0};
constexpr size_t kMaxJobs = 256;

// In memory that all processes see.
struct Board {
  std::atomic<size_t> next = 0, done = 0;
  struct Place {
    std::atomic<size_t> item = kNone;  // in work
    std::atomic<size_t> end = 0;       // of its chunk
  } places[kMaxJobs];
};

class Pool {
 public:
  Pool(size_t count, uint32_t seconds_each, const std::function<std::string(size_t)>& work)
      : count_(count), seconds_each_(seconds_each), work_(work), answers_(std::tmpfile()) {
    void* memory = mmap(nullptr, sizeof(Board), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED || answers_ == nullptr) {
      std::fprintf(stderr, "There is no memory to work with.\n");
      std::exit(2);
    }
    board_ = new (memory) Board;
  }
  Pool(const Pool&) = delete;
  ~Pool() {
    munmap(board_, sizeof(Board));
    std::fclose(answers_);
  }

  void Run(uint32_t jobs, const std::function<void(size_t)>& progress) {
    std::vector<pid_t> workers(jobs);
    for (uint32_t job = 0; job < jobs; ++job) workers[job] = Start(job);
    size_t running = jobs;
    while (running != 0) {
      int status = 0;
      const pid_t ended = waitpid(-1, &status, WNOHANG);
      if (ended <= 0) {
        progress(board_->done);
        usleep(200'000);
        continue;
      }
      for (uint32_t job = 0; job < jobs; ++job) {
        if (workers[job] != ended) continue;
        if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
          --running;
        } else {
          Bury(job, status);
          workers[job] = Start(job);
        }
      }
    }
    progress(board_->done);
  }

  std::vector<std::string> Answers() {
    std::vector<std::string> answers(count_);
    std::rewind(answers_);
    size_t item = 0, size = 0;
    while (std::fread(&item, sizeof item, 1, answers_) == 1 &&
           std::fread(&size, sizeof size, 1, answers_) == 1) {
      std::string text(size, '\0');
      if (std::fread(text.data(), 1, size, answers_) != size) break;
      if (item < count_) answers[item] = std::move(text);
    }
    return answers;
  }

 private:
  pid_t Start(uint32_t job) {
    std::fflush(nullptr);
    const pid_t pid = fork();
    if (pid != 0) return pid;
    Work(board_->places[job]);
    _exit(0);
  }

  void Work(Board::Place& place) {
    for (;;) {
      size_t item = place.item;
      if (item == kNone || item >= place.end) {
        item = board_->next.fetch_add(kChunk);
        if (item >= count_) return;
        place.end = std::min(item + kChunk, count_);
      }
      for (; item < place.end; ++item) {
        place.item = item;
        alarm(seconds_each_);
        const std::string answer = work_(item);
        alarm(0);
        Answer(item, answer);
      }
      place.item = kNone;
    }
  }

  // One write each: the file's position is shared by all processes.
  void Answer(size_t item, const std::string& text) {
    ++board_->done;
    if (text.empty()) return;
    const size_t size = text.size();
    std::string record(reinterpret_cast<const char*>(&item), sizeof item);
    record.append(reinterpret_cast<const char*>(&size), sizeof size);
    record += text;
    if (write(fileno(answers_), record.data(), record.size()) < 0) _exit(2);
  }

  void Bury(uint32_t job, int status) {
    Board::Place& place = board_->places[job];
    const size_t item = place.item;
    if (item == kNone) return;
    const int signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    Answer(item, signal == SIGALRM ? absl::StrCat("did not end in ", seconds_each_, " s")
                 : signal != 0     ? absl::StrCat("crashed with signal ", signal)
                                   : absl::StrCat("ended its process with ", WEXITSTATUS(status)));
    place.item = item + 1;
  }

  const size_t count_;
  const uint32_t seconds_each_;
  const std::function<std::string(size_t)>& work_;
  std::FILE* answers_;
  Board* board_;
};

}  // namespace

std::vector<std::string> RunInProcesses(size_t count, uint32_t jobs, uint32_t seconds_each,
                                        const std::function<std::string(size_t)>& work,
                                        const std::function<void(size_t done)>& progress) {
  Pool pool(count, seconds_each, work);
  pool.Run(std::min<uint32_t>(std::max(jobs, 1u), kMaxJobs), progress);
  return pool.Answers();
}

}  // namespace tq::tools
