import type { SecretTls, TrafficProvider, Unencrypted } from '../../constructs/kubernetes';
import type { SystemSettings, TrafficSettings } from '../topology';

type PublicTraffic = Exclude<TrafficSettings, { type: 'none' }>;

/** What stands before the cluster, as the topology says it. */
export function trafficProvider(traffic: PublicTraffic, allow: SystemSettings['allow']): TrafficProvider {
  const plain: Unencrypted | undefined =
    allow['plain-http'] === undefined ? undefined : { unencrypted: allow['plain-http'] };
  switch (traffic.type) {
    case 'gateway-api':
      return {
        type: traffic.type,
        gateway: traffic.gateway,
        className: traffic.className,
        tls: tls(traffic.tls) ?? plain,
        from: traffic.from,
      };
    case 'aws-alb':
      return {
        type: traffic.type,
        scheme: traffic.scheme,
        tls: traffic.certificateArn ? { certificateArns: [traffic.certificateArn] } : plain,
        loadBalancerCidrs: traffic.loadBalancerCidrs,
      };
    case 'gke':
      return {
        type: traffic.type,
        gateway: traffic.gateway,
        className: traffic.className,
        tls: traffic.certificateMap
          ? { certificateMap: traffic.certificateMap }
          : (tls(traffic.tls) ?? plain),
        loadBalancerCidrs: traffic.loadBalancerCidrs,
      };
    case 'azure-agc':
      return {
        type: traffic.type,
        gateway: traffic.gateway,
        applicationLoadBalancer: traffic.applicationLoadBalancer,
        tls: tls(traffic.tls) ?? plain,
        loadBalancerCidrs: traffic.loadBalancerCidrs,
      };
    case 'nginx-ingress':
      return {
        type: traffic.type,
        className: traffic.className,
        tls: tls(traffic.tls) ?? plain,
        reason: allow['retired-service'],
        from: traffic.from,
      };
  }
}

function tls(secret: { secretName: string; clusterIssuer?: string } | undefined): SecretTls | undefined {
  return secret;
}
