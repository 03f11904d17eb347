import { CryptoKey, type CryptoKeyArgs } from '@pulumi/gcp/kms/cryptoKey';
import { CryptoKeyIAMMember, type CryptoKeyIAMMemberArgs } from '@pulumi/gcp/kms/cryptoKeyIAMMember';
import { KeyRing, type KeyRingArgs } from '@pulumi/gcp/kms/keyRing';
import { ServiceIdentity, type ServiceIdentityArgs } from '@pulumi/gcp/projects/serviceIdentity';
import type { ComponentResourceOptions, Input, Output } from '@pulumi/pulumi';
import { interpolate } from '@pulumi/pulumi';
import { CloudComponent, oneOf, REMOVALS, type Removal, removalOptions, type Transforms } from '../cloud';
import type { Problem } from '../contracts';
import { projectProblems, regionProblems } from './argument-forms';
import { componentLabels, type Labels, labelProblems } from './labels';

/** Arguments of an `EncryptionKey`. */
export interface EncryptionKeyArgs {
  readonly project: string;
  /** The project's number, of which the names of Google's service agents are made. */
  readonly projectNumber: Input<string>;
  /** Region of what is encrypted: a key serves no other. */
  readonly region: string;
  /** A deleted key makes everything that it encrypts unreadable, backups too. @default `retain` */
  readonly removal?: Removal;
  readonly labels?: Labels;
  readonly transform?: Transforms<EncryptionKeyChildren>;
}

export interface EncryptionKeyChildren {
  keyRing: KeyRingArgs;
  key: CryptoKeyArgs;
  agent: ServiceIdentityArgs;
  agentRight: CryptoKeyIAMMemberArgs;
}

/** What is wrong with the arguments of an {@link EncryptionKey}. */
export function encryptionKeyProblems(args: Omit<EncryptionKeyArgs, 'projectNumber'>): Problem[] {
  return [
    ...projectProblems('project', args.project),
    ...regionProblems('region', args.region),
    ...oneOf('removal', args.removal, REMOVALS),
    ...labelProblems(args.labels),
  ];
}

/**
 * Service agents that encrypt in our name, by the domain of their address.
 * https://cloud.google.com/iam/docs/service-agents
 */
const AGENTS: Readonly<Record<string, { readonly service: string; readonly domain: string }>> = {
  artifacts: { service: 'artifactregistry.googleapis.com', domain: 'gcp-sa-artifactregistry' },
  compute: { service: 'compute.googleapis.com', domain: 'compute-system' },
  container: { service: 'container.googleapis.com', domain: 'container-engine-robot' },
  files: { service: 'file.googleapis.com', domain: 'cloud-filer' },
  redis: { service: 'redis.googleapis.com', domain: 'cloud-redis' },
  sql: { service: 'sqladmin.googleapis.com', domain: 'gcp-sa-cloud-sql' },
};

/**
 * A key of Cloud KMS for whatever holds data, rotated every 90 days, with the right to use it for the services that
 * encrypt with it. Costs by the month and version, and by the request.
 *
 * Key rings can't be deleted; an empty one costs nothing.
 */
export class EncryptionKey extends CloudComponent<EncryptionKeyChildren> {
  /** Full name of the key, known once the services may use it. */
  readonly keyName: Output<string>;

  /** @throws InvalidInputError before anything is registered */
  constructor(name: string, args: EncryptionKeyArgs, options?: ComponentResourceOptions) {
    super('polypod:gcp:EncryptionKey', name, encryptionKeyProblems(args), args.transform, options);
    const { project, projectNumber, region, removal } = args;

    const ring = new KeyRing(...this.child('keyRing', { location: region }, removalOptions(removal)));
    const key = new CryptoKey(
      ...this.child(
        'key',
        {
          keyRing: ring.id,
          purpose: 'ENCRYPT_DECRYPT',
          rotationPeriod: '7776000s',
          destroyScheduledDuration: '2592000s',
          labels: componentLabels(name, args.labels),
        },
        removalOptions(removal),
      ),
    );
    const rights = Object.entries(AGENTS).map(([agent, { service, domain }]) => {
      // An agent is made when its service is first used; nobody can be given rights before that.
      const identity = new ServiceIdentity(...this.child('agent', { project, service }, {}, agent));
      return new CryptoKeyIAMMember(
        ...this.child(
          'agentRight',
          {
            cryptoKeyId: key.id,
            role: 'roles/cloudkms.cryptoKeyEncrypterDecrypter',
            member: interpolate`serviceAccount:service-${projectNumber}@${domain}.iam.gserviceaccount.com`,
          },
          { dependsOn: identity },
          agent,
        ),
      );
    });
    // The name by way of the rights: whoever encrypts must wait for them.
    this.keyName = rights.reduce<Output<string>>(
      (keyName, right) => right.id.apply(() => keyName),
      key.id.apply(String),
    );
    this.registerOutputs({ keyName: this.keyName });
  }
}
