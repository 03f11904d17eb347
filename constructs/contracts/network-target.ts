/**
 * A place that pods must be able to reach, as an egress rule needs it: outside the cluster by CIDR, inside by
 * labels.
 */
export type NetworkTarget =
  | {
      /** IPv4 or IPv6 CIDR blocks, such as `10.0.16.0/20`. */
      readonly cidrs: readonly string[];
      /** TCP ports. */
      readonly ports: readonly number[];
    }
  | {
      /** Labels of the pods to reach. */
      readonly podLabels: Readonly<Record<string, string>>;
      /** Namespace of those pods, by its `kubernetes.io/metadata.name`. @default the namespace of the caller */
      readonly namespace?: string;
      /** TCP ports of the pods (not of their Service). */
      readonly ports: readonly number[];
    };
