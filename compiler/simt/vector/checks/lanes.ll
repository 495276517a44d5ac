; RUN: CHECK lanes
; RUN: ANY lanes --any

declare i32 @tq.tid.x()
declare i32 @tq.tid.y()
declare i32 @tq.laneid()
declare i32 @tq.ctaid.x()
declare i32 @tq.ntid.x()
declare i32 @tq.vote.ballot(i32, i1)
declare { i32, i1 } @tq.shfl.idx(i32, i32, i32, i32)
declare { i32, i1 } @tq.shfl.up(i32, i32, i32, i32)
declare ptr @tq.malloc(i64)

; A row begins at a multiple of 32, and a block has 1024 threads at most.
; CHECK-LABEL: @special_registers
; CHECK: %x: base + 0 to 31 by 1, zero bits 5, at most 1023
; CHECK-NEXT: %y: uniform
; CHECK-NEXT: %lane: base + 0 to 31 by 1, zero bits 32, at most 31
; Where a warp is no row, only the number of the lane is known.
; ANY-LABEL: @special_registers
; ANY: %x: varying
; ANY-NEXT: %y: varying
; ANY-NEXT: %lane: base + 0 to 31 by 1, zero bits 32, at most 31
define void @special_registers(ptr %thread) "tq.kernel" {
  %x = call i32 @tq.tid.x()
  %y = call i32 @tq.tid.y()
  %lane = call i32 @tq.laneid()
  ret void
}

; CHECK-LABEL: @sums_and_products
; CHECK: %plus: base + 0 to 31 by 1
; CHECK-NEXT: %by_four: base + 0 to 124 by 4, zero bits 7, at most 4092
; CHECK-NEXT: %by_eight: base + 0 to 248 by 8, zero bits 8, at most 8184
; CHECK-NEXT: %backwards: base + 0 to -31 by -1
; CHECK-NEXT: %twice: base + 0 to 62 by 2
; CHECK-NEXT: %by_unknown: varying
define void @sums_and_products(ptr %thread) "tq.kernel" {
  %x = call i32 @tq.tid.x()
  %block = call i32 @tq.ctaid.x()
  %plus = add i32 %x, %block
  %by_four = mul i32 %x, 4
  %by_eight = shl i32 %x, 3
  %backwards = sub i32 %block, %x
  %twice = add i32 %plus, %x
  %by_unknown = mul i32 %x, %block
  ret void
}

; Without a bit in common, `or` is a sum, whether or not LLVM has said so.
; CHECK-LABEL: @or_as_sum
; CHECK: %row: uniform
; CHECK-NEXT: %place: base + 0 to 31 by 1
; CHECK-NEXT: %swapped: base + 0 to 31 by 1
; CHECK-NEXT: %half: uniform
; CHECK-NEXT: %mixed: varying
define void @or_as_sum(ptr %thread) "tq.kernel" {
  %x = call i32 @tq.tid.x()
  %block = call i32 @tq.ctaid.x()
  %row = shl i32 %block, 10
  %place = or i32 %row, %x
  %swapped = or i32 %x, %row
  %half = shl i32 %block, 9
  %mixed = or i32 %half, %x
  ret void
}

; Bits of the lane's number are known where the base has none of them.
; CHECK-LABEL: @bits
; CHECK: %quad: base + 0 1 2 3 0 1 2 3 0 1 2 3 0 1 2 3 0 1 2 3 0 1 2 3 0 1 2 3 0 1 2 3
; CHECK-NEXT: %pair: base + 0 0 1 1 2 2 3 3 4 4 5 5 6 6 7 7 8 8 9 9 10 10 11 11 12 12 13 13 14 14 15 15
; CHECK-NEXT: %warp: uniform by its pattern
; CHECK-NEXT: %other: base + 1 0 3 2 5 4 7 6 9 8 11 10 13 12 15 14 17 16 19 18 21 20 23 22 25 24 27 26 29 28 31 30
; CHECK-NEXT: %group: base + 0 0 0 0 4 4 4 4 8 8 8 8 12 12 12 12 16 16 16 16 20 20 20 20 24 24 24 24 28 28 28 28
; CHECK-NEXT: %high: varying
; CHECK: %odd: base + 0 to 62 by 2, at most 2047
define void @bits(ptr %thread) "tq.kernel" {
  %x = call i32 @tq.tid.x()
  %quad = and i32 %x, 3
  %pair = lshr i32 %x, 1
  %warp = lshr i32 %x, 5
  %other = xor i32 %x, 1
  %group = and i32 %x, -4
  %high = xor i32 %x, 64
  %double = shl i32 %x, 1
  %odd = or disjoint i32 %double, 1
  ret void
}

; The base is unknown below: its low bits may carry into those that are asked for.
; CHECK-LABEL: @bits_of_a_sum_are_not_known
; CHECK: %quad: varying
; CHECK-NEXT: %half: varying
; CHECK-NEXT: %other: varying
define void @bits_of_a_sum_are_not_known(ptr %thread) "tq.kernel" {
  %x = call i32 @tq.tid.x()
  %block = call i32 @tq.ctaid.x()
  %sum = add i32 %x, %block
  %quad = and i32 %sum, 3
  %half = lshr i32 %sum, 1
  %other = xor i32 %sum, 1
  ret void
}

; CHECK-LABEL: @extensions
; CHECK: %wide: base + 0 to 31 by 1, zero bits 5, at most 1023{{$}}
; CHECK-NEXT: %wide_sum: base + 0 to 31 by 1, if nothing wraps
; CHECK-NEXT: %signed_sum: base + 0 to 31 by 1, if nothing wraps
; CHECK-NEXT: %bytes: base + 0 to 124 by 4, zero bits 2, if nothing wraps
; CHECK-NEXT: %narrow: base + 0 to 31 by 1, zero bits 5
define void @extensions(ptr %thread) "tq.kernel" {
  %x = call i32 @tq.tid.x()
  %block = call i32 @tq.ctaid.x()
  %sum = add i32 %x, %block
  %wide = zext i32 %x to i64
  %wide_sum = zext i32 %sum to i64
  %signed_sum = sext i32 %sum to i64
  %bytes = shl i64 %wide_sum, 2
  %narrow = trunc i32 %x to i16
  ret void
}

; CHECK-LABEL: @addresses
; CHECK: %element: base + 0 to 124 by 4
; CHECK: %field: base + 0 to 496 by 16
; CHECK: %from_number: base + 0 to 31 by 1
define void @addresses(ptr %thread, ptr %memory) "tq.kernel" {
  %x = call i32 @tq.tid.x()
  %wide = zext i32 %x to i64
  %element = getelementptr i32, ptr %memory, i64 %wide
  %field = getelementptr { i64, i64 }, ptr %memory, i64 %wide, i32 1
  %number = ptrtoint ptr %memory to i64
  %sum = add i64 %number, %wide
  %from_number = inttoptr i64 %sum to ptr
  ret void
}

; Each lane has its own, one behind the other.
; CHECK-LABEL: @local_variables
; CHECK: %word: base + 0 to 496 by 16
; CHECK-NEXT: %bytes: base + 0 to 1488 by 48
define void @local_variables(ptr %thread) "tq.kernel" {
  %word = alloca i32, align 16
  %bytes = alloca [40 x i8], align 16
  store volatile i32 1, ptr %word
  store volatile i8 1, ptr %bytes
  ret void
}

; CHECK-LABEL: @a_counter_from_the_thread_on
; CHECK: %i: base + 0 to 31 by 1
; CHECK: %next: base + 0 to 31 by 1
define void @a_counter_from_the_thread_on(ptr %thread) "tq.kernel" {
entry:
  %x = call i32 @tq.tid.x()
  %count = call i32 @tq.ntid.x()
  br label %loop
loop:
  %i = phi i32 [ %x, %entry ], [ %next, %loop ]
  %turn = phi i32 [ 0, %entry ], [ %next_turn, %loop ]
  %next = add i32 %i, %count
  %next_turn = add i32 %turn, 1
  %more = icmp ult i32 %next_turn, %count
  br i1 %more, label %loop, label %end
end:
  ret void
}

; CHECK-LABEL: @a_step_that_lanes_choose
; CHECK: %i: varying
define void @a_step_that_lanes_choose(ptr %thread) "tq.kernel" {
entry:
  %x = call i32 @tq.tid.x()
  %count = call i32 @tq.ntid.x()
  br label %loop
loop:
  %i = phi i32 [ 0, %entry ], [ %next, %loop ]
  %turn = phi i32 [ 0, %entry ], [ %next_turn, %loop ]
  %next = add i32 %i, %x
  %next_turn = add i32 %turn, 1
  %more = icmp ult i32 %next_turn, %count
  br i1 %more, label %loop, label %end
end:
  ret void
}

; Lanes of both ways meet: the same offsets, but two bases.
; CHECK-LABEL: @two_bases_behind_a_divergent_branch
; CHECK: %which: varying
define void @two_bases_behind_a_divergent_branch(ptr %thread) "tq.kernel" {
entry:
  %x = call i32 @tq.tid.x()
  %more = add i32 %x, 100
  %low = icmp ult i32 %x, 7
  br i1 %low, label %then, label %join
then:
  br label %join
join:
  %which = phi i32 [ %x, %then ], [ %more, %entry ]
  ret void
}

; All lanes come over one edge.
; CHECK-LABEL: @one_base_behind_a_uniform_branch
; CHECK: %which: base + 0 to 31 by 1
define void @one_base_behind_a_uniform_branch(ptr %thread) "tq.kernel" {
entry:
  %x = call i32 @tq.tid.x()
  %block = call i32 @tq.ctaid.x()
  %more = add i32 %x, 100
  %low = icmp ult i32 %block, 7
  br i1 %low, label %then, label %join
then:
  br label %join
join:
  %which = phi i32 [ %x, %then ], [ %more, %entry ]
  ret void
}

; Behind the loop each lane has the base of its own last turn.
; CHECK-LABEL: @behind_a_loop_that_lanes_leave_in_different_turns
; CHECK: %i: base + 0 to 31 by 1
; CHECK: %last: varying
define void @behind_a_loop_that_lanes_leave_in_different_turns(ptr %thread, i32 %limit) "tq.kernel" {
entry:
  %x = call i32 @tq.tid.x()
  %count = call i32 @tq.ntid.x()
  br label %loop
loop:
  %i = phi i32 [ %x, %entry ], [ %next, %loop ]
  %next = add i32 %i, %count
  %more = icmp ult i32 %next, 5000
  br i1 %more, label %loop, label %end
end:
  %last = phi i32 [ %i, %loop ]
  ret void
}

; CHECK-LABEL: @choices
; CHECK: %by_all: base + 0 to 31 by 1
; CHECK-NEXT: %by_each: varying
; CHECK-NEXT: %unlike: varying
define void @choices(ptr %thread) "tq.kernel" {
  %x = call i32 @tq.tid.x()
  %block = call i32 @tq.ctaid.x()
  %more = add i32 %x, %block
  %first = icmp eq i32 %block, 0
  %low = icmp ult i32 %x, 7
  %double = shl i32 %x, 1
  %by_all = select i1 %first, i32 %x, i32 %more
  %by_each = select i1 %low, i32 %x, i32 %more
  %unlike = select i1 %first, i32 %x, i32 %double
  ret void
}

; CHECK-LABEL: @collectives
; CHECK: %votes: uniform
; CHECK-NEXT: %own_votes: varying
; CHECK-NEXT: %of_one: uniform
; CHECK-NEXT: %of_another: varying
; CHECK-NEXT: %in_segments: varying
; CHECK-NEXT: %above: varying
define void @collectives(ptr %thread) "tq.kernel" {
  %x = call i32 @tq.tid.x()
  %low = icmp ult i32 %x, 7
  %votes = call i32 @tq.vote.ballot(i32 -1, i1 %low)
  %own_votes = call i32 @tq.vote.ballot(i32 %x, i1 %low)
  %of_one = call { i32, i1 } @tq.shfl.idx(i32 -1, i32 %x, i32 3, i32 31)
  %of_another = call { i32, i1 } @tq.shfl.idx(i32 -1, i32 %x, i32 %x, i32 31)
  %in_segments = call { i32, i1 } @tq.shfl.idx(i32 -1, i32 %x, i32 3, i32 6175)
  %above = call { i32, i1 } @tq.shfl.up(i32 -1, i32 %x, i32 3, i32 0)
  ret void
}

; One address, but an answer for each lane.
; CHECK-LABEL: @what_each_lane_gets_for_itself
; CHECK: %old: varying
; CHECK: %block: varying
define void @what_each_lane_gets_for_itself(ptr %thread, ptr %counter) "tq.kernel" {
  %old = atomicrmw add ptr %counter, i32 1 monotonic
  %block = call ptr @tq.malloc(i64 8)
  ret void
}
