; RUN: CHECK eligibility

@out = external global i32

declare i32 @tq.tid.x()
declare i32 @tq.ctaid.x()
declare i32 @tq.ntid.x()
declare void @tq.barrier(i32, i32)
declare i32 @tq.barrier.reduce(i32, i32, i32, i32)
declare void @tq.yield(i32)
declare void @tq.warpsync(i32)
declare i32 @tq.vote.ballot(i32, i1)
declare i64 @tq.host.call(i32, ptr)
declare { i32, i1 } @tq.shfl.idx(i32, i32, i32, i32)
declare i32 @tq.activemask()

; CHECK: @a_barrier_that_all_come_to: warp by warp
define void @a_barrier_that_all_come_to(ptr %thread) "tq.kernel" {
  call void @tq.barrier(i32 0, i32 0)
  ret void
}

; CHECK: @a_barrier_that_some_lanes_come_to: lanes that wait while others do not
define void @a_barrier_that_some_lanes_come_to(ptr %thread) "tq.kernel" {
entry:
  %tid = call i32 @tq.tid.x()
  %low = icmp ult i32 %tid, 7
  br i1 %low, label %then, label %end
then:
  call void @tq.barrier(i32 0, i32 0)
  br label %end
end:
  store i32 1, ptr @out
  ret void
}

; CHECK: @a_barrier_behind_a_divergent_branch: warp by warp
define void @a_barrier_behind_a_divergent_branch(ptr %thread, ptr %out) "tq.kernel" {
entry:
  %tid = call i32 @tq.tid.x()
  %low = icmp ult i32 %tid, 7
  br i1 %low, label %then, label %join
then:
  store i32 1, ptr %out
  br label %join
join:
  call void @tq.barrier(i32 0, i32 0)
  ret void
}

; CHECK: @a_barrier_where_the_block_decides: warp by warp
define void @a_barrier_where_the_block_decides(ptr %thread) "tq.kernel" {
entry:
  %block = call i32 @tq.ctaid.x()
  %first = icmp eq i32 %block, 0
  br i1 %first, label %then, label %end
then:
  call void @tq.barrier(i32 0, i32 0)
  br label %end
end:
  ret void
}

; Lanes that have left early are gone: those that are left come together.
; CHECK: @a_barrier_when_some_have_left: warp by warp
define void @a_barrier_when_some_have_left(ptr %thread) "tq.kernel" {
entry:
  %tid = call i32 @tq.tid.x()
  %low = icmp ult i32 %tid, 7
  br i1 %low, label %end, label %stay
stay:
  call void @tq.barrier(i32 0, i32 0)
  br label %end
end:
  ret void
}

; CHECK: @a_barrier_in_turns_of_all: warp by warp
define void @a_barrier_in_turns_of_all(ptr %thread) "tq.kernel" {
entry:
  %count = call i32 @tq.ntid.x()
  br label %loop
loop:
  %i = phi i32 [ 0, %entry ], [ %next, %loop ]
  call void @tq.barrier(i32 0, i32 0)
  %next = add i32 %i, 1
  %more = icmp ult i32 %next, %count
  br i1 %more, label %loop, label %end
end:
  ret void
}

; CHECK: @a_barrier_in_turns_of_each: lanes that wait while others do not
define void @a_barrier_in_turns_of_each(ptr %thread) "tq.kernel" {
entry:
  %tid = call i32 @tq.tid.x()
  br label %loop
loop:
  %i = phi i32 [ 0, %entry ], [ %next, %loop ]
  call void @tq.barrier(i32 0, i32 0)
  %next = add i32 %i, 1
  %more = icmp ult i32 %next, %tid
  br i1 %more, label %loop, label %end
end:
  store i32 1, ptr @out
  ret void
}

; CHECK: @a_barrier_that_lanes_choose: a barrier that lanes choose
define void @a_barrier_that_lanes_choose(ptr %thread) "tq.kernel" {
  %tid = call i32 @tq.tid.x()
  call void @tq.barrier(i32 %tid, i32 32)
  ret void
}

; CHECK: @each_lane_may_bring_its_own_value: warp by warp
define void @each_lane_may_bring_its_own_value(ptr %thread) "tq.kernel" {
  %tid = call i32 @tq.tid.x()
  %sum = call i32 @tq.barrier.reduce(i32 0, i32 0, i32 1, i32 %tid)
  ret void
}

; CHECK: @sleep_of_some_lanes: lanes that wait while others do not
define void @sleep_of_some_lanes(ptr %thread) "tq.kernel" {
entry:
  %tid = call i32 @tq.tid.x()
  %low = icmp ult i32 %tid, 7
  br i1 %low, label %then, label %end
then:
  call void @tq.yield(i32 20)
  br label %end
end:
  store i32 1, ptr @out
  ret void
}

; A warp's own collectives need no converged warp: the lanes that are there take part.
; CHECK: @collectives_of_some_lanes: warp by warp
define void @collectives_of_some_lanes(ptr %thread) "tq.kernel" {
entry:
  %tid = call i32 @tq.tid.x()
  %low = icmp ult i32 %tid, 7
  br i1 %low, label %then, label %end
then:
  %votes = call i32 @tq.vote.ballot(i32 127, i1 %low)
  call void @tq.warpsync(i32 127)
  br label %end
end:
  ret void
}

; CHECK: @a_loop_with_two_entries: a loop with several entries
define void @a_loop_with_two_entries(ptr %thread) "tq.kernel" {
entry:
  %tid = call i32 @tq.tid.x()
  %low = icmp ult i32 %tid, 7
  br i1 %low, label %a, label %b
a:
  br label %b
b:
  %more = icmp ult i32 %tid, 3
  br i1 %more, label %a, label %end
end:
  ret void
}

; CHECK: @a_call_through_a_pointer: a call through a pointer
define void @a_call_through_a_pointer(ptr %thread, ptr %function) "tq.kernel" {
  call void %function(ptr %thread)
  ret void
}

; CHECK: @inline_assembly: inline assembly
define void @inline_assembly(ptr %thread) "tq.kernel" {
  call void asm sideeffect "nop", ""()
  ret void
}

; CHECK: @a_call_of_the_host: a call of the host
define void @a_call_of_the_host(ptr %thread, ptr %arguments) "tq.kernel" {
  %result = call i64 @tq.host.call(i32 0, ptr %arguments)
  ret void
}

define internal void @waits(ptr %thread, i32 %turns) noinline {
  call void @tq.barrier(i32 0, i32 0)
  ret void
}

; CHECK: @a_function_that_waits: a call of a function that waits
define void @a_function_that_waits(ptr %thread) "tq.kernel" {
  call void @waits(ptr %thread, i32 1)
  ret void
}

; CHECK: @numbers_of_more_than_64_bits: a value of a wide type
define void @numbers_of_more_than_64_bits(ptr %thread) "tq.kernel" {
  %tid = call i32 @tq.tid.x()
  %wide = zext i32 %tid to i128
  ret void
}

; CHECK: @the_same_for_all_lanes: warp by warp
define void @the_same_for_all_lanes(ptr %thread) "tq.kernel" {
  %block = call i32 @tq.ctaid.x()
  %wide = zext i32 %block to i128
  ret void
}

; CHECK: @local_memory_of_changing_size: a local variable of changing size
define void @local_memory_of_changing_size(ptr %thread) "tq.kernel" {
  %tid = call i32 @tq.tid.x()
  %memory = alloca i8, i32 %tid
  store volatile i8 1, ptr %memory
  ret void
}

; CHECK: @a_branch_through_an_address: an indirect branch
define void @a_branch_through_an_address(ptr %thread, ptr %target) "tq.kernel" {
entry:
  indirectbr ptr %target, [ label %a, label %b ]
a:
  br label %b
b:
  ret void
}

; One exchange of all 32 lanes, at two instructions: no lane of a way would find those of the other.
; CHECK: @an_exchange_across_a_branch: lanes that meet in two places
define void @an_exchange_across_a_branch(ptr %thread) "tq.kernel" {
entry:
  %tid = call i32 @tq.tid.x()
  %low = icmp ult i32 %tid, 7
  br i1 %low, label %then, label %else
then:
  %a = call { i32, i1 } @tq.shfl.idx(i32 -1, i32 %tid, i32 20, i32 31)
  br label %end
else:
  %b = call { i32, i1 } @tq.shfl.idx(i32 -1, i32 %tid, i32 0, i32 31)
  br label %end
end:
  ret void
}

; CHECK: @a_hand_over_across_a_branch: lanes that meet in two places
define void @a_hand_over_across_a_branch(ptr %thread, ptr %word) "tq.kernel" {
entry:
  %tid = call i32 @tq.tid.x()
  %low = icmp ult i32 %tid, 7
  br i1 %low, label %then, label %else
then:
  store i32 1, ptr %word
  call void @tq.warpsync(i32 -1)
  br label %end
else:
  call void @tq.warpsync(i32 -1)
  %got = load i32, ptr %word
  br label %end
end:
  ret void
}

; Each way has a mask of its own.
; CHECK: @each_way_for_itself: warp by warp
define void @each_way_for_itself(ptr %thread) "tq.kernel" {
entry:
  %tid = call i32 @tq.tid.x()
  %low = icmp ult i32 %tid, 7
  br i1 %low, label %then, label %else
then:
  %a = call { i32, i1 } @tq.shfl.idx(i32 127, i32 %tid, i32 3, i32 31)
  br label %end
else:
  %b = call { i32, i1 } @tq.shfl.idx(i32 -128, i32 %tid, i32 20, i32 31)
  br label %end
end:
  ret void
}

; Where warps go one way as a whole, both may name all lanes.
; CHECK: @one_way_for_each_warp: warp by warp
define void @one_way_for_each_warp(ptr %thread) "tq.kernel" {
entry:
  %tid = call i32 @tq.tid.x()
  %warp = lshr i32 %tid, 5
  %first = icmp eq i32 %warp, 0
  br i1 %first, label %then, label %else
then:
  %a = call { i32, i1 } @tq.shfl.idx(i32 -1, i32 %tid, i32 3, i32 31)
  br label %end
else:
  %b = call { i32, i1 } @tq.shfl.idx(i32 -1, i32 %tid, i32 20, i32 31)
  br label %end
end:
  ret void
}

; Those that left the loop earlier and those in it vote apart; nobody in the loop waits for them.
; CHECK: @votes_in_a_loop_and_behind_it: warp by warp
define void @votes_in_a_loop_and_behind_it(ptr %thread) "tq.kernel" {
entry:
  %tid = call i32 @tq.tid.x()
  br label %loop
loop:
  %i = phi i32 [ 0, %entry ], [ %next, %loop ]
  %here = call i32 @tq.activemask()
  %votes = call i32 @tq.vote.ballot(i32 %here, i1 true)
  %next = add i32 %i, 1
  %more = icmp ult i32 %next, %tid
  br i1 %more, label %loop, label %end
end:
  %all = call i32 @tq.vote.ballot(i32 -1, i1 true)
  ret void
}

; Rows of a sparse matrix: each lane has entries of its own, and as many of them as its row.
; CHECK: @gathers_in_a_loop_that_lanes_leave_apart: gathers in loops that lanes leave apart
define void @gathers_in_a_loop_that_lanes_leave_apart(ptr %thread, ptr %begins, ptr %values) "tq.kernel" {
entry:
  %tid = call i32 @tq.tid.x()
  %place = getelementptr i32, ptr %begins, i32 %tid
  %begin = load i32, ptr %place
  %next = getelementptr i8, ptr %place, i64 4
  br label %loop
loop:
  %i = phi i32 [ %begin, %entry ], [ %more, %loop ]
  %sum = phi i32 [ 0, %entry ], [ %added, %loop ]
  %at = getelementptr i32, ptr %values, i32 %i
  %value = load i32, ptr %at
  %added = add i32 %sum, %value
  %more = add i32 %i, 1
  %end = load i32, ptr %next
  %again = icmp slt i32 %more, %end
  br i1 %again, label %loop, label %done
done:
  store i32 %added, ptr %place
  ret void
}

; CHECK: @gathers_in_a_loop_of_all: warp by warp
define void @gathers_in_a_loop_of_all(ptr %thread, ptr %begins, ptr %values, i32 %count) "tq.kernel" {
entry:
  %tid = call i32 @tq.tid.x()
  %place = getelementptr i32, ptr %begins, i32 %tid
  %begin = load i32, ptr %place
  br label %loop
loop:
  %turn = phi i32 [ 0, %entry ], [ %turned, %loop ]
  %i = phi i32 [ %begin, %entry ], [ %more, %loop ]
  %sum = phi i32 [ 0, %entry ], [ %added, %loop ]
  %at = getelementptr i32, ptr %values, i32 %i
  %value = load i32, ptr %at
  %added = add i32 %sum, %value
  %more = add i32 %i, 1
  %turned = add i32 %turn, 1
  %again = icmp slt i32 %turned, %count
  br i1 %again, label %loop, label %done
done:
  store i32 %added, ptr %place
  ret void
}

; The work is what takes time: a hash of each value.
; CHECK: @much_work_for_each_gather: warp by warp
define void @much_work_for_each_gather(ptr %thread, ptr %begins, ptr %values) "tq.kernel" {
entry:
  %tid = call i32 @tq.tid.x()
  %place = getelementptr i32, ptr %begins, i32 %tid
  %begin = load i32, ptr %place
  br label %loop
loop:
  %i = phi i32 [ %begin, %entry ], [ %h8, %loop ]
  %at = getelementptr i32, ptr %values, i32 %i
  %value = load i32, ptr %at
  %h0 = mul i32 %value, %value
  %h1 = xor i32 %h0, %i
  %h2 = mul i32 %h1, %value
  %h3 = xor i32 %h2, %i
  %h4 = mul i32 %h3, %value
  %h5 = xor i32 %h4, %i
  %h6 = mul i32 %h5, %value
  %h7 = xor i32 %h6, %i
  %h8 = and i32 %h7, 255
  %again = icmp ne i32 %h8, 0
  br i1 %again, label %loop, label %done
done:
  store i32 %value, ptr %place
  ret void
}

; CHECK: @rows_in_a_loop_that_lanes_leave_apart: warp by warp
define void @rows_in_a_loop_that_lanes_leave_apart(ptr %thread, ptr %ends, ptr %values, i64 %pitch) "tq.kernel" {
entry:
  %tid = call i32 @tq.tid.x()
  %lane = zext i32 %tid to i64
  %place = getelementptr i32, ptr %ends, i64 %lane
  %end = load i32, ptr %place
  %first = getelementptr i32, ptr %values, i64 %lane
  br label %loop
loop:
  %i = phi i32 [ 0, %entry ], [ %more, %loop ]
  %at = phi ptr [ %first, %entry ], [ %below, %loop ]
  %index = load i32, ptr %at
  %other = getelementptr i32, ptr %values, i32 %index
  %value = load i32, ptr %other
  %below = getelementptr i8, ptr %at, i64 %pitch
  %more = add i32 %i, 1
  %again = icmp slt i32 %more, %end
  br i1 %again, label %loop, label %done
done:
  store i32 %value, ptr %place
  ret void
}
