/**
 * Extended resources of which a pod takes whole devices, that no other pod can have meanwhile.
 *
 * Sources: https://kubernetes.io/docs/tasks/manage-gpus/scheduling-gpus/, https://github.com/NVIDIA/k8s-device-plugin
 * (`nvidia.com/gpu.shared` is a share of one), https://docs.habana.ai/en/latest/Orchestration/, https://intel.github.io/intel-device-plugins-for-kubernetes/,
 * https://awsdocs-neuron.readthedocs-hosted.com/en/latest/containers/kubernetes-getting-started.html,
 * https://cloud.google.com/kubernetes-engine/docs/how-to/tpus.
 */
const DEVICE =
  /^(?:nvidia\.com\/(?:gpu|mig-[\w.]+)|amd\.com\/gpu|gpu\.intel\.com\/(?:i915|xe)|habana\.ai\/gaudi|aws\.amazon\.com\/neuron(?:core|device)?|google\.com\/tpu|huawei\.com\/\w*ascend\w*|rocm\.amd\.com\/gpu)$/i;

export function isDevice(resource: string): boolean {
  return DEVICE.test(resource);
}
