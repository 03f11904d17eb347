import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { RoleAssignment, type RoleAssignmentArgs } from '@pulumi/azure-native/authorization/roleAssignment';
import { listRegistryCredentialsOutput } from '@pulumi/azure-native/containerregistry/listRegistryCredentials';
import { Registry, type RegistryArgs } from '@pulumi/azure-native/containerregistry/registry';
import { Image, type ImageArgs } from '@pulumi/docker-build/image';
import type { ComponentResourceOptions, Input, Resource } from '@pulumi/pulumi';
import { interpolate, output, secret } from '@pulumi/pulumi';
import { RandomId, type RandomIdArgs } from '@pulumi/random/randomId';
import {
  CloudComponent,
  contentTag,
  matches,
  oneOf,
  type Provided,
  REMOVALS,
  type Removal,
  removalOptions,
  type Transforms,
} from '../cloud';
import type { ImageReference, Problem } from '../contracts';
import type { KeyAccess } from './encryption-key';
import { locationProblems } from './network-arguments';
import { resourceGroupProblems, roleDefinitionId } from './resource-id';
import { componentTags, type Tags, tagProblems } from './tags';

const PLATFORMS = ['linux/amd64', 'linux/arm64'] as const;

/** What the image is built from, and for which processors. */
export interface RuntimeImageArgs {
  readonly resourceGroupName: Input<string>;
  readonly location: Input<string>;
  /** Object id of the nodes' identity, which may pull. */
  readonly nodePrincipalId: Input<string>;
  /** Folder that the image is built from. */
  readonly context: string;
  /** @default `Dockerfile` in the context */
  readonly dockerfile?: string;
  /** Tag, never to be pushed again with other content. @default `content-…`, made from the files of the context */
  readonly tag?: string;
  /** @default both; each takes its time, and the one that is not the builder's own is emulated */
  readonly platforms?: readonly (typeof PLATFORMS)[number][];
  /** Key of the registry, which then is of the premium tier. Can't be changed later. @default Azure's own */
  readonly encryptionKey?: KeyAccess;
  /** @default `retain` */
  readonly removal?: Removal;
  readonly tags?: Tags;
  readonly transform?: Transforms<RuntimeImageChildren>;
}

export interface RuntimeImageChildren {
  suffix: RandomIdArgs;
  registry: RegistryArgs;
  pullRole: RoleAssignmentArgs;
  image: ImageArgs;
}

/** What is wrong with the arguments of a {@link RuntimeImage}, wherever it is placed. */
export function runtimeImageProblems(
  args: Omit<RuntimeImageArgs, 'resourceGroupName' | 'location' | 'nodePrincipalId'>,
): Problem[] {
  const dockerfile = args.dockerfile ?? join(args.context, 'Dockerfile');
  const problems: Problem[] = [];
  const reason = 'is not there';
  if (!existsSync(args.context)) {
    const mend = "name the folder of the runtime's sources";
    problems.push({ path: 'context', value: args.context, reason, mend });
  } else if (!existsSync(dockerfile)) {
    problems.push({ path: 'dockerfile', value: dockerfile, reason, mend: 'name the Dockerfile' });
  }
  return [
    ...problems,
    ...matches('tag', args.tag, /^(?=.*\d)[\w][\w.-]{0,127}$/, {
      reason: 'is not a tag that names one version',
      mend: 'write one with a digit, such as 1.4.2',
    }),
    ...(args.platforms ?? []).flatMap((platform, index) => oneOf(`platforms[${index}]`, platform, PLATFORMS)),
    ...oneOf('removal', args.removal, REMOVALS),
    ...tagProblems(args.tags),
  ];
}

/**
 * The runtime's image, built here for both architectures and pushed to a registry of its own, from which the nodes
 * pull by their identity. Pods take it by digest, so that a moved tag changes nothing. `pulumi up` needs a Docker
 * daemon or a BuildKit builder; a preview needs neither.
 */
export class RuntimeImage extends CloudComponent<RuntimeImageChildren> implements Provided<ImageReference> {
  readonly contract: Provided<ImageReference>['contract'];
  readonly objects: Provided<ImageReference>['objects'] = [];
  readonly ready: readonly Resource[];

  /** @throws InvalidInputError before anything is registered */
  constructor(name: string, args: RuntimeImageArgs, options?: ComponentResourceOptions) {
    const misplaced = [
      ...resourceGroupProblems('resourceGroupName', args.resourceGroupName),
      ...locationProblems('location', args.location),
    ];
    const problems = [...misplaced, ...runtimeImageProblems(args)];
    super('polypod:azure:RuntimeImage', name, problems, args.transform, options);
    const { resourceGroupName, location, context, encryptionKey, removal } = args;
    const dockerfile = args.dockerfile ?? join(context, 'Dockerfile');
    const tag = args.tag ?? contentTag(context, dockerfile);

    // Names of registries are the world's: 50 letters and digits at most.
    const suffix = new RandomId(...this.child('suffix', { byteLength: 4 }));
    const registry = new Registry(
      ...this.child(
        'registry',
        {
          resourceGroupName,
          location,
          registryName: interpolate`${name.replaceAll('-', '')}${suffix.hex}`,
          sku: { name: encryptionKey === undefined ? 'Standard' : 'Premium' },
          // The build signs in with it; nodes have an identity.
          adminUserEnabled: true,
          ...(encryptionKey === undefined ? {} : encryptedWith(encryptionKey)),
          tags: componentTags(name, args.tags),
        },
        removalOptions(removal),
      ),
    );
    const pull = new RoleAssignment(
      ...this.child('pullRole', {
        principalId: args.nodePrincipalId,
        principalType: 'ServicePrincipal',
        roleDefinitionId: roleDefinitionId('acrPull', registry.id),
        scope: registry.id,
      }),
    );
    const login = secret(
      listRegistryCredentialsOutput({ resourceGroupName, registryName: registry.name }, { parent: this }),
    );
    const repository = interpolate`${registry.loginServer}/${name}`;
    const cache = interpolate`${repository}:cache`;
    const image = new Image(
      ...this.child(
        'image',
        {
          context: { location: context },
          dockerfile: { location: dockerfile },
          platforms: [...(args.platforms ?? PLATFORMS)],
          tags: [interpolate`${repository}:${tag}`],
          push: true,
          buildOnPreview: false,
          cacheFrom: [{ registry: { ref: cache } }],
          cacheTo: [{ registry: { ref: cache, mode: 'max', imageManifest: true, ociMediaTypes: true } }],
          registries: [
            {
              address: registry.loginServer,
              username: login.apply(({ username }) => username ?? ''),
              password: login.apply(({ passwords }) => passwords?.[0]?.value ?? ''),
            },
          ],
        },
        // Deleting the resource would delete its tag, and pods of the last rollout still need it.
        { retainOnDelete: true },
      ),
    );

    this.contract = { repository, tag, digest: image.digest };
    this.ready = [image, pull];
    this.registerOutputs({ repository, digest: image.digest });
  }
}

function encryptedWith({ identityId, identityClientId, keyUri }: KeyAccess): Partial<RegistryArgs> {
  return {
    identity: {
      type: 'UserAssigned',
      userAssignedIdentities: output(identityId).apply((id) => ({ [id]: {} })),
    },
    encryption: {
      status: 'enabled',
      keyVaultProperties: { identity: identityClientId, keyIdentifier: keyUri },
    },
  };
}
