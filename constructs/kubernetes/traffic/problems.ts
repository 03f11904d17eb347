import { isPlaceholder, type Problem } from '../../contracts';
import { isAddress } from '../../contracts/cidr';
import { dnsLabelFault, dnsSubdomainFault, hostNameFault } from '../../contracts/names';
import { cidrProblems, faultProblems, portProblems } from '../problems/fault';
import { LIMITS } from './limits';
import type { ParentGateway, PublicPath, TrafficProvider } from './props';
import type { Route } from './route';

/** RFC 9110's `token`, which names of cookies and headers are. */
const TOKEN = /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/;

/** What is wrong with a route as such. */
export function routeProblems(route: Route, provider: TrafficProvider): Problem[] {
  const limits = LIMITS[provider.type];
  const { affinity, backend, timeouts } = route;
  return [
    ...hostProblems(route.hosts),
    ...pathProblems(route.paths),
    ...faultProblems('backend.service', backend.service, dnsSubdomainFault),
    ...portProblems('backend.port', backend.port),
    ...(backend.targetPort === backend.port ? [] : portProblems('backend.targetPort', backend.targetPort)),
    ...pathFaults('backend.healthPath', backend.healthPath),
    ...rangeProblems('backend.drainSeconds', backend.drainSeconds, limits.drain, provider),
    ...rangeProblems('timeouts.requestSeconds', timeouts.requestSeconds, limits.request, provider),
    ...rangeProblems('timeouts.idleSeconds', timeouts.idleSeconds, limits.idle, provider),
    ...(affinity.by === 'cookie'
      ? rangeProblems('affinity.ttlSeconds', affinity.ttlSeconds, limits.ttl, provider)
      : []),
    ...(affinity.by === 'off' || TOKEN.test(affinity.name)
      ? []
      : [
          problem(
            'affinity.name',
            affinity.name,
            `can't name a ${affinity.by}`,
            'write letters, digits and "-"',
          ),
        ]),
    ...(affinity.by === 'header' && !limits.header
      ? [problem('affinity.by', 'header', `is not known to ${provider.type}`, 'choose cookie or off')]
      : []),
  ];
}

/** What is wrong with the provider's own props. */
export function providerProblems(route: Route, provider: TrafficProvider): Problem[] {
  switch (provider.type) {
    case 'gateway-api': {
      const { implementation = 'envoy-gateway', maxStreams = 1, className } = provider;
      return [
        ...gatewayProblems(route, provider),
        ...faultProblems('provider.className', className, dnsSubdomainFault),
        ...(implementation === 'other' && route.affinity.by !== 'off'
          ? [
              problem(
                'affinity.by',
                route.affinity.by,
                'is not in the stable part of Gateway API, so nothing would keep a client on its pod',
                "write off, or use the implementation's own policy beside this route",
              ),
            ]
          : []),
        ...(Number.isInteger(maxStreams) && maxStreams >= 1
          ? []
          : [problem('provider.maxStreams', maxStreams, 'is no number of streams', 'write a whole number')]),
      ];
    }
    case 'gke':
      return [
        ...gatewayProblems(route, provider),
        ...cidrListProblems('provider.loadBalancerCidrs', provider.loadBalancerCidrs),
      ];
    case 'azure-agc':
      return [
        ...gatewayProblems(route, provider),
        ...(provider.gateway === undefined && provider.applicationLoadBalancer === undefined
          ? [
              problem(
                'provider.applicationLoadBalancer',
                undefined,
                'is missing, and a Gateway made here belongs to no load balancer without it',
                'name the ApplicationLoadBalancer object, or the resource id and its frontend',
              ),
            ]
          : []),
        ...cidrListProblems('provider.loadBalancerCidrs', provider.loadBalancerCidrs),
      ];
    case 'aws-alb':
      return [
        ...tlsProblems(route, provider),
        ...cidrListProblems('provider.inboundCidrs', provider.inboundCidrs),
        ...cidrListProblems('provider.loadBalancerCidrs', provider.loadBalancerCidrs),
      ];
    case 'nginx-ingress':
      return tlsProblems(route, provider);
  }
}

/** Whether a host is one that strangers can look up, as opposed to names that never leave a machine or company. */
export function isPublicHost(host: string): boolean {
  const name = host.replace(/^\*\./, '').toLowerCase();
  const inside =
    /(^|\.)(localhost|local|internal|intranet|private|corp|home|lan|svc|test|home\.arpa|cluster\.local)$/;
  return name.includes('.') && !inside.test(name);
}

/** Whether the load balancer has no public address, whatever its hosts are called. */
function isInternal(provider: TrafficProvider): boolean {
  if (provider.type === 'aws-alb') return provider.scheme === 'internal';
  return provider.type === 'gke' && provider.className === 'gke-l7-rilb';
}

function gatewayProblems(
  route: Route,
  provider: Extract<TrafficProvider, { readonly gateway?: ParentGateway }>,
): Problem[] {
  const { gateway, tls } = provider;
  if (gateway === undefined) return tlsProblems(route, provider);
  return [
    ...faultProblems('provider.gateway.name', gateway.name, dnsSubdomainFault),
    ...faultProblems('provider.gateway.namespace', gateway.namespace, dnsLabelFault),
    ...(tls === undefined
      ? []
      : [
          problem(
            'provider.tls',
            tls,
            'would have no effect: the certificates are those of the Gateway that is there already',
            'remove it, or leave the Gateway out so that one is made',
          ),
        ]),
  ];
}

function tlsProblems(route: Route, provider: TrafficProvider): Problem[] {
  const { tls } = provider;
  if (tls === undefined) {
    const open = route.hosts.filter((host) => !isPlaceholder(host) && isPublicHost(host));
    if (open.length === 0 || isInternal(provider)) return [];
    return [
      problem(
        'provider.tls',
        undefined,
        `is missing, so anyone on the way could read the prompts and tokens sent to ${open.join(', ')}`,
        "name a certificate, or say why there is none: { unencrypted: 'TLS ends at the CDN before it' }",
      ),
    ];
  }
  if (tls === 'discover' || 'certificateMap' in tls) return [];
  if ('certificateArns' in tls) return arnProblems(tls.certificateArns);
  if ('unencrypted' in tls) {
    if (tls.unencrypted.trim() !== '') return [];
    const path = 'provider.tls.unencrypted';
    return [problem(path, tls.unencrypted, 'gives no reason', 'say why no certificate is needed')];
  }
  return [
    ...faultProblems('provider.tls.secretName', tls.secretName, dnsSubdomainFault),
    ...faultProblems('provider.tls.clusterIssuer', tls.clusterIssuer, dnsSubdomainFault),
    ...faultProblems('provider.tls.issuer', tls.issuer, dnsSubdomainFault),
    ...(tls.clusterIssuer !== undefined && tls.issuer !== undefined
      ? [problem('provider.tls.issuer', tls.issuer, 'stands beside clusterIssuer', 'name one of the two')]
      : []),
  ];
}

function arnProblems(arns: readonly string[]): Problem[] {
  const mend = 'write arn:aws:acm:REGION:ACCOUNT:certificate/ID, or discover';
  if (arns.length === 0) return [problem('provider.tls.certificateArns', arns, 'names no certificate', mend)];
  return arns.flatMap((arn, index) =>
    isPlaceholder(arn) ||
    /^arn:aws[\w-]*:(acm|iam):[a-z0-9-]*:\d{12}:(server-)?certificate\/[\w/-]+$/.test(arn)
      ? []
      : [problem(`provider.tls.certificateArns[${index}]`, arn, 'is not the ARN of a certificate', mend)],
  );
}

function hostProblems(hosts: readonly string[]): Problem[] {
  if (hosts.length === 0) {
    return [
      problem(
        'hosts',
        hosts,
        'names no host, so the route would answer to every name',
        'name at least one host',
      ),
    ];
  }
  return hosts.flatMap((host, index) => {
    const path = `hosts[${index}]`;
    if (isPlaceholder(host)) return [];
    if (isAddress(host))
      return [
        problem(path, host, 'is an address; a route has host names', 'name a host, such as chat.example.com'),
      ];
    return [
      ...faultProblems(path, host, (text) => hostNameFault(text, { wildcard: true })),
      ...(hosts.indexOf(host) === index ? [] : [problem(path, host, 'stands twice', 'remove one')]),
    ];
  });
}

function pathProblems(paths: readonly PublicPath[]): Problem[] {
  if (paths.length === 0) return [problem('paths', paths, 'opens nothing', 'name at least one path')];
  return paths.flatMap(({ path }, index) => [
    ...pathFaults(`paths[${index}].path`, path),
    ...(/^\/metrics(\/|$)/.test(path)
      ? [
          problem(
            `paths[${index}].path`,
            path,
            'is where metrics are served, which tell strangers of models, users and load',
            'remove it; monitoring scrapes the pods inside the cluster',
          ),
        ]
      : []),
  ]);
}

function pathFaults(path: string, value: string): Problem[] {
  if (
    isPlaceholder(value) ||
    (/^\/[A-Za-z0-9\-._~!$&'()+,;=:@%/]*$/.test(value) && !/\/\/|\/\.\.?(\/|$)/.test(value))
  )
    return [];
  const mend = /^[^/]/.test(value)
    ? `did you mean "/${value.replace(/[*?#].*$/, '')}"?`
    : 'write a path such as /v1, without patterns, "//" or ".."; a prefix is { type: "PathPrefix" }';
  return [problem(path, value, 'is not a path', mend)];
}

function rangeProblems(
  path: string,
  seconds: number,
  [least, most]: readonly [number, number],
  { type }: TrafficProvider,
): Problem[] {
  if (isPlaceholder(seconds) || (Number.isInteger(seconds) && seconds >= least && seconds <= most)) return [];
  return [
    problem(path, seconds, `is not what ${type} can do`, `write whole seconds from ${least} to ${most}`),
  ];
}

function cidrListProblems(path: string, cidrs: readonly string[] = []): Problem[] {
  return cidrs.flatMap((cidr, index) => cidrProblems(`${path}[${index}]`, cidr));
}

function problem(path: string, value: unknown, reason: string, mend: string): Problem {
  return { path, value, reason, mend };
}
