; RUN: CHECK normalize

@out = external global i32

declare i32 @tq.tid.x()
declare i32 @tq.ntid.x()
declare void @tq.exit()
declare void @tq.fault(i32, i64)

; CHECK-LABEL: define void @exits_become_branches_to_the_end
; CHECK: br i1 %low, label %leave, label %end
; CHECK: leave:
; CHECK-NEXT: store
; CHECK-NEXT: br label %end
; CHECK: end:
; CHECK-NEXT: ret void
define void @exits_become_branches_to_the_end(ptr %thread, ptr %out) "tq.kernel" {
entry:
  %tid = call i32 @tq.tid.x()
  %low = icmp ult i32 %tid, 7
  br i1 %low, label %leave, label %stay
leave:
  store i32 1, ptr %out
  call void @tq.exit()
  unreachable
stay:
  ret void
}

; CHECK-LABEL: define void @there_is_one_return
; CHECK-COUNT-1: ret void
; CHECK-NOT: ret void
define void @there_is_one_return(ptr %thread) "tq.kernel" {
entry:
  %tid = call i32 @tq.tid.x()
  %low = icmp ult i32 %tid, 7
  br i1 %low, label %a, label %b
a:
  ret void
b:
  ret void
}

; Those that leave wait nowhere for the others.
; CHECK-LABEL: define void @nothing_is_before_the_end
; CHECK: br i1 %low, label %end, label %rest
; CHECK-NOT: leave
; CHECK: ret void
define void @nothing_is_before_the_end(ptr %thread, ptr %out) "tq.kernel" {
entry:
  %tid = call i32 @tq.tid.x()
  %low = icmp ult i32 %tid, 7
  br i1 %low, label %leave, label %rest
leave:
  call void @tq.exit()
  unreachable
rest:
  store i32 1, ptr %out
  ret void
}

; The other lanes go on to %rest: whoever traps does not come back, and so may seem to go there too.
; CHECK-LABEL: define void @a_trap_goes_on_where_it_would_not_have_been
; CHECK: trap:
; CHECK-NEXT: call void @tq.fault
; CHECK-NEXT: br label %rest
; CHECK-NOT: unreachable
; CHECK: ret void
define void @a_trap_goes_on_where_it_would_not_have_been(ptr %thread) "tq.kernel" {
entry:
  %tid = call i32 @tq.tid.x()
  %low = icmp ult i32 %tid, 7
  br i1 %low, label %trap, label %rest
trap:
  call void @tq.fault(i32 1, i64 0)
  unreachable
rest:
  br label %more
more:
  ret void
}

; A trap that several branches share is one for each: they go on in different places.
; CHECK-LABEL: define void @a_shared_trap_is_taken_apart
; CHECK: br i1 %high, label %trap.trap, label %rest
; CHECK: trap:
; CHECK-NEXT: call void @tq.fault
; CHECK-NEXT: br label %next
; CHECK: trap.trap:
; CHECK-NEXT: call void @tq.fault
; CHECK-NEXT: br label %rest
define void @a_shared_trap_is_taken_apart(ptr %thread) "tq.kernel" {
entry:
  %tid = call i32 @tq.tid.x()
  %low = icmp ult i32 %tid, 7
  br i1 %low, label %trap, label %next
next:
  %high = icmp ugt i32 %tid, 20
  br i1 %high, label %trap, label %rest
trap:
  call void @tq.fault(i32 1, i64 0)
  unreachable
rest:
  store volatile i32 1, ptr @out
  ret void
}

; One way in, one way back, exits of their own; what is used behind a loop comes through a phi (LCSSA).
; CHECK-LABEL: define void @loops_are_simplified_and_closed
; CHECK: loop:
; CHECK-NEXT: %i = phi i32 [ {{.*}}, %{{.*}} ], [ {{.*}}, %{{.*}} ]
; CHECK: phi i32 [ %next, %{{.*}} ]
; CHECK-NEXT: store
define void @loops_are_simplified_and_closed(ptr %thread, ptr %out) "tq.kernel" {
entry:
  %tid = call i32 @tq.tid.x()
  %count = call i32 @tq.ntid.x()
  %odd = trunc i32 %tid to i1
  br i1 %odd, label %a, label %b
a:
  br label %loop
b:
  br label %loop
loop:
  %i = phi i32 [ 1, %a ], [ 2, %b ], [ %next, %loop ], [ %next, %again ]
  %next = add i32 %i, 1
  %skip = icmp ult i32 %next, 10
  br i1 %skip, label %loop, label %again
again:
  %more = icmp ult i32 %next, %count
  br i1 %more, label %loop, label %done
done:
  store i32 %next, ptr %out
  ret void
}

; The counters that YieldInSpinLoops adds.
; CHECK-LABEL: define void @counters_become_registers
; CHECK-NOT: alloca
; CHECK: ret void
define void @counters_become_registers(ptr %thread) "tq.kernel" {
entry:
  %turns = alloca i32
  store i32 0, ptr %turns
  %count = call i32 @tq.ntid.x()
  br label %loop
loop:
  %before = load i32, ptr %turns
  %after = add i32 %before, 1
  store i32 %after, ptr %turns
  %more = icmp ult i32 %after, %count
  br i1 %more, label %loop, label %end
end:
  ret void
}

; CHECK-LABEL: define void @what_nobody_reaches_goes
; CHECK-NOT: island
; CHECK: ret void
define void @what_nobody_reaches_goes(ptr %thread) "tq.kernel" {
entry:
  ret void
island:
  br label %island
}
