import { isPublicHost } from '../../../constructs/kubernetes/traffic/problems';
import { problem, type SystemCheck } from './check';

/** A public host without TLS: tokens and conversations in clear text. */
export const publicHostsEncrypted: SystemCheck = {
  reads: ['traffic', 'allow'],
  *check({ traffic, allow }) {
    if (traffic.type === 'none' || allow['plain-http'] !== undefined) return;
    const encrypted =
      traffic.type === 'aws-alb'
        ? traffic.certificateArn !== undefined
        : traffic.tls !== undefined || (traffic.type === 'gke' && traffic.certificateMap !== undefined);
    const internal = traffic.type === 'aws-alb' && traffic.scheme === 'internal';
    // Where a Gateway exists already, its listeners hold the certificates.
    const elsewhere = 'gateway' in traffic && traffic.gateway !== undefined;
    if (encrypted || internal || elsewhere) return;
    for (const [index, host] of traffic.hosts.entries()) {
      if (!isPublicHost(host)) continue;
      const field = traffic.type === 'aws-alb' ? 'traffic.certificateArn' : 'traffic.tls';
      const reason = 'is public, and without TLS tokens and conversations travel in clear text';
      yield problem(
        `traffic.hosts[${index}]`,
        host,
        reason,
        `add ${field}, or say in allow.plain-http why it will do`,
      );
    }
  },
};

/** A host twice in one list. */
export const hostsDiffer: SystemCheck = {
  reads: ['traffic'],
  *check({ traffic }) {
    if (traffic.type === 'none') return;
    for (const [index, host] of traffic.hosts.entries()) {
      if (traffic.hosts.indexOf(host) === index) continue;
      yield problem(`traffic.hosts[${index}]`, host, 'stands twice', 'take one of them out');
    }
  },
};

/** Longest silence that an Application Load Balancer allows, in seconds. AWS: "Connection idle timeout". */
const ALB_IDLE = 4000;
/** What each load balancer can't do. */
export const loadBalancerCan: SystemCheck = {
  reads: ['traffic'],
  *check({ traffic }) {
    if (traffic.type === 'none') return;
    const { affinity, timeouts, type } = traffic;
    if (affinity.by === 'header' && type !== 'gateway-api' && type !== 'nginx-ingress') {
      const reason = `is not what ${type} can keep clients by`;
      yield problem('traffic.affinity.by', affinity.by, reason, 'write cookie, or off');
    }
    if (type === 'aws-alb' && timeouts.idle.seconds > ALB_IDLE) {
      const reason = `is more than an Application Load Balancer allows, ${ALB_IDLE}s`;
      yield problem(
        'traffic.timeouts.idle',
        timeouts.idle.text,
        reason,
        `write at most ${ALB_IDLE}s; keep-alive comments bridge longer silence`,
      );
    }
    if (type === 'gke' && traffic.tls !== undefined && traffic.certificateMap !== undefined) {
      yield problem(
        'traffic.certificateMap',
        traffic.certificateMap,
        'stands beside tls',
        'keep one of the two',
      );
    }
    if (
      type === 'azure-agc' &&
      traffic.gateway === undefined &&
      traffic.applicationLoadBalancer === undefined
    ) {
      const reason = 'is missing: the Gateway that is made needs a load balancer';
      yield problem(
        'traffic.applicationLoadBalancer',
        undefined,
        reason,
        'name the ApplicationLoadBalancer object, or an existing gateway',
      );
    }
    if (
      'gateway' in traffic &&
      traffic.gateway !== undefined &&
      'tls' in traffic &&
      traffic.tls !== undefined
    ) {
      const reason = 'has no effect with an existing Gateway, whose listeners hold the certificates';
      yield problem('traffic.tls', undefined, reason, 'take it out, or take gateway out to make one');
    }
  },
};
