; RUN: CHECK schedule

declare i32 @tq.tid.x()
declare i32 @tq.ctaid.x()
declare i32 @tq.ntid.x()
declare void @more()

; Both ways run, one behind the other; the join has the lanes of the entry.
; CHECK-LABEL: @both_ways
; CHECK-NEXT: %entry: mask %entry, lanes part, then %{{then|else}}?
; CHECK-DAG: %then: mask %then, looked at
; CHECK-DAG: %else: mask %else, looked at
; CHECK: %join: mask %entry, then %end
; CHECK-NEXT: %end: mask %entry
define void @both_ways(ptr %thread) "tq.kernel" {
entry:
  %tid = call i32 @tq.tid.x()
  %low = icmp ult i32 %tid, 7
  br i1 %low, label %then, label %else
then:
  br label %join
else:
  br label %join
join:
  call void @more()
  ret void
}

; A branch that all lanes take together stays one, and nobody looks.
; CHECK-LABEL: @one_way
; CHECK-NEXT: %entry: mask %entry, then %then or %else
; CHECK-NOT: looked at
; CHECK: %end: mask %entry
define void @one_way(ptr %thread) "tq.kernel" {
entry:
  %block = call i32 @tq.ctaid.x()
  %low = icmp ult i32 %block, 7
  br i1 %low, label %then, label %else
then:
  br label %join
else:
  br label %join
join:
  call void @more()
  ret void
}

; Lanes leave in different turns: the loop has lanes of its own, and its bottom looks whether any are left.
; CHECK-LABEL: @turns_of_each_lane
; CHECK: %loop: mask %loop, lanes part, then %loop again?
; CHECK-NEXT: %loop again: looked at, else %{{.*}}
; CHECK: %end: mask %entry
define void @turns_of_each_lane(ptr %thread) "tq.kernel" {
entry:
  %tid = call i32 @tq.tid.x()
  br label %loop
loop:
  %i = phi i32 [ 0, %entry ], [ %next, %loop ]
  %next = add i32 %i, 1
  %more = icmp ult i32 %next, %tid
  br i1 %more, label %loop, label %end
end:
  call void @more()
  ret void
}

; All turn together: a plain loop with the lanes that came to it.
; CHECK-LABEL: @turns_of_all
; CHECK: %loop: mask %entry, then %loop again or %{{.*}}
; CHECK-NOT: looked at
; CHECK: %end: mask %entry
define void @turns_of_all(ptr %thread) "tq.kernel" {
entry:
  %count = call i32 @tq.ntid.x()
  br label %loop
loop:
  %i = phi i32 [ 0, %entry ], [ %next, %loop ]
  %next = add i32 %i, 1
  %more = icmp ult i32 %next, %count
  br i1 %more, label %loop, label %end
end:
  call void @more()
  ret void
}

; A loop with a `break`: those who broke wait behind it while the others turn. When nobody is left to turn, the look at
; %body says so; where the bottom is come to, someone is there.
; CHECK-LABEL: @a_second_way_out
; CHECK: %loop: mask %loop, lanes part
; CHECK: %body: mask %body, looked at, else %end, then %loop again or %end
; CHECK: %end: mask %entry
define void @a_second_way_out(ptr %thread) "tq.kernel" {
entry:
  %tid = call i32 @tq.tid.x()
  %count = call i32 @tq.ntid.x()
  br label %loop
loop:
  %i = phi i32 [ 0, %entry ], [ %next, %body ]
  %stop = icmp eq i32 %i, %tid
  br i1 %stop, label %end, label %body
body:
  %next = add i32 %i, 1
  %more = icmp ult i32 %next, %count
  br i1 %more, label %loop, label %end
end:
  call void @more()
  ret void
}

; Only the lanes of %then are there, but they go one way: no look at %inner is needed behind the look at %then.
; CHECK-LABEL: @one_way_for_some
; CHECK: %then: mask %then, looked at
; CHECK-SAME: then %inner or %meet
; CHECK: %inner: mask %then, then %meet
; CHECK: %meet: mask %then
; CHECK: %end: mask %entry
define void @one_way_for_some(ptr %thread) "tq.kernel" {
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
  br label %end
end:
  call void @more()
  ret void
}

; Two ways lead to %shared: it waits for both.
; CHECK-LABEL: @a_block_that_two_branches_share
; CHECK: %entry: mask %entry, lanes part
; CHECK: %other: mask %other, lanes part, looked at
; CHECK: %shared: mask %shared, looked at
; CHECK: %end: mask %entry
define void @a_block_that_two_branches_share(ptr %thread) "tq.kernel" {
entry:
  %tid = call i32 @tq.tid.x()
  %low = icmp ult i32 %tid, 7
  %high = icmp ugt i32 %tid, 20
  br i1 %low, label %shared, label %other
other:
  br i1 %high, label %shared, label %end
shared:
  br label %end
end:
  call void @more()
  ret void
}

; Every way of a switch runs.
; CHECK-LABEL: @several_ways
; CHECK: %entry: mask %entry, lanes part
; CHECK-DAG: %zero: mask %zero, looked at
; CHECK-DAG: %one: mask %one, looked at
; CHECK-DAG: %rest: mask %rest, looked at
; CHECK: %end: mask %entry
define void @several_ways(ptr %thread) "tq.kernel" {
entry:
  %tid = call i32 @tq.tid.x()
  switch i32 %tid, label %rest [ i32 0, label %zero
                                 i32 1, label %one ]
zero:
  br label %join
one:
  br label %join
rest:
  br label %join
join:
  call void @more()
  ret void
}
