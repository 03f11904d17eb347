import * as z from 'zod';
import { cidr, dnsLabel, dnsSubdomain, duration, labels, map, routeHost, someText, text } from './fields';

const hosts = z.array(routeHost()).min(1).describe('Host names that clients use.');

const affinity = map({
  by: z
    .enum(['cookie', 'header', 'off'])
    .default('cookie')
    .describe('What keeps a client on one pod. Any pod can answer; this only keeps its caches warm.'),
  name: someText().default('polypod-session').describe('Name of the cookie or header.'),
  ttl: duration().prefault('1h').describe('How long a cookie holds.'),
})
  .prefault({})
  .describe('Session affinity.');

const timeouts = map({
  request: duration().prefault('1h').describe('Longest stream, from its first byte to its last.'),
  idle: duration().prefault('1h').describe('Longest silence on a connection.'),
})
  .prefault({})
  .describe('Streams are long; the usual 60 seconds cut them.');

const secretTls = map({
  secretName: dnsSubdomain().describe('TLS Secret with certificate and key.'),
  clusterIssuer: dnsSubdomain()
    .optional()
    .describe('cert-manager ClusterIssuer that fills it. Default: it is filled already.'),
})
  .optional()
  .describe('Certificate. Without it the hosts are served unencrypted, which public ones must not be.');

const from = map({
  namespace: dnsLabel().describe('Namespace of the proxy, by its kubernetes.io/metadata.name.'),
  podLabels: labels().optional().describe('Labels of the proxy. Default: every pod of the namespace.'),
}).describe('The proxies that reach the pods.');

const loadBalancerCidrs = z
  .array(cidr())
  .min(1)
  .describe("Addresses that the load balancer's requests come from: its subnets.");

const parent = map({
  name: dnsSubdomain().describe('Name of the Gateway.'),
  namespace: dnsLabel().optional().describe("Its namespace. Default: the topology's own."),
  sectionName: someText().optional().describe('Listener. Default: every one that fits.'),
})
  .optional()
  .describe('An existing Gateway to attach to. Default: one is made.');

const gatewayApi = map({
  type: z.literal('gateway-api').describe('Gateway API HTTPRoute, with the policies of Envoy Gateway.'),
  hosts,
  tls: secretTls,
  gateway: parent,
  className: dnsSubdomain().default('envoy').describe('GatewayClass, where a Gateway is made.'),
  from: from.prefault({ namespace: 'envoy-gateway-system' }),
  affinity,
  timeouts,
});

const awsAlb = map({
  type: z.literal('aws-alb').describe('Application Load Balancer, by the AWS Load Balancer Controller.'),
  hosts,
  scheme: z.enum(['internet-facing', 'internal']).default('internet-facing').describe('Who can reach it.'),
  certificateArn: text((value) =>
    /^arn:aws[\w-]*:acm:[a-z0-9-]+:\d{12}:certificate\/[\w-]+$/.test(value)
      ? undefined
      : {
          reason: 'is not the ARN of an ACM certificate',
          mend: 'write arn:aws:acm:REGION:ACCOUNT:certificate/ID',
        },
  )
    .optional()
    .describe('Certificate in AWS Certificate Manager. Without it the hosts are served unencrypted.'),
  loadBalancerCidrs,
  affinity,
  timeouts,
});

const gke = map({
  type: z.literal('gke').describe("Gateway API with Google's own policies."),
  hosts,
  tls: secretTls,
  certificateMap: someText().optional().describe('Certificate Manager map, instead of tls.'),
  gateway: parent,
  className: z
    .enum(['gke-l7-global-external-managed', 'gke-l7-regional-external-managed', 'gke-l7-rilb'])
    .default('gke-l7-global-external-managed')
    .describe('GatewayClass, where a Gateway is made. gke-l7-rilb is internal.'),
  loadBalancerCidrs: loadBalancerCidrs.default(['130.211.0.0/22', '35.191.0.0/16']),
  affinity,
  timeouts,
});

const azureAgc = map({
  type: z.literal('azure-agc').describe('Application Gateway for Containers, by its ALB controller.'),
  hosts,
  tls: secretTls,
  gateway: parent,
  applicationLoadBalancer: map({
    name: dnsSubdomain().describe('Name of the ApplicationLoadBalancer object.'),
    namespace: dnsLabel().describe('Its namespace.'),
  })
    .optional()
    .describe('The load balancer that the ALB controller manages. Needed where a Gateway is made.'),
  loadBalancerCidrs,
  affinity,
  timeouts,
});

const nginxIngress = map({
  type: z
    .literal('nginx-ingress')
    .describe('Legacy: the community ingress-nginx retired in March 2026 and gets no security fixes.'),
  hosts,
  tls: secretTls,
  className: dnsSubdomain().default('nginx').describe('IngressClass.'),
  from: from.prefault({ namespace: 'ingress-nginx' }),
  affinity,
  timeouts,
});

const none = map({ type: z.literal('none').describe('Only a Service inside the cluster.') });

/** How clients outside the cluster get in. */
export const traffic = z.discriminatedUnion('type', [gatewayApi, awsAlb, gke, azureAgc, nginxIngress, none]);
