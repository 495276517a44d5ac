; RUN: CHECK entry
; RUN: LEFT entry

declare i32 @tq.tid.x()
declare i32 @tq.ctaid.x()
declare void @tq.barrier(i32, i32)

; One warp after the other, each to its end: 32 threads further each time. First those that lie in one row, whose
; function is inlined later; then the others, from where the rows end.
; CHECK-LABEL: define void @no_warp_waits(ptr %0)
; CHECK: %[[SOME:.*]] = select i1 %{{.*}}, i32 %{{.*}}, i32 0
; CHECK: br i1 %{{.*}}, label %rows, label %rows.end
; CHECK: rows.end:
; CHECK-NEXT: icmp ult i32 %[[SOME]],
; CHECK: warp:
; CHECK-NEXT: %[[FIRST:.*]] = phi i32 [ 0, %rows ]
; CHECK: call void @no_warp_waits.row(ptr %thread, i32 %{{.*}}, i32 %{{.*}}, i32 %{{.*}}, i32 %[[FIRST]], i32 -1)
; CHECK: icmp ult i32 %{{.*}}, %[[SOME]]
; CHECK: %[[OTHER:.*]] = phi i32 [ %[[SOME]], %others ]
; CHECK: call void @no_warp_waits.other(ptr %thread, i32 %{{.*}}, i32 %{{.*}}, i32 %{{.*}}, i32 %[[OTHER]])
; The tid of each lane is computed apart.
; CHECK-LABEL: define internal void @no_warp_waits.other(
; CHECK: call void @no_warp_waits.any(ptr %0, <32 x i32> %{{.*}}, <32 x i32> %{{.*}}, <32 x i32> %{{.*}}, i32 %4, i32 %{{.*}})
; CHECK-NEXT: ret void
define void @no_warp_waits(ptr %thread) "tq.kernel" {
  %tid = call i32 @tq.tid.x()
  %place = inttoptr i32 %tid to ptr
  store volatile i32 %tid, ptr %place
  ret void
}

; Warps wait for all of the block: in rounds from barrier to barrier, each from where it says that it goes on.
; CHECK-LABEL: define void @warps_wait_for_all(ptr %0)
; CHECK: others.end:
; CHECK: br i1 %{{.*}}, label %round, label %end
; CHECK: call i32 @warps_wait_for_all.row(
; CHECK: call i32 @warps_wait_for_all.other(
; CHECK-LABEL: define internal i32 @warps_wait_for_all.other(
; CHECK: call i32 @warps_wait_for_all.any(
define void @warps_wait_for_all(ptr %thread) "tq.kernel" {
  call void @tq.barrier(i32 0, i32 0)
  ret void
}

; Two warps of several wait for each other: each warp runs in a fiber, on a copy of the device's structure.
; CHECK-LABEL: define void @some_warps_wait(ptr %0)
; CHECK: call void @llvm.memcpy.p0.p0.i64(ptr align 8 %thread, ptr align 8 %0
; CHECK: call void @some_warps_wait.row(
; CHECK: call void @some_warps_wait.any(
define void @some_warps_wait(ptr %thread) "tq.kernel" {
  call void @tq.barrier(i32 1, i32 64)
  ret void
}

; LEFT: @stays_a_thread runs thread by thread: inline assembly
; LEFT: define void @stays_a_thread(ptr %thread)
; LEFT-NEXT: call void asm sideeffect "nop", ""()
define void @stays_a_thread(ptr %thread) "tq.kernel" {
  call void asm sideeffect "nop", ""()
  ret void
}
