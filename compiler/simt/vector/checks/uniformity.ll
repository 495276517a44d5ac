; RUN: CHECK uniformity

declare i32 @tq.tid.x()
declare i32 @tq.ctaid.x()
declare i32 @tq.ntid.x()

; CHECK-LABEL: @what_is_made_from_the_thread_varies
; CHECK: %tid: varying
; CHECK-NEXT: %block: uniform
; CHECK-NEXT: %twice: uniform
; CHECK-NEXT: %sum: varying
define void @what_is_made_from_the_thread_varies(ptr %thread) "tq.kernel" {
  %tid = call i32 @tq.tid.x()
  %block = call i32 @tq.ctaid.x()
  %twice = add i32 %block, %block
  %sum = add i32 %tid, %twice
  ret void
}

; CHECK-LABEL: @loads_vary_with_their_address
; CHECK: %same: uniform
; CHECK-NEXT: %own: varying
define void @loads_vary_with_their_address(ptr %thread) "tq.kernel" {
  %tid = call i32 @tq.tid.x()
  %block = call i32 @tq.ctaid.x()
  %uniform = inttoptr i32 %block to ptr
  %varying = inttoptr i32 %tid to ptr
  %same = load i32, ptr %uniform
  %own = load i32, ptr %varying
  ret void
}

; CHECK-LABEL: @constants_that_meet_behind_a_divergent_branch_vary
; CHECK: %entry: lanes part
; CHECK: %then:{{$}}
; CHECK: %join:
; CHECK-NEXT: %which: varying
define void @constants_that_meet_behind_a_divergent_branch_vary(ptr %thread) "tq.kernel" {
entry:
  %tid = call i32 @tq.tid.x()
  %low = icmp ult i32 %tid, 7
  br i1 %low, label %then, label %join
then:
  br label %join
join:
  %which = phi i32 [ 1, %then ], [ 2, %entry ]
  ret void
}

; CHECK-LABEL: @constants_that_meet_behind_a_uniform_branch_do_not
; CHECK: %entry:{{$}}
; CHECK: %join:
; CHECK-NEXT: %which: uniform
define void @constants_that_meet_behind_a_uniform_branch_do_not(ptr %thread) "tq.kernel" {
entry:
  %block = call i32 @tq.ctaid.x()
  %low = icmp ult i32 %block, 7
  br i1 %low, label %then, label %join
then:
  br label %join
join:
  %which = phi i32 [ 1, %then ], [ 2, %entry ]
  ret void
}

; The counter is the same for all lanes that still turn; behind the loop each has that of its own last turn.
; CHECK-LABEL: @a_counter_varies_behind_a_loop_that_lanes_leave_in_different_turns
; CHECK: %loop: lanes part
; CHECK-NEXT: %i: uniform
; CHECK-NEXT: %next: uniform
; CHECK: %end:
; CHECK-NEXT: %last: varying
define void @a_counter_varies_behind_a_loop_that_lanes_leave_in_different_turns(ptr %thread) "tq.kernel" {
entry:
  %tid = call i32 @tq.tid.x()
  br label %loop
loop:
  %i = phi i32 [ 0, %entry ], [ %next, %loop ]
  %next = add i32 %i, 1
  %more = icmp ult i32 %next, %tid
  br i1 %more, label %loop, label %end
end:
  %last = phi i32 [ %next, %loop ]
  ret void
}

; CHECK-LABEL: @a_counter_stays_uniform_behind_a_loop_that_all_leave_together
; CHECK: %loop:{{$}}
; CHECK: %end:
; CHECK-NEXT: %last: uniform
define void @a_counter_stays_uniform_behind_a_loop_that_all_leave_together(ptr %thread) "tq.kernel" {
entry:
  %count = call i32 @tq.ntid.x()
  br label %loop
loop:
  %i = phi i32 [ 0, %entry ], [ %next, %loop ]
  %next = add i32 %i, 1
  %more = icmp ult i32 %next, %count
  br i1 %more, label %loop, label %end
end:
  %last = phi i32 [ %next, %loop ]
  ret void
}

; A branch that all take alike inside a region that some lanes run is still uniform.
; CHECK-LABEL: @a_uniform_branch_under_a_divergent_one_stays_uniform
; CHECK: %entry: lanes part
; CHECK: %then:{{$}}
; CHECK: %inner:
; CHECK: %meet:
; CHECK-NEXT: %chosen: uniform
define void @a_uniform_branch_under_a_divergent_one_stays_uniform(ptr %thread) "tq.kernel" {
entry:
  %tid = call i32 @tq.tid.x()
  %block = call i32 @tq.ctaid.x()
  %low = icmp ult i32 %tid, 7
  %first = icmp eq i32 %block, 0
  br i1 %low, label %then, label %end
then:
  br i1 %first, label %inner, label %meet
inner:
  br label %meet
meet:
  %chosen = phi i32 [ 1, %inner ], [ 2, %then ]
  br label %end
end:
  ret void
}

; CHECK-LABEL: @a_loop_with_two_entries has loops with several entries
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
