import { type InferenceCheck, problem } from './check';

/** A limit for each client, where all clients have the balancer's address. */
export const addressesAreKnown: InferenceCheck = {
  reads: ['runtime.limits', 'traffic', 'network.isolation'],
  *check({ runtime, traffic, network }) {
    const { perAddress } = runtime.limits?.requestsPerMinute ?? {};
    if (perAddress === undefined || traffic.type === 'none' || 'loadBalancerCidrs' in traffic) return;
    if (network.isolation) return;
    const reason =
      'is one limit for all clients together: without isolation nobody is believed who says for whom he asks, so all have the address of the proxy';
    const mend = 'leave network.isolation on, or take it out and limit by perKey';
    yield problem('runtime.limits.requestsPerMinute.perAddress', perAddress, reason, mend);
  },
};
