import { join } from 'node:path';
import { RuntimeImage, type RuntimeImageArgs } from '../../../constructs/azure/runtime-image';
import { contentTag } from '../../../constructs/cloud';
import { opened, runProgram, UNKNOWN } from '../../support/pulumi-mocks';
import { AZURE, AZURE_PREVIEW, REGISTRY_PASSWORD } from './azure-mocks';

const CONTEXT = 'test/stacks/azure/image';
const build = (args: Partial<RuntimeImageArgs> = {}) =>
  new RuntimeImage('chat-image', {
    resourceGroupName: 'chat',
    location: 'westeurope',
    nodePrincipalId: 'nodes',
    context: CONTEXT,
    ...args,
  });

describe('RuntimeImage', () => {
  it('builds for both architectures, with a cache in the registry, and pins what was pushed', async () => {
    const run = await runProgram(() => build(), AZURE);
    expect(run.counts()).toEqual({
      'azure-native:authorization:RoleAssignment': 1,
      'azure-native:containerregistry:Registry': 1,
      'docker-build:index:Image': 1,
      'random:index/randomId:RandomId': 1,
    });
    const repository = 'chatimage0a1b2c3d.azurecr.io/chat-image';
    const tag = contentTag(CONTEXT, join(CONTEXT, 'Dockerfile'));
    const image = run.get('docker-build:index:Image');
    expect(image.inputs).toMatchObject({
      platforms: ['linux/amd64', 'linux/arm64'],
      tags: [`${repository}:${tag}`],
      push: true,
      buildOnPreview: false,
      cacheFrom: [{ registry: { ref: `${repository}:cache` } }],
      registries: [{ username: 'registry', password: REGISTRY_PASSWORD }],
    });
    expect(image.secrets.some((path) => path.startsWith('registries'))).toBe(true);
    expect(image.retainOnDelete).toBe(true);
    expect((await opened(run.result.contract)).value).toEqual({
      repository,
      tag,
      digest: `sha256:${'ab'.repeat(32)}`,
    });
  });

  it('lets the nodes pull, and nobody without a name', async () => {
    const run = await runProgram(() => build(), AZURE);
    expect(run.get('azure-native:authorization:RoleAssignment').inputs).toMatchObject({
      principalId: 'nodes',
      scope: 'chat-image-registry-id',
      roleDefinitionId: expect.stringContaining('7f951dda-4ed3-4680-a7ca-43fe172d538d'),
    });
    const registry = run.get('azure-native:containerregistry:Registry');
    expect(registry).toMatchObject({ protect: true, inputs: { sku: { name: 'Standard' } } });
    expect(registry.inputs.anonymousPullEnabled).toBe(false);
  });

  it('knows its tag but not its digest in a preview', async () => {
    const run = await runProgram(() => build({ tag: '1.4.2' }), AZURE_PREVIEW);
    expect(run.result.contract.tag).toBe('1.4.2');
    expect(await opened(run.result.contract.digest ?? '')).toMatchObject({ value: UNKNOWN });
  });

  it('refuses folders that are not there and tags that move', async () => {
    const run = await runProgram(() => {
      expect(() => build({ context: '/nowhere', tag: 'latest' })).toThrow(
        /2 problems[\s\S]*context[\s\S]*tag = "latest"/,
      );
      expect(() => build({ platforms: [JSON.parse('"windows/amd64"')] })).toThrow(/platforms\[0\]/);
    }, AZURE);
    expect(run.resources).toEqual([]);
  });
});
