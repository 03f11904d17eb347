import { Alias, type AliasArgs } from '@pulumi/aws/kms/alias';
import { Key, type KeyArgs } from '@pulumi/aws/kms/key';
import type { ComponentResourceOptions, Output } from '@pulumi/pulumi';
import { CloudComponent, oneOf, REMOVALS, type Removal, removalOptions, type Transforms } from '../cloud';
import type { Problem } from '../contracts';
import { componentTags, type Tags, tagProblems } from './tags';

/** Arguments of an `EncryptionKey`. */
export interface EncryptionKeyArgs {
  /** A deleted key makes everything that it encrypts unreadable, backups too. @default `retain` */
  readonly removal?: Removal;
  readonly tags?: Tags;
  readonly transform?: Transforms<EncryptionKeyChildren>;
}

export interface EncryptionKeyChildren {
  key: KeyArgs;
  alias: AliasArgs;
}

/** What is wrong with the arguments of an {@link EncryptionKey}. */
export function encryptionKeyProblems(args: EncryptionKeyArgs): Problem[] {
  return [...oneOf('removal', args.removal, REMOVALS), ...tagProblems(args.tags)];
}

/**
 * A KMS key for whatever holds data, rotated each year. Who may use it is decided by IAM policies of its account,
 * as KMS's default key policy has it. Costs by the month, and by the request beyond the free ones.
 */
export class EncryptionKey extends CloudComponent<EncryptionKeyChildren> {
  readonly arn: Output<string>;

  /** @throws InvalidInputError before anything is registered */
  constructor(name: string, args: EncryptionKeyArgs = {}, options?: ComponentResourceOptions) {
    super('polypod:aws:EncryptionKey', name, encryptionKeyProblems(args), args.transform, options);
    const key = new Key(
      ...this.child(
        'key',
        {
          description: `Data of ${name}`,
          enableKeyRotation: true,
          deletionWindowInDays: 30,
          tags: componentTags(name, args.tags),
        },
        removalOptions(args.removal),
      ),
    );
    new Alias(...this.child('alias', { name: `alias/${name}`, targetKeyId: key.keyId }));
    this.arn = key.arn;
    this.registerOutputs({ arn: this.arn });
  }
}
