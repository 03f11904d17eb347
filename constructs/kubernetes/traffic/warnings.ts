import { AGC_STREAM_IDLE_SECONDS } from './azure-agc';
import type { TrafficProvider } from './props';
import type { Route } from './route';

/** What works, yet whoever runs it should know. */
export function trafficWarnings(route: Route, provider: TrafficProvider): string[] {
  const warnings: string[] = [];
  if (provider.type === 'nginx-ingress') {
    warnings.push(
      'ingress-nginx was retired in March 2026 and gets no security fixes since: move to Gateway API (type: gateway-api)',
    );
  }
  if ('gateway' in provider && provider.gateway !== undefined && provider.gateway.sectionName === undefined) {
    warnings.push(
      `the route attaches to every listener of Gateway ${provider.gateway.name}, plain HTTP ones included: name its HTTPS listener in sectionName`,
    );
  }
  if (typeof provider.tls === 'object' && 'unencrypted' in provider.tls) {
    warnings.push(`${route.hosts.join(', ')} is served without TLS: ${provider.tls.unencrypted}`);
  }
  if (provider.type === 'azure-agc' && route.timeouts.idleSeconds > AGC_STREAM_IDLE_SECONDS) {
    warnings.push(
      `Application Gateway for Containers cuts a stream after ${AGC_STREAM_IDLE_SECONDS} s of silence, whatever timeouts.idleSeconds says: send keep-alives more often`,
    );
  }
  if (
    provider.type === 'gke' &&
    provider.className !== undefined &&
    provider.loadBalancerCidrs === undefined
  ) {
    if (!provider.className.includes('global')) {
      warnings.push(
        `${provider.className} sends requests from the proxy-only subnet: network policies must let it in, by loadBalancerCidrs`,
      );
    }
  }
  return warnings;
}
