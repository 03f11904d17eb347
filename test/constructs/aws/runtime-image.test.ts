import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RuntimeImage, type RuntimeImageArgs } from '../../../constructs/aws/runtime-image';
import { contentTag } from '../../../constructs/cloud';
import { opened, runProgram, UNKNOWN } from '../../support/pulumi-mocks';
import { AWS, AWS_PREVIEW } from './aws-mocks';

describe('RuntimeImage', () => {
  let context: string;
  beforeEach(() => {
    context = mkdtempSync(join(tmpdir(), 'image-'));
    mkdirSync(join(context, 'src'));
    writeFileSync(join(context, 'Dockerfile'), 'FROM scratch\n');
    writeFileSync(join(context, 'src', 'main.ts'), 'export {};\n');
  });
  afterEach(() => rmSync(context, { recursive: true }));

  const build = (args: Partial<RuntimeImageArgs> = {}) =>
    new RuntimeImage('chat-image', { context, ...args });

  it('builds for both architectures, with a cache in the registry, and pins what was pushed', async () => {
    const run = await runProgram(() => build(), AWS);
    expect(run.counts()).toEqual({
      'aws:ecr/lifecyclePolicy:LifecyclePolicy': 1,
      'aws:ecr/repository:Repository': 1,
      'docker-build:index:Image': 1,
    });
    const repository = '123456789012.dkr.ecr.eu-central-1.amazonaws.com/chat-image-repository';
    const tag = contentTag(context, join(context, 'Dockerfile'));
    const image = run.get('docker-build:index:Image');
    expect(image.inputs).toMatchObject({
      platforms: ['linux/amd64', 'linux/arm64'],
      tags: [`${repository}:${tag}`],
      push: true,
      buildOnPreview: false,
      cacheFrom: [{ registry: { ref: `${repository}:cache` } }],
      cacheTo: [
        { registry: { ref: `${repository}:cache`, mode: 'max', imageManifest: true, ociMediaTypes: true } },
      ],
    });
    expect(image.secrets.some((path) => path.startsWith('registries'))).toBe(true);
    // Deleting it would delete the tag of an image that pods still run.
    expect(image.retainOnDelete).toBe(true);
    expect((await opened(run.result.contract)).value).toEqual({
      repository,
      tag,
      digest: `sha256:${'ab'.repeat(32)}`,
    });
  });

  it('keeps its tags from being moved, but for the cache', async () => {
    const run = await runProgram(() => build(), AWS);
    expect(run.get('aws:ecr/repository:Repository').inputs).toMatchObject({
      imageTagMutability: 'IMMUTABLE_WITH_EXCLUSION',
      imageTagMutabilityExclusionFilters: [{ filter: 'cache', filterType: 'WILDCARD' }],
      imageScanningConfiguration: { scanOnPush: true },
      forceDelete: false,
    });
  });

  it('never lets the policy of the repository expire the cache', async () => {
    const run = await runProgram(() => build({ keep: 5 }), AWS);
    const { rules } = JSON.parse(String(run.get('aws:ecr/lifecyclePolicy:LifecyclePolicy').inputs.policy));
    expect(rules.map(({ rulePriority }: { rulePriority: number }) => rulePriority)).toEqual([1, 2]);
    expect(rules[0].selection).toMatchObject({
      tagStatus: 'tagged',
      tagPatternList: ['content-*'],
      countNumber: 5,
    });
    expect(rules[1].selection).toMatchObject({ tagStatus: 'untagged', countUnit: 'days' });
  });

  it('knows its tag but not its digest in a preview', async () => {
    const run = await runProgram(() => build({ tag: '1.4.2' }), AWS_PREVIEW);
    expect(run.result.contract.tag).toBe('1.4.2');
    expect(await opened(run.result.contract.digest ?? '')).toMatchObject({ value: UNKNOWN });
  });

  it('refuses folders that are not there and tags that move', async () => {
    const run = await runProgram(() => {
      expect(() => build({ context: '/nowhere', tag: 'latest' })).toThrow(
        /2 problems[\s\S]*context[\s\S]*tag = "latest"/,
      );
      expect(() => build({ dockerfile: join(context, 'Containerfile') })).toThrow(/dockerfile/);
      expect(() => build({ platforms: [JSON.parse('"windows/amd64"')] })).toThrow(/platforms\[0\]/);
    }, AWS);
    expect(run.resources).toEqual([]);
  });

  describe('contentTag', () => {
    it('changes with what goes into the image, and with nothing else', () => {
      const tag = contentTag(context, join(context, 'Dockerfile'));
      expect(tag).toMatch(/^content-[0-9a-f]{16}$/);
      mkdirSync(join(context, 'node_modules'));
      writeFileSync(join(context, 'node_modules', 'left-pad.js'), '');
      mkdirSync(join(context, 'dist'));
      writeFileSync(join(context, 'dist', 'main.js'), '');
      expect(contentTag(context, join(context, 'Dockerfile'))).toBe(tag);
      writeFileSync(join(context, 'src', 'main.ts'), 'export { };\n');
      expect(contentTag(context, join(context, 'Dockerfile'))).not.toBe(tag);
    });

    it('changes with a Dockerfile that lies elsewhere', () => {
      const elsewhere = `${context}.Dockerfile`;
      writeFileSync(elsewhere, 'FROM scratch\n');
      const tag = contentTag(context, elsewhere);
      writeFileSync(elsewhere, 'FROM scratch\nUSER 10001\n');
      expect(contentTag(context, elsewhere)).not.toBe(tag);
      rmSync(elsewhere);
    });

    it('tells a moved file from the same content elsewhere', () => {
      const tag = contentTag(context, join(context, 'Dockerfile'));
      rmSync(join(context, 'src', 'main.ts'));
      writeFileSync(join(context, 'main.ts'), 'export {};\n');
      expect(contentTag(context, join(context, 'Dockerfile'))).not.toBe(tag);
    });
  });
});
