/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM tqgpu

#if !defined(TQGPU_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define TQGPU_TRACE_H

#include <linux/tracepoint.h>

TRACE_EVENT(tqgpu_emit,
	TP_PROTO(u32 engine, u32 seqno, u32 context, u32 op),
	TP_ARGS(engine, seqno, context, op),
	TP_STRUCT__entry(
		__field(u32, engine)
		__field(u32, seqno)
		__field(u32, context)
		__field(u32, op)
	),
	TP_fast_assign(
		__entry->engine = engine;
		__entry->seqno = seqno;
		__entry->context = context;
		__entry->op = op;
	),
	TP_printk("engine=%u seqno=%u context=%u op=%u", __entry->engine, __entry->seqno, __entry->context, __entry->op)
);

TRACE_EVENT(tqgpu_complete,
	TP_PROTO(u32 engine, u32 seqno, u32 status, u64 ticks),
	TP_ARGS(engine, seqno, status, ticks),
	TP_STRUCT__entry(
		__field(u32, engine)
		__field(u32, seqno)
		__field(u32, status)
		__field(u64, ticks)
	),
	TP_fast_assign(
		__entry->engine = engine;
		__entry->seqno = seqno;
		__entry->status = status;
		__entry->ticks = ticks;
	),
	TP_printk("engine=%u seqno=%u status=%u ticks=%llu", __entry->engine, __entry->seqno, __entry->status,
		  __entry->ticks)
);

TRACE_EVENT(tqgpu_fault,
	TP_PROTO(u32 context, u32 cause, u64 address, u64 pc),
	TP_ARGS(context, cause, address, pc),
	TP_STRUCT__entry(
		__field(u32, context)
		__field(u32, cause)
		__field(u64, address)
		__field(u64, pc)
	),
	TP_fast_assign(
		__entry->context = context;
		__entry->cause = cause;
		__entry->address = address;
		__entry->pc = pc;
	),
	TP_printk("context=%u cause=%u address=%#llx pc=%#llx", __entry->context, __entry->cause, __entry->address,
		  __entry->pc)
);

#endif

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE tqgpu_trace
#include <trace/define_trace.h>
