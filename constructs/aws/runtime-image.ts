import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { getAuthorizationTokenOutput } from '@pulumi/aws/ecr/getAuthorizationToken';
import { LifecyclePolicy, type LifecyclePolicyArgs } from '@pulumi/aws/ecr/lifecyclePolicy';
import { Repository, type RepositoryArgs } from '@pulumi/aws/ecr/repository';
import { Image, type ImageArgs } from '@pulumi/docker-build/image';
import type { ComponentResourceOptions, Input, Resource } from '@pulumi/pulumi';
import { interpolate, secret } from '@pulumi/pulumi';
import {
  CloudComponent,
  contentTag,
  matches,
  oneOf,
  type Provided,
  REMOVALS,
  type Removal,
  type Transforms,
  within,
} from '../cloud';
import type { ImageReference, Problem } from '../contracts';
import { componentTags, type Tags, tagProblems } from './tags';

const PLATFORMS = ['linux/amd64', 'linux/arm64'] as const;

/** What the image is built from, and for which processors. */
export interface RuntimeImageArgs {
  /** Folder that the image is built from. */
  readonly context: string;
  /** @default `Dockerfile` in the context */
  readonly dockerfile?: string;
  /**
   * Tag, never to be pushed again with other content: the repository refuses that.
   * @default `content-…`, made from the files of the context
   */
  readonly tag?: string;
  /** @default both; each takes its time, and the one that is not the builder's own is emulated */
  readonly platforms?: readonly (typeof PLATFORMS)[number][];
  /** Images that are kept, so that a rollback finds its own. @default 30 */
  readonly keep?: number;
  /** KMS key of the repository. Changing it replaces the repository. @default ECR's own key */
  readonly kmsKeyArn?: Input<string>;
  /** `destroy` lets a repository be deleted that still has images. @default `retain` */
  readonly removal?: Removal;
  readonly tags?: Tags;
  readonly transform?: Transforms<RuntimeImageChildren>;
}

export interface RuntimeImageChildren {
  repository: RepositoryArgs;
  lifecyclePolicy: LifecyclePolicyArgs;
  image: ImageArgs;
}

/** What is wrong with the arguments of a {@link RuntimeImage}. */
export function runtimeImageProblems(args: RuntimeImageArgs): Problem[] {
  const dockerfile = args.dockerfile ?? join(args.context, 'Dockerfile');
  const problems: Problem[] = [];
  if (!existsSync(args.context)) {
    const reason = 'is not there';
    problems.push({
      path: 'context',
      value: args.context,
      reason,
      mend: "name the folder of the runtime's sources",
    });
  } else if (!existsSync(dockerfile)) {
    const reason = 'is not there';
    problems.push({ path: 'dockerfile', value: dockerfile, reason, mend: 'name the Dockerfile' });
  }
  return [
    ...problems,
    ...matches('tag', args.tag, /^(?=.*\d)[\w][\w.-]{0,127}$/, {
      reason: 'is not a tag that names one version',
      mend: 'write one with a digit, such as 1.4.2',
    }),
    ...(args.platforms ?? []).flatMap((platform, index) => oneOf(`platforms[${index}]`, platform, PLATFORMS)),
    ...within('keep', args.keep, [2, 1000], 'images'),
    ...oneOf('removal', args.removal, REMOVALS),
    ...tagProblems(args.tags),
  ];
}

/**
 * The runtime's image, built here for both architectures and pushed to a repository of its own in ECR, whose tags
 * can't be moved and whose images are scanned. `pulumi up` needs a Docker daemon or a BuildKit builder; a preview
 * needs neither.
 */
export class RuntimeImage extends CloudComponent<RuntimeImageChildren> implements Provided<ImageReference> {
  readonly contract: Provided<ImageReference>['contract'];
  readonly objects: Provided<ImageReference>['objects'] = [];
  readonly ready: readonly Resource[];

  /** @throws InvalidInputError before anything is registered */
  constructor(name: string, args: RuntimeImageArgs, options?: ComponentResourceOptions) {
    super('polypod:aws:RuntimeImage', name, runtimeImageProblems(args), args.transform, options);
    const { context, kmsKeyArn, dockerfile = join(context, 'Dockerfile') } = args;
    const tag = args.tag ?? contentTag(context, dockerfile);
    const tags = componentTags(name, args.tags);

    const repository = new Repository(
      ...this.child('repository', {
        imageTagMutability: 'IMMUTABLE_WITH_EXCLUSION',
        // The build cache is written again at each build.
        imageTagMutabilityExclusionFilters: [{ filter: CACHE_TAG, filterType: 'WILDCARD' }],
        imageScanningConfiguration: { scanOnPush: true },
        encryptionConfigurations:
          kmsKeyArn === undefined
            ? [{ encryptionType: 'AES256' }]
            : [{ encryptionType: 'KMS', kmsKey: kmsKeyArn }],
        forceDelete: args.removal === 'destroy',
        tags,
      }),
    );
    new LifecyclePolicy(
      ...this.child('lifecyclePolicy', { repository: repository.name, policy: lifecycle(args.keep ?? 30) }),
    );
    const login = getAuthorizationTokenOutput({ registryId: repository.registryId }, { parent: this });
    const cache = interpolate`${repository.repositoryUrl}:${CACHE_TAG}`;
    const image = new Image(
      ...this.child(
        'image',
        {
          context: { location: context },
          dockerfile: { location: dockerfile },
          platforms: [...(args.platforms ?? PLATFORMS)],
          tags: [interpolate`${repository.repositoryUrl}:${tag}`],
          push: true,
          buildOnPreview: false,
          cacheFrom: [{ registry: { ref: cache } }],
          // ECR takes a cache only as an OCI image.
          cacheTo: [{ registry: { ref: cache, mode: 'max', imageManifest: true, ociMediaTypes: true } }],
          registries: [
            { address: repository.repositoryUrl, username: login.userName, password: secret(login.password) },
          ],
        },
        // Deleting the resource would delete its tag, and pods of the last rollout still need it.
        { retainOnDelete: true },
      ),
    );

    this.contract = { repository: repository.repositoryUrl, tag, digest: image.digest };
    this.ready = [image];
    this.registerOutputs({ repository: repository.repositoryUrl, digest: image.digest });
  }
}

const CACHE_TAG = 'cache';

/** Old images go; an index keeps the images of its architectures, which have no tags, alive. */
function lifecycle(keep: number): string {
  return JSON.stringify({
    rules: [
      {
        rulePriority: 1,
        description: `Keep the last ${keep} images`,
        selection: {
          tagStatus: 'tagged',
          tagPatternList: ['content-*'],
          countType: 'imageCountMoreThan',
          countNumber: keep,
        },
        action: { type: 'expire' },
      },
      {
        rulePriority: 2,
        description: 'Untagged images, such as old build caches',
        selection: {
          tagStatus: 'untagged',
          countType: 'sinceImagePushed',
          countUnit: 'days',
          countNumber: 14,
        },
        action: { type: 'expire' },
      },
    ],
  });
}
