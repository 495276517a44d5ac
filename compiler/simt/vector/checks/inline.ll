; RUN: CHECK inline

declare i32 @tq.tid.x()

define internal i32 @square(ptr %thread, i32 %x) {
  %y = mul i32 %x, %x
  ret i32 %y
}

; CHECK-LABEL: define void @what_kernels_call_is_inlined
; CHECK-NOT: call i32 @square
; CHECK: mul i32
define void @what_kernels_call_is_inlined(ptr %thread, ptr %out) "tq.kernel" {
  %tid = call i32 @tq.tid.x()
  %y = call i32 @square(ptr %thread, i32 %tid)
  store i32 %y, ptr %out
  ret void
}

define internal i32 @factorial(ptr %thread, i32 %x) {
  %last = icmp ult i32 %x, 2
  br i1 %last, label %end, label %more
more:
  %less = sub i32 %x, 1
  %rest = call i32 @factorial(ptr %thread, i32 %less)
  %product = mul i32 %x, %rest
  ret i32 %product
end:
  ret i32 1
}

; CHECK-LABEL: define void @recursion_stays_a_call
; CHECK: call i32 @factorial
define void @recursion_stays_a_call(ptr %thread, ptr %out) "tq.kernel" {
  %tid = call i32 @tq.tid.x()
  %y = call i32 @factorial(ptr %thread, i32 %tid)
  store i32 %y, ptr %out
  ret void
}

define internal i32 @even(ptr %thread, i32 %x) {
  %last = icmp eq i32 %x, 0
  br i1 %last, label %end, label %more
more:
  %less = sub i32 %x, 1
  %rest = call i32 @odd(ptr %thread, i32 %less)
  ret i32 %rest
end:
  ret i32 1
}

define internal i32 @odd(ptr %thread, i32 %x) {
  %last = icmp eq i32 %x, 0
  br i1 %last, label %end, label %more
more:
  %less = sub i32 %x, 1
  %rest = call i32 @even(ptr %thread, i32 %less)
  ret i32 %rest
end:
  ret i32 0
}

; CHECK-LABEL: define void @so_does_recursion_by_way_of_another
; CHECK: call i32 @even
define void @so_does_recursion_by_way_of_another(ptr %thread, ptr %out) "tq.kernel" {
  %tid = call i32 @tq.tid.x()
  %y = call i32 @even(ptr %thread, i32 %tid)
  store i32 %y, ptr %out
  ret void
}

define internal i32 @tq_pure(i32 %x) alwaysinline memory(none) {
  %y = mul i32 %x, 3
  ret i32 %y
}

; CHECK-LABEL: define void @arithmetic_of_the_library_is_widened_with_its_caller
; CHECK-NOT: call i32 @tq_pure
; CHECK: mul i32
define void @arithmetic_of_the_library_is_widened_with_its_caller(ptr %thread, ptr %out) "tq.kernel" {
  %tid = call i32 @tq.tid.x()
  %y = call i32 @tq_pure(i32 %tid)
  store i32 %y, ptr %out
  ret void
}

define internal i32 @tq_with_memory(ptr %place) alwaysinline {
  %y = load i32, ptr %place
  %z = add i32 %y, 1
  store i32 %z, ptr %place
  ret i32 %y
}

; Lanes might meet in memory: one call for each lane, which is inlined later.
; CHECK-LABEL: define void @what_touches_memory_in_the_library_stays_a_call
; CHECK: call i32 @tq_with_memory
define void @what_touches_memory_in_the_library_stays_a_call(ptr %thread, ptr %out) "tq.kernel" {
  %y = call i32 @tq_with_memory(ptr %out)
  ret void
}
