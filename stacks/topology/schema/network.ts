import * as z from 'zod';
import { isAddress } from '../../../constructs/contracts/cidr';
import { cidr, dnsLabel, labels, map, port, someText, text } from './fields';

const nodeAddress = text((value) =>
  isAddress(value)
    ? undefined
    : { reason: 'is not an address', mend: 'write true, or one such as 169.254.20.10' },
);

/** Who may reach whom. Everything else is denied. */
export const network = map({
  isolation: z.boolean().default(true).describe('Deny what is not derived from the wiring or named here.'),
  metricsFrom: map({
    namespace: dnsLabel().describe('Namespace of the scraper, by its kubernetes.io/metadata.name.'),
    podLabels: labels().optional().describe('Labels of the scraper. Default: every pod of the namespace.'),
  })
    .prefault({ namespace: 'monitoring' })
    .describe('Who scrapes metrics.'),
  clientsFrom: z
    .array(
      map({
        namespace: dnsLabel().describe('Namespace of the clients, by its kubernetes.io/metadata.name.'),
        podLabels: labels()
          .optional()
          .describe('Labels of the clients. Default: every pod of the namespace.'),
      }),
    )
    .default([])
    .describe('Pods of the cluster that may call it, beside what traffic lets in.'),
  egress: z
    .array(
      map({
        cidrs: z.array(cidr()).min(1).describe('Addresses.'),
        ports: z.array(port()).min(1).describe('TCP ports.'),
        why: someText().describe('What for; it is written beside the rule.'),
      }),
    )
    .default([])
    .describe('Further places that the pods may reach.'),
  dns: map({
    namespace: dnsLabel().default('kube-system').describe("Namespace of the cluster's DNS."),
    podLabels: labels().default({ 'k8s-app': 'kube-dns' }).describe('Labels of its pods.'),
    nodeLocal: z
      .union([z.boolean(), nodeAddress])
      .default(false)
      .describe('Whether NodeLocal DNSCache answers at 169.254.20.10, or the address of what else answers.'),
  })
    .prefault({})
    .describe("The cluster's DNS."),
});

/** The same, with the way to models. */
export const inferenceNetwork = network.extend({
  modelSource: map({
    cidrs: z
      .array(cidr())
      .min(1)
      .default(['0.0.0.0/0', '::/0'])
      .describe('Addresses that models are fetched from. Default: all but private ones.'),
    ports: z.array(port()).min(1).default([443]).describe('TCP ports.'),
  })
    .prefault({})
    .describe('Where pods that download models may go.'),
});
