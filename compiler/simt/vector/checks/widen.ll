; RUN: CHECK widen
; RUN: ANY widen --any

@out = external global i32

declare i32 @tq.tid.x()
declare i32 @tq.tid.y()
declare i32 @tq.laneid()
declare i32 @tq.ctaid.x()
declare i32 @tq.ntid.x()
declare i32 @tq.activemask()
declare void @tq.barrier(i32, i32)
declare void @tq.warpsync(i32)
declare i32 @llvm.umin.i32(i32, i32)

; CHECK-LABEL: define internal void @arithmetic.row(ptr %0, i32 %1, i32 %2, i32 %3, i32 %4, i32 %5)
; Once for all lanes.
; CHECK: %[[BLOCK:.*]] = call i32 @tq.ctaid.x()
; CHECK-NEXT: mul i32 %[[BLOCK]], 3
; For each.
; CHECK: mul <32 x i32>
; CHECK: call <32 x i32> @llvm.umin.v32i32
; In any other warp tid.x comes lane by lane.
; ANY-LABEL: define internal void @arithmetic.any(ptr %0, <32 x i32> %1, <32 x i32> %2, <32 x i32> %3, i32 %4, i32 %5)
; ANY: mul <32 x i32> %1,
define void @arithmetic(ptr %thread) "tq.kernel" {
  %tid = call i32 @tq.tid.x()
  %block = call i32 @tq.ctaid.x()
  %triple = mul i32 %block, 3
  %product = mul i32 %tid, %tid
  %least = call i32 @llvm.umin.i32(i32 %product, i32 %triple)
  store volatile i32 %least, ptr @out
  ret void
}

; Flags say the same of each lane.
; CHECK-LABEL: @flags_stay.row
; CHECK: fmul nnan nsz <32 x float>
; CHECK: add nuw <32 x i32>
; ANY-LABEL: @flags_stay.any
define void @flags_stay(ptr %thread) "tq.kernel" {
  %tid = call i32 @tq.tid.x()
  %square = mul i32 %tid, %tid
  %number = uitofp i32 %square to float
  %power = fmul nnan nsz float %number, %number
  %sum = add nuw i32 %square, %square
  %bits = bitcast float %power to i32
  %both = xor i32 %bits, %sum
  store volatile i32 %both, ptr @out
  ret void
}

; A pattern costs one scalar operation for all lanes.
; CHECK-LABEL: @patterns_are_scalar.row
; CHECK-NOT: x i32>
; CHECK: store i32
; ANY-LABEL: @patterns_are_scalar.any
define void @patterns_are_scalar(ptr %thread) "tq.kernel" {
  %tid = call i32 @tq.tid.x()
  %bytes = shl i32 %tid, 2
  %warp = lshr i32 %tid, 5
  store i32 %warp, ptr @out
  ret void
}

; CHECK-LABEL: @both_ways_under_masks.row
; CHECK: %[[LOW:.*]] = icmp ult <32 x i32> {{.*}}, splat (i32 7)
; CHECK: select <32 x i1> {{.*}}, <32 x i1> %[[LOW]], <32 x i1> zeroinitializer
; Nobody there: not run.
; CHECK: bitcast <32 x i1> {{.*}} to i32
; CHECK-NEXT: icmp ne i32 {{.*}}, 0
; CHECK-NEXT: br i1
; What each way brings, by lane.
; CHECK: select <32 x i1> {{.*}}, <32 x i32>
; ANY-LABEL: @both_ways_under_masks.any
; ANY: select <32 x i1> {{.*}}, <32 x i32>
define void @both_ways_under_masks(ptr %thread) "tq.kernel" {
entry:
  %tid = call i32 @tq.tid.x()
  %low = icmp ult i32 %tid, 7
  br i1 %low, label %then, label %join
then:
  %square = mul i32 %tid, %tid
  br label %join
join:
  %which = phi i32 [ %square, %then ], [ 5, %entry ]
  store volatile i32 %which, ptr @out
  ret void
}

; CHECK-LABEL: @one_way.row
; CHECK: %[[FIRST:.*]] = icmp eq i32
; CHECK: br i1 %[[FIRST]]
; CHECK-NOT: select <32 x i1>
; CHECK: ret void
; ANY-LABEL: @one_way.any
define void @one_way(ptr %thread) "tq.kernel" {
entry:
  %block = call i32 @tq.ctaid.x()
  %first = icmp eq i32 %block, 0
  br i1 %first, label %then, label %join
then:
  store volatile i32 1, ptr @out
  br label %join
join:
  ret void
}

; Lanes that have left keep what they left with.
; CHECK-LABEL: @turns_of_each_lane.row
; CHECK: loop:
; CHECK: icmp ult <32 x i32>
; CHECK: select <32 x i1> {{.*}}, <32 x i32>
; CHECK: loop.turn:
; CHECK: icmp ne i32 {{.*}}, 0
; CHECK-NEXT: br i1 {{.*}}, label %loop
; ANY-LABEL: @turns_of_each_lane.any
define void @turns_of_each_lane(ptr %thread) "tq.kernel" {
entry:
  %tid = call i32 @tq.tid.x()
  br label %loop
loop:
  %i = phi i32 [ 0, %entry ], [ %next, %loop ]
  %next = add i32 %i, 3
  %more = icmp ult i32 %next, %tid
  br i1 %more, label %loop, label %end
end:
  store volatile i32 %next, ptr @out
  ret void
}

; A lane that is off has no divisor: the machine would trap on 0.
; CHECK-LABEL: @division_under_a_mask.row
; CHECK: select <32 x i1> {{.*}}, <32 x i32> {{.*}}, <32 x i32> splat (i32 1)
; ANY-LABEL: @division_under_a_mask.any
define void @division_under_a_mask(ptr %thread) "tq.kernel" {
entry:
  %tid = call i32 @tq.tid.x()
  %square = mul i32 %tid, %tid
  %some = icmp ne i32 %square, 0
  br i1 %some, label %then, label %end
then:
  %quotient = udiv i32 1000, %square
  store volatile i32 %quotient, ptr @out
  br label %end
end:
  ret void
}

; A row is whole; of another warp, the lanes that exist are.
; CHECK-LABEL: @who_is_here.row
; CHECK: store volatile i32 -1
; ANY-LABEL: @who_is_here.any
; ANY: %[[LANES:.*]] = bitcast i32 %5 to <32 x i1>
; ANY: %[[BITS:.*]] = bitcast <32 x i1> %[[LANES]] to i32
; ANY: store volatile i32 %[[BITS]]
define void @who_is_here(ptr %thread) "tq.kernel" {
  %mask = call i32 @tq.activemask()
  store volatile i32 %mask, ptr @out
  ret void
}

; A warp arrives once, with the lanes that are left.
; CHECK-LABEL: @barriers_count_lanes.row
; CHECK: call i32 @tq_warp_barrier(ptr %0, i32 3, i32 64, i32 0, i32 -1, i32 0)
; CHECK: fence syncscope("singlethread") seq_cst
; ANY-LABEL: @barriers_count_lanes.any
; ANY: call i32 @tq_warp_barrier(ptr %0, i32 3, i32 64, i32 0, i32 %{{.*}}, i32 0)
define void @barriers_count_lanes(ptr %thread) "tq.kernel" {
  call void @tq.barrier(i32 3, i32 64)
  call void @tq.warpsync(i32 -1)
  ret void
}

; Lanes that skip a block bring their values first, when nobody waits behind it yet: as they are. Those that come later put
; theirs in.
; CHECK-LABEL: @first_and_later.row
; CHECK: %[[SQUARE:.*]] = mul <32 x i32>
; CHECK: %[[LANES:.*]] = icmp
; CHECK-NOT: select <32 x i1> %{{.*}}, <32 x i32> %[[SQUARE]], <32 x i32>
; CHECK: %[[MORE:.*]] = add <32 x i32>
; CHECK: select <32 x i1> %{{.*}}, <32 x i32> %[[MORE]], <32 x i32> %[[SQUARE]]
; ANY-LABEL: @first_and_later.any
define void @first_and_later(ptr %thread) "tq.kernel" {
  %tid = call i32 @tq.tid.x()
  %square = mul i32 %tid, %tid
  %some = icmp ult i32 %square, 100
  br i1 %some, label %then, label %join
then:
  %more = add i32 %square, %square
  br label %join
join:
  %value = phi i32 [ %square, %0 ], [ %more, %then ]
  store volatile i32 %value, ptr @out
  ret void
}
