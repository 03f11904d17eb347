import type { Ingress } from 'kubernetes-types/networking/v1';
import { ingressRules } from './ingress-rules';
import type { AwsAlbProvider } from './props';
import { metadata, type Route, type TrafficManifests } from './route';

/**
 * An Ingress for the AWS Load Balancer Controller, which every release of it reads; its Gateway API support is young.
 */
export function awsAlbManifests(route: Route, provider: AwsAlbProvider): TrafficManifests {
  return {
    ingress: {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'Ingress',
      metadata: metadata(route, route.name, annotationsOf(route, provider)),
      spec: { ingressClassName: provider.className ?? 'alb', rules: ingressRules(route) },
    } satisfies Ingress,
  };
}

function annotationsOf(route: Route, provider: AwsAlbProvider): Record<string, string> {
  const { scheme = 'internet-facing', tls, inboundCidrs, wafAclArn } = provider;
  const { affinity, backend, timeouts } = route;
  const encrypted = tls === 'discover' || (typeof tls === 'object' && 'certificateArns' in tls);
  const settings: Record<string, string | undefined> = {
    scheme,
    // Stickiness and deregistration need the pods themselves as targets, not the nodes.
    'target-type': 'ip',
    'listen-ports': encrypted ? '[{"HTTP":80},{"HTTPS":443}]' : '[{"HTTP":80}]',
    'ssl-redirect': encrypted ? '443' : undefined,
    'ssl-policy': encrypted ? 'ELBSecurityPolicy-TLS13-1-2-2021-06' : undefined,
    'certificate-arn':
      typeof tls === 'object' && 'certificateArns' in tls ? tls.certificateArns.join(',') : undefined,
    'inbound-cidrs': inboundCidrs?.join(','),
    'wafv2-acl-arn': wafAclArn,
    'load-balancer-attributes': attributes({
      'idle_timeout.timeout_seconds': timeouts.idleSeconds,
      'routing.http.drop_invalid_header_fields.enabled': true,
    }),
    'target-group-attributes': attributes({
      // As long as a leaving pod answers: shorter cuts streams that it would hand over, longer only delays rollouts.
      'deregistration_delay.timeout_seconds': backend.drainSeconds,
      'load_balancing.algorithm.type': 'least_outstanding_requests',
      'stickiness.enabled': affinity.by === 'cookie',
      ...(affinity.by === 'cookie'
        ? { 'stickiness.type': 'lb_cookie', 'stickiness.lb_cookie.duration_seconds': affinity.ttlSeconds }
        : {}),
    }),
    'healthcheck-path': backend.healthPath,
    'healthcheck-interval-seconds': '10',
    'healthcheck-timeout-seconds': '5',
    'healthy-threshold-count': '2',
    'unhealthy-threshold-count': '2',
    'success-codes': '200',
  };
  return Object.fromEntries(
    Object.entries(settings).flatMap(([key, value]) =>
      value === undefined ? [] : [[`alb.ingress.kubernetes.io/${key}`, value]],
    ),
  );
}

function attributes(values: Readonly<Record<string, string | number | boolean>>): string {
  return Object.entries(values)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
}
