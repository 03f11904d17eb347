import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { contentTag } from '../../../constructs/cloud';
import { RuntimeImage, type RuntimeImageArgs } from '../../../constructs/gcp/runtime-image';
import { opened, runProgram, UNKNOWN } from '../../support/pulumi-mocks';
import { GCP, GCP_PREVIEW, KEY, MODES } from './gcp-mocks';

const REPOSITORY = 'gcp:artifactregistry/repository:Repository';

describe('RuntimeImage', () => {
  let context: string;
  beforeEach(() => {
    context = mkdtempSync(join(tmpdir(), 'image-'));
    writeFileSync(join(context, 'Dockerfile'), 'FROM scratch\n');
  });
  afterEach(() => rmSync(context, { recursive: true }));

  const build = (args: Partial<RuntimeImageArgs> = {}) =>
    new RuntimeImage('chat-image', { region: 'europe-west3', context, ...args });

  it.each(MODES)('makes a repository for images and one for the build cache, in %s', async (_mode, cloud) => {
    const run = await runProgram(() => build(), cloud);
    expect(run.counts()).toEqual({ [REPOSITORY]: 2, 'docker-build:index:Image': 1 });
    expect(run.get(REPOSITORY, 'chat-image-repository')).toMatchObject({
      retainOnDelete: true,
      inputs: {
        repositoryId: 'chat-image',
        format: 'DOCKER',
        dockerConfig: { immutableTags: true },
        cleanupPolicies: [
          { id: 'keep-recent', action: 'KEEP', mostRecentVersions: { keepCount: 150 } },
          { id: 'drop-old', action: 'DELETE', condition: { tagState: 'ANY', olderThan: '2592000s' } },
        ],
      },
    });
    // The cache's tag moves at each build.
    expect(run.get(REPOSITORY, 'chat-image-cache-repository').inputs.dockerConfig).toEqual({
      immutableTags: false,
    });
  });

  it('builds for both architectures and pins what was pushed', async () => {
    const run = await runProgram(() => build(), GCP);
    const repository = 'europe-west3-docker.pkg.dev/acme-chat/chat-image/runtime';
    const cache = 'europe-west3-docker.pkg.dev/acme-chat/chat-image-cache/runtime:cache';
    const tag = contentTag(context, join(context, 'Dockerfile'));
    const image = run.get('docker-build:index:Image');
    expect(image.inputs).toMatchObject({
      platforms: ['linux/amd64', 'linux/arm64'],
      tags: [`${repository}:${tag}`],
      push: true,
      buildOnPreview: false,
      cacheFrom: [{ registry: { ref: cache } }],
      registries: [
        {
          address: 'europe-west3-docker.pkg.dev',
          username: 'oauth2accesstoken',
          password: 'token-of-the-caller',
        },
      ],
    });
    expect(image.secrets.some((path) => path.startsWith('registries'))).toBe(true);
    expect(image.retainOnDelete).toBe(true);
    expect((await opened(run.result.contract)).value).toEqual({
      repository,
      tag,
      digest: `sha256:${'ab'.repeat(32)}`,
    });
  });

  it('knows its tag but not its digest in a preview', async () => {
    const run = await runProgram(() => build({ tag: '1.4.2' }), GCP_PREVIEW);
    expect(run.result.contract.tag).toBe('1.4.2');
    expect(await opened(run.result.contract.digest ?? '')).toMatchObject({ value: UNKNOWN });
  });

  it('can be encrypted with a key and torn down on purpose', async () => {
    const run = await runProgram(() => build({ kmsKeyName: KEY, removal: 'destroy', keep: 2 }), GCP);
    for (const repository of run.ofType(REPOSITORY)) {
      expect(repository).toMatchObject({ retainOnDelete: false, inputs: { kmsKeyName: KEY } });
    }
  });

  it('refuses folders that are not there and tags that move', async () => {
    const run = await runProgram(() => {
      expect(() => build({ context: '/nowhere', tag: 'latest', region: 'eu' })).toThrow(
        /3 problems[\s\S]*region = "eu"[\s\S]*context[\s\S]*tag = "latest"/,
      );
      expect(() => build({ dockerfile: join(context, 'Containerfile') })).toThrow(/dockerfile/);
    }, GCP);
    expect(run.resources).toEqual([]);
  });
});
