/**
 * Labels that pods get only when they run, so that no template has them: from Kubernetes' controllers, from operators,
 * and from the applications themselves, which mark their leader.
 *
 * Sources: https://kubernetes.io/docs/reference/labels-annotations-taints/,
 * https://patroni.readthedocs.io/en/latest/kubernetes.html, https://developer.hashicorp.com/vault/docs/configuration/service-registration/kubernetes,
 * https://argo-rollouts.readthedocs.io/en/stable/features/traffic-management/, https://cloudnative-pg.io/documentation/current/labels_annotations/.
 */
const SET_BY_CONTROLLERS: readonly (readonly [label: RegExp, kinds: RegExp])[] = [
  [/^(?:statefulset\.kubernetes\.io\/pod-name|apps\.kubernetes\.io\/pod-index)$/, /^StatefulSet$/],
  [/^controller-revision-hash$/, /Set$/],
  [/^(?:pod-template-hash|rollouts-pod-template-hash)$/, /^(?:Deployment|ReplicaSet|Rollout)$/],
  [/^(?:job-name|controller-uid|batch\.kubernetes\.io\/.+)$/, /Job$/],
  [/^leaderworkerset\.sigs\.k8s\.io\/.+$/, /^LeaderWorkerSet$/],
  [/^(?:ray\.io\/.+|app\.kubernetes\.io\/created-by)$/, /^Ray/],
];
const LEADERSHIP =
  /^(?:[\w.-]*\/)?(?:[\w-]*[-_.])?(?:role|instanceRole)$|^(?:vault|openbao)-(?:active|initialized|perf-standby|sealed|version)$/;
const LEADER = /^(?:master|primary|leader|active|replica|slave|standby|secondary|follower|true|false)$/i;

/** Whether pods of a kind may get this label when they run. @param kind any, if not given */
export function isSetAtRunTime(key: string, values: readonly string[], kind?: string): boolean {
  if (LEADERSHIP.test(key)) return values.every((value) => LEADER.test(value));
  return SET_BY_CONTROLLERS.some(
    ([label, kinds]) => label.test(key) && (kind === undefined || kinds.test(kind)),
  );
}

/**
 * Labels of pods that a controller outside the input makes from other things than its own resources in it: a
 * Gateway's proxies, notebooks, tasks of a workflow, solvers of certificate challenges.
 *
 * Sources: https://gateway-api.sigs.k8s.io/geps/gep-1762/, https://z2jh.jupyter.org/en/stable/administrator/security.html,
 * https://cert-manager.io/docs/configuration/acme/http01/, https://argo-workflows.readthedocs.io/en/latest/fields/,
 * https://tekton.dev/docs/pipelines/labels/, https://spark.apache.org/docs/latest/running-on-kubernetes.html,
 * https://airflow.apache.org/docs/apache-airflow-providers-cncf-kubernetes/stable/kubernetes_executor.html.
 */
const OF_OTHERS =
  /^(?:gateway\.networking\.k8s\.io|gateway\.envoyproxy\.io|gateway\.istio\.io|acme\.cert-manager\.io|hub\.jupyter\.org|workflows\.argoproj\.io|tekton\.dev|triggers\.tekton\.dev|serving\.kserve\.io|serving\.knative\.dev|operator\.knative\.dev|actions\.github\.com|dask\.org|training\.kubeflow\.org|spark-role|spark-app-selector|kubernetes_executor|airflow-worker|dag_id)(?:\/|$)/;
const NOTEBOOKS = ['singleuser-server', 'singleuser'];

/** Whether a label is one of pods that something outside the input makes. */
export function isOfOthers(key: string, values: readonly string[]): boolean {
  return OF_OTHERS.test(key) || values.some((value) => NOTEBOOKS.includes(value));
}

/** Custom resources from which no controller makes pods, whatever their name: the objects around a workload. */
const WITHOUT_PODS = new Set([
  'ServiceMonitor',
  'PodMonitor',
  'Probe',
  'PrometheusRule',
  'AlertmanagerConfig',
  'ScrapeConfig',
  'Certificate',
  'CertificateRequest',
  'Issuer',
  'ClusterIssuer',
  'ExternalSecret',
  'PushSecret',
  'SecretStore',
  'SealedSecret',
  'VaultStaticSecret',
  'SecretProviderClass',
  'ScaledObject',
  'TriggerAuthentication',
  'HTTPScaledObject',
  'InferencePool',
  'InferenceModel',
  'InferenceObjective',
  'VirtualService',
  'DestinationRule',
  'ServiceEntry',
  'Sidecar',
  'EnvoyFilter',
  'AuthorizationPolicy',
  'PeerAuthentication',
  'RequestAuthentication',
  'Telemetry',
  'IngressRoute',
  'IngressRouteTCP',
  'IngressRouteUDP',
  'Middleware',
  'TLSOption',
  'HTTPProxy',
  'BackendConfig',
  'FrontendConfig',
  'ManagedCertificate',
  'GCPBackendPolicy',
  'HealthCheckPolicy',
  'TargetGroupBinding',
  'BackendTrafficPolicy',
  'ClientTrafficPolicy',
  'SecurityPolicy',
  'RoutePolicy',
  'CiliumNetworkPolicy',
  'NetworkPolicy',
  'Route',
  'Application',
  'Rollout',
  'AnalysisTemplate',
  'LeaderWorkerSet',
  'Schedule',
  'ServiceProfile',
  'KongPlugin',
  'KongConsumer',
  'KongIngress',
  'GrafanaDashboard',
]);

export function makesNoPods(kind: string): boolean {
  return WITHOUT_PODS.has(kind);
}
