// Conditional nodes: CUDA driver API, "Graph Management", cuGraphConditionalHandleCreate.
#include "tests/api/graph_fixture.h"

namespace {

class ConditionalGraph : public GraphFixture {
 protected:
  // Counts in *cell; the conditional is `limit` - *cell as long as that is positive.
  static constexpr char kCounting[] = R"(
.version 7.8
.target sm_80
.address_size 64
.extern .func cudaGraphSetConditional (.param .b64 handle, .param .b32 value);
.visible .entry count(.param .u64 cell, .param .u64 handle, .param .u32 limit)
{
  .reg .pred %p;
  .reg .b32 %r<4>;
  .reg .b64 %rd<3>;
  ld.param.u64 %rd0, [cell];
  ld.param.u64 %rd1, [handle];
  ld.param.u32 %r0, [limit];
  ld.global.u32 %r1, [%rd0];
  add.u32 %r1, %r1, 1;
  st.global.u32 [%rd0], %r1;
  sub.s32 %r2, %r0, %r1;
  max.s32 %r2, %r2, 0;
  {
    .param .b64 param0;
    st.param.b64 [param0], %rd1;
    .param .b32 param1;
    st.param.b32 [param1], %r2;
    call.uni cudaGraphSetConditional, (param0, param1);
  }
  ret;
}
)";

  void SetUp() override {
    GraphFixture::SetUp();
    ASSERT_OK(cuModuleLoadData(&counting_, kCounting));
    ASSERT_OK(cuModuleGetFunction(&count_, counting_, "count"));
    ASSERT_OK(cuGraphCreate(&graph_, 0));
  }
  void TearDown() override {
    if (exec_ != nullptr) {
      EXPECT_OK(cuGraphExecDestroy(exec_));
    }
    EXPECT_OK(cuGraphDestroy(graph_));
    GraphFixture::TearDown();
  }

  CUgraphConditionalHandle Handle(unsigned value, unsigned flags = CU_GRAPH_COND_ASSIGN_DEFAULT) {
    CUgraphConditionalHandle handle = 0;
    EXPECT_OK(cuGraphConditionalHandleCreate(&handle, graph_, context_, value, flags));
    return handle;
  }
  // The bodies of a new conditional node.
  std::vector<CUgraph> AddConditional(CUgraph graph, CUgraphConditionalHandle handle,
                                      CUgraphConditionalNodeType kind, unsigned count,
                                      CUgraphNode after = nullptr) {
    CUgraphNodeParams params = {};
    params.type = CU_GRAPH_NODE_TYPE_CONDITIONAL;
    params.conditional = {handle, kind, count, nullptr, context_};
    CUgraphNode node = nullptr;
    EXPECT_OK(cuGraphAddNode_v2(&node, graph, after == nullptr ? nullptr : &after, nullptr, after != nullptr,
                                &params));
    EXPECT_NE(params.conditional.phGraph_out, nullptr);
    return {params.conditional.phGraph_out, params.conditional.phGraph_out + count};
  }
  CUgraphNode AddFill(CUgraph graph, int cell, unsigned value, CUgraphNode after = nullptr) {
    CUDA_MEMSET_NODE_PARAMS params = {Cell(cell), 0, value, 4, 1, 1};
    CUgraphNode node = nullptr;
    EXPECT_OK(cuGraphAddMemsetNode(&node, graph, after == nullptr ? nullptr : &after, after != nullptr,
                                   &params, context_));
    return node;
  }
  CUgraphNode AddCount(CUgraph graph, int cell, CUgraphConditionalHandle handle, unsigned limit) {
    CUdeviceptr address = Cell(cell);
    void* arguments[] = {&address, &handle, &limit};
    CUDA_KERNEL_NODE_PARAMS params = {};
    params.func = count_;
    params.gridDimX = params.gridDimY = params.gridDimZ = 1;
    params.blockDimX = params.blockDimY = params.blockDimZ = 1;
    params.kernelParams = arguments;
    CUgraphNode node = nullptr;
    EXPECT_OK(cuGraphAddKernelNode(&node, graph, nullptr, 0, &params));
    return node;
  }
  void Run() {
    if (exec_ == nullptr) {
      ASSERT_OK(cuGraphInstantiate(&exec_, graph_, 0));
    }
    ASSERT_OK(cuGraphLaunch(exec_, stream_));
    ASSERT_OK(cuStreamSynchronize(stream_));
  }

  CUmodule counting_ = nullptr;
  CUfunction count_ = nullptr;
  CUgraph graph_ = nullptr;
  CUgraphExec exec_ = nullptr;
};

TEST_F(ConditionalGraph, WhileRunsItsBodyUntilTheKernelSaysStop) {
  const CUgraphConditionalHandle handle = Handle(1);
  const std::vector<CUgraph> bodies = AddConditional(graph_, handle, CU_GRAPH_COND_TYPE_WHILE, 1);
  AddCount(bodies[0], 0, handle, 7);
  Run();
  EXPECT_EQ(Read(0), 7u);
  // The default is taken anew: once more.
  Run();
  EXPECT_EQ(Read(0), 8u);
}

TEST_F(ConditionalGraph, IfRunsOneOfItsBodies) {
  for (const unsigned value : {0u, 3u}) {
    SCOPED_TRACE(value);
    CUgraph graph = nullptr;
    ASSERT_OK(cuGraphCreate(&graph, 0));
    CUgraphConditionalHandle handle = 0;
    ASSERT_OK(cuGraphConditionalHandleCreate(&handle, graph, context_, value, CU_GRAPH_COND_ASSIGN_DEFAULT));
    const std::vector<CUgraph> bodies = AddConditional(graph, handle, CU_GRAPH_COND_TYPE_IF, 2);
    AddFill(bodies[0], 0, 100);
    AddFill(bodies[1], 0, 200);
    CUgraphExec exec = nullptr;
    ASSERT_OK(cuGraphInstantiate(&exec, graph, 0));
    ASSERT_OK(cuGraphLaunch(exec, stream_));
    EXPECT_EQ(Read(0), value == 0 ? 200u : 100u);
    EXPECT_OK(cuGraphExecDestroy(exec));
    EXPECT_OK(cuGraphDestroy(graph));
  }
}

TEST_F(ConditionalGraph, SwitchRunsTheBodyOfItsNumberOrNone) {
  const CUgraphConditionalHandle handle = Handle(0, 0);
  // *cell 0 counts up to 3; the value is 3 - *cell then: 2, 1, 0, 0.
  const CUgraphNode count = AddCount(graph_, 0, handle, 3);
  const std::vector<CUgraph> bodies = AddConditional(graph_, handle, CU_GRAPH_COND_TYPE_SWITCH, 2, count);
  AddFill(bodies[0], 1, 10);
  AddFill(bodies[1], 2, 20);
  Run();  // 2: none
  EXPECT_EQ(Read(1) + Read(2), 0u);
  Run();  // 1
  EXPECT_EQ(Read(2), 20u);
  EXPECT_EQ(Read(1), 0u);
  Run();  // 0
  EXPECT_EQ(Read(1), 10u);
}

TEST_F(ConditionalGraph, NodesBeforeAndBehindKeepTheirOrder) {
  const CUgraphConditionalHandle handle = Handle(1);
  const CUgraphNode before = AddFill(graph_, 0, 40);
  CUgraphNodeParams params = {};
  params.type = CU_GRAPH_NODE_TYPE_CONDITIONAL;
  params.conditional = {handle, CU_GRAPH_COND_TYPE_IF, 1, nullptr, context_};
  CUgraphNode part = nullptr;
  ASSERT_OK(cuGraphAddNode_v2(&part, graph_, &before, nullptr, 1, &params));
  const auto& add = Affine(0, 1, 1);
  CUgraphNode inside = nullptr, behind = nullptr;
  ASSERT_OK(cuGraphAddKernelNode(&inside, params.conditional.phGraph_out[0], nullptr, 0, &add.params));
  const auto& twice = Affine(0, 2, 0);
  ASSERT_OK(cuGraphAddKernelNode(&behind, graph_, &part, 1, &twice.params));
  Run();
  EXPECT_EQ(Read(0), 82u);
  CUgraphNodeType type;
  EXPECT_OK(cuGraphNodeGetType(part, &type));
  EXPECT_EQ(type, CU_GRAPH_NODE_TYPE_CONDITIONAL);
}

TEST_F(ConditionalGraph, ConditionsNest) {
  const CUgraphConditionalHandle outer = Handle(1), inner = Handle(1, 0);
  const std::vector<CUgraph> loop = AddConditional(graph_, outer, CU_GRAPH_COND_TYPE_WHILE, 1);
  const CUgraphNode count = AddCount(loop[0], 0, outer, 3);
  // Each turn of the outer loop counts once in cell 1: the inner value is 0 after its first turn.
  CUgraphNodeParams params = {};
  params.type = CU_GRAPH_NODE_TYPE_CONDITIONAL;
  params.conditional = {inner, CU_GRAPH_COND_TYPE_IF, 1, nullptr, context_};
  CUgraphNode node = nullptr;
  ASSERT_OK(cuGraphAddNode_v2(&node, loop[0], &count, nullptr, 1, &params));
  AddCount(params.conditional.phGraph_out[0], 1, inner, 0);
  Run();
  EXPECT_EQ(Read(0), 3u);
  EXPECT_EQ(Read(1), 1u);
}

TEST_F(ConditionalGraph, BodiesAreFilledByCaptureToo) {
  const CUgraphConditionalHandle handle = Handle(1);
  const std::vector<CUgraph> bodies = AddConditional(graph_, handle, CU_GRAPH_COND_TYPE_IF, 1);
  ASSERT_OK(
      cuStreamBeginCaptureToGraph(stream_, bodies[0], nullptr, nullptr, 0, CU_STREAM_CAPTURE_MODE_GLOBAL));
  ASSERT_OK(cuMemsetD32Async(Cell(5), 55, 1, stream_));
  CUgraph ended = nullptr;
  ASSERT_OK(cuStreamEndCapture(stream_, &ended));
  Run();
  EXPECT_EQ(Read(5), 55u);
}

TEST_F(ConditionalGraph, MistakesAreErrors) {
  CUgraphConditionalHandle handle = 0;
  EXPECT_EQ(cuGraphConditionalHandleCreate(&handle, graph_, context_, 0, 8), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(cuGraphConditionalHandleCreate(nullptr, graph_, context_, 0, 0), CUDA_ERROR_INVALID_VALUE);
  CUgraphNodeParams params = {};
  params.type = CU_GRAPH_NODE_TYPE_CONDITIONAL;
  params.conditional = {0x123456789, CU_GRAPH_COND_TYPE_IF, 1, nullptr, context_};
  CUgraphNode node = nullptr;
  EXPECT_EQ(cuGraphAddNode_v2(&node, graph_, nullptr, nullptr, 0, &params), CUDA_ERROR_INVALID_VALUE);
  params.conditional.handle = Handle(1);
  params.conditional.size = 3;
  EXPECT_EQ(cuGraphAddNode_v2(&node, graph_, nullptr, nullptr, 0, &params), CUDA_ERROR_INVALID_VALUE);
  // A handle without a node.
  CUDA_GRAPH_INSTANTIATE_PARAMS how = {};
  EXPECT_EQ(cuGraphInstantiateWithParams(&exec_, graph_, &how), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(how.result_out, CUDA_GRAPH_INSTANTIATE_CONDITIONAL_HANDLE_UNUSED);
  params.conditional.size = 1;
  EXPECT_OK(cuGraphAddNode_v2(&node, graph_, nullptr, nullptr, 0, &params));
  EXPECT_EQ(cuGraphNodeSetParams(node, &params), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(cuGraphAddNode_v2(&node, graph_, nullptr, nullptr, 0, &params), CUDA_ERROR_INVALID_VALUE);
  // Bodies have no host nodes.
  const CUDA_HOST_NODE_PARAMS host = {[](void*) {}, nullptr};
  ASSERT_OK(cuGraphAddHostNode(&node, params.conditional.phGraph_out[0], nullptr, 0, &host));
  EXPECT_EQ(cuGraphInstantiate(&exec_, graph_, 0), CUDA_ERROR_NOT_SUPPORTED);
  exec_ = nullptr;
}

}  // namespace
