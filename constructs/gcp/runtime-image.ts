import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Image, type ImageArgs } from '@pulumi/docker-build/image';
import { Repository, type RepositoryArgs } from '@pulumi/gcp/artifactregistry/repository';
import { getClientConfigOutput } from '@pulumi/gcp/organizations/getClientConfig';
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
import { kmsKeyProblems, regionProblems } from './argument-forms';
import { componentLabels, type Labels, labelProblems } from './labels';

const PLATFORMS = ['linux/amd64', 'linux/arm64'] as const;

/** What the image is built from, and for which processors. */
export interface RuntimeImageArgs {
  /** Region of the repositories. */
  readonly region: string;
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
  /** Images that are kept however old they are, so that a rollback finds its own. @default 30 */
  readonly keep?: number;
  /** Key of Cloud KMS. Changing it replaces the repositories. @default Google's own */
  readonly kmsKeyName?: Input<string>;
  /** `destroy` deletes the repositories with their images; `retain` leaves them in the cloud. @default `retain` */
  readonly removal?: Removal;
  readonly labels?: Labels;
  readonly transform?: Transforms<RuntimeImageChildren>;
}

export interface RuntimeImageChildren {
  repository: RepositoryArgs;
  cacheRepository: RepositoryArgs;
  image: ImageArgs;
}

/** What is wrong with the arguments of a {@link RuntimeImage}. */
export function runtimeImageProblems(args: RuntimeImageArgs): Problem[] {
  const dockerfile = args.dockerfile ?? join(args.context, 'Dockerfile');
  const reason = 'is not there';
  const problems: Problem[] = [];
  if (!existsSync(args.context)) {
    const mend = "name the folder of the runtime's sources";
    problems.push({ path: 'context', value: args.context, reason, mend });
  } else if (!existsSync(dockerfile)) {
    problems.push({ path: 'dockerfile', value: dockerfile, reason, mend: 'name the Dockerfile' });
  }
  return [
    ...regionProblems('region', args.region),
    ...problems,
    ...matches('tag', args.tag, /^(?=.*\d)[\w][\w.-]{0,127}$/, {
      reason: 'is not a tag that names one version',
      mend: 'write one with a digit, such as 1.4.2',
    }),
    ...(args.platforms ?? []).flatMap((platform, index) => oneOf(`platforms[${index}]`, platform, PLATFORMS)),
    ...within('keep', args.keep, [2, 1000], 'images'),
    ...kmsKeyProblems('kmsKeyName', args.kmsKeyName),
    ...oneOf('removal', args.removal, REMOVALS),
    ...labelProblems(args.labels),
  ];
}

/** Versions that a repository counts for one image of ours: index, an image a platform, their attestations. */
const VERSIONS_EACH = 5;

/**
 * The runtime's image, built here for both architectures and pushed to a repository of its own in Artifact Registry,
 * whose tags can't be moved. The build cache, whose tag must move, has a second repository. `pulumi up` needs a Docker
 * daemon or a BuildKit builder; a preview needs neither.
 */
export class RuntimeImage extends CloudComponent<RuntimeImageChildren> implements Provided<ImageReference> {
  readonly contract: Provided<ImageReference>['contract'];
  readonly objects: Provided<ImageReference>['objects'] = [];
  readonly ready: readonly Resource[];

  /** @throws InvalidInputError before anything is registered */
  constructor(name: string, args: RuntimeImageArgs, options?: ComponentResourceOptions) {
    super('polypod:gcp:RuntimeImage', name, runtimeImageProblems(args), args.transform, options);
    const { context, region, kmsKeyName, removal, dockerfile = join(context, 'Dockerfile') } = args;
    const tag = args.tag ?? contentTag(context, dockerfile);
    const common = {
      location: region,
      format: 'DOCKER',
      kmsKeyName,
      labels: componentLabels(name, args.labels),
    };

    const repository = new Repository(
      ...this.child(
        'repository',
        {
          ...common,
          repositoryId: name,
          description: `Images of ${name}`,
          dockerConfig: { immutableTags: true },
          vulnerabilityScanningConfig: { enablementConfig: 'INHERITED' },
          cleanupPolicies: [
            {
              id: 'keep-recent',
              action: 'KEEP',
              mostRecentVersions: { keepCount: (args.keep ?? 30) * VERSIONS_EACH },
            },
            { id: 'drop-old', action: 'DELETE', condition: { tagState: 'ANY', olderThan: '2592000s' } },
          ],
        },
        // A repository is deleted with the images that pods still run.
        removal === 'destroy' ? {} : { retainOnDelete: true },
      ),
    );
    const cacheRepository = new Repository(
      ...this.child('cacheRepository', {
        ...common,
        repositoryId: `${name}-cache`,
        description: `Build cache of ${name}`,
        dockerConfig: { immutableTags: false },
        vulnerabilityScanningConfig: { enablementConfig: 'DISABLED' },
        cleanupPolicies: [
          {
            id: 'drop-replaced',
            action: 'DELETE',
            condition: { tagState: 'UNTAGGED', olderThan: '1209600s' },
          },
        ],
      }),
    );
    const login = getClientConfigOutput({ parent: this });
    const image = interpolate`${repository.registryUri}/runtime`;
    const cache = interpolate`${cacheRepository.registryUri}/runtime:cache`;
    const built = new Image(
      ...this.child(
        'image',
        {
          context: { location: context },
          dockerfile: { location: dockerfile },
          platforms: [...(args.platforms ?? PLATFORMS)],
          tags: [interpolate`${image}:${tag}`],
          push: true,
          buildOnPreview: false,
          cacheFrom: [{ registry: { ref: cache } }],
          cacheTo: [{ registry: { ref: cache, mode: 'max', imageManifest: true, ociMediaTypes: true } }],
          registries: [
            {
              address: `${region}-docker.pkg.dev`,
              username: 'oauth2accesstoken',
              password: secret(login.accessToken),
            },
          ],
        },
        // Deleting the resource would delete its tag, and pods of the last rollout still need it.
        { retainOnDelete: true },
      ),
    );

    this.contract = { repository: image, tag, digest: built.digest };
    this.ready = [built];
    this.registerOutputs({ repository: image, digest: built.digest });
  }
}
