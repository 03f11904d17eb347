import type { Addresses, Pods } from '../network/connection';

/** A path to open. `PathPrefix` matches whole segments: `/v1` opens `/v1/models`, not `/v10`. */
export interface PublicPath {
  readonly type: 'Exact' | 'PathPrefix';
  /** Begins with `/`. */
  readonly path: string;
}

/** The Service that answers. */
export interface RouteBackend {
  /** Name of the Service, in the route's namespace. */
  readonly service: string;
  /** Port of the Service. */
  readonly port: number;
  /** Port of its pods, for load balancers that probe them. @default `port` */
  readonly targetPort?: number;
  /** Path that says 200 while a pod takes new work. @default the runtime's readiness path */
  readonly healthPath?: string;
  /**
   * Seconds for which a leaving pod still answers: its preStop sleep and its drain. Load balancers let standing
   * requests go on for as long. @default the runtime's preStop and drain, 30
   */
  readonly drainSeconds?: number;
}

/**
 * What keeps a client on one pod. The runtime answers on any pod, so there it only keeps caches warm; applications
 * that hold sessions in memory depend on it, and lose them with the pod.
 */
export interface Affinity {
  /** A cookie that the proxy sets, a request header that clients send, or neither. @default `cookie` */
  readonly by: 'cookie' | 'header' | 'off';
  /**
   * Name of the cookie or header. ALB and GKE name their cookies themselves, and know no header.
   * @default `polypod-session`
   */
  readonly name?: string;
  /** Seconds for which a cookie holds. @default 3600 */
  readonly ttlSeconds?: number;
}

/** How long a route waits for an answer, and for the next byte of one. */
export interface RouteTimeouts {
  /** Seconds from a request to the last byte of its stream; 0 is without limit, where the proxy can. @default 3600 */
  readonly requestSeconds?: number;
  /** Seconds of silence after which a stream or WebSocket is cut. @default 3600; on Azure 300, which can't be set */
  readonly idleSeconds?: number;
}

/** A certificate in a Secret of the route's namespace. */
export interface SecretTls {
  /** Name of the Secret of type `kubernetes.io/tls`. */
  readonly secretName: string;
  /** cert-manager's ClusterIssuer that fills it. @default it is filled already */
  readonly clusterIssuer?: string;
  /** cert-manager's Issuer that fills it, in the route's namespace. @default it is filled already */
  readonly issuer?: string;
}

/** Plain HTTP, said on purpose. */
export interface Unencrypted {
  /** Why prompts and tokens may be read on the way. */
  readonly unencrypted: string;
}

/** A Gateway that is there already. It must allow routes from this namespace, and it has the certificates. */
export interface ParentGateway {
  readonly name: string;
  /** @default the route's namespace */
  readonly namespace?: string;
  /** Its HTTPS listener. @default every listener that fits, plain HTTP ones included: there is a warning */
  readonly sectionName?: string;
}

/** Gateway API, with Envoy Gateway's policies. */
export interface GatewayApiProvider {
  readonly type: 'gateway-api';
  /**
   * A Gateway that is there. Its owner's ClientTrafficPolicy then decides when silence cuts a stream; without one
   * Envoy Gateway waits as long as for the whole request, an hour at least.
   * @default a Gateway is made, which costs one load balancer
   */
  readonly gateway?: ParentGateway;
  /** GatewayClass of a Gateway made here. @default `envoy` */
  readonly className?: string;
  /** Certificate of a Gateway made here. @default none, which a public host must not have */
  readonly tls?: SecretTls | Unencrypted;
  /**
   * Who implements the Gateway. Affinity and idle timeouts are not in Gateway API's stable part: with `other`,
   * affinity must be `off`, and the implementation's own idle timeout holds. @default `envoy-gateway`
   */
  readonly implementation?: 'envoy-gateway' | 'other';
  /** Streams and connections that one proxy may hold open to the pods. Envoy's own 1024 is soon reached. @default 10000 */
  readonly maxStreams?: number;
  /** The proxies, for network policies. @default every pod of `envoy-gateway-system` */
  readonly from?: Pods;
}

/**
 * Application Load Balancer, by the AWS Load Balancer Controller, straight to the pods' addresses. Label the
 * namespace `elbv2.k8s.aws/pod-readiness-gate-inject: enabled`, so that a rollout waits for the targets' health.
 */
export interface AwsAlbProvider {
  readonly type: 'aws-alb';
  /** @default `internet-facing` */
  readonly scheme?: 'internet-facing' | 'internal';
  /** Certificates in ACM; `discover` finds them by the hosts. @default none, which a public host must not have */
  readonly tls?: { readonly certificateArns: readonly string[] } | 'discover' | Unencrypted;
  /** IngressClass. @default `alb` */
  readonly className?: string;
  /** Addresses that may come in. @default all */
  readonly inboundCidrs?: readonly string[];
  /** ARN of a WAFv2 ACL. @default none */
  readonly wafAclArn?: string;
  /** The load balancer's subnets, for network policies. @default not known: `clients` throws */
  readonly loadBalancerCidrs?: readonly string[];
}

/** GKE's Gateway controller, with Google's policies. */
export interface GkeProvider {
  readonly type: 'gke';
  /** @default a Gateway is made, which costs one load balancer */
  readonly gateway?: ParentGateway;
  /** GatewayClass of a Gateway made here. `gke-l7-rilb` is internal. @default `gke-l7-global-external-managed` */
  readonly className?: string;
  /** Certificate, or the name of a Certificate Manager map. @default none, which a public host must not have */
  readonly tls?: SecretTls | { readonly certificateMap: string } | Unencrypted;
  /**
   * Proxies and health checks, for network policies. Regional and internal classes send requests from the network's
   * proxy-only subnet: name it beside Google's. @default Google's, 130.211.0.0/22 and 35.191.0.0/16
   */
  readonly loadBalancerCidrs?: readonly string[];
}

/** Azure's Application Gateway for Containers, by its ALB controller. */
export interface AzureAgcProvider {
  readonly type: 'azure-agc';
  /** @default a Gateway is made */
  readonly gateway?: ParentGateway;
  /** The ApplicationLoadBalancer object, or the resource and frontend in Azure. Needed where a Gateway is made. */
  readonly applicationLoadBalancer?:
    | { readonly name: string; readonly namespace: string }
    | { readonly resourceId: string; readonly frontend: string };
  /** Certificate of a Gateway made here. @default none, which a public host must not have */
  readonly tls?: SecretTls | Unencrypted;
  /** The association's subnet, for network policies. @default not known: `clients` throws */
  readonly loadBalancerCidrs?: readonly string[];
}

/** Legacy: ingress-nginx was retired in March 2026 and gets no security fixes. */
export interface NginxIngressProvider {
  readonly type: 'nginx-ingress';
  /** IngressClass. @default `nginx` */
  readonly className?: string;
  readonly tls?: SecretTls | Unencrypted;
  /** Why it is still in use. Without it `lifecycle/retired` stops the synth. */
  readonly reason?: string;
  /** The controller, for network policies. @default every pod of `ingress-nginx` */
  readonly from?: Pods;
}

/** What brings requests from outside to the pods, with its own options. */
export type TrafficProvider =
  | GatewayApiProvider
  | AwsAlbProvider
  | GkeProvider
  | AzureAgcProvider
  | NginxIngressProvider;

/** Who sends requests to the pods: the proxies' pods, or the load balancer's addresses. */
export type TrafficClient = Pods | Addresses;
