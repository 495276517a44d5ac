; RUN: CHECK widen
; RUN: ANY widen --any
; RUN: SSE widen --features sse2

@out = external global i32

declare i32 @tq.tid.x()
declare i32 @tq.laneid()
declare i32 @tq.ctaid.x()
declare i32 @tq.vprintf(ptr, ptr)
declare void @tq.fault(i32, i64)
declare i32 @callee(ptr, i32)
declare void @llvm.memset.inline.p0.i64(ptr, i8, i64, i1)

; CHECK-LABEL: @consecutive_words.row
; CHECK: load <32 x i32>, ptr %{{.*}}, align 4
; CHECK: store <32 x i32> %{{.*}}, ptr %{{.*}}, align 4
; The lanes of a warp that is no row may be fewer.
; ANY-LABEL: @consecutive_words.any
; ANY: call <32 x i32> @llvm.masked.load.v32i32.p0({{.*}}, <32 x i1> %lanes,
; ANY: call void @llvm.masked.store.v32i32.p0({{.*}}, <32 x i1> %lanes)
; SSE-LABEL: @consecutive_words.row
; SSE: load <32 x i32>, ptr %{{.*}}, align 4
define void @consecutive_words(ptr %thread) "tq.kernel" {
  %lane = call i32 @tq.laneid()
  %block = call i32 @tq.ctaid.x()
  %place = zext i32 %block to i64
  %base = inttoptr i64 %place to ptr
  %wide = zext i32 %lane to i64
  %address = getelementptr i32, ptr %base, i64 %wide
  %value = load i32, ptr %address, align 4
  %next = mul i32 %value, %value
  store i32 %next, ptr %address, align 4
  ret void
}

; CHECK-LABEL: @one_word_for_all.row
; CHECK: %[[WORD:.*]] = load i32, ptr %{{.*}}, align 4
; CHECK-NOT: load
; CHECK: ret void
; ANY-LABEL: @one_word_for_all.any
; SSE-LABEL: @one_word_for_all.row
define void @one_word_for_all(ptr %thread) "tq.kernel" {
  %block = call i32 @tq.ctaid.x()
  %place = zext i32 %block to i64
  %address = inttoptr i64 %place to ptr
  %value = load i32, ptr %address, align 4
  %next = add i32 %value, 1
  store i32 %next, ptr %address, align 4
  ret void
}

; All lanes write to one place: the highest of those that are there comes last.
; CHECK-LABEL: @the_last_writer.row
; ANY-LABEL: @the_last_writer.any
; ANY: call i32 @llvm.ctlz.i32(i32 %{{.*}}, i1 true)
; ANY: extractelement <32 x i32>
; ANY: store i32 %{{.*}}, ptr %{{.*}}
; SSE-LABEL: @the_last_writer.row
define void @the_last_writer(ptr %thread) "tq.kernel" {
  %lane = call i32 @tq.laneid()
  %block = call i32 @tq.ctaid.x()
  %square = mul i32 %lane, %lane
  %place = zext i32 %block to i64
  %address = inttoptr i64 %place to ptr
  store i32 %square, ptr %address, align 4
  ret void
}

; Addresses that nothing is known of: one gather where the machine has it, one access for each lane where not.
; CHECK-LABEL: @scattered_words.row
; CHECK: call <32 x i32> @llvm.masked.gather.v32i32.v32p0
; ANY-LABEL: @scattered_words.any
; SSE-LABEL: @scattered_words.row
; SSE-NOT: masked.gather
; SSE: lane:
; SSE: call i32 @llvm.cttz.i32
; SSE: load i32
; SSE: br i1 %{{.*}}, label %lane, label %lanes.done
define void @scattered_words(ptr %thread) "tq.kernel" {
  %lane = call i32 @tq.laneid()
  %square = mul i32 %lane, %lane
  %place = zext i32 %square to i64
  %address = inttoptr i64 %place to ptr
  %value = load i32, ptr %address, align 4
  %sum = add i32 %value, %lane
  store volatile i32 %sum, ptr @out
  ret void
}

; Each lane's access is one of its own, of its own size, in the order of lanes.
; CHECK-LABEL: @volatile_words.row
; CHECK: lane:
; CHECK: load volatile i32
; CHECK: label %lane, label %lanes.done
; ANY-LABEL: @volatile_words.any
; SSE-LABEL: @volatile_words.row
define void @volatile_words(ptr %thread) "tq.kernel" {
  %lane = call i32 @tq.laneid()
  %block = call i32 @tq.ctaid.x()
  %place = zext i32 %block to i64
  %base = inttoptr i64 %place to ptr
  %wide = zext i32 %lane to i64
  %address = getelementptr i32, ptr %base, i64 %wide
  %value = load volatile i32, ptr %address, align 4
  store volatile i32 %value, ptr %address, align 4
  ret void
}

; Nobody asks what was there: one locked instruction for the warp.
; CHECK-LABEL: @a_sum_of_all_lanes.row
; CHECK: call i32 @llvm.vector.reduce.add.v32i32
; CHECK: atomicrmw add ptr
; CHECK-NOT: atomicrmw
; CHECK: ret void
; ANY-LABEL: @a_sum_of_all_lanes.any
; ANY: select <32 x i1> %lanes, <32 x i32> {{.*}}, <32 x i32> zeroinitializer
; ANY: call i32 @llvm.vector.reduce.add.v32i32
; SSE-LABEL: @a_sum_of_all_lanes.row
define void @a_sum_of_all_lanes(ptr %thread) "tq.kernel" {
  %lane = call i32 @tq.laneid()
  %block = call i32 @tq.ctaid.x()
  %square = mul i32 %lane, %lane
  %place = zext i32 %block to i64
  %counter = inttoptr i64 %place to ptr
  %ignored = atomicrmw add ptr %counter, i32 %square monotonic
  ret void
}

; Each lane wants to know.
; CHECK-LABEL: @a_ticket_for_each_lane.row
; CHECK: lane:
; CHECK: atomicrmw xchg ptr
; CHECK: label %lane, label %lanes.done
; ANY-LABEL: @a_ticket_for_each_lane.any
; SSE-LABEL: @a_ticket_for_each_lane.row
define void @a_ticket_for_each_lane(ptr %thread) "tq.kernel" {
  %lane = call i32 @tq.laneid()
  %block = call i32 @tq.ctaid.x()
  %square = mul i32 %lane, %lane
  %place = zext i32 %block to i64
  %counter = inttoptr i64 %place to ptr
  %ticket = atomicrmw xchg ptr %counter, i32 %square monotonic
  store volatile i32 %ticket, ptr @out
  ret void
}

; A function that is not inlined runs for one active lane after the other, as that lane's thread.
; CHECK-LABEL: @calls_are_made_by_each_lane.row
; CHECK: lane:
; CHECK: store i32 %{{.*}}, ptr %{{.*}}
; CHECK: call i32 @callee(ptr %0, i32 %{{.*}})
; CHECK: label %lane, label %lanes.done
; ANY-LABEL: @calls_are_made_by_each_lane.any
; SSE-LABEL: @calls_are_made_by_each_lane.row
define void @calls_are_made_by_each_lane(ptr %thread) "tq.kernel" {
  %lane = call i32 @tq.laneid()
  %answer = call i32 @callee(ptr %thread, i32 %lane)
  store volatile i32 %answer, ptr @out
  ret void
}

; The lowest lane's fault is the one that is reported.
; CHECK-LABEL: @a_fault_is_of_the_lowest_lane.row
; CHECK: call i32 @llvm.cttz.i32(i32 %{{.*}}, i1 true)
; CHECK: call void @tq.fault(i32 2, i64 %{{.*}})
; ANY-LABEL: @a_fault_is_of_the_lowest_lane.any
; SSE-LABEL: @a_fault_is_of_the_lowest_lane.row
define void @a_fault_is_of_the_lowest_lane(ptr %thread) "tq.kernel" {
entry:
  %lane = call i32 @tq.laneid()
  %square = mul i32 %lane, %lane
  %odd = trunc i32 %square to i1
  %address = zext i32 %square to i64
  br i1 %odd, label %bad, label %good
bad:
  call void @tq.fault(i32 2, i64 %address)
  unreachable
good:
  ret void
}

; An array of which only words are used: the words of all lanes lie behind each other, so an index that is the same for
; all reads and writes a run. It is filled for all lanes at once.
; CHECK-LABEL: @array_of_words.row
; CHECK: %array = alloca [2048 x i8], align 64
; CHECK: call void @llvm.memset.inline.p0.i64(ptr align 64 %array, i8 0, i64 2048, i1 false)
; CHECK: %[[SCALED:.*]] = mul i64 %{{.*}}, 32
; CHECK: %[[PLACE:.*]] = getelementptr i8, ptr %array, i64 %{{.*}}
; CHECK: load <32 x i32>, ptr %{{.*}}, align 4
; CHECK: store <32 x i32> %{{.*}}, ptr %{{.*}}, align 4
; ANY-LABEL: @array_of_words.any
; SSE-LABEL: @array_of_words.row
; SSE: load <32 x i32>
define void @array_of_words(ptr %thread) "tq.kernel" {
  %array = alloca [64 x i8], align 4
  call void @llvm.memset.inline.p0.i64(ptr align 4 %array, i8 0, i64 64, i1 false)
  %block = call i32 @tq.ctaid.x()
  %wide = zext i32 %block to i64
  %offset = and i64 %wide, 60
  %from = getelementptr i8, ptr %array, i64 %offset
  %value = load i32, ptr %from, align 4
  %lane = call i32 @tq.laneid()
  %next = add i32 %value, %lane
  %to = getelementptr i8, ptr %array, i64 4
  store i32 %next, ptr %to, align 4
  ret void
}

; Bytes of a word are used, too: each lane's array stays in one piece.
; CHECK-LABEL: @array_of_bytes.row
; CHECK: %array = alloca [512 x i8], align 16
; CHECK-NOT: load <32 x i32>
; CHECK: shufflevector
; ANY-LABEL: @array_of_bytes.any
; SSE-LABEL: @array_of_bytes.row
define void @array_of_bytes(ptr %thread) "tq.kernel" {
  %array = alloca [16 x i8], align 4
  %block = call i32 @tq.ctaid.x()
  %wide = zext i32 %block to i64
  %offset = and i64 %wide, 12
  %from = getelementptr i8, ptr %array, i64 %offset
  %value = load i32, ptr %from, align 4
  %lane = call i32 @tq.laneid()
  %small = trunc i32 %lane to i8
  store i8 %small, ptr %array, align 1
  store i32 %value, ptr @out
  ret void
}

; Two words of each thread, the threads' pairs behind each other: one run of all.
; CHECK-LABEL: @pairs_of_words.row
; CHECK: store <64 x i32> <i32 0, i32 0, i32 1, i32 1, i32 2, i32 4, i32 3, i32 9, {{.*}}>, ptr %{{.*}}, align 4
; CHECK-NOT: masked.scatter
; CHECK: ret void
; ANY-LABEL: @pairs_of_words.any
; SSE-LABEL: @pairs_of_words.row
; SSE: store <64 x i32>
define void @pairs_of_words(ptr %thread) "tq.kernel" {
  %lane = call i32 @tq.laneid()
  %block = call i32 @tq.ctaid.x()
  %place = zext i32 %block to i64
  %wide = zext i32 %lane to i64
  %bytes = shl i64 %wide, 3
  %address = add i64 %place, %bytes
  %square = mul i32 %lane, %lane
  %high = add i64 %address, 4
  %second = inttoptr i64 %high to ptr
  store i32 %square, ptr %second, align 4
  %first = inttoptr i64 %address to ptr
  store i32 %lane, ptr %first, align 4
  ret void
}

; What is read in between may be what was written.
; CHECK-LABEL: @pairs_apart.row
; CHECK: masked.scatter.v32i32
; CHECK: masked.scatter.v32i32
; ANY-LABEL: @pairs_apart.any
; SSE-LABEL: @pairs_apart.row
define void @pairs_apart(ptr %thread) "tq.kernel" {
  %lane = call i32 @tq.laneid()
  %block = call i32 @tq.ctaid.x()
  %place = zext i32 %block to i64
  %wide = zext i32 %lane to i64
  %bytes = shl i64 %wide, 3
  %address = add i64 %place, %bytes
  %first = inttoptr i64 %address to ptr
  store i32 %lane, ptr %first, align 4
  %read = load i32, ptr @out
  %high = add i64 %address, 4
  %second = inttoptr i64 %high to ptr
  store i32 %read, ptr %second, align 4
  ret void
}

; Atomic operations on shared memory, one for each lane: no loop where all are there.
; CHECK-LABEL: @shared_counts.row
; CHECK-NOT: lane:
; CHECK-COUNT-32: atomicrmw add
; CHECK-NOT: atomicrmw
; CHECK: ret void
; ANY-LABEL: @shared_counts.any
; ANY-COUNT-32: atomicrmw add
; ANY: lane:
; ANY: atomicrmw add
; SSE-LABEL: @shared_counts.row
; SSE-COUNT-32: atomicrmw add
define void @shared_counts(ptr %thread) "tq.kernel" {
  %lane = call i32 @tq.laneid()
  %square = mul i32 %lane, %lane
  %wide = zext i32 %square to i64
  %address = inttoptr i64 %wide to ptr
  %old = atomicrmw add ptr %address, i32 1 monotonic, align 4, !tq.shared !0
  ret void
}
!0 = !{}
