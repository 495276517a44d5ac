#include <cuda.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>
#include <vector>

#include "tests/api/graph_fixture.h"

namespace {

class Graphs : public GraphFixture {
 protected:
  void SetUp() override {
    GraphFixture::SetUp();
    ASSERT_OK(cuGraphCreate(&graph_, 0));
  }
  void TearDown() override {
    EXPECT_OK(cuGraphDestroy(graph_));
    GraphFixture::TearDown();
  }
  CUgraph graph_ = nullptr;
};

TEST_F(Graphs, NodesRunInTheOrderOfTheirEdges) {
  const CUgraphNode first = AddAffine(graph_, {}, 0, 1, 2);         // 2
  const CUgraphNode last = AddAffine(graph_, {}, 0, 10, 7);         // 57: only if between is 5
  const CUgraphNode between = AddAffine(graph_, {first}, 0, 1, 3);  // 5
  ASSERT_OK(cuGraphAddDependencies(graph_, &between, &last, nullptr, 1));
  const CUgraphExec exec = Instantiate(graph_);
  ASSERT_OK(cuGraphLaunch(exec, stream_));
  EXPECT_EQ(Read(0), 57u);
  ASSERT_OK(cuGraphLaunch(exec, stream_));
  EXPECT_EQ(Read(0), 627u) << "once more, from 57";
  EXPECT_OK(cuGraphExecDestroy(exec));
}

TEST_F(Graphs, ForkAndJoin) {
  const CUgraphNode root = AddAffine(graph_, {}, 0, 0, 1);
  std::vector<CUgraphNode> branches;
  CUgraphNode join;
  for (int i = 1; i <= 20; ++i) branches.push_back(AddAffine(graph_, {root}, i, 0, i));
  ASSERT_OK(cuGraphAddEmptyNode(&join, graph_, branches.data(), branches.size()));
  // Adds what each branch left, one after the other.
  CUDA_MEMCPY3D copy = {};
  copy.srcMemoryType = copy.dstMemoryType = CU_MEMORYTYPE_DEVICE;
  copy.srcDevice = Cell(20);
  copy.dstDevice = Cell(30);
  copy.WidthInBytes = 4;
  copy.Height = copy.Depth = 1;
  CUgraphNode node;
  ASSERT_OK(cuGraphAddMemcpyNode(&node, graph_, &join, 1, &copy, context_));
  AddAffine(graph_, {node}, 30, 2, 1);
  const CUgraphExec exec = Instantiate(graph_);
  for (int round = 0; round < 50; ++round) {
    ASSERT_OK(cuMemsetD32(cells_, 0, kCells));
    ASSERT_OK(cuGraphLaunch(exec, stream_));
    ASSERT_EQ(Read(30), 41u);
    for (int i = 1; i <= 20; ++i) ASSERT_EQ(Read(i), static_cast<uint32_t>(i));
  }
  EXPECT_OK(cuGraphExecDestroy(exec));
}

TEST_F(Graphs, FillsCopiesAndHostFunctions) {
  static std::atomic<uint32_t> seen;
  seen = 0;
  static uint32_t pageable;
  pageable = 0;
  CUDA_MEMSET_NODE_PARAMS fill = {Cell(0), 0, 9, 4, 8, 1};
  CUgraphNode filled, copied, called;
  ASSERT_OK(cuGraphAddMemsetNode(&filled, graph_, nullptr, 0, &fill, context_));
  CUDA_MEMCPY3D copy = {};
  copy.srcMemoryType = CU_MEMORYTYPE_DEVICE;
  copy.srcDevice = Cell(7);
  copy.dstMemoryType = CU_MEMORYTYPE_HOST;
  copy.dstHost = &pageable;
  copy.WidthInBytes = 4;
  copy.Height = copy.Depth = 1;
  ASSERT_OK(cuGraphAddMemcpyNode(&copied, graph_, &filled, 1, &copy, context_));
  CUDA_HOST_NODE_PARAMS host = {[](void* data) { seen = *static_cast<uint32_t*>(data) + 1; }, &pageable};
  ASSERT_OK(cuGraphAddHostNode(&called, graph_, &copied, 1, &host));
  const CUgraphExec exec = Instantiate(graph_);
  ASSERT_OK(cuGraphLaunch(exec, stream_));
  ASSERT_OK(cuStreamSynchronize(stream_));
  EXPECT_EQ(pageable, 9u);
  EXPECT_EQ(seen, 10u);
  fill.value = 20;
  ASSERT_OK(cuGraphExecMemsetNodeSetParams(exec, filled, &fill, context_));
  ASSERT_OK(cuGraphLaunch(exec, stream_));
  ASSERT_OK(cuStreamSynchronize(stream_));
  EXPECT_EQ(seen, 21u);
  EXPECT_OK(cuGraphExecDestroy(exec));
}

TEST_F(Graphs, LaunchIsAsynchronousAndInStreamOrder) {
  AddAffine(graph_, {}, 0, 2, 0);
  const CUgraphExec exec = Instantiate(graph_);
  Gate gate;
  ASSERT_OK(gate.Hold(stream_));
  ASSERT_OK(LaunchAffine(stream_, 0, 1, 5));
  ASSERT_OK(cuGraphLaunch(exec, stream_));
  ASSERT_OK(LaunchAffine(stream_, 0, 1, 1));
  EXPECT_EQ(cuStreamQuery(stream_), CUDA_ERROR_NOT_READY);
  gate.Open();
  EXPECT_EQ(Read(0), 11u);
  EXPECT_OK(cuGraphExecDestroy(exec));
}

TEST_F(Graphs, LaunchesOfOneExecutableDoNotOverlap) {
  AddAffine(graph_, {}, 0, 1, 1);
  const CUgraphExec exec = Instantiate(graph_);
  CUstream other;
  ASSERT_OK(cuStreamCreate(&other, CU_STREAM_NON_BLOCKING));
  Gate gate;
  ASSERT_OK(gate.Hold(stream_));
  ASSERT_OK(cuGraphLaunch(exec, stream_));
  ASSERT_OK(cuGraphLaunch(exec, other));
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  EXPECT_EQ(cuStreamQuery(other), CUDA_ERROR_NOT_READY) << "waits for the launch before it";
  gate.Open();
  ASSERT_OK(cuStreamSynchronize(other));
  EXPECT_EQ(Read(0), 2u);
  EXPECT_OK(cuGraphExecDestroy(exec));
}

TEST_F(Graphs, BranchesOverlap) {
  // One branch waits for a word that the other writes: in sequence it would never end.
  Gate gate;
  CUstreamBatchMemOpParams wait = {}, write = {};
  wait.waitValue.operation = CU_STREAM_MEM_OP_WAIT_VALUE_32;
  wait.waitValue.address = gate.address();
  wait.waitValue.value = 1;
  write.writeValue.operation = CU_STREAM_MEM_OP_WRITE_VALUE_32;
  write.writeValue.address = gate.address();
  write.writeValue.value = 1;
  CUDA_BATCH_MEM_OP_NODE_PARAMS params = {context_, 1, &wait, 0};
  CUgraphNode waiting, writing;
  ASSERT_OK(cuGraphAddBatchMemOpNode(&waiting, graph_, nullptr, 0, &params));
  params.paramArray = &write;
  ASSERT_OK(cuGraphAddBatchMemOpNode(&writing, graph_, nullptr, 0, &params));
  const CUgraphExec exec = Instantiate(graph_);
  ASSERT_OK(cuGraphLaunch(exec, stream_));
  EXPECT_OK(cuStreamSynchronize(stream_));
  EXPECT_OK(cuGraphExecDestroy(exec));
}

TEST_F(Graphs, ChildGraphsRunWhereTheirNodeStands) {
  CUgraph child;
  ASSERT_OK(cuGraphCreate(&child, 0));
  const CUgraphNode inner = AddAffine(child, {}, 0, 3, 0);
  AddAffine(child, {inner}, 0, 1, 1);
  const CUgraphNode before = AddAffine(graph_, {}, 0, 0, 5);
  CUgraphNode node;
  ASSERT_OK(cuGraphAddChildGraphNode(&node, graph_, &before, 1, child));
  AddAffine(graph_, {node}, 0, 2, 0);
  AddAffine(child, {}, 0, 0, 0);  // too late: the node has a copy
  EXPECT_OK(cuGraphDestroy(child));
  const CUgraphExec exec = Instantiate(graph_);
  ASSERT_OK(cuGraphLaunch(exec, stream_));
  EXPECT_EQ(Read(0), 32u);
  CUgraph own;
  ASSERT_OK(cuGraphChildGraphNodeGetGraph(node, &own));
  EXPECT_EQ(cuGraphDestroy(own), CUDA_ERROR_INVALID_VALUE) << "the node's";
  EXPECT_OK(cuGraphExecDestroy(exec));
}

TEST_F(Graphs, StructureCanBeReadAndChanged) {
  const CUgraphNode a = AddAffine(graph_, {}, 0, 1, 1);
  const CUgraphNode b = AddAffine(graph_, {a}, 0, 1, 1);
  const CUgraphNode c = AddAffine(graph_, {a, b}, 0, 1, 1);
  size_t count = 0;
  ASSERT_OK(cuGraphGetNodes(graph_, nullptr, &count));
  EXPECT_EQ(count, 3u);
  CUgraphNode nodes[5];
  count = 5;
  ASSERT_OK(cuGraphGetNodes(graph_, nodes, &count));
  EXPECT_EQ(count, 3u);
  EXPECT_EQ(nodes[0], a);
  EXPECT_EQ(nodes[3], nullptr);
  count = 5;
  ASSERT_OK(cuGraphGetRootNodes(graph_, nodes, &count));
  EXPECT_EQ(count, 1u);
  count = 5;
  ASSERT_OK(cuGraphNodeGetDependencies(c, nodes, nullptr, &count));
  EXPECT_EQ(count, 2u);
  EXPECT_EQ(nodes[1], b);
  count = 5;
  ASSERT_OK(cuGraphNodeGetDependentNodes(a, nodes, nullptr, &count));
  EXPECT_EQ(count, 2u);
  CUgraphNode from[5], to[5];
  count = 5;
  ASSERT_OK(cuGraphGetEdges(graph_, from, to, nullptr, &count));
  EXPECT_EQ(count, 3u);
  EXPECT_EQ(cuGraphAddDependencies(graph_, &c, &a, nullptr, 1), CUDA_ERROR_INVALID_VALUE) << "a circle";
  EXPECT_EQ(cuGraphAddDependencies(graph_, &a, &b, nullptr, 1), CUDA_ERROR_INVALID_VALUE) << "there already";
  EXPECT_OK(cuGraphRemoveDependencies(graph_, &a, &c, nullptr, 1));
  EXPECT_EQ(cuGraphRemoveDependencies(graph_, &a, &c, nullptr, 1), CUDA_ERROR_INVALID_VALUE);
  EXPECT_OK(cuGraphDestroyNode(b));
  ASSERT_OK(cuGraphGetNodes(graph_, nullptr, &count));
  EXPECT_EQ(count, 2u);
  CUgraphNodeType type;
  EXPECT_EQ(cuGraphNodeGetType(b, &type), CUDA_ERROR_INVALID_HANDLE) << "destroyed";
  ASSERT_OK(cuGraphNodeGetType(a, &type));
  EXPECT_EQ(type, CU_GRAPH_NODE_TYPE_KERNEL);
  CUgraphNode bad;
  EXPECT_EQ(cuGraphAddEmptyNode(&bad, graph_, &b, 1), CUDA_ERROR_INVALID_VALUE) << "a dead dependency";
  const CUgraphNode twice[] = {a, a};
  EXPECT_EQ(cuGraphAddEmptyNode(&bad, graph_, twice, 2), CUDA_ERROR_INVALID_VALUE);
}

TEST_F(Graphs, ClonesKnowTheirOriginals) {
  const CUgraphNode a = AddAffine(graph_, {}, 0, 1, 1);
  const CUgraphNode b = AddAffine(graph_, {a}, 0, 2, 0);
  CUgraph clone;
  ASSERT_OK(cuGraphClone(&clone, graph_));
  CUgraphNode twin = nullptr, none = nullptr;
  ASSERT_OK(cuGraphNodeFindInClone(&twin, b, clone));
  EXPECT_NE(twin, b);
  EXPECT_EQ(cuGraphNodeFindInClone(&none, twin, clone), CUDA_ERROR_INVALID_VALUE);
  ASSERT_OK(cuGraphKernelNodeSetParams(twin, &Affine(0, 5, 0).params));
  const CUgraphExec exec = Instantiate(clone);
  ASSERT_OK(cuGraphLaunch(exec, stream_));
  EXPECT_EQ(Read(0), 5u);
  EXPECT_OK(cuGraphExecDestroy(exec));
  EXPECT_OK(cuGraphDestroy(clone));
}

TEST_F(Graphs, ParametersAreKeptAndGivenBack) {
  const CUgraphNode node = AddAffine(graph_, {}, 3, 4, 5);
  CUDA_KERNEL_NODE_PARAMS params;
  ASSERT_OK(cuGraphKernelNodeGetParams(node, &params));
  EXPECT_EQ(params.func, affine_);
  EXPECT_EQ(params.gridDimX, 1u);
  EXPECT_EQ(*static_cast<CUdeviceptr*>(params.kernelParams[0]), Cell(3));
  EXPECT_EQ(*static_cast<uint32_t*>(params.kernelParams[2]), 5u);
  CUDA_MEMSET_NODE_PARAMS fill;
  EXPECT_EQ(cuGraphMemsetNodeGetParams(node, &fill), CUDA_ERROR_INVALID_VALUE) << "another type";
  CUDA_KERNEL_NODE_PARAMS bad = Affine(0, 1, 1).params;
  bad.blockDimX = 4096;
  CUgraphNode none;
  EXPECT_EQ(cuGraphAddKernelNode(&none, graph_, nullptr, 0, &bad), CUDA_ERROR_INVALID_VALUE);
  CUlaunchAttributeValue value = {};
  value.priority = -3;
  EXPECT_OK(cuGraphKernelNodeSetAttribute(node, CU_LAUNCH_ATTRIBUTE_PRIORITY, &value));
  value = {};
  EXPECT_OK(cuGraphKernelNodeGetAttribute(node, CU_LAUNCH_ATTRIBUTE_PRIORITY, &value));
  EXPECT_EQ(value.priority, -3);
}

TEST_F(Graphs, NodesOfExecutablesAreChangedAndSwitchedOff) {
  const CUgraphNode a = AddAffine(graph_, {}, 0, 1, 1);
  const CUgraphNode b = AddAffine(graph_, {a}, 0, 10, 0);
  const CUgraphExec exec = Instantiate(graph_);
  ASSERT_OK(cuGraphExecKernelNodeSetParams(exec, a, &Affine(0, 1, 4).params));
  ASSERT_OK(cuGraphLaunch(exec, stream_));
  EXPECT_EQ(Read(0), 40u);
  unsigned on = 9;
  ASSERT_OK(cuGraphNodeGetEnabled(exec, b, &on));
  EXPECT_EQ(on, 1u);
  ASSERT_OK(cuGraphNodeSetEnabled(exec, b, 0));
  ASSERT_OK(cuGraphLaunch(exec, stream_));
  EXPECT_EQ(Read(0), 44u);
  CUgraph other;
  ASSERT_OK(cuGraphCreate(&other, 0));
  const CUgraphNode foreign = AddAffine(other, {}, 0, 1, 1);
  EXPECT_EQ(cuGraphExecKernelNodeSetParams(exec, foreign, &Affine(0, 1, 4).params), CUDA_ERROR_INVALID_VALUE);
  EXPECT_OK(cuGraphDestroy(other));
  EXPECT_OK(cuGraphExecDestroy(exec));
}

TEST_F(Graphs, UpdateTakesParametersOfTheSameShape) {
  const CUgraphNode a = AddAffine(graph_, {}, 0, 1, 1);
  AddAffine(graph_, {a}, 0, 10, 0);
  const CUgraphExec exec = Instantiate(graph_);
  CUgraph other;
  ASSERT_OK(cuGraphCreate(&other, 0));
  const CUgraphNode x = AddAffine(other, {}, 0, 1, 2);
  const CUgraphNode y = AddAffine(other, {x}, 0, 100, 0);
  CUgraphExecUpdateResultInfo info;
  ASSERT_OK(cuGraphExecUpdate(exec, other, &info));
  EXPECT_EQ(info.result, CU_GRAPH_EXEC_UPDATE_SUCCESS);
  ASSERT_OK(cuGraphLaunch(exec, stream_));
  EXPECT_EQ(Read(0), 200u);
  ASSERT_OK(cuGraphRemoveDependencies(other, &x, &y, nullptr, 1));
  EXPECT_EQ(cuGraphExecUpdate(exec, other, &info), CUDA_ERROR_GRAPH_EXEC_UPDATE_FAILURE);
  EXPECT_EQ(info.result, CU_GRAPH_EXEC_UPDATE_ERROR_TOPOLOGY_CHANGED);
  EXPECT_EQ(info.errorNode, y);
  ASSERT_OK(cuGraphDestroyNode(y));
  CUgraphNode empty;
  ASSERT_OK(cuGraphAddEmptyNode(&empty, other, &x, 1));
  EXPECT_EQ(cuGraphExecUpdate(exec, other, &info), CUDA_ERROR_GRAPH_EXEC_UPDATE_FAILURE);
  EXPECT_EQ(info.result, CU_GRAPH_EXEC_UPDATE_ERROR_NODE_TYPE_CHANGED);
  EXPECT_OK(cuGraphDestroy(other));
  EXPECT_OK(cuGraphExecDestroy(exec));
}

TEST_F(Graphs, EventsAreRecordedAndWaitedFor) {
  CUevent event;
  ASSERT_OK(cuEventCreate(&event, CU_EVENT_DISABLE_TIMING));
  const CUgraphNode a = AddAffine(graph_, {}, 0, 0, 3);
  CUgraphNode recorded;
  ASSERT_OK(cuGraphAddEventRecordNode(&recorded, graph_, &a, 1, event));
  CUevent same;
  ASSERT_OK(cuGraphEventRecordNodeGetEvent(recorded, &same));
  EXPECT_EQ(same, event);
  const CUgraphExec exec = Instantiate(graph_);
  Gate gate;
  ASSERT_OK(gate.Hold(stream_));
  ASSERT_OK(cuGraphLaunch(exec, stream_));
  EXPECT_EQ(cuEventQuery(event), CUDA_ERROR_NOT_READY);
  gate.Open();
  EXPECT_OK(cuEventSynchronize(event));
  EXPECT_OK(cuGraphExecDestroy(exec));
  EXPECT_OK(cuEventDestroy(event));
}

TEST_F(Graphs, MemoryOfAGraph) {
  CUDA_MEM_ALLOC_NODE_PARAMS allocation = {};
  allocation.poolProps.allocType = CU_MEM_ALLOCATION_TYPE_PINNED;
  allocation.poolProps.location.type = CU_MEM_LOCATION_TYPE_DEVICE;
  allocation.bytesize = 4096;
  CUgraphNode allocated, filled, copied, freed;
  ASSERT_OK(cuGraphAddMemAllocNode(&allocated, graph_, nullptr, 0, &allocation));
  ASSERT_NE(allocation.dptr, 0u);
  CUDA_MEMSET_NODE_PARAMS fill = {allocation.dptr, 0, 77, 4, 1, 1};
  ASSERT_OK(cuGraphAddMemsetNode(&filled, graph_, &allocated, 1, &fill, context_));
  CUDA_MEMCPY3D copy = {};
  copy.srcMemoryType = copy.dstMemoryType = CU_MEMORYTYPE_DEVICE;
  copy.srcDevice = allocation.dptr;
  copy.dstDevice = Cell(0);
  copy.WidthInBytes = 4;
  copy.Height = copy.Depth = 1;
  ASSERT_OK(cuGraphAddMemcpyNode(&copied, graph_, &filled, 1, &copy, context_));
  {
    const CUgraphExec leaking = Instantiate(graph_);
    ASSERT_OK(cuGraphLaunch(leaking, stream_));
    EXPECT_EQ(Read(0), 77u);
    EXPECT_EQ(cuGraphLaunch(leaking, stream_), CUDA_ERROR_INVALID_VALUE) << "not freed yet";
    cuuint64_t used = 0;
    ASSERT_OK(cuDeviceGetGraphMemAttribute(device_, CU_GRAPH_MEM_ATTR_USED_MEM_CURRENT, &used));
    EXPECT_GE(used, 4096u);
    ASSERT_OK(cuMemFreeAsync(allocation.dptr, stream_));
    ASSERT_OK(cuGraphLaunch(leaking, stream_));
    ASSERT_OK(cuMemFree(allocation.dptr));
    EXPECT_EQ(cuMemFree(allocation.dptr), CUDA_ERROR_INVALID_VALUE);
    ASSERT_OK(cuDeviceGetGraphMemAttribute(device_, CU_GRAPH_MEM_ATTR_USED_MEM_CURRENT, &used));
    EXPECT_EQ(used, 0u);
    EXPECT_OK(cuGraphExecDestroy(leaking));
  }
  ASSERT_OK(cuGraphAddMemFreeNode(&freed, graph_, &copied, 1, allocation.dptr));
  const CUgraphExec exec = Instantiate(graph_);
  for (int i = 0; i < 3; ++i) ASSERT_OK(cuGraphLaunch(exec, stream_));
  ASSERT_OK(cuStreamSynchronize(stream_));
  EXPECT_EQ(cuGraphDestroyNode(allocated), CUDA_ERROR_NOT_SUPPORTED);
  CUgraph clone;
  EXPECT_EQ(cuGraphClone(&clone, graph_), CUDA_ERROR_NOT_SUPPORTED);
  EXPECT_EQ(cuGraphAddMemFreeNode(&freed, graph_, nullptr, 0, Cell(0)), CUDA_ERROR_INVALID_VALUE);
  EXPECT_OK(cuGraphExecDestroy(exec));
}

TEST_F(Graphs, UserObjectsLiveAsLongAsTheirGraphs) {
  static std::atomic<int> destroyed;
  destroyed = 0;
  CUuserObject object;
  ASSERT_OK(cuUserObjectCreate(
      &object, const_cast<std::atomic<int>*>(&destroyed),
      [](void* count) { ++*static_cast<std::atomic<int>*>(count); }, 1, CU_USER_OBJECT_NO_DESTRUCTOR_SYNC));
  CUgraph owner;
  ASSERT_OK(cuGraphCreate(&owner, 0));
  ASSERT_OK(cuGraphRetainUserObject(owner, object, 1, CU_GRAPH_USER_OBJECT_MOVE));
  EXPECT_EQ(cuGraphReleaseUserObject(owner, object, 2), CUDA_ERROR_INVALID_VALUE);
  const CUgraphExec exec = Instantiate(owner);
  ASSERT_OK(cuGraphDestroy(owner));
  std::this_thread::sleep_for(std::chrono::milliseconds(10));
  EXPECT_EQ(destroyed, 0) << "the executable refers to it";
  ASSERT_OK(cuGraphExecDestroy(exec));
  for (int i = 0; i < 200 && destroyed == 0; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  EXPECT_EQ(destroyed, 1);
  EXPECT_EQ(cuUserObjectRelease(object, 1), CUDA_ERROR_INVALID_HANDLE);
}

TEST_F(Graphs, DotNamesNodesAndEdges) {
  const CUgraphNode a = AddAffine(graph_, {}, 0, 1, 1);
  AddAffine(graph_, {a}, 0, 1, 1);
  const std::string path = testing::TempDir() + "graph.dot";
  ASSERT_OK(cuGraphDebugDotPrint(graph_, path.c_str(), CU_GRAPH_DEBUG_DOT_FLAGS_VERBOSE));
  std::ifstream file(path);
  const std::string dot{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  EXPECT_NE(dot.find("KERNEL\\naffine"), std::string::npos) << dot;
  EXPECT_NE(dot.find(" -> "), std::string::npos) << dot;
  EXPECT_EQ(cuGraphDebugDotPrint(graph_, "/nowhere/at/all", 0), CUDA_ERROR_OPERATING_SYSTEM);
  std::remove(path.c_str());
}

TEST_F(Graphs, BadHandlesAndFlags) {
  CUgraph graph;
  CUgraphExec exec;
  EXPECT_EQ(cuGraphCreate(&graph, 1), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(cuGraphInstantiate(&exec, graph_, 0x1000), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(cuGraphInstantiate(&exec, nullptr, 0), CUDA_ERROR_INVALID_HANDLE);
  EXPECT_EQ(cuGraphLaunch(nullptr, stream_), CUDA_ERROR_INVALID_HANDLE);
  CUgraph dead;
  ASSERT_OK(cuGraphCreate(&dead, 0));
  ASSERT_OK(cuGraphDestroy(dead));
  EXPECT_EQ(cuGraphDestroy(dead), CUDA_ERROR_INVALID_HANDLE);
  CUDA_GRAPH_INSTANTIATE_PARAMS params = {};
  params.flags = CUDA_GRAPH_INSTANTIATE_FLAG_DEVICE_LAUNCH;
  EXPECT_EQ(cuGraphInstantiateWithParams(&exec, graph_, &params), CUDA_ERROR_NOT_SUPPORTED);
  EXPECT_EQ(params.result_out, CUDA_GRAPH_INSTANTIATE_NODE_OPERATION_NOT_SUPPORTED);
  CUgraphNodeParams conditional = {};
  conditional.type = CU_GRAPH_NODE_TYPE_CONDITIONAL;
  CUgraphNode node;
  EXPECT_EQ(cuGraphAddNode(&node, graph_, nullptr, nullptr, 0, &conditional), CUDA_ERROR_INVALID_VALUE);
  exec = Instantiate(graph_);
  EXPECT_OK(cuGraphLaunch(exec, stream_)) << "an empty graph";
  EXPECT_OK(cuGraphUpload(exec, stream_));
  EXPECT_OK(cuGraphExecDestroy(exec));
}

TEST_F(Graphs, GenericNodes) {
  CUgraphNodeParams params = {};
  params.type = CU_GRAPH_NODE_TYPE_MEMSET;
  params.memset = {Cell(2), 0, 6, 4, 1, 1, context_};
  CUgraphNode node;
  ASSERT_OK(cuGraphAddNode(&node, graph_, nullptr, nullptr, 0, &params));
  const CUgraphExec exec = Instantiate(graph_);
  ASSERT_OK(cuGraphLaunch(exec, stream_));
  EXPECT_EQ(Read(2), 6u);
  params.memset.value = 8;
  ASSERT_OK(cuGraphExecNodeSetParams(exec, node, &params));
  ASSERT_OK(cuGraphLaunch(exec, stream_));
  EXPECT_EQ(Read(2), 8u);
  params.type = CU_GRAPH_NODE_TYPE_HOST;
  EXPECT_EQ(cuGraphNodeSetParams(node, &params), CUDA_ERROR_INVALID_VALUE);
  EXPECT_OK(cuGraphExecDestroy(exec));
}

}  // namespace
