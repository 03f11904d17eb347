/**
 * Programs whose work is the whole cluster: they watch every namespace, or manage what belongs to none. Each by the
 * repository of its image; sources are their own charts and install manifests.
 */
const TOOLS = new RegExp(
  `(?:^|/)(?:${[
    'argocd|argo-rollouts|workflow-controller|argocli|argoproj/argo[a-z-]*',
    'prometheus|prometheus-operator|kube-state-metrics|prometheus-adapter(?:-amd64)?|node-exporter|alloy|promtail',
    'metrics-server|metrics-scraper|kubernetesui/.*|headlamp-k8s/headlamp',
    'ingress-nginx/.*|nginx-ingress|nginx-ingress-controller|traefik|kong/.*|kubernetes-ingress|haproxy-ingress',
    'projectcontour/.*|envoyproxy/gateway|istio/.*|pilot|proxyv2|install-cni|ztunnel|cilium/.*|calico/.*|metallb/.*|coredns',
    'cert-manager-.*|jetstack/.*|external-dns|external-secrets|sealed-secrets-controller|vault-k8s',
    'kedacore/.*|keda|keda-.*|knative-releases/.*|kserve/.*|kuberay/.*|kueue/kueue|lws/lws|jobset/jobset',
    'kyverno/.*|openpolicyagent/gatekeeper|velero/velero|fluxcd/.*|crossplane/crossplane|rancher/.*',
    'cluster-autoscaler|autoscaling/.*|karpenter/.*|descheduler/.*|gpu-operator|k8s-device-plugin',
    'node-feature-discovery|dcgm-exporter|fluent-bit|fluentd|fluentd-kubernetes-daemonset|timberio/vector',
    'beats/.*|elastic-agent|datadog/.*|opentelemetry-collector.*|opentelemetry-operator/.*',
    'kiali/.*|falcosecurity/.*|trivy-operator|opencost|kubecost.*|reloader|kubernetes-reflector|kube-rbac-proxy',
    'volcanosh/.*|yunikorn.*|spark-operator.*|sig-storage/.*|.*-csi-driver|longhornio/.*|rook/.*|minio/operator',
    'aws-load-balancer-controller|tektoncd/.*|tekton-releases/.*|strimzi/.*',
  ].join('|')})$`,
);
/** What programs of this sort call themselves, and their accounts. */
const NAMES =
  /(?:^|[-_./])(?:operator|controller(?:-manager)?|cainjector|admission|provisioner|autoscaler|scheduler|kube-[a-z-]+|cert-manager|istiod?(?:-[a-z-]+)?|argocd-[a-z-]+|external-dns|external-secrets)(?:$|[-_./\d])/;

/** Whether an image is that of a well-known program for whole clusters. */
export function isClusterTool(repository: string): boolean {
  return TOOLS.test(repository);
}

/** Whether the name of a workload or of an image says that it is a controller. */
export function isNamedController(name: string): boolean {
  return NAMES.test(name);
}
