; RUN: CHECK widen

declare i32 @tq.tid.x()
declare ptr @tq.params()

; The stride of a grid: how far the next turn is shows when it comes.
; CHECK-LABEL: @a_walk.row
; CHECK: %[[LAST:.*]] = phi i64 [ 0, %{{.*}} ], [ %[[HERE:.*]], %{{.*}} ]
; CHECK: %[[HERE]] = ptrtoint ptr %[[PLACE:.*]] to i64
; CHECK: %step = sub i64 %[[HERE]], %[[LAST]]
; CHECK: %[[FAR:.*]] = mul i64 %step, 64
; CHECK: %[[DISTANCE:.*]] = select i1 %{{.*}}, i64 %[[FAR]], i64 0
; CHECK: call void @llvm.prefetch.p0(ptr %{{.*}}, i32 0, i32 2, i32 1)
; CHECK: call void @llvm.prefetch.p0(ptr %{{.*}}, i32 0, i32 2, i32 1)
; CHECK-NOT: call void @llvm.prefetch
; CHECK: load <32 x i32>, ptr %[[PLACE]]
define void @a_walk(ptr %thread) "tq.kernel" {
entry:
  %params = call ptr @tq.params()
  %values.at = getelementptr i8, ptr %params, i64 0
  %values = load ptr, ptr %values.at
  %pitch.at = getelementptr i8, ptr %params, i64 8
  %pitch = load i64, ptr %pitch.at
  %count.at = getelementptr i8, ptr %params, i64 16
  %count = load i32, ptr %count.at
  %tid = call i32 @tq.tid.x()
  %lane = zext i32 %tid to i64
  %first = getelementptr i32, ptr %values, i64 %lane
  br label %loop
loop:
  %i = phi i32 [ 0, %entry ], [ %more, %loop ]
  %at = phi ptr [ %first, %entry ], [ %below, %loop ]
  %sum = phi i32 [ 0, %entry ], [ %added, %loop ]
  %value = load i32, ptr %at
  %added = add i32 %sum, %value
  %below = getelementptr i8, ptr %at, i64 %pitch
  %more = add i32 %i, 1
  %again = icmp slt i32 %more, %count
  br i1 %again, label %loop, label %done
done:
  store i32 %added, ptr %first
  ret void
}

; Three neighbours are one walk, a second array is another: each looks half as many turns ahead.
; CHECK-LABEL: @two_walks_in_one_loop.row
; CHECK: mul i64 %step{{.*}}, 32
; CHECK-COUNT-2: call void @llvm.prefetch
; CHECK: mul i64 %step{{.*}}, 32
; CHECK-COUNT-2: call void @llvm.prefetch
; CHECK-NOT: call void @llvm.prefetch
; CHECK: ret void
define void @two_walks_in_one_loop(ptr %thread) "tq.kernel" {
entry:
  %params = call ptr @tq.params()
  %a.at = getelementptr i8, ptr %params, i64 0
  %a = load ptr, ptr %a.at
  %b.at = getelementptr i8, ptr %params, i64 8
  %b = load ptr, ptr %b.at
  %pitch.at = getelementptr i8, ptr %params, i64 16
  %pitch = load i64, ptr %pitch.at
  %count.at = getelementptr i8, ptr %params, i64 24
  %count = load i32, ptr %count.at
  %tid = call i32 @tq.tid.x()
  %lane = zext i32 %tid to i64
  %first = getelementptr i32, ptr %a, i64 %lane
  %other = getelementptr i32, ptr %b, i64 %lane
  br label %loop
loop:
  %i = phi i32 [ 0, %entry ], [ %more, %loop ]
  %at = phi ptr [ %first, %entry ], [ %below, %loop ]
  %beside = phi ptr [ %other, %entry ], [ %under, %loop ]
  %left = getelementptr i8, ptr %at, i64 -4
  %right = getelementptr i8, ptr %at, i64 4
  %v0 = load i32, ptr %left
  %v1 = load i32, ptr %at
  %v2 = load i32, ptr %right
  %v3 = load i32, ptr %beside
  %s0 = add i32 %v0, %v1
  %s1 = add i32 %s0, %v2
  %s2 = add i32 %s1, %v3
  %below = getelementptr i8, ptr %at, i64 %pitch
  %under = getelementptr i8, ptr %beside, i64 %pitch
  store i32 %s2, ptr %under
  %more = add i32 %i, 1
  %again = icmp slt i32 %more, %count
  br i1 %again, label %loop, label %done
done:
  ret void
}

; CHECK-LABEL: @no_walk_without_a_loop.row
; CHECK-NOT: call void @llvm.prefetch
; CHECK: ret void
define void @no_walk_without_a_loop(ptr %thread) "tq.kernel" {
  %params = call ptr @tq.params()
  %values.at = getelementptr i8, ptr %params, i64 0
  %values = load ptr, ptr %values.at
  %tid = call i32 @tq.tid.x()
  %lane = zext i32 %tid to i64
  %at = getelementptr i32, ptr %values, i64 %lane
  %value = load i32, ptr %at
  %next = add i32 %value, 1
  store i32 %next, ptr %at
  ret void
}

; CHECK-LABEL: @the_same_place_in_each_turn.row
; CHECK-NOT: call void @llvm.prefetch
; CHECK: ret void
define void @the_same_place_in_each_turn(ptr %thread) "tq.kernel" {
entry:
  %params = call ptr @tq.params()
  %values.at = getelementptr i8, ptr %params, i64 0
  %values = load ptr, ptr %values.at
  %count.at = getelementptr i8, ptr %params, i64 8
  %count = load i32, ptr %count.at
  %tid = call i32 @tq.tid.x()
  %lane = zext i32 %tid to i64
  %at = getelementptr i32, ptr %values, i64 %lane
  br label %loop
loop:
  %i = phi i32 [ 0, %entry ], [ %more, %loop ]
  %value = load i32, ptr %at
  %next = add i32 %value, %i
  store i32 %next, ptr %at
  %more = add i32 %i, 1
  %again = icmp slt i32 %more, %count
  br i1 %again, label %loop, label %done
done:
  ret void
}

; Shared memory is in the cache.
; CHECK-LABEL: @a_walk_through_shared_memory.row
; CHECK-NOT: call void @llvm.prefetch
; CHECK: ret void
define void @a_walk_through_shared_memory(ptr %thread) "tq.kernel" {
entry:
  %params = call ptr @tq.params()
  %values.at = getelementptr i8, ptr %params, i64 0
  %values = load ptr, ptr %values.at
  %pitch.at = getelementptr i8, ptr %params, i64 8
  %pitch = load i64, ptr %pitch.at
  %count.at = getelementptr i8, ptr %params, i64 16
  %count = load i32, ptr %count.at
  %tid = call i32 @tq.tid.x()
  %lane = zext i32 %tid to i64
  %first = getelementptr i32, ptr %values, i64 %lane
  br label %loop
loop:
  %i = phi i32 [ 0, %entry ], [ %more, %loop ]
  %at = phi ptr [ %first, %entry ], [ %below, %loop ]
  %sum = phi i32 [ 0, %entry ], [ %added, %loop ]
  %value = load i32, ptr %at, !alias.scope !0
  %added = add i32 %sum, %value
  %below = getelementptr i8, ptr %at, i64 %pitch
  %more = add i32 %i, 1
  %again = icmp slt i32 %more, %count
  br i1 %again, label %loop, label %done
done:
  store i32 %added, ptr %first
  ret void
}

!0 = !{!1}
!1 = distinct !{!1, !2, !"shared"}
!2 = distinct !{!2, !"tq.spaces"}
