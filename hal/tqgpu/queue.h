// Queues. Recorded packets are copied into a ring of stream memory that the card reads, and handed to the
// kernel driver as jobs; each job ends by writing its number where the host sees it, so that whether it has
// run to its end is a load. What the kernel driver cannot wait for (a value that nobody has promised yet,
// another address space, a word of memory) waits here, in order, and is carried on by the device's thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "hal/tqgpu/address_space.h"
#include "hal/tqgpu/buffer.h"
#include "hal/tqgpu/command.h"
#include "hal/tqgpu/timeline.h"

namespace tq::hal::tqgpu {

enum class Outcome { kRunning, kDone, kFailed };

// Where a queue's card side says how far it is. In memory that both see.
struct QueueProgress {
  uint64_t seqno;  // last job that ran to its end
};

class Queue : public Waiting, public std::enable_shared_from_this<Queue> {
 public:
  static hal_status Create(std::shared_ptr<AddressSpace> space, const hal_queue_desc& desc,
                           std::shared_ptr<Queue>* out);
  ~Queue() override;

  struct Point {
    std::shared_ptr<Timeline> timeline;
    uint64_t value = 0;
  };
  void Submit(std::vector<Point> waits, Recording recording, std::vector<Point> signals);
  // Until everything submitted has ended, well or not.
  void Drain();
  // Gives up what has not reached the kernel driver; the address space is lost.
  void Abandon();

  Outcome OutcomeOf(uint64_t seqno) const;
  // Asks the kernel whether the job has ended, and if it has without saying so, why.
  void AskForEnd(uint64_t seqno);
  bool IsIdleUpTo(uint64_t serial);
  uint64_t last_serial();
  // Whether it was a job of this queue that failed, and what the record is to say about it. `fault` may be
  // null: a job that ran for too long.
  bool DescribeIfFailed(const drm_tqgpu_fault* fault, hal_fault* record);

  AddressSpace& space() const { return *space_; }
  uint32_t id() const { return id_; }
  // Reached points: when the kernel driver says so, or, of a long-running queue, this process.
  uint32_t syncobj() const { return syncobj_; }
  // Its jobs have no time limit, and the kernel driver does not wait for them.
  bool is_long_running() const { return end_teller_ != nullptr; }
  // Of a long-running queue: tells those who wait which jobs have ended.
  State TellEnds();

  State Advance() override;

 private:
  struct Submission {
    uint64_t serial;
    std::vector<Point> waits;
    Recording recording;
    std::vector<Point> signals;
    bool has_begun = false;
    size_t next_wait = 0;  // of recording.waits
  };
  struct Flight {
    uint64_t seqno, serial;
    uint64_t ring_end;                     // the stream ring is free up to here when it has landed
    std::shared_ptr<MappedBuffer> stream;  // of a stream too long for the ring
    std::vector<Launch> launches;
    std::vector<Workspace> workspaces;
  };
  Queue(std::shared_ptr<AddressSpace> space, uint32_t id, uint32_t syncobj,
        std::shared_ptr<MappedBuffer> memory);

  // HAL_TIMEOUT: not all of it can be handed over yet, and *state says why.
  hal_status HandOver(Submission& submission, State* state);
  hal_status CollectWaits(const Submission& submission, std::vector<drm_tqgpu_sync>* syncs, State* state);
  // The packets [begin, end) as a job.
  hal_status Push(const Submission& submission, size_t begin, size_t end, bool is_last,
                  std::vector<drm_tqgpu_sync> syncs);
  hal_status Place(const Recording& recording, size_t begin, size_t end, Flight& flight, drm_tqgpu_job& job);
  uint8_t* ReserveRing(uint64_t size_bytes);
  void Land();
  bool IsAirborne() const;
  static void Fail(const Submission& submission, hal_status status);

  const std::shared_ptr<AddressSpace> space_;
  const uint32_t id_;
  const uint32_t syncobj_;  // a point for each job
  const std::shared_ptr<MappedBuffer> memory_;
  QueueProgress* const progress_;

  std::mutex mutex_;
  uint64_t serial_ = 0;  // of submissions
  uint64_t seqno_ = 0;   // of jobs
  uint64_t ring_head_ = 0, ring_tail_ = 0;
  std::deque<Submission> waiting_;

  struct End {
    uint64_t seqno;
    std::vector<Point> signals;
  };
  std::shared_ptr<Waiting> end_teller_;
  Workspaces own_workspaces_;  // of a long-running queue, whose dispatches are not alone on the card
  std::mutex ends_mutex_;
  std::deque<End> ends_;
  uint64_t long_seqno_ = 0, told_seqno_ = 0;  // submitted; signalled

  mutable std::mutex flights_mutex_;  // innermost
  std::deque<Flight> flights_;
};

std::vector<Queue::Point> PointsOf(const hal_sem_point* points, size_t count);

}  // namespace tq::hal::tqgpu

struct hal_queue {
  std::shared_ptr<tq::hal::tqgpu::Queue> queue;
};

namespace tq::hal::tqgpu {

hal_status QueueCreate(hal_vm* vm, const hal_queue_desc* desc, hal_queue** out);
void QueueDestroy(hal_queue* queue);
hal_status QueueSubmit(hal_queue* queue, const hal_submission* submission);
hal_status QueueDispatch(hal_queue* queue, const hal_dispatch* dispatch, hal_sem* sem, uint64_t value);

}  // namespace tq::hal::tqgpu
