; RUN: CHECK widen --any

@out = external global i32

declare i32 @tq.tid.x()
declare i32 @tq.ctaid.x()
declare i32 @tq.vote.ballot(i32, i1)
declare i1 @tq.vote.all(i32, i1)
declare i32 @tq.redux.add(i32, i32)
declare i32 @tq.redux.umin(i32, i32)
declare { i32, i1 } @tq.shfl.bfly(i32, i32, i32, i32)
declare { i32, i1 } @tq.shfl.idx(i32, i32, i32, i32)
declare i32 @tq.match.any(i32, i64)
declare { i32, i1 } @tq.elect(i32)

; CHECK-LABEL: @votes_are_masks.any
; CHECK: %[[LOW:.*]] = icmp ult <32 x i32>
; CHECK: %[[THERE:.*]] = select <32 x i1> %{{.*}}, <32 x i1> %[[LOW]], <32 x i1> zeroinitializer
; CHECK: %[[VOTES:.*]] = bitcast <32 x i1> %[[THERE]] to i32
; CHECK: store volatile i32 %[[VOTES]]
define void @votes_are_masks(ptr %thread) "tq.kernel" {
  %tid = call i32 @tq.tid.x()
  %low = icmp ult i32 %tid, 7
  %votes = call i32 @tq.vote.ballot(i32 -1, i1 %low)
  store volatile i32 %votes, ptr @out
  ret void
}

; Of the lanes that the mask names, those that exist.
; CHECK-LABEL: @a_vote_of_some.any
; CHECK: bitcast i32 %{{.*}} to <32 x i1>
; CHECK: %[[PRESENT:.*]] = select <32 x i1> %{{.*}}, <32 x i1> {{.*}}, <32 x i1> zeroinitializer
; CHECK: %[[BITS:.*]] = bitcast <32 x i1> %[[PRESENT]] to i32
; CHECK: icmp eq i32 %{{.*}}, %[[BITS]]
define void @a_vote_of_some(ptr %thread) "tq.kernel" {
  %tid = call i32 @tq.tid.x()
  %block = call i32 @tq.ctaid.x()
  %low = icmp ult i32 %tid, 7
  %all = call i1 @tq.vote.all(i32 %block, i1 %low)
  %number = zext i1 %all to i32
  store volatile i32 %number, ptr @out
  ret void
}

; Whoever is not there adds nothing, and is no minimum.
; CHECK-LABEL: @reductions_have_neutral_elements.any
; CHECK: select <32 x i1> {{.*}}, <32 x i32> {{.*}}, <32 x i32> zeroinitializer
; CHECK: call i32 @llvm.vector.reduce.add.v32i32
; CHECK: select <32 x i1> {{.*}}, <32 x i32> {{.*}}, <32 x i32> splat (i32 -1)
; CHECK: call i32 @llvm.vector.reduce.umin.v32i32
define void @reductions_have_neutral_elements(ptr %thread) "tq.kernel" {
  %tid = call i32 @tq.tid.x()
  %square = mul i32 %tid, %tid
  %sum = call i32 @tq.redux.add(i32 -1, i32 %square)
  %least = call i32 @tq.redux.umin(i32 -1, i32 %square)
  store volatile i32 %sum, ptr @out
  store volatile i32 %least, ptr @out
  ret void
}

; CHECK-LABEL: @a_butterfly_is_one_permutation.any
; CHECK: shufflevector <32 x i32> %{{.*}}, <32 x i32> poison, <32 x i32> <i32 1, i32 0, i32 3, i32 2,
define void @a_butterfly_is_one_permutation(ptr %thread) "tq.kernel" {
  %tid = call i32 @tq.tid.x()
  %square = mul i32 %tid, %tid
  %pair = call { i32, i1 } @tq.shfl.bfly(i32 -1, i32 %square, i32 1, i32 31)
  %other = extractvalue { i32, i1 } %pair, 0
  store volatile i32 %other, ptr @out
  ret void
}

; CHECK-LABEL: @one_lane_for_all.any
; CHECK: %[[VALUE:.*]] = extractelement <32 x i32> %{{.*}}, i32 %{{.*}}
; CHECK: store volatile i32 %{{.*}}
define void @one_lane_for_all(ptr %thread) "tq.kernel" {
  %tid = call i32 @tq.tid.x()
  %block = call i32 @tq.ctaid.x()
  %square = mul i32 %tid, %tid
  %pair = call { i32, i1 } @tq.shfl.idx(i32 -1, i32 %square, i32 %block, i32 31)
  %value = extractvalue { i32, i1 } %pair, 0
  store volatile i32 %value, ptr @out
  ret void
}

; Lanes that name different masks are groups: one after the other, until none is left.
; CHECK-LABEL: @lanes_that_name_different_masks.any
; CHECK: group:
; CHECK: call i32 @llvm.cttz.i32
; CHECK: icmp eq <32 x i32>
; CHECK: br i1 %{{.*}}, label %group, label %groups.done
define void @lanes_that_name_different_masks(ptr %thread) "tq.kernel" {
  %tid = call i32 @tq.tid.x()
  %square = mul i32 %tid, %tid
  %sum = call i32 @tq.redux.add(i32 %square, i32 %tid)
  store volatile i32 %sum, ptr @out
  ret void
}

; One turn for each value that occurs.
; CHECK-LABEL: @who_has_my_value.any
; CHECK: match:
; CHECK: icmp eq <32 x i64>
; CHECK: br i1 %{{.*}}, label %match, label %matched
define void @who_has_my_value(ptr %thread) "tq.kernel" {
  %tid = call i32 @tq.tid.x()
  %wide = zext i32 %tid to i64
  %square = mul i64 %wide, %wide
  %peers = call i32 @tq.match.any(i32 -1, i64 %square)
  store volatile i32 %peers, ptr @out
  ret void
}

; CHECK-LABEL: @the_lowest_lane_leads.any
; CHECK: %[[LEADER:.*]] = call i32 @llvm.cttz.i32(i32 %{{.*}}, i1 true)
; CHECK: icmp eq <32 x i32> {{.*}}
define void @the_lowest_lane_leads(ptr %thread) "tq.kernel" {
  %pair = call { i32, i1 } @tq.elect(i32 -1)
  %me = extractvalue { i32, i1 } %pair, 1
  %number = zext i1 %me to i32
  store volatile i32 %number, ptr @out
  ret void
}
