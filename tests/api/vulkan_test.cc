// Memory that Vulkan allocates, and kernels use, and Vulkan again.
#include <cuda.h>
#include <gtest/gtest.h>
#include <vulkan/vulkan.h>

#include <cstdint>
#include <string>
#include <vector>

#include "tests/api/context_fixture.h"

namespace {

constexpr VkExternalMemoryHandleTypeFlagBits kOpaque = VK_EXTERNAL_MEMORY_HANDLE_TYPE_OPAQUE_FD_BIT;
constexpr size_t kWords = 100000, kBytes = kWords * 4;

constexpr char kModule[] = R"(
.version 7.8
.target sm_80
.address_size 64

.visible .entry increment(.param .u64 words, .param .u32 count)
{
  .reg .pred %p;
  .reg .b32 %r<6>;
  .reg .b64 %rd<3>;
  ld.param.u64 %rd0, [words];
  ld.param.u32 %r0, [count];
  mov.u32 %r1, %ctaid.x;
  mov.u32 %r2, %ntid.x;
  mov.u32 %r3, %tid.x;
  mad.lo.u32 %r4, %r1, %r2, %r3;
  setp.ge.u32 %p, %r4, %r0;
  @%p ret;
  mul.wide.u32 %rd1, %r4, 4;
  add.u64 %rd2, %rd0, %rd1;
  ld.global.u32 %r5, [%rd2];
  add.u32 %r5, %r5, %r4;
  st.global.u32 [%rd2], %r5;
  ret;
}
)";

#define ASSERT_VK(call) ASSERT_EQ(call, VK_SUCCESS)

// A device that exports memory, with a queue, and a buffer in such memory.
class VulkanMemory : public ContextFixture {
 protected:
  void SetUp() override {
    ContextFixture::SetUp();
    VkApplicationInfo application = {VK_STRUCTURE_TYPE_APPLICATION_INFO};
    application.apiVersion = VK_API_VERSION_1_1;
    VkInstanceCreateInfo instance = {VK_STRUCTURE_TYPE_INSTANCE_CREATE_INFO};
    instance.pApplicationInfo = &application;
    if (vkCreateInstance(&instance, nullptr, &instance_) != VK_SUCCESS) {
      GTEST_SKIP() << "there is no Vulkan driver (mesa-vulkan-drivers)";
    }
    uint32_t count = 1;
    const VkResult found = vkEnumeratePhysicalDevices(instance_, &count, &physical_);
    if ((found != VK_SUCCESS && found != VK_INCOMPLETE) || count == 0) {
      GTEST_SKIP() << "Vulkan has no device here";
    }
    VkPhysicalDeviceExternalBufferInfo info = {VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_EXTERNAL_BUFFER_INFO};
    info.usage = kUsage;
    info.handleType = kOpaque;
    VkExternalBufferProperties properties = {VK_STRUCTURE_TYPE_EXTERNAL_BUFFER_PROPERTIES};
    vkGetPhysicalDeviceExternalBufferProperties(physical_, &info, &properties);
    if ((properties.externalMemoryProperties.externalMemoryFeatures &
         VK_EXTERNAL_MEMORY_FEATURE_EXPORTABLE_BIT) == 0) {
      GTEST_SKIP() << "the Vulkan device exports no memory by opaque descriptors";
    }
    VkPhysicalDeviceProperties device = {};
    vkGetPhysicalDeviceProperties(physical_, &device);
    if (device.deviceType != VK_PHYSICAL_DEVICE_TYPE_CPU) {
      GTEST_SKIP() << "the memory of a Vulkan device that is no CPU is out of the reach of ours ("
                   << device.deviceName << ")";
    }
    CreateDevice();
  }
  void TearDown() override {
    if (device_ != nullptr) {
      vkDestroyCommandPool(device_, pool_, nullptr);
      vkDestroyDevice(device_, nullptr);
    }
    if (instance_ != nullptr) vkDestroyInstance(instance_, nullptr);
    ContextFixture::TearDown();
  }
  void CreateDevice() {
    const float priority = 1;
    VkDeviceQueueCreateInfo queue = {VK_STRUCTURE_TYPE_DEVICE_QUEUE_CREATE_INFO};
    queue.queueCount = 1;
    queue.pQueuePriorities = &priority;
    const char* const extension = VK_KHR_EXTERNAL_MEMORY_FD_EXTENSION_NAME;
    VkDeviceCreateInfo device = {VK_STRUCTURE_TYPE_DEVICE_CREATE_INFO};
    device.queueCreateInfoCount = 1;
    device.pQueueCreateInfos = &queue;
    device.enabledExtensionCount = 1;
    device.ppEnabledExtensionNames = &extension;
    ASSERT_VK(vkCreateDevice(physical_, &device, nullptr, &device_));
    vkGetDeviceQueue(device_, 0, 0, &queue_);
    VkCommandPoolCreateInfo pool = {VK_STRUCTURE_TYPE_COMMAND_POOL_CREATE_INFO};
    ASSERT_VK(vkCreateCommandPool(device_, &pool, nullptr, &pool_));
  }

  struct Buffer {
    VkBuffer buffer = nullptr;
    VkDeviceMemory memory = nullptr;
    VkDeviceSize bytes = 0;  // of the memory
  };
  void Create(Buffer& out, bool is_exported) {
    VkExternalMemoryBufferCreateInfo external = {VK_STRUCTURE_TYPE_EXTERNAL_MEMORY_BUFFER_CREATE_INFO};
    external.handleTypes = kOpaque;
    VkBufferCreateInfo buffer = {VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO};
    buffer.pNext = is_exported ? &external : nullptr;
    buffer.size = kBytes;
    buffer.usage = kUsage;
    ASSERT_VK(vkCreateBuffer(device_, &buffer, nullptr, &out.buffer));
    VkMemoryRequirements requirements = {};
    vkGetBufferMemoryRequirements(device_, out.buffer, &requirements);
    out.bytes = requirements.size;
    VkExportMemoryAllocateInfo exported = {VK_STRUCTURE_TYPE_EXPORT_MEMORY_ALLOCATE_INFO};
    exported.handleTypes = kOpaque;
    VkMemoryAllocateInfo memory = {VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO};
    memory.pNext = is_exported ? &exported : nullptr;
    memory.allocationSize = requirements.size;
    memory.memoryTypeIndex = static_cast<uint32_t>(__builtin_ctz(requirements.memoryTypeBits));
    ASSERT_VK(vkAllocateMemory(device_, &memory, nullptr, &out.memory));
    ASSERT_VK(vkBindBufferMemory(device_, out.buffer, out.memory, 0));
  }
  void Destroy(const Buffer& buffer) {
    vkDestroyBuffer(device_, buffer.buffer, nullptr);
    vkFreeMemory(device_, buffer.memory, nullptr);
  }
  // Does what `record` records, to its end.
  template <typename Record>
  void Run(Record record) {
    VkCommandBufferAllocateInfo allocate = {VK_STRUCTURE_TYPE_COMMAND_BUFFER_ALLOCATE_INFO};
    allocate.commandPool = pool_;
    allocate.commandBufferCount = 1;
    VkCommandBuffer commands = nullptr;
    ASSERT_VK(vkAllocateCommandBuffers(device_, &allocate, &commands));
    VkCommandBufferBeginInfo begin = {VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO};
    ASSERT_VK(vkBeginCommandBuffer(commands, &begin));
    record(commands);
    ASSERT_VK(vkEndCommandBuffer(commands));
    VkSubmitInfo submit = {VK_STRUCTURE_TYPE_SUBMIT_INFO};
    submit.commandBufferCount = 1;
    submit.pCommandBuffers = &commands;
    ASSERT_VK(vkQueueSubmit(queue_, 1, &submit, nullptr));
    ASSERT_VK(vkQueueWaitIdle(queue_));
  }
  void Import(const Buffer& buffer, CUexternalMemory* memory) {
    const auto get = reinterpret_cast<PFN_vkGetMemoryFdKHR>(vkGetDeviceProcAddr(device_, "vkGetMemoryFdKHR"));
    VkMemoryGetFdInfoKHR info = {VK_STRUCTURE_TYPE_MEMORY_GET_FD_INFO_KHR};
    info.memory = buffer.memory;
    info.handleType = kOpaque;
    CUDA_EXTERNAL_MEMORY_HANDLE_DESC description = {};
    description.type = CU_EXTERNAL_MEMORY_HANDLE_TYPE_OPAQUE_FD;
    description.size = buffer.bytes;
    ASSERT_VK(get(device_, &info, &description.handle.fd));
    ASSERT_OK(cuImportExternalMemory(memory, &description));
  }

  static constexpr VkBufferUsageFlags kUsage =
      VK_BUFFER_USAGE_TRANSFER_SRC_BIT | VK_BUFFER_USAGE_TRANSFER_DST_BIT;
  VkInstance instance_ = nullptr;
  VkPhysicalDevice physical_ = nullptr;
  VkDevice device_ = nullptr;
  VkQueue queue_ = nullptr;
  VkCommandPool pool_ = nullptr;
};

TEST_F(VulkanMemory, AKernelGoesOnWhereVulkanStopped) {
  Buffer shared, result;
  Create(shared, true);
  Create(result, false);
  ASSERT_FALSE(HasFatalFailure());
  Run([&](VkCommandBuffer commands) { vkCmdFillBuffer(commands, shared.buffer, 0, kBytes, 1000); });

  CUexternalMemory memory = nullptr;
  Import(shared, &memory);
  ASSERT_FALSE(HasFatalFailure());
  CUDA_EXTERNAL_MEMORY_BUFFER_DESC description = {};
  description.size = kBytes;
  CUdeviceptr words = 0;
  ASSERT_OK(cuExternalMemoryGetMappedBuffer(&words, memory, &description));
  std::vector<unsigned> seen(kWords);
  ASSERT_OK(cuMemcpyDtoH(seen.data(), words, kBytes));
  EXPECT_EQ(seen.front(), 1000u);
  EXPECT_EQ(seen.back(), 1000u);

  CUmodule module = nullptr;
  CUfunction increment = nullptr;
  ASSERT_OK(cuModuleLoadData(&module, kModule));
  ASSERT_OK(cuModuleGetFunction(&increment, module, "increment"));
  unsigned count = kWords;
  void* arguments[] = {&words, &count};
  ASSERT_OK(cuLaunchKernel(increment, (count + 255) / 256, 1, 1, 256, 1, 1, 0, nullptr, arguments, nullptr));
  ASSERT_OK(cuCtxSynchronize());

  Run([&](VkCommandBuffer commands) {
    const VkBufferCopy region = {0, 0, kBytes};
    vkCmdCopyBuffer(commands, shared.buffer, result.buffer, 1, &region);
  });
  void* mapped = nullptr;
  ASSERT_VK(vkMapMemory(device_, result.memory, 0, VK_WHOLE_SIZE, 0, &mapped));
  const auto* const copied = static_cast<const unsigned*>(mapped);
  for (unsigned i = 0; i < kWords; ++i) ASSERT_EQ(copied[i], 1000 + i);

  ASSERT_OK(cuMemFree(words));
  ASSERT_OK(cuDestroyExternalMemory(memory));
  Destroy(shared);
  Destroy(result);
}

TEST_F(VulkanMemory, OutlivesVulkansOwnHandle) {
  Buffer shared;
  Create(shared, true);
  ASSERT_FALSE(HasFatalFailure());
  Run([&](VkCommandBuffer commands) { vkCmdFillBuffer(commands, shared.buffer, 0, kBytes, 77); });
  CUexternalMemory memory = nullptr;
  Import(shared, &memory);
  ASSERT_FALSE(HasFatalFailure());
  Destroy(shared);
  CUDA_EXTERNAL_MEMORY_BUFFER_DESC description = {};
  description.offset = kBytes - 64;
  description.size = 64;
  CUdeviceptr last = 0;
  ASSERT_OK(cuExternalMemoryGetMappedBuffer(&last, memory, &description));
  unsigned value = 0;
  ASSERT_OK(cuMemcpyDtoH(&value, last + 60, 4));
  EXPECT_EQ(value, 77u);
}

}  // namespace
