import { entryOf, isObject, listAt, textAt } from '../json';
import type { KubernetesObject } from '../kubernetes-object';

/**
 * Annotations by which a load balancer is reached from the private network only. Sources:
 * https://kubernetes.io/docs/concepts/services-networking/service/#internal-load-balancer,
 * https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/ingress/annotations/#scheme,
 * https://cloud.google.com/kubernetes-engine/docs/how-to/internal-load-balance-ingress,
 * https://azure.github.io/application-gateway-kubernetes-ingress/annotations/#use-private-ip.
 */
const PRIVATE: Readonly<Record<string, RegExp>> = {
  'service.beta.kubernetes.io/aws-load-balancer-internal': /^(?:true|0\.0\.0\.0\/0)$/i,
  'service.beta.kubernetes.io/aws-load-balancer-scheme': /^internal$/i,
  'service.beta.kubernetes.io/azure-load-balancer-internal': /^true$/i,
  'service.beta.kubernetes.io/openstack-internal-load-balancer': /^true$/i,
  'service.beta.kubernetes.io/oci-load-balancer-internal': /^true$/i,
  'service.kubernetes.io/qcloud-loadbalancer-internal-subnetid': /./,
  'networking.gke.io/load-balancer-type': /^internal$/i,
  'cloud.google.com/load-balancer-type': /^internal$/i,
  'alb.ingress.kubernetes.io/scheme': /^internal$/i,
  'appgw.ingress.kubernetes.io/use-private-ip': /^true$/i,
};
/** Annotations by which an Ingress lets in only some addresses, or only who has logged in. */
const GUARDED =
  /(?:^|\/)(?:whitelist-source-range|allowlist-source-range|auth-url|auth-type|auth-tls-secret|inbound-cidrs|auth-signin)$/;

/** Whether a load balancer, Ingress or Gateway is open to a private network only, or to chosen addresses. */
export function isPrivateEntrance({ annotations, manifest }: KubernetesObject): boolean {
  const own = Object.entries(annotations);
  if (own.some(([name, value]) => entryOf(PRIVATE, name)?.test(value))) return true;
  if (own.some(([name, value]) => GUARDED.test(name) && value !== '' && !value.includes('0.0.0.0/0')))
    return true;
  const ranges = listAt(isObject(manifest.spec) ? manifest.spec : {}, 'loadBalancerSourceRanges');
  if (ranges.length > 0 && !ranges.includes('0.0.0.0/0') && !ranges.includes('::/0')) return true;
  const ingressClass =
    textAt(manifest, 'spec', 'ingressClassName') ?? annotations['kubernetes.io/ingress.class'] ?? '';
  return /(?:^|[-_.])(?:internal|private)(?:$|[-_.])/.test(ingressClass);
}
