// Graphs made node by node: CUDA Runtime API, "Graph Management". Only what all releases declare alike.
#include <gmock/gmock.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "tests/cudart/fixture.h"

namespace {

class Graph : public RuntimeFixture {
 protected:
  void SetUp() override {
    RuntimeFixture::SetUp();
    ASSERT_OK(cudaGraphCreate(&graph_, 0));
  }
  void TearDown() override {
    if (exec_ != nullptr) {
      EXPECT_OK(cudaGraphExecDestroy(exec_));
    }
    EXPECT_OK(cudaGraphDestroy(graph_));
    RuntimeFixture::TearDown();
  }

  // Arguments live as long as the fixture; the graph copies them when a node is made.
  cudaKernelNodeParams Kernel(int cell, int factor, int addend) {
    cell_ = cells_ + cell;
    factor_ = factor;
    addend_ = addend;
    return {const_cast<void*>(AffineKernel()), {1, 1, 1}, {1, 1, 1}, 0, arguments_, nullptr};
  }
  cudaGraphNode_t AddKernel(int cell, int factor, int addend, std::vector<cudaGraphNode_t> after = {}) {
    const cudaKernelNodeParams params = Kernel(cell, factor, addend);
    cudaGraphNode_t node = nullptr;
    EXPECT_OK(cudaGraphAddKernelNode(&node, graph_, after.data(), after.size(), &params));
    return node;
  }
  cudaMemsetParams Fill(int cell, unsigned value, size_t count) {
    return {cells_ + cell, 0, value, 4, count, 1};
  }
  void Instantiate() { ASSERT_OK(cudaGraphInstantiateWithFlags(&exec_, graph_, 0)); }
  int Run(int cell) {
    EXPECT_OK(cudaGraphLaunch(exec_, stream_));
    return Read(cell);
  }
  cudaGraphNodeType TypeOf(cudaGraphNode_t node) {
    cudaGraphNodeType type = cudaGraphNodeTypeCount;
    EXPECT_OK(cudaGraphNodeGetType(node, &type));
    return type;
  }

  cudaGraph_t graph_ = nullptr;
  cudaGraphExec_t exec_ = nullptr;
  int* cell_ = nullptr;
  int factor_ = 0, addend_ = 0;
  void* arguments_[3] = {&cell_, &factor_, &addend_};
};

TEST_F(Graph, KernelNodesRunInOrderAndCanBeChanged) {
  const cudaGraphNode_t first = AddKernel(0, 1, 5);
  const cudaGraphNode_t second = AddKernel(0, 10, 1, {first});
  EXPECT_EQ(TypeOf(first), cudaGraphNodeTypeKernel);
  Instantiate();
  EXPECT_EQ(Run(0), 51);

  cudaKernelNodeParams params = {};
  ASSERT_OK(cudaGraphKernelNodeGetParams(second, &params));
  EXPECT_EQ(*static_cast<int*>(params.kernelParams[1]), 10);
  EXPECT_EQ(params.blockDim.x, 1u);
  EXPECT_EQ(params.func, AffineKernel());
  // What was read can be set again.
  EXPECT_OK(cudaGraphKernelNodeSetParams(second, &params));

  EXPECT_OK(cudaMemset(cells_, 0, 4));
  params = Kernel(0, 2, 0);
  EXPECT_OK(cudaGraphExecKernelNodeSetParams(exec_, second, &params));
  EXPECT_EQ(Run(0), 10);
  params.func = this;
  EXPECT_THAT(cudaGraphKernelNodeSetParams(second, &params),
              testing::AnyOf(cudaErrorInvalidDeviceFunction, cudaErrorInvalidResourceHandle));
}

TEST_F(Graph, KernelNodesHaveAttributes) {
  const cudaGraphNode_t from = AddKernel(0, 1, 1), to = AddKernel(1, 1, 1);
  cudaLaunchAttributeValue value = {};
  value.cooperative = 1;
  EXPECT_OK(cudaGraphKernelNodeSetAttribute(from, cudaLaunchAttributeCooperative, &value));
  EXPECT_OK(cudaGraphKernelNodeCopyAttributes(to, from));
  value = {};
  EXPECT_OK(cudaGraphKernelNodeGetAttribute(to, cudaLaunchAttributeCooperative, &value));
  EXPECT_EQ(value.cooperative, 1);
}

TEST_F(Graph, FillsAndCopiesCanBeReadAndChanged) {
  cudaMemsetParams fill = Fill(0, 7, 4);
  cudaGraphNode_t fill_node = nullptr, copy_node = nullptr, box_node = nullptr;
  ASSERT_OK(cudaGraphAddMemsetNode(&fill_node, graph_, nullptr, 0, &fill));
  ASSERT_OK(cudaGraphAddMemcpyNode1D(&copy_node, graph_, &fill_node, 1, cells_ + 10, cells_, 16,
                                     cudaMemcpyDeviceToDevice));
  cudaMemcpy3DParms box = {};
  box.srcPtr = {cells_ + 10, 16, 16, 1};
  box.dstPtr = {cells_ + 20, 16, 16, 1};
  box.extent = {16, 1, 1};
  box.kind = cudaMemcpyDeviceToDevice;
  ASSERT_OK(cudaGraphAddMemcpyNode(&box_node, graph_, &copy_node, 1, &box));
  EXPECT_EQ(TypeOf(fill_node), cudaGraphNodeTypeMemset);
  EXPECT_EQ(TypeOf(box_node), cudaGraphNodeTypeMemcpy);
  Instantiate();
  EXPECT_EQ(Run(23), 7);

  cudaMemsetParams read = {};
  EXPECT_OK(cudaGraphMemsetNodeGetParams(fill_node, &read));
  EXPECT_EQ(read.value, 7u);
  EXPECT_EQ(read.width, 4u);
  cudaMemcpy3DParms copy = {};
  EXPECT_OK(cudaGraphMemcpyNodeGetParams(box_node, &copy));
  EXPECT_EQ(copy.srcPtr.ptr, cells_ + 10);
  EXPECT_EQ(copy.dstPtr.ptr, cells_ + 20);
  EXPECT_EQ(copy.extent.width, 16u);
  EXPECT_EQ(copy.kind, cudaMemcpyDeviceToDevice);

  fill.value = 8;
  EXPECT_OK(cudaGraphExecMemsetNodeSetParams(exec_, fill_node, &fill));
  box.dstPtr.ptr = cells_ + 30;
  EXPECT_OK(cudaGraphExecMemcpyNodeSetParams(exec_, box_node, &box));
  EXPECT_OK(cudaGraphExecMemcpyNodeSetParams1D(exec_, copy_node, cells_ + 10, cells_, 16,
                                               cudaMemcpyDeviceToDevice));
  EXPECT_EQ(Run(33), 8);
  EXPECT_EQ(Read(23), 7);

  // The graph itself is as it was, until it is changed too.
  fill.value = 9;
  EXPECT_OK(cudaGraphMemsetNodeSetParams(fill_node, &fill));
  EXPECT_OK(cudaGraphMemcpyNodeSetParams1D(copy_node, cells_ + 10, cells_, 16, cudaMemcpyDeviceToDevice));
  EXPECT_OK(cudaGraphMemcpyNodeSetParams(box_node, &box));
  EXPECT_OK(cudaGraphExecDestroy(exec_));
  Instantiate();
  EXPECT_EQ(Run(30), 9);
}

TEST_F(Graph, SymbolsAreCopiedByNodes) {
  int values[2] = {3, 4}, back[2] = {};
  cudaGraphNode_t to = nullptr, from = nullptr;
  ASSERT_OK(cudaGraphAddMemcpyNodeToSymbol(&to, graph_, nullptr, 0, CellsSymbol(), values, 8, 0,
                                           cudaMemcpyHostToDevice));
  ASSERT_OK(cudaGraphAddMemcpyNodeFromSymbol(&from, graph_, &to, 1, back, CellsSymbol(), 8, 0,
                                             cudaMemcpyDeviceToHost));
  Instantiate();
  EXPECT_OK(cudaGraphLaunch(exec_, stream_));
  EXPECT_OK(cudaStreamSynchronize(stream_));
  EXPECT_EQ(back[1], 4);
  int others[2] = {5, 6}, elsewhere[2] = {};
  EXPECT_OK(cudaGraphExecMemcpyNodeSetParamsToSymbol(exec_, to, CellsSymbol(), others, 8, 0,
                                                     cudaMemcpyHostToDevice));
  EXPECT_OK(cudaGraphExecMemcpyNodeSetParamsFromSymbol(exec_, from, elsewhere, CellsSymbol(), 8, 0,
                                                       cudaMemcpyDeviceToHost));
  EXPECT_OK(cudaGraphLaunch(exec_, stream_));
  EXPECT_OK(cudaStreamSynchronize(stream_));
  EXPECT_EQ(elsewhere[0], 5);
  EXPECT_OK(cudaGraphMemcpyNodeSetParamsToSymbol(to, CellsSymbol(), others, 8, 8, cudaMemcpyHostToDevice));
  EXPECT_OK(
      cudaGraphMemcpyNodeSetParamsFromSymbol(from, elsewhere, CellsSymbol(), 8, 8, cudaMemcpyDeviceToHost));
  EXPECT_EQ(cudaGraphMemcpyNodeSetParamsToSymbol(to, CellsSymbol(), others, 8, 64, cudaMemcpyHostToDevice),
            cudaErrorInvalidValue);
}

TEST_F(Graph, HostNodesRunFunctions) {
  int calls = 0;
  const cudaHostFn_t one = [](void* data) { *static_cast<int*>(data) += 1; };
  const cudaHostFn_t ten = [](void* data) { *static_cast<int*>(data) += 10; };
  cudaHostNodeParams params = {one, &calls};
  cudaGraphNode_t node = nullptr;
  ASSERT_OK(cudaGraphAddHostNode(&node, graph_, nullptr, 0, &params));
  Instantiate();
  EXPECT_OK(cudaGraphLaunch(exec_, stream_));
  EXPECT_OK(cudaStreamSynchronize(stream_));
  params.fn = ten;
  EXPECT_OK(cudaGraphExecHostNodeSetParams(exec_, node, &params));
  EXPECT_OK(cudaGraphLaunch(exec_, stream_));
  EXPECT_OK(cudaStreamSynchronize(stream_));
  EXPECT_EQ(calls, 11);
  cudaHostNodeParams read = {};
  EXPECT_OK(cudaGraphHostNodeGetParams(node, &read));
  EXPECT_EQ(read.fn, one);
  EXPECT_OK(cudaGraphHostNodeSetParams(node, &params));
}

TEST_F(Graph, ChildGraphsRunAsANode) {
  const cudaGraph_t outer = graph_;
  ASSERT_OK(cudaGraphCreate(&graph_, 0));
  const cudaGraphNode_t inside = AddKernel(0, 1, 3);
  const cudaGraph_t inner = graph_;
  graph_ = outer;
  cudaGraphNode_t child = nullptr;
  ASSERT_OK(cudaGraphAddChildGraphNode(&child, graph_, nullptr, 0, inner));
  AddKernel(0, 5, 0, {child});
  EXPECT_EQ(TypeOf(child), cudaGraphNodeTypeGraph);
  cudaGraph_t embedded = nullptr;
  EXPECT_OK(cudaGraphChildGraphNodeGetGraph(child, &embedded));
  size_t nodes = 0;
  EXPECT_OK(cudaGraphGetNodes(embedded, nullptr, &nodes));
  EXPECT_EQ(nodes, 1u);
  Instantiate();
  EXPECT_EQ(Run(0), 15);
  const cudaKernelNodeParams other = Kernel(0, 0, 4);
  EXPECT_OK(cudaGraphKernelNodeSetParams(inside, &other));
  EXPECT_OK(cudaGraphExecChildGraphNodeSetParams(exec_, child, inner));
  EXPECT_EQ(Run(0), 20);
  EXPECT_OK(cudaGraphDestroy(inner));
}

TEST_F(Graph, EventNodesRecordAndWait) {
  cudaEvent_t event = nullptr, other = nullptr, found = nullptr;
  ASSERT_OK(cudaEventCreate(&event));
  ASSERT_OK(cudaEventCreate(&other));
  cudaGraphNode_t record = nullptr, wait = nullptr;
  ASSERT_OK(cudaGraphAddEventRecordNode(&record, graph_, nullptr, 0, event));
  ASSERT_OK(cudaGraphAddEventWaitNode(&wait, graph_, &record, 1, event));
  EXPECT_EQ(TypeOf(record), cudaGraphNodeTypeEventRecord);
  EXPECT_EQ(TypeOf(wait), cudaGraphNodeTypeWaitEvent);
  EXPECT_OK(cudaGraphEventRecordNodeGetEvent(record, &found));
  EXPECT_EQ(found, event);
  EXPECT_OK(cudaGraphEventWaitNodeSetEvent(wait, other));
  EXPECT_OK(cudaGraphEventWaitNodeGetEvent(wait, &found));
  EXPECT_EQ(found, other);
  EXPECT_OK(cudaGraphEventRecordNodeSetEvent(record, other));
  Instantiate();
  EXPECT_OK(cudaGraphLaunch(exec_, stream_));
  EXPECT_OK(cudaStreamSynchronize(stream_));
  EXPECT_OK(cudaEventQuery(other));
  EXPECT_OK(cudaGraphExecEventRecordNodeSetEvent(exec_, record, event));
  EXPECT_OK(cudaGraphExecEventWaitNodeSetEvent(exec_, wait, event));
  EXPECT_OK(cudaGraphLaunch(exec_, stream_));
  EXPECT_OK(cudaStreamSynchronize(stream_));
  EXPECT_OK(cudaEventDestroy(event));
  EXPECT_OK(cudaEventDestroy(other));
}

TEST_F(Graph, MemoryNodesAllocateAndFree) {
  cudaMemAllocNodeParams params = {};
  params.poolProps.allocType = cudaMemAllocationTypePinned;
  params.poolProps.location = {cudaMemLocationTypeDevice, 0};
  params.bytesize = 64;
  cudaGraphNode_t allocate = nullptr, fill = nullptr, copy = nullptr, free = nullptr;
  ASSERT_OK(cudaGraphAddMemAllocNode(&allocate, graph_, nullptr, 0, &params));
  ASSERT_NE(params.dptr, nullptr);
  const cudaMemsetParams filling = {params.dptr, 0, 0x55, 1, 64, 1};
  ASSERT_OK(cudaGraphAddMemsetNode(&fill, graph_, &allocate, 1, &filling));
  ASSERT_OK(
      cudaGraphAddMemcpyNode1D(&copy, graph_, &fill, 1, cells_, params.dptr, 64, cudaMemcpyDeviceToDevice));
  ASSERT_OK(cudaGraphAddMemFreeNode(&free, graph_, &copy, 1, params.dptr));
  EXPECT_EQ(TypeOf(allocate), cudaGraphNodeTypeMemAlloc);
  EXPECT_EQ(TypeOf(free), cudaGraphNodeTypeMemFree);
  cudaMemAllocNodeParams read = {};
  EXPECT_OK(cudaGraphMemAllocNodeGetParams(allocate, &read));
  EXPECT_EQ(read.dptr, params.dptr);
  EXPECT_EQ(read.bytesize, 64u);
  void* freed = nullptr;
  EXPECT_OK(cudaGraphMemFreeNodeGetParams(free, &freed));
  EXPECT_EQ(freed, params.dptr);
  Instantiate();
  EXPECT_EQ(Run(15), 0x55555555);

  unsigned long long high = 0;
  EXPECT_OK(cudaDeviceGetGraphMemAttribute(0, cudaGraphMemAttrUsedMemHigh, &high));
  EXPECT_GE(high, 64u);
  unsigned long long zero = 0;
  EXPECT_OK(cudaDeviceSetGraphMemAttribute(0, cudaGraphMemAttrUsedMemHigh, &zero));
  EXPECT_OK(cudaDeviceGraphMemTrim(0));
}

TEST_F(Graph, ClonesFindTheirNodes) {
  const cudaGraphNode_t original = AddKernel(0, 1, 2);
  cudaGraphNode_t empty = nullptr;
  ASSERT_OK(cudaGraphAddEmptyNode(&empty, graph_, &original, 1));
  EXPECT_EQ(TypeOf(empty), cudaGraphNodeTypeEmpty);
  cudaGraph_t clone = nullptr;
  ASSERT_OK(cudaGraphClone(&clone, graph_));
  cudaGraphNode_t found = nullptr;
  EXPECT_OK(cudaGraphNodeFindInClone(&found, original, clone));
  EXPECT_NE(found, original);
  EXPECT_EQ(TypeOf(found), cudaGraphNodeTypeKernel);
  size_t roots = 0;
  EXPECT_OK(cudaGraphGetRootNodes(clone, nullptr, &roots));
  EXPECT_EQ(roots, 1u);
  EXPECT_OK(cudaGraphDestroyNode(found));
  EXPECT_EQ(cudaGraphNodeFindInClone(&found, original, clone), cudaErrorInvalidValue);
  EXPECT_OK(cudaGraphDestroy(clone));
}

TEST_F(Graph, NodesAreSwitchedOffAndOn) {
  const cudaGraphNode_t node = AddKernel(0, 1, 1);
  Instantiate();
  EXPECT_EQ(Run(0), 1);
  EXPECT_OK(cudaGraphNodeSetEnabled(exec_, node, 0));
  unsigned enabled = 1;
  EXPECT_OK(cudaGraphNodeGetEnabled(exec_, node, &enabled));
  EXPECT_EQ(enabled, 0u);
  EXPECT_EQ(Run(0), 1);
  EXPECT_OK(cudaGraphNodeSetEnabled(exec_, node, 1));
  EXPECT_OK(cudaGraphUpload(exec_, stream_));
  EXPECT_EQ(Run(0), 2);
}

TEST_F(Graph, UserObjectsLiveAsLongAsTheGraphsThatHoldThem) {
  std::atomic<int> destroyed = 0;
  cudaUserObject_t object = nullptr;
  ASSERT_OK(cudaUserObjectCreate(
      &object, &destroyed, [](void* data) { ++*static_cast<std::atomic<int>*>(data); }, 1,
      cudaUserObjectNoDestructorSync));
  EXPECT_OK(cudaUserObjectRetain(object, 1));
  EXPECT_OK(cudaGraphRetainUserObject(graph_, object, 1, cudaGraphUserObjectMove));
  EXPECT_OK(cudaGraphRetainUserObject(graph_, object, 1, 0));
  EXPECT_OK(cudaGraphReleaseUserObject(graph_, object, 1));
  EXPECT_OK(cudaUserObjectRelease(object, 1));
  EXPECT_EQ(destroyed, 0);
  EXPECT_OK(cudaGraphReleaseUserObject(graph_, object, 1));
  for (int i = 0; i < 5000 && destroyed == 0; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  EXPECT_EQ(destroyed, 1);
}

TEST_F(Graph, IsPrintedAsDot) {
  AddKernel(0, 1, 1);
  const std::string path = testing::TempDir() + "/graph.dot";
  EXPECT_OK(cudaGraphDebugDotPrint(graph_, path.c_str(), 0));
  std::ifstream file(path);
  std::string first;
  std::getline(file, first);
  EXPECT_NE(first.find("digraph"), std::string::npos);
  std::remove(path.c_str());
  EXPECT_EQ(cudaGraphDebugDotPrint(graph_, nullptr, 0), cudaErrorInvalidValue);
}

}  // namespace
